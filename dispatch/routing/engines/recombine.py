"""Puts together the best of many solutions: routes that were met are columns of a set covering problem.

Where vehicles make several trips, the columns are trips with the time they take, and no more of them may be
out at once than there are vehicles. The linear relaxation rules most columns out, CP-SAT chooses among the
rest.
"""

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ortools.linear_solver import pywraplp

from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, Solution, make_solution
from dispatch.routing.timing import cost, drive, is_valid, rank, route_cost, route_trips

_MOST_COLUMNS = 700
# Less time than this is not worth asking for.
_LEAST_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Column:
    """A route, or one trip of one.

    Attributes:
        route: what is driven.
        cost: of it.
        leave_at, back_at: when it is out; a whole route is out all day.
    """

    route: Route
    cost: int
    leave_at: int = 0
    back_at: int = 1


def recombine(
    instance: Instance,
    routes: Iterable[Route],
    best: Solution,
    *,
    ends_at: float,
    seed: int,
    effort: float | None = None,
) -> Solution:
    """The cheapest choice of routes (or trips) met, `best` where none is cheaper.

    Args:
        instance: the problem.
        routes: met in any solution; those that break a rule are passed over.
        best: serves every client.
        ends_at: of `time.monotonic`; holds always.
        seed: of the solver.
        effort: in the solver's own deterministic seconds; an answer that ends by it is repeatable.
    """
    by_trips = _may_exchange_trips(instance)
    make = _trip_columns if by_trips else _route_columns
    known = {(column.route, column.back_at) for column in make(instance, best.routes)}
    columns = make(instance, [*best.routes, *routes])
    kept = _promising(instance, columns, known, cost(instance, best), by_trips)
    model, chosen = _covering("SAT", instance, kept, by_trips, whole=True)
    if by_trips:
        _limit_trips_out(model, instance, kept, chosen)
    model.SetHint(chosen, [float((column.route, column.back_at) in known) for column in kept])
    settings = f"num_workers:1,linearization_level:2,random_seed:{seed}"
    if effort is not None:
        settings += f",max_deterministic_time:{effort}"
    model.SetSolverSpecificParametersAsString(settings)
    left = ends_at - time.monotonic()
    if left < _LEAST_SECONDS:
        return best
    model.SetTimeLimit(int(left * 1000))
    if model.Solve() not in (pywraplp.Solver.OPTIMAL, pywraplp.Solver.FEASIBLE):
        return best
    taken = [column for column, each in zip(kept, chosen, strict=True) if each.solution_value() > 0.5]
    made = _assemble(instance, taken, by_trips)
    return made if made is not None and rank(instance, made) < rank(instance, best) else best


def _covering(
    solver: str, instance: Instance, columns: Sequence[Column], by_trips: bool, *, whole: bool
) -> tuple[pywraplp.Solver, list[pywraplp.Variable]]:
    """Every client in at least one column, and no more routes than vehicles."""
    model = pywraplp.Solver.CreateSolver(solver)
    if model is None:
        raise RuntimeError(f"OR-Tools was built without {solver}")
    chosen = [model.Var(0, 1 if whole else model.infinity(), whole, "") for _ in columns]
    cover = {node: model.Constraint(1, model.infinity()) for node in instance.nodes}
    fleet = [model.Constraint(0, kind.count) for kind in instance.vehicle_types]
    objective = model.Objective()
    objective.SetMinimization()
    for column, variable in zip(columns, chosen, strict=True):
        objective.SetCoefficient(variable, column.cost)
        for node in column.route.nodes:
            cover[node].SetCoefficient(variable, 1)
        if not by_trips:
            fleet[column.route.vehicle_type].SetCoefficient(variable, 1)
    return model, chosen


def _limit_trips_out(
    model: pywraplp.Solver,
    instance: Instance,
    columns: Sequence[Column],
    chosen: Sequence[pywraplp.Variable],
) -> None:
    """At each departure no more trips of a type are out than there are vehicles of it."""
    for at, kind in enumerate(instance.vehicle_types):
        mine = [
            (column, each)
            for column, each in zip(columns, chosen, strict=True)
            if column.route.vehicle_type == at
        ]
        for moment in sorted({column.leave_at for column, _ in mine}):
            out = [each for column, each in mine if column.leave_at <= moment < column.back_at]
            if len(out) > kind.count:
                row = model.Constraint(0, kind.count)
                for each in out:
                    row.SetCoefficient(each, 1)


