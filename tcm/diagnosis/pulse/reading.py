"""What a recorded pulse says: beats, rate, rhythm, and which of the 28 pulses (脉) its rhythm suggests."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tcm.diagnosis.pulse.recording import Recording

Rhythm = Literal["regular", "pauses_regular", "pauses_irregular", "uneven", "unclear"]

_LEAST_HEIGHT = 0.4
_BEATS_AROUND = 5
_FEWEST_BEATS = 8
_ENOUGH_HZ = 250.0
_SMOOTH_S = 0.02
_STEEPER = 1.2
_WINDOW_S = 10.0
# Looked for further than told, so that what lies beyond is not taken for half or double of itself.
_SHORTEST_S, _LONGEST_S = 0.25, 2.0
_LOOKED_FROM_S, _LOOKED_TO_S = 0.15, 4.0
_NEARLY = 0.8
# Of the period: a second hump comes earlier, the next beat later, an early one included.
_LEAST_DELAY = 0.5
_TOLERANCE = 0.2
_TALL, _MOST_TALL = 0.6, 1.25

# Start, end and period in seconds; None where nothing repeats, or faster or slower than can be told.
_Window = tuple[float, float, float | None]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pulse that the rhythm suggests, and the figures that speak for it."""

    name: str
    because: str


@dataclass(frozen=True, slots=True, eq=False)
class PulseReading:
    """A recording told.

    Attributes:
        beats_s: (n,) float64, when each beat peaks, seconds from the start.
        rate_bpm: beats a minute by the mean interval without pauses, None where nothing can be told.
        variation: coefficient of variation of the intervals without pauses, None likewise.
        pauses_at: indices into `beats_s` of the beats that a pause follows.
        rhythm: what the intervals look like; "unclear" where the recording is too short or too poor.
        quality: 0 to 1, how much the waves are like one another.
        candidates: pulses by rate and rhythm alone; depth, strength and shape are for the fingers.
    """

    beats_s: npt.NDArray[np.float64]
    rate_bpm: float | None
    variation: float | None
    pauses_at: tuple[int, ...]
    rhythm: Rhythm
    quality: float
    candidates: tuple[Candidate, ...]


def read_pulse(recording: Recording, limits: Mapping[str, float]) -> PulseReading:
    """Tell rate and rhythm of a recorded pulse.

    Args:
        recording: evenly sampled.
        limits: `Pulses.limits`.

    Returns:
        The reading; `rhythm` "unclear" and no candidates where it is too short or too poor to say, or where
        the beats do not come as often as the wave repeats by its autocorrelation.

    Source:
        Band of 0.5 to 8 Hz: Elgendi et al., PLoS ONE 8(10) e76585, 2013, as NeuroKit2 has it; likeness of
        waves: Orphanidou et al., IEEE J. Biomed. Health Inform. 19(3), 2015, likewise. Beats are the highest
        maxima no closer than half a period.
    """
    beats_s, quality, agreeing = _beats(*_coarser(recording))
    if (
        len(beats_s) < _FEWEST_BEATS
        or quality < limits["least_quality"]
        or agreeing < limits["least_agreeing"]
    ):
        return PulseReading(beats_s, None, None, (), "unclear", quality, ())
    intervals = np.diff(beats_s)
    usual = _usual(intervals)
    ratio = intervals / usual
    pauses = tuple(int(at) for at in np.flatnonzero(ratio >= limits["pause_ratio"]))
    # An early beat and the pause after it belong together, and neither is of the basic rhythm.
    plain = intervals[(ratio < limits["pause_ratio"]) & (ratio > 2 - limits["pause_ratio"])]
    rate_bpm = float(60 / np.mean(plain if len(plain) else intervals))
    variation = float(np.std(plain) / np.mean(plain)) if len(plain) else 0.0
    rhythm = _rhythm(pauses, variation, recording.seconds, limits)
    return PulseReading(
        beats_s=beats_s,
        rate_bpm=rate_bpm,
        variation=variation,
        pauses_at=pauses,
        rhythm=rhythm,
        quality=quality,
        candidates=tuple(_candidates(rate_bpm, rhythm, len(pauses), limits)),
    )


