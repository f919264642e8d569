"""A hand at a pot: a code is scanned, one next step is shown, taken, or taken back within a minute."""

from dataclasses import dataclass, field
from datetime import timedelta

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.boil_standing import Standing, limits_from, standing
from tcm.records.boils import (
    AFTER_THE_POT,
    STEP_TERMS,
    UNDO_WITHIN,
    UNDOABLE,
    Outcome,
    PotRun,
    PotStep,
    Step,
)
from tcm.records.centre import Pot
from tcm.records.clinical import Prescription
from tcm.records.errors import N_, IllegalMove, NotFound
from tcm.records.lifecycle import State
from tcm.records.machines import Deviation
from tcm.records.people import Staff
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services import boiling, flooring
from tcm.services.access import demand_same_form, look_at_prescription
from tcm.services.calling_back import demand_not_recalled
from tcm.services.halting import BOILED, demand_not_halted
from tcm.services.metering import watch_runs
from tcm.services.moving import hold, note
from tcm.services.quality_gate import demand_fit
from tcm.store.work import Work


@dataclass(frozen=True)
class AtHand:
    """What a scanned code leads to: a pot, a prescription, or a prescription in a pot.

    Args:
        pot: The pot it is in, or the scanned one; None for what is in no pot.
        prescription: What the pot holds or was not cleaned of, or the scanned one; None for a free pot.
        run: The boil that matters now, None before the pot is filled; of a free pot the one whose cleaning
            may be taken back.
        steps: Of that boil, in the order in which they were taken.
        standing: Where it stands, None without a boil.
        staff: Who took the steps, by row.
        boil: How the prescription is boiled, None for a free pot and for what the centre does not decoct.
        soak_left_min: Minutes of soaking left, 0 where it has soaked long enough or does not soak.
        undo: The step that this person may still take back, None without one.
        halted: What the batch waits for somebody to decide, or was decided to be scrapped for.
    """

    pot: Pot | None
    prescription: Prescription | None = None
    run: PotRun | None = None
    steps: list[PotStep] = field(default_factory=list)
    standing: Standing | None = None
    staff: dict[int, Staff] = field(default_factory=dict)
    boil: BoilProgramme | None = None
    soak_left_min: int = 0
    undo: Step | None = None
    halted: tuple[Deviation, ...] = ()


