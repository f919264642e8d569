"""Ways to forecast: each says what its name says, and the learned one sees a season that others miss."""

from datetime import date

import numpy as np
import pytest

from tcm.demand import METHODS, Use, last_week, learned, seasonal_naive, validate
from tcm.demand.methods import recent_mean
from tcm.demand.validation import Validation

FIRST = date(2023, 11, 6)
HERBS = tuple(f"herb{number}" for number in range(12))


def seasonal(weeks: int, seed: int = 1) -> Use:
    """Herbs with a season each, growth, and noise."""
    rng = np.random.default_rng(seed)
    week = np.arange(weeks)
    peaks = rng.integers(0, 52, len(HERBS))[:, None]
    season = 1 + 0.8 * np.cos(2 * np.pi * (week - peaks) / 52)
    usual = rng.uniform(200, 4000, len(HERBS))[:, None]
    return Use(FIRST, HERBS, usual * season * 1.1 ** (week / 52) * rng.normal(1, 0.05, (len(HERBS), weeks)))


@pytest.fixture(scope="module")
def tried() -> Validation:
    return validate(seasonal(130), METHODS, horizon=4, origins=8)


def test_simple_ways_say_what_their_names_say() -> None:
    use = Use(FIRST, ("党参",), np.arange(1.0, 61.0)[None, :])
    assert last_week(use, 3).tolist() == [180.0]
    assert seasonal_naive(use, 3).tolist() == [9.0 + 10.0 + 11.0]
    assert recent_mean(use, 2).tolist() == [117.0]


def test_before_a_year_is_known_the_season_is_last_week() -> None:
    use = Use(FIRST, ("党参",), np.arange(1.0, 41.0)[None, :])
    assert seasonal_naive(use, 2).tolist() == last_week(use, 2).tolist()


def test_while_the_past_is_too_short_to_learn_from_it_is_the_recent_mean() -> None:
    use = seasonal(20)
    assert learned(use, 4).tolist() == recent_mean(use, 4).tolist()


@pytest.mark.parametrize("weeks", [40, 55, 66, 72])
def test_a_past_without_a_year_before_it_is_learned_from_too(weeks: int) -> None:
    use = seasonal(weeks)
    answered = learned(use, 4)
    assert answered.tolist() != recent_mean(use, 4).tolist()
    assert np.isfinite(answered).all()


def test_what_is_learned_is_the_same_twice_and_never_negative() -> None:
    use = seasonal(90)
    assert learned(use, 4).tolist() == learned(use, 4).tolist()
    assert (learned(use, 4) >= 0).all()


def test_on_seasons_and_growth_the_learned_way_misses_least(tried: Validation) -> None:
    assert tried.best == "learned"
    assert tried.scores["learned"].wape < min(
        tried.scores[name].wape for name in ("last_week", "seasonal_naive", "recent_mean")
    )


def test_nothing_after_the_origin_is_known_to_any_way() -> None:
    use = seasonal(100)
    other = Use(use.first, use.herbs, use.grams.copy())
    other.grams[:, 90:] *= 7
    for method in METHODS.values():
        assert method(use.before(90), 4).tolist() == method(other.before(90), 4).tolist()


def test_a_score_counts_grams_missed_and_their_sign() -> None:
    use = Use(FIRST, ("党参", "茯苓"), np.array([[10.0, 20.0, 30.0], [10.0, 10.0, 10.0]]))
    found = validate(use, {"last_week": last_week}, horizon=1, origins=2)
    score = found.scores["last_week"]
    assert (score.wape, score.bias, score.short) == (20 / 70, -20 / 70, 0.5)
    assert found.misses_g["last_week"].tolist() == [[10.0, 10.0], [0.0, 0.0]]


def test_more_origins_than_the_past_has_weeks_are_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        validate(seasonal(10), METHODS, horizon=4, origins=7)
