"""The manager's plan: asked for once, begun, adopted once, in force only when the checker agrees."""

from datetime import timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.records.errors import Forbidden, Invalid
from tcm.records.lifecycle import State
from tcm.records.plans import Plan, PlanState
from tcm.records.roles import Role
from tcm.services import delivering, flooring, gathering, planning, prescribing
from tcm.services.gathering import DayFacts, KeptTrip
from tcm.store.work import Work
from tests.tcm.centre import (
    adopted,
    asked,
    brought_to,
    enqueue_nothing,
    layout,
    on_the_road,
    packed,
    planned,
    route,
    routes_of,
    step,
    stop,
)
from tests.tcm.county import DAY, County, draft


def ask(county: County, key: str, enqueue: planning.Enqueue = enqueue_nothing) -> Plan:
    return county.do(
        planning.ask_plan,
        county.manager,
        DAY,
        from_minute=480,
        seconds=1.0,
        seed=7,
        request_key=key,
        enqueue=enqueue,
    )


def now(county: County, plan: Plan) -> Plan:
    with county.work() as work:
        return work.plans.get(plan.id or 0)


def facts(county: County) -> DayFacts:
    return county.do(gathering.day_facts, county.manager, county.knowledge, DAY)


def fail(county: County, prescription: Prescription) -> None:
    county.do(delivering.fail, county.courier, prescription.key(), None, "not_home")


def test_a_plan_is_asked_for_and_its_job_enqueued_in_one_work(county: County) -> None:
    enqueued: list[int] = []
    plan = ask(county, county.new_key(), lambda _work, plan_id: enqueued.append(plan_id))
    assert enqueued == [plan.id]
    assert (plan.state, plan.asked_by_id, plan.in_force) == (PlanState.QUEUED, county.manager.staff_id, False)


def test_a_job_that_cannot_be_enqueued_leaves_no_plan(county: County) -> None:
    def refuse(_work: Work, _plan_id: int) -> None:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        ask(county, county.new_key(), refuse)
    with county.work() as work:
        assert work.plans.all() == []


def test_one_form_sent_twice_asks_for_one_plan(county: County) -> None:
    key, enqueued = county.new_key(), []
    first = ask(county, key, lambda _work, plan_id: enqueued.append(plan_id))
    second = ask(county, key, lambda _work, plan_id: enqueued.append(plan_id))
    assert (second.id, enqueued) == (first.id, [first.id])


def test_a_second_plan_waits_for_the_first(county: County) -> None:
    first = ask(county, county.new_key())
    for _ in (PlanState.QUEUED, PlanState.RUNNING):
        with pytest.raises(Invalid, match="这一天的计划正在计算，请稍候"):
            ask(county, county.new_key())
        with county.work() as work:
            planning.begin_plan(work, first.id or 0, {})
            work.commit()
    adopted(county, first)
    assert ask(county, county.new_key()).state is PlanState.QUEUED


def test_a_failed_planning_may_be_asked_for_again(county: County) -> None:
    first = asked(county)
    with county.work() as work:
        planning.fail_plan(work, first.id or 0, "没有可用的锅")
        work.commit()
    assert (now(county, first).state, now(county, first).failure) == (PlanState.FAILED, "没有可用的锅")
    assert ask(county, county.new_key()).state is PlanState.QUEUED


def test_only_a_manager_plans(county: County) -> None:
    for role, actor in county.actors.items():
        if role is Role.MANAGER:
            continue
        with pytest.raises(Forbidden):
            county.do(gathering.day_facts, actor, county.knowledge, DAY)
        with pytest.raises(Forbidden):
            county.do(
                planning.ask_plan,
                actor,
                DAY,
                from_minute=480,
                seconds=1.0,
                seed=7,
                request_key="k",
                enqueue=enqueue_nothing,
            )


def test_progress_is_kept(county: County) -> None:
    plan = asked(county)
    with county.work() as work:
        planning.report_progress(work, plan.id or 0, 42, "排锅")
        work.commit()
    kept = now(county, plan)
    assert (kept.state, kept.progress_percent, kept.stage) == (PlanState.RUNNING, 42, "排锅")


def test_an_adopted_plan_is_in_force_and_noted_on_its_prescriptions(county: County) -> None:
    prescription = packed(county)
    [way] = planned(county, route(county, stop(county, [prescription])))
    with county.work() as work:
        plan = work.plans.get(way.plan_id)
    assert (plan.state, plan.in_force, plan.progress_percent) == (PlanState.DONE, True, 100)
    event = county.events(prescription)[-1]
    assert (event.kind, event.actor_id, event.payload) == (
        "planned",
        county.manager.staff_id,
        {"plan": plan.id, "route": way.id, "trip": 1},
    )


