"""A morning at the centre: the wall, a pot from first boil to record, a curve that went another way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys import looks
from tests.journeys.hands import number_in, put_tour_away, scan
from tests.journeys.morning import Morning, served_morning
from tests.journeys.walk import Shown
from tests.journeys.windows import PHONE_PX, Windows
from tests.web.desks.hands import PASSWORD

TELEVISION = {"width": 1920, "height": 1080}
POTS = 30
# The pot that was filled last.
POT = "P30"
PACKER, COLLEAGUE = "floor02", "floor03"
HERB = "生川乌"
HEATING_MIN = 6


@pytest.fixture(scope="module")
def morning(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Morning]:
    """Ten past ten; what one test does is there for the next."""
    with served_morning(tmp_path_factory.mktemp("morning"), migrated_sqlite) as served:
        yield served


@pytest.fixture
def windows(morning: Morning, chromium: Browser, artefacts: Path) -> Iterator[Windows]:
    """Windows of this centre's people."""
    opened = Windows(morning.house, chromium, artefacts)
    yield opened
    opened.close()


def test_the_television_shows_every_pot_and_leads_nowhere_else(windows: Windows) -> None:
    floor = _at(windows, PACKER, "/floor")
    windows.shoot(floor, "centre-board", guide="floor-board")
    floor.get_by_role("link", name="墙上看板").click()
    floor.set_viewport_size(TELEVISION)
    cards = floor.locator("li.wall-pot")
    expect(cards).to_have_count(POTS)
    states = {code: _class_of(floor, code) for code in ("P01", "P24", "P28")}
    assert states == {"P01": "free", "P24": "calm", "P28": "pressing halted"}
    expect(floor.locator("#wall-P28 .wall-asks")).to_have_text("停：超温")
    floor.get_by_role("button", name="后下铃声：关").click()
    expect(floor.get_by_role("button", name="后下铃声：开")).to_be_visible()
    windows.shoot(floor, "centre-wall", guide="floor-wall")
    floor.once("dialog", lambda dialog: dialog.accept())
    floor.get_by_role("button", name="用作墙上屏幕").click()
    expect(floor.get_by_role("button", name="用作墙上屏幕")).to_have_count(0)
    expect(cards).to_have_count(POTS)
    floor.goto(f"{windows.house.url}/floor")
    assert floor.url.split("?")[0] == f"{windows.house.url}/login"
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_pot_that_was_too_hot_stands_still_until_a_pharmacist_decides(windows: Windows) -> None:
    floor = _at(windows, COLLEAGUE, "/floor/at", PHONE_PX)
    scan(floor, "P28")
    expect(floor.locator("#boil .palm-asks")).to_have_text("停：超温")
    expect(floor.locator("#boil form")).to_have_count(0)
    pharmacist = _at(windows, "pharmacist01", "/machines")
    pharmacist.get_by_role("link", name="超温").click()
    expect(pharmacist.locator(".curve svg")).to_be_visible()
    windows.shoot(pharmacist, "centre-curve", guide="floor-curve")
    pharmacist.get_by_label("继续的理由").select_option("inspected")
    pharmacist.get_by_label("怎么查明的（不写患者姓名）").fill("到锅前看过，药液清，没有焦味")
    pharmacist.get_by_role("button", name="继续这一锅").click()
    expect(pharmacist.locator("#notices")).to_have_text("已决定：继续。")
    floor.reload()
    expect(floor.locator("#boil .palm-asks")).to_have_count(0)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_boil_is_kept_step_by_step_checked_sampled_and_printed(morning: Morning, windows: Windows) -> None:
    _look_at_every_batch(windows)
    palm = _at(windows, PACKER, "/floor/at", PHONE_PX)
    scan(palm, POT)
    palm.wait_for_url(f"**/at/{POT}")
    number = number_in(palm.locator("h1"))
    pressed = [_press(palm)]
    with palm.expect_navigation():
        palm.get_by_role("button", name=re.compile("按错了，撤销")).click()
    expect(palm.locator("#notices")).to_contain_text("已撤销")
    while palm.locator("#boil form[action$='/step']").count():
        _wait_at_the_pot(morning, palm)
        if len(pressed) == 2:
            windows.shoot(palm, "centre-step", guide="floor-step")
        pressed.append(_press(palm))
    assert pressed == ["头煎煮沸了", "头煎煮沸了", "头煎滤出了", "二煎煮沸了", "出锅了", "清洗好了"]
    expect(palm.locator("#boil .palm-say")).to_have_text("空锅，可以上锅。")
    scan(palm, number)
    palm.wait_for_url(f"**/at/{number}?*")
    assert _press(palm) == "包装好了"
    expect(palm.get_by_role("link", name="袋签")).to_be_visible()
    _checked(windows, number)
    _recorded(windows, number)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_what_is_cleaned_is_signed_for_and_the_quarter_is_written_down(windows: Windows) -> None:
    floor = _at(windows, COLLEAGUE, "/quality/devices")
    windows.shoot(floor, "centre-devices", guide="floor-clean")
    floor.once("dialog", lambda dialog: dialog.accept())
    floor.get_by_role("button", name=re.compile("全部 .* 项已清洁，签名")).click()
    expect(floor.get_by_text("未清洁")).to_have_count(0)
    manager = _at(windows, "manager01", "/quality/reviews")
    manager.get_by_label("发现的问题").fill("有一锅超温，查明是探头偏高")
    manager.get_by_label("改进措施").fill("本月底前校准全部探头")
    manager.get_by_role("button", name="签名").click()
    expect(manager.locator("section.card", has_text="本月底前校准全部探头")).to_have_count(1)
    manager.get_by_role("link", name="健康检查").click()
    manager.get_by_label("谁").select_option(index=1)
    manager.get_by_label("可以接触药品").check()
    manager.get_by_role("button", name="登记", exact=True).click()
    expect(manager.get_by_role("cell", name="有效", exact=True)).to_have_count(1)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_the_locked_cabinet_is_counted_by_two_and_the_manager_answers(windows: Windows) -> None:
    floor = _at(windows, COLLEAGUE, "/stock/book")
    floor.get_by_role("link", name=HERB, exact=True).click()
    counted = floor.locator("form[action$='/book/count']")
    there_g = float(counted.locator("[name=seen_g]").first.get_attribute("value") or "")
    for lot in counted.locator("tbody tr").all():
        seen_g = lot.locator("[name=seen_g]").get_attribute("value") or ""
        lot.locator("[name=counted_g]").fill(seen_g)
    counted.locator("[name=counted_g]").first.fill(f"{there_g - 0.5:g}")
    counted.get_by_label("和账上不一样时的原因").select_option(index=1)
    counted.get_by_label("第二人用户名").fill("pharmacist02")
    counted.get_by_label("第二人密码").fill(PASSWORD)
    windows.shoot(floor, "centre-book", guide="stock-book")
    counted.get_by_role("button", name="两人签名，记下盘点").click()
    expect(floor.locator("#notices")).to_have_text("已按点数改账，差异等主管答复。")
    manager = _at(windows, "manager01", "/stock/book")
    difference = manager.locator("#differences .difference")
    expect(difference).to_contain_text(HERB)
    difference.get_by_role("textbox").fill("称量零头，已当面核对")
    difference.get_by_role("button", name="答复").click()
    expect(manager.get_by_text("没有未答复的差异")).to_be_visible()
    assert (windows.troubles, windows.refusals) == ([], [])


