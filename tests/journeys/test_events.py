"""The day goes wrong in the browser: reported, answered, decided; stopped; asked what would be if."""

import re
import time

from playwright.sync_api import Page, expect

from tests.journeys.hands import plan_day, wait_for_plan
from tests.journeys.windows import PHONE_PX, Windows

# On a machine whose cores are shared with the browser, the server and other tests.
SOON_S = 20.0


def test_a_pot_fails_and_two_taps_later_the_difference_is_there_to_be_decided(windows: Windows) -> None:
    manager = _planned(windows)
    pot = _busy_pot(manager)
    manager.locator("#events summary", has_text="锅坏了").click()
    windows.shoot(manager, "manager-event", guide="manager-event", of=manager.locator("#events"))
    began_s = time.monotonic()
    manager.locator("#events").get_by_role("button", name=pot, exact=True).click()
    accept = manager.get_by_role("button", name="启用新计划")
    expect(accept).to_be_visible()
    assert time.monotonic() - began_s < SOON_S
    expect(manager.locator("h1")).to_have_text("新计划有什么不同")
    expect(manager.locator("main")).to_contain_text(f"煎药锅坏了：{pot}")
    windows.shoot(manager, "manager-difference", guide="manager-difference")
    people = manager.locator("#tell li")
    expect(people.filter(has_text="煎药间").first).to_be_visible()
    people.first.get_by_role("button").click()
    expect(manager.locator("#tell li.done")).to_have_count(1)
    accept.click()
    expect(manager.locator("main")).to_contain_text("新计划已经启用。")
    expect(manager.locator("#tell li.done")).to_have_count(1)
    windows.shoot(manager, "manager-new-plan-in-force")
    manager.get_by_role("link", name="回到这一天").click()
    event = manager.locator("#events tr", has_text=pot)
    expect(event).to_contain_text("已按新计划执行")
    event.get_by_role("button", name="已恢复").click()
    # The button says the same words; it goes.
    expect(event.get_by_role("button")).to_have_count(0)
    expect(event).to_contain_text("已恢复")
    _print_sheets(windows, manager)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_on_a_phone_the_manager_keeps_the_old_plan(windows: Windows) -> None:
    _planned(windows)
    manager = windows.log_in("manager01", PHONE_PX)
    before = _number_in_force(manager)
    manager.locator("#events summary", has_text="有新处方").click()
    manager.get_by_role("button", name="排进今天的计划").click()
    keep = manager.get_by_role("button", name="保留原计划")
    expect(keep).to_be_visible()
    windows.shoot(manager, "manager-difference")
    keep.click()
    expect(manager.locator("#events")).to_contain_text("保留原计划")
    assert _number_in_force(manager) == before
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_planning_is_stopped_and_another_one_made(windows: Windows) -> None:
    manager = windows.log_in("manager01")
    plan_day(manager, seconds=60)
    manager.locator("#progress").get_by_role("button", name="取消计算").click()
    expect(manager.locator("main")).to_contain_text("上一次计算已取消，可以重新开始。")
    expect(manager.locator("#progress")).to_have_count(0)
    plan_day(manager, seconds=2)
    wait_for_plan(manager)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_what_if_is_answered_by_a_table_and_a_curve(windows: Windows) -> None:
    manager = _planned(windows)
    manager.get_by_role("link", name="如果改变").click()
    for field in ("pots", "packers", "shift_min"):
        manager.locator(f"#{field}").fill("")
    manager.locator("#seconds").fill("1")
    manager.get_by_role("button", name="开始推演").click()
    expect(manager.locator("#progress progress")).to_be_visible()
    expect(manager.locator("tr.base")).to_contain_text("现状")
    expect(manager.locator("table tbody tr")).to_have_count(2)
    expect(manager.locator(".drawing svg")).to_be_visible()
    windows.shoot(manager, "manager-what-if")
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_buffer_is_proposed_and_adopted(windows: Windows) -> None:
    manager = _planned(windows)
    manager.get_by_role("link", name="稳不稳").click()
    manager.locator("#seconds").fill("1")
    manager.locator("#draws").fill("200")
    manager.get_by_role("button", name="开始检验").click()
    adopt = manager.get_by_role("button", name="以后的计划就这么留")
    expect(adopt).to_be_visible()
    windows.shoot(manager, "manager-robustness")
    adopt.click()
    expect(manager.locator("#settings")).to_contain_text("定的，下一份计划起生效。")
    # The other journeys plan without.
    manager.locator("#settings #buffer_min").fill("0")
    manager.locator("#settings #promise_late_min").fill("45")
    manager.locator("#settings").get_by_role("button", name="保存").click()
    expect(manager.locator("#settings #buffer_min")).to_have_value("0")
    assert (windows.troubles, windows.refusals) == ([], [])


def _print_sheets(windows: Windows, manager: Page) -> None:
    """What couriers and floor take along on paper, by the new plan."""
    # The folds are closed, and their links no part of what is seen.
    paths = [sheet.get_attribute("href") for sheet in manager.locator("details.route a[href$='.pdf']").all()]
    assert len(paths) == manager.locator("details.route").count() > 0
    pdf = manager.request.get(f"{windows.house.url}{paths[0]}")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")


def _planned(windows: Windows) -> Page:
    """The manager's page with a plan in force that cooks: one made late in the day may not."""
    manager = windows.log_in("manager01")
    if not _pots_in_use(manager):
        manager.get_by_role("navigation", name="日期").get_by_role("link", name="明天").click()
    if not _pots_in_use(manager):
        plan_day(manager, seconds=2)
        wait_for_plan(manager)
    return manager


def _busy_pot(manager: Page) -> str:
    """A pot that the plan in force cooks in: its row of the chart has bars."""
    return _pots_in_use(manager)[5]


def _pots_in_use(manager: Page) -> list[str]:
    charts = manager.locator(".drawing svg").all_text_contents()
    return re.findall(r"P\d\d", charts[0]) if charts else []


def _number_in_force(manager: Page) -> str:
    found = re.search(r"现行计划 (\d+) 号", manager.locator("main").inner_text())
    assert found is not None
    return found[1]
