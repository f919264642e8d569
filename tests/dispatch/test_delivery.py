"""Trips: every set of them passes the independent checker, and what cannot be brought is named."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_routes
from dispatch.county import VEHICLE_KINDS, Break, Prices, Vehicle
from dispatch.delivery import Router, follow, route
from dispatch.delivery.insertion import insertion_tours
from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.pyvrp_router import PyvrpRouter
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem
from dispatch.plan_types import Routes, Stop
from dispatch.travel import UNREACHABLE, Travel

PRICES = Prices(wait_fen_per_hour=100, late_fen_per_hour=600, strange_stop_fen=50, uneven_fen=20)
ENGINES = [RuinRouter(), OrtoolsRouter(), PyvrpRouter()]


def _travel(points: list[tuple[int, int]], lost: frozenset[int] = frozenset()) -> Travel:
    """Places on a plane, 1 km and 1 min a unit; the centre lies at the origin."""
    xy = np.array([(0, 0), *points], dtype=float)
    line = np.sqrt(((xy[:, None] - xy[None, :]) ** 2).sum(axis=2))
    metres, minutes = np.rint(line * 1000).astype(np.int64), np.ceil(line).astype(np.int64)
    for row in lost:
        for matrix in (metres, minutes):
            matrix[row, :] = matrix[:, row] = UNREACHABLE
    return Travel(("C", *(f"N{row + 1}" for row in range(len(points)))), metres, minutes)


def _stop(place: int, bags: int = 10, ready_min: int = 100, **changes: object) -> Stop:
    stop = Stop(f"S{place}", f"N{place}", (f"O{place}",), bags, bags * 200, ready_min, 5)
    return dataclasses.replace(stop, **changes)  # type: ignore[arg-type]


def _vehicle(**changes: object) -> Vehicle:
    return dataclasses.replace(Vehicle("V1", "车", 50, 60, 400, 100, 1000), **changes)  # type: ignore[arg-type]


WINDOWS = st.sampled_from([(), (), ((120, 200),), ((100, 130), (300, 400)), ((0, 600),)])
BREAKS = st.sampled_from(
    [
        (),
        (Break(120, 180, 30),),
        (Break(90, 100, 15), Break(150, 300, 45)),
        (Break(0, 30, 20), Break(250, 250, 30)),
    ]
)


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[Stop], list[Vehicle], Travel, int, int]:
    points = draw(st.lists(st.tuples(st.integers(-40, 40), st.integers(-40, 40)), max_size=10))
    lost = draw(st.frozensets(st.integers(1, max(1, len(points))), max_size=1)) if points else frozenset()
    stops = [
        _stop(
            place,
            bags=draw(st.integers(1, 60)),
            ready_min=draw(st.integers(-20, 300)),
            priority=draw(st.integers(1, 3)),
            windows=draw(WINDOWS),
            kinds=draw(st.sampled_from([VEHICLE_KINDS, ("van",), ("motorbike", "foot"), ()])),
            latest_min=draw(st.none() | st.integers(50, 500)),
            due_min=draw(st.none() | st.integers(0, 500)),
        )
        for place in range(1, len(points) + 1)
    ]
    vehicles = [
        _vehicle(
            id=f"V{number}",
            capacity_bags=draw(st.integers(20, 80)),
            capacity_ml=draw(st.none() | st.integers(4000, 12_000)),
            shift_start_min=draw(st.integers(0, 200)),
            shift_end_min=draw(st.integers(200, 600)),
            speed_factor=draw(st.sampled_from([0.7, 1.0, 1.3])),
            km_cost_fen=draw(st.integers(0, 300)),
            trips_done=draw(st.integers(0, 1)),
            kind=draw(st.sampled_from(["van", "van", "motorbike"])),
            breaks=draw(BREAKS),
            familiar=draw(st.sampled_from([(), ("N1", "N2")])),
        )
        for number in range(draw(st.integers(0, 3)))
    ]
    return stops, vehicles, _travel(points, lost), draw(st.integers(0, 15)), draw(st.integers(0, 150))


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
@settings(max_examples=40, deadline=None)
@given(delivery=deliveries())
def test_the_trips_of_any_problem_pass_the_checker(engine: Router, delivery) -> None:
    stops, vehicles, travel, loading_min, now_min = delivery
    made = route(
        stops,
        vehicles,
        travel,
        loading_min=loading_min,
        now_min=now_min,
        prices=PRICES,
        seconds=0.03,
        router=engine,
    )
    timing = {"loading_min": loading_min, "now_min": now_min}
    assert check_routes(stops, vehicles, travel, made, prices=PRICES, **timing) == []
    _nobody_is_lost(stops, made)


def _nobody_is_lost(stops: list[Stop], made: Routes) -> None:
    visited = [visit.stop_id for trip in made.trips for visit in trip.visits]
    assert sorted([*visited, *(each.id for each in made.unserved)]) == sorted(stop.id for stop in stops)
    assert all(each.zh and each.en for each in made.unserved)


@settings(max_examples=60, deadline=None)
@given(delivery=deliveries())
def test_the_quick_cost_is_the_cost(delivery) -> None:
    stops, vehicles, travel, loading_min, now_min = delivery
    reachable = [stop for stop in stops if travel.connected(travel.index()[stop.place_id])]
    problem = RouteProblem(tuple(reachable), tuple(vehicles), travel, loading_min, now_min, PRICES)
    for vehicle, trips in enumerate(insertion_tours(problem)):
        table = problem.timetable(vehicle, trips)
        assert table is not None
        assert problem.quick_cost(vehicle, trips) == pytest.approx(
            problem.vehicle_cost(vehicle, trips, table)
        )


def _why(stops: list[Stop], vehicles: list[Vehicle], travel: Travel, **options: int) -> list[str]:
    made = route(stops, vehicles, travel, seconds=0.05, **options)  # type: ignore[arg-type]
    assert check_routes(stops, vehicles, travel, made, **options) == []
    return [each.code for each in made.unserved]


def test_each_hopeless_stop_is_named_with_its_reason() -> None:
    near = _travel([(10, 0), (0, 10)])
    assert _why([_stop(1)], [], near) == ["no_vehicles"]
    assert _why([_stop(1)], [_vehicle()], _travel([(10, 0)], frozenset({1}))) == ["no_road"]
    assert _why([_stop(1, bags=51)], [_vehicle()], near) == ["too_large_for_vehicles"]
    assert _why([_stop(1)], [_vehicle(capacity_ml=1999)], near) == ["too_large_for_vehicles"]
    assert _why([_stop(1, ready_min=376)], [_vehicle()], near) == ["ready_too_late"]
    assert _why([_stop(1, ready_min=375)], [_vehicle()], near) == []
    assert _why([_stop(1)], [_vehicle()], near, now_min=401) == ["no_vehicles"]
    both = [_stop(1, bags=50), _stop(2, bags=50)]
    assert _why(both, [_vehicle(max_trips=1)], near) == ["no_capacity_left"]
    assert _why(both, [_vehicle(max_trips=2)], near) == []


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_a_vehicle_comes_back_for_the_bags_that_are_ready_late(engine: Router) -> None:
    stops = [_stop(1, bags=50, ready_min=100), _stop(2, bags=50, ready_min=200)]
    made = route(stops, [_vehicle()], _travel([(10, 0), (0, 10)]), loading_min=10, seconds=0.2, router=engine)
    assert [(trip.number, trip.depart_min, trip.return_min) for trip in made.trips] == [
        (1, 110, 135),
        (2, 210, 235),
    ]
    # Two trips of 20 km at 100 fen, and the vehicle's use paid once.
    assert made.cost_fen == 2 * 2000 + 1000


def test_the_second_trip_waits_for_the_vehicle_and_its_loading() -> None:
    stops = [_stop(1, bags=50, ready_min=0), _stop(2, bags=50, ready_min=0)]
    made = route(stops, [_vehicle()], _travel([(10, 0), (0, 10)]), loading_min=10, seconds=0.1)
    assert [(trip.depart_min, trip.return_min) for trip in made.trips] == [(70, 95), (105, 130)]


def _costs(made: Routes) -> tuple[int, int]:
    return len(made.unserved), made.cost_fen


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_an_engine_shortens_what_insertion_makes(engine: Router) -> None:
    rng = np.random.default_rng(5)
    points = [(int(x), int(y)) for x, y in rng.integers(-30, 31, (40, 2))]
    stops = [_stop(place, bags=2) for place in range(1, 41)]
    vehicles = [_vehicle(shift_end_min=2000)]
    travel = _travel(points)
    problem = RouteProblem(tuple(stops), tuple(vehicles), travel, 0, 0, Prices())
    start = insertion_tours(problem)
    better = engine.improve(problem, start, seconds=0.5, seed=1).tours
    cost, before = problem.cost(better), problem.cost(start)
    assert cost is not None
    assert before is not None
    assert cost < before
    made = route(stops, vehicles, travel, seconds=1.0, router=engine)
    assert (made.engine, made.unserved) == (engine.name, ())


def test_urgent_stops_are_kept_when_not_all_can_be_served() -> None:
    stops = [_stop(1, bags=50), _stop(2, bags=50, priority=5)]
    made = route(stops, [_vehicle(max_trips=1)], _travel([(1, 0), (0, 30)]), seconds=0.1)
    assert [each.id for each in made.unserved] == ["S1"]


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_repeatable_routes_repeat(engine: Router) -> None:
    points = [(7 * n % 31 - 15, 11 * n % 29 - 14) for n in range(1, 16)]
    stops = [_stop(place, ready_min=60 + 10 * place) for place in range(1, 16)]
    options = {"seconds": 0.5, "seed": 3, "repeatable": True, "router": engine}
    first, second = (
        route(stops, [_vehicle(id="A"), _vehicle(id="B")], _travel(points), **options) for _ in range(2)
    )
    assert first.trips == second.trips


def test_nothing_to_bring_is_no_trip() -> None:
    made = route([], [_vehicle()], _travel([]), seconds=0.05)
    assert (made.trips, made.unserved, made.cost_fen) == ((), (), 0)


def test_a_place_outside_the_matrix_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^stop S2: place 'N2' has no row in the travel matrix$"):
        route([_stop(2)], [_vehicle()], _travel([(1, 1)]))


def test_a_search_begins_from_the_trips_it_is_given() -> None:
    points = [(7 * n % 61 - 30, 11 * n % 59 - 29) for n in range(1, 31)]
    stops = [_stop(place, bags=2) for place in range(1, 31)]
    vehicles, travel = [_vehicle(shift_end_min=2000)], _travel(points)
    good = route(stops, vehicles, travel, seconds=1.0, seed=1)
    again = route(stops, vehicles, travel, seconds=0.05, seed=2, start=good)
    assert again.cost_fen <= good.cost_fen
    assert check_routes(stops, vehicles, travel, again) == []


def test_trips_follow_over_changed_stops() -> None:
    stops = [_stop(1, ready_min=100), _stop(2, ready_min=100)]
    vehicles, travel = [_vehicle()], _travel([(10, 0), (10, 10)])
    made = route(stops, vehicles, travel, seconds=0.1)
    slower = [dataclasses.replace(stop, service_min=15, ready_min=120) for stop in stops]
    order = [[visit.stop_id for visit in trip.visits] for trip in made.trips]
    moved = follow(made, slower, vehicles, travel, order)
    assert check_routes(slower, vehicles, travel, moved) == []
    assert [(trip.depart_min, trip.return_min) for trip in made.trips] == [(100, 145)]
    assert [(trip.depart_min, trip.return_min) for trip in moved.trips] == [(120, 185)]


def test_a_reason_tells_the_time_by_the_clock() -> None:
    near = _travel([(10, 0)])
    stop = _stop(1, ready_min=376)
    made = route([stop], [_vehicle()], near, start_clock_min=360, seconds=0.1)
    assert [(left.zh, left.en) for left in made.unserved] == [
        (
            "12:16 才包装好，任何班次都来不及往返",
            "packed at 12:16, too late for any shift to go there and back",
        )
    ]
