"""The demo's hands at the pots: each step of a boil in its time, and pots cleaned before they are filled."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tcm.knowledge.decoction import BoilProgramme
from tcm.knowledge.machines import deviation_rules
from tcm.records.boils import AFTER_THE_POT, PotRun, Step, due_of, steps_of
from tcm.records.machines import Verdict
from tcm.records.roles import Actor, Role
from tcm.services import halting, stepping
from tcm.store.work import Work
from web.demo.town import Town
from web.machines.playing import play_run
from web.machines.simulated import Fault
from web.planning import LOAD_MIN

# Machines heat the second water while they are at it, and rinse themselves.
HEAT_AGAIN_MIN = 2
CLEANED_AFTER_MIN = 5
# Of so many boils one is a few degrees too hot for its last minutes.
HOT_ONE_IN, HOT_FOR = 40, timedelta(minutes=4)
DECIDING_S = 90


def timetable(boil: BoilProgramme, boils_at: datetime, *, stepwise: bool) -> Iterator[tuple[Step, datetime]]:
    """When the steps of a boil are taken once what is in the pot boils.

    Args:
        boil: Its programme.
        boils_at: When it first boils, aware.
        stepwise: See `steps_of`.

    Yields:
        Each step after the filling of the pot, packing left out.
    """
    first_ends_min = boil.pre_boil_min + boil.first_boil_min
    again_min = first_ends_min + HEAT_AGAIN_MIN if stepwise else first_ends_min
    drawn_min = again_min + boil.second_boil_min if boil.second_boil_min else first_ends_min
    minutes = {
        Step.FIRST_BOIL: 0,
        Step.REST_ADDED: boil.pre_boil_min,
        Step.LATE_ADDED: boil.add_at_min or 0,
        Step.FIRST_DRAWN: first_ends_min,
        Step.SECOND_BOIL: again_min,
        Step.DRAWN_OFF: drawn_min,
        Step.CLEANED: drawn_min + CLEANED_AFTER_MIN,
    }
    for step in steps_of(boil, stepwise=stepwise):
        if step in minutes:
            yield step, boils_at + timedelta(minutes=minutes[step])


def ahead(run: PotRun, done: Mapping[Step, datetime]) -> Iterator[tuple[Step, datetime]]:
    """When the steps of a boil that began are taken.

    Args:
        run: The boil, its pot not free yet.
        done: The steps taken.

    Yields:
        Those that are left; of a batch that was thrown away the cleaning.
    """
    if run.closed_at is not None:
        yield Step.CLEANED, run.closed_at + timedelta(minutes=CLEANED_AFTER_MIN)
        return
    boils_at = done.get(Step.FIRST_BOIL, run.opened_at + timedelta(minutes=LOAD_MIN))
    for step, at in timetable(run.boil, boils_at, stepwise=run.stepwise):
        if step not in done:
            yield step, at


def take(town: Town, work: Work, hand: Actor, run: PotRun, step: Step) -> None:
    """Take a step of a boil, not before its time.

    Args:
        town: The county today; its clock is moved on where the step has to be waited for.
        work: The unit of work, by that clock.
        hand: Floor staff.
        run: Of which boil.
        step: Which; one that was taken already changes nothing.
    """
    done = {each.step: each.at for each in work.pot_steps.of_run(run.key())}
    if step in done:
        return
    due = due_of(run.boil, done, step, stepwise=run.stepwise)
    if due is not None:
        town.clock.to(due[0])
    if step is Step.SECOND_BOIL:
        # However late the hands are, the second water does not boil at once.
        town.clock.to(done[Step.FIRST_DRAWN] + timedelta(minutes=HEAT_AGAIN_MIN))
    if run.closed_at is None:
        let_machine_speak(town, work, run, is_end=step is Step.DRAWN_OFF)
    key = f"demo-{run.key()}-{step.value}"
    stepping.take(work, hand, town.knowledge, run.key(), step, request_key=key)
    decide_all(town, work, run)


def let_machine_speak(town: Town, work: Work, run: PotRun, *, is_end: bool) -> None:
    """Let the pot's machine tell its curve so far, and a pharmacist decide where it shows something.

    Args:
        town: The county today.
        work: The unit of work.
        run: The boil.
        is_end: Whether it is about to be drawn off; the few that are too hot are so then.
    """
    is_hot = is_end and run.key() % HOT_ONE_IN == 0
    fault = Fault.HOT if is_hot else Fault.NONE
    play_run(work, run, fault=fault, fault_at=work.now - HOT_FOR, seed=run.key())
    decide_all(town, work, run)


def decide_all(town: Town, work: Work, run: PotRun) -> None:
    """A pharmacist lets a batch go on that went another way, where its kind allows that.

    Args:
        town: The county today; its clock is moved on by each decision.
        work: The unit of work.
        run: The boil.
    """
    pharmacists = town.staff[Role.PHARMACIST]
    for deviation in work.deviations.of_runs([run.key()])[run.key()]:
        allowed = deviation_rules()[deviation.kind].go_on
        if not deviation.is_waiting or not allowed:
            continue
        town.clock.tick(DECIDING_S)
        halting.decide(
            work,
            pharmacists[run.key() % len(pharmacists)].actor,
            deviation.id or 0,
            Verdict.GO_ON,
            reason_code=allowed[-1],
            remark="已到锅前查看：药液色味正常，已记录并报修探头。",
        )


def draw_off(town: Town, work: Work, hand: Actor, prescription_id: int) -> None:
    """Wait for what is left of a boil before its pouches, where the hands came late to it.

    Args:
        town: The county today; its clock is moved on.
        work: The unit of work.
        hand: Floor staff.
        prescription_id: Of which; one that is in no pot is left as it is.
    """
    run = work.pot_runs.open_of(prescription_id)
    if run is None:
        return
    for step in steps_of(run.boil, stepwise=run.stepwise):
        if step not in AFTER_THE_POT:
            take(town, work, hand, run, step)


def clean(town: Town, work: Work, hand: Actor, pot_id: int) -> None:
    """Clean a pot that still waits for it.

    Args:
        town: The county today.
        work: The unit of work.
        hand: Floor staff.
        pot_id: Which pot; one that is clean, or boils, is left as it is.
    """
    run = work.pot_runs.holding(pot_id)
    if run is not None and run.closed_at is not None:
        take(town, work, hand, run, Step.CLEANED)


def clean_all(town: Town) -> None:
    """Clean every pot that waits for it, as in the evening.

    Args:
        town: The county today.
    """
    hand = town.staff[Role.FLOOR][0].actor
    with town.work() as work:
        for run in work.pot_runs.held():
            clean(town, work, hand, run.pot_id)
        work.commit()
