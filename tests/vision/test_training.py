"""What the network is trained with, and a few steps of the training where PyTorch is installed."""

import warnings
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vision.tongue.drawn import draw_with_mask
from vision.train import augment, negatives


@pytest.mark.parametrize("kind", negatives.MAKERS)
def test_a_negative_of_each_kind_is_the_same_for_the_same_seed(kind: str) -> None:
    first = negatives.make(kind, 3)
    assert (first.shape, first.dtype) == ((320, 320, 3), np.uint8)
    assert np.array_equal(first, negatives.make(kind, 3))
    assert not np.array_equal(first, negatives.make(kind, 4))


def test_the_tongue_is_painted_over_and_the_rest_stays() -> None:
    picture, mask = draw_with_mask(1, body="crimson", coat="none", caption=False)
    clean = negatives.painted_over(picture, mask, np.random.default_rng(0))
    here = np.ix_(range(120, 200), range(130, 190))
    before = np.median(
        draw_with_mask(1, body="crimson", coat="none", caption=False)[0][160:240, 170:230], axis=(0, 1)
    )
    assert np.abs(np.median(clean[here], axis=(0, 1)) - before).max() > 15
    assert np.abs(clean[2:10, 2:10].astype(int) - picture[2:12, 2:12].mean()).mean() < 60


def test_a_square_from_outside_holds_no_tongue_or_is_none() -> None:
    picture = np.zeros((400, 400, 3), np.uint8)
    mask = np.zeros((400, 400), np.uint8)
    mask[200:, :] = picture[200:, :, 2] = 255
    free = negatives.outside(picture, mask, np.random.default_rng(1))
    assert free is not None
    assert not free.any()
    assert negatives.outside(picture, np.full((400, 400), 255, np.uint8), np.random.default_rng(1)) is None


def test_photograph_and_mask_are_moved_together() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    marked = np.repeat(mask[..., None], 3, axis=2)
    ground = np.zeros((320, 320, 3), np.uint8)
    for seed in range(10):
        moved, truth = augment.place(marked, mask, ground, 192, np.random.default_rng(seed))
        inside = truth > 250
        assert moved[inside].min(initial=255) > 150
        assert (moved.shape, truth.shape) == ((192, 192, 3), (192, 192))
    assert picture.shape == marked.shape


def test_another_lamp_keeps_shape_and_type_and_changes_the_light() -> None:
    picture = draw_with_mask(2)[0]
    lit = augment.relight(picture, np.random.default_rng(3))
    assert (lit.shape, lit.dtype) == (picture.shape, np.uint8)
    assert not np.array_equal(lit, picture)


@pytest.mark.parametrize("name", augment.WORSE)
def test_a_photograph_made_worse_stays_a_photograph(name: str) -> None:
    picture = draw_with_mask(2)[0]
    worse = augment.WORSE[name](picture)
    assert worse.dtype == np.uint8
    assert worse.shape == ((280, 280, 3) if name == "small" else picture.shape)
    assert np.array_equal(worse, picture) == (name == "clean")


def test_half_a_stop_is_half_a_stop_in_linear_light() -> None:
    grey = np.full((4, 4, 3), 100, np.uint8)
    share = (augment.expose(grey, 0.5)[0, 0, 0] / 100) ** augment.SRGB_POWER
    assert share == pytest.approx(2**0.5, rel=0.02)


def test_another_phone_moves_photograph_and_mask_together() -> None:
    mask = draw_with_mask(2)[1]
    marked = np.repeat(mask[..., None], 3, axis=2)
    for seed in range(10):
        photo, moved = augment.another_phone(marked, mask, np.random.default_rng(seed))
        assert photo.shape[:2] == moved.shape
        inside = photo.mean(axis=2) > 100
        assert (inside != (moved > 0)).mean() < 0.01


@pytest.mark.parametrize("change", [augment.bend, augment.tilt])
def test_photograph_and_mask_are_bent_and_tilted_together(
    change: Callable[..., tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]],
) -> None:
    mask = draw_with_mask(2, caption=False)[1]
    marked = np.repeat(mask[..., None], 3, axis=2)
    for seed in range(10):
        moved, truth = change(marked, mask, np.random.default_rng(seed))
        assert (moved.shape, truth.shape) == (marked.shape, mask.shape)
        assert np.mean((moved[..., 0] > 127)[truth > 250]) > 0.999


def test_the_surroundings_are_coloured_apart_from_the_tongue() -> None:
    mask = draw_with_mask(2, caption=False)[1]
    grey = np.full((*mask.shape, 3), 128, np.uint8)
    ground = np.zeros((320, 320, 3), np.uint8)
    inside, outside = [], []
    for seed in range(20):
        apart = augment.set_apart(grey, mask, ground, np.random.default_rng(seed)).astype(int)
        inside.append(np.median(apart[mask > 0], axis=0))
        outside.append(apart[2, 2])
    assert np.abs(np.array(inside) - np.array(outside)).max(axis=1).min() > 3
    assert np.abs(np.array(inside) - 128).mean() < np.abs(np.array(outside) - 128).mean()


def test_another_sensor_and_a_flash_keep_shape_and_type() -> None:
    picture = draw_with_mask(2)[0]
    for change in (augment.another_sensor, augment.glare):
        lit = change(picture, np.random.default_rng(3))
        assert (lit.shape, lit.dtype) == (picture.shape, np.uint8)
        assert not np.array_equal(lit, picture)
    assert (augment.glare(picture, np.random.default_rng(3)) >= picture - 1.0).all()


def test_nearer_still_holds_the_whole_tongue() -> None:
    picture, mask = draw_with_mask(2, caption=False)
    for seed in range(10):
        near, truth = augment.nearer(picture, mask, np.random.default_rng(seed))
        assert near.shape[:2] == truth.shape
        assert np.count_nonzero(truth) == np.count_nonzero(mask)
        assert truth.size < mask.size


@pytest.mark.skipif(find_spec("torch") is None or find_spec("onnx") is None, reason="needs PyTorch and ONNX")
def test_a_training_broken_off_goes_on_to_the_same_weights_and_its_file_is_read(tmp_path: Path) -> None:
    import torch  # noqa: PLC0415  # heavy, and not installed where nothing is trained

    from vision.tongue.segment import Segmenter  # noqa: PLC0415
    from vision.train import segment  # noqa: PLC0415

    torch.set_num_threads(1)
    pair = draw_with_mask(2, caption=False)
    material = segment.Material([pair], [pair], [negatives.make("lips", 1)])
    whole, first, second = (segment.Training([32] * 2, None, seed=1) for _ in range(3))
    whole.step(material, 2)
    whole.step(material, 2)
    first.step(material, 2)
    first.save(tmp_path / "net.checkpoint")
    second.resume(tmp_path / "net.checkpoint")
    net = segment.train(second, material, 2, tmp_path / "net.checkpoint")
    weights = zip(whole.averaged.state_dict().values(), net.state_dict().values(), strict=True)
    assert all(torch.equal(one, other) for one, other in weights)
    with pytest.raises(ValueError, match="begun with other --steps"):
        segment.Training([32] * 3, None, seed=1).resume(tmp_path / "net.checkpoint")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the older exporter, which OpenCV needs, announces its age
        segment.export(net, tmp_path / "net.onnx")
    assert (tmp_path / "net.onnx").stat().st_size < 3_000_000
    assert Segmenter.load(tmp_path / "net.onnx").segment(pair[0]).mask.shape == pair[1].shape
