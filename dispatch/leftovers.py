"""Orders that a plan leaves out together with others, tried again one by one."""

from collections.abc import Sequence
from dataclasses import replace

from dispatch.delivery.rejecting import rejections
from dispatch.delivery.results import to_routes
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.inserting import insertions, sequences
from dispatch.plan_types import DayPlan, Stop, Unserved
from dispatch.problem import Day
from dispatch.reasons import unserved
from dispatch.stops import make_stop, ready_times
from dispatch.told import day_plan
from dispatch.travel import Travel


def serve_leftovers(day: Day, plan: DayPlan, travel: Travel) -> DayPlan:
    """The plan with every order served that fits into its trips or on a trip of its own.

    Each goes where it costs least. A stop that is left out may hold several orders of a village: together
    they are ready late and need much room. What does not fit alone either is left out with its own reason.

    Args:
        day: the problem.
        plan: of the day; pots, and the sequences of its trips, stay as they are.
        travel: the matrices the plan was made with.
    """
    ready = ready_times(day, plan.schedule)
    lost = {each.id for each in plan.unserved}
    orders = [order for order in day.orders if order.id in lost and order.id in ready]
    if not orders:
        return plan
    visited = {visit.stop_id for trip in plan.routes.trips for visit in trip.visits}
    stops = [stop for stop in plan.stops if stop.id in visited]
    tours = sequences(day, plan, stops)
    taken = {stop.id for stop in stops}
    alone = [make_stop(day, _name(order.id, taken), [order], ready) for order in orders]
    problem = RouteProblem((*stops, *alone), day.vehicles, travel, day.loading_min, day.now_min, day.prices)
    hurry = sorted(range(len(alone)), key=lambda at: (-alone[at].priority, alone[at].ready_min, at))
    for at in hurry:
        _insert(problem, tours, len(stops) + at)
    driven = {stop for trips in tours for trip in trips for stop in trip}
    missed = tuple(stop for at, stop in enumerate(alone, start=len(stops)) if at not in driven)
    routes = to_routes(
        problem,
        tours,
        _reasons(problem, missed, day.start_clock_min),
        missed=missed,
        engine=plan.routes.engine,
        seconds=plan.routes.seconds,
    )
    kept = (*(problem.stops[at] for at in sorted(driven)), *missed)
    made = day_plan(day, plan.schedule, kept, routes, seconds=plan.seconds, made_by=plan.made_by)
    return replace(made, lower_bound_fen=plan.lower_bound_fen)


def _name(order_id: str, taken: set[str]) -> str:
    """The id of a stop of one order; order ids are unique among themselves."""
    return order_id if order_id not in taken else f"{order_id} alone"


def _insert(problem: RouteProblem, tours: Tours, stop: int) -> None:
    """Put a stop where it costs least; nowhere where no rule allows it."""
    best: tuple[float, int, list[list[int]]] | None = None
    for vehicle, trips in enumerate(tours):
        before = problem.quick_cost(vehicle, trips)
        for changed, trip in insertions(trips, stop):
            if len(changed) > problem.trips_left(vehicle) or not problem.holds(vehicle, trip):
                continue
            more = problem.quick_cost(vehicle, changed) - before
            if more < (float("inf") if best is None else best[0]):
                best = (more, vehicle, changed)
    if best is not None:
        tours[best[1]] = best[2]


def _reasons(problem: RouteProblem, missed: Sequence[Stop], start_clock_min: int) -> list[Unserved]:
    usable = tuple(
        vehicle
        for vehicle in problem.vehicles
        if vehicle.trips_done < vehicle.max_trips
        and problem.begin(vehicle) + problem.loading_min <= vehicle.shift_end_min
    )
    why = rejections(replace(problem, stops=tuple(missed), vehicles=usable), start_clock_min=start_clock_min)
    return [why.get(at) or unserved(stop.id, "no_capacity_left") for at, stop in enumerate(missed)]
