"""The OR-Tools router: iterated local search, then guided local search; large instances by parts."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from ortools.constraint_solver import (
    pywrapcp,
    routing_enums_pb2,
    routing_ils_pb2,
    routing_parameters_pb2,
)

from dispatch.routing.engines import Progress
from dispatch.routing.engines.crew import Crew
from dispatch.routing.engines.ortools_model import Model
from dispatch.routing.insertion import insert_all
from dispatch.routing.instance import Instance
from dispatch.routing.parts import inside, neighbouring_groups, outside, part
from dispatch.routing.repair import repair
from dispatch.routing.solution import Solution, make_solution
from dispatch.routing.timing import cost, is_valid, rank

ENGINE = "ortools"
# Above this many clients the library's moves are too slow on the whole.
_LARGE, _PART = 250, 100
_WHOLE_UNTIL = 0.5
_FIRST_REPAIR_UNTIL, _ANEW_UNTIL, _REPAIR_UNTIL = 0.25, 0.7, 0.85
_PART_ROUNDS = 4
_GOLDEN = 0.618


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A search of one process; `anew` builds its own start and iterates ruin and recreate."""

    instance: Instance
    start: Solution
    ends_at: float
    seed: int
    anew: bool


def _work(job: _Job) -> Solution:
    """The best of the start and what the search finds; runs in a process of its own."""
    seconds = job.ends_at - time.monotonic()
    if seconds < 0.05:
        return job.start
    model = Model(job.instance, job.start)
    model.routing.solver().ReSeed(job.seed)
    parameters = _parameters(job.anew)
    seconds = job.ends_at - time.monotonic()
    parameters.time_limit.FromMilliseconds(max(10, int(seconds * 1000)))
    model.routing.CloseModelWithParameters(parameters)
    if job.anew:
        found = model.routing.SolveWithIteratedLocalSearch(parameters)
    else:
        first = model.first(job.start)
        if first is None:
            return job.start
        found = model.routing.SolveFromAssignmentWithParameters(first, parameters)
    if found is None:
        return job.start
    made = model.solution(found, ENGINE)
    better = is_valid(job.instance, made) and rank(job.instance, made) < rank(job.instance, job.start)
    return made if better else job.start


@dataclass(frozen=True, slots=True)
class OrtoolsRouter:
    """Searches with OR-Tools' routing library; the clock ends it, so two runs may differ."""

    def solve(
        self, instance: Instance, *, seconds: float, seed: int, threads: int, progress: Progress | None = None
    ) -> Solution:
        """See Router."""
        with Crew(threads) as crew:
            campaign = _Campaign(instance, time.monotonic(), seconds, seed, crew, progress)
            campaign.repair(_FIRST_REPAIR_UNTIL)
            if len(instance.clients) > _LARGE and instance.places:
                campaign.whole(_WHOLE_UNTIL)
                campaign.by_parts()
            else:
                campaign.whole(_ANEW_UNTIL)
                campaign.repair(_REPAIR_UNTIL)
                campaign.guided(1.0)
            return campaign.best


