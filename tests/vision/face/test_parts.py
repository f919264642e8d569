"""The parts of the face reader each by itself."""

import dataclasses

import cv2
import numpy as np
import pytest

from vision.face import complexion, detect, drawn, light, quality, regions

SKIN = complexion.SkinColour(
    lightness=63.0,
    redness=13.1,
    yellowness=20.1,
    hue_deg=57.0,
    ita_deg=32.0,
    chroma=24.0,
    shine=0.03,
    uneven=2.0,
    shaded=5.0,
)
GOOD = quality.FaceQuality(
    presence=0.9,
    faces=1,
    eye_distance_px=110.0,
    turn=0.05,
    skin_share=0.8,
    sharpness=0.65,
    lightness=63.0,
    redness=13.0,
    yellowness=20.0,
    burnt_share=0.0,
    cut_share=0.0,
    lamp_ratio=1.2,
)


@pytest.mark.parametrize("seed", range(5))
def test_the_points_lie_where_they_were_drawn(seed: int) -> None:
    picture, points = drawn.draw_with_points(seed)
    (found,) = detect.shipped().find(picture)
    away = np.linalg.norm(found.points[:4] - points, axis=1) / found.eye_distance_px
    assert away.max() < 0.2


def test_each_region_lies_on_its_own_side() -> None:
    _, points = drawn.draw_with_points(1)
    six = np.vstack([points, points[:2]])
    parts = regions.divide((480, 480), six)
    middles = {number: np.argwhere(parts == number).mean(axis=0) for number in range(1, 7)}
    (eye_row, nose_row, mouth_row), middle = points[[0, 2, 3], 1], points[:2, 0].mean()
    assert middles[regions.FOREHEAD][0] < eye_row < middles[regions.RIGHT_CHEEK][0] < mouth_row
    assert eye_row < middles[regions.NOSE][0] < nose_row < middles[regions.LIPS][0] < middles[regions.CHIN][0]
    assert middles[regions.RIGHT_CHEEK][1] < middle < middles[regions.LEFT_CHEEK][1]


def test_a_covered_cheek_is_no_skin() -> None:
    picture, points = drawn.draw_with_points(2)
    six = np.vstack([points, points[:2]])
    parts = regions.divide((480, 480), six)
    picture[parts == regions.LEFT_CHEEK] = (200, 120, 40)
    refined = regions.refine(parts, regions.skin_mask(picture, six))
    assert not (refined == regions.LEFT_CHEEK).any()
    assert (refined == regions.RIGHT_CHEEK).any()


@pytest.mark.parametrize("gains", [(1.0, 1.0, 1.0), (0.8, 1.0, 1.2), (1.2, 1.0, 0.8)])
def test_the_lamp_is_read_from_the_white_of_the_eyes(gains: tuple[float, ...]) -> None:
    picture, points = drawn.draw_with_points(3)
    lamp = light.estimate(
        np.clip(picture * np.array(gains), 0, 255).astype(np.uint8), np.vstack([points, points[:2]])
    )
    assert lamp.reference == "sclera"
    assert np.abs(lamp.colour / (np.array(gains) / np.mean(gains)) - 1).max() < 0.04


def test_teeth_serve_where_the_eyes_are_hidden() -> None:
    picture, points = drawn.draw_with_points(3, grin=True)
    for x, y in np.rint(points[:2]).astype(int).tolist():
        cv2.ellipse(picture, (x, y), (30, 14), 0, 0, 360, (30, 35, 40), -1)
    lamp = light.estimate(picture, np.vstack([points, points[:2]]))
    assert lamp.reference == "teeth"
    assert np.abs(lamp.colour - 1).max() < 0.05


def test_two_eyes_that_disagree_are_no_reference() -> None:
    picture, points = drawn.draw_with_points(3)
    left = picture[:, 240:].astype(np.float64) * (0.7, 1.0, 1.1)
    picture[:, 240:] = np.clip(left, 0, 255).astype(np.uint8)
    assert light.estimate(picture, np.vstack([points, points[:2]])).reference == "none"


@pytest.mark.parametrize("reference", sorted(complexion.LIGHT_SPREAD))
def test_the_probabilities_sum_to_one(reference: str) -> None:
    chances = complexion.chances(SKIN, reference)
    assert list(chances) == ["normal", "red", "sallow", "pale", "dark", "cyan"]
    assert sum(chances.values()) == pytest.approx(1.0)


def test_a_worse_known_lamp_makes_less_sure() -> None:
    red = dataclasses.replace(SKIN, hue_deg=41.0, chroma=27.0)
    sure = [complexion.chances(red, reference)["red"] for reference in ("sclera", "teeth", "none")]
    assert sure == sorted(sure, reverse=True)
    assert sure[0] > complexion.ASSERT_FROM > sure[2]


def test_a_doubt_keeps_the_label_and_abstains() -> None:
    plain, doubtful = (complexion.read(SKIN, "sclera", doubt)["complexion"] for doubt in (False, True))
    assert (plain.label, plain.abstained) == ("normal", False)
    assert doubtful == dataclasses.replace(plain, abstained=True)


def test_the_drawn_colours_stand_about_the_middle_of_their_rows() -> None:
    for label, (lightness, redness, yellowness) in drawn.SKIN_LAB.items():
        skin = dataclasses.replace(
            SKIN,
            hue_deg=float(np.degrees(np.arctan2(yellowness, redness))),
            ita_deg=float(np.degrees(np.arctan2(lightness - 50, yellowness))),
            chroma=float(np.hypot(redness, yellowness)),
        )
        chances = complexion.chances(skin, "sclera")
        assert max(chances, key=lambda one: chances[one]) == label


@pytest.mark.parametrize(
    ("measure", "value", "code"),
    [
        ("faces", 0, "no_face"),
        ("eye_distance_px", 30.0, "too_small"),
        ("cut_share", 0.3, "cut_off"),
        ("lightness", 15.0, "dark"),
        ("lightness", 93.0, "bright"),
        ("burnt_share", 0.3, "bright"),
        ("redness", -5.0, "colour_cast"),
        ("yellowness", 55.0, "colour_cast"),
        ("lamp_ratio", 3.0, "colour_cast"),
        ("sharpness", 0.3, "blurred"),
        ("presence", 0.9, None),
    ],
)
def test_each_limit_refuses_by_its_own_code(measure: str, value: float, code: str | None) -> None:
    assert quality.judge(dataclasses.replace(GOOD, **{measure: value})) == code


@pytest.mark.parametrize(
    ("measure", "value", "code"),
    [
        ("faces", 2, "several_faces"),
        ("turn", 0.5, "turned"),
        ("eye_distance_px", 50.0, "small"),
        ("lightness", 30.0, "light"),
        ("burnt_share", 0.05, "light"),
        ("lamp_ratio", 2.0, "cast"),
        ("skin_share", 0.2, "covered"),
    ],
)
def test_each_doubt_is_named(measure: str, value: float, code: str) -> None:
    assert quality.doubts(GOOD, 24.0, 2.0, 5.0) == ()
    assert quality.doubts(dataclasses.replace(GOOD, **{measure: value}), 24.0, 2.0, 5.0) == (code,)


def test_make_up_and_shadow_are_doubts() -> None:
    assert quality.doubts(GOOD, 45.0, 2.0, 5.0) == ("saturated",)
    assert quality.doubts(GOOD, 24.0, 15.0, 5.0) == ("uneven",)
    assert quality.doubts(GOOD, 24.0, 2.0, 30.0) == ("shaded",)
