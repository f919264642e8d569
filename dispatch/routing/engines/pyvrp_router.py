"""The PyVRP router: several searches side by side, their routes recombined, large instances by parts."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from dispatch.routing.engines import Progress
from dispatch.routing.engines.clockwork import Clock
from dispatch.routing.engines.crew import Crew
from dispatch.routing.engines.pyvrp_search import (
    ANNEALED,
    ENGINE,
    STEEP,
    Found,
    Limit,
    Penalties,
    Style,
    Task,
    search,
)
from dispatch.routing.engines.recombine import recombine
from dispatch.routing.insertion import insert_all
from dispatch.routing.instance import ALWAYS, UNREACHABLE, Instance
from dispatch.routing.parts import inside, neighbouring_groups, outside, part
from dispatch.routing.solution import Route, Solution, make_solution
from dispatch.routing.timing import cost, is_valid, rank

BOTH = "pyvrp+ortools"
# Ends of the rounds, as shares of the time. Between two, searches learn from one another.
_ROUNDS = (0.3, 0.55, 0.78, 1.0)
# The recombination's share of a round, and its seconds at most.
_RECOMBINE_SHARE, _RECOMBINE_SECONDS = 0.35, 8.0
# CP-SAT's deterministic seconds pass about as fast as the clock's; fewer leave room for a slower machine.
_EFFORT_A_SECOND = 0.4
_MOST_ROUTES = 12_000
# From here on an instance is searched by parts: an iteration costs as much as there are clients.
_LARGE, _PART = 300, 170
_WHOLE_UNTIL, _PARTS_UNTIL, _PART_ROUNDS = 0.1, 0.95, 5
# Each round of parts begins cooler than the one before.
_COOLER = 0.65
# Annealed steps are small: on the same core five to ten times as many.
_PART_STEPS = 3
# Successive cuts begin far from one another.
_GOLDEN = (math.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class _Job:
    """A search, after a recombination where there are routes to choose from."""

    task: Task
    routes: tuple[Route, ...] = ()
    seconds: float = 0.0
    effort: float = 0.0


def _work(job: _Job) -> Found:
    """Do one job; runs in a process of its own."""
    task, start = job.task, job.task.start
    if job.routes and start is not None and not start.unserved:
        counts = task.limit.rounds is not None
        made = recombine(
            task.instance,
            job.routes,
            start,
            ends_at=min(task.limit.ends_at, math.inf if counts else time.monotonic() + job.seconds),
            seed=task.seed,
            effort=job.effort if counts else None,
        )
        if made is not start:
            start = made.by(BOTH)
    found = search(replace(task, start=start))
    best = found.solution
    if start is not None and (best is None or rank(task.instance, start) <= rank(task.instance, best)):
        best = start
    elif best is not None and start is not None and start.engine == BOTH:
        best = best.by(BOTH)
    return replace(found, solution=best)


@dataclass(frozen=True, slots=True)
class PyvrpRouter:
    """Searches with PyVRP.

    Attributes:
        recombines: let OR-Tools' CP-SAT choose among the routes that were met.
        pace: of the rounds that are counted with one thread; less ends earlier than the time.
    """

    recombines: bool = False
    pace: float = 1.0

    def solve(
        self, instance: Instance, *, seconds: float, seed: int, threads: int, progress: Progress | None = None
    ) -> Solution:
        """See Router."""
        clock = Clock(time.monotonic(), seconds, counts=threads == 1, pace=self.pace)
        with Crew(threads) as crew:
            campaign = _Campaign(instance, clock, seed, crew, self.recombines, progress)
            if len(instance.clients) >= _LARGE and instance.places:
                campaign.by_parts()
            else:
                campaign.whole(_ROUNDS, styles=_styles(instance))
            return campaign.best


class _Campaign:
    """One search from beginning to end."""

    def __init__(
        self,
        instance: Instance,
        clock: Clock,
        seed: int,
        crew: Crew,
        recombines: bool,
        progress: Progress | None,
    ) -> None:
        self.instance, self.clock, self.seed, self.crew = instance, clock, seed, crew
        self.recombines, self.progress = recombines, progress
        self.best = insert_all(instance)
        self.penalties: Penalties | None = None
        self.routes: dict[tuple[int, frozenset[int]], Route] = {}
        self._asked = 0
        self._own: list[Solution | None] = [None] * crew.threads
        self._tell()

    def whole(self, ends: Sequence[float], began: float = 0.0, styles: Sequence[Style] = (STEEP,)) -> None:
        """Search the whole instance in rounds; the last of the crew goes on from the best of all.

        Args:
            ends: of the rounds, as shares of the time.
            began: the share of the time that is over.
            styles: of the processes, in turn.
        """
        for number, end in enumerate(ends):
            if self.clock.is_over():
                return
            # One process alone takes the styles in turn.
            first = number if self.crew.threads == 1 else 0
            chosen = [styles[(first + who) % len(styles)] for who in range(self.crew.threads)]
            found = self.crew.map(
                _work, [self._job(who, end - began, end, style) for who, style in enumerate(chosen)]
            )
            for who, each in enumerate(found):
                self._learn(each)
                self._own[who] = each.solution
            if number == len(ends) - 2:
                self._own = [self.best] * self.crew.threads
            began = end

    def by_parts(self) -> None:
        """Search the whole for a short while, then sectors of it, then the whole again."""
        self.whole((_WHOLE_UNTIL,), styles=(ANNEALED,))
        share, over = (_PARTS_UNTIL - _WHOLE_UNTIL) / _PART_ROUNDS, _WHOLE_UNTIL
        for number in range(_PART_ROUNDS):
            if self.clock.is_over() or self.best.unserved:
                break
            style = replace(ANNEALED, hot=(ANNEALED.hot or 0.0) * _COOLER**number)
            self._part_round(number * _GOLDEN % 1.0, over, share, style)
            over += share
        self._own = [self.best] * self.crew.threads
        self.whole((1.0,), over)

    def _job(self, who: int, share: float, end: float, style: Style) -> _Job:
        """The next search of one of the crew."""
        start = self._own[who]
        leads = who == self.crew.threads - 1
        if leads and start is not None:
            start = self.best
        prize = None
        if self._asked >= self.crew.threads and self.best.unserved:
            # Nobody found a way to serve all: from here on leaving a client out is allowed, and dear.
            start, prize = self.best, _prize(self.instance)
        routes: tuple[Route, ...] = ()
        if self.recombines and leads and start is not None and prize is None:
            routes = tuple(self.routes.values())
        limit = Limit(self.clock.at(end), self.clock.rounds(self.instance, share))
        task = Task(self.instance, limit, self._seed(), start, self.penalties, prize, self.recombines, style)
        return self._recombining(task, routes, share)

    def _recombining(self, task: Task, routes: tuple[Route, ...], share: float) -> _Job:
        """A search before which as much of its time as is due goes to the recombination."""
        seconds = min(_RECOMBINE_SECONDS, _RECOMBINE_SHARE * share * self.clock.seconds)
        return _Job(task, routes, seconds, seconds * _EFFORT_A_SECOND * self.clock.pace)

    def _part_round(self, turn: float, began: float, share: float, style: Style) -> None:
        """Search every sector by itself and keep what is better.

        Args:
            turn: where the sectors begin.
            began: the share of the time that is over.
            share: the share of the time that is given.
            style: of the searches.
        """
        threads = self.crew.threads
        # As many for each process, so that none waits.
        queue = max(1, math.floor(len(self.instance.clients) / (_PART * threads) + 0.5))
        groups = neighbouring_groups(self.instance, self.best, queue * threads, turn)
        nodes = [sorted(node for route in group for node in route.nodes) for group in groups]
        jobs = [
            self._part_job(
                group, mine, len(groups), began + share * (at // threads + 1) / queue, share / queue, style
            )
            for at, (group, mine) in enumerate(zip(groups, nodes, strict=True))
        ]
        for at, found in enumerate(self.crew.map(_work, jobs)):
            self.penalties = found.penalties
            self._remember(outside(found.routes, nodes[at]))
            if found.solution is not None:
                self._take_part(groups, at, outside(found.solution.routes, nodes[at]), found.solution.engine)
        self._tell()

    def _part_job(
        self, group: list[Route], nodes: list[int], parts: int, end: float, share: float, style: Style
    ) -> _Job:
        """The search of one sector, with its vehicles and its share of those that are not used."""
        used = Counter(route.vehicle_type for route in self.best.routes)
        mine = Counter(route.vehicle_type for route in group)
        counts = {
            at: max(1, mine[at] + (kind.count - used[at]) // parts)
            for at, kind in enumerate(self.instance.vehicle_types)
        }
        small = part(self.instance, nodes, counts)
        start = make_solution(small, inside(group, nodes), self.best.engine)
        own = frozenset(nodes)
        known = [route for route in self.routes.values() if own.issuperset(route.nodes)]
        limit = Limit(self.clock.at(end), self.clock.rounds(small, share * _PART_STEPS))
        task = Task(small, limit, self._seed(), start, self.penalties, None, self.recombines, style)
        return self._recombining(task, inside(known, nodes), share)

    def _take_part(self, groups: list[list[Route]], at: int, routes: tuple[Route, ...], engine: str) -> None:
        """Put the routes found for a sector in place of its own where the whole is better for it."""
        before = groups[at]
        groups[at] = list(routes)
        made = make_solution(self.instance, [route for group in groups for route in group], engine)
        if is_valid(self.instance, made) and rank(self.instance, made) < rank(self.instance, self.best):
            self.best = made.by(BOTH if BOTH in (self.best.engine, engine) else ENGINE)
        else:
            groups[at] = before

    def _seed(self) -> int:
        """A seed no other search has."""
        self._asked += 1
        return (self.seed * 1009 + self._asked) % 2**31

    def _learn(self, found: Found) -> None:
        self.penalties = found.penalties
        self._remember(found.routes)
        if found.solution is not None and rank(self.instance, found.solution) < rank(
            self.instance, self.best
        ):
            self.best = found.solution
            self._tell()

    def _remember(self, routes: Sequence[Route]) -> None:
        if not self.recombines:
            return
        for route in routes:
            self.routes[route.vehicle_type, frozenset(route.nodes)] = route
        for key in list(self.routes)[: max(0, len(self.routes) - _MOST_ROUTES)]:
            del self.routes[key]

    def _tell(self) -> None:
        if self.progress is not None:
            spent = time.monotonic() - self.clock.began_at
            self.progress(spent, len(self.best.unserved), cost(self.instance, self.best))


def _styles(instance: Instance) -> tuple[Style, ...]:
    """Styles for the whole: every second process anneals, but all are steep for a few clients in windows."""
    timed = any(client.windows != ALWAYS for client in instance.clients)
    few = timed and not instance.has_trips and len(instance.clients) <= _PART
    return (STEEP,) if few else (STEEP, ANNEALED)


def _prize(instance: Instance) -> int:
    """More than serving one client can ever cost."""
    longest = int(instance.distances[instance.distances < UNREACHABLE].max())
    return 1 + max(3 * longest * kind.unit_cost + kind.fixed_cost for kind in instance.vehicle_types) * 2
