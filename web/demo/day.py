"""One day of the county: written the afternoon before, planned at dawn, lived to its last door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tcm.records.boils import Step
from tcm.records.clock import at_minute, minute_of
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.plans import PlanState
from tcm.records.roles import Role
from tcm.services import planning
from web.demo import floor
from web.demo.clock import DayClock
from web.demo.faults import SECOND_TRY_MIN, Fault, repair_pots
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.pots import clean_all
from web.demo.quality import pour_out
from web.demo.reviews import review_all
from web.demo.road import hand_in_cash, sign_in_bags
from web.demo.town import Town
from web.jobs.notifying import OUTBOX, FileOutbox, Notifier
from web.jobs.planning import Planner
from web.jobs.publishing import HEADS, publish_heads
from web.planning import GRID_MIN

# Patients are seen the afternoon before; the centre cooks from early morning.
VISITS_MIN = 13 * 60 + 30
PLAN_MIN = 6 * 60 - 15
FIRST_MIN = 6 * 60
CLOSING_MIN = 20 * 60
BEFORE_DRAWN = timedelta(minutes=5)
# Letters of days that are over lie where whoever sends them puts what is sent.
_SENT = "sent"


@dataclass(frozen=True)
class Effort:
    """How hard the day's plans are searched for.

    Args:
        plan_s: Seconds for the plan of the morning.
        replan_s: Seconds after each fault.
        threads: Of the schedule's search.
        seed: Of the search.
    """

    plan_s: float
    replan_s: float
    threads: int
    seed: int


@dataclass
class Lived:
    """What came of a day besides what stands in its records.

    Args:
        late: Prescriptions that came in while the day was lived.
        absent: Who is not at home at the first try.
        tomorrow: Prescriptions that the doctors wrote for the next day.
        plans_checked: Plans asked for.
        plans_failed: Those that did not pass their check.
    """

    late: list[int] = field(default_factory=list)
    absent: set[int] = field(default_factory=set)
    tomorrow: list[int] = field(default_factory=list)
    plans_checked: int = 0
    plans_failed: int = 0


@dataclass(frozen=True)
class Day:
    """A day that is lived.

    Args:
        town: The county on it; its clock stands before the plan of the morning.
        effort: Of its plans.
        tag: Makes the forms' keys of this day its own.
        faults: What goes wrong, in order of time.
        absent: How many are not at home at the first try.
        afternoon: What the doctors write at `VISITS_MIN`, by a clock of their own.
    """

    town: Town
    effort: Effort
    tag: str
    faults: Sequence[Fault] = ()
    absent: int = 0
    afternoon: Callable[[], list[int]] = list

    def live(self) -> Lived:
        """Live the whole day.

        Returns:
            What came of it.
        """
        lived = self.plan_morning()
        for fault in self.faults:
            self._do_before(self._moment(fault), lived)
            lived.late += fault.strike(self.town)
            from_minute = minute_of(self.town.day, self.town.clock()) // GRID_MIN * GRID_MIN + GRID_MIN
            self._plan(lived, from_minute, self.effort.replan_s, f"{self.tag}-{fault.minute}")
        self._do_before(at_minute(self.town.day, VISITS_MIN), lived)
        lived.tomorrow = self.afternoon()
        left = floor.due(self.town)
        for number, happening in enumerate(left, start=1):
            self._do(happening, lived)
            self.town.tell("live", number, len(left))
        return lived

    def live_until(self, at: datetime) -> None:
        """Live the day as far as a moment.

        Args:
            at: Aware.
        """
        self._do_before(at, self.plan_morning())

    def plan_morning(self) -> Lived:
        """Plan the day before the first batch.

        Returns:
            Nothing has come of it yet.
        """
        self.town.clock.to(at_minute(self.town.day, PLAN_MIN))
        lived = Lived()
        self._plan(lived, FIRST_MIN, self.effort.plan_s, f"{self.tag}-plan")
        lived.absent = self._not_at_home()
        return lived

    def _moment(self, fault: Fault) -> datetime:
        at = at_minute(self.town.day, fault.minute)
        fires = [each.at for each in floor.due(self.town) if each.what == Step.DRAWN_OFF]
        # On a small day the last fire is out early.
        return min(at, max(fires) - BEFORE_DRAWN) if fault.at_fire and fires else at

    def _do_before(self, at: datetime, lived: Lived) -> None:
        for happening in floor.due(self.town):
            if happening.at < at:
                self._do(happening, lived)
        self.town.clock.to(at)

    def _do(self, happening: floor.Happening, lived: Lived) -> None:
        is_first_try = happening.what == "deliver" and happening.subject_id in lived.absent
        if not is_first_try or happening.at >= at_minute(self.town.day, SECOND_TRY_MIN):
            floor.do(self.town, happening)
            return
        # At the second try they are at home.
        lived.absent.remove(happening.subject_id)
        floor.find_nobody(self.town, happening)

    def _not_at_home(self) -> set[int]:
        early = at_minute(self.town.day, SECOND_TRY_MIN)
        doors = [each for each in floor.due(self.town) if each.what == "deliver" and each.at < early]
        return {each.subject_id for each in doors[: self.absent]}

    def _plan(self, lived: Lived, from_minute: int, seconds: float, key: str) -> None:
        town = self.town
        manager = town.staff[Role.MANAGER][0].actor
        with town.work() as work:
            if not work.prescriptions.in_states(OPEN_STATES - {State.LOADED}):
                # On a small day everything is at its door before the last fault: nothing is left to plan.
                return
            plan = planning.ask_plan(
                work,
                manager,
                town.day,
                from_minute=from_minute,
                seconds=seconds,
                seed=self.effort.seed,
                request_key=key,
                enqueue=_planned_here,
            )
            work.commit()
        planner = Planner(town.store, town.clock, town.knowledge, threads=self.effort.threads)
        planner.run(plan.id or 0, lambda done, stage: town.tell(f"plan: {stage}", int(done * 100), 100))
        with town.work() as work:
            made = work.plans.get(plan.id or 0)
        lived.plans_checked += 1
        if made.state is not PlanState.DONE:
            lived.plans_failed += 1


def write_day(town: Town, photographs: Photographs, count: int, tag: str) -> list[int]:
    """Let the doctors see a day's patients the afternoon before, by a clock of their own, and review them.

    Args:
        town: The county on the day to come.
        photographs: One for each visit.
        count: How many patients.
        tag: Makes the forms' keys of this day its own.

    Returns:
        The signed prescriptions.
    """
    afternoon = replace(town, clock=DayClock(at_minute(town.day - timedelta(days=1), VISITS_MIN)))
    signed = write_prescriptions(afternoon, photographs, count, tag)
    review_all(afternoon)
    return signed


def close_day(town: Town, public_url: str) -> None:
    """The evening: pots are cleaned and mended, cash counted, letters sent; the day is sealed and published.

    Args:
        town: The county at the end of the day.
        public_url: What the address of a bag begins with.
    """
    town.clock.to(at_minute(town.day, CLOSING_MIN))
    clean_all(town)
    repair_pots(town)
    pour_out(town)
    sign_in_bags(town)
    hand_in_cash(town)
    Notifier(town.store, town.clock, FileOutbox(town.store.home / OUTBOX / _SENT), public_url).run()
    with town.work() as work:
        work.ledger.seal(work.now)
        work.commit()
    publish_heads(town.store, town.store.home / HEADS)


def _planned_here(_work: object, _plan_id: int) -> None:
    # The demo plans in its own process, so that no worker is needed.
    return
