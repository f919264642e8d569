"""Peeling, stasis and moisture: too rare in what was read to be learnt, so flagged and never asserted.

`rare.csv` says from which measure on each is flagged, and how likely it then is, as far as a few cases tell:
`logistic` is a line of two parameters, `counts` two shares of readings with one added (rule of succession).
`python -m bench.rare` prints the file.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np

from vision.tongue import features
from vision.tongue.evidence.marks import Marks, Patch
from vision.tongue.signs import Sign, terms

TABLE: Final = Path(__file__).parent / "rare.csv"
# A tongue enlarged by more than this has not the detail that a patch's border or the grain is measured by.
LARGEST_SCALE: Final = 2.0
# What is named where nothing is flagged.
USUAL: Final = {"peeled": "0", "stasis": "0", "moisture": "normal"}


@dataclass(frozen=True)
class Rare:
    """One label that may be flagged. flag_above: of the measure. fit: "logistic" or "counts".

    one, other: intercept and slope of the logistic, or the probability when flagged and otherwise.
    """

    sign: str
    label: str
    measure: str
    flag_above: float
    fit: str
    one: float
    other: float

    def probability(self, value: float) -> float:
        """How likely the label is, 0 to 1, at this value of the measure."""
        if self.fit == "counts":
            return self.one if value > self.flag_above else self.other
        return float(1 / (1 + np.exp(-(self.one + self.other * value))))


def _clearest(patches: tuple[Patch, ...]) -> float:
    return max((one.strength for one in patches), default=0.0)


MEASURES: Final[dict[str, Callable[[Marks], float]]] = {
    "peeled_strength": lambda marks: _clearest(marks.peeled),
    "stasis_strength": lambda marks: _clearest(marks.stasis),
    "shine": lambda marks: marks.moisture.shine,
    "matte": lambda marks: marks.moisture.matte,
}


def rare_signs(marks: Marks, view: features.View) -> dict[str, Sign]:
    """Name peeling, stasis and moisture for the doctor to look at.

    Args:
        marks: As `find` answers for the view.
        view: As features.view gives it; too small a one flags nothing.

    Returns:
        Signs "peeled", "stasis" and "moisture", always abstained; the probability is that of the label named.
    """
    readable = view.scale <= LARGEST_SCALE
    signs = {}
    for sign, usual in USUAL.items():
        rows = [row for row in table() if row.sign == sign]
        chances = {row.label: row.probability(MEASURES[row.measure](marks)) for row in rows}
        flagged = [row.label for row in rows if readable and MEASURES[row.measure](marks) > row.flag_above]
        label = max(flagged, key=lambda one: chances[one], default=usual)
        chance = chances[label] if flagged else max(0.0, 1 - sum(chances.values()))
        signs[sign] = Sign(label, terms()[sign, label], chance, True)
    return signs


@cache
def table() -> tuple[Rare, ...]:
    """The rows of rare.csv, read once."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return tuple(
            Rare(
                row["sign"],
                row["label"],
                row["measure"],
                float(row["flag_above"]),
                row["fit"],
                float(row["one"]),
                float(row["other"]),
            )
            for row in csv.DictReader(file)
        )
