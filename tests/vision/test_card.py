"""The colour card: found in any pose, read under any lamp, refused where it lies."""

import csv
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vision import card, card_drawn, colour, light
from vision.tongue.drawn import draw_with_mask

FLAT = card_drawn.draw(32)
TRUE = colour.linear_of_lab(card.printed().lab)


def photograph(linear: np.ndarray, seed: int = 1) -> np.ndarray:
    noisy = np.clip(linear + np.random.default_rng(seed).normal(0, 0.002, linear.shape), 0, 1)
    coded = np.where(noisy <= 0.0031308, noisy * 12.92, 1.055 * noisy ** (1 / 2.4) - 0.055)
    return np.rint(coded * 255).astype(np.uint8)


def scene(
    width_px: float = 220,
    degrees: float = 10,
    tilt: float = 0.05,
    lamp: tuple[float, float, float] = (1, 1, 1),
    flat: np.ndarray = FLAT,
) -> np.ndarray:
    """A drawn tongue with the card beside it, in linear light under a lamp (blue, green, red)."""
    tongue, _ = draw_with_mask(4, caption=False)
    beside = np.full((400, 720, 3), (92, 112, 168), np.uint8)
    beside[:, :400] = tongue
    laid = card_drawn.lay(
        colour.linear_of(beside).astype(np.float32),
        flat,
        card_drawn.turned((560, 200), width_px, degrees, tilt),
    )
    return laid * np.array(lamp, np.float32)


def found(picture: np.ndarray) -> card.Sighting:
    sighting = card.find(picture)
    assert isinstance(sighting, card.Sighting)
    return sighting


@settings(max_examples=40, deadline=None)
@given(
    width_px=st.floats(130, 240),
    degrees=st.floats(-180, 180),
    tilt=st.floats(-0.12, 0.12),
    blue=st.floats(0.45, 1.2),
    red=st.floats(0.8, 1.2),
    brightness=st.floats(0.4, 1.1),
)
def test_a_card_in_any_pose_and_light_is_read_and_its_gains_undo_the_lamp(
    width_px: float, degrees: float, tilt: float, blue: float, red: float, brightness: float
) -> None:
    lamp = np.array([blue, 1.0, red]) * brightness
    sighting = found(photograph(scene(width_px, degrees, tilt, tuple(lamp))))
    assert sighting.fault is None
    assert np.allclose(
        sighting.corners, card_drawn.turned((560, 200), width_px, degrees, tilt), atol=0.02 * width_px
    )
    told = light.fit(sighting, card.printed())
    assert told is not None
    assert np.allclose(told.gains * lamp, 1.0, atol=0.04)
    assert told.residual_de is not None
    assert told.residual_de < 1.5


def test_patches_are_read_as_printed_under_white_light() -> None:
    sighting = found(photograph(scene()))
    assert sighting.usable.all()
    assert np.allclose(sighting.linear, TRUE, atol=0.01)


def test_a_twelve_megapixel_photograph_is_read_as_the_small_one() -> None:
    large = cv2.resize(photograph(scene()), (4320, 2400), interpolation=cv2.INTER_CUBIC)
    sighting = found(large)
    assert sighting.fault is None
    assert np.allclose(sighting.corners / 6, found(photograph(scene())).corners, atol=1.0)
    assert np.allclose(sighting.linear, TRUE, atol=0.01)


def test_a_picture_without_a_card_has_none() -> None:
    assert card.find(draw_with_mask(4)[0]) is None
    assert card.find(np.random.default_rng(1).integers(0, 256, (300, 400, 3), np.uint8)) is None


def test_a_finger_on_a_marker_leaves_the_card_incomplete() -> None:
    picture = photograph(scene(degrees=0, tilt=0))
    x, y = card_drawn.turned((560, 200), 220, 0)[2].astype(int)
    picture[y - 45 : y, x - 45 : x] = (100, 120, 180)
    assert card.find(picture) == "incomplete"
    assert light.by_card(picture) == "incomplete"


def fault(linear: np.ndarray) -> str | None:
    return found(photograph(linear)).fault


def test_a_gentle_slope_of_light_is_evened_out() -> None:
    linear = scene(degrees=0, tilt=0)
    sloped = linear * np.linspace(1.3, 0.7, linear.shape[1], dtype=np.float32)[None, :, None]
    sighting = found(photograph(sloped))
    assert sighting.fault is None
    level = (sighting.linear / TRUE).mean(axis=1)
    assert level.std() / level.mean() < 0.02


def test_a_shadow_over_part_of_the_card_is_refused() -> None:
    linear = scene(degrees=0, tilt=0)
    linear[:, 560:] *= 0.55
    linear[:190] *= 0.6
    assert fault(linear) == "shadow"


def test_shine_over_part_of_the_card_is_refused() -> None:
    linear = scene(degrees=0, tilt=0)
    rows, columns = np.indices(linear.shape[:2])
    linear += 0.3 * np.exp(-(((rows - 200) / 60) ** 2 + ((columns - 490) / 40) ** 2))[..., None]
    assert fault(linear) in ("shadow", "uneven", "clipped")
    assert light.by_card(photograph(linear)) in ("shadow", "uneven", "clipped")


