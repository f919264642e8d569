"""How a day stands after something has happened."""

import re
from dataclasses import replace

import pytest

from dispatch.events import (
    BagsScrapped,
    CrewChanged,
    Event,
    LateOrders,
    PotDown,
    RoadClosed,
    Standing,
    VehicleOut,
    standing,
)
from dispatch.plan_types import DayPlan, Trip
from dispatch.problem import Crew, Day, Order
from dispatch.travel import great_circle_travel


def _stands(day: Day, so_far: DayPlan, now_min: int, *events: Event) -> Standing:
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    return standing(day, so_far, events, now_min=now_min, travel=travel)


def _first_trip(plan: DayPlan) -> Trip:
    return min(plan.routes.trips, key=lambda trip: trip.depart_min)


def _orders(plan: DayPlan, trip: Trip, first: int = 0) -> list[str]:
    stops = {stop.id: stop for stop in plan.stops}
    return [order_id for visit in trip.visits[first:] for order_id in stops[visit.stop_id].order_ids]


def test_before_anything_has_left_nothing_is_over(small_day: Day, small_plan: DayPlan) -> None:
    stands = _stands(small_day, small_plan, 0)
    assert (stands.delivered, stands.on_road, stands.stranded, stands.returning, stands.gone) == (
        (),
        (),
        (),
        (),
        (),
    )
    assert stands.day == small_day


def test_a_trip_under_way_has_delivered_what_lies_behind_it(small_day: Day, small_plan: DayPlan) -> None:
    trip = _first_trip(small_plan)
    stands = _stands(small_day, small_plan, trip.visits[0].arrive_min)
    assert list(stands.delivered) == _orders(small_plan, trip)[: len(stands.delivered)]
    assert [*stands.delivered, *stands.on_road] == _orders(small_plan, trip)
    assert stands.gone == ((trip.vehicle_id, trip.number),)


def test_a_trip_that_is_being_loaded_leaves_as_planned(small_day: Day, small_plan: DayPlan) -> None:
    trip = _first_trip(small_plan)
    stands = _stands(small_day, small_plan, trip.depart_min - small_day.loading_min + 1)
    assert stands.gone == ((trip.vehicle_id, trip.number),)
    assert list(stands.on_road) == _orders(small_plan, trip)


def test_a_vehicle_that_breaks_down_strands_what_it_has_not_handed_over(
    small_day: Day, small_plan: DayPlan
) -> None:
    trip = _first_trip(small_plan)
    at_min = trip.depart_min + 1
    stands = _stands(small_day, small_plan, at_min + 2, VehicleOut(trip.vehicle_id, at_min))
    assert [each.order_id for each in stands.stranded] == _orders(small_plan, trip)
    assert {(each.place_id, each.since_min, each.vehicle_id) for each in stands.stranded} == {
        (small_day.centre.id, at_min, trip.vehicle_id)
    }
    assert trip.vehicle_id not in {vehicle.id for vehicle in stands.day.vehicles}


def test_a_courier_who_is_ill_before_the_trip_strands_nothing(small_day: Day, small_plan: DayPlan) -> None:
    trip = _first_trip(small_plan)
    stands = _stands(small_day, small_plan, trip.depart_min - 1, VehicleOut(trip.vehicle_id, 0))
    assert (stands.stranded, stands.gone) == ((), ())
    assert {order.id for order in stands.day.orders} == {order.id for order in small_day.orders}


def test_a_vehicle_that_will_be_out_later_works_until_then(small_day: Day, small_plan: DayPlan) -> None:
    stands = _stands(small_day, small_plan, 10, VehicleOut("V0", 200))
    assert [(each.id, each.shift_end_min) for each in stands.day.vehicles] == [("V0", 200), ("V1", 600)]


def test_bags_for_a_village_that_is_cut_off_come_back_with_their_vehicle(
    small_day: Day, small_plan: DayPlan
) -> None:
    trip = _first_trip(small_plan)
    last = next(stop for stop in small_plan.stops if stop.id == trip.visits[-1].stop_id)
    stands = _stands(small_day, small_plan, trip.depart_min + 1, RoadClosed((last.place_id,)))
    assert set(last.order_ids) <= set(stands.returning)
    ready = {order.id: order.ready_min for order in stands.day.orders}
    assert {ready[each] for each in stands.returning} == {trip.return_min}
    assert not stands.travel.connected(stands.travel.index()[last.place_id])


def test_a_closed_road_between_two_places_holds_only_for_them(small_day: Day, small_plan: DayPlan) -> None:
    stands = _stands(small_day, small_plan, 0, RoadClosed(pairs=(("N0", "N1"),)))
    rows = stands.travel.index()
    closed = {(a, b) for a in rows for b in rows if stands.travel.minutes[rows[a], rows[b]] < 0}
    assert closed == {("N0", "N1"), ("N1", "N0")}


def test_scrapped_bags_are_a_new_job_even_from_the_road(
    small_day: Day, small_plan: DayPlan, make_job
) -> None:
    trip = _first_trip(small_plan)
    order_id = _orders(small_plan, trip)[-1]
    stands = _stands(small_day, small_plan, trip.depart_min + 1, BagsScrapped(order_id, make_job(90)))
    again = next(order for order in stands.day.orders if order.id == order_id)
    assert (again.job, again.ready_min) == (make_job(90), None)
    assert order_id not in stands.on_road


def test_what_was_cooked_in_a_pot_that_fails_is_not_lost(small_day: Day, small_plan: DayPlan) -> None:
    job = min(small_plan.schedule.jobs, key=lambda each: each.cook_end_min)
    order = next(order for order in small_day.orders if order.job is not None and order.job.id == job.job_id)
    after = _stands(small_day, small_plan, job.cook_end_min, PotDown(job.pot_id))
    assert next(each.ready_min for each in after.day.orders if each.id == order.id) == job.pack_end_min


def test_late_orders_and_another_crew_are_in_the_rest_of_the_day(small_day: Day, small_plan: DayPlan) -> None:
    late = Order("late", "N0", 2, 400, ready_min=0)
    stands = _stands(small_day, small_plan, 0, LateOrders((late,)), CrewChanged(Crew(2, 2, 2)))
    assert stands.day == replace(small_day, orders=(*small_day.orders, late), crew=Crew(2, 2, 2))


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (PotDown("P77"), "pot down: pot_id 'P77' is none of the day's"),
        (RoadClosed(("N77",)), "road closed: village 'N77' is none of the day's"),
        (RoadClosed(("C",)), "road closed: village 'C' is none of the day's"),
        (RoadClosed(pairs=(("C", "N77"),)), "road closed: place 'N77' is none of the day's"),
        (VehicleOut("V77", 3), "vehicle out: vehicle_id 'V77' is none of the day's"),
    ],
)
def test_an_event_about_nothing_is_refused(
    small_day: Day, small_plan: DayPlan, event: Event, words: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        _stands(small_day, small_plan, 0, event)


def test_bags_handed_over_already_cannot_be_scrapped(small_day: Day, small_plan: DayPlan, make_job) -> None:
    trip = _first_trip(small_plan)
    order_id = _orders(small_plan, trip)[0]
    with pytest.raises(ValueError, match="has been handed over already"):
        _stands(small_day, small_plan, trip.return_min + 1, BagsScrapped(order_id, make_job(90)))


def test_a_scrapped_order_needs_a_job_of_another_id(small_day: Day, small_plan: DayPlan, make_job) -> None:
    with pytest.raises(ValueError, match="job 'J1' is in the plan already"):
        _stands(small_day, small_plan, 0, BagsScrapped("O1", make_job(1)))
