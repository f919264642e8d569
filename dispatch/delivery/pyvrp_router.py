"""The PyVRP router: iterated local search over trips with release times, repaired afterwards.

PyVRP sees capacities, kinds of vehicles, windows, boxes, shifts, reloads, release times, and what kilometres,
vehicles and strange villages cost. Breaks shorten its shifts; it does not see what waiting, lateness and
uneven work cost.
"""

import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import OPERATORS, LocalSearch, PerturbationManager, compute_neighbours
from pyvrp.stop import StoppingCriterion

from dispatch.delivery.repair import repaired
from dispatch.delivery.router import Improved, Tell
from dispatch.delivery.tours import FAR_MIN, RouteProblem, Tours, alike_vehicles

# Costs are counted in tenths of a fen: whole numbers, and a hundred metres at 90 fen/km are not rounded away.
_PARTS = 10
_FAR_COST = 10**9
# Iterations that a slow core does in a hundredth of a second.
_ITERATIONS_A_ROUND = 4
_ITERATIONS_A_REPORT = 100


@dataclass(frozen=True, slots=True)
class PyvrpRouter:
    """Improves tours with PyVRP.

    Attributes:
        name: how the engine is called in plans.
    """

    name: str = "pyvrp"

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
        """Tours cheaper than `start`, or `start`; see Router."""
        if not problem.stops or not problem.vehicles:
            return Improved(start, self.name)
        began, done = time.perf_counter(), 0
        most = rounds * _ITERATIONS_A_ROUND if rounds else None

        def is_over(best_cost: int) -> bool:
            nonlocal done
            gone = done / most if most else (time.perf_counter() - began) / seconds
            if on_progress is not None and done % _ITERATIONS_A_REPORT == 0:
                on_progress(min(1.0, gone))
            done += 1
            return gone >= 1

        model = _Model(problem, start)
        tours = repaired(problem, model.tours(_search(model, seed, is_over)))
        return Improved(tours if problem.is_cheaper(tours, start) else start, self.name)


