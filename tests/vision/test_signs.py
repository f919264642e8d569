"""The readers of the signs."""

import json

import numpy as np
import pytest

from vision.tongue import features, network, signs
from vision.tongue.drawn import draw_with_mask


def model_of(weights: list[list[float]], offsets: list[float], **change: object) -> signs.SignModel:
    count = len(weights[0])
    part = {
        "labels": ["light_red", "red"],
        "columns": list(range(count)),
        "mean": [0.0] * count,
        "scale": [1.0] * count,
        "weights": weights,
        "offsets": offsets,
        "slopes": [[0.0, 0.0], [0.0, 0.0]],
        "seen_weights": [[0.0] * network.COUNT] * 2,
        "seen_offsets": [0.0, 0.0],
        "lean": [0.0, 0.0],
        "abstain_below": 0.6,
        "rare": [],
    }
    document = {
        "network_sha256": network.shipped().digest,
        "features": list(features.NAMES),
        "farthest": 4.0,
        "signs": {"body": part | change},
    }
    return signs.parse(json.dumps(document).encode(), network.shipped())


def describe(photo: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return features.describe(features.view(photo, mask))


NOTHING_SEEN = np.zeros(network.COUNT)


def flat(value: float) -> list[float]:
    return [value] * 5


def test_probabilities_are_the_softmax_of_the_scores() -> None:
    reader = model_of([flat(0), flat(0)], [0.0, float(np.log(3))]).readers["body"]
    assert np.allclose(reader.probabilities(np.zeros(len(features.NAMES)), NOTHING_SEEN), [0.25, 0.75])


def test_a_reader_looks_at_its_own_columns_and_no_farther_than_it_learnt() -> None:
    change = {"columns": [7], "mean": [1.0], "scale": [2.0]}
    reader = model_of([[0.0], [1.0]], [0.0, 0.0], **change).readers["body"]
    numbers = np.full(len(features.NAMES), 1e9)
    numbers[7] = 5.0
    assert np.allclose(reader.probabilities(numbers, NOTHING_SEEN)[1], 1 / (1 + np.exp(-2.0)))
    numbers[7] = 1e9
    assert np.allclose(reader.probabilities(numbers, NOTHING_SEEN)[1], 1 / (1 + np.exp(-4.0)))


def test_what_the_network_sees_counts_by_its_slopes() -> None:
    change = {"slopes": [[0.0, 0.0], [-1.0, 2.0]], "seen_weights": [[0.0] * network.COUNT] * 2}
    change["seen_weights"][1] = [np.log(3.0)] + [0.0] * (network.COUNT - 1)
    reader = model_of([flat(0), flat(0)], [0.0, 0.0], **change).readers["body"]
    seen = np.eye(1, network.COUNT)[0]
    score = -np.log(0.25) + 2 * np.log(0.75)
    expected = 1 / (1 + np.exp(-score))
    assert reader.probabilities(np.zeros(len(features.NAMES)), seen)[1] == pytest.approx(expected)


def test_the_likelier_label_is_named_with_its_chinese_term() -> None:
    read = model_of([flat(0), flat(0)], [0.0, float(np.log(3))]).read(features.view(*draw_with_mask(1)))
    assert read == {"body": signs.Sign("red", "红舌", pytest.approx(0.75), False)}


def test_a_lean_names_the_rarer_label_with_its_own_probability() -> None:
    read = model_of([flat(0), flat(0)], [0.0, float(np.log(3))], lean=[2.0, 0.0]).read(
        features.view(*draw_with_mask(1))
    )
    assert read == {"body": signs.Sign("light_red", "淡红舌", pytest.approx(0.25), True)}


def test_below_its_threshold_a_reader_abstains() -> None:
    read = model_of([flat(0), flat(0)], [0.0, 0.1]).read(features.view(*draw_with_mask(1)))
    assert read["body"].abstained is True


def test_a_rare_label_is_flagged_and_never_asserted() -> None:
    read = model_of([flat(0), flat(0)], [0.0, 9.0], rare=["red"]).read(features.view(*draw_with_mask(1)))
    assert (read["body"].label, read["body"].abstained) == ("red", True)


def test_a_model_made_for_other_features_is_refused() -> None:
    document = json.loads(signs.MODEL.read_text(encoding="utf-8"))
    document["features"][0] = "another"
    with pytest.raises(ValueError, match="other features"):
        signs.parse(json.dumps(document).encode(), network.shipped())


def test_a_model_made_with_another_network_is_refused() -> None:
    document = json.loads(signs.MODEL.read_text(encoding="utf-8"))
    document["network_sha256"] = "0" * 64
    with pytest.raises(ValueError, match="another network"):
        signs.parse(json.dumps(document).encode(), network.shipped())


def test_the_shipped_model_reads_the_signs_it_documents_and_every_label_has_a_term() -> None:
    model = signs.shipped()
    assert list(model.readers) == [
        "body",
        "coat_colour",
        "coat_thickness",
        "cracks",
        "tooth_marks",
        "red_spots",
        "shape",
    ]
    labels = {(sign, label) for sign, reader in model.readers.items() for label in reader.labels}
    assert labels - set(signs.terms()) == set()
    assert model.readers["body"].rare == {"pale", "purple"}
    assert model.readers["coat_colour"].rare == {"none", "grey_black"}
    assert model.readers["coat_thickness"].rare == {"none"}
    assert model.readers["shape"].rare == {"thin"}


def test_no_weight_is_missing_or_infinite() -> None:
    model = signs.shipped()
    assert all(np.isfinite(reader.weights).all() for reader in model.readers.values())
    assert all((reader.scale > 0).all() for reader in model.readers.values())


@pytest.mark.parametrize("seed", range(6))
def test_drawn_bodies_far_apart_are_told_apart(seed: int) -> None:
    """The reader was trained on photographs, so only the clear cases are asked of it."""
    model = signs.shipped()
    red = model.read(features.view(*draw_with_mask(seed, body="red", coat="white", caption=False)))["body"]
    assert red.label == "red"


def test_features_are_finite_and_do_not_depend_on_the_size_of_the_photograph() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    large = np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)
    large_mask = np.repeat(np.repeat(mask, 2, axis=0), 2, axis=1)
    small, twice = describe(picture, mask), describe(large, large_mask)
    assert np.isfinite(small).all()
    middles = [i for i, name in enumerate(features.NAMES) if name.endswith("_mid")]
    assert np.allclose(small[middles], twice[middles], atol=0.05)


