"""Weekly use of herbs as a table of grams."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

WEEK = timedelta(days=7)


def week_of(day: date) -> date:
    """The Monday of a day's week.

    Args:
        day: County date.

    Returns:
        A Monday.
    """
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Use:
    """What was used of each herb in each of some weeks without a gap.

    Args:
        first: Monday of the first week.
        herbs: Standard names.
        grams: Of each herb (row) in each week (column), float64.
    """

    first: date
    herbs: tuple[str, ...]
    grams: NDArray[np.float64]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, date, float]], until: date) -> "Use":
        """A table from single weeks of single herbs; weeks that are not named used nothing.

        Args:
            rows: Herb, a day of the week, grams; several of one herb and week add up.
            until: Monday of the week after the last; later rows are left out.

        Returns:
            From the first week that is named to the last before `until`; without weeks where there is none.
        """
        by_week: dict[tuple[str, date], float] = {}
        for herb, day, grams in rows:
            week = week_of(day)
            if week < until:
                by_week[herb, week] = by_week.get((herb, week), 0.0) + grams
        first = min((week for _, week in by_week), default=until)
        herbs = tuple(sorted({herb for herb, _ in by_week}))
        table = np.zeros((len(herbs), (until - first).days // 7))
        rows_of: Mapping[str, int] = {herb: row for row, herb in enumerate(herbs)}
        for (herb, week), grams in by_week.items():
            table[rows_of[herb], (week - first).days // 7] = max(grams, 0.0)
        return cls(first, herbs, table)

    @property
    def weeks(self) -> int:
        """How many."""
        return int(self.grams.shape[1])

    @property
    def until(self) -> date:
        """Monday of the week after the last."""
        return self.first + self.weeks * WEEK

    def before(self, weeks: int) -> "Use":
        """What was known after so many weeks.

        Args:
            weeks: Counted from the first.

        Returns:
            The same herbs.
        """
        return Use(self.first, self.herbs, self.grams[:, :weeks])
