"""One boil of one prescription in one pot: its steps, their order and minutes, and where it stands now."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from tcm.knowledge.decoction import BoilProgramme
from tcm.records.errors import N_


class BoilKeeping(StrEnum):
    """What the centre keeps of a boil."""

    # Into the pot and out of it; the rest stands on paper.
    OFF = "off"
    # Every step by the hand that takes it.
    STEPS = "steps"


KEEPING_TERMS = {
    BoilKeeping.OFF: N_("只记上锅和出锅，其余记在纸上"),
    BoilKeeping.STEPS: N_("逐步记录每一步，系统核对次序和时间"),
}


class Step(StrEnum):
    """What is done at a pot, in the order in which it is done."""

    LOADED = "loaded"
    FIRST_BOIL = "first_boil"
    REST_ADDED = "rest_added"
    LATE_ADDED = "late_added"
    FIRST_DRAWN = "first_drawn"
    SECOND_BOIL = "second_boil"
    DRAWN_OFF = "drawn_off"
    PACKED = "packed"
    CLEANED = "cleaned"


# What the hand did, as a record says it.
STEP_TERMS = {
    Step.LOADED: N_("上锅"),
    Step.FIRST_BOIL: N_("头煎煮沸"),
    Step.REST_ADDED: N_("先煎毕，投群药"),
    Step.LATE_ADDED: N_("投后下药"),
    Step.FIRST_DRAWN: N_("头煎滤出"),
    Step.SECOND_BOIL: N_("二煎煮沸"),
    Step.DRAWN_OFF: N_("出锅"),
    Step.PACKED: N_("包装完成"),
    Step.CLEANED: N_("锅已清洗"),
}
# After these the pot no longer holds the decoction.
AFTER_THE_POT = (Step.PACKED, Step.CLEANED)
# A slip of the thumb on one of these is taken back without anything having been moved by it.
UNDOABLE = frozenset(
    {
        Step.FIRST_BOIL,
        Step.REST_ADDED,
        Step.LATE_ADDED,
        Step.FIRST_DRAWN,
        Step.SECOND_BOIL,
        Step.CLEANED,
    }
)
UNDO_WITHIN = timedelta(minutes=1)


class Outcome(StrEnum):
    """How a boil ended."""

    DRAWN_OFF = "drawn_off"
    SCRAPPED = "scrapped"


@dataclass(eq=False, kw_only=True)
class PotRun:
    """One boil of one prescription in one pot.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which prescription.
        pot_id: Which pot.
        stepwise: Whether its steps are kept and held to the programme, as was decided when it began.
        programme: The `BoilProgramme` it began with, whatever the rules say later.
        soak_began_at: Aware UTC, None where that is not on record.
        opened_at: When the pot was filled.
        opened_by_id: Who filled it.
        closed_at: When the decoction left the pot or was thrown away, None while it boils.
        outcome: Which of the two.
        freed_at: Since when the pot may be filled again, None until then.
    """

    id: int | None = None
    prescription_id: int
    pot_id: int
    stepwise: bool
    programme: dict[str, Any]
    soak_began_at: datetime | None = None
    opened_at: datetime
    opened_by_id: int
    closed_at: datetime | None = None
    outcome: Outcome | None = None
    freed_at: datetime | None = None

    def key(self) -> int:
        """The row's number of a stored run.

        Returns:
            `id`.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the run is not stored yet")
        return self.id

    @property
    def boil(self) -> BoilProgramme:
        """The programme it is boiled by."""
        return BoilProgramme(**self.programme | {"notes": tuple(self.programme["notes"])})


@dataclass(eq=False, kw_only=True)
class PotStep:
    """One step of a boil.

    Args:
        id: Row, None before it is stored.
        run_id: Of which boil.
        step: What was done.
        at: When, aware UTC.
        by_id: Whose hand.
        short_min: Minutes, begun ones too, that it came before its time, or, for `LOADED`, that the soak fell
            short; 0 where it did not.
        reason: Why it came before its time, as written; sealed in the database.
        request_key: Key of the form that brought it, None where another desk's button did.
        voided_at: When it was taken back, None while it counts.
        voided_by_id: By whom.
    """

    id: int | None = None
    run_id: int
    step: Step
    at: datetime
    by_id: int
    short_min: int = 0
    reason: str = ""
    request_key: str | None = None
    voided_at: datetime | None = None
    voided_by_id: int | None = None


