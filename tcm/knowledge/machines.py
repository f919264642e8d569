"""What a decoction machine's readings are held against: limits, and what follows when one is passed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache

from tcm.knowledge.tables import listed, rows


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """The rows of `machine_limits.csv`, each with its source there.

    Args:
        max_c: Hottest that a decoction may be.
        sensor_error_c: How far a probe may be off; only beyond it is `max_c` passed.
        too_hot_s: How long it must be too hot before anybody is told.
        boiling_from_c: From here on it counts as boiling.
        dry_from_c: Under ordinary pressure no pot with water in it gets so hot.
        dry_below_ml: Of a machine that knows its level: so little, while it heats, is dry.
        dry_s: How long that must last.
        boil_within_min: From the beginning of a boil until it boils; the wall warns earlier.
        under_min: How much shorter than asked for it may have boiled.
        silence_min: Longest time without a reading.
        metered_within_h: A pot is expected to speak where it spoke so shortly before it was loaded.
        clock_ahead_s: How far a machine's clock may be off.
        late_max_h: Readings that were held back so long are still taken at their own time.
        keep_every_s: A steady temperature is kept so often.
        keep_change_c: A change of so much is kept at once.
        thin_after_days: Older curves keep their corners only.
        thin_within_c: No farther than this from what they were.
    """

    max_c: float
    sensor_error_c: float
    too_hot_s: float
    boiling_from_c: float
    dry_from_c: float
    dry_below_ml: float
    dry_s: float
    boil_within_min: float
    under_min: float
    silence_min: float
    metered_within_h: float
    clock_ahead_s: float
    late_max_h: float
    keep_every_s: float
    keep_change_c: float
    thin_after_days: float
    thin_within_c: float

    @property
    def too_hot_from_c(self) -> float:
        """Above this a probe's error no longer explains what it says."""
        return self.max_c + self.sensor_error_c


@dataclass(frozen=True, slots=True)
class DeviationRule:
    """What follows from one kind of deviation.

    Args:
        stops: Whether the batch waits for a named person's decision.
        go_on: Codes of the reasons for which it may go on; any other decision is to scrap it.
        note: Why, in the words of the rule.
        source: Whose rule.
        edition: Of which year.
    """

    stops: bool
    go_on: tuple[str, ...]
    note: str
    source: str
    edition: str


@cache
def machine_limits() -> MachineLimits:
    """The limits as they are kept in `machine_limits.csv`."""
    values = {row["key"]: float(row["value"]) for row in rows("machine_limits")}
    return MachineLimits(**{each.name: values[each.name] for each in fields(MachineLimits)})


@cache
def deviation_rules() -> Mapping[str, DeviationRule]:
    """What follows from each kind of deviation, by `DeviationKind`."""
    return {
        row["kind"]: DeviationRule(
            row["stops"] == "1", listed(row["go_on"]), row["note"], row["source"], row["edition"]
        )
        for row in rows("machine_deviations")
    }
