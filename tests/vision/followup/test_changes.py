"""A re-taken tongue changes nothing; one redrawn with another coat, cracks or tip changes just there."""

from dataclasses import replace
from functools import cache

import cv2
import numpy as np
import pytest

from vision import reading
from vision.colour import Light
from vision.followup.align import align
from vision.followup.changes import (
    LIGHT,
    TOGETHER,
    Change,
    Limit,
    Verdict,
    compare,
    light_apart,
    limits,
    lit_alike,
)
from vision.followup.look import LONGEST_PX, Look, look, small
from vision.followup.measures import MEASURES, swatch
from vision.followup.retake import retake
from vision.tongue import drawn_into, zones
from vision.tongue.drawn import draw_with_mask

DRAWN = {"body": "red", "coat": "white", "thickness": "thick"}


@cache
def drawn(**changes: object) -> tuple[np.ndarray, np.ndarray]:
    """A drawn tongue without most of its grain, which is coarser than a tongue's and looks like marks."""
    picture, mask = draw_with_mask(21, caption=False, **{**DRAWN, **changes})  # type: ignore[arg-type]
    return cv2.GaussianBlur(picture, (0, 0), 1.2), mask


@cache
def seen() -> Look:
    return look(drawn()[0])


def against(before: Look, after: Look) -> dict[str, Change]:
    one, other = before.reading.mask, after.reading.mask
    assert one is not None
    assert other is not None
    both = align(before.picture, one, after.picture, other)
    assert both.comparable
    return {change.measure.name: change for change in compare(before, after, both)}


def standing_out(changes: dict[str, Change]) -> set[str]:
    return {name for name, change in changes.items() if change.stands_out}


