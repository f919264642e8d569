"""Rolling-origin validation: stand at a past week, know nothing after it, forecast, and look what came."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tcm.demand.methods import Method
from tcm.demand.series import Use


@dataclass(frozen=True)
class Score:
    """How well a method did.

    Args:
        wape: Grams missed, either way, in every 1 that was used.
        bias: Grams forecast too much in every 1 that was used; negative where too little.
        short: Share of herbs and origins at which less was forecast than was used.
    """

    wape: float
    bias: float
    short: float


@dataclass(frozen=True)
class Validation:
    """What the past says of some methods.

    Args:
        origins: At how many weeks it was forecast.
        scores: By name of method.
        misses_g: By name of method, used less forecast grams of each herb (row) at each origin (column).
    """

    origins: int
    scores: Mapping[str, Score]
    misses_g: Mapping[str, NDArray[np.float64]]

    @property
    def best(self) -> str:
        """The method that missed least."""
        return min(self.scores, key=lambda name: self.scores[name].wape)


def validate(
    use: Use, methods: Mapping[str, Method], *, horizon: int, origins: int, step: int = 1
) -> Validation:
    """Forecast again and again from the past alone.

    Args:
        use: The past.
        methods: By name.
        horizon: Weeks that are forecast together.
        origins: From how many weeks; the last such that its weeks are all known.
        step: Weeks between them.

    Returns:
        What came of it.

    Raises:
        ValueError: When the past is too short for so many origins.
    """
    ends = [use.weeks - horizon - step * back for back in range(origins)][::-1]
    if not ends or ends[0] < 1:
        raise ValueError("the past is too short for so many origins")
    came = np.stack([use.grams[:, end : end + horizon].sum(axis=1) for end in ends], axis=1)
    misses = {
        name: came - np.stack([method(use.before(end), horizon) for end in ends], axis=1)
        for name, method in methods.items()
    }
    return Validation(len(ends), {name: _score(miss, came) for name, miss in misses.items()}, misses)


def _score(miss: NDArray[np.float64], came: NDArray[np.float64]) -> Score:
    used = max(float(came.sum()), 1.0)
    return Score(
        wape=float(np.abs(miss).sum()) / used, bias=float(-miss.sum()) / used, short=float((miss > 0).mean())
    )
