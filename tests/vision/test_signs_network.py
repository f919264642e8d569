"""The tongue as the network of the signs sees it, and what it is tuned on."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.tongue import features, network
from vision.tongue.drawn import draw_with_mask
from vision.train import signs_table

LABELS = {"cracks": ("0", "1", "2")}


def labels_file(folder: Path, *rows: str) -> Path:
    (folder / "labels.csv").write_text("\n".join(["id,reader,cracks", *rows]) + "\n", encoding="utf-8")
    return folder


def test_a_tongue_is_brought_to_one_place_and_size() -> None:
    photo, mask = draw_with_mask(1, caption=False)
    large = cv2.resize(photo, None, fx=1.7, fy=1.7, interpolation=cv2.INTER_CUBIC)
    large_mask = ((cv2.resize(mask, None, fx=1.7, fy=1.7) > 127) * 255).astype(np.uint8)
    first, second = (network.standard(features.view(*pair)) for pair in ((photo, mask), (large, large_mask)))
    rows = np.flatnonzero(first.shares[0].any(axis=1))
    assert (rows[0], rows[-1]) == (1, 22)
    assert np.abs(first.shares - second.shares).mean() < 0.01
    assert np.abs(first.picture - second.picture).mean() < 0.02


def test_another_lamp_and_exposure_leave_what_the_network_sees_alone() -> None:
    photo, mask = draw_with_mask(2, caption=False)
    lit = np.clip(photo * np.array([0.75, 0.85, 0.95]), 0, 255).astype(np.uint8)
    first, second = (network.standard(features.view(one, mask)).picture for one in (photo, lit))
    assert np.abs(first - second).mean() < 0.02


def test_pooling_answers_mean_and_spread_by_zone_and_nothing_for_an_empty_one() -> None:
    field = np.arange(16, dtype=np.float32).reshape(1, 4, 4)
    shares = np.zeros((2, 8, 8), np.float32)
    shares[0, :4] = 1
    pooled = network.pool(field, shares)
    assert np.allclose(pooled, [3.5, np.std(np.arange(8)), 0.0, 1e-3])


def test_shares_are_logarithms_that_add_up_and_have_a_floor() -> None:
    logs = network.log_shares(np.array([[0.0, np.log(3.0)], [0.0, 50.0]]))
    assert np.allclose(np.exp(logs[0]), [0.25, 0.75])
    assert np.allclose(logs[1], [network.LEAST_LOG_SHARE, 0.0])


def test_the_shipped_network_describes_a_tongue_in_finite_numbers() -> None:
    numbers = network.shipped().describe(features.view(*draw_with_mask(3)))
    assert (numbers.shape, bool(np.isfinite(numbers).all())) == ((network.COUNT,), True)
    assert network.MODEL.stat().st_size < 6_000_000


def test_a_photograph_is_taken_in_every_way_and_the_copies_come_from_their_seed() -> None:
    photo, mask = draw_with_mask(4)
    first, again, other = (signs_table.ways(photo, mask, mask, np.random.default_rng(s)) for s in (1, 1, 2))
    assert len(first) == len(signs_table.WAYS)
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a[0], b[0]) for a, b in zip(first, other, strict=True))
    assert all(picture.shape[:2] == one.shape for picture, one in first)
    assert np.array_equal(first[0][0], photo)


def test_a_photograph_read_once_counts_its_reading_twice(tmp_path: Path) -> None:
    folder = labels_file(tmp_path, "b,Li,2", "a,A,0", "a,B,1")
    assert signs_table.read_labels([folder], LABELS) == {
        "0/a": {"cracks": ["0", "1"]},
        "0/b": {"cracks": ["2"] * 2},
    }


def test_the_same_name_in_two_folders_is_two_photographs(tmp_path: Path) -> None:
    folder = labels_file(tmp_path, "a,A,0", "a,B,1")
    assert list(signs_table.read_labels([folder, folder], LABELS)) == ["0/a", "1/a"]


def test_a_label_its_sign_does_not_have_is_refused(tmp_path: Path) -> None:
    folder = labels_file(tmp_path, "a,A,3")
    with pytest.raises(ValueError, match="a: cracks cannot be '3'"):
        signs_table.read_labels([folder], LABELS)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    folder = labels_file(tmp_path, "a,A,0")
    with pytest.raises(ValueError, match="no column shape"):
        signs_table.read_labels([folder], LABELS | {"shape": ("normal",)})
