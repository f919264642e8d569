"""One run of PyVRP's iterated local search, with what it met on the way."""

import math
import time
import warnings
from dataclasses import dataclass

import pyvrp
from pyvrp.exceptions import PenaltyBoundWarning
from pyvrp.search import (
    OPERATORS,
    LocalSearch,
    PerturbationManager,
    PerturbationParams,
    compute_neighbours,
)

from dispatch.routing.engines.pyvrp_model import Model
from dispatch.routing.instance import Instance
from dispatch.routing.solution import Route, Solution

ENGINE = "pyvrp"
# A look at every so many clients' worth of candidates costs a few hundredths of the time.
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


@dataclass(frozen=True, slots=True)
class Style:
    """How a search moves on.

    Attributes:
        most_removed: clients that one step takes out and puts back, at most.
        hot, cold: temperatures at the beginning and the end, in mean arcs of the first solution; a worse
            solution by one temperature is taken with probability 1/e. None accepts as PyVRP does, whatever is
            better than a few hundred steps before.
    """

    most_removed: int = 25
    hot: float | None = None
    cold: float = 0.02


# PyVRP's own: large steps, hardly ever uphill.
STEEP = Style()
# Small steps are several times as many; uphill at first, so that they lead somewhere.
ANNEALED = Style(5, 1.0)


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
        style: how to move on.
    """

    instance: Instance
    limit: Limit
    seed: int
    start: Solution | None = None
    penalties: Penalties | None = None
    prize: int | None = None
    keeps_routes: bool = True
    style: Style = STEEP


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
        self.began_at = time.monotonic()
        self.rounds = 0
        self.by_clock = False

    def __call__(self, best_cost: int) -> bool:
        if self.limit.rounds is not None and self.rounds >= self.limit.rounds:
            return True
        self.rounds += 1
        self.by_clock = time.monotonic() >= self.limit.ends_at
        return self.by_clock

    @property
    def share(self) -> float:
        """How much of the search is over, 0..1."""
        if self.limit.rounds is not None:
            return self.rounds / self.limit.rounds
        lasts = self.limit.ends_at - self.began_at
        return min(1.0, (time.monotonic() - self.began_at) / lasts) if lasts > 0 else 1.0


class _Harvest(pyvrp.IteratedLocalSearchCallbacks):
    """Keeps the routes of good solutions, each set of clients once, with its cheapest order."""

    def __init__(self, model: Model, every: int) -> None:
        self.model = model
        self.every = every
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
        if self.rounds % self.every == 0:
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


class _Heat:
    """Decides whether a step uphill is taken."""

    def __init__(self, style: Style, seed: int, first: pyvrp.Solution) -> None:
        arc = max(1.0, first.distance_cost() / (first.num_clients() + first.num_trips() + 1))
        self._hot, self._ratio = arc * (style.hot or 0.0), style.cold / (style.hot or 1.0)
        self._random = pyvrp.RandomNumberGenerator(seed=seed)

    def takes(self, uphill: float, share: float) -> bool:
        """Whether to go up by so much when a share of the search is over."""
        temperature = self._hot * self._ratio**share
        return bool(uphill <= -temperature * math.log(max(self._random.rand(), 1e-12)))


def _anneal(
    manager: pyvrp.PenaltyManager,
    local: LocalSearch,
    first: pyvrp.Solution,
    heat: _Heat,
    stop: _Stop,
    callbacks: pyvrp.IteratedLocalSearchCallbacks,
) -> pyvrp.Solution:
    """Steps of PyVRP's local search with simulated annealing deciding which of them are kept."""
    best = current = first
    costs = manager.cost_evaluator()
    while not stop(costs.cost(best)):
        costs = manager.cost_evaluator()
        candidate = local(current, costs, exhaustive=False)
        manager.register(candidate)
        if costs.cost(candidate) < costs.cost(best):
            best = candidate
            candidate = local(candidate, costs, exhaustive=True)
            if candidate.is_feasible():
                best = candidate
            callbacks.on_best(best)
        uphill = costs.penalised_cost(candidate) - costs.penalised_cost(current)
        if heat.takes(uphill, stop.share):
            current = candidate
        callbacks.on_iteration(current, candidate, best, costs)
    return best


def _perturbation(style: Style) -> PerturbationManager:
    return PerturbationManager(PerturbationParams(1, style.most_removed))


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
    local = LocalSearch(data, generator, compute_neighbours(data), _perturbation(task.style))
    for operator in OPERATORS:
        if operator.supports(data):
            local.add_operator(operator(data))
    bounds = pyvrp.PenaltyParams()
    manager = pyvrp.PenaltyManager(task.penalties or bounds.midpoint_penalties(data), bounds)
    if task.start is not None:
        first = model.start(task.start)
    else:
        random = pyvrp.Solution.make_random(data, generator)
        first = local(random, manager.max_cost_evaluator(), exhaustive=True)
    stop = _Stop(task.limit)
    harvest = _Harvest(model, _HARVEST_EVERY * STEEP.most_removed // task.style.most_removed)
    callbacks = harvest if task.keeps_routes else pyvrp.IteratedLocalSearchCallbacks()
    with warnings.catch_warnings():
        # A penalty at its end means that nothing valid was found; `solution` says so.
        warnings.simplefilter("ignore", PenaltyBoundWarning)
        if task.style.hot is None:
            settings = pyvrp.IteratedLocalSearchParams(callbacks=callbacks)
            algorithm = pyvrp.IteratedLocalSearch(data, manager, local, first, settings)
            ended = algorithm.run(stop, collect_stats=False).best
        else:
            heat = _Heat(task.style, task.seed, first)
            ended = _anneal(manager, local, first, heat, stop, callbacks)
    best = model.solution(ended, ENGINE) if ended.is_feasible() else None
    loads, duration, distance = manager.penalties()
    return Found(
        best,
        (list(map(float, loads)), float(duration), float(distance)),
        tuple(route for _, route in harvest.routes.values()),
        stop.rounds,
        not stop.by_clock,
    )