def find(work: Work, actor: Actor, knowledge: Knowledge, code: str) -> AtHand:
    """What a scanned code leads to.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: The boil rules.
        code: Of a pot, a prescription's number, or a bag's.

    Returns:
        What lies there; the look is audited.

    Raises:
        NotFound: When the code is foreign.
        IllegalMove: For a prescription that is not approved.
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_MOVE)
    try:
        pot = work.pots.by_code(code)
    except NotFound:
        prescription = flooring.find_by_scan(work, actor, code)
        return _of_prescription(work, actor, knowledge, prescription)
    run = work.pot_runs.holding(pot.id)
    if run is None:
        # What was filled before boils were kept has no run.
        inside = work.prescriptions.in_pot(pot.id)
        return (
            _of_free(work, actor, pot) if inside is None else _of_prescription(work, actor, knowledge, inside)
        )
    prescription = work.prescriptions.get(run.prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    return _at_run(work, actor, knowledge, prescription, run)


def take(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    run_id: int,
    step: Step,
    *,
    request_key: str,
    reason: str = "",
) -> PotStep:
    """Take the next step of a boil.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: The boil rules.
        run_id: Of which boil.
        step: Which; not `LOADED`, which `flooring.advance` takes.
        request_key: The form's own key: the second submit of one form changes nothing.
        reason: Why it comes before its time, empty where it does not.

    Returns:
        The step.

    Raises:
        NotFound: When there is no such boil.
        IllegalMove: When it was taken already (of two hands the first wins), when another one is next, a lot
            in the pot is called back, its boil went another way and nobody has decided, or the person's
            health check does not hold and the centre asks for one.
        Invalid: When it is too early and there is no reason.
        Forbidden: For other roles.
    """
    run = work.pot_runs.get(run_id)
    prescription = hold(work, run.prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    earlier = work.pot_steps.of_request(request_key)
    if earlier is not None:
        # What was taken back since is not said to be on record.
        counts = earlier.voided_at is None
        demand_same_form(made_there=counts and (earlier.run_id, earlier.step) == (run_id, step))
        return earlier
    work.session.refresh(run)
    if step is not Step.CLEANED:
        demand_fit(work, actor)
        demand_not_recalled(work, prescription)
        demand_not_halted(work, prescription)
    if step is Step.DRAWN_OFF:
        # The order is asked before the state: a sentence about the next step helps more.
        boiling.demand_next(work, run, step, reason)
        flooring.draw_off(
            work, actor, prescription.key(), prescription.version, reason=reason, request_key=request_key
        )
    elif step is Step.PACKED:
        boiling.demand_next(work, run, step, reason)
        flooring.advance(
            work,
            actor,
            knowledge,
            prescription.key(),
            prescription.version,
            State.PACKED,
            request_key=request_key,
        )
    else:
        return boiling.record(work, actor, prescription, run, step, reason=reason, request_key=request_key)
    [kept] = [each for each in work.pot_steps.of_run(run_id) if each.step is step]
    return kept


def undo(work: Work, actor: Actor, run_id: int, step: Step) -> PotStep:
    """Take back a step that was a slip of the thumb.

    Args:
        work: The unit of work.
        actor: Whose thumb.
        run_id: Of which boil.
        step: The newest one of it.

    Returns:
        The step, which no longer counts.

    Raises:
        NotFound: When there is no such boil.
        IllegalMove: When it is not the newest step, not theirs, older than a minute, or has moved more than
            itself.
        Forbidden: For other roles.
    """
    run = work.pot_runs.get(run_id)
    prescription = hold(work, run.prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    work.session.refresh(run)
    kept = _undoable(work, actor, run, work.pot_steps.of_run(run_id))
    if kept is None or kept.step is not step:
        raise IllegalMove(N_("“%(step)s”已经不能撤销。"), step=STEP_TERMS[step])
    kept.voided_at, kept.voided_by_id = work.now, actor.staff_id
    pot = work.pots.get(run.pot_id)
    if step is Step.CLEANED:
        run.freed_at = None
    note(work, actor, prescription, "boil_step_undone", {"pot": pot.code, "step": step.value})
    work.session.flush()
    watch_runs(work, [run])
    return kept


def _of_free(work: Work, actor: Actor, pot: Pot) -> AtHand:
    """A pot that may be filled; that it was cleaned can be taken back for a moment."""
    last = work.pot_runs.last_in(pot.id)
    undoable = None if last is None else _undoable(work, actor, last, work.pot_steps.of_run(last.key()))
    if undoable is None or undoable.step is not Step.CLEANED:
        return AtHand(pot)
    return AtHand(pot, run=last, undo=undoable.step)


def _of_prescription(work: Work, actor: Actor, knowledge: Knowledge, prescription: Prescription) -> AtHand:
    run = work.pot_runs.last_of(prescription.key())
    if run is not None and prescription.state in (State.DECOCTING, State.PACKED):
        return _at_run(work, actor, knowledge, prescription, run)
    if not prescription.preparation.needs_pot:
        return AtHand(None, prescription)
    boil = flooring.boil_programme(work, knowledge, prescription)
    pot = None if prescription.pot_id is None else work.pots.get(prescription.pot_id)
    left = _soak_left_min(work, prescription, boil)
    return AtHand(pot, prescription, boil=boil, soak_left_min=left)


def _at_run(
    work: Work, actor: Actor, knowledge: Knowledge, prescription: Prescription, run: PotRun
) -> AtHand:
    steps = work.pot_steps.of_run(run.key())
    undoable = _undoable(work, actor, run, steps)
    # What is in the bags now, not what a pot was not cleaned of since it was scrapped.
    is_now = prescription.state in BOILED and work.pot_runs.last_of(prescription.key()) is run
    found = work.deviations.of_runs([run.key()])[run.key()] if is_now else []
    return AtHand(
        pot=work.pots.get(run.pot_id),
        prescription=prescription,
        run=run,
        steps=steps,
        standing=standing_of(work, knowledge, run, steps, is_held=boiling.is_held(work, run)),
        staff=work.staff.by_ids(each.by_id for each in steps),
        boil=run.boil,
        undo=None if undoable is None else undoable.step,
        halted=tuple(each for each in found if each.holds),
    )


def standing_of(
    work: Work, knowledge: Knowledge, run: PotRun, steps: list[PotStep], *, is_held: bool
) -> Standing:
    """Where a boil stands now.

    Args:
        work: The unit of work.
        knowledge: Says when a pot asks for a hand.
        run: Which boil.
        steps: Its steps that count.
        is_held: Whether it is held to its steps; see `boiling.is_held`.

    Returns:
        The standing.
    """
    return standing(
        run.boil,
        {each.step: each.at for each in steps},
        work.now,
        limits_from(knowledge.boil_rules),
        stepwise=is_held,
        scrapped_at=run.closed_at if run.outcome is Outcome.SCRAPPED else None,
    )


def _soak_left_min(work: Work, prescription: Prescription, boil: BoilProgramme) -> int:
    began = boiling.soak_began_at(work, prescription)
    if prescription.state is not State.SOAKING or began is None:
        return 0
    left = began + timedelta(minutes=boil.soak_min) - work.now
    return max(0, -(-left // timedelta(minutes=1)))


def _undoable(work: Work, actor: Actor, run: PotRun, steps: list[PotStep]) -> PotStep | None:
    newest = steps[-1]
    if newest.step not in UNDOABLE or newest.by_id != actor.staff_id:
        return None
    if not timedelta() <= work.now - newest.at <= UNDO_WITHIN:
        return None
    if newest.step is Step.CLEANED and work.pot_runs.holding(run.pot_id) is not None:
        return None
    if newest.step not in AFTER_THE_POT and run.closed_at is not None:
        return None
    return newest
