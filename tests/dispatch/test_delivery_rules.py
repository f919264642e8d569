"""Windows, breaks, boxes, kinds of vehicle, prices: each rule alone, on days one can follow by hand."""

import dataclasses
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_routes
from dispatch.county import Break, Prices, Vehicle
from dispatch.delivery import route
from dispatch.delivery.auto import AutoRouter
from dispatch.delivery.insertion import insertion_tours
from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.pyvrp_router import PyvrpRouter
from dispatch.delivery.repair import repaired
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem
from dispatch.plan_types import Rest, Routes, Stop, Visit
from dispatch.travel import UNREACHABLE, Matrices, Travel

ENGINES = [AutoRouter(), OrtoolsRouter(), PyvrpRouter(), RuinRouter()]


def _line(*minutes: int) -> Travel:
    """Places on one road out of the centre, 1 km a minute."""
    at = np.array([0, *minutes])
    apart = np.abs(at[:, None] - at[None, :]).astype(np.int64)
    return Travel(("C", *(f"N{place}" for place in range(1, len(minutes) + 1))), apart * 1000, apart)


def _stop(place: int, ready_min: int = 100, **changes: object) -> Stop:
    stop = Stop(f"S{place}", f"N{place}", (f"O{place}",), 10, 2000, ready_min, 5)
    return dataclasses.replace(stop, **changes)  # type: ignore[arg-type]


def _vehicle(**changes: object) -> Vehicle:
    return dataclasses.replace(Vehicle("V1", "车", 50, 60, 400, 100, 1000), **changes)  # type: ignore[arg-type]


def _routed(stops: list[Stop], vehicles: list[Vehicle], travel: Travel, **options: object) -> Routes:
    made = route(stops, vehicles, travel, seconds=0.05, **options)  # type: ignore[arg-type]
    known = {name: options[name] for name in ("loading_min", "now_min", "prices") if name in options}
    assert check_routes(stops, vehicles, travel, made, **known) == []  # type: ignore[arg-type]
    return made


def _why(stops: list[Stop], vehicles: list[Vehicle], travel: Travel, **options: object) -> list[str]:
    return [each.code for each in _routed(stops, vehicles, travel, **options).unserved]


def test_a_trip_leaves_so_late_that_it_does_not_wait_at_its_first_door() -> None:
    made = _routed([_stop(1, windows=((200, 220),))], [_vehicle()], _line(10))
    assert [(trip.depart_min, trip.visits, trip.return_min) for trip in made.trips] == [
        (190, (Visit("S1", 200, 205, 0),), 215)
    ]


def test_a_vehicle_that_comes_early_waits() -> None:
    stops = [_stop(1, latest_min=115), _stop(2, windows=((0, 110), (150, 160)))]
    made = _routed(stops, [_vehicle(max_trips=1)], _line(10, 20))
    assert made.trips[0].visits == (Visit("S1", 110, 115, 0), Visit("S2", 125, 155, 25))


def test_bags_are_handed_over_before_they_have_been_in_the_box_too_long() -> None:
    travel = _line(30, 31)
    early, late = _stop(1, ready_min=60, latest_min=100), _stop(2, ready_min=200)
    made = _routed([early, late], [_vehicle(fixed_cost_fen=0)], travel)
    assert [[visit.stop_id for visit in trip.visits] for trip in made.trips] == [["S1"], ["S2"]]
    assert [[visit.arrive_min for visit in trip.visits] for trip in made.trips] == [[90], [231]]


def test_only_the_kinds_a_road_lets_through_come() -> None:
    van, bike = _vehicle(), _vehicle(id="M1", kind="motorbike", km_cost_fen=900)
    made = _routed([_stop(1, kinds=("motorbike", "foot"))], [van, bike], _line(10))
    assert [trip.vehicle_id for trip in made.trips] == ["M1"]


def test_each_kind_drives_its_own_roads() -> None:
    travel = _line(10)
    slow = np.where(travel.minutes > 0, travel.minutes * 6, 0)
    travel = dataclasses.replace(travel, by_kind={"foot": Matrices(travel.metres, slow)})
    made = _routed([_stop(1)], [_vehicle(kind="foot")], travel)
    assert [(trip.depart_min, trip.return_min) for trip in made.trips] == [(100, 225)]


@pytest.mark.parametrize(
    ("rest", "visits", "returns", "taken"),
    [
        # While the bags are not packed yet.
        (Break(60, 90, 30), (Visit("S1", 140, 145), Visit("S2", 185, 190)), 270, (60, 90)),
        # At the centre, after the last trip.
        (Break(200, 300, 30), (Visit("S1", 140, 145), Visit("S2", 185, 190)), 270, (270, 300)),
        # On arrival, since the service would be too long to wait for.
        (Break(140, 143, 30), (Visit("S1", 140, 175, 30), Visit("S2", 215, 220)), 300, (140, 170)),
        # On the way.
        (Break(150, 160, 30), (Visit("S1", 140, 145), Visit("S2", 215, 220)), 300, (150, 180)),
    ],
)
def test_a_break_is_taken_where_it_costs_least(
    rest: Break, visits: tuple[Visit, ...], returns: int, taken: tuple[int, int]
) -> None:
    prices = Prices(wait_fen_per_hour=60)
    fleet = [_vehicle(breaks=(rest,), max_trips=1)]
    made = _routed([_stop(1), _stop(2)], fleet, _line(40, 80), prices=prices)
    assert [(trip.visits, trip.return_min) for trip in made.trips] == [(visits, returns)]
    assert made.rests == (Rest("V1", *taken),)


