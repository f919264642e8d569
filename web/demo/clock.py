"""A clock that the demo day sets: hours pass in seconds."""

from datetime import datetime, timedelta


class DayClock:
    """Tells the simulated time; it never goes back.

    Args:
        at: Where it starts, aware.
    """

    def __init__(self, at: datetime) -> None:
        self._now = at

    def __call__(self) -> datetime:
        """The simulated moment."""
        return self._now

    def to(self, at: datetime) -> None:
        """Let time pass until a moment; one already past changes nothing.

        Args:
            at: Aware moment.
        """
        self._now = max(self._now, at)

    def tick(self, seconds: float = 20) -> None:
        """Let a little time pass.

        Args:
            seconds: How long.
        """
        self._now += timedelta(seconds=seconds)
