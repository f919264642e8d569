"""No plan costs less than the bound: every plan of tiny days, and plans of small ones."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.bounds import cost_bound_fen, tour_bound
from dispatch.county import Centre, Vehicle, Village
from dispatch.day import plan
from dispatch.delivery.results import to_routes
from dispatch.delivery.tours import UNSERVED_FEN, RouteProblem
from dispatch.plan_types import Stop
from dispatch.problem import Crew, Day, Job, Order
from dispatch.sample import synthetic_day
from dispatch.stops import make_stop
from dispatch.travel import UNREACHABLE, Matrices, Travel, great_circle_travel

whole = st.integers


@st.composite
def tiny_days(draw: st.DrawFn) -> tuple[Day, Travel]:
    """Up to four packed orders, up to three villages, two vehicles; roads that obey nothing."""
    places = draw(whole(1, 3))
    orders = tuple(
        Order(
            f"R{number}",
            f"N{draw(whole(0, places - 1))}",
            bags=draw(whole(1, 6)),
            volume_ml=100,
            ready_min=draw(whole(0, 90)),
            priority=draw(st.sampled_from((1, 1, 4))),
            due_min=draw(st.none() | whole(30, 200)),
        )
        for number in range(draw(whole(1, 4)))
    )
    vehicles = tuple(
        Vehicle(
            f"V{number}",
            f"V{number}",
            capacity_bags=draw(whole(3, 14)),
            shift_start_min=draw(whole(0, 60)),
            shift_end_min=draw(whole(150, 500)),
            km_cost_fen=draw(whole(0, 150)),
            fixed_cost_fen=draw(st.sampled_from((0, 3000, 8000))),
            max_trips=draw(whole(1, 2)),
            kind=draw(st.sampled_from(("van", "motorbike"))),
            familiar=draw(st.sampled_from(((), ("N0",)))),
        )
        for number in range(2)
    )
    day = Day(
        orders=orders,
        pots=(),
        crew=Crew(0, 0, 0),
        vehicles=vehicles,
        villages=tuple(
            Village(
                f"N{n}", f"N{n}", 113.0, 29.0, kinds=draw(st.sampled_from((("van", "motorbike"), ("van",))))
            )
            for n in range(places)
        ),
        centre=Centre("C", "C", 113.0, 29.0),
        horizon_min=600,
        loading_min=draw(whole(0, 10)),
        uneven_fen=draw(whole(0, 200)),
        wait_fen_per_hour=draw(whole(0, 500)),
        strange_stop_fen=draw(whole(0, 300)),
    )
    ids = ("C", *(village.id for village in day.villages))
    van, bike = (_matrices(draw, len(ids)) for _ in range(2))
    return day, Travel(ids, van.metres, van.minutes, by_kind={"motorbike": bike})


def _matrices(draw: st.DrawFn, size: int) -> Matrices:
    cells = size * size
    metres = np.array(draw(st.lists(whole(0, 20_000), min_size=cells, max_size=cells))).reshape(size, size)
    minutes = np.array(draw(st.lists(whole(0, 60), min_size=cells, max_size=cells))).reshape(size, size)
    lost = np.array(draw(st.lists(st.sampled_from((False,) * 9 + (True,)), min_size=cells, max_size=cells)))
    lost = lost.reshape(size, size) & ~np.eye(size, dtype=bool)
    for matrix in (metres, minutes):
        np.fill_diagonal(matrix, 0)
        matrix[lost] = UNREACHABLE
    return Matrices(metres, minutes)


def _groupings(orders: Sequence[Order]) -> Iterator[list[list[Order]]]:
    """Every way to make stops of orders: each partition whose parts stay in one village."""
    if not orders:
        yield []
        return
    first, *rest = orders
    for groups in _groupings(rest):
        yield [[first], *groups]
        for at, group in enumerate(groups):
            if group[0].village_id == first.village_id:
                yield [*groups[:at], [first, *group], *groups[at + 1 :]]


def _tours(stops: int, room: Sequence[int]) -> Iterator[list[list[list[int]]]]:
    """Every way to visit some of the stops: each vehicle at most `room` trips."""
    bins = sum(room)
    for chosen in itertools.product(range(bins + 1), repeat=stops):
        for sequence in itertools.permutations(range(stops)):
            trips: list[list[int]] = [[] for _ in range(bins)]
            for stop in sequence:
                if chosen[stop] < bins:
                    trips[chosen[stop]].append(stop)
            # Each content once: a stop's place in the permutation matters only within its trip.
            if [stop for trip in trips for stop in trip] == [s for s in sequence if chosen[s] < bins]:
                cut = list(itertools.accumulate(room, initial=0))
                yield [[trip for trip in trips[a:b] if trip] for a, b in itertools.pairwise(cut)]


def _cheapest(day: Day, travel: Travel) -> int:
    """The least total of all plans, by counting every one with the plans' own arithmetic."""
    ready = {order.id: order.ready_min or 0 for order in day.orders}
    best = sum(UNSERVED_FEN * day.priority_of(order) for order in day.orders)
    for groups in _groupings(day.orders):
        stops: tuple[Stop, ...] = tuple(
            make_stop(day, f"S{at}", group, ready) for at, group in enumerate(groups)
        )
        problem = RouteProblem(stops, day.vehicles, travel, day.loading_min, day.now_min, day.prices)
        for tours in _tours(len(stops), [vehicle.max_trips for vehicle in day.vehicles]):
            if problem.cost(tours) is None:
                continue
            visited = {stop for trips in tours for trip in trips for stop in trip}
            served = [stop for at, stop in enumerate(stops) if at in visited]
            left_out = {order.id for order in day.orders} - {each for s in served for each in s.order_ids}
            fen = sum(UNSERVED_FEN * day.priority_of(order) for order in day.orders if order.id in left_out)
            routes = to_routes(problem, tours, (), missed=(), engine="", seconds=0.0)
            best = min(best, fen + routes.parts.total_fen)
    return best