def _beats(samples: npt.NDArray[np.float64], rate_hz: float) -> tuple[npt.NDArray[np.float64], float, float]:
    """Beats in seconds, the likeness of their waves, and the share of windows that repeat as they do."""
    # NeuroKit2 brings pandas and matplotlib: a second that only a recording needs.
    import neurokit2  # noqa: PLC0415  # see above

    none = np.zeros(0)
    clean = neurokit2.ppg_clean(samples, sampling_rate=rate_hz, method="elgendi")
    # Turned so that beats stand up: some devices write light, others pressure.
    if not _is_upright(samples, clean, rate_hz):
        clean = -clean
    windows = _periods(clean, rate_hz)
    told_s = [period_s for _, _, period_s in windows if period_s is not None]
    if not told_s:
        return none, 0.0, 0.0
    delay_s = _LEAST_DELAY * float(np.median(told_s))
    try:
        # Where two are too close, the higher one is the beat.
        peaks = _maxima(clean, 0.0, delay_s * rate_hz)
        # In a pause the filter swings on: what rises there is far lower than a beat.
        peaks = peaks[clean[peaks] >= _LEAST_HEIGHT * np.median(clean[peaks])] if len(peaks) else peaks
        if len(peaks) < _FEWEST_BEATS or _leaves_out(clean, peaks, rate_hz):
            return peaks / rate_hz, 0.0, 0.0
        likeness = neurokit2.ppg_quality(clean, peaks=peaks, sampling_rate=rate_hz, method="templatematch")
    # Noise may leave the library with nothing to average.
    except (ValueError, IndexError, ZeroDivisionError):
        return none, 0.0, 0.0
    beats_s = peaks / rate_hz
    return beats_s, float(np.clip(np.nanmedian(likeness), 0.0, 1.0)), _agreeing(beats_s, windows)


def _leaves_out(clean: npt.NDArray[np.float64], peaks: npt.NDArray[np.int64], rate_hz: float) -> bool:
    """Whether many maxima as tall as beats are none: beats in pairs repeat every second time only."""
    tall = _maxima(clean, _TALL * float(np.median(clean[peaks])), _LOOKED_FROM_S * rate_hz)
    return len(tall) > _MOST_TALL * len(peaks)


def _maxima(clean: npt.NDArray[np.float64], height: float, apart: float) -> npt.NDArray[np.int64]:
    """Places of the maxima above a height, the higher one where two lie closer than `apart` samples."""
    # SciPy's signals take a third of a second that web processes without a recording need not spend.
    from scipy.signal import find_peaks  # noqa: PLC0415  # see above

    places: npt.NDArray[np.int64] = find_peaks(clean, height=height, distance=max(1, round(apart)))[0]
    return places


def _coarser(recording: Recording) -> tuple[npt.NDArray[np.float64], float]:
    """The wave at no more than `_ENOUGH_HZ`, averaged over equal blocks: a pulse has nothing above 20 Hz."""
    block = math.ceil(recording.rate_hz / _ENOUGH_HZ)
    whole = len(recording.samples) // block * block
    return recording.samples[:whole].reshape(-1, block).mean(axis=1), recording.rate_hz / block


def _is_upright(samples: npt.NDArray[np.float64], clean: npt.NDArray[np.float64], rate_hz: float) -> bool:
    """Whether the wave rises more steeply than it falls or, where both are alike, rests longer below."""
    # Between samples a few milliseconds apart the noise is steeper than the pulse.
    width = max(1, round(_SMOOTH_S * rate_hz))
    smooth = np.convolve(samples, np.full(width, 1 / width), mode="valid")
    fall, rise = np.percentile(smooth[width:] - smooth[:-width], (2, 98)) * (-1, 1)
    if max(rise, fall) > _STEEPER * min(rise, fall):
        return bool(rise > fall)
    low, middle, high = np.percentile(clean, (5, 50, 95))
    return bool(high - middle >= middle - low)


