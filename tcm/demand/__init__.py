"""How much of each herb will be needed: weekly use, ways to forecast it, and how well each did before."""

from tcm.demand.methods import METHODS, last_week, learned, seasonal_naive
from tcm.demand.series import Use
from tcm.demand.validation import Score, Validation, validate

__all__ = [
    "METHODS",
    "Score",
    "Use",
    "Validation",
    "last_week",
    "learned",
    "seasonal_naive",
    "validate",
]
