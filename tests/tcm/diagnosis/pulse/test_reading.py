import contextlib
import io
from collections.abc import Sequence

import edfio
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcm.diagnosis.pulse import Recording, RecordingUnreadableError, read_pulse, read_recording
from tcm.knowledge.pulses import read_pulses

LIMITS = read_pulses().limits
RATE = 100.0


def wave(
    intervals: Sequence[float], *, noise: float = 0.01, rate_hz: float = RATE
) -> npt.NDArray[np.float64]:
    """A pulse wave that rises quickly, falls slowly, and has a second, smaller peak in each beat."""
    time = np.arange(0, sum(intervals), 1 / rate_hz)
    samples = np.zeros_like(time)
    for start in np.cumsum([0.0, *intervals[:-1]]):
        since = np.clip(time - start, 0, None)
        samples = np.maximum(samples, since / 0.12 * np.exp(1 - since / 0.12))
        samples += 0.15 * np.exp(-(((time - start - 0.38) / 0.07) ** 2))
    return samples + np.random.default_rng(1).normal(0, noise, len(time))


def told(intervals: Sequence[float], **changes: float) -> tuple[int | None, str, list[str]]:
    reading = read_pulse(Recording(wave(intervals, **changes), RATE, ""), LIMITS)
    rate = None if reading.rate_bpm is None else round(reading.rate_bpm)
    return rate, reading.rhythm, [each.name for each in reading.candidates]


@pytest.mark.parametrize(
    ("bpm", "names"), [(45, ["迟脉"]), (72, []), (89, []), (100, ["数脉"]), (150, ["疾脉"])]
)
def test_a_regular_pulse_is_told_by_its_rate(bpm: int, names: list[str]) -> None:
    assert told([60 / bpm] * bpm) == (bpm, "regular", names)


def test_pauses_at_fixed_counts_are_a_bound_pulse() -> None:
    assert told(([0.8] * 5 + [1.6]) * 7) == (75, "pauses_regular", ["代脉"])


def test_pauses_at_no_fixed_count_are_knotted_when_slow_and_hurried_when_fast() -> None:
    counts = (3, 8, 5, 11, 4)
    slow = [interval for count in counts for interval in [1.15] * count + [2.0]]
    fast = [interval for count in counts for interval in [0.6] * count + [1.1]]
    middle = [interval for count in counts for interval in [0.8] * count + [1.5]]
    assert told(slow) == (52, "pauses_irregular", ["迟脉", "结脉"])
    assert told(fast) == (100, "pauses_irregular", ["数脉", "促脉"])
    assert told(middle) == (75, "pauses_irregular", [])


def test_a_rate_that_drifts_is_no_pause() -> None:
    assert told(list(np.linspace(0.7, 0.95, 60)))[1:] == ("regular", [])


def test_a_wave_upside_down_says_the_same() -> None:
    samples = wave([0.8] * 60)
    upright, turned = (read_pulse(Recording(each, RATE, ""), LIMITS) for each in (samples, -samples))
    assert (upright.rhythm, turned.rhythm) == ("regular", "regular")
    assert [upright.rate_bpm, turned.rate_bpm] == pytest.approx([75, 75])


def test_noise_is_unclear_and_suggests_nothing() -> None:
    samples = np.random.default_rng(3).normal(0, 1, 3000)
    reading = read_pulse(Recording(samples, RATE, ""), LIMITS)
    assert (reading.rhythm, reading.rate_bpm, reading.candidates) == ("unclear", None, ())


def test_ten_seconds_have_a_rate_and_no_rhythm() -> None:
    assert told([0.5] * 20) == (120, "unclear", ["数脉"])


def csv_of(samples: npt.NDArray[np.float64], head: str = "") -> bytes:
    return (head + "\n".join(f"{each:.5f}" for each in samples)).encode()


def test_csv_of_samples_needs_a_rate() -> None:
    data = csv_of(wave([0.8] * 10))
    assert read_recording(data, rate_hz=100).seconds == pytest.approx(8.0)
    with pytest.raises(RecordingUnreadableError, match="no_rate"):
        read_recording(data)


@pytest.mark.parametrize(("head", "step"), [("time_ms,ppg\n", 10.0), ("秒,脉搏\n", 0.01), ("", 0.01)])
def test_csv_with_a_clock_tells_its_own_rate(head: str, step: float) -> None:
    samples = wave([0.8] * 10)
    rows = "\n".join(f"{at * step:.3f},{each:.5f}" for at, each in enumerate(samples))
    recording = read_recording((head + rows).encode())
    assert (round(recording.rate_hz, 6), len(recording.samples)) == (100.0, len(samples))


def test_an_edf_file_gives_its_first_signal() -> None:
    samples = wave([0.8] * 10)
    file = io.BytesIO()
    edfio.Edf([edfio.EdfSignal(samples, sampling_frequency=100, label="PPG")]).write(file)
    recording = read_recording(file.getvalue())
    assert (recording.label, recording.rate_hz, len(recording.samples)) == ("PPG", 100.0, len(samples))
    np.testing.assert_allclose(recording.samples, samples, atol=1e-3)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty"),
        (b"ppg\n", "empty"),
        (b"\xff\xfe\x00", "not_text"),
        (b"1\n2\nthree\n", "not_numbers"),
        (b"1\n2\nnan\n", "not_numbers"),
        (b"1,2,3\n4,5,6\n", "not_numbers"),
        (b"1\n" * 100, "too_short"),
        (b"1\n" * 1000, "flat"),
        (b"1\n2\n" * 40_000, "too_long"),
        (b"0,1\n0.01,2\n0.5,3\n0.51,4\n", "uneven_time"),
        (b"0       " + b"x" * 300, "no_edf"),
        (b"0       ", "no_edf"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(RecordingUnreadableError) as refused:
        read_recording(data, rate_hz=100)
    assert refused.value.why == why


@given(st.binary(max_size=600), st.booleans())
@settings(max_examples=200)
def test_whatever_the_bytes_the_answer_is_a_recording_or_a_refusal(tail: bytes, edf: bool) -> None:
    data = (b"0       " if edf else b"") + tail
    with contextlib.suppress(RecordingUnreadableError):
        assert read_recording(data, rate_hz=100).seconds >= 5
