"""Between pharmacy and planner: facts become a problem, a plan becomes routes, a new plan keeps old trips."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from dispatch.formats import day_from_dict, plan_from_dict
from dispatch.outcomes import Change
from dispatch.plan_types import Promise
from dispatch.problem import Job, Started
from dispatch.whatif import changed
from tcm.records.clock import at_minute, county_day, minute_of
from tcm.records.lifecycle import State
from tcm.records.plans import Delivery, Plan, PlanState, Route
from tcm.records.roles import Actor
from tcm.services import delivering, flooring, gathering, planning
from tcm.services.gathering import DayFacts
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, enqueue_nothing, layout, on_the_road, packed, routes_of
from tests.tcm.county import DAY, FOUR_GENTLEMEN, County, draft
from web.jobs.planning import STAGES, Planner
from web.planning import default_start, to_problem, to_routes

NOW_MIN = 9 * 60
# A county of the tests opens at eight.
APPROVED_MIN = 8 * 60


@pytest.fixture
def county(store: Store) -> County:
    """A small county, once on each database."""
    return County(store)


def facts_of(county: County) -> DayFacts:
    return county.do(gathering.day_facts, county.manager, county.knowledge, DAY)


def asked(county: County, from_minute: int = NOW_MIN) -> int:
    plan = county.do(
        planning.ask_plan,
        county.manager,
        DAY,
        from_minute=from_minute,
        seconds=1.0,
        seed=1,
        request_key=county.new_key(),
        enqueue=enqueue_nothing,
    )
    return plan.id or 0


def planner(county: County) -> Planner:
    return Planner(county.store, county.watch, county.knowledge, repeatable=True)


def planned(county: County, from_minute: int = NOW_MIN) -> Plan:
    plan_id = asked(county, from_minute)
    planner(county).run(plan_id)
    with county.work() as work:
        return work.plans.get(plan_id)


@pytest.mark.parametrize(
    ("now", "day", "minute"),
    [
        ("2026-11-20T16:00Z", date(2026, 11, 21), 360),
        ("2026-11-20T22:00Z", date(2026, 11, 21), 360),
        ("2026-11-20T22:00:01Z", date(2026, 11, 21), 360),
        ("2026-11-20T22:01Z", date(2026, 11, 21), 365),
        ("2026-11-21T06:00Z", date(2026, 11, 21), 840),
        ("2026-11-21T06:01Z", date(2026, 11, 22), 360),
        ("2026-11-21T15:59:59Z", date(2026, 11, 22), 360),
    ],
)
def test_a_planning_begins_now_or_when_it_is_late_tomorrow_morning(now: str, day: date, minute: int) -> None:
    assert default_start(datetime.fromisoformat(now)) == (day, minute)


def test_every_moment_has_a_start_on_the_grid_that_does_not_lie_in_the_past() -> None:
    first = datetime(2026, 11, 20, 16, 0, tzinfo=UTC)
    for passed_min in range(24 * 60):
        now = first + timedelta(minutes=passed_min)
        day, minute = default_start(now)
        assert minute % 5 == 0
        assert at_minute(day, minute) >= now
        assert day - county_day(now) in (timedelta(0), timedelta(days=1))


def test_what_is_approved_becomes_a_job_by_the_rules_of_boiling(county: County) -> None:
    prescription = county.approved()
    problem = to_problem(facts_of(county), DAY, NOW_MIN)
    [order] = problem.orders
    assert (order.id, order.village_id, order.bags) == (str(prescription.id), str(county.village.id), 1)
    assert order.job == Job(
        id=str(prescription.id),
        ml=order.volume_ml,
        release_min=APPROVED_MIN,
        soak_min=30,
        load_min=5,
        cook_min=50,
        pack_min=5,
        clean_min=10,
        due_min=15 * 60 - 10,
    )
    assert [(pot.id, pot.duty) for pot in problem.pots] == [
        (pot.code, pot.duty) for pot in county.pots.values()
    ]
    assert [village.name for village in problem.villages] == ["白石村卫生室"]
    assert (problem.now_min, problem.start_clock_min, problem.centre.name) == (NOW_MIN, 0, "临湘市共享中药房")


@pytest.mark.parametrize(("approved_min", "release_min"), [(-600, 0), (495, 495), (NOW_MIN + 3, NOW_MIN)])
def test_a_job_is_released_when_it_was_approved_on_the_day_and_never_after_now(
    county: County, approved_min: int, release_min: int
) -> None:
    county.watch.now = at_minute(DAY, approved_min)
    county.approved()
    [order] = to_problem(facts_of(county), DAY, NOW_MIN).orders
    assert order.job is not None
    assert order.job.release_min == release_min


def test_a_cut_off_defers_what_was_approved_after_it(county: County) -> None:
    early = county.approved()
    county.watch.now = at_minute(DAY, 8 * 60 + 31)
    county.approved()
    problem = to_problem(facts_of(county), DAY, NOW_MIN)
    kept = changed(problem, Change("cut_off_min", 8 * 60 + 30))
    assert [order.id for order in kept.orders] == [str(early.id)]


def test_an_urgent_order_is_due_within_two_hours_and_weighs_more(county: County) -> None:
    county.approved(draft(urgent=True))
    [order] = to_problem(facts_of(county), DAY, NOW_MIN).orders
    assert order.job is not None
    assert (order.job.due_min, order.job.weight, order.priority) == (NOW_MIN + 120, 10, 10)


def test_what_is_added_later_asks_for_somebody_to_add_it(county: County) -> None:
    county.approved(draft((*FOUR_GENTLEMEN, ItemDraft("薄荷", 6.0, "后下"))))
    [order] = to_problem(facts_of(county), DAY, NOW_MIN).orders
    assert order.job is not None
    assert (order.job.add_min, order.job.needs_adder) == (5, True)


def test_what_stands_on_the_fire_stays_where_it_is(county: County) -> None:
    soaking, cooking = county.approved(), county.approved()
    county.watch.now = at_minute(DAY, 8 * 60 + 2)
    brought_to(county, soaking, State.SOAKING)
    county.watch.now = at_minute(DAY, 8 * 60 + 40)
    brought_to(county, cooking, State.DECOCTING, pot="P02")
    orders = {order.id: order for order in to_problem(facts_of(county), DAY, NOW_MIN).orders}
    started = {key: order.job.started if order.job else None for key, order in orders.items()}
    # The floor notes the pot when its five minutes of loading are over.
    assert started == {
        str(soaking.id): Started(8 * 60 + 2),
        str(cooking.id): Started(8 * 60 + 35, "P02", 8 * 60 + 35),
    }


def test_a_step_noted_after_the_plan_begins_counts_from_its_begin(county: County) -> None:
    prescription = county.approved()
    county.watch.now = at_minute(DAY, NOW_MIN + 3)
    brought_to(county, prescription, State.SOAKING)
    [order] = to_problem(facts_of(county), DAY, NOW_MIN).orders
    assert order.job is not None
    assert order.job.started == Started(NOW_MIN)


def test_what_is_packed_is_only_to_be_driven(county: County) -> None:
    county.watch.now = at_minute(DAY, 8 * 60 + 30)
    prescription = packed(county)
    [order] = to_problem(facts_of(county), DAY, NOW_MIN).orders
    assert (order.id, order.job, order.ready_min) == (str(prescription.id), None, 8 * 60 + 30)


def test_what_goes_far_is_asked_for_earlier(county: County) -> None:
    county.approved()
    facts = facts_of(county)
    moved = [replace(place, lat=place.lat + 0.3) for place in facts.places]
    [near], [far] = (to_problem(each, DAY, NOW_MIN).orders for each in (facts, replace(facts, places=moved)))
    assert near.job is not None
    assert far.job is not None
    assert near.job.due_min - far.job.due_min == 60


def test_a_van_on_the_road_starts_again_when_it_is_back(county: County) -> None:
    on_the_road(county, packed(county))
    county.approved()
    problem = to_problem(facts_of(county), DAY, NOW_MIN)
    vans = [(van.shift_start_min, van.trips_done, van.fixed_cost_fen) for van in problem.vehicles]
    assert vans == [(600 + 90, 1, 0), (420, 0, 5000)]


def test_routes_are_the_trips_of_the_plan_in_their_order(county: County) -> None:
    for _ in range(3):
        county.approved()
    plan = planned(county)
    made, routes = plan_from_dict(plan.result), routes_of(county, plan)
    stops = {stop.id: stop for stop in made.stops}
    assert [
        (
            str(route.vehicle_id),
            stop.trip,
            str(stop.village_id),
            _carried(stop.deliveries),
            _minute(stop.arrive_at),
        )
        for route in routes
        for stop in route.stops
    ] == [
        (
            trip.vehicle_id,
            trip.number,
            stops[visit.stop_id].place_id,
            sorted(map(int, stops[visit.stop_id].order_ids)),
            visit.arrive_min,
        )
        for trip in sorted(made.routes.trips, key=lambda each: (each.vehicle_id, each.number))
        for visit in trip.visits
    ]
    assert [stop.position for route in routes for stop in route.stops] == [
        number for route in routes for number in range(1, len(route.stops) + 1)
    ]
    promised = {
        (_minute(stop.promised_from_at), _minute(stop.promised_to_at))
        for route in routes
        for stop in route.stops
    }
    assert promised == {(promise.from_min, promise.to_min) for promise in made.promises}
    again = to_routes(made, facts_of(county).vehicles, DAY)
    assert layout(again) == layout(routes)


def test_a_made_plan_is_checked_and_in_force_and_can_be_planned_again_just_so(county: County) -> None:
    county.approved()
    plan = planned(county)
    assert (plan.state, plan.in_force, plan.violations, plan.unserved) == (PlanState.DONE, True, [], [])
    assert (plan.progress_percent, plan.failure) == (100, "")
    stored = day_from_dict(plan.problem)
    assert stored.now_min == NOW_MIN
    assert [order.id for order in stored.orders] == [promise.order_id for promise in _promises(plan)]


def test_planning_tells_its_stages_and_doing_it_again_changes_nothing(county: County) -> None:
    county.approved()
    plan_id = asked(county)
    told: list[tuple[float, str]] = []
    planner(county).run(plan_id, lambda fraction, stage: told.append((fraction, stage)))
    assert {stage for _, stage in told} == set(STAGES) - {"repair", "anew"}
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    before = _stored(county, plan_id)
    told.clear()
    planner(county).run(plan_id, lambda fraction, stage: told.append((fraction, stage)))
    assert (_stored(county, plan_id), told) == (before, [])


def test_a_village_without_a_road_is_named_and_the_others_are_driven_to(county: County) -> None:
    driven = county.approved()
    patient = county.registered(name="步行山", id_number="", village_id=county.other_village.id)
    walked = county.approved(visit=county.visited(patient))
    with county.work() as work:
        work.institutions.get(county.other_village.id or 0).has_road = False
        work.commit()
    plan = planned(county)
    assert [(each["id"], each["code"], each["zh"]) for each in plan.unserved] == [
        (str(walked.id), "no_road", "观山村卫生室不通车")
    ]
    assert plan.state is PlanState.DONE
    assert [_carried(stop.deliveries) for route in routes_of(county, plan) for stop in route.stops] == [
        [driven.id]
    ]


def test_without_pots_every_prescription_to_cook_is_named_and_packed_bags_still_go(county: County) -> None:
    ready, first, second = packed(county), county.approved(), county.approved()
    for code in county.pots:
        county.do(flooring.set_pot_active, county.floor, code, active=False)
    plan = planned(county)
    assert [(each["id"], each["code"]) for each in plan.unserved] == [
        (str(first.id), "no_pots"),
        (str(second.id), "no_pots"),
    ]
    assert [_carried(stop.deliveries) for route in routes_of(county, plan) for stop in route.stops] == [
        [ready.id]
    ]


def test_a_day_with_nothing_to_plan_fails_with_a_sentence_and_keeps_the_plan_in_force(county: County) -> None:
    prescription = packed(county)
    first = planned(county)
    [route] = routes_of(county, first)
    county.do(delivering.load_trip, _courier_of(county, route), route.id or 0, 1)
    second = planned(county, NOW_MIN + 60)
    assert (second.state, second.failure) == (PlanState.FAILED, "没有需要安排的处方。")
    with county.work() as work:
        in_force = work.plans.in_force(DAY)
        assert in_force is not None
        assert (in_force.id, work.prescriptions.get(prescription.key()).state) == (first.id, State.LOADED)


def test_planning_anew_keeps_the_trip_on_the_road_and_plans_around_it(county: County) -> None:
    gone = packed(county)
    first = planned(county)
    [route] = routes_of(county, first)
    county.do(delivering.load_trip, _courier_of(county, route), route.id or 0, 1)
    back_at = route.stops[0].return_at
    late = county.approved()
    second = planned(county, NOW_MIN + 60)
    assert (second.state, second.violations, second.in_force) == (PlanState.DONE, [], True)
    stops = [(r.vehicle_id, stop) for r in routes_of(county, second) for stop in r.stops]
    assert [_carried(stop.deliveries) for _, stop in stops] == [[gone.id], [late.id]]
    kept, new = stops[0][1], stops[1][1]
    assert (kept.depart_at, kept.arrive_at, kept.promised_to_at) == (
        route.stops[0].depart_at,
        route.stops[0].arrive_at,
        route.stops[0].promised_to_at,
    )
    if stops[1][0] == route.vehicle_id:
        assert (new.trip, new.depart_at >= back_at) == (2, True)


def test_a_planning_that_breaks_is_no_plan_and_may_be_asked_for_again(county: County) -> None:
    county.approved()
    plan_id = asked(county)

    def fall_over(_fraction: float, _stage: str) -> None:
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        planner(county).run(plan_id, fall_over)
    with county.work() as work:
        broken = work.plans.get(plan_id)
        assert (broken.state, broken.failure) == (
            PlanState.FAILED,
            "计划计算时出错，原计划不变，请再试一次。",
        )
        assert work.plans.in_force(DAY) is None
    assert planned(county).state is PlanState.DONE


def _stored(county: County, plan_id: int) -> tuple[object, ...]:
    with county.work() as work:
        plan = work.plans.get(plan_id)
        routes = layout(work.routes.of_plan(plan_id))
        return plan.state, plan.in_force, plan.result, routes, work.ledger.verify().events


def _carried(deliveries: list[Delivery]) -> list[int]:
    return sorted(each.prescription_id for each in deliveries)


def _minute(at: datetime) -> int:
    return minute_of(DAY, at)


def _promises(plan: Plan) -> tuple[Promise, ...]:
    return plan_from_dict(plan.result).promises


def _courier_of(county: County, route: Route) -> Actor:
    with county.work() as work:
        return work.staff.get(route.courier_id).actor