def test_the_names_of_the_features_are_as_many_as_the_numbers_and_no_two_the_same() -> None:
    assert len(set(features.NAMES)) == len(features.NAMES) == len(describe(*draw_with_mask(3)))


def test_another_lamp_adds_its_own_number_to_the_colour_of_the_tongue_and_leaves_the_zones_apart_alone() -> (
    None
):
    picture, mask = draw_with_mask(4, caption=False)
    lit = np.clip(picture * np.array([0.85, 1.0, 1.12]), 0, 255).astype(np.uint8)
    change = dict(zip(features.NAMES, describe(lit, mask) - describe(picture, mask), strict=True))
    assert change["tongue_red"] == pytest.approx(np.log(1.12), abs=0.02)
    assert change["tongue_blue"] == pytest.approx(np.log(0.85), abs=0.03)
    apart = [change[f"{zone}_{ch}_mid"] for zone in ("tip", "edges", "centre") for ch in ("red", "blue")]
    assert np.abs(apart).max() < 0.03


def test_an_empty_mask_cannot_be_described() -> None:
    with pytest.raises(ValueError, match="no tongue"):
        describe(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8))


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_a_tiny_mask_is_described_without_an_error(size: int) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[20 : 20 + size, 20 : 20 + size] = 255
    assert np.isfinite(describe(np.full((40, 40, 3), 90, np.uint8), mask)).all()
