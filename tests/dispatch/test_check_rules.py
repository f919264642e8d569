"""The checker finds every kind of mistake about windows, boxes, kinds of vehicle, breaks and cost parts."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from dispatch.check import check_routes
from dispatch.county import Break, Prices, Vehicle
from dispatch.delivery import route
from dispatch.plan_types import Rest, Routes, Stop, Visit
from dispatch.travel import Matrices, Travel

AT = np.array([0, 10, 20])
APART = np.abs(AT[:, None] - AT[None, :]).astype(np.int64)
TRAVEL = Travel(("C", "N1", "N2"), APART * 1000, APART)
STOPS = (
    Stop("S1", "N1", ("O1",), 10, 2000, 100, 5, latest_min=115),
    Stop("S2", "N2", ("O2",), 10, 2000, 100, 5, windows=((160, 170),), due_min=120),
)
VEHICLES = (
    Vehicle("V1", "车", 50, 60, 400, 100, 1000, breaks=(Break(120, 160, 30),), familiar=("N1",), max_trips=1),
    Vehicle("V2", "车", 50, 60, 400, 100, 9000, breaks=(Break(120, 160, 30),)),
)
PRICES = Prices(60, 600, 70, 36)


def _kinds(
    routes: Routes, stops: tuple[Stop, ...] = STOPS, travel: Travel = TRAVEL, **options: int
) -> set[str]:
    found = check_routes(stops, VEHICLES, travel, routes, loading_min=5, prices=PRICES, **options)
    return {each.kind for each in found}


@pytest.fixture(scope="module")
def right() -> Routes:
    """One trip to both stops, with a rest before the door of the second."""
    made = route(STOPS, VEHICLES, TRAVEL, loading_min=5, prices=PRICES, seconds=0.05)
    assert _kinds(made) == set()
    assert made.trips[0].visits == (Visit("S1", 115, 120), Visit("S2", 130, 165, 30))
    assert made.rests == (Rest("V1", 130, 160),)
    return made


def _visited(routes: Routes, number: int, **changes: int) -> Routes:
    trip = routes.trips[0]
    visits = list(trip.visits)
    visits[number] = replace(visits[number], **changes)
    return replace(routes, trips=(replace(trip, visits=tuple(visits)), *routes.trips[1:]))


def _with_rests(routes: Routes, *rests: Rest) -> Routes:
    return replace(routes, rests=rests)


WRONG: list[tuple[str, Callable[[Routes], Routes]]] = [
    ("window", lambda right: _visited(right, 1, wait_min=41, leave_min=176)),
    ("window", lambda right: _visited(right, 1, wait_min=29, leave_min=164)),
    ("box", lambda right: _visited(right, 0, wait_min=1, leave_min=121)),
    ("wait", lambda right: _visited(right, 0, wait_min=-1, leave_min=119)),
    ("leave", lambda right: _visited(right, 1, wait_min=31)),
    ("rests", lambda right: _with_rests(right)),
    ("rests", lambda right: _with_rests(right, *right.rests, Rest("V1", 200, 230))),
    ("rests", lambda right: _with_rests(right, *right.rests, Rest("V2", 130, 160))),
    ("rests", lambda right: _with_rests(right, *right.rests, Rest("X", 130, 160))),
    ("break", lambda right: _with_rests(right, Rest("V1", 119, 149))),
    ("break", lambda right: _with_rests(right, Rest("V1", 161, 191))),
    ("break", lambda right: _with_rests(right, Rest("V1", 130, 159))),
    ("rest_overlap", lambda right: _with_rests(right, Rest("V1", 131, 161))),
    # On the way, which then takes longer.
    ("arrive", lambda right: _with_rests(right, Rest("V1", 125, 155))),
    ("return", lambda right: _with_rests(right, Rest("V1", 158, 188))),
]


@pytest.mark.parametrize(("kind", "spoil"), WRONG)
def test_a_broken_rule_is_found(right: Routes, kind: str, spoil: Callable[[Routes], Routes]) -> None:
    assert kind in _kinds(spoil(right))


def test_a_rest_while_loading_is_found(right: Routes) -> None:
    early = _with_rests(right, Rest("V1", 99, 129))
    assert "rest_overlap" in _kinds(early)


def test_a_vehicle_where_its_kind_may_not_go_is_found(right: Routes) -> None:
    stops = (replace(STOPS[0], kinds=("foot", "motorbike")), STOPS[1])
    assert _kinds(right, stops) == {"kind"}


def test_the_roads_of_another_kind_are_not_taken(right: Routes) -> None:
    vans = replace(TRAVEL, by_kind={"van": Matrices(APART * 1000, APART * 2)})
    assert _kinds(right, travel=vans) == {"arrive", "return"}


@pytest.mark.parametrize(
    "part",
    ["drive_fen", "vehicles_fen", "waiting_fen", "late_fen", "strange_fen", "uneven_fen", "unserved_fen"],
)
def test_a_wrong_part_of_the_cost_is_found(right: Routes, part: str) -> None:
    parts = replace(right.parts, **{part: getattr(right.parts, part) + 1})
    assert _kinds(replace(right, parts=parts)) == {"parts"}


def test_each_part_of_the_cost_is_there(right: Routes) -> None:
    parts = right.parts
    assert min(parts.drive_fen, parts.vehicles_fen, parts.waiting_fen, parts.late_fen) > 0
    assert min(parts.strange_fen, parts.uneven_fen) > 0


def test_what_orders_left_out_weigh_may_be_more_than_their_stops(right: Routes) -> None:
    dearer = replace(right, parts=replace(right.parts, unserved_fen=10_000_000))
    assert _kinds(dearer) == {"parts"}
    assert _kinds(dearer, unserved_fen=10_000_000) == set()
