"""The manager's page: the day, the plan in each of its states, the routes."""

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from tcm.records.lifecycle import State
from tcm.records.plans import Plan, PlanState
from tcm.services import overseeing, planning
from tcm.store.engine import Store
from tests.tcm.centre import asked, brought_to, enqueue_nothing
from tests.tcm.county import DAY, NAME
from tests.web.desks.hands import Web, hidden, planned_day, shown
from web.house import EXTENSION
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


def jobs_queued(store: Store) -> list[str]:
    """What waits in the queue."""
    with store.engine.connect() as connection:
        return list(connection.scalars(text("SELECT workflow_uuid FROM workflow_status ORDER BY 1")))


def test_an_empty_day_says_what_is_missing(web: Web) -> None:
    page = shown(web.browser(web.county.manager).get("/manager").text)
    assert "没有等着处理的处方。" in page
    assert "这一天还没有计划。" in page


def test_the_day_is_counted_and_pots_and_vehicles_are_listed(web: Web) -> None:
    county = web.county
    county.approved()
    brought_to(county, county.approved(), State.DECOCTING)
    page = shown(web.browser(county.manager).get("/manager").text)
    assert "中心现在 审核通过 1 煎煮中 1 煎药锅" in page
    assert "煎药锅 5 / 5 可用 P01 P02 Q01 S01 T01" in page
    assert "湘F0001 · 孙行舟 07:00–18:00 80 袋" in page
    assert NAME not in page


def test_asking_enqueues_one_job_from_the_next_five_minutes(web: Web) -> None:
    county = web.county
    county.approved()
    county.watch.pass_(minutes=2)
    browser = web.browser(county.manager)
    page = browser.get("/manager").text
    assert re.search(r'name="begin" type="time" value="08:05"', page)
    fields = hidden(page, "/manager/plan") | {"begin": "08:05", "seconds": "20", "seed": "3"}
    for _ in range(2):
        assert browser.post("/manager/plan", **fields).status_code == 303
    plan = newest(web)
    assert (plan.from_minute, plan.seconds, plan.seed, plan.state) == (485, 20.0, 3, PlanState.QUEUED)
    assert jobs_queued(county.store) == [f"plan_day-{plan.id}"]
    assert "已排队，等待计算" in shown(browser.get("/manager").text)


def test_a_second_plan_while_one_is_made_is_refused_and_the_form_keeps_its_figures(web: Web) -> None:
    county = web.county
    asked(county)
    answer = web.browser(county.manager).post(
        "/manager/plan", request_key="another-form", begin="08:20", seconds="9", seed="1"
    )
    assert answer.status_code == 422
    assert "这一天的计划正在计算，请稍候。" in shown(answer.text)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("seconds", "0", "不能小于 1。"),
        ("seconds", "901", "不能大于 300。"),
        ("begin", "25:00", "这一项填得不对。"),
        ("begin", "", "请填写这一项。"),
    ],
)
def test_figures_that_will_not_do_are_answered_beside_their_field(
    web: Web, field: str, value: str, sentence: str
) -> None:
    fields = {"request_key": "a-form-key", "begin": "08:00", "seconds": "20", "seed": "0"}
    answer = web.browser(web.county.manager).post("/manager/plan", **(fields | {field: value}))
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)


def test_progress_is_told_until_the_plan_is_done(web: Web) -> None:
    county = web.county
    county.approved()
    plan_id = asked(county).id or 0
    with county.work() as work:
        planning.report_progress(work, plan_id, 40, "正在排煎药锅")
        work.commit()
    browser = web.browser(county.manager)
    page = browser.get("/manager").text
    assert "正在排煎药锅" in shown(page)
    part = browser.get(f"/manager/plan/{plan_id}/progress")
    assert '<progress max="100" value="40"' in part.text
    same = browser.get(f"/manager/plan/{plan_id}/progress", if_none_match=part.headers["ETag"])
    assert same.status_code == 304
    asked_with = re.search(r"hx-headers='([^']+)'", part.text)
    assert asked_with is not None
    assert json.loads(asked_with[1]) == {"If-None-Match": part.headers["ETag"]}
    with county.work() as work:
        planning.fail_plan(work, plan_id, "没有需要安排的处方。")
        work.commit()
    over = browser.get(f"/manager/plan/{plan_id}/progress")
    assert (over.status_code, over.headers["HX-Refresh"]) == (204, "true")
    assert "没有排成。 没有需要安排的处方。" in shown(browser.get("/manager").text)


