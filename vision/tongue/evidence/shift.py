"""Colour of one zone against the others: what another lamp hardly moves."""

from collections.abc import Mapping
from typing import Final

import numpy as np

Lab = tuple[float, float, float]

# ΔE by which a zone must move against the others to be reported; docs/decisions/0016.
SHIFTED: Final = 3.0


def apart(zones_lab: Mapping[str, Lab]) -> dict[str, Lab]:
    """The Lab of each zone less the mean of the other zones.

    Args:
        zones_lab: L, a and b by zone; two zones or more.

    Returns:
        Differences of L, a and b by zone.
    """
    table = {zone: np.array(lab, np.float64) for zone, lab in zones_lab.items()}
    found: dict[str, Lab] = {}
    for zone, lab in table.items():
        others = np.mean([other for name, other in table.items() if name != zone], axis=0)
        light, a, b = (lab - others).tolist()
        found[zone] = (light, a, b)
    return found


def moved(before: Mapping[str, Lab], after: Mapping[str, Lab]) -> tuple[str, float]:
    """The zone whose colour moved most against the others between two photographs of one tongue.

    Args:
        before: L, a and b by zone, in the first photograph.
        after: The same zones in the second.

    Returns:
        The zone, and its ΔE in a and b (lightness follows the exposure and is left out).
    """
    one, other = apart(before), apart(after)
    away = {zone: float(np.hypot(*(np.array(other[zone]) - np.array(one[zone]))[1:])) for zone in one}
    most = max(away, key=lambda zone: away[zone])
    return most, away[most]
