"""The readers of the signs."""

import json

import numpy as np
import pytest

from vision.tongue import features, signs
from vision.tongue.drawn import draw_with_mask


def model_of(weights: list[list[float]], offsets: list[float], **change: object) -> signs.SignModel:
    count = len(features.NAMES)
    part = {
        "labels": ["light_red", "red"],
        "weights": weights,
        "offsets": offsets,
        "abstain_below": 0.6,
        "rare": [],
    }
    document = {"features": list(features.NAMES), "mean": [0.0] * count, "scale": [1.0] * count}
    return signs.parse(json.dumps(document | {"signs": {"body": part | change}}).encode())


def flat(value: float) -> list[float]:
    return [value] * len(features.NAMES)


def test_probabilities_are_the_softmax_of_the_scores() -> None:
    reader = model_of([flat(0), flat(0)], [0.0, float(np.log(3))]).readers["body"]
    assert np.allclose(reader.probabilities(np.zeros(len(features.NAMES))), [0.25, 0.75])


def test_the_likelier_label_is_named_with_its_chinese_term() -> None:
    read = model_of([flat(0), flat(0)], [0.0, float(np.log(3))]).read(*draw_with_mask(1))
    assert read == {"body": signs.Sign("red", "红舌", pytest.approx(0.75), False)}


def test_below_its_threshold_a_reader_abstains() -> None:
    read = model_of([flat(0), flat(0)], [0.0, 0.1]).read(*draw_with_mask(1))
    assert read["body"].abstained is True


def test_a_rare_label_is_flagged_and_never_asserted() -> None:
    read = model_of([flat(0), flat(0)], [0.0, 9.0], rare=["red"]).read(*draw_with_mask(1))
    assert (read["body"].label, read["body"].abstained) == ("red", True)


def test_a_model_made_for_other_features_is_refused() -> None:
    document = json.loads(signs.MODEL.read_text(encoding="utf-8"))
    document["features"][0] = "another"
    with pytest.raises(ValueError, match="other features"):
        signs.parse(json.dumps(document).encode())


def test_the_shipped_model_reads_the_signs_it_documents_and_every_label_has_a_term() -> None:
    model = signs.shipped()
    assert list(model.readers) == ["body", "coat_colour", "coat_thickness", "cracks"]
    labels = {(sign, label) for sign, reader in model.readers.items() for label in reader.labels}
    assert labels - set(signs.terms()) == set()
    assert model.readers["body"].rare == {"pale", "purple"}


def test_no_weight_is_missing_or_infinite() -> None:
    model = signs.shipped()
    assert all(np.isfinite(reader.weights).all() for reader in model.readers.values())
    assert (model.scale > 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_drawn_bodies_far_apart_are_told_apart(seed: int) -> None:
    """The reader was trained on photographs, so only the clear cases are asked of it."""
    model = signs.shipped()
    red = model.read(*draw_with_mask(seed, body="red", coat="white", caption=False))["body"]
    assert red.label == "red"


def test_features_are_finite_and_do_not_depend_on_the_size_of_the_photograph() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    large = np.repeat(np.repeat(picture, 2, axis=0), 2, axis=1)
    large_mask = np.repeat(np.repeat(mask, 2, axis=0), 2, axis=1)
    small, twice = features.describe(picture, mask), features.describe(large, large_mask)
    assert np.isfinite(small).all()
    middles = [i for i, name in enumerate(features.NAMES) if name.endswith("_mid")]
    assert np.allclose(small[middles], twice[middles], atol=1.5)


def test_an_empty_mask_cannot_be_described() -> None:
    with pytest.raises(ValueError, match="no tongue"):
        features.describe(np.zeros((9, 9, 3), np.uint8), np.zeros((9, 9), np.uint8))


@pytest.mark.parametrize("size", [1, 2, 5, 12])
def test_a_tiny_mask_is_described_without_an_error(size: int) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[20 : 20 + size, 20 : 20 + size] = 255
    assert np.isfinite(features.describe(np.full((40, 40, 3), 90, np.uint8), mask)).all()
