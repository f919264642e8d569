"""The engines of an ordinary day together: one after another, and side by side where there are processes."""

import multiprocessing
import sys
import threading
import time
from concurrent.futures import Future, ProcessPoolExecutor, wait
from dataclasses import dataclass

from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.pyvrp_router import PyvrpRouter
from dispatch.delivery.router import Improved, Router, Tell
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem, Tours

# Engines with their shares of the time: each begins where the one before ended.
Chain = tuple[tuple[Router, float], ...]

_PYVRP_FIRST: Chain = ((PyvrpRouter(), 0.25), (RuinRouter(), 0.75))
_ORTOOLS_FIRST: Chain = ((OrtoolsRouter(), 0.15), (RuinRouter(), 0.85))
_POLISH: Chain = ((RuinRouter(hot_fen=600.0), 1.0),)
# The share of the time after which each goes on from the better of the two.
_MEET_AT = 0.65
# A second process takes its time to begin; a short search or a small day is over by then.
_LEAST_SECONDS, _LEAST_STOPS = 3.0, 20
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class _Task:
    """What one process is asked to do."""

    problem: RouteProblem
    start: Improved
    chain: Chain
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
        tell: Tell = on_progress or (lambda _fraction: None)
        first = Improved(start, "")
        small = seconds < _LEAST_SECONDS or len(problem.stops) < _LEAST_STOPS
        # A process that dies with its parent may have none of its own.
        has_processes = self.threads > 1 and not multiprocessing.current_process().daemon
        if has_processes and rounds is None and not small:
            return _side_by_side(problem, first, seconds=seconds, seed=seed, tell=tell)
        return run_chain(problem, first, _PYVRP_FIRST, seconds=seconds, seed=seed, rounds=rounds, tell=tell)


def run_chain(
    problem: RouteProblem,
    start: Improved,
    chain: Chain,
    *,
    seconds: float,
    seed: int,
    rounds: int | None = None,
    tell: Tell,
) -> Improved:
    """The best that engines find one after another.

    Args:
        problem: stops and vehicles.
        start: where the first engine begins.
        chain: engines and their shares of the time.
        seconds: of all together.
        seed: of each.
        rounds: of all together, where work is counted instead.
        tell: told a fraction 0..1.
    """
    best, told = start, 0.0
    for engine, share in chain:
        found = engine.improve(
            problem,
            best.tours,
            seconds=seconds * share,
            seed=seed,
            rounds=None if rounds is None else max(1, int(rounds * share)),
            on_progress=_within(tell, told, share),
        )
        told += share
        if problem.is_cheaper(found.tours, best.tours):
            names = [*best.engine.split("+"), found.engine] if best.engine else [found.engine]
            best = Improved(found.tours, "+".join(dict.fromkeys(names)))
    return best


def _side_by_side(
    problem: RouteProblem, start: Improved, *, seconds: float, seed: int, tell: Tell
) -> Improved:
    """Two chains in processes of their own, then both go on from the better end."""
    began = time.monotonic()
    ends_at = began + seconds
    # A fork is there at once; with other threads about it could inherit their locks.
    alone = sys.platform == "linux" and threading.active_count() == 1
    pool = ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork" if alone else "spawn"))
    best = start
    try:
        for chains, end in (((_PYVRP_FIRST, _ORTOOLS_FIRST), _MEET_AT), ((_POLISH, _POLISH), 1.0)):
            tasks = [
                _Task(problem, best, chain, began + end * seconds, seed * 1009 + number)
                for number, chain in enumerate(chains)
            ]
            working = [pool.submit(_work, task) for task in tasks]
            _attend(working, began, ends_at, tell)
            for each in working:
                found = each.result()
                if problem.is_cheaper(found.tours, best.tours):
                    best = found
            seed += 1
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    return best


def _work(task: _Task) -> Improved:
    """Do one task; runs in a process of its own."""
    seconds = task.ends_at - time.monotonic()
    if seconds <= 0:
        return task.start
    return run_chain(
        task.problem, task.start, task.chain, seconds=seconds, seed=task.seed, tell=lambda _fraction: None
    )


def _attend(working: list[Future[Improved]], began: float, ends_at: float, tell: Tell) -> None:
    """Wait for processes, and tell how much of the time is over."""
    waiting = set(working)
    while waiting:
        _, waiting = wait(waiting, timeout=_LOOK_SECONDS)
        tell(min(1.0, (time.monotonic() - began) / (ends_at - began)))


def _within(tell: Tell, told: float, share: float) -> Tell:
    """Tells a part of the work as a part of the whole."""
    return lambda fraction: tell(told + fraction * share)