@given(tiny_days())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_no_plan_of_a_tiny_day_costs_less(tiny: tuple[Day, Travel]) -> None:
    day, travel = tiny
    cheapest = _cheapest(day, travel)
    assert cost_bound_fen(day, travel) <= cheapest
    with pytest.MonkeyPatch.context() as patch:
        # As for a day of very many villages, whose ways are not all shortest paths.
        patch.setattr("dispatch.bounds._MOST_CLOSED", 1)
        assert cost_bound_fen(day, travel) <= cheapest


def test_one_village_and_one_van_are_bounded_to_the_fen() -> None:
    day = Day(
        orders=(Order("R", "N", 1, 100, ready_min=100),),
        pots=(),
        crew=Crew(0, 0, 0),
        vehicles=(Vehicle("V", "V", 10, 0, 600, km_cost_fen=100, fixed_cost_fen=5000),),
        villages=(Village("N", "N", 113.0, 29.0),),
        centre=Centre("C", "C", 113.0, 29.1),
        horizon_min=600,
        uneven_fen=0,
    )
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    # Half a fen for each of the four rounded parts and the one trip may be lost, no more.
    assert 0 <= _cheapest(day, travel) - cost_bound_fen(day, travel) <= 3


@pytest.mark.parametrize("seed", range(3))
def test_a_plan_with_pots_costs_no_less(seed: int) -> None:
    day = synthetic_day(seed=seed, orders=12, villages=8, pots=6, vehicles=2)
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    made = plan(day, seconds=0.5, seed=seed, repeatable=True, travel=travel)
    bound = cost_bound_fen(day, travel)
    assert 0.3 * made.routes.parts.total_fen < bound <= made.routes.parts.total_fen


def test_what_nobody_can_serve_is_paid_by_every_plan() -> None:
    day = synthetic_day(seed=1, orders=6, villages=4, pots=6, vehicles=2)
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    large = replace(day.orders[0], bags=601, priority=2)
    toxic = Job("T", 50_000, 0, 30, 5, 60, 5, 10, 600, taint="toxic")
    heavy = replace(day.orders[1], job=toxic, fragile=True)
    spoilt = replace(day, orders=(large, heavy, *day.orders[2:]))
    fen = cost_bound_fen(spoilt, travel) - cost_bound_fen(replace(day, orders=day.orders[2:]), travel)
    assert fen == UNSERVED_FEN * (2 + day.fragile_factor)


def test_a_day_without_orders_costs_nothing() -> None:
    day = synthetic_day(seed=1, orders=0, villages=3)
    assert cost_bound_fen(day, great_circle_travel(day.centre, day.villages, day.travel)) == 0


@pytest.mark.parametrize("seed", range(20))
def test_the_tree_is_no_longer_than_the_shortest_trips(seed: int) -> None:
    rng = np.random.default_rng(seed)
    size, trips = 6, 1 + seed % 3
    points = rng.uniform(0, 100, (size, 2))
    ways = np.sqrt(((points[:, None] - points[None, :]) ** 2).sum(axis=-1))
    found = tour_bound(ways, trips)
    best = min(
        sum(
            ways[0, part[0]] + ways[part[-1], 0] + sum(ways[a, b] for a, b in itertools.pairwise(part))
            for part in parts
        )
        for sequence in itertools.permutations(range(1, size))
        for cuts in itertools.combinations(range(1, size - 1), trips - 1)
        for parts in [[sequence[a:b] for a, b in itertools.pairwise((0, *cuts, size - 1))]]
    )
    assert 0.8 * best < found <= best + 1e-6
