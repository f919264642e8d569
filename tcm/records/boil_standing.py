"""Where a boil stands at a moment: the next step, the minutes left, and whether a pot asks for a hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boils import PotRun, Step, due_of, next_steps
from tcm.records.errors import N_

# What goes on in the pot once the step is taken, as the wall says it.
PHASE_TERMS = {
    Step.LOADED: N_("加热中"),
    Step.FIRST_BOIL: N_("头煎"),
    Step.REST_ADDED: N_("头煎"),
    Step.LATE_ADDED: N_("头煎"),
    Step.FIRST_DRAWN: N_("加水加热"),
    Step.SECOND_BOIL: N_("二煎"),
    Step.DRAWN_OFF: N_("待清洗"),
    Step.PACKED: N_("待清洗"),
    Step.CLEANED: N_("空闲"),
}


class Alarm(StrEnum):
    """What a pot asks of whoever looks at the wall, the most pressing first."""

    # The late herbs (后下) are to go in now.
    LATE_HERBS = "late_herbs"
    # The next step is long past its minute.
    OVER = "over"
    # The pot stands uncleaned.
    CLEAN = "clean"
    # The last step lies in the future: the clock went back, so that no minute can be trusted.
    CLOCK = "clock"
    # The next step may be taken now.
    DUE = "due"
    # It will be in a moment.
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Limits:
    """When a pot asks for a hand; rows of boil_rules.csv.

    Args:
        soon_min: So long before a step is due somebody should be on their way.
        over_min: A step so long past its minute is over time.
        heat_up_min: What is in a pot boils within this.
        clean_min: A pot is cleaned within this once it is empty.
    """

    soon_min: int
    over_min: int
    heat_up_min: int
    clean_min: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a boil stands at a moment.

    Args:
        last: The newest step taken.
        since: When that was, aware UTC.
        next: What may be done now, the pot's own step first; empty when all is done.
        due_at: The first moment at which `next[0]` is not too early, None where it waits for no minutes.
        wait_min: Whole length of that wait, 0 where there is none.
        left_s: Seconds until `due_at`, negative past it, None without one.
        alarm: What it asks for, None while it asks for nothing.
    """

    last: Step
    since: datetime
    next: tuple[Step, ...]
    due_at: datetime | None
    wait_min: int
    left_s: int | None
    alarm: Alarm | None

    @property
    def left_min(self) -> int | None:
        """Minutes left, a begun one counted, 0 when the step is due, negative past it."""
        return None if self.left_s is None else -(-self.left_s // 60)

    @property
    def done_share(self) -> float:
        """How much of the wait is over, 0 to 1."""
        if not self.wait_min or self.left_s is None:
            return 1.0
        return min(1.0, max(0.0, 1 - self.left_s / (60 * self.wait_min)))


def limits_from(rules: Mapping[str, int]) -> Limits:
    """When pots ask for a hand.

    Args:
        rules: `Knowledge.boil_rules`.

    Returns:
        The limits.
    """
    return Limits(
        soon_min=rules["step_soon_min"],
        over_min=rules["step_over_min"],
        heat_up_min=rules["heat_up_most_min"],
        clean_min=rules["clean_within_min"],
    )


def standing(
    boil: BoilProgramme,
    done: Mapping[Step, datetime],
    now: datetime,
    limits: Limits,
    *,
    stepwise: bool = True,
    scrapped_at: datetime | None = None,
) -> Standing:
    """Where a boil stands.

    Args:
        boil: The programme.
        done: The steps taken, with their moments; the first is `LOADED`.
        now: Aware UTC.
        limits: When it asks for a hand.
        stepwise: See `steps_of`.
        scrapped_at: When the batch was thrown away: then nothing is left to do but to clean the pot.

    Returns:
        The standing.
    """
    order = list(Step)
    last = max(done, key=order.index)
    if scrapped_at is not None:
        ahead: tuple[Step, ...] = (Step.CLEANED,) if stepwise and Step.CLEANED not in done else ()
        since = max(scrapped_at, done[last])
        return Standing(last, since, ahead, None, 0, None, _of_empty(ahead, since, now, limits))
    ahead = next_steps(boil, done, stepwise=stepwise)
    since = done[Step.DRAWN_OFF] if Step.DRAWN_OFF in done and Step.CLEANED not in done else done[last]
    due = due_of(boil, done, ahead[0], stepwise=stepwise) if ahead else None
    if due is None:
        return Standing(last, since, ahead, None, 0, None, _of_idle(last, ahead, since, now, limits))
    due_at, wait_min = due
    left_s = round((due_at - now).total_seconds())
    alarm = _of_wait(ahead[0], left_s, limits, stepwise=stepwise)
    if now < since:
        alarm = Alarm.CLOCK
    return Standing(last, since, ahead, due_at, wait_min, left_s, alarm)


def phase_of(run: PotRun, now: Standing) -> str:
    """What goes on in a pot, in a word.

    Args:
        run: What it holds.
        now: Where that stands.

    Returns:
        A msgid.
    """
    if run.closed_at is not None:
        return PHASE_TERMS[Step.DRAWN_OFF]
    if not run.stepwise:
        return N_("在煎")
    if now.last is Step.FIRST_BOIL and Step.REST_ADDED in now.next:
        return N_("先煎")
    return PHASE_TERMS[now.last]


def _of_wait(ahead: Step, left_s: int, limits: Limits, *, stepwise: bool) -> Alarm | None:
    if ahead is Step.LATE_ADDED and left_s <= 0:
        return Alarm.LATE_HERBS
    # Where the steps stand on paper the minutes are a guess from the filling of the pot.
    if left_s < -60 * limits.over_min and stepwise:
        return Alarm.OVER
    if left_s <= 0:
        return Alarm.DUE
    return Alarm.SOON if left_s <= 60 * limits.soon_min else None


def _of_idle(
    last: Step, ahead: tuple[Step, ...], since: datetime, now: datetime, limits: Limits
) -> Alarm | None:
    if now < since:
        return Alarm.CLOCK
    if last in (Step.LOADED, Step.FIRST_DRAWN):
        return Alarm.OVER if now - since > timedelta(minutes=limits.heat_up_min) else None
    return _of_empty(ahead, since, now, limits)


def _of_empty(ahead: tuple[Step, ...], since: datetime, now: datetime, limits: Limits) -> Alarm | None:
    if Step.CLEANED not in ahead:
        return None
    if now < since:
        return Alarm.CLOCK
    return Alarm.CLEAN if now - since > timedelta(minutes=limits.clean_min) else None