class _Campaign:
    """One search from beginning to end."""

    def __init__(
        self,
        instance: Instance,
        began_at: float,
        seconds: float,
        seed: int,
        crew: Crew,
        progress: Progress | None,
    ) -> None:
        self.instance, self.began_at, self.seconds = instance, began_at, seconds
        self.seed, self.crew, self.progress = seed, crew, progress
        self.best = insert_all(instance)
        self._tell()

    def whole(self, end: float) -> None:
        """Iterated local search in every process but, where there are several, one of guided local search."""
        threads = self.crew.threads
        over = self.began_at + end * self.seconds
        jobs = [
            _Job(self.instance, self.best, over, self.seed * 1009 + who, anew=who == 0 or who < threads - 1)
            for who in range(threads)
        ]
        self._learn(self.crew.map(_work, jobs))

    def repair(self, end: float) -> None:
        """Find places for those who are left out."""
        over = self.began_at + end * self.seconds
        self._learn([repair(self.instance, self.best, ends_at=over, seed=self.seed)])

    def guided(self, end: float) -> None:
        """Guided local search from the best."""
        over = self.began_at + end * self.seconds
        self._learn(self.crew.map(_work, [_Job(self.instance, self.best, over, self.seed, anew=False)]))

    def by_parts(self) -> None:
        """Sectors of the best, each improved by itself, cut anew in each round."""
        share = (1.0 - _WHOLE_UNTIL) / _PART_ROUNDS
        for number in range(_PART_ROUNDS):
            if self.best.unserved or time.monotonic() >= self.began_at + self.seconds:
                break
            self._part_round(number, _WHOLE_UNTIL + share * number, share)

    def _part_round(self, number: int, began: float, share: float) -> None:
        threads = self.crew.threads
        queue = -(-len(self.instance.clients) // (_PART * threads))
        groups = neighbouring_groups(self.instance, self.best, queue * threads, number * _GOLDEN % 1.0)
        nodes = [sorted(node for route in group for node in route.nodes) for group in groups]
        jobs = []
        for at, (group, mine) in enumerate(zip(groups, nodes, strict=True)):
            used = Counter(route.vehicle_type for route in group)
            counts = {kind: max(1, used[kind]) for kind in range(len(self.instance.vehicle_types))}
            small = part(self.instance, mine, counts)
            start = make_solution(small, inside(group, mine), self.best.engine)
            over = self.began_at + self.seconds * (began + share * (at // threads + 1) / queue)
            jobs.append(_Job(small, start, over, self.seed + number, anew=number % 2 == 0))
        for at, found in enumerate(self.crew.map(_work, jobs)):
            before, groups[at] = groups[at], list(outside(found.routes, nodes[at]))
            made = make_solution(self.instance, [route for group in groups for route in group], ENGINE)
            if not is_valid(self.instance, made) or not self._learn([made]):
                groups[at] = before

    def _learn(self, found: Sequence[Solution]) -> bool:
        """Keep the best of all; whether it is a new one."""
        better = min(found, key=lambda each: rank(self.instance, each))
        if rank(self.instance, better) >= rank(self.instance, self.best):
            return False
        self.best = better
        self._tell()
        return True

    def _tell(self) -> None:
        if self.progress is not None:
            spent = time.monotonic() - self.began_at
            self.progress(spent, len(self.best.unserved), cost(self.instance, self.best))


def _parameters(anew: bool) -> routing_parameters_pb2.RoutingSearchParameters:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    strategies = routing_enums_pb2.FirstSolutionStrategy
    parameters.first_solution_strategy = strategies.PARALLEL_CHEAPEST_INSERTION
    if not anew:
        guided = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
        parameters.local_search_metaheuristic = guided
        return parameters
    parameters.use_iterated_local_search = True
    ils = parameters.iterated_local_search_parameters
    ils.perturbation_strategy = routing_ils_pb2.PerturbationStrategy.RUIN_AND_RECREATE
    ils.improve_perturbed_solution = False
    ruin = ils.ruin_recreate_parameters
    strings = ruin.ruin_strategies.add().sisr
    # As Christiaens and Vanden Berghe (2020) recommend.
    strings.max_removed_sequence_size = 10
    strings.avg_num_removed_visits = 10
    strings.bypass_factor = 0.01
    ruin.recreate_strategy.heuristic = strategies.LOCAL_CHEAPEST_INSERTION
    ruin.route_selection_neighbors_ratio = 1.0
    ruin.route_selection_min_neighbors = 10
    ruin.route_selection_max_neighbors = 100
    annealing = ils.reference_solution_acceptance_strategy.simulated_annealing
    annealing.cooling_schedule_strategy = routing_ils_pb2.CoolingScheduleStrategy.EXPONENTIAL
    annealing.automatic_temperatures = True
    ils.best_solution_acceptance_strategy.greedy_descent.SetInParent()
    return parameters