def _promising(
    instance: Instance,
    columns: list[Column],
    known: set[tuple[Route, int]],
    most: int,
    by_trips: bool,
) -> list[Column]:
    """The columns of least reduced cost in the linear relaxation, and those of the known solution."""
    model, variables = _covering("GLOP", instance, columns, by_trips, whole=False)
    if model.Solve() != pywraplp.Solver.OPTIMAL:
        return [column for column in columns if (column.route, column.back_at) in known]
    gap = most - model.Objective().Value()
    reduced = [variable.reduced_cost() for variable in variables]
    order = sorted(range(len(columns)), key=lambda at: (round(reduced[at], 6), at))[:_MOST_COLUMNS]
    few = {at for at in order if reduced[at] <= gap + 1e-6}
    few |= {at for at, column in enumerate(columns) if (column.route, column.back_at) in known}
    return [columns[at] for at in sorted(few)]


def _may_exchange_trips(instance: Instance) -> bool:
    """Whether nothing but time links the trips of a vehicle."""
    return instance.has_trips and all(
        kind.fixed_cost == 0
        and kind.max_distance is None
        and kind.max_trips >= min(1000, len(instance.clients))
        for kind in instance.vehicle_types
    )


def _route_columns(instance: Instance, routes: Iterable[Route]) -> list[Column]:
    """Each set of clients in its cheapest order, out all day."""
    found: dict[tuple[int, frozenset[int]], Column] = {}
    for route in routes:
        column = Column(route, route_cost(instance, route))
        key = (route.vehicle_type, frozenset(route.nodes))
        if key not in found or column.cost < found[key].cost:
            found[key] = column
    return list(found.values())


def _trip_columns(instance: Instance, routes: Iterable[Route]) -> list[Column]:
    """Each trip as it was driven, leaving as late as that return allows."""
    found: dict[tuple[int, frozenset[int], int], Column] = {}
    for route in routes:
        kind = instance.vehicle_types[route.vehicle_type]
        times = route_trips(instance, route)
        if times is None:
            continue
        for nodes, trip in zip(route.trips, times, strict=True):
            column = Column(
                Route(route.vehicle_type, (nodes,)),
                kind.unit_cost * trip.distance,
                _latest_leave(instance, nodes, trip.leave_at, trip.back_at),
                trip.back_at,
            )
            key = (route.vehicle_type, frozenset(nodes), trip.back_at)
            if key not in found or column.cost < found[key].cost:
                found[key] = column
    return list(found.values())


def _latest_leave(instance: Instance, nodes: Sequence[int], leave_at: int, back_at: int) -> int:
    """The latest departure that is back as early, by halving: who leaves later is never back earlier."""
    low, high = leave_at, back_at
    while low < high:
        middle = (low + high + 1) // 2
        back = drive(instance, nodes, middle)
        if back is not None and back <= back_at:
            low = middle
        else:
            high = middle - 1
    return low


def _assemble(instance: Instance, chosen: Sequence[Column], by_trips: bool) -> Solution | None:
    """Routes of the chosen columns, clients that several hold left in the one where that is cheapest."""
    counts = Counter(node for column in chosen for node in column.route.nodes)
    routes = [column.route for column in chosen]
    for node in [each for each, count in counts.items() if count > 1]:
        holders = [at for at, route in enumerate(routes) if node in route.nodes]
        saved = {
            at: route_cost(instance, routes[at]) - route_cost(instance, _less(routes[at], node))
            for at in holders
        }
        keep = min(holders, key=lambda at: saved[at])
        for at in holders:
            if at != keep:
                routes[at] = _less(routes[at], node)
    if by_trips:
        routes = _chain(chosen, routes)
    made = make_solution(instance, routes, "recombination")
    return made if is_valid(instance, made) else None


def _less(route: Route, node: int) -> Route:
    return Route(route.vehicle_type, tuple(tuple(n for n in trip if n != node) for trip in route.trips))


def _chain(chosen: Sequence[Column], routes: Sequence[Route]) -> list[Route]:
    """Trips as days of vehicles: each goes to a vehicle that is back, the one back last."""
    days: list[tuple[int, int, list[tuple[int, ...]]]] = []
    for at in sorted(range(len(chosen)), key=lambda at: chosen[at].leave_at):
        column, route = chosen[at], routes[at]
        free = [
            day
            for day in range(len(days))
            if days[day][0] == route.vehicle_type and days[day][1] <= column.leave_at
        ]
        if free:
            day = max(free, key=lambda each: days[each][1])
            days[day] = (route.vehicle_type, column.back_at, [*days[day][2], *route.trips])
        else:
            days.append((route.vehicle_type, column.back_at, list(route.trips)))
    return [Route(kind, tuple(trips)) for kind, _, trips in days]