def test_adopting_twice_changes_nothing(county: County) -> None:
    prescription, plan = packed(county), asked(county)
    adopted(county, plan, route(county, stop(county, [prescription])))
    adopted(county, plan, route(county, stop(county, [prescription])), violations=["late"])
    assert county.story(prescription).count("planned") == 1
    assert layout(routes_of(county, plan)) == [(county.van.id, [(1, 1, [prescription.key()])])]
    assert now(county, plan).state is PlanState.DONE


def test_a_plan_with_violations_is_kept_and_never_followed(county: County) -> None:
    prescription = packed(county)
    first = planned(county, route(county, stop(county, [prescription])))
    bad = asked(county)
    adopted(county, bad, route(county, stop(county, [prescription])), violations=["capacity"])
    kept = now(county, bad)
    assert (kept.state, kept.in_force, kept.violations, kept.failure) == (
        PlanState.FAILED,
        False,
        [{"rule": "capacity"}],
        "计划没有通过独立校验，未启用。",
    )
    assert routes_of(county, bad) == []
    with county.work() as work:
        in_force = work.plans.in_force(DAY)
    assert in_force is not None
    assert in_force.id == first[0].plan_id
    assert county.story(prescription).count("planned") == 1


def test_a_new_plan_takes_the_place_of_the_old_one(county: County) -> None:
    prescription = packed(county)
    [old] = planned(county, route(county, stop(county, [prescription])))
    [new] = planned(county, route(county, stop(county, [prescription]), van=county.other_van))
    with county.work() as work:
        plans = {plan.id: plan.in_force for plan in work.plans.all()}
        carrying = work.routes.carrying([prescription.key()])
    assert plans == {old.plan_id: False, new.plan_id: True}
    assert carrying[prescription.key()].id == new.id


def test_a_late_begin_or_failure_does_not_touch_a_finished_plan(county: County) -> None:
    plan = asked(county)
    adopted(county, plan)
    with county.work() as work:
        planning.begin_plan(work, plan.id or 0, {"late": True})
        planning.fail_plan(work, plan.id or 0, "计划计算时出错")
        planning.report_progress(work, plan.id or 0, 12, "late")
        work.commit()
    kept = now(county, plan)
    assert (kept.state, kept.in_force, kept.problem, kept.failure, kept.progress_percent) == (
        PlanState.DONE,
        True,
        {"orders": []},
        "",
        100,
    )


def test_a_trip_on_the_road_is_kept_and_the_rest_planned_anew(county: County) -> None:
    gone, waiting, late = packed(county), packed(county), county.approved()
    first = route(county, stop(county, [gone]), stop(county, [waiting], trip=2))
    [old] = planned(county, first)
    county.do(delivering.load_trip, county.courier, old.id or 0, 1)
    plan = asked(county)
    adopted(county, plan, route(county, stop(county, [waiting, late], trip=2)))
    assert layout(routes_of(county, plan)) == [
        (county.van.id, [(1, 1, [gone.key()]), (2, 2, [waiting.key(), late.key()])])
    ]
    assert county.do(delivering.deliver, county.courier, gone.key(), None).state is State.DELIVERED


def test_the_planner_is_told_which_trips_are_on_the_road(county: County) -> None:
    gone, waiting = packed(county), packed(county)
    [old] = planned(county, route(county, stop(county, [gone]), stop(county, [waiting], trip=2)))
    assert facts(county).kept == []
    county.do(delivering.load_trip, county.courier, old.id or 0, 1)
    assert facts(county).kept == [KeptTrip(county.van.id or 0, 1, at_minute(DAY, 690))]
    assert [order.prescription_id for order in facts(county).orders] == [waiting.key()]


def test_what_stayed_behind_or_came_back_is_planned_anew_and_stands_nowhere_twice(county: County) -> None:
    gone, behind, back = packed(county), county.approved(), packed(county)
    on_the_road(county, gone, behind, back)
    fail(county, back)
    plan = asked(county)
    adopted(county, plan, route(county, stop(county, [behind, back], trip=2)))
    assert layout(routes_of(county, plan)) == [
        (county.van.id, [(1, 1, [gone.key()]), (2, 2, [behind.key(), back.key()])])
    ]
    assert county.story(back)[-2:] == ["failed", "planned"]


def test_a_trip_waiting_with_what_came_back_has_not_left(county: County) -> None:
    back, waiting = packed(county), packed(county)
    on_the_road(county, back)
    fail(county, back)
    planned(county, route(county, stop(county, [back, waiting], trip=2)))
    assert facts(county).kept == [KeptTrip(county.van.id or 0, 1, at_minute(DAY, 690))]
    plan = asked(county)
    adopted(county, plan, route(county, stop(county, [back, waiting], trip=2), van=county.other_van))
    assert layout(routes_of(county, plan)) == [
        (county.van.id, [(1, 1, [])]),
        (county.other_van.id, [(2, 1, [back.key(), waiting.key()])]),
    ]


