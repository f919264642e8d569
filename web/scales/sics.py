"""The words of a scale: the part of MT-SICS level 0 that a weight takes; see docs/scales.md.

Source: Mettler-Toledo Standard Interface Command Set, reference manual, level 0: commands S, SI, Z, T.
"""

import re
from decimal import Decimal

from tcm.records.errors import N_, Invalid

# The stable net weight, or why there is none.
SEND_STABLE = b"S\r\n"
_MG_IN = {"g": 1000, "kg": 1_000_000, "mg": 1}
_STABLE = re.compile(r"S\s+S\s+(?P<number>-?\d+(?:\.\d+)?)\s*(?P<unit>kg|mg|g)")
_TYPED = re.compile(r"(?P<number>\d+(?:[.,]\d+)?)\s*(?P<unit>kg|mg|g|克|千克)?")
_REFUSALS = {
    "S I": N_("秤没有稳定，请等读数不动再记。"),
    "S +": N_("秤超重了。"),
    "S -": N_("秤没有归零，请去皮后再称。"),
}
# Above the load of any scale for herbs somebody has lost the point.
_MOST_MG = 100_000_000


class ScaleRefused(Invalid):
    """A scale answers, but has no weight to give; the sentence says why."""


def milligrams_of(answer: str) -> int:
    """The net weight in a scale's answer.

    Args:
        answer: One line, such as `S S     84.20 g`.

    Returns:
        Milligrams.

    Raises:
        ScaleRefused: When the scale moves, is over or under its range, or says something else.
    """
    found = _STABLE.fullmatch(answer.strip())
    if found is None:
        told = _REFUSALS.get(answer.strip())
        raise ScaleRefused(told) if told else ScaleRefused(N_("听不懂秤的回答，请检查秤的设置。"))
    return round(Decimal(found["number"]) * _MG_IN[found["unit"]])


def milligrams_in(text: str) -> int:
    """The weight that a person typed, or that a scale typed as a keyboard.

    Args:
        text: Such as 84.2, `84.2 g`, `0.0842 kg`, or the scale's own line.

    Returns:
        Milligrams.

    Raises:
        Invalid: When it is no weight.
    """
    plain = text.strip()
    if _STABLE.fullmatch(plain):
        return milligrams_of(plain)
    found = _TYPED.fullmatch(plain)
    if found is None:
        raise Invalid(N_("请填克数，例如 84.2。"))
    unit = {None: "g", "克": "g", "千克": "kg"}.get(found["unit"], found["unit"])
    weight = round(Decimal(found["number"].replace(",", ".")) * _MG_IN[unit])
    if not 0 < weight <= _MOST_MG:
        raise Invalid(N_("请填克数，例如 84.2。"))
    return weight
