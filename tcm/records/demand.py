"""What was used of herbs before the stock was on record, and forecasts of what will be."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum


class ForecastState(StrEnum):
    """How far a forecast is."""

    QUEUED = "queued"
    DONE = "done"
    FAILED = "failed"


@dataclass(eq=False, kw_only=True)
class PastUse:
    """What was used of a herb in a week, as another system or the centre's own books have it.

    Args:
        id: Row, None before it is stored.
        herb: Standard name.
        week: Its Monday.
        used_mg: In the whole week.
    """

    id: int | None = None
    herb: str
    week: date
    used_mg: int


@dataclass(eq=False, kw_only=True)
class Forecast:
    """How much of each herb the next weeks will need, as it was computed once.

    Args:
        id: Row, None before it is stored.
        until: Monday of the week after the last that was known.
        horizon_weeks: Weeks that are forecast together.
        state: How far it is.
        result: JSON: `weeks`, `origins`, `method`, `scores` by method, `herbs`: grams `[mean, high]` by herb.
        failure: Sentence where it failed, a msgid.
        asked_by_id: Manager or floor staff, None for the weekly one.
        asked_at: Aware UTC.
        request_key: Key of the form, or of the week.
    """

    id: int | None = None
    until: date
    horizon_weeks: int
    state: ForecastState = ForecastState.QUEUED
    result: dict[str, object] = field(default_factory=dict)
    failure: str = ""
    asked_by_id: int | None = None
    asked_at: datetime
    request_key: str
