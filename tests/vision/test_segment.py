"""The network and what is made of its answer."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from vision.tongue import segment, signs
from vision.tongue.drawn import draw, draw_with_mask
from vision.train import augment


def test_the_shipped_weights_are_small_and_are_those_of_the_card() -> None:
    weights = segment.MODEL.read_bytes()
    card = segment.MODEL.with_suffix(".md").read_text(encoding="utf-8")
    assert len(weights) <= 3_000_000
    assert hashlib.sha256(weights).hexdigest() in card
    assert segment.shipped().digest == hashlib.sha256(weights).hexdigest()


def test_the_card_names_the_sign_model_too() -> None:
    card = segment.MODEL.with_suffix(".md").read_text(encoding="utf-8")
    assert signs.shipped().digest == hashlib.sha256(signs.MODEL.read_bytes()).hexdigest()
    assert signs.shipped().digest in card


def test_the_network_is_read_once() -> None:
    assert segment.shipped() is segment.shipped()


def test_a_missing_file_is_said_to_be_missing(tmp_path: object) -> None:
    with pytest.raises(FileNotFoundError):
        segment.Segmenter.load(segment.MODEL.with_name("none.onnx"))


def test_the_mask_is_one_piece_without_holes_and_of_the_photographs_size() -> None:
    photo = cv2.resize(draw(9), (523, 611))
    found = segment.shipped().segment(photo)
    assert found.mask.shape == (611, 523)
    assert set(np.unique(found.mask)) == {0, 255}
    assert cv2.connectedComponents(found.mask, connectivity=4)[0] == 2
    assert cv2.connectedComponents(255 - found.mask, connectivity=8)[0] == 2


def test_the_mask_of_a_mirrored_photograph_is_the_mirrored_mask() -> None:
    photo = draw(9)
    plain, mirrored = segment.shipped().segment(photo), segment.shipped().segment(photo[:, ::-1].copy())
    assert np.mean(plain.mask != mirrored.mask[:, ::-1]) < 0.005


def test_threads_may_share_one_network() -> None:
    photos = [draw(seed) for seed in range(6)]
    alone = [segment.shipped().segment(photo).mask for photo in photos]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda photo: segment.shipped().segment(photo).mask, photos))
    assert all(np.array_equal(one, other) for one, other in zip(alone, together, strict=True))


def test_a_tongue_far_away_is_looked_at_again_from_nearer() -> None:
    picture, mask = draw_with_mask(4, caption=False)
    scene, truth = np.full((1300, 1300, 3), (110, 120, 130), np.uint8), np.zeros((1300, 1300), np.uint8)
    scene[500:900, 400:800], truth[500:900, 400:800] = picture, mask
    found = segment.shipped().segment(scene)
    overlap = np.count_nonzero(found.mask & truth) / np.count_nonzero(found.mask | truth)
    assert overlap > 0.95


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_tongue_is_found_whichever_way_the_phone_is_held(quarters: int) -> None:
    picture, mask = draw_with_mask(4, caption=False)
    found = segment.shipped().segment(np.ascontiguousarray(np.rot90(picture, quarters)))
    truth = np.rot90(mask, quarters)
    overlap = np.count_nonzero(found.mask & truth) / np.count_nonzero(found.mask | truth)
    assert overlap > 0.9
    assert found.presence > 0.85


@pytest.mark.parametrize("name", augment.WORSE)
def test_the_mask_holds_in_another_light_size_and_file(name: str) -> None:
    picture, mask = draw_with_mask(5, caption=False)
    found = segment.shipped().segment(augment.WORSE[name](picture))
    truth = augment.shrink(mask, augment.SMALL) if name == "small" else mask
    both = np.count_nonzero((found.mask > 0) & (truth > 127))
    assert both / np.count_nonzero((found.mask > 0) | (truth > 127)) > 0.95