def test_a_break_is_taken_before_a_door_that_is_still_closed() -> None:
    stops = [_stop(1, latest_min=110), _stop(2, windows=((160, 170),))]
    made = _routed(stops, [_vehicle(breaks=(Break(100, 300, 30),), max_trips=1)], _line(10, 20))
    assert (made.trips[0].visits[1], made.rests) == (Visit("S2", 125, 165, 35), (Rest("V1", 125, 155),))


def test_breaks_outside_the_shift_or_of_a_vehicle_that_stays_are_not_taken() -> None:
    away = (Break(0, 50, 30), Break(401, 500, 30))
    idle = _vehicle(id="V2", breaks=(Break(100, 300, 30),), fixed_cost_fen=9000)
    assert _routed([_stop(1)], [_vehicle(breaks=away), idle], _line(10)).rests == ()


def test_a_courier_keeps_to_familiar_villages() -> None:
    travel = _line(10, 12)
    fleet = [_vehicle(id="A", familiar=("N1",)), _vehicle(id="B", familiar=("N2",))]
    stops = [_stop(1), _stop(2)]
    dear = _routed(stops, fleet, travel, prices=Prices(strange_stop_fen=9000))
    assert [(trip.vehicle_id, [v.stop_id for v in trip.visits]) for trip in dear.trips] == [
        ("A", ["S1"]),
        ("B", ["S2"]),
    ]
    cheap = _routed(stops, fleet, travel, prices=Prices(strange_stop_fen=10))
    assert (len(cheap.trips), cheap.parts.strange_fen) == (1, 10)


def test_uneven_work_is_shared_where_it_costs_more_than_a_vehicle() -> None:
    travel = dataclasses.replace(_line(60, 60), metres=np.zeros((3, 3), dtype=np.int64))
    stops, fleet = (
        [_stop(1, ready_min=60, bags=50), _stop(2, ready_min=60, bags=50)],
        [_vehicle(), _vehicle(id="V2")],
    )
    alone = _routed(stops, fleet, travel, prices=Prices(uneven_fen=10))
    # 250 minutes in use, and a thousand for the vehicle.
    assert (len({trip.vehicle_id for trip in alone.trips}), alone.parts.uneven_fen) == (1, 174)
    shared = _routed(stops, fleet, travel, prices=Prices(uneven_fen=200))
    # Twice 125 minutes.
    assert (len({trip.vehicle_id for trip in shared.trips}), shared.parts.uneven_fen) == (2, 1736)


def test_every_part_of_the_cost_is_told() -> None:
    stop = _stop(1, ready_min=100, due_min=101, priority=2)
    prices = Prices(60, 600, 70, 36)
    made = _routed([stop], [_vehicle(familiar=("N9",))], _line(10), prices=prices, loading_min=5)
    # Loaded 100-105, there at 115, back at 130.
    parts = made.parts
    assert (parts.drive_fen, parts.vehicles_fen, parts.waiting_fen) == (2000, 1000, 30)
    assert (parts.late_fen, parts.strange_fen, parts.uneven_fen, parts.unserved_fen) == (280, 70, 9, 0)
    assert (parts.total_fen, made.cost_fen) == (3389, 3000)


def test_what_is_left_out_weighs_its_orders() -> None:
    stop = _stop(1, bags=51, priority=2, order_ids=("O1", "O2", "O3"))
    assert _routed([stop], [_vehicle()], _line(10)).parts.unserved_fen == 60_000_000


def test_each_rule_that_keeps_a_stop_away_is_named() -> None:
    near = _line(10)
    assert _why([_stop(1, kinds=("foot",))], [_vehicle()], near) == ["no_vehicle_of_kind"]
    assert _why([_stop(1, latest_min=109)], [_vehicle()], near) == ["too_long_in_box"]
    assert _why([_stop(1, latest_min=110)], [_vehicle()], near) == []
    assert _why([_stop(1, windows=((0, 109),))], [_vehicle()], near) == ["closed_when_reached"]
    assert _why([_stop(1, windows=((390, 395),))], [_vehicle()], near) == ["closed_when_reached"]
    tired = _vehicle(shift_end_min=130, breaks=(Break(100, 110, 30),))
    assert _why([_stop(1)], [tired], near) == ["breaks_in_the_way"]
    assert _why([_stop(1)], [dataclasses.replace(tired, shift_end_min=155)], near) == []


