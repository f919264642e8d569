"""Ways to say how much of each herb the next weeks will need.

Each takes the weeks that are known and how many are asked for, and answers grams of each herb for all of
them together: that is what an order has to cover.
"""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tcm.demand.series import WEEK, Use

Grams = NDArray[np.float64]
Method = Callable[[Use, int], Grams]

YEAR = 52
# First days of the lunar year, as GB/T 33661-2017 reckons them: the county travels home and doctors rest.
SPRING_FESTIVALS = (
    date(2022, 2, 1),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2027, 2, 6),
    date(2028, 1, 26),
    date(2029, 2, 13),
    date(2030, 2, 3),
)
_FESTIVAL_DAYS = 15
# Weeks of the past that a row of the learned method looks at.
_LOOKS_BACK = 13
_LEARNS_FROM = 104
_ROUNDS = 120
_LEAST_ROWS = 200


def last_week(use: Use, horizon: int) -> Grams:
    """As much as last week, every week.

    Args:
        use: The past, a week at least.
        horizon: Weeks.

    Returns:
        Grams by herb.
    """
    return use.grams[:, -1] * horizon


def seasonal_naive(use: Use, horizon: int) -> Grams:
    """As much as in the same weeks a year ago; as last week while there was no such year.

    Args:
        use: The past, a week at least.
        horizon: Weeks, a year at most.

    Returns:
        Grams by herb.
    """
    if use.weeks < YEAR:
        return last_week(use, horizon)
    begin = use.weeks - YEAR
    grams: Grams = use.grams[:, begin : begin + horizon].sum(axis=1)
    return grams


def learned(use: Use, horizon: int) -> Grams:
    """Boosted trees over all herbs at once: recent weeks, the same weeks a year ago, season, festival.

    Args:
        use: The past.
        horizon: Weeks.

    Returns:
        Grams by herb; as `recent_mean` while the past is too short to learn from.
    """
    ends = range(max(_LOOKS_BACK, use.weeks - _LEARNS_FROM), use.weeks - horizon + 1)
    if len(ends) * len(use.herbs) < _LEAST_ROWS:
        return recent_mean(use, horizon)
    # Heavy: a second of start-up that no page needs.
    from sklearn.ensemble import HistGradientBoostingRegressor  # noqa: PLC0415  # see above
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # noqa: PLC0415  # comes with it

    rows, wanted, scales = [], [], []
    for end in ends:
        features, scale = _features(use.before(end), horizon)
        rows.append(features)
        scales.append(scale)
        wanted.append(use.grams[:, end : end + horizon].sum(axis=1) / (scale * horizon))
    model = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=_ROUNDS,
        learning_rate=0.06,
        max_leaf_nodes=15,
        min_samples_leaf=40,
        l2_regularization=1.0,
        early_stopping=False,
        random_state=0,
    )
    table = np.concatenate(rows)
    # Before two years are known there is nothing to say of a year ago: the trees take no empty column.
    known = ~np.isnan(table).all(axis=0)
    features, scale = _features(use, horizon)
    # One thread: on a busy machine several wait for one another longer than they compute.
    with threadpool_limits(limits=1, user_api="openmp"):
        # A gram that is missed counts the same whichever herb it is of.
        model.fit(table[:, known], np.concatenate(wanted), sample_weight=np.concatenate(scales))
        grams: Grams = model.predict(features[:, known]) * scale * horizon
    return grams


def recent_mean(use: Use, horizon: int) -> Grams:
    """As much as in the mean of the last four weeks.

    Args:
        use: The past, a week at least.
        horizon: Weeks.

    Returns:
        Grams by herb.
    """
    grams: Grams = use.grams[:, -4:].mean(axis=1) * horizon
    return grams


METHODS: Mapping[str, Method] = {
    "last_week": last_week,
    "seasonal_naive": seasonal_naive,
    "recent_mean": recent_mean,
    "learned": learned,
}


def _features(use: Use, horizon: int) -> tuple[Grams, Grams]:
    """What is known at the end of the past, each in units of the herb's own usual week, and that unit."""
    grams = use.grams
    usual = np.maximum(grams[:, -_LOOKS_BACK:].mean(axis=1), 1.0)
    lags = [grams[:, -back] / usual for back in (1, 2, 3, 4)]
    means = [grams[:, -weeks:].mean(axis=1) / usual for weeks in (4, 8)]
    year_ago = np.full(len(use.herbs), np.nan)
    rise = np.full(len(use.herbs), np.nan)
    if use.weeks >= YEAR + _LOOKS_BACK:
        begin = use.weeks - YEAR
        same = grams[:, begin : begin + horizon].mean(axis=1)
        year_ago = same / usual
        rise = same / np.maximum(grams[:, begin - _LOOKS_BACK : begin].mean(axis=1), 1.0)
    middle = use.until + horizon * WEEK / 2
    turn = 2 * np.pi * middle.timetuple().tm_yday / 365.25
    calendar = [
        np.sin(turn),
        np.cos(turn),
        _festival_share(use.until, horizon),
        _festival_share(use.until - 4 * WEEK, 4),
    ]
    same_for_all = [np.full(len(use.herbs), value) for value in calendar]
    columns = [*lags, *means, year_ago, rise, np.log(usual), *same_for_all]
    return np.stack(columns, axis=1), usual


def _festival_share(first: date, weeks: int) -> float:
    """What part of some weeks lies in the days of the Spring Festival."""
    last = first + weeks * WEEK
    days = 0
    for festival in SPRING_FESTIVALS:
        begins, ends = max(first, festival), min(last, festival + _FESTIVAL_DAYS / 7 * WEEK)
        days += max((ends - begins).days, 0)
    return days / (7 * weeks)
