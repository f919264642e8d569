"""Whether a mark that was found is the mark that was drawn."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import cv2
import numpy as np

from vision.tongue import drawn_into
from vision.tongue.evidence.limits import Limit

Level = tuple[float, float]

# Tolerances in shares of the tongue's length; of patches, intersection over union.
NEAR: Final = {"crack": 0.02, "notch": 0.03, "spot": 0.02}
OVERLAP: Final = 0.4


@dataclass(frozen=True)
class Trial:
    """One mark drawn into one photograph, and what could be found before and after. length in pixels."""

    photo: int
    level: Level
    truth: drawn_into.Truth
    length: float
    before: tuple[Any, ...]
    after: tuple[Any, ...]


def shown(marks: Iterable[Any], limit: Limit) -> list[Any]:
    """Those of at least this size and strength."""
    return [one for one in marks if one.size >= limit[0] and one.strength >= limit[1]]


def _points(mark: Any) -> np.ndarray:
    for name in ("line", "points", "outline"):
        if getattr(mark, name, ()):
            return np.array(getattr(mark, name), np.float64)
    return np.array([mark.at], np.float64)


def _close(some: np.ndarray, others: np.ndarray, px: float) -> float:
    """Share of `some` that lie within px of the line through `others`."""
    fine = np.concatenate([np.linspace(a, b, 8) for a, b in pairwise(others)] or [others])
    return float((np.hypot(*(some[:, None] - fine[None]).transpose(2, 0, 1)).min(axis=1) <= px).mean())


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    """Intersection over union of two outlines."""
    corner = np.minimum(one.min(axis=0), other.min(axis=0)) - 1
    size = (np.maximum(one.max(axis=0), other.max(axis=0)) - corner + 3).astype(int)
    fills = []
    for ring in (one, other):
        fill = np.zeros(size[::-1], np.uint8)
        cv2.fillPoly(fill, [np.rint(ring - corner).astype(np.int32)], 1)
        fills.append(fill)
    return float((fills[0] & fills[1]).sum() / max(1, (fills[0] | fills[1]).sum()))


def same(kind: str, one: Any, other: Any, length: float) -> bool:
    """Whether two marks, found or drawn, are one."""
    a, b = _points(one), _points(other)
    if kind in ("peeled", "stasis"):
        return overlap(a, b) >= OVERLAP
    if kind == "crack":
        return _close(a, b, NEAR[kind] * length) >= 0.5
    here, there = (np.array(mark.at) for mark in (one, other))
    return float(np.hypot(*(here - there))) <= NEAR[kind] * length


def judge(kind: str, trial: Trial, limit: Limit) -> tuple[int, int, int] | None:
    """Right, false and missed of one trial; None where the tongue's own marks lie in the way."""
    own, now = shown(trial.before, limit), shown(trial.after, limit)
    if any(
        same(kind, trial.truth, one, trial.length) or same(kind, one, trial.truth, trial.length)
        for one in own
    ):
        return None
    new = [one for one in now if not any(same(kind, one, old, trial.length) for old in own)]
    right = [one for one in new if same(kind, one, trial.truth, trial.length)]
    if kind == "crack":  # found in pieces is found, if the pieces are half of it
        lines = [_points(one) for one in now]
        drawn = _points(trial.truth)
        cover = [np.hypot(*(drawn[:, None] - line[None]).transpose(2, 0, 1)).min(axis=1) for line in lines]
        hit = bool(cover) and float((np.min(cover, axis=0) <= NEAR[kind] * trial.length).mean()) >= 0.5
    else:
        hit = bool(right)
    return int(hit), len(new) - len(right), int(not hit)


def f1(counts: Iterable[tuple[int, int, int] | None]) -> float:
    """F1 over all trials that could be judged."""
    right, false, missed = np.sum([one for one in counts if one is not None] or [(0, 0, 0)], axis=0)
    return float(2 * right / max(1, 2 * right + false + missed))
