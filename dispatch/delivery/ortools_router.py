"""The OR-Tools router: guided local search from tours that are valid already, repaired afterwards.

A vehicle that may make k trips is k virtual vehicles in a chain: trip n leaves after trip n - 1 is back and
loaded again. Release times ride in a dimension with zero transit: its value is one number for a whole trip,
not below the release of any stop on it, and the trip's departure is not below that number.

The library sees capacities, kinds of vehicles, windows, boxes, shifts, and what kilometres, vehicles, waiting
and strange villages cost. It does not see breaks, due times and uneven work.
"""

import time
from dataclasses import dataclass
from itertools import pairwise

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatch.delivery.repair import repaired
from dispatch.delivery.router import Improved, Tell
from dispatch.delivery.tours import FAR_MIN, Doors, RouteProblem, Tours

# Costs are counted in sixtieths of a fen, so that a minute of an hourly price is a whole number.
_PARTS = 60


@dataclass(frozen=True, slots=True)
class OrtoolsRouter:
    """Improves tours with OR-Tools' routing library.

    Attributes:
        name: how the engine is called in plans.
    """

    name: str = "ortools"

    def improve(
        self,
        problem: RouteProblem,
        start: Tours,
        *,
        seconds: float,
        seed: int,
        rounds: int | None = None,
        on_progress: Tell | None = None,
    ) -> Improved:
        """Tours cheaper than `start`, or `start`; see Router.

        `rounds` counts accepted solutions. The library gives no sign before it ends.
        """
        if not problem.stops or not problem.vehicles:
            return Improved(start, self.name)
        ends_at = time.perf_counter() + seconds
        model = _Model(problem)
        model.routing.solver().ReSeed(seed)
        parameters = pywrapcp.DefaultRoutingSearchParameters()
        metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.local_search_metaheuristic = metaheuristic
        if rounds is None:
            # The model of a large day takes seconds to build.
            left = ends_at - time.perf_counter()
            parameters.time_limit.FromMilliseconds(max(1, int(left * 1000)))
        else:
            parameters.solution_limit = rounds
        model.routing.CloseModelWithParameters(parameters)
        first = model.routing.ReadAssignmentFromRoutes(model.routes(start), True)
        found = None if first is None else model.routing.SolveFromAssignmentWithParameters(first, parameters)
        if on_progress is not None:
            on_progress(1.0)
        if found is None:
            return Improved(start, self.name)
        tours = repaired(problem, model.tours(found))
        return Improved(tours if problem.is_cheaper(tours, start) else start, self.name)


