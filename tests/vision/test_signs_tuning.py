"""The network of the signs while it is tuned."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from vision.tongue import network

torch = pytest.importorskip("torch")

from vision.train import signs_network  # noqa: E402  # needs torch


def fields(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    channels, side = network.OUTPUTS["near"]
    near = rng.normal(0, 1, (count, 2, channels, side, side)).astype(np.float16)
    return near, np.ones((count, 2, len(network.WHERE), side, side), np.float16)


def test_pooling_is_the_same_when_tuning_and_when_reading() -> None:
    rng = np.random.default_rng(0)
    field = rng.normal(0, 1, (112, 12, 12)).astype(np.float32)
    shares = rng.uniform(0, 1, (5, 24, 24)).astype(np.float32)
    tuned = signs_network.pool(torch.from_numpy(field)[None], torch.from_numpy(shares)[None])[0].numpy()
    assert np.allclose(tuned, network.pool(field, shares), atol=1e-4)


def test_the_head_is_one_matrix_over_the_numbers() -> None:
    torch.manual_seed(1)
    head = signs_network.Head(signs_network.Eyes(), 3).eval()
    head.middle.normal_()
    head.spread.uniform_(0.5, 2)
    head.linear.weight.data.normal_(0, 0.1)
    near, shares = fields(1, 2)
    weights, offsets = head.matrix()
    with torch.no_grad():
        numbers = head.numbers(torch.from_numpy(near[0]).float(), torch.from_numpy(shares[0]).float())
    answers = head.answer(near, shares)
    assert answers.shape == (1, 2, 3)
    assert np.allclose(answers[0], numbers.numpy() @ weights.T + offsets, atol=1e-3)


@pytest.mark.filterwarnings("ignore")  # the older exporter warns of itself
def test_what_is_written_answers_in_opencv_as_in_pytorch(tmp_path: Path) -> None:
    torch.manual_seed(2)
    eyes = signs_network.Eyes()
    signs_network.Head(eyes, 3).export(tmp_path / "eyes.onnx")
    net = cv2.dnn.readNetFromONNX(str(tmp_path / "eyes.onnx"))
    rng = np.random.default_rng(3)
    picture = rng.normal(0, 1, (1, 3, network.SIDE_PX, network.SIDE_PX)).astype(np.float32)
    net.setInput(picture, "picture")
    with torch.no_grad():
        wanted = eyes(torch.from_numpy(picture))
    for found, expected in zip(net.forward(list(network.OUTPUTS)), wanted, strict=True):
        assert np.allclose(found, expected.numpy(), atol=1e-4)
