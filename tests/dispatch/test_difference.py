"""What one plan changes of another, and who is told."""

from dataclasses import replace

from dispatch.difference import ChangePrices, compare
from dispatch.plan_types import DayPlan, Promise
from dispatch.reasons import unserved


def _late(promise: Promise, minutes: int) -> Promise:
    return replace(
        promise,
        arrive_min=promise.arrive_min + minutes,
        from_min=promise.from_min + minutes,
        to_min=promise.to_min + minutes,
    )


def _with_promise(plan: DayPlan, promise: Promise) -> DayPlan:
    return replace(
        plan,
        promises=tuple(promise if each.order_id == promise.order_id else each for each in plan.promises),
    )


def test_a_plan_changes_nothing_of_itself(small_plan: DayPlan) -> None:
    found = compare(small_plan, small_plan)
    assert found.is_empty
    assert found.price_fen() == 0
    assert found.windows == {each.order_id: (each.from_min, each.to_min) for each in small_plan.promises}


def test_an_order_that_still_comes_inside_its_window_is_not_moved(small_plan: DayPlan) -> None:
    promise = small_plan.promises[0]
    found = compare(small_plan, _with_promise(small_plan, _late(promise, 45)))
    assert found.is_empty
    assert found.windows[promise.order_id] == (promise.from_min, promise.to_min)


def test_an_order_that_comes_after_its_window_has_its_village_told(small_plan: DayPlan) -> None:
    promise = _late(small_plan.promises[0], 46)
    found = compare(small_plan, _with_promise(small_plan, promise))
    assert [(each.order_id, each.codes) for each in found.orders] == [(promise.order_id, ("window",))]
    assert [(each.who, each.id, each.code, each.ids) for each in found.notices] == [
        ("village", promise.village_id, "window_moved", (promise.order_id,))
    ]
    assert found.windows[promise.order_id] == (promise.from_min, promise.to_min)
    assert found.price_fen(ChangePrices(promise_fen=7)) == 7


def test_the_windows_told_count_and_not_those_of_the_plan_before(small_plan: DayPlan) -> None:
    promise = small_plan.promises[0]
    found = compare(small_plan, small_plan, told={promise.order_id: (promise.arrive_min + 1, 999)})
    assert [(each.order_id, each.codes) for each in found.orders] == [(promise.order_id, ("window",))]


def test_another_vehicle_has_its_price(small_plan: DayPlan) -> None:
    promise = replace(small_plan.promises[0], vehicle_id="V9")
    found = compare(small_plan, _with_promise(small_plan, promise))
    assert [(each.order_id, each.codes) for each in found.orders] == [(promise.order_id, ("vehicle",))]
    assert found.price_fen(ChangePrices(vehicle_fen=11)) == 11


def test_a_job_in_another_pot_or_at_another_minute_is_told_to_the_floor(small_plan: DayPlan) -> None:
    first, second, third, *others = small_plan.schedule.jobs
    moved = (
        replace(first, pot_id="P9"),
        replace(second, load_at_min=second.load_at_min + 5),
        replace(third, pack_at_min=third.pack_at_min + 5),
    )
    after = replace(small_plan, schedule=replace(small_plan.schedule, jobs=(*moved, *others)))
    found = compare(small_plan, after)
    assert [(each.job_id, each.codes) for each in found.jobs] == [
        (first.job_id, ("pot",)),
        (second.job_id, ("start",)),
        (third.job_id, ("packing",)),
    ]
    assert {(each.who, each.code) for each in found.notices} == {("floor", "job_moved")}
    assert found.price_fen(ChangePrices(pot_fen=13)) == 26


def test_what_no_longer_comes_is_told_to_the_village_and_the_doctor(small_plan: DayPlan) -> None:
    lost = small_plan.promises[0]
    after = replace(
        small_plan,
        promises=small_plan.promises[1:],
        unserved=(unserved(lost.order_id, "no_capacity_left"),),
    )
    found = compare(small_plan, after)
    assert [each.id for each in found.newly_unserved] == [lost.order_id]
    assert [(each.who, each.id, each.code) for each in found.notices] == [
        ("village", lost.village_id, "not_coming"),
        ("doctor", "", "not_coming"),
    ]


def test_a_courier_is_told_of_other_stops_and_of_other_times(small_plan: DayPlan) -> None:
    trip, *others = small_plan.routes.trips
    later = replace(trip, depart_min=trip.depart_min + 5)
    fewer = replace(trip, visits=trip.visits[1:])
    codes = []
    for changed in (later, fewer):
        routes = replace(small_plan.routes, trips=(changed, *others))
        found = compare(small_plan, replace(small_plan, routes=routes))
        codes += [(each.who, each.id, each.code) for each in found.notices]
    assert codes == [
        ("courier", trip.vehicle_id, "times_changed"),
        ("courier", trip.vehicle_id, "route_changed"),
    ]