def test_a_plan_that_failed_its_check_is_not_followed_and_says_so(web: Web) -> None:
    county = web.county
    county.approved()
    before = planned_day(county)
    plan_id = asked(county).id or 0
    with county.work() as work:
        planning.adopt_plan(
            work, plan_id, result={}, unserved=[], violations=[{"rule": "pot_overlap"}], routes=[]
        )
        work.commit()
    page = shown(web.browser(county.manager).get("/manager").text)
    assert "没有排成。 计划没有通过独立校验，未启用。" in page
    assert f"现行计划 {before.id} 号" in page


def test_a_finished_plan_shows_routes_promises_chart_and_map(web: Web) -> None:
    county = web.county
    prescriptions = [county.approved() for _ in range(3)]
    plan = planned_day(county)
    assert (plan.state, plan.unserved, plan.in_force) == (PlanState.DONE, [], True)
    page = web.browser(county.manager).get("/manager").text
    [promise, *_] = plan.result["promises"]  # type: ignore[misc, index]
    window = "–".join(f"{promise[at] // 60:02d}:{promise[at] % 60:02d}" for at in ("from_min", "to_min"))
    text_ = shown(page)
    assert (
        f"白石村卫生室 {promise['arrive_min'] // 60:02d}:{promise['arrive_min'] % 60:02d} {window}" in text_
    )
    assert all(f"{each.number} 审核通过" in text_ for each in prescriptions)
    chart, loads, drawn = re.findall(r"<svg xmlns.*?</svg>", page, re.S)
    assert [str(each.number)[-5:] in chart for each in prescriptions] == [True] * 3
    assert "白石村" in drawn
    assert "style=" not in chart + loads + drawn
    assert "<style" not in chart + loads + drawn
    [way] = {int(found) for found in re.findall(r"/papers/route/(\d+)\.pdf", page)}
    with county.work() as work:
        assert [route.id for route in work.routes.of_plan(plan.id or 0)] == [way]


def test_an_order_that_cannot_be_served_is_named_with_its_reason(web: Web) -> None:
    county = web.county
    with county.work() as work:
        work.institutions.get(county.village.id or 0).has_road = False
        work.commit()
    prescription = county.approved()
    planned_day(county)
    page = shown(web.browser(county.manager).get("/manager").text)
    assert "没有排上的处方（1） 处方 原因 放宽这一条就能送到" in page
    assert f"{prescription.number} 白石村卫生室不通车 白石村卫生室通车即可送达" in page
    assert "到不了的村（1） 白石村卫生室" in page


def test_without_a_pot_every_order_is_named(web: Web) -> None:
    county = web.county
    with county.work() as work:
        for pot in work.pots.all():
            pot.active = False
        work.commit()
    prescription = county.approved()
    planned_day(county)
    page = shown(web.browser(county.manager).get("/manager").text)
    assert f"{prescription.number} 今日没有可用的煎药锅" in page
    assert "这份计划没有路线。" in page


def test_without_anything_to_plan_the_planner_says_so(web: Web) -> None:
    planned_day(web.county)
    page = shown(web.browser(web.county.manager).get("/manager").text)
    assert "没有排成。 没有需要安排的处方。" in page


def test_planning_anew_replaces_the_plan_in_force(web: Web) -> None:
    county = web.county
    county.approved()
    first = planned_day(county)
    county.approved()
    second = planned_day(county, from_minute=540)
    page = shown(web.browser(county.manager).get("/manager").text)
    assert f"现行计划 {second.id} 号" in page
    with county.work() as work:
        assert not work.plans.get(first.id or 0).in_force


def test_the_day_takes_the_same_number_of_statements_for_three_orders_as_for_one(web: Web) -> None:
    county = web.county
    browser = web.browser(county.manager)

    def statements() -> int:
        with county.counted() as sent:
            assert browser.get("/manager").status_code == 200
        return len(sent)

    county.approved()
    planned_day(county)
    one = statements()
    county.approved(visit=county.visited(county.registered(village_id=county.other_village.id, name="李四")))
    county.approved()
    planned_day(county)
    assert statements() == one