def test_what_was_loaded_while_the_planner_thought_is_not_delivered_twice(county: County) -> None:
    first, second = packed(county), packed(county)
    [old] = planned(county, route(county, stop(county, [first])))
    plan = asked(county)
    county.do(delivering.load_trip, county.courier, old.id or 0, 1)
    adopted(county, plan, route(county, stop(county, [first, second]), van=county.other_van))
    assert layout(routes_of(county, plan)) == [
        (county.van.id, [(1, 1, [first.key()])]),
        (county.other_van.id, [(1, 1, [second.key()])]),
    ]


def test_a_stop_left_without_anything_to_hand_over_is_dropped(county: County) -> None:
    first = packed(county)
    [old] = planned(county, route(county, stop(county, [first])))
    plan = asked(county)
    county.do(delivering.load_trip, county.courier, old.id or 0, 1)
    adopted(county, plan, route(county, stop(county, [first]), van=county.other_van))
    assert layout(routes_of(county, plan)) == [(county.van.id, [(1, 1, [first.key()])])]


def test_prescriptions_are_noted_in_the_order_in_which_couriers_hold_them(county: County) -> None:
    # Two works that hold rows in two orders would wait for each other until the database ends one of them.
    low, high = packed(county), packed(county)
    planned(county, route(county, stop(county, [high, low])))
    with county.work() as work:
        noted = work.session.connection().exec_driver_sql(
            "SELECT prescription_id FROM ledger_events WHERE kind = 'planned' ORDER BY id"
        )
        assert [row[0] for row in noted] == [low.key(), high.key()]


def test_the_facts_of_a_day_tell_how_far_each_order_is(county: County) -> None:
    county.drafted()
    county.signed()
    on_the_road(county, packed(county))
    waiting = county.approved(draft(urgent=True))
    soaking = brought_to(county, county.approved(), State.SOAKING)
    soaked_at = county.events(soaking)[-1].at
    boiling = brought_to(county, county.approved(), State.DECOCTING, "P02")
    boiling_since = [event.at for event in county.events(boiling)[-2:]]
    done = packed(county)
    told = facts(county)
    assert [
        (o.prescription_id, o.state, o.urgent, o.bags, o.soaked_at, o.pot_code, o.loaded_at, o.packed_at)
        for o in told.orders
    ] == [
        (waiting.key(), State.APPROVED, True, 1, None, None, None, None),
        (soaking.key(), State.SOAKING, False, 1, soaked_at, None, None, None),
        (boiling.key(), State.DECOCTING, False, 1, boiling_since[0], "P02", boiling_since[1], None),
        (done.key(), State.PACKED, False, 1, None, None, None, county.events(done)[-1].at),
    ]
    assert {(o.boil.total_ml, o.boil.cook_min, o.village_id) for o in told.orders} == {
        (2800, 50, county.village.id)
    }
    assert (told.centre.id, [place.id for place in told.places]) == (
        county.centre.id,
        [county.village.id, county.other_village.id],
    )
    assert [vehicle.id for vehicle in told.vehicles] == [county.van.id, county.other_van.id]


def test_pots_out_of_order_are_not_planned_with(county: County) -> None:
    county.approved()
    county.do(flooring.set_pot_active, county.floor, "P02", active=False)
    assert [pot.code for pot in facts(county).pots] == ["P01", "S01", "T01", "Q01"]


def test_a_day_without_orders_is_not_planned(county: County) -> None:
    approved = county.approved()
    county.do(prescribing.cancel, county.doctor, approved.key(), approved.version, "other")
    with pytest.raises(Invalid, match="没有需要安排的处方"):
        facts(county)


def test_a_redone_batch_starts_from_nothing(county: County) -> None:
    prescription = packed(county)
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "spoilt")
    step(county, prescription, State.DISPENSED)
    [order] = facts(county).orders
    assert (order.state, order.soaked_at, order.packed_at) == (State.DISPENSED, None, None)
    step(county, prescription, State.SOAKING)
    [order] = facts(county).orders
    assert order.soaked_at == county.events(prescription)[-1].at


@pytest.mark.parametrize("state", [State.APPROVED, State.DECOCTING])
def test_facts_take_as_many_statements_for_three_orders_as_for_one(county: County, state: State) -> None:
    taken = []
    for pot in ("P01", "P02"):
        prescription = county.approved()
        if state is State.DECOCTING:
            brought_to(county, prescription, State.DECOCTING, pot)
        with county.work() as work, county.counted() as statements:
            gathering.day_facts(work, county.manager, county.knowledge, DAY)
        taken.append(len(statements))
    assert taken == [taken[0]] * 2


def test_the_next_days_plan_leaves_todays_in_force(county: County) -> None:
    prescription = packed(county)
    planned(county, route(county, stop(county, [prescription])))
    plan = county.do(
        planning.ask_plan,
        county.manager,
        DAY + timedelta(days=1),
        from_minute=480,
        seconds=1.0,
        seed=7,
        request_key=county.new_key(),
        enqueue=enqueue_nothing,
    )
    adopted(county, plan)
    with county.work() as work:
        assert [each.in_force for each in work.plans.all()] == [True, True]
