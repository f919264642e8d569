"""Something happens to a planned day: reported in two taps, answered by a proposal, decided by people."""

import re
from collections.abc import Iterator

import pytest

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.plans import Plan, PlanKind, PlanState
from tcm.services import flooring, planning
from tcm.store.engine import Store
from tests.tcm.centre import asked, brought_to, on_the_road, packed
from tests.tcm.county import NAME
from tests.web.desks.hands import Browser, Web, hidden, planned_day, shown
from web.house import EXTENSION
from web.jobs.planning import Planner
from web.jobs.queue import prepare


@pytest.fixture
def web(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and its job tables."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


def newest(web: Web) -> Plan:
    """The plan last asked for."""
    with web.county.work() as work:
        return work.plans.all()[-1]


def reported(web: Web, browser: Browser, kind: str, **subject: object) -> str:
    """Report something by the form on the day's page.

    Returns:
        Where one is led.
    """
    page = browser.get("/manager").text
    keys = re.findall(r'name="request_key" value="([^"]+)"', page)
    key = next(each for each in keys if each.endswith(kind))
    answer = browser.post("/manager/events", request_key=key, kind=kind, **subject)
    assert answer.status_code == 303, shown(answer.text)
    return answer.headers["Location"]


def computed(web: Web) -> Plan:
    """The plan last asked for, after the worker had it."""
    plan = newest(web)
    Planner(web.county.store, web.county.watch, web.county.knowledge, repeatable=True).run(plan.id or 0)
    return newest(web)


def pot_of(plan: Plan, prescription: Prescription) -> str:
    """The pot in which a plan cooks a prescription."""
    jobs = plan.result["schedule"]["jobs"]  # type: ignore[index, call-overload]
    return next(str(job["pot_id"]) for job in jobs if job["job_id"] == str(prescription.id))


def in_force(web: Web) -> Plan:
    """The plan that is followed."""
    with web.county.work() as work:
        return next(plan for plan in work.plans.all() if plan.in_force)


def test_a_pot_that_fails_is_out_at_once_and_answered_by_a_proposal(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    prescription = county.approved()
    before = planned_day(county)
    pot = pot_of(before, prescription)
    where = reported(web, browser, "pot_down", pot=pot)
    assert where == f"/manager/plan/{newest(web).id}"
    with county.work() as work:
        assert work.pots.by_code(pot).active is False
    page = shown(browser.get(where).text)
    assert f"煎药锅坏了：{pot}" in page
    assert "已排队，等待计算" in page
    proposed = computed(web)
    assert (proposed.kind, proposed.state, proposed.in_force) == (
        PlanKind.AFTER_EVENTS,
        PlanState.PROPOSED,
        False,
    )
    assert (proposed.difference["before"], in_force(web).id) == (before.id, before.id)
    assert pot_of(proposed, prescription) != pot


def test_the_difference_names_what_moves_and_who_must_be_told_and_no_patient(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    prescription = county.approved()
    pot = pot_of(planned_day(county), prescription)
    where = reported(web, browser, "pot_down", pot=pot)
    after = pot_of(computed(web), prescription)
    text = browser.get(where).text
    page = shown(text)
    assert f"{prescription.number} 换锅" in page
    assert f"{pot} → {after}" in page
    assert "煎药间 换锅或换时间" in page
    assert NAME not in page
    assert "新计划等您决定" in shown(browser.get("/manager").text)


def test_those_who_were_told_are_ticked_and_the_tick_can_be_taken_back(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    pot = pot_of(planned_day_of_one(web), county_newest(web))
    where = reported(web, browser, "pot_down", pot=pot)
    plan_id = computed(web).id
    fields = hidden(browser.get(where).text, f"/manager/plan/{plan_id}/told")
    assert fields["told"] == "true"
    assert browser.post(f"/manager/plan/{plan_id}/told", **fields).status_code == 303
    with county.work() as work:
        [told] = work.plans.get(plan_id or 0).told
    assert (told["key"], told["by"]) == (fields["key"], county.manager.staff_id)
    again = hidden(browser.get(where).text, f"/manager/plan/{plan_id}/told")
    assert (again["key"], again["told"]) == (fields["key"], "false")
    browser.post(f"/manager/plan/{plan_id}/told", **again)
    with county.work() as work:
        assert work.plans.get(plan_id or 0).told == []


def planned_day_of_one(web: Web) -> Plan:
    """A plan of one prescription."""
    web.county.approved()
    return planned_day(web.county)


def county_newest(web: Web) -> Prescription:
    """The prescription last written."""
    with web.county.work() as work:
        return work.prescriptions.all()[-1]


def test_the_manager_puts_the_new_plan_in_force_once(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    pot = pot_of(planned_day_of_one(web), county_newest(web))
    where = reported(web, browser, "pot_down", pot=pot)
    proposed = computed(web)
    for _ in range(2):
        assert browser.post(f"{where}/accept").status_code == 303
    assert in_force(web).id == proposed.id
    with county.work() as work:
        carried = [
            each.prescription_id
            for route in work.routes.of_plan(proposed.id or 0)
            for stop in route.stops
            for each in stop.deliveries
        ]
    assert carried == [county_newest(web).id]
    assert "新计划已经启用。" in shown(browser.get(where).text)
    assert "已按新计划执行" in shown(browser.get("/manager").text)


def test_the_manager_keeps_the_old_plan_and_may_ask_again(web: Web) -> None:
    browser = web.browser(web.county.manager)
    before = planned_day_of_one(web)
    where = reported(web, browser, "pot_down", pot=pot_of(before, county_newest(web)))
    declined = computed(web)
    assert browser.post(f"{where}/decline").status_code == 303
    assert in_force(web).id == before.id
    refused = browser.post(f"{where}/accept")
    assert (refused.status_code, "这份新计划已经不能启用" in shown(refused.text)) == (422, True)
    page = browser.get("/manager").text
    fields = hidden(page, "/manager/events/answer")
    assert browser.post("/manager/events/answer", **fields).status_code == 303
    again = computed(web)
    assert (again.id != declined.id, again.state) == (True, PlanState.PROPOSED)


def test_a_proposal_is_no_longer_accepted_when_another_plan_came_in_force(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    where = reported(web, browser, "pot_down", pot=pot_of(planned_day_of_one(web), county_newest(web)))
    proposed = computed(web)
    with county.work() as work:
        other = planning.ask_plan(
            work,
            county.manager,
            proposed.day,
            from_minute=540,
            seconds=1.0,
            seed=1,
            request_key="another form",
            enqueue=lambda _work, _plan_id: None,
        )
        planning.adopt_plan(work, other.id or 0, result={}, unserved=[], violations=[], routes=[])
        work.commit()
    assert browser.post(f"{where}/accept").status_code == 422
    assert in_force(web).id == other.id


def test_a_vehicle_that_is_out_drives_no_more_and_what_is_on_it_is_named(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    planned_day_of_one(web)
    gone = packed(county)
    on_the_road(county, gone)
    waiting = county.approved()
    planned_day(county, from_minute=570)
    reported(web, browser, "vehicle_out", vehicle=county.van.id)
    proposed = computed(web)
    routes = proposed.result["routes"]["trips"]  # type: ignore[index, call-overload]
    assert {trip["vehicle_id"] for trip in routes} == {str(county.other_van.id)}
    [stranded] = proposed.difference["stranded"]  # type: ignore[misc, index]
    assert (stranded["order_id"], stranded["place_id"]) == (str(gone.id), "centre-1")
    page = shown(browser.get(f"/manager/plan/{proposed.id}").text)
    assert "停在路上的药" in page
    assert f"{gone.number} 白石村卫生室 湘F0001 出中心以后" in page
    assert waiting.number is not None


def test_a_road_that_is_closed_leaves_its_village_out_until_it_is_open_again(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    before = planned_day_of_one(web)
    prescription = county_newest(web)
    reported(web, browser, "road_closed", village=county.village.id)
    proposed = computed(web)
    [unserved] = proposed.difference["newly_unserved"]  # type: ignore[misc, index]
    assert (unserved["id"], unserved["zh"]) == (str(prescription.id), "白石村卫生室不通车")
    page = shown(browser.get(f"/manager/plan/{proposed.id}").text)
    assert "1 张今天送不到了" in page
    assert "詹桥镇卫生院 李春生" in page
    browser.post(f"/manager/plan/{proposed.id}/decline")
    browser.post("/manager/events/1/over")
    fresh = planned_day(county, from_minute=600)
    assert (before.unserved, fresh.unserved) == ([], [])
    assert "已恢复" in shown(browser.get("/manager").text)


def test_late_prescriptions_are_planned_in_without_moving_the_others(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    planned_day_of_one(web)
    first = county_newest(web)
    late = county.approved()
    assert f"还不在计划里： {late.number}" in shown(browser.get("/manager").text)
    reported(web, browser, "late_orders")
    proposed = computed(web)
    assert proposed.difference["newly_served"] == [str(late.id)]
    assert [each["order_id"] for each in proposed.difference["orders"]] == []  # type: ignore[attr-defined]
    assert pot_of(proposed, first) == pot_of(in_force(web), first)


def test_scrapped_bags_are_cooked_again(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    planned_day_of_one(web)
    prescription = brought_to(county, county_newest(web), State.PACKED)
    county.do(flooring.scrap, county.floor, prescription.key(), county.now(prescription).version, "spoilt")
    assert f"煎药间已登记报废： {prescription.number}" in shown(browser.get("/manager").text)
    reported(web, browser, "bags_scrapped")
    proposed = computed(web)
    assert proposed.state is PlanState.PROPOSED
    assert pot_of(proposed, prescription)


def test_fewer_people_are_fewer_from_now_on(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    planned_day_of_one(web)
    reported(web, browser, "crew_changed", packers=1, loaders=1, adders=0)
    computed(web)
    with county.work() as work:
        [crew] = work.crews.all()
    assert (crew.packers, crew.loaders, crew.adders) == (1, 1, 0)
    assert "人手变了：包装 1、上锅 1、后下 0" in shown(browser.get("/manager").text)


def test_a_second_event_is_answered_together_with_the_first(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    pot = pot_of(planned_day_of_one(web), county_newest(web))
    reported(web, browser, "pot_down", pot=pot)
    first = newest(web)
    reported(web, browser, "crew_changed", packers=1, loaders=1, adders=1)
    second = computed(web)
    with county.work() as work:
        events = work.day_events.all()
        cancelled = work.plans.get(first.id or 0)
    assert (cancelled.state, second.state) == (PlanState.CANCELLED, PlanState.PROPOSED)
    assert [event.plan_id for event in events] == [second.id, second.id]


def test_one_report_sent_twice_is_one_event(web: Web) -> None:
    browser = web.browser(web.county.manager)
    planned_day_of_one(web)
    for _ in range(2):
        browser.post("/manager/events", request_key="one-and-the-same", kind="late_orders")
    with web.county.work() as work:
        assert (len(work.day_events.all()), len(work.plans.all())) == (1, 2)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "pot_down"}, "请选是哪一口锅、哪辆车或哪些村。"),
        ({"kind": "road_closed"}, "请选是哪一口锅、哪辆车或哪些村。"),
        ({"kind": "earthquake"}, "有 1 处需要修改"),
        ({"kind": "crew_changed", "packers": "-1"}, "有 1 处需要修改"),
    ],
)
def test_a_report_that_does_not_say_of_what_is_answered_in_a_sentence(
    web: Web, fields: dict[str, str], sentence: str
) -> None:
    planned_day_of_one(web)
    answer = web.browser(web.county.manager).post("/manager/events", request_key="a-form-key", **fields)
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)
    with web.county.work() as work:
        assert work.day_events.all() == []


def test_nothing_is_reported_while_the_whole_day_is_computed(web: Web) -> None:
    county = web.county
    planned_day_of_one(web)
    asked(county)
    answer = web.browser(county.manager).post(
        "/manager/events", request_key="a-form-key", kind="pot_down", pot="P01"
    )
    assert (answer.status_code, "这一天的计划正在计算" in shown(answer.text)) == (422, True)
    with county.work() as work:
        assert work.pots.by_code("P01").active is True


def test_a_cancelled_planning_says_so_and_another_may_be_asked_for(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    county.approved()
    plan_id = asked(county).id
    assert f'action="/manager/plan/{plan_id}/cancel"' in browser.get("/manager").text
    assert browser.post(f"/manager/plan/{plan_id}/cancel").headers["Location"].endswith("day=2026-11-21")
    assert newest(web).state is PlanState.CANCELLED
    assert "上一次计算已取消，可以重新开始。" in shown(browser.get("/manager").text)
    assert browser.get(f"/manager/plan/{plan_id}/progress").headers["HX-Refresh"] == "true"
    assert planned_day(county).state is PlanState.DONE


def test_the_difference_takes_the_same_number_of_statements_for_three_orders_as_for_one(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)

    def statements() -> int:
        where = f"/manager/plan/{newest(web).id}"
        with county.counted() as sent:
            assert browser.get(where).status_code == 200
        return len(sent)

    pot = pot_of(planned_day_of_one(web), county_newest(web))
    reported(web, browser, "pot_down", pot=pot)
    proposed = computed(web)
    one = statements()
    browser.post(f"/manager/plan/{proposed.id}/accept")
    for _ in range(2):
        county.approved()
    reported(web, browser, "road_closed", village=county.village.id)
    computed(web)
    # A doctor is named now: their name, their house and their prescriptions are asked for once each.
    assert statements() - one <= 4


def test_only_the_manager_reports_and_decides(web: Web) -> None:
    county = web.county
    planned_day_of_one(web)
    for actor in (county.doctor, county.pharmacist, county.floor, county.courier, county.admin):
        browser = web.browser(actor)
        assert (
            browser.post("/manager/events", kind="late_orders", request_key="a-form-key").status_code == 403
        )
        for action in ("accept", "decline", "cancel", "told"):
            assert browser.post(f"/manager/plan/1/{action}").status_code == 403