def test_two_lamps_of_different_colour_are_refused() -> None:
    linear = scene(degrees=0, tilt=0)
    share = np.linspace(0, 1, linear.shape[1], dtype=np.float32)[None, :, None]
    mixed = linear * ((1 - share) * np.float32([1.6, 1.0, 0.5]) + share * np.float32([0.5, 1.0, 1.6]))
    assert fault(mixed * 0.7) == "mixed_light"


def test_a_card_too_bright_to_read_is_refused_as_clipped() -> None:
    assert fault(scene(lamp=(3.5, 3.5, 3.5))) == "clipped"


def test_a_few_clipped_patches_are_left_out_and_the_rest_is_used() -> None:
    sighting = found(photograph(scene(lamp=(1.3, 1.3, 1.3))))
    assert sighting.fault is None
    assert 0 < np.count_nonzero(~sighting.usable) < card.MOST_CLIPPED
    told = light.fit(sighting, card.printed())
    assert told is not None
    assert np.allclose(told.gains, 1 / 1.3, atol=0.03)


def test_a_card_with_hair_across_many_patches_is_refused_as_uneven() -> None:
    flat = FLAT.copy()
    for y in range(8, flat.shape[0], 32):
        if not (y < 64 or y > 128):
            flat[y : y + 8] *= 0.15
    assert fault(scene(240, 0, 0, flat=flat)) == "uneven"


def test_a_bent_card_is_refused() -> None:
    linear = scene(240, 0, 0)
    rows, columns = np.indices(linear.shape[:2], np.float32)
    bent = cv2.remap(linear, columns + 14 * np.sin((rows - 110) / 180 * np.pi), rows, cv2.INTER_LINEAR)
    assert fault(bent) == "bent"


def test_colours_that_do_not_fit_are_refused_and_not_applied() -> None:
    rng = np.random.default_rng(3)
    mixed_up = np.array([patch.grey for patch in card.patches()])
    wrong = TRUE.copy()
    wrong[~mixed_up] = TRUE[~mixed_up][rng.permutation(np.count_nonzero(~mixed_up))]
    picture = photograph(scene(flat=card_drawn.draw(32, wrong)))
    assert found(picture).fault is None
    assert light.by_card(picture) == "misfit"


def test_greys_come_in_pairs_of_one_value_mirrored_through_the_middle() -> None:
    patches = card.patches()
    assert len(patches) == len({(patch.row, patch.column) for patch in patches}) == 32
    for patch in patches:
        if patch.grey:
            assert patch.twin is not None
            assert patches[patch.twin].srgb == patch.srgb
            assert len(set(patch.srgb)) == 1
    assert sum(patch.grey for patch in patches) == 12


def written(path: Path, rows: list[tuple[str, object, object, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("patch", "L", "a", "b"), *rows])
    return path


def rows_of(lab: np.ndarray) -> list[tuple[str, object, object, object]]:
    return [(patch.name, *value) for patch, value in zip(card.patches(), lab.tolist(), strict=True)]


def test_a_measured_card_is_read_in_the_order_of_the_patches(tmp_path: Path) -> None:
    lab = card.printed().lab * 0.9
    reference = card.read_reference(written(tmp_path / "card.csv", rows_of(lab)[::-1]))
    assert reference.measured
    assert np.allclose(reference.lab, lab)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda rows: rows[1:], "grey_4a is missing or unknown"),
        (lambda rows: [*rows, ("green", 1, 2, 3)], "a patch is there twice"),
        (lambda rows: [*rows, ("pink", 1, 2, 3)], "pink is missing or unknown"),
        (lambda rows: [(rows[0][0], "dark", 0, 0), *rows[1:]], "needs a number"),
        (lambda rows: [(rows[0][0], 101, 0, 0), *rows[1:]], "outside L 0 to 100"),
        (lambda rows: [(rows[0][0], "nan", 0, 0), *rows[1:]], "outside L 0 to 100"),
    ],
)
def test_a_measured_card_that_is_not_complete_is_refused_by_a_sentence(
    tmp_path: Path, change: object, sentence: str
) -> None:
    path = written(tmp_path / "card.csv", change(rows_of(card.printed().lab)))  # type: ignore[operator]
    with pytest.raises(ValueError, match=sentence):
        card.read_reference(path)


def test_a_file_that_is_no_text_is_no_measured_card(tmp_path: Path) -> None:
    path = tmp_path / "card.csv"
    path.write_bytes(b"\xff\xfe\x00patch")
    with pytest.raises(ValueError, match="no CSV file in UTF-8"):
        card.read_reference(path)


def test_a_page_of_thousands_of_markers_too_small_to_read_is_no_card() -> None:
    marker = np.pad(card.marker(0).astype(np.uint8) * 255, 1, constant_values=255)
    page = np.tile(np.kron(marker, np.ones((2, 2), np.uint8)), (60, 60))
    assert card.find(np.repeat(page[..., None], 3, axis=2)) is None
