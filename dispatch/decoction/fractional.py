"""Weights of things that share loads, so heavy that their sum bounds the number of loads from below."""

import math
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

# A weight is a whole number of these parts of a load: what is proven of whole numbers is exact.
_PARTS = 1_000_000
# Loads that are found to be too heavy and forbidden, at most; the weights are scaled down where that ends it.
_MOST_LOADS = 400
_TOLERANCE = 1e-7


def heaviest(volumes: Sequence[int], room: int, crowds: Sequence[Sequence[int]]) -> list[Fraction]:
    """Weights with a large sum, such that no load weighs more than one.

    A load is a set of members of one crowd that fits the room. The weights are the dual of covering all
    members with loads (Gilmore & Gomory, Operations Research 9(6), 1961): a linear program in which the
    heaviest load of the last solution, found by dynamic programming, is forbidden until none is too heavy.
    Members that are alike weigh the same: no load tells them apart, so their mean is allowed too.

    Args:
        volumes: of each member, none above the room.
        room: that a load holds.
        crowds: members that can be in one load at all; each member is in one at least.

    Returns:
        A weight from 0 to 1 for each member.
    """
    # In the largest measure that divides them all, the dynamic programme is short.
    measure = math.gcd(*volumes)
    volumes, room = [volume // measure for volume in volumes], room // measure
    loads: list[list[int]] = [[crowd[0]] for crowd in crowds]
    weights = np.ones(len(volumes))
    while len(loads) < _MOST_LOADS:
        matrix = np.zeros((len(loads), len(volumes)))
        for row, load in enumerate(loads):
            matrix[row, load] = 1.0
        solved = linprog(-np.ones(len(volumes)), A_ub=matrix, b_ub=np.ones(len(loads)), bounds=(0.0, 1.0))
        weights = np.clip(solved.x, 0.0, 1.0)
        heavy = [_heaviest_load(volumes, room, crowd, weights) for crowd in crowds]
        new = [load for load in heavy if weights[load].sum() > 1 + _TOLERANCE]
        if not new:
            break
        loads += new
    return _made_exact(volumes, room, crowds, _evened(volumes, crowds, weights))


def _evened(
    volumes: Sequence[int], crowds: Sequence[Sequence[int]], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    inside = [set(crowd) for crowd in crowds]
    groups: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for member, volume in enumerate(volumes):
        groups[volume, *(member in crowd for crowd in inside)].append(member)
    evened = weights.copy()
    for members in groups.values():
        evened[members] = weights[members].mean()
    return evened


def _made_exact(
    volumes: Sequence[int], room: int, crowds: Sequence[Sequence[int]], weights: NDArray[np.float64]
) -> list[Fraction]:
    """The weights as whole parts, divided by the heaviest load of these."""
    parts = np.floor(weights * _PARTS).astype(np.int64)
    most = max(
        int(parts[_heaviest_load(volumes, room, crowd, parts.astype(np.float64))].sum()) for crowd in crowds
    )
    return [Fraction(int(each), most) for each in parts]


def _heaviest_load(
    volumes: Sequence[int], room: int, crowd: Sequence[int], weights: NDArray[np.float64]
) -> list[int]:
    """The members of a crowd that weigh most of those that fit (dynamic programming over volumes)."""
    best = np.zeros(room + 1)
    taken: list[NDArray[np.bool_]] = []
    for member in crowd:
        volume = volumes[member]
        with_it = np.full(room + 1, -1.0)
        with_it[volume:] = best[: room + 1 - volume] + weights[member]
        taken.append(with_it > best)
        best = np.maximum(best, with_it)
    left, load = room, []
    for member, took in zip(reversed(crowd), reversed(taken), strict=True):
        if took[left]:
            load.append(member)
            left -= volumes[member]
    return load