def _periods(clean: npt.NDArray[np.float64], rate_hz: float) -> list[_Window]:
    """Each window with its period by autocorrelation."""
    size = min(len(clean), round(_WINDOW_S * rate_hz))
    starts = range(0, len(clean) - size + 1, size)
    return [
        (start / rate_hz, (start + size) / rate_hz, _period(clean[start : start + size], rate_hz))
        for start in starts
    ]


def _period(clean: npt.NDArray[np.float64], rate_hz: float) -> float | None:
    wave = clean - clean.mean()
    spectrum = np.fft.rfft(wave, 2 * len(wave))
    alike = np.fft.irfft(np.abs(spectrum) ** 2)[: len(wave) // 2]
    alike /= np.arange(len(wave), len(wave) - len(alike), -1)
    last = min(round(_LOOKED_TO_S * rate_hz), len(alike) - 2)
    lags = np.arange(max(1, round(_LOOKED_FROM_S * rate_hz)), last + 1)
    tops = lags[(alike[lags] >= alike[lags - 1]) & (alike[lags] > alike[lags + 1]) & (alike[lags] > 0)]
    if not len(tops):
        return None
    # Two periods repeat as well as one: the first that does nearly as well as the best is the period.
    period_s = float(tops[alike[tops] >= _NEARLY * alike[tops].max()][0] / rate_hz)
    return period_s if _SHORTEST_S <= period_s <= _LONGEST_S else None


def _agreeing(beats_s: npt.NDArray[np.float64], windows: Sequence[_Window]) -> float:
    agree = 0
    for start_s, end_s, period_s in windows:
        intervals = np.diff(beats_s[(beats_s >= start_s) & (beats_s < end_s)])
        if period_s is not None and len(intervals):
            agree += abs(float(np.median(intervals)) / period_s - 1) <= _TOLERANCE
    return agree / len(windows)


def _usual(intervals: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The median interval around each, so that a rate that drifts is no pause."""
    reach = range(len(intervals))
    return np.array(
        [np.median(intervals[max(0, at - _BEATS_AROUND) : at + _BEATS_AROUND + 1]) for at in reach]
    )


def _rhythm(pauses: tuple[int, ...], variation: float, seconds: float, limits: Mapping[str, float]) -> Rhythm:
    if seconds < limits["least_seconds"]:
        return "unclear"
    if len(pauses) >= limits["fewest_pauses"]:
        gaps = np.diff(pauses)
        steady = int(gaps.max() - gaps.min()) <= limits["steady_gap_beats"]
        return "pauses_regular" if steady else "pauses_irregular"
    return "uneven" if variation >= limits["uneven_from"] else "regular"


def _candidates(rate_bpm: float, rhythm: Rhythm, pauses: int, limits: Mapping[str, float]) -> list[Candidate]:
    rate = f"{rate_bpm:.0f}/min"
    found = []
    if rate_bpm >= limits["very_fast_from_bpm"]:
        found.append(Candidate("疾脉", rate))
    elif rate_bpm >= limits["fast_from_bpm"]:
        found.append(Candidate("数脉", rate))
    elif rate_bpm < limits["slow_below_bpm"]:
        found.append(Candidate("迟脉", rate))
    stopped = f"{rate}, {pauses}"
    if rhythm == "pauses_regular":
        found.append(Candidate("代脉", stopped))
    elif rhythm == "pauses_irregular" and rate_bpm >= limits["fast_from_bpm"]:
        found.append(Candidate("促脉", stopped))
    elif rhythm == "pauses_irregular" and rate_bpm < limits["slow_below_bpm"]:
        found.append(Candidate("结脉", stopped))
    return found
