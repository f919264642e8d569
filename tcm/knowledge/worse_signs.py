"""What a patient who feels worse can tick, and which of it cannot wait."""

from dataclasses import dataclass

from tcm.knowledge.red_flags import Urgency
from tcm.knowledge.tables import rows

_URGENCIES: dict[str, Urgency] = {"急": "急", "慎": "慎"}


@dataclass(frozen=True, slots=True)
class WorseSign:
    """A sign in a patient's own words, and whether it cannot wait (急)."""

    sign: str
    sign_en: str
    urgency: Urgency
    source: str
    edition: str


def read_worse_signs() -> tuple[WorseSign, ...]:
    """Read the table, in its order.

    Raises:
        ValueError: an urgency that is neither 急 nor 慎.
    """
    signs = []
    for row in rows("worse_signs"):
        if row["urgency"] not in _URGENCIES:
            raise ValueError(f"worse_signs: {row['sign']}: urgency {row['urgency']!r}")
        urgency = _URGENCIES[row["urgency"]]
        signs.append(WorseSign(row["sign"], row["sign_en"], urgency, row["source"], row["edition"]))
    return tuple(signs)
