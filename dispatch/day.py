"""The plan of a whole day: decoction first, then delivery with the packing times it gives."""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby

from dispatch.decoction import schedule
from dispatch.delivery import Router, follow, route
from dispatch.plan_types import DayPlan, Promise, Routes, Schedule, Stop, Unserved
from dispatch.problem import Day, Order
from dispatch.reasons import unserved
from dispatch.travel import Travel, great_circle_travel

Progress = Callable[[float, str], None]

# Decoction is the scarcer resource of a county's day; routing needs less time to come close to its best.
_DECOCT_SHARE = 0.55
_FIRST_ROUTE_SHARE = 0.6


def plan(
    day: Day,
    *,
    seconds: float = 30.0,
    seed: int = 0,
    threads: int = 2,
    repeatable: bool = False,
    travel: Travel | None = None,
    router: Router | None = None,
    on_progress: Progress | None = None,
) -> DayPlan:
    """Plan a day: every order gets a pot, a trip and a promised window, or a reason why not.

    Args:
        day: the problem; orders with `ready_min` are packed already and are only routed.
        seconds: time limit of both searches together.
        seed: of both searches.
        threads: of the schedule's search.
        repeatable: limit work instead of time, so that the same day gives the same plan.
        travel: matrices; great circle times winding from the day's coordinates by default.
        router: one routing engine instead of the standard ones.
        on_progress: told a fraction 0..1 and the stage, "decoct", "route" or "done".

    Raises:
        ValueError: `seconds` not above 0; a village without a row in `travel`.
    """
    began = time.perf_counter()
    tell = on_progress or (lambda _fraction, _stage: None)
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
    ready = ready_times(day, made)
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
    stops, routes = _drive(day, ready, roads, search, seconds=max(0.2, left), tell=tell)
    tell(1.0, "done")
    return DayPlan(
        schedule=made,
        stops=stops,
        routes=routes,
        promises=_promises(day, stops, routes, ready),
        unserved=_unserved(day, made, stops, routes),
        seconds=time.perf_counter() - began,
    )


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


def ready_times(day: Day, made: Schedule) -> dict[str, int]:
    """When the bags of every order are packed, for the orders that will be."""
    packed = {each.job_id: each.pack_end_min for each in made.jobs}
    ready: dict[str, int] = {}
    for order in day.orders:
        if order.ready_min is not None:
            ready[order.id] = order.ready_min
        elif order.job is not None and order.job.id in packed:
            ready[order.id] = packed[order.job.id]
    return ready


def make_stops(day: Day, ready: Mapping[str, int]) -> tuple[Stop, ...]:
    """Gather the orders into stops: one for each village and wave, more where no vehicle holds them together.

    Args:
        day: villages, waves, vehicles.
        ready: packing end of each order; orders without one are left out.
    """
    groups: dict[tuple[str, int], list[Order]] = defaultdict(list)
    for order in day.orders:
        if order.id in ready:
            groups[order.village_id, _wave(day, ready[order.id])].append(order)
    bags = max((vehicle.capacity_bags for vehicle in day.vehicles), default=0)
    volumes = [vehicle.capacity_ml for vehicle in day.vehicles]
    volume = None if None in volumes else max((each for each in volumes if each is not None), default=0)
    stops: list[Stop] = []
    for (village, wave), orders in groups.items():
        for number, part in enumerate(_parts(orders, bags, volume)):
            stops.append(_stop(day, f"{village}/{wave + 1}/{number + 1}", part, ready))
    return tuple(stops)


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
            joined[together[0].id] = _stop(day, together[0].id, inside, ready)
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


def _wave(day: Day, ready_min: int) -> int:
    """Index of the first wave the bags can still be loaded for; after the last one, one more."""
    loaded = ready_min + day.loading_min
    return sum(wave < loaded for wave in day.waves_min)


def _parts(orders: Sequence[Order], bags: int, volume_ml: int | None) -> list[list[Order]]:
    """First fit: an order joins the first part that still fits one vehicle."""
    parts: list[list[Order]] = []
    for order in sorted(orders, key=lambda each: (-each.bags, each.id)):
        for part in parts:
            fits = sum(each.bags for each in [*part, order]) <= bags
            if fits and (volume_ml is None or sum(each.volume_ml for each in [*part, order]) <= volume_ml):
                part.append(order)
                break
        else:
            parts.append([order])
    return parts


def _stop(day: Day, stop_id: str, orders: Sequence[Order], ready: Mapping[str, int]) -> Stop:
    village = next(each for each in day.villages if each.id == orders[0].village_id)
    limits = [(order, day.longest_box_of(order)) for order in orders]
    return Stop(
        id=stop_id,
        place_id=village.id,
        order_ids=tuple(order.id for order in orders),
        bags=sum(order.bags for order in orders),
        volume_ml=sum(order.volume_ml for order in orders),
        ready_min=max(ready[order.id] for order in orders) + day.buffer_min,
        service_min=day.service_min + day.service_order_min * len(orders),
        priority=max(day.priority_of(order) for order in orders),
        windows=village.windows,
        kinds=village.kinds,
        latest_min=min((ready[order.id] + box for order, box in limits if box is not None), default=None),
        due_min=min((order.due_min for order in orders if order.due_min is not None), default=None),
    )


def _promises(
    day: Day, stops: Iterable[Stop], routes: Routes, ready: Mapping[str, int]
) -> tuple[Promise, ...]:
    by_id = {stop.id: stop for stop in stops}
    return tuple(
        Promise(
            order_id=order_id,
            village_id=by_id[visit.stop_id].place_id,
            vehicle_id=trip.vehicle_id,
            trip=trip.number,
            ready_min=ready[order_id],
            arrive_min=visit.arrive_min,
            from_min=visit.arrive_min - day.promise_early_min,
            to_min=visit.arrive_min + day.promise_late_min,
        )
        for trip in routes.trips
        for visit in trip.visits
        for order_id in by_id[visit.stop_id].order_ids
    )


def _unserved(day: Day, made: Schedule, stops: Iterable[Stop], routes: Routes) -> tuple[Unserved, ...]:
    """The reasons of jobs and stops, told of the orders they belong to, in the order of the day."""
    names = {village.id: village.name for village in day.villages}
    by_job = {each.id: each for each in made.unscheduled}
    by_stop = {each.id: each for each in routes.unserved}
    reasons: dict[str, Unserved] = {}
    for order in day.orders:
        if order.job is not None and order.job.id in by_job:
            reasons[order.id] = replace(by_job[order.job.id], id=order.id)
    for stop in stops:
        reason = by_stop.get(stop.id)
        if reason is None:
            continue
        for order_id in stop.order_ids:
            reasons[order_id] = replace(reason, id=order_id)
            if reason.code == "no_road":
                reasons[order_id] = unserved(order_id, "no_road", place=names[stop.place_id])
    return tuple(reasons[order.id] for order in day.orders if order.id in reasons)
