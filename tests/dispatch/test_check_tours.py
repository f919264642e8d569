"""The checker finds every kind of mistake in trips and in the story of a whole day."""

from dataclasses import replace

import pytest

from dispatch.check import check_day
from dispatch.plan_types import DayPlan, Stop, Trip, Unserved
from dispatch.problem import Day


@pytest.fixture
def right(small_day: Day, small_plan: DayPlan) -> DayPlan:
    """A right plan with at least two trips and every order promised."""
    assert check_day(small_day, small_plan) == []
    assert len(small_plan.promises) == len(small_day.orders)
    assert len(small_plan.routes.trips) >= 2
    return small_plan


def _kinds(day: Day, plan: DayPlan) -> set[str]:
    return {each.kind for each in check_day(day, plan)}


def _trip(plan: DayPlan, index: int, **changes: object) -> DayPlan:
    trips = list(plan.routes.trips)
    trips[index] = replace(trips[index], **changes)  # type: ignore[arg-type]
    return replace(plan, routes=replace(plan.routes, trips=tuple(trips)))


def _stop(plan: DayPlan, index: int, **changes: object) -> DayPlan:
    stops = list(plan.stops)
    stops[index] = replace(stops[index], **changes)  # type: ignore[arg-type]
    return replace(plan, stops=tuple(stops))


def _promise(plan: DayPlan, **changes: object) -> DayPlan:
    return replace(plan, promises=(replace(plan.promises[0], **changes), *plan.promises[1:]))  # type: ignore[arg-type]


def _shifted(trip: Trip, by: int) -> dict[str, object]:
    visits = tuple(replace(v, arrive_min=v.arrive_min + by, leave_min=v.leave_min + by) for v in trip.visits)
    return {"depart_min": trip.depart_min + by, "return_min": trip.return_min + by, "visits": visits}


def test_a_stop_nobody_visits_is_missing(small_day, right) -> None:
    assert "stop_missing" in _kinds(small_day, _trip(right, 0, visits=right.routes.trips[0].visits[1:]))


def test_a_stop_visited_and_left_out_occurs_twice(small_day, right) -> None:
    stop_id = right.routes.trips[0].visits[0].stop_id
    routes = replace(right.routes, unserved=(Unserved(stop_id, "no_road", "", ""),))
    assert "stop_twice" in _kinds(small_day, replace(right, routes=routes))


def test_a_stop_from_elsewhere_is_unknown(small_day, right) -> None:
    visit = replace(right.routes.trips[0].visits[0], stop_id="X")
    assert "stop_unknown" in _kinds(
        small_day, _trip(right, 0, visits=(visit, *right.routes.trips[0].visits[1:]))
    )


def test_a_trip_without_a_visit_is_found(small_day, right) -> None:
    assert "empty_trip" in _kinds(small_day, _trip(right, 0, visits=()))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"vehicle_id": "X"}, "vehicle_unknown"),
        ({"number": 9}, "trip_number"),
        ({"bags": 1}, "load"),
        ({"metres": 1}, "metres"),
        ({"cost_fen": 1}, "cost"),
        ({"return_min": 1}, "return"),
        ({"return_min": 601}, "shift"),
    ],
)
def test_a_wrong_figure_of_a_trip_is_found(small_day, right, changes: dict[str, object], kind: str) -> None:
    assert kind in _kinds(small_day, _trip(right, 0, **changes))


def test_a_departure_before_the_bags_are_packed_is_found(small_day, right) -> None:
    assert "release" in _kinds(small_day, _trip(right, 0, **_shifted(right.routes.trips[0], -5)))


def test_a_departure_before_the_shift_is_found(small_day, right) -> None:
    trip = right.routes.trips[0]
    assert "shift" in _kinds(small_day, _trip(right, 0, **_shifted(trip, -trip.depart_min)))


def test_a_departure_before_now_is_found(small_day, right) -> None:
    now = right.routes.trips[0].depart_min + 1
    assert "past" in _kinds(replace(small_day, now_min=now), right)


def test_two_trips_of_one_vehicle_at_once_are_found(small_day, right) -> None:
    first, second = (right.routes.trips[index] for index in (0, 1))
    both = _trip(
        right,
        1,
        vehicle_id=first.vehicle_id,
        number=2,
        **_shifted(second, first.depart_min - second.depart_min),
    )
    assert "trip_overlap" in _kinds(small_day, both)


def test_a_full_vehicle_is_found(small_day, right) -> None:
    vehicles = tuple(replace(vehicle, capacity_bags=13) for vehicle in small_day.vehicles)
    assert "capacity" in _kinds(replace(small_day, vehicles=vehicles), right)
    vehicles = tuple(replace(vehicle, capacity_ml=2799) for vehicle in small_day.vehicles)
    assert "capacity" in _kinds(replace(small_day, vehicles=vehicles), right)


def test_a_road_that_is_gone_is_found(small_day, right) -> None:
    villages = tuple(replace(village, has_road=False) for village in small_day.villages)
    assert "no_road" in _kinds(replace(small_day, villages=villages), right)


def test_an_arrival_faster_than_the_road_is_found(small_day, right) -> None:
    first, *others = right.routes.trips[0].visits
    hasty = replace(first, arrive_min=first.arrive_min - 1, leave_min=first.leave_min - 1)
    assert "arrive" in _kinds(small_day, _trip(right, 0, visits=(hasty, *others)))


def test_a_visit_shorter_than_its_service_is_found(small_day, right) -> None:
    first, *others = right.routes.trips[0].visits
    hasty = replace(first, leave_min=first.leave_min - 1)
    assert "leave" in _kinds(small_day, _trip(right, 0, visits=(hasty, *others)))


def test_a_wrong_sum_of_costs_is_found(small_day, right) -> None:
    assert _kinds(small_day, replace(right, routes=replace(right.routes, cost_fen=1))) == {"cost"}


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"place_id": "N9"}, "stop_place"),
        ({"bags": 1}, "stop_load"),
        ({"ready_min": 0}, "stop_ready"),
        ({"service_min": 0}, "stop_service"),
        ({"priority": 7}, "stop_priority"),
    ],
)
def test_a_stop_that_is_not_its_orders_is_found(
    small_day, right, changes: dict[str, object], kind: str
) -> None:
    assert kind in _kinds(small_day, _stop(right, 0, **changes))


def test_an_order_on_two_visits_is_found(small_day, right) -> None:
    stops: tuple[Stop, ...] = right.stops
    assert "order_twice" in _kinds(small_day, _stop(right, 1, order_ids=stops[0].order_ids))


def test_an_order_neither_promised_nor_left_out_is_found(small_day, right) -> None:
    assert _kinds(small_day, replace(right, promises=right.promises[1:])) == {
        "order_missing",
        "unserved_driven",
    }


def test_an_order_from_elsewhere_is_found(small_day, right) -> None:
    assert "order_unknown" in _kinds(small_day, _promise(right, order_id="X"))


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"arrive_min": 0}, "promise_visit"),
        ({"vehicle_id": "X"}, "promise_visit"),
        ({"trip": 9}, "promise_visit"),
        ({"from_min": 0}, "promise_window"),
        ({"to_min": 0}, "promise_window"),
        ({"ready_min": 0}, "promise_ready"),
    ],
)
def test_a_promise_that_the_trips_do_not_keep_is_found(
    small_day, right, changes: dict[str, object], kind: str
) -> None:
    assert _kinds(small_day, _promise(right, **changes)) == {kind}