def test_a_place_no_vehicle_of_today_has_a_road_to_is_named() -> None:
    travel = _line(10)
    lost = np.array([[0, UNREACHABLE], [UNREACHABLE, 0]])
    travel = dataclasses.replace(travel, by_kind={"motorbike": Matrices(lost, lost)})
    assert _why([_stop(1)], [_vehicle(kind="motorbike")], travel) == ["no_vehicle_of_kind"]
    everywhere = Travel(travel.place_ids, lost, lost)
    assert _why([_stop(1)], [_vehicle()], everywhere) == ["no_road"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"seconds": float("nan")}, r"^seconds must be above 0, got nan$"),
        ({"seconds": 0}, r"^seconds must be above 0, got 0$"),
        ({"threads": 0}, r"^threads must be at least 1, got 0$"),
    ],
)
def test_limits_that_are_none_are_refused(options: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        route([_stop(1)], [_vehicle()], _line(10), **options)  # type: ignore[arg-type]


def _ruled_county(stops: int) -> tuple[list[Stop], list[Vehicle], Travel]:
    rng = random.Random(4)
    travel = _line(*(rng.randrange(5, 60) for _ in range(stops)))
    windows = [(), (), ((150, 260),), ((0, 180), (300, 420))]
    made = [
        _stop(
            place,
            ready_min=rng.randrange(60, 200),
            windows=rng.choice(windows),
            latest_min=rng.choice((None, 350)),
            due_min=rng.choice((None, 220)),
            kinds=rng.choice((("van", "motorbike", "foot"), ("motorbike",))),
        )
        for place in range(1, stops + 1)
    ]
    rest = (Break(200, 260, 30),)
    fleet = [_vehicle(id=f"V{n}", capacity_bags=90, shift_end_min=600, breaks=rest) for n in range(2)]
    fleet += [_vehicle(id=f"M{n}", kind="motorbike", shift_end_min=600, breaks=rest) for n in range(4)]
    return made, fleet, travel


@pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.name)
def test_every_engine_keeps_every_rule(engine) -> None:
    stops, fleet, travel = _ruled_county(30)
    prices = Prices(100, 600, 50, 20)
    made = route(stops, fleet, travel, prices=prices, seconds=0.4, router=engine, loading_min=5)
    assert check_routes(stops, fleet, travel, made, prices=prices, loading_min=5) == []
    assert made.unserved == ()


def test_two_processes_keep_the_better_and_say_who_made_it() -> None:
    stops, fleet, travel = _ruled_county(30)
    told: list[float] = []
    made = route(stops, fleet, travel, seconds=3.2, threads=2, on_progress=told.append)
    assert check_routes(stops, fleet, travel, made) == []
    alone = route(stops, fleet, travel, seconds=0.05, router=RuinRouter())
    assert made.parts.total_fen <= alone.parts.total_fen
    assert set(made.engine.split("+")) <= {"ortools", "pyvrp", "ruin-recreate"}
    assert told == sorted(told)


def test_repeatable_routes_repeat_with_all_engines() -> None:
    stops, fleet, travel = _ruled_county(25)
    first, second = (
        route(stops, fleet, travel, seconds=0.3, seed=2, repeatable=True, threads=2) for _ in range(2)
    )
    assert (first.trips, first.engine) == (second.trips, second.engine)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_the_quick_cost_of_any_tours_is_the_cost(seed: int) -> None:
    rng = random.Random(seed)
    stops, fleet, travel = _ruled_county(12)
    problem = RouteProblem(tuple(stops), tuple(fleet), travel, 5, 0, Prices(100, 600, 50, 20))
    order = rng.sample(range(12), rng.randrange(1, 12))
    cut = rng.randrange(len(order)) + 1
    trips = [trip for trip in (order[:cut], order[cut:]) if trip]
    for vehicle in range(len(fleet)):
        table = problem.timetable(vehicle, trips)
        cost = float("inf") if table is None else problem.vehicle_cost(vehicle, trips, table)
        assert problem.quick_cost(vehicle, trips) == pytest.approx(cost)


def test_tours_that_break_rules_are_repaired() -> None:
    stops, fleet, travel = _ruled_county(12)
    problem = RouteProblem(tuple(stops), tuple(fleet), travel, 5, 0, Prices())
    heap = [[list(range(12))], *([] for _ in fleet[1:])]
    assert problem.cost(heap) is None
    mended = repaired(problem, heap)
    assert problem.cost(mended) is not None
    assert sorted(stop for trips in mended for trip in trips for stop in trip) == list(range(12))


def test_a_stop_that_is_packed_later_is_told_to_the_problem() -> None:
    problem = RouteProblem((_stop(1),), (_vehicle(),), _line(10), 0, 0, Prices(wait_fen_per_hour=60))
    assert insertion_tours(problem) == [[[0]]]
    before = problem.quick_cost(0, [[0]])
    problem.set_ready(0, 150, 159)
    assert problem.timetable(0, [[0]]) is None
    problem.set_ready(0, 150, 160)
    table = problem.timetable(0, [[0]])
    assert table is not None
    assert table.trips[0].begin == (160,)
    assert problem.quick_cost(0, [[0]]) == before