def test_nobody_else_opens_the_desk(web: Web) -> None:
    county = web.county
    for actor in (county.doctor, county.pharmacist, county.floor, county.courier, county.admin):
        browser = web.browser(actor)
        assert browser.get("/manager").status_code == 403
        assert browser.post("/manager/plan", begin="08:00", seconds="5").status_code == 403


def test_late_in_the_day_tomorrow_is_offered_and_planned(web: Web) -> None:
    county = web.county
    county.approved()
    county.watch.pass_(hours=8)  # 16:00 in the county
    browser = web.browser(county.manager)
    page = browser.get("/manager").text
    assert re.search(r'name="begin" type="time" value="06:00"', page)
    fields = hidden(page, "/manager/plan") | {"begin": "06:00", "seconds": "5", "seed": "1"}
    assert browser.post("/manager/plan", **fields).headers["Location"].endswith("day=2026-11-22")
    with county.work() as work:
        plan = work.plans.newest(DAY + timedelta(days=1))
    assert plan is not None
    assert (plan.day, plan.from_minute) == (DAY + timedelta(days=1), 360)


def test_floor_and_courier_work_for_tomorrow_where_today_has_no_plan(web: Web) -> None:
    county = web.county
    with county.work() as work:
        before = overseeing.day_at_work(work, county.floor, DAY)
    put_in_force(web, DAY + timedelta(days=1))
    with county.work() as work:
        assert (before, overseeing.day_at_work(work, county.courier, DAY)) == (DAY, DAY + timedelta(days=1))


def put_in_force(web: Web, day: date) -> None:
    """A plan of a day without orders."""
    with web.county.work() as work:
        asked = planning.ask_plan(
            work,
            web.county.manager,
            day,
            from_minute=360,
            seconds=1.0,
            seed=1,
            request_key=f"plan of {day}",
            enqueue=enqueue_nothing,
        )
        planning.adopt_plan(work, asked.id or 0, result={}, unserved=[], violations=[], routes=[])
        work.commit()


@pytest.mark.parametrize("day", ["2026-11-23", "1999-01-01", "soon"])
def test_only_today_and_tomorrow_are_shown(web: Web, day: str) -> None:
    page = shown(web.browser(web.county.manager).get(f"/manager?day={day}").text)
    assert "今天 2026年11月21日 明天 2026年11月22日" in page


# What plans of before windows, kinds and cost parts did not hold.
YOUNGER = frozenset(
    {"windows", "kinds", "latest_min", "due_min", "wait_min", "rests", "parts", "lower_bound_fen", "made_by"}
    | {
        "relaxations",
        "kind",
        "breaks",
        "familiar",
        "longest_box_min",
        "fragile",
        "buffer_min",
        "priority_min",
    }
    | {"late_fen_per_hour", "strange_stop_fen", "uneven_fen", "fragile_box_min", "fragile_factor"}
)


def older(stored: object, *, inside_job: bool = False) -> object:
    """A stored plan or problem as it was before."""
    if isinstance(stored, dict):
        return {
            name: older(value, inside_job=name == "job")
            for name, value in stored.items()
            # A job had its due time from the beginning.
            if name not in YOUNGER or (inside_job and name == "due_min")
        }
    return [older(each) for each in stored] if isinstance(stored, list) else stored


def test_a_plan_stored_before_windows_and_costs_is_still_shown(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    plan_id = planned_day(county).id or 0
    with county.work() as work:
        plan = work.plans.get(plan_id)
        plan.problem, plan.result, plan.roads = older(plan.problem), older(plan.result), {}  # type: ignore[assignment]
        work.commit()
    browser = web.browser(county.manager)
    page = shown(browser.get("/manager").text)
    assert f"{prescription.number} 审核通过" in page
    assert "这份计划的代价" not in page
    assert "这份计划不是针对情况调整的" in shown(browser.get(f"/manager/plan/{plan_id}").text)


def test_a_plan_tells_its_cost_its_bound_and_where_its_roads_come_from(web: Web) -> None:
    county = web.county
    county.approved(visit=county.visited(county.registered(village_id=county.other_village.id)))
    plan = planned_day(county)
    page = shown(web.browser(county.manager).get("/manager").text)
    assert re.search(r"里程 ¥[\d.,]+ 出车 ¥50\.00", page)
    bound = int(str(plan.result["lower_bound_fen"]))
    assert f"任何排法都不会低于 ¥{bound / 100:.2f}" in page
    assert "路程：直线距离乘弯曲系数 1.35 · 现算" in page
