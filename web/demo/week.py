"""What lies behind the demo county when its desks open: whole days of work, by the same services."""

import random
from dataclasses import replace
from datetime import date, timedelta

from tcm.demand.series import WEEK, week_of
from tcm.knowledge import load
from tcm.records.clock import at_minute
from tcm.store.engine import Store
from web.demo.aftercare import hear_patients
from web.demo.clock import DayClock
from web.demo.day import VISITS_MIN, Effort, Lived, close_day
from web.demo.days import DayOrder, live_days
from web.demo.faults import Trouble, trouble_of_days
from web.demo.habits import take_up
from web.demo.keeping import begin_records, clean_devices, count_the_book
from web.demo.mornings import give_precious
from web.demo.photographs import Photographs
from web.demo.reviews import review_all
from web.demo.town import Tell, Town

# Monday to Sunday; a county has ten times as many and more, and they would take as much longer to make.
PRESCRIPTIONS = (7, 6, 6, 6, 6, 4, 3)
# To draw and read a tongue takes longer than all else of a visit.
PHOTOGRAPH_ONE_IN = 4
# So few batches fit any plan.
PLAN_S, REPLAN_S = 0.3, 0.2
# Which of the days: on the first somebody is given a precious herb for the second, and the locks are counted
# after that.
PRECIOUS_WRITTEN_ON, COUNTED_ON = 1, 4


def first_day(today: date) -> date:
    """The first day of work: last week's Monday, so that one whole week of use is on the books.

    Args:
        today: The county date on which the desks open.

    Returns:
        7 to 13 days before.
    """
    return week_of(today) - WEEK


def live_week(store: Store, seed: int, today: date, public_url: str, tell: Tell) -> Town:
    """Live every day from `first_day` to yesterday, faults included, and write what today cooks.

    Args:
        store: With a county founded before `first_day`, in which nobody came yet.
        seed: Of everything drawn by lot.
        today: The county date on which the desks open.
        public_url: What QR codes and letters begin with.
        tell: Told the stage, how many are done, and of how many.

    Returns:
        The county today; its clock stands at yesterday's end.
    """
    first = first_day(today)
    days = [first + timedelta(days=number) for number in range((today - first).days)]
    counts = [PRESCRIPTIONS[day.weekday()] for day in days]
    rng = random.Random(f"{seed}/{first}")  # noqa: S311 - invented days, not secrets
    clock = DayClock(at_minute(first - timedelta(days=1), VISITS_MIN))
    town = Town(store, clock, load(), rng, today, _quiet)
    town.meet()
    take_up(town)
    begin_records(town)
    photographs = Photographs(None, seed, PHOTOGRAPH_ONE_IN)

    def evening(yesterday: Town, signed: list[int], _lived: Lived) -> None:
        number = days.index(yesterday.day) + 1
        hear_patients(yesterday, signed, _tag(yesterday.day, seed), one_waits=number == len(days))
        if number == PRECIOUS_WRITTEN_ON:
            _write_precious(yesterday, seed)
        close_day(yesterday, public_url)
        clean_devices(yesterday)
        if number == COUNTED_ON:
            count_the_book(yesterday)
        tell("days behind", number, len(days))

    live_days(
        town,
        photographs,
        [
            DayOrder(day, count, trouble, _tag(day, seed))
            for day, count, trouble in zip(days, counts, trouble_of_days(counts), strict=True)
        ],
        Effort(PLAN_S, REPLAN_S, threads=1, seed=seed),
        evening,
        then=DayOrder(today, PRESCRIPTIONS[today.weekday()], Trouble(), _tag(today, seed)),
    )
    return town


def _write_precious(today: Town, seed: int) -> None:
    afternoon = replace(today, clock=DayClock(at_minute(today.day, VISITS_MIN)))
    give_precious(afternoon, f"precious-{seed}")
    review_all(afternoon)


def _tag(day: date, seed: int) -> str:
    return f"week-{day:%Y%m%d}-{seed}"


def _quiet(_stage: str, _done: int, _of: int) -> None:
    """The days are told, not their steps."""
