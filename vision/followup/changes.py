"""What changed between two visits, and whether that is more than two pictures of one tongue differ by."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from vision import colour
from vision.followup.align import Aligned
from vision.followup.look import Look
from vision.followup.measures import (
    CHANNELS,
    MEASURES,
    ZONE_CHANNELS,
    ZONE_DIFFERENCE,
    Measure,
    Values,
    of_frame,
    of_reading,
)
from vision.tongue import zones

REPEATABILITY: Final = Path(__file__).parent / "repeatability.csv"
# The row that limits how far two lights may lie apart before no colour is compared.
LIGHT: Final = "light_apart_log"
# The row that says how many measures exceed their limits, all together, in one pair of re-takes.
TOGETHER: Final = "changed_count"
PERCENTILE: Final = 95
LIGHT_PERCENTILE: Final = 99


class Verdict(StrEnum):
    """What may be said of a change."""

    MORE = "more"
    LESS = "less"
    WITHIN = "within repeatability"
    INCOMPARABLE = "not comparable"


@dataclass(frozen=True)
class Limit:
    """How far two pictures of an unchanged tongue lie apart.

    measure: Of `measures.MEASURES`, LIGHT or TOGETHER.
    limit: Exceeded by 5 % of simulated pairs (LIGHT: by 1 %), in the unit of the measure.
    pairs: So many were compared.
    command: That measured it.
    measured_on: Date, ISO 8601.
    model: Version of the reader that it holds for.
    """

    measure: str
    limit: float
    pairs: int
    command: str
    measured_on: str
    model: str


@dataclass(frozen=True)
class Change:
    """One measure at two visits.

    before, after: None where a picture does not show it; of a difference of colours 0 and its ΔE2000.
    change: after less before; None where not comparable.
    limit: What two pictures of an unchanged tongue stay below 95 times of 100.
    reason: Why it is not comparable: "light", "absent"; else None.
    """

    measure: Measure
    before: float | None
    after: float | None
    change: float | None
    limit: float
    verdict: Verdict
    reason: str | None = None

    @property
    def stands_out(self) -> bool:
        """Whether it is more than a re-take brings about."""
        return self.verdict in (Verdict.MORE, Verdict.LESS)


@cache
def limits() -> Mapping[str, Limit]:
    """The shipped limits by measure, read once."""
    with REPEATABILITY.open(encoding="utf-8", newline="") as file:
        return {
            row["measure"]: Limit(
                row["measure"],
                float(row["limit"]),
                int(row["pairs"]),
                row["command"],
                row["measured_on"],
                row["model"],
            )
            for row in csv.DictReader(file)
        }


def compare(
    before: Look, after: Look, aligned: Aligned, known: Mapping[str, Limit] | None = None
) -> tuple[Change, ...]:
    """Hold every measure of two visits against its repeatability.

    Args:
        before: The earlier photograph, read.
        after: The later one.
        aligned: As `align.align` brought them together; the caller has asked whether it is `comparable`.
        known: Limits; the shipped ones where None.

    Returns:
        A change for every measure, in the order of MEASURES.

    Raises:
        ValueError: When a reading was refused.
        KeyError: When a measure has no limit.
    """
    known = limits() if known is None else known
    first, second = values(before, after, aligned)
    is_lit_alike = lit_alike(light_of(before), light_of(after), known[LIGHT].limit)
    return tuple(
        _judge(measure, first[measure.name], second[measure.name], known[measure.name].limit, is_lit_alike)
        for measure in MEASURES
    )


def values(before: Look, after: Look, aligned: Aligned) -> tuple[Values, Values]:
    """Everything that is measured of two visits.

    Args:
        before: The earlier photograph, read.
        after: The later one.
        aligned: The two in their common frame.

    Returns:
        Value by measure, earlier and later; a difference of colours is 0 before and its ΔE2000 after.

    Raises:
        ValueError: When a reading was refused.
    """
    # The same places in both: the zones of the earlier tongue, where the later one lies under it.
    parts = zones.divide(aligned.before_mask)
    parts[aligned.after_mask == 0] = 0
    pairs = ((before, aligned.before, aligned.before_mask), (after, aligned.after, aligned.after_mask))
    first, second = (
        of_frame(picture, mask, parts, light_of(one)) | of_reading(one.reading)
        for one, picture, mask in pairs
    )
    for zone in zones.ZONES:
        name = ZONE_DIFFERENCE.format(zone=zone)
        first[name], second[name] = _difference(first, second, zone)
    return first, second


def light_of(one: Look) -> colour.Light:
    """The light of a photograph that was read.

    Args:
        one: The photograph.

    Returns:
        Its light.

    Raises:
        ValueError: When it was refused.
    """
    if one.reading.light is None:
        raise ValueError("a refused photograph has nothing to compare")
    return one.reading.light


def light_apart(before: colour.Light, after: colour.Light) -> float:
    """How far two lights lie apart, brightness aside.

    Args:
        before: Of the earlier photograph.
        after: Of the later one.

    Returns:
        The largest difference of two channels' gains between the two, in logarithms.
    """
    apart = np.log(np.maximum(after.gains, 1e-6)) - np.log(np.maximum(before.gains, 1e-6))
    return float(np.ptp(apart))


def lit_alike(before: colour.Light, after: colour.Light, most_apart_log: float) -> bool:
    """Whether colours under two lights may be compared.

    Args:
        before: Of the earlier photograph.
        after: Of the later one.
        most_apart_log: Estimates further apart than this were not measured.

    Returns:
        True where a colour card told both, whatever they were; for two estimates, where they are not too far
        apart. A card and an estimate correct towards different ends.
    """
    if before.source != after.source:
        return False
    return before.source == "card" or light_apart(before, after) <= most_apart_log


def _difference(first: Values, second: Values, zone: str) -> tuple[float | None, float | None]:
    one, other = (
        [values[ZONE_CHANNELS.format(zone=zone, channel=channel)] for channel in CHANNELS]
        for values in (first, second)
    )
    if None in one or None in other:
        return None, None
    return 0.0, float(colour.delta_e(np.array(one, np.float64), np.array(other, np.float64)))


def _judge(
    measure: Measure, before: float | None, after: float | None, limit: float, is_lit_alike: bool
) -> Change:
    if measure.of_colour and not is_lit_alike:
        return Change(measure, before, after, None, limit, Verdict.INCOMPARABLE, "light")
    if before is None or after is None:
        return Change(measure, before, after, None, limit, Verdict.INCOMPARABLE, "absent")
    change = after - before
    if abs(change) <= limit:
        return Change(measure, before, after, change, limit, Verdict.WITHIN)
    return Change(measure, before, after, change, limit, Verdict.MORE if change > 0 else Verdict.LESS)
