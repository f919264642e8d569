"""Which provider of distances is used, as an operator says it."""

from dataclasses import dataclass
from pathlib import Path

from dispatch.guard import number
from dispatch.roads.cache import Clock, Warn
from dispatch.roads.great_circle import GreatCircle
from dispatch.roads.provider import Provider


@dataclass(frozen=True, slots=True)
class RoadSettings:
    """What an operator says about distances.

    Attributes:
        travel: "great-circle".
        winding_factor: of the great circle; None takes that of each kind's row.

    Raises:
        ValueError: naming what cannot be used.
    """

    travel: str = "great-circle"
    winding_factor: float | None = None

    def __post_init__(self) -> None:
        if self.travel != "great-circle":
            raise ValueError(f"travel must be great-circle, got {self.travel!r}")
        if self.winding_factor is not None:
            number("winding_factor", self.winding_factor, low=1, high=10)


def open_provider(settings: RoadSettings, *, folder: Path | None, now: Clock, warn: Warn) -> Provider:
    """The provider that the settings name.

    Args:
        settings: what the operator said.
        folder: where matrices are kept; None keeps none.
        now: tells the time, aware; the age of kept matrices is counted from it.
        warn: told one sentence for each thing that people should know.

    Returns:
        The provider; nothing is read before its first `travel`.
    """
    return GreatCircle(settings.winding_factor)
