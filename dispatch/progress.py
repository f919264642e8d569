"""How a long search tells how far it is, and how it is called off."""

from collections.abc import Callable

# Told a fraction 0..1 and the stage.
Progress = Callable[[float, str], None]


class Cancelled(Exception):
    """The search was called off; there is no plan."""


def watched(on_progress: Progress | None, cancelled: Callable[[], bool] | None) -> Progress:
    """A progress that never falls and ends the search where it is called off.

    Args:
        on_progress: told a fraction 0..1 and the stage.
        cancelled: whether the search is called off.

    Returns:
        What is told instead; it raises Cancelled.
    """
    highest = 0.0

    def told(fraction: float, stage: str) -> None:
        nonlocal highest
        if cancelled is not None and cancelled():
            raise Cancelled
        highest = max(highest, min(1.0, fraction))
        if on_progress is not None:
            on_progress(highest, stage)

    return told
