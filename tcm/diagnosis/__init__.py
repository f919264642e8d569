"""Four examinations to patterns (证), explained; suggestions only, never a prescription."""

from tcm.diagnosis.apart import NextQuestion, Pointer, tell_apart
from tcm.diagnosis.red_flags import RaisedFlag, raised
from tcm.diagnosis.suggest import Evidence, PatternSuggestion, Reason, suggest

__all__ = [
    "Evidence",
    "NextQuestion",
    "PatternSuggestion",
    "Pointer",
    "RaisedFlag",
    "Reason",
    "raised",
    "suggest",
    "tell_apart",
]
