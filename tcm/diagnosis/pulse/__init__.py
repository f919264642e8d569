"""A recorded pulse: read from a file, told as rate, rhythm and candidates among the pulses (脉)."""

from tcm.diagnosis.pulse.reading import Candidate, PulseReading, read_pulse
from tcm.diagnosis.pulse.recording import Recording, RecordingUnreadableError, read_recording

__all__ = [
    "Candidate",
    "PulseReading",
    "Recording",
    "RecordingUnreadableError",
    "read_pulse",
    "read_recording",
]
