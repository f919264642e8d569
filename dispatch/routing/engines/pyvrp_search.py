"""One run of PyVRP's iterated local search, with what it met on the way."""

import time
import warnings
from dataclasses import dataclass

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    PerturbationManager,
    compute_neighbours,
)

from dispatch.routing.engines.pyvrp_model import Model
from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, Solution

ENGINE = "pyvrp"
# A look at the candidate every so many iterations costs a few hundredths of the time.
_HARVEST_EVERY = 20
_MOST_ROUTES = 12_000

Penalties = tuple[list[float], float, float]


@dataclass(frozen=True, slots=True)
class Limit:
    """When a search ends.

    Attributes:
        ends_at: of `time.monotonic`; holds always.
        rounds: iterations; None leaves the end to the clock. A run that ends by rounds is repeatable.
    """

    ends_at: float
    rounds: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """What one process is asked.

    Attributes:
        instance: the problem.
        limit: when to end.
        seed: of every random choice.
        start: where to begin; None builds one.
        penalties: of the run before, so that they need not be learnt again.
        prize: of serving a client, None where all must be served.
        keeps_routes: whether to return the routes met.
    """

    instance: Instance
    limit: Limit
    seed: int
    start: Solution | None = None
    penalties: Penalties | None = None
    prize: int | None = None
    keeps_routes: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What it answers.

    Attributes:
        solution: the best that keeps every rule, None where there was none.
        penalties: as they were at the end.
        routes: met in good solutions, a few thousand at most.
        rounds: iterations done.
        in_time: it ended by rounds, not by the clock.
    """

    solution: Solution | None
    penalties: Penalties
    routes: tuple[Route, ...]
    rounds: int
    in_time: bool


class _Stop:
    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.rounds = 0
        self.by_clock = False

    def __call__(self, best_cost: int) -> bool:
        if self.limit.rounds is not None and self.rounds >= self.limit.rounds:
            return True
        self.rounds += 1
        self.by_clock = time.monotonic() >= self.limit.ends_at
        return self.by_clock


class _Harvest(pyvrp.IteratedLocalSearchCallbacks):
    """Keeps the routes of good solutions, each set of clients once, with its cheapest order."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.rounds = 0
        self.routes: dict[tuple[int, frozenset[int]], tuple[int, Route]] = {}

    def on_best(self, best: pyvrp.Solution) -> None:
        self._keep(best)

    def on_iteration(
        self,
        current: pyvrp.Solution,
        candidate: pyvrp.Solution,
        best: pyvrp.Solution,
        cost_evaluator: pyvrp.CostEvaluator,
    ) -> None:
        self.rounds += 1
        if self.rounds % _HARVEST_EVERY == 0:
            self._keep(candidate)

    def _keep(self, solution: pyvrp.Solution) -> None:
        if len(self.routes) >= _MOST_ROUTES:
            # The oldest are the worst: they come from the beginning of the search.
            for key in list(self.routes)[: _MOST_ROUTES // 4]:
                del self.routes[key]
        for found in solution.routes():
            if not found.is_feasible():
                continue
            route = self.model.route(found)
            cost = found.distance_cost()
            key = (route.vehicle_type, frozenset(route.nodes))
            known = self.routes.get(key)
            if known is None or cost < known[0]:
                self.routes[key] = (cost, route)


def search(task: Task) -> Found:
    """Run the search of one task.

    Args:
        task: what is asked.

    Returns:
        The best valid solution and what is needed to go on from it.
    """
    if task.penalties is not None and time.monotonic() >= task.limit.ends_at:
        return Found(None, task.penalties, (), 0, in_time=False)
    model = Model(task.instance, task.prize)
    data = model.data
    generator = pyvrp.RandomNumberGenerator(seed=task.seed)
    local = LocalSearch(data, generator, compute_neighbours(data), PerturbationManager())
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    settings = pyvrp.PenaltyParams()
    manager = pyvrp.PenaltyManager(task.penalties or settings.midpoint_penalties(data), settings)
    if task.start is not None:
        first = model.start(task.start)
    else:
        random = pyvrp.Solution.make_random(data, generator)
        first = local(random, manager.max_cost_evaluator(), exhaustive=True)
    stop = _Stop(task.limit)
    harvest = _Harvest(model)
    callbacks = harvest if task.keeps_routes else pyvrp.IteratedLocalSearchCallbacks()
    algorithm = pyvrp.IteratedLocalSearch(
        data, manager, local, first, pyvrp.IteratedLocalSearchParams(callbacks=callbacks)
    )
    with warnings.catch_warnings():
        # A penalty at its end means that nothing valid was found; `solution` says so.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        result = algorithm.run(stop, collect_stats=False)
    best = model.solution(result.best, ENGINE) if result.best.is_feasible() else None
    loads, duration, distance = manager.penalties()
    return Found(
        best,
        (list(map(float, loads)), float(duration), float(distance)),
        tuple(route for _, route in harvest.routes.values()),
        stop.rounds,
        not stop.by_clock,
    )
