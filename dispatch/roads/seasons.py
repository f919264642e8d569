"""When in the year something holds: seasons by name, and the dates inside OpenStreetMap's conditional tags.

Source of the tags' grammar: OpenStreetMap wiki, "Conditional restrictions" (2024).
"""

import calendar
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from dispatch.roads.kinds import rows_of

_MONTHS: Final = {name: number for number, name in enumerate(calendar.month_abbr) if name}
_MONTH: Final = "|".join(_MONTHS)
_POINT: Final = rf"(?:(\d{{4}})\s+)?({_MONTH})(?:\s+(\d{{1,2}}))?"
_RANGE: Final = re.compile(rf"^{_POINT}(?:\s*-\s*(?:{_POINT}|(\d{{1,2}})))?$")
_CLAUSE: Final = re.compile(r"\s*([^;@]+?)\s*@\s*(?:\(([^()]*)\)|([^;()]*))\s*(?:;|$)")


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `first` to `last`, both included, as (month, day) of every year or (year, month, day) of one.

    A span of every year whose last day lies before its first runs over the turn of the year.
    """

    first: tuple[int, ...]
    last: tuple[int, ...]

    def covers(self, day: date) -> bool:
        """Whether the day lies in the span."""
        at = (day.year, day.month, day.day)[-len(self.first) :]
        if self.first <= self.last:
            return self.first <= at <= self.last
        return len(self.first) == 2 and (at >= self.first or at <= self.last)


@dataclass(frozen=True, slots=True)
class Clause:
    """One "value @ condition" of a conditional tag; no spans where the condition is not about days."""

    value: str
    spans: tuple[Span, ...]


@functools.cache
def seasons() -> Mapping[str, Span]:
    """The spans of seasons.csv by the name that maps use for them."""
    return {
        row["season"]: Span(_month_day(row["from"]), _month_day(row["to"])) for row in rows_of("seasons.csv")
    }


@functools.cache
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a conditional tag.

    Args:
        text: such as "no @ (Jun-Sep); destination @ (Oct 15-Nov 15)".

    Returns:
        One clause for each value. Hours, weights and weather give a clause without spans, since a plan of a
        day cannot know them.
    """
    return tuple(
        Clause(found[1], _spans(found[2] if found[2] is not None else found[3]))
        for found in _CLAUSE.finditer(text)
    )


def _spans(condition: str) -> tuple[Span, ...]:
    """The days of a condition; none when any part of it is about something else."""
    found: list[Span] = []
    for part in condition.split(","):
        span = seasons().get(part.strip().lower()) or _span(part.strip())
        if span is None:
            return ()
        found.append(span)
    return tuple(found)


def _span(text: str) -> Span | None:
    match = _RANGE.match(text)
    if match is None:
        return None
    year, month, day, last_year, last_month, last_day, same_month_day = match.groups()
    first = (_MONTHS[month], int(day or 1))
    if same_month_day is not None:
        last = (_MONTHS[month], int(same_month_day))
    elif last_month is not None:
        last = (_MONTHS[last_month], int(last_day or 31))
    else:
        last = (_MONTHS[month], int(day or 31))
    if year is None:
        return Span(first, last) if last_year is None else None
    return Span((int(year), *first), (int(last_year or year), *last))


def _month_day(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("-"))
