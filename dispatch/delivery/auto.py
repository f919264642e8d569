"""The engines of an ordinary day together."""

from dataclasses import dataclass

from dispatch.delivery.ortools_router import OrtoolsRouter
from dispatch.delivery.router import Improved, Router, Tell
from dispatch.delivery.ruin import RuinRouter
from dispatch.delivery.tours import RouteProblem, Tours

# Each engine begins where the one before ended; shares of the time.
CHAIN: tuple[tuple[Router, float], ...] = ((OrtoolsRouter(), 0.3), (RuinRouter(), 0.7))


@dataclass(frozen=True, slots=True)
class AutoRouter:
    """Lets several engines work on one problem.

    Attributes:
        threads: processes at most.
        name: how the engine is called in plans where none of its engines found anything.
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
        """The cheapest tours met; see Router."""
        best, told = Improved(start, self.name), 0.0
        for engine, share in CHAIN:
            found = engine.improve(
                problem,
                best.tours,
                seconds=seconds * share,
                seed=seed,
                rounds=max(1, int(rounds * share)) if rounds else None,
                on_progress=None if on_progress is None else within(on_progress, told, share),
            )
            told += share
            if problem.is_cheaper(found.tours, best.tours):
                best = found
        return best


def within(on_progress: Tell, told: float, share: float) -> Tell:
    """Tells a part of the work as a part of the whole."""
    return lambda fraction: on_progress(told + fraction * share)
