"""The rules in the browser: one drafts and replays, another approves, the next prescription obeys."""

import re

from playwright.sync_api import Dialog, Page, expect

from tests.journeys.hands import FOUR_GENTLEMEN, begin_visit, number_in, sign, type_herb, wide_px
from tests.journeys.windows import DESK_PX, PHONE_PX, Windows

MANY = (*FOUR_GENTLEMEN, ("shany", "山药", "15"), ("chenp", "陈皮", "6"))
MOST, SHIPPED_MOST = "5", "24"
RULES = "审方规则"
_VERSION = re.compile(r"20\d\d-\d\d-\d\d\.\d+")


def test_one_pharmacist_drafts_another_approves_and_the_next_prescription_is_checked_with_it(
    windows: Windows,
) -> None:
    drafter = windows.log_in("pharmacist01")
    version = _drafted(drafter, severity="return", most=MOST, note="药事会议定：每方不超过五味")
    windows.shoot(drafter, "rules-draft")
    _refused_once_and_mended(drafter, windows)
    _filtered(drafter)
    _replayed(drafter, windows)
    _not_by_oneself(drafter)
    approver = windows.log_in("pharmacist02")
    try:
        _approved(approver, windows, version)
        _prescribed(windows, version)
        _read_by_the_doctor(windows, version)
        _counted(windows)
    finally:
        # The other journeys go to the same house.
        later = _drafted(approver, severity="warn", most=SHIPPED_MOST, note="恢复原值")
        _approved(drafter, windows, later)
    _retired(drafter, version)
    # A form that was sent with a figure out of range.
    assert [status for status, _path in windows.refusals] == [422]
    assert windows.troubles == []


def _drafted(pharmacist: Page, *, severity: str, most: str, note: str) -> str:
    pharmacist.get_by_role("link", name=RULES, exact=True).click()
    pharmacist.get_by_role("button", name="起草新版本").click()
    row = pharmacist.locator("tr#herb_count")
    row.get_by_label("严重度：药味数").select_option(severity)
    row.get_by_label("每方至多药味数").fill(most)
    pharmacist.get_by_label("说明").fill(note)
    expect(pharmacist.locator("[data-unsaved]")).to_be_visible()
    pharmacist.keyboard.press("Control+s")
    expect(pharmacist.locator("#notices")).to_contain_text("已保存。")
    return _version_in(pharmacist)


def _refused_once_and_mended(pharmacist: Page, windows: Windows) -> None:
    figure = pharmacist.get_by_label("每方至多药味数")
    figure.fill("99")
    pharmacist.get_by_label("说明").fill("写错的")
    pharmacist.get_by_role("button", name="保存草稿").click()
    expect(pharmacist.locator("tr#herb_count .says.error")).to_have_text("要在 5 到 60 之间。")
    expect(figure).to_be_focused()
    expect(pharmacist.get_by_label("说明")).to_have_value("写错的")
    windows.shoot(pharmacist, "rules-refused")
    figure.fill(MOST)
    pharmacist.get_by_label("说明").fill("药事会议定：每方不超过五味")
    pharmacist.get_by_role("button", name="保存草稿").click()
    expect(pharmacist.locator("#notices")).to_contain_text("已保存。")


def _filtered(pharmacist: Page) -> None:
    pharmacist.keyboard.press("/")
    pharmacist.keyboard.type("药味数")
    rows = pharmacist.locator("tr[data-rule]:visible")
    expect(rows).to_have_count(1)
    expect(rows).to_have_id("herb_count")
    expect(rows).to_have_class(re.compile(r"\bdiffers\b"))
    pharmacist.keyboard.press("Escape")
    expect(rows).to_have_count(pharmacist.locator("tr[data-rule]").count())
    # What the law demands has no switch.
    narcotic = pharmacist.locator("tr#narcotic")
    assert narcotic.locator("input[type=checkbox], select").count() == 0
    expect(narcotic.locator(".switch")).to_contain_text("法规强制")