def test_anybody_checks_the_head_of_a_day_without_logging_in(morning: Morning, windows: Windows) -> None:
    with morning.store.work(morning.watch) as work:
        head = work.ledger.seal(work.now) or ""
        work.commit()
    inspector = windows.open("/ledger/heads")
    expect(inspector.locator("tbody code.hash")).to_have_text(head)
    windows.shoot(inspector, "centre-heads", guide="admin-heads")
    inspector.get_by_role("searchbox").or_(inspector.locator("#head")).fill(head[:16])
    inspector.get_by_role("button", name="核对").click()
    expect(inspector.locator("main .notice")).to_contain_text("账本里有这个封存值。")
    assert inspector.locator("dl.facts code.hash").first.inner_text() == head
    assert (windows.troubles, windows.refusals) == ([], [])


@pytest.mark.parametrize(
    ("username", "path"),
    [
        (PACKER, "/floor/wall"),
        (PACKER, "/floor/at/P27"),
        ("pharmacist01", "/machines"),
        ("pharmacist01", "/machines/deviations/1"),
        (COLLEAGUE, "/quality/records"),
        ("admin01", "/ledger/heads"),
    ],
)
def test_pages_of_a_centre_at_work_keep_nobody_out(windows: Windows, username: str, path: str) -> None:
    page = windows.log_in(username)
    put_tour_away(page)
    page.context.add_init_script(looks.script())
    page.goto(f"{windows.house.url}{path}")
    assert looks.look(page, Shown(username, path, path)) == []
    assert windows.troubles == []


