"""The engines of an ordinary day together: one after another, and side by side where there are processes."""

import multiprocessing
import time
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing.synchronize import Event

from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.pyvrp_router import PyvrpRouter
from dispatch.delivery.router import Improved, Router, Tell
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem, Tours
from dispatch.processes import start_method

# The share of the time after which each goes on from the better of the two.
_MEET_AT = 0.65
# A second process takes its time to begin; a short search or a small day is over by then.
_LEAST_SECONDS, _LEAST_STOPS = 3.0, 20
# OR-Tools' moves are too slow on more stops than this.
_MOST_ORTOOLS = 300
_LOOK_SECONDS = 0.2

# In a process that works for another: what tells it to stop.
_told: list[Event] = []


class _NoLongerWantedError(Exception):
    """Nobody waits for this work."""


@dataclass(frozen=True, slots=True)
class ChainRouter:
    """Engines one after another, each from where the one before ended.

    Attributes:
        steps: engines with their shares of the time.
        name: of all together; plans are told the names of those that found something.
    """

    steps: tuple[tuple[Router, float], ...]
    name: str = "chain"

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
        """The cheapest tours met; see Router. The engine's name is empty where nothing was found."""
        best, told = Improved(start, ""), 0.0
        for engine, share in self.steps:
            found = engine.improve(
                problem,
                best.tours,
                seconds=seconds * share,
                seed=seed,
                rounds=None if rounds is None else max(1, int(rounds * share)),
                on_progress=None if on_progress is None else _within(on_progress, told, share),
            )
            told += share
            if problem.is_cheaper(found.tours, best.tours):
                best = Improved(found.tours, _joined(best.engine, found.engine))
        return best


# From good tours a hot search would lose more than it finds.
_PYVRP_FIRST = ChainRouter(((PyvrpRouter(), 0.3), (RuinRouter(hot_fen=1000.0), 0.7)))
_ORTOOLS_FIRST = ChainRouter(((OrtoolsRouter(), 0.15), (RuinRouter(), 0.85)))
_POLISH = ChainRouter(((RuinRouter(hot_fen=600.0), 1.0),))


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What one process is asked to do."""

    problem: RouteProblem
    start: Tours
    router: Router
    ends_at: float
    seed: int


@dataclass(frozen=True, slots=True)
class AutoRouter:
    """Lets several engines work on one problem and keeps the cheapest.

    With one process PyVRP makes the trips, and ruin and recreate, which sees every rule and price, goes on
    from them. With two, OR-Tools begins the other one's work; both polish the better of their tours.

    Attributes:
        threads: processes at most.
        name: of all together; plans are told the names of those that found something.
    """

    threads: int = 1
    name: str = "auto"

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
        """The cheapest tours met; see Router. With `rounds` there is one process."""
        small = seconds < _LEAST_SECONDS or len(problem.stops) < _LEAST_STOPS
        # A process that ends with its parent may have none of its own.
        has_processes = self.threads > 1 and not multiprocessing.current_process().daemon
        if has_processes and rounds is None and not small:
            tell: Tell = on_progress or (lambda _fraction: None)
            return _side_by_side(problem, start, seconds=seconds, seed=seed, tell=tell)
        return _PYVRP_FIRST.improve(
            problem, start, seconds=seconds, seed=seed, rounds=rounds, on_progress=on_progress
        )


def _side_by_side(problem: RouteProblem, start: Tours, *, seconds: float, seed: int, tell: Tell) -> Improved:
    """Two chains in processes of their own, then both go on from the better end."""
    began = time.monotonic()
    other = _ORTOOLS_FIRST if len(problem.stops) <= _MOST_ORTOOLS else _PYVRP_FIRST
    context = multiprocessing.get_context(start_method())
    is_over = context.Event()
    pool = ProcessPoolExecutor(2, mp_context=context, initializer=_begin, initargs=(is_over,))
    best = Improved(start, "")
    try:
        for number, (routers, end) in enumerate(
            (((_PYVRP_FIRST, other), _MEET_AT), ((_POLISH, _POLISH), 1.0))
        ):
            working = [
                pool.submit(
                    _work,
                    _Task(problem, best.tours, router, began + end * seconds, seed * 1009 + 2 * number + who),
                )
                for who, router in enumerate(routers)
            ]
            _attend(working, began, seconds, tell)
            before = best.engine
            for each in working:
                found = each.result()
                if problem.is_cheaper(found.tours, best.tours):
                    best = Improved(found.tours, _joined(before, found.engine))
    finally:
        is_over.set()
        pool.shutdown(wait=False, cancel_futures=True)
    return best


def _begin(is_over: Event) -> None:
    """Remember, in a process of its own, how it is told that its work is no longer wanted."""
    _told.append(is_over)


def _stop_when_over(_fraction: float) -> None:
    if _told[-1].is_set():
        raise _NoLongerWantedError


def _work(task: _Task) -> Improved:
    """Do one task; runs in a process of its own."""
    seconds = task.ends_at - time.monotonic()
    if seconds <= 0:
        return Improved(task.start, "")
    return task.router.improve(
        task.problem, task.start, seconds=seconds, seed=task.seed, on_progress=_stop_when_over
    )


def _attend(working: list[Future[Improved]], began: float, seconds: float, tell: Tell) -> None:
    """Wait for processes, and tell how much of the time is over."""
    waiting = set(working)
    while waiting:
        _, waiting = wait(waiting, timeout=_LOOK_SECONDS)
        tell(min(1.0, (time.monotonic() - began) / seconds))


def _joined(before: str, engine: str) -> str:
    """Names of engines, each once."""
    return "+".join(dict.fromkeys(name for name in (*before.split("+"), *engine.split("+")) if name))


def _within(tell: Tell, told: float, share: float) -> Tell:
    """Tells a part of the work as a part of the whole."""
    return lambda fraction: tell(told + fraction * share)
