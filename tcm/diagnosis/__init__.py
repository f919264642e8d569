"""Four examinations to patterns (证), explained; suggestions only, never a prescription."""

from tcm.diagnosis.suggest import Evidence, PatternSuggestion, Reason, suggest

__all__ = ["Evidence", "PatternSuggestion", "Reason", "suggest"]
