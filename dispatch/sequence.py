"""A day planned one after the other: decoction first, then delivery with the packing times it gives."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import groupby

from dispatch.decoction import schedule
from dispatch.delivery import Router, follow, route
from dispatch.leftovers import serve_leftovers
from dispatch.plan_types import DayPlan, Routes, Stop
from dispatch.problem import Day
from dispatch.progress import Progress, watched
from dispatch.stops import make_stop, make_stops, ready_times
from dispatch.told import day_plan
from dispatch.travel import Travel, great_circle_travel

# Decoction is the scarcer resource of a county's day; routing needs less time to come close to its best.
_DECOCT_SHARE = 0.55
_FIRST_ROUTE_SHARE = 0.6


def plan_in_sequence(
    day: Day,
    *,
    seconds: float = 30.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    travel: Travel | None = None,
    router: Router | None = None,
    on_progress: Progress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> DayPlan:
    """Plan a day in sequence: the pots by the jobs' own due times, then the trips by what the pots give.

    Args:
        day: the problem; orders with `ready_min` are packed already and are only routed.
        seconds: time limit of both searches together.
        seed: of both searches.
        threads: of both searches.
        repeatable: limit work instead of time, so that the same day gives the same plan.
        travel: matrices; great circle times winding from the day's coordinates by default.
        router: one routing engine instead of the standard ones.
        on_progress: told a fraction 0..1 and the stage, "decoct", "route" or "done".
        cancelled: asked now and then whether the search is called off.

    Returns:
        The plan; its bound and relaxations are not looked for.

    Raises:
        ValueError: `seconds` not above 0; a village without a row in `travel`.
        Cancelled: it was called off.
    """
    began = time.perf_counter()
    tell = watched(on_progress, cancelled)
    tell(0.0, "decoct")
    problem = day.decoction()
    made = schedule(
        problem.jobs,
        problem.pots,
        problem.crew,
        horizon_min=problem.horizon_min,
        grid_min=problem.grid_min,
        now_min=problem.now_min,
        start_clock_min=problem.start_clock_min,
        seconds=seconds * _DECOCT_SHARE,
        seed=seed,
        threads=threads,
        repeatable=repeatable,
        on_progress=lambda fraction: tell(fraction * _DECOCT_SHARE, "decoct"),
    )
    tell(_DECOCT_SHARE, "route")
    left = seconds * (1 - _DECOCT_SHARE) if repeatable else seconds - (time.perf_counter() - began)
    roads = travel or great_circle_travel(day.centre, day.villages, day.travel)
    search = partial(
        route,
        vehicles=day.vehicles,
        travel=roads,
        loading_min=day.loading_min,
        now_min=day.now_min,
        start_clock_min=day.start_clock_min,
        prices=day.prices,
        seed=seed,
        threads=threads,
        repeatable=repeatable,
        router=router,
    )
    ready = ready_times(day, made)
    # A little time for the trips even where the pots took it all.
    stops, routes = _drive(day, ready, roads, search, seconds=max(0.2, left), tell=tell)
    tell(1.0, "done")
    planned = day_plan(day, made, stops, routes, seconds=time.perf_counter() - began, made_by="sequence")
    return serve_leftovers(day, planned, roads)


def _drive(
    day: Day,
    ready: Mapping[str, int],
    roads: Travel,
    search: Callable[..., Routes],
    *,
    seconds: float,
    tell: Progress,
) -> tuple[tuple[Stop, ...], Routes]:
    """Route, join visits, and route again: joined visits save time, for a stop that was left out, say."""

    def report(fraction: float) -> None:
        tell(_DECOCT_SHARE + (1 - _DECOCT_SHARE) * fraction, "route")

    share = _FIRST_ROUTE_SHARE
    stops = make_stops(day, ready)
    first = search(stops, seconds=seconds * share, on_progress=lambda f: report(share * f))
    stops, first = _join_visits(day, stops, first, roads, ready)
    again = search(
        stops,
        seconds=seconds * (1 - share),
        start=first,
        on_progress=lambda f: report(share + (1 - share) * f),
    )
    return _join_visits(day, stops, again, roads, ready)


def _join_visits(
    day: Day, stops: tuple[Stop, ...], routes: Routes, roads: Travel, ready: Mapping[str, int]
) -> tuple[tuple[Stop, ...], Routes]:
    """Stops of one place that follow each other on a trip become one stop: the courier stands there once."""
    by_id = {stop.id: stop for stop in stops}
    orders = {order.id: order for order in day.orders}
    joined: dict[str, Stop] = {}
    sequences: list[list[str]] = []
    for trip in routes.trips:
        runs = groupby((by_id[visit.stop_id] for visit in trip.visits), key=lambda stop: stop.place_id)
        sequences.append([])
        for _, run in runs:
            together = list(run)
            inside = [orders[order_id] for stop in together for order_id in stop.order_ids]
            inside.sort(key=lambda order: order.id)
            joined[together[0].id] = make_stop(day, together[0].id, inside, ready)
            sequences[-1].append(together[0].id)
    visited = tuple(joined.values())
    left_out = {each.id for each in routes.unserved}
    missed = tuple(stop for stop in stops if stop.id in left_out)
    moved = follow(
        routes,
        visited,
        day.vehicles,
        roads,
        sequences,
        loading_min=day.loading_min,
        now_min=day.now_min,
        prices=day.prices,
        left_out=missed,
    )
    return (*visited, *missed), moved
