"""Reads a recorded pulse or photoplethysmogram from CSV or EDF, distrusting the file."""

import csv
import io
import math
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

Why = Literal[
    "empty", "not_text", "not_numbers", "no_rate", "uneven_time", "too_short", "too_long", "flat", "no_edf"
]

LEAST_RATE_HZ, MOST_RATE_HZ = 20.0, 2000.0
LEAST_SECONDS, MOST_SECONDS = 5.0, 600.0
# Ten minutes at the highest rate take less, as one column; so do two columns at half of it.
MOST_BYTES = 12_000_000
MOST_ROWS = int(MOST_SECONDS * MOST_RATE_HZ)
_LONGEST_LINE = 1000
# A clock column may jitter; a gap of half a step is a hole in the recording.
_JITTER = 0.5


class RecordingUnreadableError(Exception):
    """A file that is no usable recording.

    Attributes:
        why: the reason's code.
    """

    def __init__(self, why: Why, detail: str = "") -> None:
        super().__init__(f"{why}: {detail}" if detail else why)
        self.why = why


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """An evenly sampled pulse wave.

    Attributes:
        samples: (n,) float64, in whatever unit the device writes.
        rate_hz: samples a second.
        label: of the channel, empty where the file names none.
    """

    samples: npt.NDArray[np.float64]
    rate_hz: float
    label: str

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate_hz


def read_recording(data: bytes, *, rate_hz: float | None = None) -> Recording:
    """Read a recording.

    Args:
        data: an EDF or EDF+ file (its first ordinary signal), or CSV: one column of samples, with `rate_hz`
            given, or a first column of seconds or milliseconds and a second of samples; a header is allowed.
        rate_hz: of a CSV file without a time column, 20 to 2,000.

    Returns:
        The recording.

    Raises:
        RecordingUnreadableError: with the reason's code.
    """
    if not data:
        raise RecordingUnreadableError("empty")
    if len(data) > MOST_BYTES:
        raise RecordingUnreadableError("too_long", f"more than {MOST_BYTES} bytes")
    recording = _edf(data) if data[:8] == b"0       " else _csv(data, rate_hz)
    return _checked(recording)


def _checked(recording: Recording) -> Recording:
    if not (math.isfinite(recording.rate_hz) and LEAST_RATE_HZ <= recording.rate_hz <= MOST_RATE_HZ):
        raise RecordingUnreadableError("no_rate", f"{recording.rate_hz:g} Hz")
    if not np.isfinite(recording.samples).all():
        raise RecordingUnreadableError("not_numbers")
    if recording.seconds < LEAST_SECONDS:
        raise RecordingUnreadableError("too_short", f"{recording.seconds:.1f} s")
    if recording.seconds > MOST_SECONDS:
        raise RecordingUnreadableError("too_long", f"{recording.seconds:.0f} s")
    if np.ptp(recording.samples) == 0:
        raise RecordingUnreadableError("flat")
    return recording


def _edf(data: bytes) -> Recording:
    import edfio  # noqa: PLC0415  # only where such a file comes

    try:
        signals = edfio.read_edf(io.BytesIO(data)).signals
        if not signals:
            raise RecordingUnreadableError("no_edf", "no signal")
        first = signals[0]
        return Recording(
            np.asarray(first.data, dtype=np.float64), float(first.sampling_frequency), first.label
        )
    # A damaged header fails in many ways inside the library.
    except (ValueError, IndexError, KeyError, EOFError, OverflowError, ZeroDivisionError) as error:
        raise RecordingUnreadableError("no_edf", str(error)) from error


def _csv(data: bytes, rate_hz: float | None) -> Recording:
    # Two line ends may be one, and a header is none of the rows.
    if data.count(b"\n") + data.count(b"\r") - data.count(b"\r\n") > MOST_ROWS + 1:
        raise RecordingUnreadableError("too_long", f"more than {MOST_ROWS} rows")
    try:
        header, width, values = _columns(data)
    except UnicodeDecodeError as error:
        raise RecordingUnreadableError("not_text") from error
    # An unclosed quote makes a field of everything that follows.
    except (csv.Error, ValueError) as error:
        raise RecordingUnreadableError("not_numbers") from error
    if len(values) < 2 * width:
        raise RecordingUnreadableError("empty")
    table = np.frombuffer(values, dtype=np.float64).reshape(-1, width)
    label = header[-1].strip() if header else ""
    if width == 2:
        return Recording(table[:, 1], _rate_of(table[:, 0], header), label)
    if rate_hz is None:
        raise RecordingUnreadableError("no_rate")
    return Recording(table[:, 0], rate_hz, label)


def _columns(data: bytes) -> tuple[list[str], int, "array[float]"]:
    """The header (empty where there is none), how many columns, and their numbers row by row."""
    header: list[str] = []
    width = 0
    values = array("d")
    for place, cells in enumerate(line for line in csv.reader(_lines(data)) if any(map(str.strip, line))):
        if place == 0 and not _are_numbers(cells):
            header = cells
            continue
        width = width or len(cells)
        if len(cells) != width or width > 2:
            raise ValueError(f"row {place}: {len(cells)} cells")
        values.extend(map(float, cells))
    return header, max(width, 1), values


def _lines(data: bytes) -> Iterator[str]:
    text = io.TextIOWrapper(io.BytesIO(data), encoding="utf-8-sig", newline="")
    while line := text.readline(_LONGEST_LINE + 1):
        if len(line) > _LONGEST_LINE:
            raise ValueError(f"a line of more than {_LONGEST_LINE} characters")
        yield line


def _rate_of(time: npt.NDArray[np.float64], header: list[str]) -> float:
    steps = np.diff(time)
    step = float(np.median(steps))
    if not step > 0 or not (np.abs(steps - step) <= _JITTER * step).all():
        raise RecordingUnreadableError("uneven_time")
    is_ms = "ms" in header[0].lower() or "毫秒" in header[0] if header else step >= 1 / LEAST_RATE_HZ
    return (1000.0 if is_ms else 1.0) / step


def _are_numbers(cells: list[str]) -> bool:
    try:
        return all(math.isfinite(float(cell)) for cell in cells) and bool(cells)
    except ValueError:
        return False