class _Model:
    """The routing model of one problem; virtual vehicle -> (vehicle, trip) in `rounds`."""

    def __init__(self, problem: RouteProblem) -> None:
        self.problem = problem
        self.rounds = [
            (vehicle, trip)
            for vehicle in range(len(problem.vehicles))
            for trip in range(problem.trips_left(vehicle))
        ]
        self.manager = pywrapcp.RoutingIndexManager(len(problem.stops) + 1, len(self.rounds), 0)
        self.routing = pywrapcp.RoutingModel(self.manager)
        self._costs()
        self._loads()
        self._times()
        for stop in range(len(problem.stops)):
            penalty = problem.missed[stop] * _PARTS
            self.routing.AddDisjunction([self.manager.NodeToIndex(stop + 1)], penalty)

    def routes(self, tours: Tours) -> list[list[int]]:
        """Tours as lists of nodes for each virtual vehicle."""
        return [
            [stop + 1 for stop in tours[vehicle][trip]] if trip < len(tours[vehicle]) else []
            for vehicle, trip in self.rounds
        ]

    def tours(self, solution: pywrapcp.Assignment) -> Tours:
        """A solution as tours, empty trips left out."""
        tours: Tours = [[] for _ in self.problem.vehicles]
        for virtual, (vehicle, _) in enumerate(self.rounds):
            index = solution.Value(self.routing.NextVar(self.routing.Start(virtual)))
            trip: list[int] = []
            while not self.routing.IsEnd(index):
                trip.append(self.manager.IndexToNode(index) - 1)
                index = solution.Value(self.routing.NextVar(index))
            if trip:
                tours[vehicle].append(trip)
        return tours

    def _costs(self) -> None:
        problem = self.problem
        evaluators: dict[tuple[int, str, tuple[str, ...]], int] = {}
        for virtual, (vehicle, trip) in enumerate(self.rounds):
            one = problem.vehicles[vehicle]
            alike = (one.km_cost_fen, one.kind, one.familiar)
            if alike not in evaluators:
                strange = [0, *(fen * _PARTS for fen in problem.strange[vehicle])]
                matrix = [
                    [metres * one.km_cost_fen * _PARTS // 1000 + strange[to] for to, metres in enumerate(row)]
                    for row in problem.metres[vehicle]
                ]
                evaluators[alike] = self.routing.RegisterTransitMatrix(matrix)
            self.routing.SetArcCostEvaluatorOfVehicle(evaluators[alike], virtual)
            if trip == 0:
                self.routing.SetFixedCostOfVehicle(one.fixed_cost_fen * _PARTS, virtual)

    def _loads(self) -> None:
        stops, vehicles = self.problem.stops, self.problem.vehicles
        bags = self.routing.RegisterUnaryTransitVector([0, *(stop.bags for stop in stops)])
        limits = [vehicles[vehicle].capacity_bags for vehicle, _ in self.rounds]
        self.routing.AddDimensionWithVehicleCapacity(bags, 0, limits, True, "bags")
        volumes = [0, *(stop.volume_ml for stop in stops)]
        limits = [_volume(vehicles[vehicle].capacity_ml, sum(volumes)) for vehicle, _ in self.rounds]
        volume = self.routing.RegisterUnaryTransitVector(volumes)
        self.routing.AddDimensionWithVehicleCapacity(volume, 0, limits, True, "volume")

    def _times(self) -> None:
        problem, routing = self.problem, self.routing
        latest = max(vehicle.shift_end_min for vehicle in problem.vehicles)
        by_speed: dict[tuple[float, str], int] = {}
        for vehicle, one in enumerate(problem.vehicles):
            if (one.speed_factor, one.kind) not in by_speed:
                matrix = _with_service(problem, vehicle)
                by_speed[one.speed_factor, one.kind] = routing.RegisterTransitMatrix(matrix)
        fleet = [problem.vehicles[vehicle] for vehicle, _ in self.rounds]
        drives = [by_speed[one.speed_factor, one.kind] for one in fleet]
        waits = latest if any(doors is not None for doors in problem.doors) else 0
        routing.AddDimensionWithVehicleTransits(drives, waits, latest, False, "time")
        routing.AddConstantDimension(0, latest, False, "leave")
        time, leave = routing.GetDimensionOrDie("time"), routing.GetDimensionOrDie("leave")
        self._stop_times(time, leave)
        solver = routing.solver()
        for virtual, (vehicle, trip) in enumerate(self.rounds):
            start, end = time.CumulVar(routing.Start(virtual)), time.CumulVar(routing.End(virtual))
            shift_end = problem.vehicles[vehicle].shift_end_min
            start.SetRange(problem.first_departure(vehicle), shift_end)
            end.SetRange(problem.first_departure(vehicle), shift_end)
            solver.Add(start >= leave.CumulVar(routing.Start(virtual)))
            if trip:
                used = routing.ActiveVehicleVar(virtual)
                before = time.CumulVar(routing.End(virtual - 1))
                solver.Add(start >= before + used * problem.loading_min)
                # The fixed cost hangs on the first trip, so no trip is driven before it.
                solver.Add(used <= routing.ActiveVehicleVar(virtual - 1))
            routing.AddVariableMinimizedByFinalizer(leave.CumulVar(routing.Start(virtual)))
            routing.AddVariableMinimizedByFinalizer(start)

    def _stop_times(self, time: pywrapcp.RoutingDimension, leave: pywrapcp.RoutingDimension) -> None:
        for stop, one in enumerate(self.problem.stops):
            index = self.manager.NodeToIndex(stop + 1)
            leave.CumulVar(index).SetMin(max(0, one.ready_min + self.problem.loading_min))
            _open(time.CumulVar(index), self.problem.doors[stop])
            price = self.problem.prices.wait_fen_per_hour * _PARTS // 60 * one.priority
            if price:
                time.SetCumulVarSoftUpperBound(index, max(0, one.ready_min), price)


def _open(begin: pywrapcp.IntVar, doors: Doors) -> None:
    if doors is None:
        return
    begin.SetRange(max(0, doors[0][0]), max(0, doors[-1][1]))
    for (_, last), (first, _) in pairwise(doors):
        begin.RemoveInterval(last + 1, first - 1)


def _volume(capacity_ml: int | None, everything_ml: int) -> int:
    return everything_ml if capacity_ml is None else capacity_ml


def _with_service(problem: RouteProblem, vehicle: int) -> list[list[int]]:
    service = [0, *(stop.service_min for stop in problem.stops)]
    return [
        [min(FAR_MIN, minutes + spent) for minutes in row]
        for spent, row in zip(service, problem.minutes[vehicle], strict=True)
    ]
