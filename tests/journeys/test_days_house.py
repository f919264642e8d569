"""The days of those who keep the house: goods in, inspected and counted; people, looks and the ledger."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.journeys.hands import put_tour_away
from tests.journeys.windows import Windows

HERB, GOOD, MOULDY = "山药", "A261122", "B261122"
NEWCOMER, FIRST_PASSWORD = "kuguan.xin", "huangqi-danggui-3"


def test_goods_come_in_are_inspected_by_a_pharmacist_and_counted_by_the_manager(windows: Windows) -> None:
    floor = _at(windows, "floor05", "库房")
    _received(windows, floor, _drawer(floor))
    _inspected(windows)
    _counted(windows)
    assert (windows.troubles, windows.refusals) == ([], [])


def _at(windows: Windows, username: str, desk: str) -> Page:
    page = windows.log_in(username)
    put_tour_away(page)
    page.get_by_role("navigation", name="岗位").get_by_role("link", name=desk, exact=True).click()
    return page


def _find(page: Page) -> None:
    page.locator("#q").fill(HERB)
    page.get_by_role("button", name="查找").click()
    page.get_by_role("link", name=HERB, exact=True).click()


def _drawer(floor: Page) -> str:
    """Where the herb lies, by the page of the shelf."""
    _find(floor)
    return floor.locator("td[data-head='货位']").first.inner_text()


def _received(windows: Windows, floor: Page, bin_code: str) -> None:
    """Two lots of one delivery."""
    floor.get_by_role("link", name="入库和验收").click()
    floor.get_by_label("供应商").select_option(index=1)
    for row, lot in enumerate((GOOD, MOULDY)):
        line = floor.locator(".goods-line").nth(row)
        for label, typed in (
            ("药名", HERB),
            ("批号", lot),
            ("产地", "河南"),
            ("有效期至", "2028-06-30"),
            ("数量", "20"),
            ("进价", "36.5"),
            ("货位", bin_code),
        ):
            line.get_by_label(label).fill(typed)
    windows.shoot(floor, "day-stock-goods", guide="stock-goods")
    floor.get_by_role("button", name="入库", exact=True).click()
    expect(floor.locator("#notices")).to_contain_text("已入库 2 个批次，等药师验收。")


def _inspected(windows: Windows) -> None:
    """One lot is passed, the other refused for what was seen."""
    pharmacist = _at(windows, "pharmacist03", "库房")
    pharmacist.get_by_role("link", name="入库和验收").click()
    waiting = pharmacist.locator("#waiting")
    _lot(pharmacist, GOOD).get_by_label(HERB).check()
    windows.shoot(pharmacist, "day-stock-inspect", guide="stock-inspect", of=waiting)
    waiting.get_by_role("button", name="勾选的合格", exact=True).click()
    expect(pharmacist.locator("#notices")).to_contain_text("验收合格，可以调剂了。")
    _lot(pharmacist, MOULDY).get_by_label(HERB).check()
    pharmacist.get_by_label("看到了什么（不合格必填）").fill("有霉斑")
    waiting.get_by_role("button", name="勾选的不合格", exact=True).click()
    expect(pharmacist.locator("#notices")).to_contain_text("已记为不合格，不会被调剂。")


def _lot(page: Page, lot: str) -> Locator:
    return page.locator("#waiting tbody tr", has_text=lot)


def _counted(windows: Windows) -> None:
    """The manager finds less in the bin than the book has, and says why."""
    manager = _at(windows, "manager01", "库房")
    _find(manager)
    manager.get_by_role("link", name=GOOD).click()
    manager.get_by_label("实际有多少").fill("19950")
    manager.get_by_label("原因").select_option(index=1)
    windows.shoot(manager, "day-stock-count", guide="stock-count")
    manager.get_by_role("button", name="按盘点改账").click()
    expect(manager.locator("#notices")).to_contain_text("已改账。")
    expect(manager.locator("dl.facts dd").first).to_have_text(re.compile(r"19\.95"))


def test_an_admins_day(windows: Windows) -> None:
    admin = windows.log_in("admin01")
    put_tour_away(admin)
    _hired(windows, admin)
    admin.get_by_role("link", name="访问记录").click()
    admin.get_by_label("只看被拒绝的").check()
    admin.get_by_role("button", name="筛选").click()
    assert set(admin.locator("main tbody .chip").all_inner_texts()) <= {"拒绝"}
    admin.get_by_role("link", name="访问记录").click()
    windows.shoot(admin, "day-admin-looks", guide="admin-looks")
    admin.get_by_role("link", name="账本").click()
    admin.get_by_role("button", name="校验账本").click()
    expect(admin.locator("main .notice")).to_contain_text("账本完好")
    windows.shoot(admin, "day-admin-ledger", guide="admin-ledger")
    # The closed log-in.
    assert (windows.troubles, windows.refusals) == ([], [(403, "/login")])


def _hired(windows: Windows, admin: Page) -> None:
    """Somebody new logs in, and not once they are gone."""
    form = admin.locator("form[action$='/staff']")
    for label, typed in (("姓名", "欧阳库"), ("登录名", NEWCOMER), ("职称", "中药士")):
        form.get_by_label(label, exact=False).first.fill(typed)
    form.get_by_label("岗位").select_option("floor")
    form.get_by_label("机构").select_option(label="临湘市共享中药房")
    form.get_by_label("首个密码").fill(FIRST_PASSWORD)
    form.get_by_label("再输一次").fill(FIRST_PASSWORD)
    windows.shoot(admin, "day-admin-staff", guide="admin-staff", of=form)
    form.get_by_role("button", name="添加").click()
    row = admin.locator("tbody tr", has_text=NEWCOMER)
    expect(row).to_contain_text("在用")
    assert _enters(windows)
    row.get_by_role("button", name="停用").click()
    expect(row).to_contain_text("已停用")
    assert not _enters(windows)


def _enters(windows: Windows) -> bool:
    page = windows.open("/login")
    page.get_by_label("用户名").fill(NEWCOMER)
    page.get_by_label("密码").fill(FIRST_PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_load_state()
    entered = not page.url.endswith("/login")
    page.close()
    return entered
