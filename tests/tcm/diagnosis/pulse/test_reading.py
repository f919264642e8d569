import contextlib
import io
import tracemalloc
from collections.abc import Sequence

import edfio
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcm.diagnosis.pulse import Recording, RecordingUnreadableError, read_pulse, read_recording
from tcm.diagnosis.pulse.recording import MOST_ROWS
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


# Each hump of a beat: when it stands highest (seconds at 75 a minute), how wide, how high.
SHAPES = {
    "blended": ((0.18, 0.09, 1.0), (0.38, 0.14, 0.45)),
    "distinct": ((0.15, 0.07, 1.0), (0.50, 0.09, 0.45)),
    "narrow": ((0.12, 0.05, 1.0), (0.40, 0.05, 0.2)),
    "two narrow": ((0.12, 0.05, 1.0), (0.45, 0.05, 0.6)),
}


def humps(
    shape: str, bpm: float, rate_hz: float, *, noise: float, spread: float = 0.02
) -> tuple[npt.NDArray[np.float64], float]:
    """Thirty seconds of one shape, and the rate that it really has."""
    random = np.random.default_rng(round(bpm))
    intervals = 60 / bpm * (1 + random.normal(0, spread, round(bpm / 2)))
    time = np.arange(0, intervals.sum(), 1 / rate_hz)
    scale = min(1.0, 75 / bpm)
    samples = random.normal(0, noise, len(time))
    for start in np.cumsum([0.0, *intervals[:-1]]):
        here = slice(int(max(0.0, start - 1) * rate_hz), int((start + 2) * rate_hz))
        for at, width, height in SHAPES[shape]:
            samples[here] += height * np.exp(-(((time[here] - start - at * scale) / (width * scale)) ** 2))
    return samples, float(60 / intervals.mean())


@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 250.0, 1000.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_rate_is_told_right_whatever_the_wave_and_never_as_half_or_double(
    shape: str, rate_hz: float
) -> None:
    for bpm in (40, 55, 72, 110, 150, 185, 205, 220):
        samples, true_bpm = humps(shape, bpm, rate_hz, noise=0.03)
        reading = read_pulse(Recording(samples, rate_hz, ""), LIMITS)
        assert reading.rate_bpm == pytest.approx(true_bpm, rel=0.05), bpm


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("bpm", [20, 270, 300, 330])
def test_a_rate_beyond_what_can_be_told_is_unclear_and_no_half_or_double(shape: str, bpm: float) -> None:
    samples, _ = humps(shape, bpm, 250.0, noise=0.01)
    reading = read_pulse(Recording(samples, 250.0, ""), LIMITS)
    assert (reading.rate_bpm, reading.rhythm, reading.candidates) == (None, "unclear", ())


@pytest.mark.parametrize("rate_hz", [100.0, 500.0, 1000.0, 2000.0])
@pytest.mark.parametrize("turned", [1, -1])
def test_noise_between_samples_does_not_turn_a_wave_over(rate_hz: float, turned: int) -> None:
    beats = wave([60 / 62] * 31, noise=0.0, rate_hz=rate_hz)
    for noise in (0.005, 0.02, 0.05):
        samples = turned * (beats + np.random.default_rng(2).normal(0, noise, len(beats)))
        reading = read_pulse(Recording(samples, rate_hz, ""), LIMITS)
        assert reading.rate_bpm == pytest.approx(62, rel=0.01)
        # Where a beat stands highest, 0.12 s after it begins, not where it is lowest.
        assert reading.beats_s[5] % (60 / 62) == pytest.approx(0.14, abs=0.06)


@pytest.mark.parametrize("beat_s", [0.8, 0.55, 0.4])
def test_beats_that_come_in_pairs_are_not_told_as_half(beat_s: float) -> None:
    pairs = [0.65 * beat_s, 1.35 * beat_s] * 30
    samples = wave(pairs)
    reading = read_pulse(Recording(samples, RATE, ""), LIMITS)
    assert (reading.rate_bpm, reading.rhythm) == (None, "unclear")


def test_a_pulse_without_any_order_is_uneven() -> None:
    intervals = list(np.random.default_rng(5).uniform(0.55, 0.95, 60))
    assert told(intervals)[1:] == ("uneven", [])


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
    assert [upright.rate_bpm, turned.rate_bpm] == pytest.approx([75, 75], rel=1e-3)


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
        (b"0\n" * (MOST_ROWS + 2), "too_long"),
        (b"0\r" * (MOST_ROWS + 2), "too_long"),
        (b"1" * 200_000 + b"\n2\n", "not_numbers"),
        (b'"' + b"a\n" * 100_000, "not_numbers"),
        (b"1," * 1_000_000, "not_numbers"),
        (b"1\n2\n3,4\n", "not_numbers"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_its_reason(data: bytes, why: str) -> None:
    with pytest.raises(RecordingUnreadableError) as refused:
        read_recording(data, rate_hz=100)
    assert refused.value.why == why


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_lines_may_end_in_any_way(end: str) -> None:
    recording = read_recording(("ppg" + end + end.join(["1", "2", "", "3"] * 300)).encode(), rate_hz=100)
    assert (recording.label, recording.samples[:4].tolist()) == ("ppg", [1, 2, 3, 1])


def test_ten_minutes_are_read_within_a_few_times_the_size_of_the_numbers() -> None:
    data = b"-0.123\r\n0.1\r\n" * 30_000
    tracemalloc.start()
    recording = read_recording(data, rate_hz=100)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (recording.seconds, peak_bytes < 6 * recording.samples.nbytes) == (600, True)


@given(st.binary(max_size=600), st.booleans())
@settings(max_examples=200)
def test_whatever_the_bytes_the_answer_is_a_recording_or_a_refusal(tail: bytes, edf: bool) -> None:
    data = (b"0       " if edf else b"") + tail
    with contextlib.suppress(RecordingUnreadableError):
        assert read_recording(data, rate_hz=100).seconds >= 5
