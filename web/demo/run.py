"""County days from the first patient to the last door, by the same services as the web: `tangye demo`."""

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from tcm.knowledge import load
from tcm.records.clock import at_minute
from tcm.store.engine import Store
from tcm.store.queries import newest_day
from web.demo.aftercare import hear_patients
from web.demo.clock import DayClock
from web.demo.day import VISITS_MIN, Effort, Lived, close_day
from web.demo.days import DayOrder, live_days
from web.demo.faults import Trouble, trouble_of_day
from web.demo.habits import take_up
from web.demo.photographs import Photographs
from web.demo.prints import write_prints
from web.demo.summary import Summary
from web.demo.town import Tell, Town

# Seconds of search on a full day; a small one needs as much less.
PLAN_S, REPLAN_S, LEAST_S = 20.0, 12.0, 1.0
FULL_DAY = 170


@dataclass(frozen=True)
class Order:
    """What demo days are asked to be.

    Args:
        prescriptions: How many patients a day.
        seed: Of everything drawn by lot.
        days: How many in a row; where there were none before, the earlier ones lie in the past.
        today: The real county date.
        photos: Folder of tongue photographs, None for drawn ones.
        faults: Whether things go wrong.
        public_url: What QR codes begin with.
        out: Where the prints go.
        threads: Of the schedule's search.
    """

    prescriptions: int
    seed: int
    today: date
    photos: Path | None
    faults: bool
    public_url: str
    out: Path
    threads: int = 2
    days: int = 1

    @property
    def first_visits_on(self) -> date:
        """When the first patients come, in a store without earlier days."""
        return self.today - timedelta(days=self.days - 1)


@dataclass(frozen=True)
class Ran:
    """What came of the days.

    Args:
        whole: Of all of them, as the last evening knows it.
        days: Of each, as its own evening knew it.
    """

    whole: Summary
    days: list[Summary]

    def to_dict(self) -> dict[str, object]:
        """For `summary.json`; each day of one call is told besides the whole."""
        return {**self.whole.to_dict(), "days": [each.to_dict() for each in self.days]}


def run_days(store: Store, order: Order, tell: Tell) -> Ran:
    """Live county days in the store, one after another.

    Args:
        store: Set up by `web.demo.county.set_up`; earlier days may lie in it.
        order: What the days are asked to be.
        tell: Told the stage, how many are done, and of how many.

    Returns:
        What came of them; `seconds` is left for the caller to fill.

    Raises:
        FileNotFoundError: When the folder of photographs is empty.
    """
    visits_on = _first_free_day(store, order.first_visits_on)
    rng = random.Random(f"{order.seed}/{visits_on}")  # noqa: S311 - invented days, not secrets
    orders = [_day_order(order, visits_on + timedelta(days=number + 1)) for number in range(order.days)]
    town = Town(store, DayClock(at_minute(visits_on, VISITS_MIN)), load(), rng, orders[0].day, tell)
    town.meet()
    take_up(town)
    photographs = Photographs(order.photos, rng.randrange(2**31))
    days: list[Summary] = []
    everything: list[int] = []

    def evening(today: Town, signed: list[int], lived: Lived) -> None:
        hear_patients(today, signed, f"demo-{today.day:%Y%m%d}-{order.seed}")
        close_day(today, order.public_url)
        summary = Summary(plans_checked=lived.plans_checked, plans_failed=lived.plans_failed)
        summary.photographs_refused = photographs.refused - sum(each.photographs_refused for each in days)
        summary.prints = write_prints(today, signed, order.public_url, order.out)
        summary.count(today, signed)
        days.append(summary)
        everything.extend(signed)

    live_days(town, photographs, orders, _effort(order), evening)
    whole = Summary(
        plans_checked=sum(each.plans_checked for each in days),
        plans_failed=sum(each.plans_failed for each in days),
        photographs_refused=photographs.refused,
        prints=sum(each.prints for each in days),
    )
    # What waited in an evening may have come the day after.
    whole.count(replace(town, day=orders[-1].day), everything)
    return Ran(whole, days)


def _effort(order: Order) -> Effort:
    share = min(1.0, order.prescriptions / FULL_DAY)
    plan_s, replan_s = (max(LEAST_S, share * seconds) for seconds in (PLAN_S, REPLAN_S))
    return Effort(plan_s, replan_s, order.threads, order.seed)


def _day_order(order: Order, day: date) -> DayOrder:
    trouble = trouble_of_day(order.prescriptions) if order.faults else Trouble()
    return DayOrder(day, order.prescriptions, trouble, f"demo-{day:%Y%m%d}-{order.seed}")


def _first_free_day(store: Store, today: date) -> date:
    with store.work() as work:
        newest = newest_day(work.session)
    return today if newest is None else max(today, newest + timedelta(days=1))
