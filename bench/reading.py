"""Time of a whole reading stage by stage, and the memory of a process that reads one photograph.

    python -m bench.reading [PHOTO...]

Without photographs, drawn ones of 400 x 400 pixels and of twelve megapixels are read. Time is that of the
processor, on one core, the median of several readings; memory is the most a fresh process held, imports and
models included. Drawing the overlay and encoding the photograph anew are not part of a reading.
"""

import argparse
import functools
import importlib
import importlib.util
import os
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from unittest.mock import patch

import cv2
import numpy as np

import vision
from vision.capture import clean, decode
from vision.tongue.drawn import draw

ROUNDS: Final = 15
# Where each stage is entered: module, and the name in it. One that is not there is not timed; stages within
# another are subtracted from it.
STAGES: Final = (
    ("decode", "vision.capture", "decode"),
    ("segment", "vision.tongue.segment", "Segmenter.segment"),
    ("quality", "vision.quality", "measure"),
    ("view", "vision.tongue.features", "view"),
    ("signs", "vision.tongue.signs", "SignModel.read"),
    ("evidence", "vision.tongue.evidence", "find"),
    ("rare signs", "vision.tongue.evidence", "rare_signs"),
    ("light", "vision.light", "told"),
    ("zones", "vision.colour", "zone_lab"),
    ("overlay", "vision.tongue.overlay", "draw_over"),
    ("clean", "vision.capture", "clean"),
)
ONE_READING: Final = """
import sys
import cv2
cv2.setNumThreads(1)
import vision
data = open(sys.argv[1], "rb").read()
reading = vision.read(data)
if len(sys.argv) > 2:
    vision.overlay(data, reading)
# Of this program alone; getrusage would count what its parent held.
most = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(most.split()[1]) // 1024, reading.refused)
"""


class Stopwatch:
    """Processor time by stage, that of stages within a stage left out."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = defaultdict(float)
        self._within_s = [0.0]

    @contextmanager
    def running(self, stage: str) -> Iterator[None]:
        """Time one stage.

        Args:
            stage: Its name.
        """
        self._within_s.append(0.0)
        started_s = time.process_time()
        yield
        took_s = time.process_time() - started_s
        self.spent_s[stage] += took_s - self._within_s.pop()
        self._within_s[-1] += took_s

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, timed as a stage.

        Args:
            stage: Its name.
            function: Called as before.
        """

        @functools.wraps(function)
        def within(*arguments: Any, **options: Any) -> Any:
            with self.running(stage):
                return function(*arguments, **options)

        return within


@contextmanager
def watched(watch: Stopwatch) -> Iterator[None]:
    """Time the stages that exist while the block runs.

    Args:
        watch: Told of each.
    """
    with ExitStack() as stack:
        for stage, module, name in STAGES:
            owner, attribute = _owner(module, name)
            if owner is not None and hasattr(owner, attribute):
                function = watch.timed(stage, getattr(owner, attribute))
                stack.enter_context(patch.object(owner, attribute, function))
        yield


def _owner(module: str, name: str) -> tuple[Any, str]:
    """The module or class that holds a stage; None where this version has no such stage."""
    if importlib.util.find_spec(module) is None:
        return None, name
    owner: Any = importlib.import_module(module)
    *classes, attribute = name.split(".")
    for one in classes:
        owner = getattr(owner, one, None)
    return owner, attribute


def measured(data: bytes) -> dict[str, float]:
    """Milliseconds of each stage, of "the rest" of a reading, and of "reading", its whole, timed by itself.

    Args:
        data: A photograph's bytes.

    Returns:
        The median of ROUNDS, by stage in the order in which they run.
    """
    picture, rounds = decode(data), []
    for _ in range(ROUNDS):
        watch = Stopwatch()
        with watch.running("reading"):
            reading = vision.read(data)
        with watched(watch):
            with watch.running("the rest"):
                vision.read(data)
            if reading.refused is None:
                vision.overlay(picture, reading)
            clean(picture)
        rounds.append(watch.spent_s)
    return {stage: 1000 * statistics.median(one.get(stage, 0.0) for one in rounds) for stage in rounds[0]}


def peak_mib(path: Path, *, drawn: bool) -> tuple[int, str]:
    """The most memory a fresh process held while it read one photograph, in MiB, and what it answered.

    Args:
        path: Of the photograph.
        drawn: Whether it drew the overlay too.
    """
    command = [sys.executable, "-c", ONE_READING, str(path), *(["overlay"] if drawn else [])]
    environ = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)  # noqa: S603
    most, _, refused = done.stdout.strip().partition(" ")
    return int(most), refused


def drawn_photographs(folder: Path) -> Iterator[Path]:
    """Drawn tongues as files: as the device takes them, as a phone does, and without a tongue.

    Args:
        folder: To write to.
    """
    rng = np.random.default_rng(1)
    small = draw(1, body="red", caption=False)
    ground = rng.integers(60, 180, (30, 40, 3), np.uint8)
    phone = cv2.resize(ground, (4032, 3024), interpolation=cv2.INTER_CUBIC)
    empty = phone.copy()
    phone[500:2500, 1000:3000] = cv2.resize(small, (2000, 2000), interpolation=cv2.INTER_CUBIC)
    grain = rng.normal(0, 6, phone.shape[:2])[..., None]
    for name, picture in (("400", small), ("phone", phone + grain), ("phone_without_tongue", empty + grain)):
        path = folder / f"{name}.jpg"
        path.write_bytes(clean(np.clip(picture, 0, 255).astype(np.uint8)))
        yield path


def report(path: Path) -> None:
    """Print the figures of one photograph.

    Args:
        path: Of the photograph.
    """
    data = path.read_bytes()
    height, width = decode(data).shape[:2]
    print(f"{path.name}: {width} x {height}, {len(data) / 1e6:.1f} MB")
    for stage, spent_ms in measured(data).items():
        print(f"  {stage:<12} {spent_ms:7.1f} ms")
    for drawn, what in ((False, "read"), (True, "read and drawn on")):
        most_mib, refused = peak_mib(path, drawn=drawn)
        print(f"  {what}: {most_mib} MiB at most; refused: {refused}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("photos", nargs="*", type=Path, metavar="PHOTO")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    print(vision.model_name())
    with TemporaryDirectory() as folder:
        for path in options.photos or drawn_photographs(Path(folder)):
            report(path)


if __name__ == "__main__":
    main()
