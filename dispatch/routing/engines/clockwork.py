"""How time is shared out: by the clock, or by rounds where the answer must be repeatable."""

import time
from dataclasses import dataclass

from dispatch.routing.instance import Instance

# Iterations of PyVRP that a slow and busy core does in a second; measured ones do two to three times as many.
_MOST_A_SECOND = 900.0
_CLIENTS_A_SECOND = 300_000.0
_TRIPS_SHARE = 0.4


@dataclass(frozen=True, slots=True)
class Clock:
    """The time of one search.

    Attributes:
        began_at: of `time.monotonic`.
        seconds: it may take.
        counts: rounds decide, the clock only ends what takes far too long.
        pace: of the rounds; 1 is that of a slow and busy core.
    """

    began_at: float
    seconds: float
    counts: bool
    pace: float = 1.0

    @property
    def ends_at(self) -> float:
        """When everything must be over."""
        return self.began_at + self.seconds

    def at(self, share: float) -> float:
        """The moment when a share of the time is over; the very end where rounds decide."""
        return self.ends_at if self.counts else self.began_at + share * self.seconds

    def rounds(self, instance: Instance, share: float) -> int | None:
        """Iterations for a share of the time, None where the clock decides."""
        if not self.counts:
            return None
        rate = self.pace * min(_MOST_A_SECOND, _CLIENTS_A_SECOND / len(instance.clients))
        return max(1, int(self.seconds * share * rate * (_TRIPS_SHARE if instance.has_trips else 1.0)))

    def is_over(self) -> bool:
        """Whether nothing more should begin."""
        return time.monotonic() >= self.ends_at - 0.02
