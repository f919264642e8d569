"""Progress on its way from a search into a row: not at every step, and from one thread at a time."""

import threading
import time

from web.jobs.search import Tell

# Written no more often than this, so that it never slows the search.
_EVERY_S = 0.5


class Paced:
    """Passes progress on, now and then; solvers call it from threads of their own.

    Args:
        write: Told a fraction and a stage; at once where the stage is a new one.
    """

    def __init__(self, write: Tell) -> None:
        self._write = write
        self._lock = threading.Lock()
        self._told_s = 0.0
        self._stage = ""

    def __call__(self, fraction: float, stage: str) -> None:
        """Tell how far it is.

        Args:
            fraction: Done, 0..1.
            stage: What is being done.
        """
        now_s = time.monotonic()
        with self._lock:
            if stage == self._stage and now_s - self._told_s < _EVERY_S:
                return
            self._told_s, self._stage = now_s, stage
            self._write(fraction, stage)


def both(first: Tell, second: Tell | None) -> Tell:
    """Tell two listeners.

    Args:
        first: The one.
        second: The other, where there is one.

    Returns:
        What tells both.
    """

    def tell(fraction: float, stage: str) -> None:
        first(fraction, stage)
        if second is not None:
            second(fraction, stage)

    return tell
