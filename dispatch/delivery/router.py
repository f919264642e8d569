"""What every engine of a day's delivery offers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from dispatch.delivery.tours import RouteProblem, Tours

# Told a fraction 0..1 of the work done.
Tell = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Improved:
    """What an engine found, and the names of those that made it, joined by "+"."""

    tours: Tours
    engine: str


class Router(Protocol):
    """An engine that makes tours cheaper."""

    @property
    def name(self) -> str:
        """How the engine is called in plans."""

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
        """Valid tours, `start` when nothing better is found.

        Args:
            problem: stops and vehicles.
            start: valid tours to begin from.
            seconds: time limit.
            seed: of the random choices.
            rounds: count work instead of seconds, 100 for what a slow core does in one; makes the run
                repeatable.
            on_progress: told now and then.
        """