@dataclass(eq=False, kw_only=True)
class BoilSettings:
    """What the centre keeps of its boils; the newest row holds, and without one little is kept.

    Args:
        id: Row, None before it is stored.
        keeping: What is kept.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    keeping: BoilKeeping
    set_by_id: int
    set_at: datetime


def programme_row(boil: BoilProgramme) -> dict[str, Any]:
    """A programme as a run keeps it.

    Args:
        boil: The programme.

    Returns:
        A JSON object, which `PotRun.boil` reads.
    """
    return asdict(boil) | {"notes": list(boil.notes)}


def steps_of(boil: BoilProgramme, *, stepwise: bool = True) -> tuple[Step, ...]:
    """The steps of a boil in their order; what the programme has not is no step.

    Args:
        boil: The programme.
        stepwise: Whether more is kept than into the pot, out of it, packed.

    Returns:
        Steps; packing and cleaning, the last two, wait for one another in neither order.
    """
    if not stepwise:
        return (Step.LOADED, Step.DRAWN_OFF, Step.PACKED)
    left_out = set()
    if not boil.pre_boil_min:
        left_out.add(Step.REST_ADDED)
    if boil.add_at_min is None:
        left_out.add(Step.LATE_ADDED)
    if not boil.second_boil_min:
        left_out |= {Step.FIRST_DRAWN, Step.SECOND_BOIL}
    return tuple(step for step in Step if step not in left_out)


def next_steps(boil: BoilProgramme, done: Mapping[Step, datetime], *, stepwise: bool) -> tuple[Step, ...]:
    """What may be done now.

    Args:
        boil: The programme.
        done: The steps taken, with their moments.
        stepwise: See `steps_of`.

    Returns:
        The one next step; once the pot is empty cleaning and packing, as far as they are not done.
    """
    open_ones = [step for step in steps_of(boil, stepwise=stepwise) if step not in done]
    if open_ones and open_ones[0] not in AFTER_THE_POT:
        return (open_ones[0],)
    # The pot is asked for first: it is what the next prescription waits for.
    return tuple(reversed(open_ones))


def due_of(
    boil: BoilProgramme, done: Mapping[Step, datetime], step: Step, *, stepwise: bool
) -> tuple[datetime, int] | None:
    """When a step is not too early any more.

    Args:
        boil: The programme.
        done: The steps taken so far.
        step: The next one.
        stepwise: See `steps_of`.

    Returns:
        That moment and the minutes it is waited for, None where the programme has no minutes before it.
    """
    if not stepwise:
        return _after(done, Step.LOADED, boil.cook_min) if step is Step.DRAWN_OFF else None
    began = Step.REST_ADDED if boil.pre_boil_min else Step.FIRST_BOIL
    if step is Step.REST_ADDED:
        return _after(done, Step.FIRST_BOIL, boil.pre_boil_min)
    if step is Step.LATE_ADDED and boil.add_at_min is not None:
        return _after(done, began, boil.add_at_min - boil.pre_boil_min)
    if step is Step.DRAWN_OFF and boil.second_boil_min:
        return _after(done, Step.SECOND_BOIL, boil.second_boil_min)
    if step not in (Step.FIRST_DRAWN, Step.DRAWN_OFF):
        return None
    first = _after(done, began, boil.first_boil_min)
    if boil.add_at_min is None:
        return first
    # Late herbs that went in late have their own minutes all the same.
    late = _after(done, Step.LATE_ADDED, boil.pre_boil_min + boil.first_boil_min - boil.add_at_min)
    return max((each for each in (first, late) if each is not None), default=None)


def short_min(due_at: datetime | None, now: datetime) -> int:
    """How much too early a step is.

    Args:
        due_at: When it is not too early any more, None where it never is.
        now: Aware UTC.

    Returns:
        Minutes, a begun one counted; 0 where it is not too early.
    """
    if due_at is None or now >= due_at:
        return 0
    return -(-(due_at - now) // timedelta(minutes=1))


def _after(done: Mapping[Step, datetime], step: Step, minutes: int) -> tuple[datetime, int] | None:
    at = done.get(step)
    return None if at is None else (at + timedelta(minutes=minutes), minutes)