def _at(windows: Windows, username: str, path: str, width: int = 1440) -> Page:
    page = windows.log_in(username, width)
    put_tour_away(page)
    page.goto(f"{windows.house.url}{path}")
    put_tour_away(page)
    return page


def _class_of(page: Page, code: str) -> str:
    """How a pot's card is coloured."""
    said = page.locator(f"#wall-{code}").get_attribute("class") or ""
    return said.removeprefix("wall-pot ")


def _look_at_every_batch(windows: Windows) -> None:
    manager = _at(windows, "manager01", "/quality/settings")
    manager.get_by_label("每几批检一批").fill("1")
    manager.get_by_role("button", name="保存").click()
    expect(manager.locator("#notices")).to_contain_text("已保存")
    manager.close()


def _wait_at_the_pot(morning: Morning, palm: Page) -> None:
    """Until the next step is due, as the page says, or as long as it takes to heat what is in the pot."""
    left = palm.locator("#boil .palm-left b.number")
    is_early = palm.locator("#boil .palm-wait").count()
    morning.pass_(int(left.inner_text()) if is_early else HEATING_MIN)
    palm.reload()


def _press(palm: Page) -> str:
    """The one large button."""
    button = palm.locator("#boil .palm-press")
    said = button.inner_text().strip()
    with palm.expect_navigation():
        button.click()
    expect(palm.locator("#notices")).to_contain_text("已记")
    return said


def _checked(windows: Windows, number: str) -> None:
    floor = _at(windows, COLLEAGUE, "/quality")
    floor.get_by_role("link", name=number).click()
    asked = re.search(r"(\d+)–(\d+)", floor.locator("#measured-says").inner_text())
    assert asked is not None
    floor.get_by_label("量一袋，毫升").first.fill(asked[1])
    windows.shoot(floor, "centre-check", guide="floor-check")
    floor.get_by_role("button", name="都合格，放行").click()
    expect(floor.locator("#notices")).to_contain_text(f"{number} 已放行，可以装车。")


def _recorded(windows: Windows, number: str) -> None:
    """A sample on the shelf, and the record of 2009 on paper."""
    floor = _at(windows, PACKER, "/quality/samples")
    row = floor.locator("li", has_text=number)
    row.get_by_label(f"{number} 放在哪里").fill("留样柜 2 层")
    row.get_by_role("button", name="已留样").click()
    expect(floor.locator("#notices")).to_have_text("已留样 30 毫升，放在留样柜 2 层。")
    floor.get_by_role("link", name="煎药记录").click()
    record = floor.locator("tbody tr", has_text=number)
    expect(record.locator(".chip")).to_have_text("合格放行")
    windows.shoot(floor, "centre-records", guide="floor-records")
    href = record.get_by_role("link", name="打印").get_attribute("href")
    paper = floor.request.get(f"{windows.house.url}{href}")
    assert (paper.status, paper.headers["content-type"], paper.body()[:5]) == (
        200,
        "application/pdf",
        b"%PDF-",
    )
