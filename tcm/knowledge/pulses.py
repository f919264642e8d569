"""The 28 pulses (二十八脉), and the limits by which a recorded pulse is told."""

from collections.abc import Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import rows

SIDES = ("左", "右")
POSITIONS = ("寸", "关", "尺")


@dataclass(frozen=True, slots=True)
class Pulse:
    """One pulse: its kind (浮脉类 ...), how it feels, what it may mean."""

    name: str
    kind: str
    feel: str
    meaning: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Pulses:
    """All pulses in the order of the table, and the limits by key."""

    pulses: tuple[Pulse, ...]
    limits: Mapping[str, float]


def read_pulses() -> Pulses:
    """Read the pulse tables."""
    return Pulses(
        pulses=tuple(Pulse(**row) for row in rows("pulses")),
        limits={row["key"]: float(row["value"]) for row in rows("pulse_limits")},
    )
