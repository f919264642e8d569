"""What patients say, for the manager: stars by week, words of the discontented, how soon doctors answer."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean, median

from tcm.records.aftercare import STARS_MOST
from tcm.records.clock import county_day, day_start
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look
from tcm.store.voice_queries import (
    LowRating,
    Said,
    Stars,
    handed_over_since,
    low_ratings,
    said_since,
    stars_since,
)
from tcm.store.work import Work

WEEKS = 8
# Words of so few stars are read.
LOW_STARS = 3
MOST_WORDS = 30


@dataclass(frozen=True)
class Week:
    """One week's ratings.

    Args:
        begins_on: Monday.
        ratings: How many.
        mean_stars: Their mean, None without any.
    """

    begins_on: date
    ratings: int
    mean_stars: float | None


@dataclass(frozen=True)
class Voices:
    """What patients said in the last weeks.

    Args:
        since: First county day counted.
        handed_over: Prescriptions handed over.
        by_stars: How often each number of stars was given, five first.
        mean_stars: Of all, None without any.
        weeks: Oldest first.
        low: Ratings of few stars, newest first.
        said: Messages of patients who felt worse.
        urgent: How many of these were urgent.
        waiting: How many nobody has answered.
        answer_min: Minutes to an answer, the median; None without any.
    """

    since: date
    handed_over: int
    by_stars: dict[int, int]
    mean_stars: float | None
    weeks: list[Week]
    low: list[LowRating]
    said: int
    urgent: int
    waiting: int
    answer_min: int | None

    @property
    def ratings(self) -> int:
        """How many rated."""
        return sum(self.by_stars.values())


def voices(work: Work, actor: Actor) -> Voices:
    """What patients said; the words that are shown are looked at on record.

    Args:
        work: The unit of work.
        actor: A manager.

    Returns:
        Figures of `WEEKS` weeks up to today; no patient is named.

    Raises:
        Forbidden: For other roles.
    """
    look(work, actor, Action.VOICES_READ, "rating", None)
    today = county_day(work.now)
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    since = day_start(first)
    given = stars_since(work.session, since)
    said = said_since(work.session, since)
    counted = Counter(each.stars for each in given)
    return Voices(
        since=first,
        handed_over=handed_over_since(work.session, since),
        by_stars={stars: counted[stars] for stars in range(STARS_MOST, 0, -1)},
        mean_stars=fmean(each.stars for each in given) if given else None,
        weeks=_weeks(given, first),
        low=low_ratings(work.session, since, LOW_STARS, MOST_WORDS),
        said=len(said),
        urgent=sum(each.urgent for each in said),
        waiting=sum(each.answered_at is None for each in said),
        answer_min=_answer_min(said),
    )


def _weeks(given: Sequence[Stars], first: date) -> list[Week]:
    weeks = []
    for number in range(WEEKS):
        begins = first + timedelta(weeks=number)
        ends = begins + timedelta(weeks=1)
        stars = [each.stars for each in given if begins <= county_day(each.rated_at) < ends]
        weeks.append(Week(begins, len(stars), fmean(stars) if stars else None))
    return weeks


def _answer_min(said: Sequence[Said]) -> int | None:
    minutes = [(each.answered_at - each.sent_at).total_seconds() / 60 for each in said if each.answered_at]
    return round(median(minutes)) if minutes else None
