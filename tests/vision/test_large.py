"""A photograph of twelve megapixels: as careful as a small one, and within the memory promised."""

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

import vision
from vision.tongue.drawn import draw

MOST_MIB = 300
READ_IN_A_FRESH_PROCESS = """
import sys, vision
data = open(sys.argv[1], "rb").read()
vision.overlay(data, vision.read(data))
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(most.split()[1]) // 1024)
"""


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    wide = np.full((3024, 4032, 3), (110, 120, 135), np.uint8)
    wide[500:2500, 1000:3000] = cv2.resize(draw(1, body="red", caption=False), (2000, 2000))
    return wide


def test_the_mask_has_the_photographs_size_and_lies_where_the_tongue_is(photograph: np.ndarray) -> None:
    reading = vision.read(photograph)
    assert (reading.refused, reading.mask.shape) == (None, (3024, 4032))
    assert set(np.unique(reading.mask)) == {0, 255}
    whole = vision.read(cv2.resize(photograph, (1344, 1008), interpolation=cv2.INTER_AREA)).mask
    large = cv2.resize(whole, (4032, 3024), interpolation=cv2.INTER_LINEAR) > 127
    both = np.count_nonzero(large & (reading.mask > 0)) / np.count_nonzero(large | (reading.mask > 0))
    assert both > 0.99


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is told by Linux")
def test_a_fresh_process_holds_no_more_than_promised(photograph: np.ndarray, tmp_path: Path) -> None:
    path = tmp_path / "phone.jpg"
    path.write_bytes(vision.clean(photograph))
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_A_FRESH_PROCESS, str(path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < MOST_MIB
