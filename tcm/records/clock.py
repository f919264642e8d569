"""Time as the pharmacy keeps it: aware UTC inside, county time on paper and screens."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]

COUNTY_ZONE = ZoneInfo("Asia/Shanghai")


def utc_now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def county_day(at: datetime) -> date:
    """The calendar day in the county at a moment.

    Args:
        at: Aware moment.

    Returns:
        The date a person in the county would write.
    """
    return at.astimezone(COUNTY_ZONE).date()


def day_start(day: date) -> datetime:
    """Midnight of a county day as aware UTC.

    Args:
        day: A county date.

    Returns:
        The moment that day began in the county.
    """
    return datetime(day.year, day.month, day.day, tzinfo=COUNTY_ZONE).astimezone(UTC)


def at_minute(day: date, minute: int) -> datetime:
    """The moment that lies some minutes after a county day's midnight.

    Args:
        day: A county date.
        minute: Minutes since midnight, county time.

    Returns:
        Aware UTC moment.
    """
    return day_start(day) + timedelta(minutes=minute)


def minute_of(day: date, at: datetime) -> int:
    """Whole minutes from a county day's midnight to a moment, rounded down.

    Args:
        day: A county date.
        at: Aware moment.

    Returns:
        Minutes, negative before midnight.
    """
    return int((at - day_start(day)).total_seconds() // 60)


def age_years(born: date, on: date) -> int:
    """Completed years of life.

    Args:
        born: Date of birth.
        on: The day the age is asked for.

    Returns:
        Whole years, at least 0.
    """
    had_birthday = (on.month, on.day) >= (born.month, born.day)
    return max(0, on.year - born.year - (0 if had_birthday else 1))
