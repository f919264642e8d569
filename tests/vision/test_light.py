"""The light: by the card where it is good, else estimated, never both and never silently."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vision
from vision import card, card_drawn, colour, light
from vision.tongue import zones
from vision.tongue.drawn import draw_with_mask

PICTURE, MASK = draw_with_mask(6, caption=False)
PARTS = zones.divide(MASK)
WHITE = colour.Light("estimate", np.ones(3), None, None, None, 0.0)
TRUE = colour.linear_of_lab(card.printed().lab)
# A lamp that mixes channels, as narrow bands do: blue, green, red.
MIXING = np.array([[0.7, 0.1, 0.0], [0.05, 0.9, 0.1], [0.0, 0.15, 0.95]])


def srgb(linear: np.ndarray) -> np.ndarray:
    held = np.clip(linear, 0, 1)
    coded = np.where(held <= 0.0031308, held * 12.92, 1.055 * held ** (1 / 2.4) - 0.055)
    return np.rint(coded * 255).astype(np.uint8)


def under(
    lamp: np.ndarray, picture: np.ndarray = PICTURE, beside: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """The drawn tongue under a lamp, with a card beside it where wanted; and the mask."""
    scene, mask = colour.linear_of(picture).astype(np.float32), MASK
    if beside:
        scene = np.pad(scene, ((0, 0), (0, 320), (0, 0)), mode="edge")
        mask = np.pad(MASK, ((0, 0), (0, 320)))
        scene = card_drawn.lay(scene, card_drawn.draw(32), card_drawn.turned((560, 200), 230, 12))
    return srgb(cv2.transform(scene, lamp)), mask


def apart(picture: np.ndarray, mask: np.ndarray, lit: colour.Light) -> float:
    """Mean CIEDE2000 of the zones' Lab from those of the drawing under white light."""
    truth = np.array(list(colour.zone_lab(PICTURE, PARTS, WHITE).values()))
    seen = np.array(list(colour.zone_lab(picture, zones.divide(mask), lit).values()))
    return float(colour.delta_e(seen, truth).mean())


def test_a_measured_card_brings_the_zones_back_under_a_mixing_lamp() -> None:
    picture, mask = under(MIXING, beside=True)
    told = light.told(picture, mask, card.Reference(card.printed().lab, measured=True))
    assert (told.source, told.card_fault) == ("card", None)
    assert told.matrix is not None
    assert told.matrix.shape == (3, 3)
    assert apart(picture, mask, WHITE) > 3.0
    assert apart(picture, mask, told) < 1.0


def test_an_unmeasured_card_gives_gains_and_no_matrix() -> None:
    picture, mask = under(MIXING, beside=True)
    told = light.told(picture, mask)
    assert (told.source, told.matrix) == ("card", None)
    assert apart(picture, mask, told) < apart(picture, mask, WHITE)


@settings(max_examples=25, deadline=None)
@given(blue=st.floats(0.6, 1.4), red=st.floats(0.75, 1.3), brightness=st.floats(0.6, 1.3))
def test_under_any_even_lamp_the_card_holds_the_zones(blue: float, red: float, brightness: float) -> None:
    picture, mask = under(np.diag([blue, 1.0, red]) * brightness, beside=True)
    told = light.told(picture, mask)
    assert told.source == "card"
    assert apart(picture, mask, told) < 1.5


def test_without_a_card_the_light_is_estimated_with_its_uncertainty() -> None:
    told = light.told(*under(np.eye(3)))
    assert (told.source, told.matrix, told.corners, told.residual_de) == ("estimate", None, None, None)
    assert told.uncertainty_de == light.UNCERTAIN_DE["estimate"]
    assert told.card_fault is None


def test_the_estimate_takes_most_of_a_cast_away() -> None:
    plain = light.told(*under(np.eye(3))).gains
    lamp = np.array([0.6, 1.0, 1.25])
    cast = light.told(*under(np.diag(lamp))).gains
    left = np.log(cast / plain * lamp)
    assert np.ptp(left) < 0.35 * np.ptp(np.log(lamp))


def test_the_estimate_keeps_most_of_a_change_of_the_tongue_alone() -> None:
    purple = PICTURE.copy()
    change = np.array([1.25, 0.95, 0.9])
    purple[MASK > 0] = srgb(colour.linear_of(PICTURE)[MASK > 0] * change)
    before, after = (light.estimated(one, MASK) for one in (PICTURE, purple))
    taken = np.log(before.gains / after.gains)
    assert taken @ np.log(change) < 0.5 * np.log(change) @ np.log(change)


def test_a_card_that_cannot_be_used_is_named_beside_the_estimate() -> None:
    picture, mask = under(np.eye(3), beside=True)
    picture[:, 560:] = srgb(colour.linear_of(picture[:, 560:]) * 0.5)
    picture[:200, 400:] = srgb(colour.linear_of(picture[:200, 400:]) * 0.5)
    told = light.told(picture, mask)
    assert (told.source, told.card_fault) == ("estimate", "shadow")


def test_a_tongue_that_fills_the_picture_is_estimated_by_itself() -> None:
    filled = PICTURE[150:250, 150:250]
    told = light.estimated(filled, np.full(filled.shape[:2], 255, np.uint8))
    assert np.isfinite(told.gains).all()
    assert np.isnan(light.references(filled, np.full(filled.shape[:2], 255, np.uint8))[1]).all()


def test_a_burnt_out_tongue_still_has_finite_gains() -> None:
    told = light.estimated(np.full_like(PICTURE, 255), MASK)
    assert np.isfinite(told.gains).all()


def test_no_tongue_and_no_card_is_refused() -> None:
    with pytest.raises(ValueError, match="no tongue"):
        light.told(PICTURE, np.zeros_like(MASK))


def test_the_estimate_does_not_depend_on_the_size_of_the_photograph() -> None:
    large = cv2.resize(PICTURE, (2400, 2400), interpolation=cv2.INTER_CUBIC)
    large_mask = cv2.resize(MASK, (2400, 2400), interpolation=cv2.INTER_NEAREST)
    assert np.allclose(light.told(large, large_mask).gains, light.told(PICTURE, MASK).gains, rtol=0.04)


@pytest.mark.parametrize("lamp", [(0.35, 1.0, 1.25), (1.8, 0.8, 0.35)])
def test_a_photograph_refused_for_its_cast_is_read_where_a_card_tells_the_lamp(
    lamp: tuple[float, float, float],
) -> None:
    bare, _ = under(np.diag(lamp))
    with_card, _ = under(np.diag(lamp), beside=True)
    assert vision.read(bare).refused == "colour_cast"
    reading = vision.read(with_card)
    assert (reading.refused, reading.light.source) == (None, "card")
    white = vision.read(under(np.eye(3), beside=True)[0])
    assert list(reading.zones) == list(white.zones)
    apart_de = colour.delta_e(np.array(list(reading.zones.values())), np.array(list(white.zones.values())))
    assert apart_de.max() < 2.5
