"""What a recorded pulse says: beats, rate, rhythm, and which of the 28 pulses (脉) its rhythm suggests."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from tcm.diagnosis.pulse.recording import Recording

Rhythm = Literal["regular", "pauses_regular", "pauses_irregular", "uneven", "unclear"]

_LEAST_HEIGHT = 0.4
_BEATS_AROUND = 5
_FEWEST_BEATS = 8


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
        The reading; `rhythm` "unclear" and no candidates where it is too short or too poor to say.

    Source:
        Beats: Elgendi et al., PLoS ONE 8(10) e76585, 2013, as NeuroKit2 has it; likeness of waves: Orphanidou
        et al., IEEE J. Biomed. Health Inform. 19(3), 2015, likewise.
    """
    beats, quality = _beats(recording)
    if len(beats) < _FEWEST_BEATS or quality < limits["least_quality"]:
        return PulseReading(beats / recording.rate_hz, None, None, (), "unclear", quality, ())
    intervals = np.diff(beats) / recording.rate_hz
    usual = _usual(intervals)
    ratio = intervals / usual
    pauses = tuple(int(at) for at in np.flatnonzero(ratio >= limits["pause_ratio"]))
    # An early beat and the pause after it belong together, and neither is of the basic rhythm.
    plain = intervals[(ratio < limits["pause_ratio"]) & (ratio > 2 - limits["pause_ratio"])]
    rate_bpm = float(60 / np.mean(plain if len(plain) else intervals))
    variation = float(np.std(plain) / np.mean(plain)) if len(plain) else 0.0
    rhythm = _rhythm(pauses, variation, recording.seconds, limits)
    return PulseReading(
        beats_s=beats / recording.rate_hz,
        rate_bpm=rate_bpm,
        variation=variation,
        pauses_at=pauses,
        rhythm=rhythm,
        quality=quality,
        candidates=tuple(_candidates(rate_bpm, rhythm, len(pauses), limits)),
    )


def _beats(recording: Recording) -> tuple[npt.NDArray[np.float64], float]:
    # NeuroKit2 brings pandas and matplotlib: a second that only a recording needs.
    import neurokit2  # noqa: PLC0415  # see above

    rate = recording.rate_hz
    # Turned so that the steep slope goes up: some devices write light, others pressure.
    samples = recording.samples * (1.0 if _rises_steeply(recording.samples) else -1.0)
    clean = neurokit2.ppg_clean(samples, sampling_rate=rate, method="elgendi")
    try:
        peaks = neurokit2.ppg_findpeaks(clean, sampling_rate=rate, method="elgendi")["PPG_Peaks"]
        # In a pause the filter swings on: what rises there is far lower than a beat.
        peaks = peaks[clean[peaks] >= _LEAST_HEIGHT * np.median(clean[peaks])] if len(peaks) else peaks
        if len(peaks) < _FEWEST_BEATS:
            return np.asarray(peaks, dtype=np.float64), 0.0
        likeness = neurokit2.ppg_quality(clean, peaks=peaks, sampling_rate=rate, method="templatematch")
    # Noise may leave the library with nothing to average.
    except (ValueError, IndexError, ZeroDivisionError):
        return np.zeros(0), 0.0
    return np.asarray(peaks, dtype=np.float64), float(np.clip(np.nanmedian(likeness), 0.0, 1.0))


def _rises_steeply(samples: npt.NDArray[np.float64]) -> bool:
    slopes = np.diff(samples)
    return bool(np.percentile(slopes, 98) >= -np.percentile(slopes, 2))


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