class _Model:
    """One problem in PyVRP's terms: a type for vehicles that are alike, a client for each open door."""

    def __init__(self, problem: RouteProblem, start: Tours) -> None:
        self.problem = problem
        visited = {stop for trips in start for trip in trips for stop in trip}
        # Where not all stops have found a place, leaving one out is allowed, and dear.
        self.serves_all = len(visited) == len(problem.stops)
        self.stop_of: list[int] = []
        self.first_of: list[int] = []
        self.types = alike_vehicles(problem)
        clients: list[pyvrp.Client] = []
        groups: list[pyvrp.ClientGroup] = []
        for stop in range(len(problem.stops)):
            doors = self._doors(stop)
            self.first_of.append(len(clients))
            group = None
            if len(doors) > 1:
                group = len(groups)
                members = list(range(len(clients), len(clients) + len(doors)))
                groups.append(pyvrp.ClientGroup(members, required=self.serves_all))
            for door in doors:
                self.stop_of.append(stop)
                clients.append(self._client(stop, door, group))
        matrices = [self._matrices(vehicles[0]) for vehicles in self.types]
        self.data = pyvrp.ProblemData(
            locations=[pyvrp.Location(0, 0) for _ in range(len(problem.stops) + 1)],
            clients=clients,
            depots=[pyvrp.Depot(0)],
            vehicle_types=[self._type(number) for number in range(len(self.types))],
            distance_matrices=[distances for distances, _ in matrices],
            duration_matrices=[durations for _, durations in matrices],
            groups=groups,
        )
        self.start = self._start(start)

    def tours(self, found: pyvrp.Solution) -> Tours:
        """A solution as tours; it may break rules that PyVRP does not see."""
        tours: Tours = [[] for _ in self.problem.vehicles]
        free = [list(vehicles) for vehicles in self.types]
        for route in found.routes():
            trips: list[list[int]] = [[]]
            for activity in route:
                if activity.is_client():
                    trips[-1].append(self.stop_of[activity.idx])
                elif trips[-1]:
                    trips.append([])
            tours[free[route.vehicle_type()].pop(0)] = [trip for trip in trips if trip]
        return tours

    def _doors(self, stop: int) -> list[tuple[int, int]]:
        """When handing over may begin, as far as that is after the packing."""
        problem = self.problem
        doors = problem.doors[stop] or ((0, FAR_MIN),)
        ready = max(0, problem.ready[stop])
        return [(max(0, first), last) for first, last in doors if last >= ready] or [(0, FAR_MIN)]

    def _client(self, stop: int, door: tuple[int, int], group: int | None) -> pyvrp.Client:
        problem = self.problem
        return pyvrp.Client(
            location=stop + 1,
            delivery=[problem.bags[stop], problem.volumes[stop]],
            service_duration=problem.service[stop],
            tw_early=door[0],
            tw_late=door[1],
            release_time=max(0, problem.ready[stop]),
            prize=0 if self.serves_all else problem.missed[stop] * _PARTS,
            required=self.serves_all and group is None,
            group=group,
        )

    def _matrices(self, vehicle: int) -> tuple[Any, Any]:
        """What each way costs, in tenths of a fen, and how long it takes; loading belongs to the way out."""
        problem = self.problem
        one, minutes = problem.vehicles[vehicle], np.array(problem.minutes[vehicle], dtype=np.int64)
        metres = np.array(problem.metres[vehicle], dtype=np.int64)
        costs = metres * one.km_cost_fen * _PARTS // 1000
        costs[:, 1:] += np.array(problem.strange[vehicle], dtype=np.int64)[None, :] * _PARTS
        costs[minutes >= FAR_MIN] = _FAR_COST
        minutes[0, 1:] += problem.loading_min
        for matrix in (costs, minutes):
            np.fill_diagonal(matrix, 0)
        return costs, minutes

    def _type(self, number: int) -> pyvrp.VehicleType:
        problem, vehicle = self.problem, self.types[number][0]
        one, trips = problem.vehicles[vehicle], problem.trips_left(vehicle)
        begin = problem.begin(one)
        rest_min = sum(rest.length_min for rest in problem.breaks[vehicle])
        everything = sum(problem.volumes)
        return pyvrp.VehicleType(
            num_available=len(self.types[number]),
            capacity=[one.capacity_bags, everything if one.capacity_ml is None else one.capacity_ml],
            fixed_cost=one.fixed_cost_fen * _PARTS,
            tw_early=begin,
            tw_late=max(begin, one.shift_end_min - rest_min),
            unit_distance_cost=1,
            profile=number,
            reload_depots=[0] if trips > 1 else [],
            max_reloads=trips - 1,
        )

    def _start(self, tours: Tours) -> pyvrp.Solution:
        routes = []
        for number, vehicles in enumerate(self.types):
            for vehicle in vehicles:
                table = self.problem.timetable(vehicle, tours[vehicle])
                if not tours[vehicle] or table is None:
                    continue
                activities: list[pyvrp.Activity] = []
                for trip, times in zip(tours[vehicle], table.trips, strict=True):
                    if activities:
                        activities.append(pyvrp.Activity(pyvrp.ActivityType.DEPOT, 0))
                    activities += [
                        pyvrp.Activity(pyvrp.ActivityType.CLIENT, self._copy(stop, begin))
                        for stop, begin in zip(trip, times.begin, strict=True)
                    ]
                routes.append(pyvrp.Route(self.data, activities, number))
        return pyvrp.Solution(self.data, routes)

    def _copy(self, stop: int, begin: int) -> int:
        """The client of the door that is open at a time."""
        doors = self._doors(stop)
        which = next((at for at, (_, last) in enumerate(doors) if begin <= last), len(doors) - 1)
        return self.first_of[stop] + which


def _search(model: _Model, seed: int, is_over: StoppingCriterion) -> pyvrp.Solution:
    data = model.data
    generator = pyvrp.RandomNumberGenerator(seed=seed)
    local = LocalSearch(data, generator, compute_neighbours(data), PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    settings = pyvrp.PenaltyParams()
    manager = pyvrp.PenaltyManager(settings.midpoint_penalties(data), settings)
    algorithm = pyvrp.IteratedLocalSearch(
        data, manager, local, model.start, pyvrp.IteratedLocalSearchParams()
    )
    with warnings.catch_warnings():
        # A penalty at its end means that nothing valid was found; the repair drops what is too much.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        return algorithm.run(is_over, collect_stats=False).best
