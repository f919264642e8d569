"""What is kept of a boil: opened when a pot is filled, step by step, closed when the pot is empty."""

from datetime import datetime

from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boils import (
    STEP_TERMS,
    BoilKeeping,
    BoilSettings,
    Outcome,
    PotRun,
    PotStep,
    Step,
    due_of,
    next_steps,
    programme_row,
    short_min,
)
from tcm.records.centre import Pot
from tcm.records.clinical import Prescription
from tcm.records.clock import COUNTY_ZONE
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.outage import PaperStep
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.metering import watch_runs
from tcm.services.moving import note
from tcm.store.work import Work

# Other events of the ledger tell of these three.
_TOLD_ELSEWHERE = frozenset({Step.LOADED, Step.DRAWN_OFF, Step.PACKED})


def keeping_of(work: Work) -> BoilKeeping:
    """What the centre keeps of its boils.

    Args:
        work: The unit of work.

    Returns:
        The decision that holds; little, before the first.
    """
    current = work.boil_settings.current()
    return BoilKeeping.OFF if current is None else current.keeping


def set_keeping(work: Work, actor: Actor, keeping: BoilKeeping) -> BoilSettings:
    """Decide what the centre keeps of its boils; what boils already ends as it began.

    Args:
        work: The unit of work.
        actor: A manager.
        keeping: What is kept.

    Returns:
        The decision.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_SET)
    return work.boil_settings.add(BoilSettings(keeping=keeping, set_by_id=actor.staff_id, set_at=work.now))


def is_stepwise(work: Work, prescription: Prescription) -> bool:
    """Whether the next step of a prescription is taken at its pot, by scan, rather than by one button.

    Args:
        work: The unit of work.
        prescription: Which.

    Returns:
        For what boils, as it began, which was by a button where it was before boils were kept; else as the
        centre keeps its boils now.
    """
    if prescription.state is not State.DECOCTING:
        return keeping_of(work) is BoilKeeping.STEPS
    run = work.pot_runs.last_of(prescription.key())
    return run is not None and run.stepwise


def is_held(work: Work, run: PotRun) -> bool:
    """Whether a boil is held to its steps.

    Args:
        work: The unit of work.
        run: Which.

    Returns:
        False where the steps stand on paper: as it began, or since its paper from an outage was entered. What
        was drawn off before that still has its pot to be cleaned, or nobody could fill it again.
    """
    return run.stepwise and (run.closed_at is not None or not _is_on_paper(work, run.prescription_id))


def soak_began_at(work: Work, prescription: Prescription) -> datetime | None:
    """Since when a prescription is soaked.

    Args:
        work: The unit of work.
        prescription: Which.

    Returns:
        Aware UTC, None where it was never soaked.
    """
    chain = work.ledger.events(prescription.key())
    soaked = [each.at for each in chain if each.kind == "move" and each.target is State.SOAKING]
    return soaked[-1] if soaked else None


def demand_clean(work: Work, pot: Pot) -> None:
    """Let a pot be filled, unless it still waits to be cleaned.

    Args:
        work: The unit of work.
        pot: Which.

    Raises:
        Invalid: When it does.
    """
    if work.pot_runs.holding(pot.id) is not None:
        raise Invalid(N_("%(pot)s号锅还没清洗，请先清洗并记录，再上锅。"), pot=pot.code)


def demand_soaked(work: Work, prescription: Prescription, boil: BoilProgramme, reason: str) -> int:
    """Let what has soaked long enough go on, or what has a written reason.

    Args:
        work: The unit of work.
        prescription: Soaking.
        boil: Its programme.
        reason: Why it soaked less, empty for none.

    Returns:
        Minutes that the soak fell short, 0 where it did not or where boils are kept on paper.

    Raises:
        Invalid: When it soaked too short a time and there is no reason.
    """
    began = soak_began_at(work, prescription)
    on_paper = keeping_of(work) is BoilKeeping.OFF or _is_on_paper(work, prescription.key())
    if on_paper or began is None:
        return 0
    soaked_min = max(0, int((work.now - began).total_seconds()) // 60)
    short = max(0, boil.soak_min - soaked_min)
    if short and not reason.strip():
        raise Invalid(
            N_("浸泡要 %(wanted)s 分钟，现在才 %(soaked)s 分钟；一定要提前上锅，请写明原因。"),
            wanted=boil.soak_min,
            soaked=soaked_min,
        )
    return short


def open_run(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    boil: BoilProgramme,
    *,
    short: int = 0,
    reason: str = "",
) -> PotRun:
    """Begin the record of a boil; its first step is that the pot was filled.

    Args:
        work: The unit of work.
        actor: Who filled the pot.
        prescription: Held, and in its pot.
        boil: Its programme, kept as it is now.
        short: From `demand_soaked`.
        reason: Why the soak fell short.

    Returns:
        The run.

    Raises:
        ValueError: When it is in no pot.
    """
    if prescription.pot_id is None:
        raise ValueError("a boil needs a pot")
    run = work.pot_runs.add(
        PotRun(
            prescription_id=prescription.key(),
            pot_id=prescription.pot_id,
            stepwise=keeping_of(work) is BoilKeeping.STEPS and not _is_on_paper(work, prescription.key()),
            programme=programme_row(boil),
            soak_began_at=soak_began_at(work, prescription),
            opened_at=work.now,
            opened_by_id=actor.staff_id,
        )
    )
    _add(work, actor, run, Step.LOADED, short, reason, None)
    return run


def demand_next(work: Work, run: PotRun, step: Step, reason: str) -> int:
    """Let a step be taken that is the next one and not too early, or early with a written reason.

    Args:
        work: The unit of work.
        run: Of which boil.
        step: Which.
        reason: Why it is early, empty for none.

    Returns:
        Minutes that it is too early, 0 where it is not or where the steps stand on paper.

    Raises:
        IllegalMove: When it was taken already, or another one is next.
        Invalid: When it is too early and there is no reason.
    """
    # From its paper on, the rest of it stands on paper.
    run.stepwise = is_held(work, run)
    steps = work.pot_steps.of_run(run.key())
    earlier = next((each for each in steps if each.step is step), None)
    if earlier is not None:
        raise IllegalMove(
            N_("“%(step)s”已由%(name)s在 %(at)s 记过了。"),
            step=STEP_TERMS[step],
            name=work.staff.get(earlier.by_id).name,
            at=f"{earlier.at.astimezone(COUNTY_ZONE):%H:%M}",
        )
    done = {each.step: each.at for each in steps}
    ahead = _ahead(run, done)
    if step not in ahead:
        if not ahead:
            raise IllegalMove(N_("这一锅已经全部做完。"))
        raise IllegalMove(
            N_("现在该“%(next)s”，还不能“%(step)s”。"), next=STEP_TERMS[ahead[0]], step=STEP_TERMS[step]
        )
    due = due_of(run.boil, done, step, stepwise=True) if run.stepwise else None
    short = short_min(None if due is None else due[0], work.now)
    if short and not reason.strip():
        raise Invalid(
            N_("“%(step)s”还差 %(minutes)s 分钟；一定要提前，请写明原因。"),
            step=STEP_TERMS[step],
            minutes=short,
        )
    return short


def record(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    run: PotRun,
    step: Step,
    *,
    reason: str = "",
    request_key: str | None = None,
) -> PotStep:
    """Keep a step of a boil, in the same transaction as what it moves.

    Args:
        work: The unit of work.
        actor: Whose hand.
        prescription: Held.
        run: Of which boil.
        step: The next one.
        reason: Why it is early, empty where it is not.
        request_key: Key of the form that brought it.

    Returns:
        The step.

    Raises:
        IllegalMove: When it was taken already, or another one is next.
        Invalid: When it is too early and there is no reason.
    """
    short = demand_next(work, run, step, reason)
    kept = _add(work, actor, run, step, short, reason, request_key)
    if step is Step.CLEANED:
        run.freed_at = work.now
    if step in (Step.FIRST_DRAWN, Step.DRAWN_OFF):
        # What its machine said shows now whether it boiled long enough.
        watch_runs(work, [run])
    if step not in _TOLD_ELSEWHERE:
        told = {"pot": work.pots.get(run.pot_id).code, "step": step.value}
        note(work, actor, prescription, "boil_step", told | ({"short_min": short} if short else {}))
    work.session.flush()
    return kept


def leave_pot(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    *,
    reason: str = "",
    request_key: str | None = None,
) -> int:
    """Close a boil because its decoction leaves the pot.

    Args:
        work: The unit of work.
        actor: Whose hand.
        prescription: Held, in a pot.
        reason: Why it is early, empty where it is not.
        request_key: Key of the form that brought it.

    Returns:
        Minutes that it was too early, 0 where it was not.

    Raises:
        IllegalMove: When a step is still to be taken before.
        Invalid: When it is too early and there is no reason.
    """
    run = work.pot_runs.open_of(prescription.key())
    if run is None:
        # It was in the pot before boils were kept.
        return 0
    kept = record(work, actor, prescription, run, Step.DRAWN_OFF, reason=reason, request_key=request_key)
    _close(work, run, Outcome.DRAWN_OFF)
    return kept.short_min


def throw_away(work: Work, prescription: Prescription) -> None:
    """Close a boil because its batch is scrapped; its pot still has to be cleaned.

    Args:
        work: The unit of work.
        prescription: Held.
    """
    run = work.pot_runs.open_of(prescription.key())
    if run is not None:
        _close(work, run, Outcome.SCRAPPED)


def packed(work: Work, actor: Actor, prescription: Prescription, *, request_key: str | None = None) -> None:
    """Note in the last boil of a prescription that its decoction is packed.

    Args:
        work: The unit of work.
        actor: Whose hand.
        prescription: Held.
        request_key: Key of the form that brought it.
    """
    run = work.pot_runs.last_of(prescription.key())
    if run is not None and run.outcome is Outcome.DRAWN_OFF:
        record(work, actor, prescription, run, Step.PACKED, request_key=request_key)


def _is_on_paper(work: Work, prescription_id: int) -> bool:
    signed = work.paper_signatures.of_prescription(prescription_id)
    return any(each.step is PaperStep.DECOCTED for each in signed)


def _ahead(run: PotRun, done: dict[Step, datetime]) -> tuple[Step, ...]:
    if run.outcome is Outcome.SCRAPPED:
        return (Step.CLEANED,) if run.freed_at is None else ()
    return next_steps(run.boil, done, stepwise=run.stepwise)


def _close(work: Work, run: PotRun, outcome: Outcome) -> None:
    run.closed_at, run.outcome = work.now, outcome
    if not run.stepwise:
        # That the pot is cleaned stands on paper, as the rest does.
        run.freed_at = work.now
    work.session.flush()


def _add(
    work: Work, actor: Actor, run: PotRun, step: Step, short: int, reason: str, request_key: str | None
) -> PotStep:
    return work.pot_steps.add(
        PotStep(
            run_id=run.key(),
            step=step,
            at=work.now,
            by_id=actor.staff_id,
            short_min=short,
            reason=reason.strip() if short else "",
            request_key=request_key,
        )
    )