def turned(picture: np.ndarray, gains: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    """Turned by eight degrees, a fifth smaller, under another lamp."""
    matrix = cv2.getRotationMatrix2D((200, 200), 8, 0.8)
    moved = cv2.warpAffine(picture, matrix, (400, 400), borderMode=cv2.BORDER_REFLECT_101)
    return np.clip(np.rint(moved * np.array(gains)), 0, 255).astype(np.uint8)


def shifted(picture: np.ndarray, where: np.ndarray, channel: int, by: float) -> np.ndarray:
    """One channel of Lab moved by so much, softly at the border."""
    soft = cv2.GaussianBlur(where.astype(np.float32), (0, 0), 4)
    lab = cv2.cvtColor(picture.astype(np.float32) / 255, cv2.COLOR_BGR2Lab)
    lab[..., channel] += by * soft
    return np.clip(np.rint(cv2.cvtColor(lab, cv2.COLOR_Lab2BGR) * 255), 0, 255).astype(np.uint8)


def test_the_same_picture_twice_is_no_change_at_all() -> None:
    changes = against(seen(), seen())
    assert list(changes) == [measure.name for measure in MEASURES]
    assert {change.verdict for change in changes.values()} <= {Verdict.WITHIN, Verdict.INCOMPARABLE}
    assert {change.change for change in changes.values() if change.change is not None} == {0.0}


@pytest.mark.parametrize("gains", [(1.0, 1.0, 1.0), (0.92, 0.98, 1.04), (0.8, 0.8, 0.8), (1.06, 1.0, 0.95)])
def test_a_tongue_turned_scaled_and_relit_is_within_repeatability(gains: tuple[float, float, float]) -> None:
    assert standing_out(against(seen(), look(turned(drawn()[0], gains)))) == set()


def test_simulated_re_takes_rarely_stand_out() -> None:
    rng = np.random.default_rng(4)
    told = []
    for _ in range(4):
        again = look(retake(drawn()[0], (200.0, 200.0), rng))
        if again.reading.refused is None:
            told.append(len(standing_out(against(seen(), again))))
    assert len(told) >= 2
    assert np.median(told) <= limits()[TOGETHER].limit


def test_a_yellower_coat_is_found_yellower() -> None:
    picture, mask = drawn()
    where = np.isin(zones.divide(mask), (zones.CENTRE, zones.ROOT))
    changes = against(seen(), look(turned(shifted(picture, where, 2, 6))))
    yellower = changes["coat_yellowness_above_body_lab"]
    assert yellower.verdict is Verdict.MORE
    assert yellower.change == pytest.approx(6, abs=2.5)


def test_a_redder_tip_is_found_and_the_other_way_round() -> None:
    picture, mask = drawn()
    after = look(shifted(picture, zones.divide(mask) == zones.TIP, 1, 6))
    name = "tip_redness_above_tongue_lab"
    assert against(seen(), after)[name].verdict is Verdict.MORE
    assert against(after, seen())[name].verdict is Verdict.LESS
    assert against(seen(), after)["tip_difference_de2000"].before == 0


def test_a_coat_that_went_is_less_cover_and_no_colour() -> None:
    changes = against(seen(), look(drawn(coat="none")[0]))
    assert changes["coat_cover_share"].verdict is Verdict.LESS
    gone = changes["coat_yellowness_above_body_lab"]
    assert (gone.verdict, gone.reason, gone.change) == (Verdict.INCOMPARABLE, "absent", None)


def test_cracks_that_came_are_longer_cracks() -> None:
    picture, mask = drawn()
    rng = np.random.default_rng(2)
    for _ in range(2):
        cracked = drawn_into.crack(picture, mask, rng, 0.4, 0.45)
        assert cracked.truth is not None
        picture = cracked.picture
    changes = against(seen(), look(turned(picture)))
    assert changes["crack_length_share"].verdict is Verdict.MORE


def test_lights_too_far_apart_leave_colours_alone_and_marks_compared() -> None:
    read = seen().reading
    assert read.light is not None
    bluer = replace(read.light, gains=read.light.gains * np.array([2.5, 1, 1]))
    far = replace(seen(), reading=replace(read, light=bluer))
    changes = against(seen(), far)
    of_colour = {name: change for name, change in changes.items() if change.measure.of_colour}
    assert {(change.verdict, change.reason) for change in of_colour.values()} == {
        (Verdict.INCOMPARABLE, "light")
    }
    assert changes["crack_length_share"].verdict is Verdict.WITHIN


def test_a_card_and_an_estimate_are_two_ways_of_telling_the_light() -> None:
    estimate = Light("estimate", np.ones(3), None, None, None, 6.0)
    brighter = replace(estimate, gains=np.full(3, 1.7))
    assert light_apart(estimate, brighter) == pytest.approx(0)
    assert lit_alike(estimate, brighter, 0.1)
    assert not lit_alike(estimate, replace(estimate, source="card"), 0.1)
    warm = replace(estimate, gains=np.array([2.0, 1.0, 0.8]))
    assert not lit_alike(estimate, warm, 0.1)
    assert lit_alike(replace(estimate, source="card"), replace(warm, source="card"), 0.1)


def test_a_refused_photograph_is_not_compared() -> None:
    refused = look(np.full((300, 300, 3), 120, np.uint8))
    assert refused.reading.refused == "no_tongue"
    mask = seen().reading.mask
    assert mask is not None
    both = align(seen().picture, mask, seen().picture, mask)
    with pytest.raises(ValueError, match="refused"):
        compare(seen(), refused, both)


def test_a_measure_without_a_limit_is_not_passed_over() -> None:
    mask = seen().reading.mask
    assert mask is not None
    both = align(seen().picture, mask, seen().picture, mask)
    known = {LIGHT: Limit(LIGHT, 1.0, 1, "", "", "")}
    with pytest.raises(KeyError):
        compare(seen(), seen(), both, known)


def test_every_measure_has_a_limit_and_the_limits_say_where_they_are_from() -> None:
    table = limits()
    assert list(table) == [*(measure.name for measure in MEASURES), LIGHT, TOGETHER]
    assert all(limit.limit >= 0 and limit.pairs >= 200 for limit in table.values())
    assert {limit.command for limit in table.values()} == {
        "python -m bench.repeatability --data DIR --seed 1 --write"
    }


def test_the_limits_were_measured_with_the_models_that_ship() -> None:
    # After a change of a model: python -m bench.repeatability --data DIR --seed 1 --write
    assert {limit.model for limit in limits().values()} == {reading.model_name()}


def test_large_pictures_are_made_small_first() -> None:
    large = cv2.resize(drawn()[0], (3000, 3000), interpolation=cv2.INTER_CUBIC)
    assert max(small(large).shape) <= LONGEST_PX
    assert standing_out(against(seen(), look(large))) == set()


def test_a_swatch_is_the_colour_of_its_lab() -> None:
    assert [swatch(lab) for lab in ((100, 0, 0), (0, 0, 0), (53.24, 80.09, 67.2))] == [
        "#ffffff",
        "#000000",
        "#ff0000",
    ]