def _replayed(pharmacist: Page, windows: Windows) -> None:
    pharmacist.get_by_role("link", name="重放", exact=True).click()
    pharmacist.get_by_role("button", name="开始重放").click()
    sums = pharmacist.locator(".sums dd")
    expect(sums).to_have_count(3)
    checked, changed, _verdicts = (int(text) for text in sums.all_inner_texts())
    assert checked >= changed > 0
    windows.shoot(pharmacist, "rules-replay")
    first = pharmacist.locator("table.changed tbody tr").first
    number = first.locator("a").inner_text()
    case = windows.second_tab(pharmacist)
    case.goto(f"{windows.house.url}{first.locator('a').get_attribute('href')}")
    assert number_in(case.locator("h1")) == number
    case.close()


def _not_by_oneself(pharmacist: Page) -> None:
    pharmacist.get_by_role("link", name="差异与批准").click()
    expect(pharmacist.locator(".approve .notice")).to_contain_text("这是您自己起草的版本")
    assert pharmacist.get_by_role("button", name="批准并生效").count() == 0


def _approved(approver: Page, windows: Windows, version: str) -> None:
    approver.get_by_role("link", name=RULES, exact=True).click()
    approver.get_by_role("link", name=version, exact=True).click()
    approver.get_by_role("link", name="差异与批准").click()
    expect(approver.locator("table.changes code")).to_have_text("herb_count")
    windows.shoot(approver, "rules-changes")
    asked: list[str] = []

    def agree(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    approver.once("dialog", agree)
    approver.get_by_role("button", name="批准并生效").click()
    expect(approver.locator("#notices")).to_contain_text(f"规则 {version} 已生效。")
    assert asked == [f"批准规则 {version} 并立即生效？改动 1 条：药味数。"]
    expect(approver.locator(".in-force .version-name")).to_have_text(version)


def _prescribed(windows: Windows, version: str) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "端木山药")
    doctor.locator("[data-line]").nth(len(FOUR_GENTLEMEN)).locator("[name=herb]").focus()
    for initials, name, dose_g in MANY[len(FOUR_GENTLEMEN) :]:
        type_herb(doctor, initials, name, dose_g)
    finding = doctor.locator("#findings .finding", has_text="药味数")
    expect(finding).to_contain_text("须修改")
    windows.shoot(doctor, "rules-doctor-finding")
    doctor.locator("[data-line]").nth(len(MANY) - 1).get_by_role("button").click()
    expect(finding).to_have_count(0)
    number = sign(doctor)
    pharmacist = windows.log_in("pharmacist03")
    pharmacist.locator(".queue li", has_text=number).get_by_role("button", name="领取").click()
    pharmacist.wait_for_url(re.compile(r"/pharmacist/\d+$"))
    expect(pharmacist.locator(".case-review")).to_contain_text(f"签名时的规则：{version}")


def _read_by_the_doctor(windows: Windows, version: str) -> None:
    for width in (DESK_PX, PHONE_PX):
        doctor = windows.log_in("doctor02", width)
        doctor.get_by_role("link", name=RULES, exact=True).click()
        windows.shoot(doctor, "rules-list")
        doctor.locator(".in-force .version-name").click()
        assert _version_in(doctor) == version
        assert doctor.locator("main form").count() == 0
        assert wide_px(doctor) <= width
        windows.shoot(doctor, "rules-read")
        # They name who overruled what.
        assert doctor.get_by_role("link", name="统计", exact=True).count() == 0


def _counted(windows: Windows) -> None:
    for width in (DESK_PX, PHONE_PX):
        manager = windows.log_in("manager01", width)
        manager.get_by_role("link", name=RULES, exact=True).click()
        manager.get_by_role("link", name="统计", exact=True).click()
        assert wide_px(manager) <= width
        windows.shoot(manager, "rules-statistics")


def _retired(pharmacist: Page, version: str) -> None:
    row = pharmacist.locator(
        "table.versions tr", has=pharmacist.get_by_role("link", name=version, exact=True)
    )
    expect(row.locator(".chip")).to_have_text("已停用")


def _version_in(page: Page) -> str:
    found = _VERSION.search(page.locator("h1").inner_text())
    assert found is not None
    return found[0]
