"""A batch whose boil went another way stands still until a named person decides."""

from dataclasses import dataclass
from datetime import date, timedelta

from tcm.knowledge.machines import DeviationRule, deviation_rules
from tcm.records.boils import PotRun, PotStep
from tcm.records.centre import Pot
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.machines import (
    DEVIATION_TERMS,
    GO_ON_REASONS,
    Deviation,
    Machine,
    MachineReading,
    MachineRefusal,
    Verdict,
)
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.moving import hold, note
from tcm.store.work import Work

NOTE_MAX = 200
# What is in these is what the last boil made.
BOILED = frozenset({State.DECOCTING, State.PACKED, State.LOADED, State.FAILED})


@dataclass(frozen=True)
class PotLine:
    """A pot and its machine.

    Args:
        pot: The pot.
        machine: What it said last, None where it never spoke.
        run: What boils in it, None where nothing on record does.
        number: Of the prescription that boils in it, empty without one.
        waiting: What that batch waits for.
    """

    pot: Pot
    machine: Machine | None
    run: PotRun | None
    number: str
    waiting: tuple[Deviation, ...]


@dataclass(frozen=True)
class DeviationLine:
    """A deviation in a list.

    Args:
        deviation: The deviation.
        pot_code: Of its pot.
        number: Of its prescription.
        decided_by: Name of who decided, empty before.
    """

    deviation: Deviation
    pot_code: str
    number: str
    decided_by: str


@dataclass(frozen=True)
class MachineBoard:
    """What machines say, and what waits for somebody.

    Args:
        pots: By code.
        deviations: Of the day, and what waits still; the newest first.
        refusals: Messages of the day that were not taken.
    """

    pots: tuple[PotLine, ...]
    deviations: tuple[DeviationLine, ...]
    refusals: tuple[MachineRefusal, ...]


@dataclass(frozen=True)
class DeviationView:
    """A deviation with all that helps to decide.

    Args:
        line: The deviation.
        rule: What follows from its kind.
        run: The boil.
        curve: Its points, oldest first.
        steps: What was done at the pot.
        others: Further deviations of the boil.
        state: Of the prescription, its value.
    """

    line: DeviationLine
    rule: DeviationRule
    run: PotRun
    curve: tuple[MachineReading, ...]
    steps: tuple[PotStep, ...]
    others: tuple[Deviation, ...]
    state: str


def demand_not_halted(work: Work, prescription: Prescription) -> None:
    """Let a batch go on, unless it waits for a decision or is to be scrapped.

    Args:
        work: The unit of work.
        prescription: Held for this work.

    Raises:
        IllegalMove: When it may not go on.
    """
    of_run = _of_last_boil(work, prescription)
    waiting = next((each for each in of_run if each.is_waiting), None)
    if waiting is not None:
        raise IllegalMove(
            N_("%(pot)s号锅“%(what)s”，这一锅先停下，等药师或主管决定继续还是报废。"),
            pot=work.pots.get(waiting.pot_id).code,
            what=DEVIATION_TERMS[waiting.kind],
        )
    if of_run:
        raise IllegalMove(N_("这一锅已决定报废，请在卡片上点“报废”，重新调剂。"))


def is_halted(work: Work, prescription: Prescription) -> bool:
    """Whether a batch waits for a decision or is to be scrapped.

    Args:
        work: The unit of work.
        prescription: Held for this work.

    Returns:
        True where `demand_not_halted` refuses.
    """
    return bool(_of_last_boil(work, prescription))


def decide(
    work: Work, actor: Actor, deviation_id: int, verdict: Verdict, *, reason_code: str = "", remark: str = ""
) -> Deviation:
    """Decide of a batch that stands still, by name.

    Args:
        work: The unit of work.
        actor: A pharmacist or a manager.
        deviation_id: Which deviation.
        verdict: Whether it goes on or is thrown away; the floor throws it away.
        reason_code: For going on: one that its kind allows.
        remark: What else there is to say, no patient's data; asked for to go on.

    Returns:
        The decided deviation.

    Raises:
        Invalid: When it is none that stops, its kind does not allow that reason, or the remark is missing or
            too long.
        IllegalMove: When somebody has decided already.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.DEVIATION_DECIDE)
    prescription = hold(work, work.deviations.get(deviation_id).prescription_id)
    deviation = work.deviations.locked(deviation_id)
    if not deviation.stops:
        raise Invalid(N_("这条只是提示，不用决定。"))
    if deviation.verdict is not None:
        raise IllegalMove(N_("这条异常已有人决定过了。"))
    if verdict is Verdict.GO_ON and reason_code not in deviation_rules()[deviation.kind].go_on:
        raise Invalid(
            N_("请选择继续的理由；“%(what)s”不能用这个理由。"), what=DEVIATION_TERMS[deviation.kind]
        )
    if verdict is Verdict.GO_ON and not remark.strip():
        raise Invalid(N_("请写下怎么查明的。"))
    if len(remark.strip()) > NOTE_MAX:
        raise Invalid(N_("说明最多 %(count)s 个字。"), count=NOTE_MAX)
    _settle(work, actor, deviation, verdict, reason_code if verdict is Verdict.GO_ON else "", remark.strip())
    told: dict[str, object] = {
        "deviation": deviation.id,
        "kind": deviation.kind.value,
        "began_at": deviation.began_at.isoformat(),
        "measured": deviation.measured,
        "verdict": verdict.value,
    }
    reason = {"reason": deviation.reason_code} if deviation.reason_code else {}
    note(work, actor, prescription, "deviation_decided", told | reason)
    work.session.flush()
    return deviation


def close_scrapped(work: Work, actor: Actor, prescription: Prescription) -> None:
    """A batch that is thrown away waits for nobody any more.

    Args:
        work: The unit of work.
        actor: Who throws it away.
        prescription: Held for this work.
    """
    for deviation in work.deviations.holding(prescription.key()):
        _settle(work, actor, deviation, Verdict.SCRAP, "", "")


def machine_board(work: Work, actor: Actor, day: date | None = None) -> MachineBoard:
    """What machines say, and what happened.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        day: County date, today unless told.

    Returns:
        The board; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.DEVIATION_READ)
    day = day or county_day(work.now)
    pots = work.pots.all()
    machines = work.machines.of_pots(pot.id or 0 for pot in pots)
    runs = {run.pot_id: run for run in work.pot_runs.held() if run.closed_at is None}
    from_at = day_start(day)
    found = work.deviations.between(from_at, from_at + timedelta(days=1))
    numbers = _numbers(work, {run.prescription_id for run in runs.values()})
    waiting: dict[int, list[Deviation]] = {}
    for each in found:
        if each.is_waiting:
            waiting.setdefault(each.run_id, []).append(each)
    lines = []
    for pot in sorted(pots, key=lambda each: each.code):
        run = runs.get(pot.id or 0)
        lines.append(
            PotLine(
                pot,
                machines.get(pot.id or 0),
                run,
                numbers.get(run.prescription_id, "") if run else "",
                tuple(waiting.get(run.key(), ())) if run else (),
            )
        )
    refusals = tuple(work.machine_refusals.of_day(day))
    return MachineBoard(tuple(lines), tuple(_lines(work, found)), refusals)


def waiting(work: Work, actor: Actor) -> list[DeviationLine]:
    """The batches that stand still until somebody decides.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The oldest first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.DEVIATION_READ)
    return _lines(work, work.deviations.waiting())


def open_deviation(work: Work, actor: Actor, deviation_id: int) -> DeviationView:
    """One deviation, with the curve of its boil.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        deviation_id: Which.

    Returns:
        The view; it names no patient.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.DEVIATION_READ)
    deviation = work.deviations.get(deviation_id)
    run = work.pot_runs.get(deviation.run_id)
    all_of_run = work.deviations.of_runs([run.key()])[run.key()]
    return DeviationView(
        _lines(work, [deviation])[0],
        deviation_rules()[deviation.kind],
        run,
        tuple(work.machine_readings.of_runs([run.key()])[run.key()]),
        tuple(work.pot_steps.of_run(run.key())),
        tuple(each for each in all_of_run if each.id != deviation.id),
        work.prescriptions.get(deviation.prescription_id).state.value,
    )


def reasons_for(rule: DeviationRule) -> dict[str, str]:
    """The reasons for which a batch may go on.

    Args:
        rule: Of the deviation's kind.

    Returns:
        Term, a msgid, by code.
    """
    return {code: GO_ON_REASONS[code] for code in rule.go_on}


def _of_last_boil(work: Work, prescription: Prescription) -> list[Deviation]:
    """What holds the batch that the last boil made: nobody has decided, or scrapping was."""
    run = work.pot_runs.last_of(prescription.key()) if prescription.state in BOILED else None
    if run is None:
        return []
    of_run = work.deviations.of_runs([run.key()])[run.key()]
    return [each for each in of_run if each.holds]


def _settle(
    work: Work, actor: Actor, deviation: Deviation, verdict: Verdict, reason_code: str, remark: str
) -> None:
    deviation.verdict, deviation.reason_code, deviation.note = verdict, reason_code, remark
    deviation.decided_by_id, deviation.decided_at = actor.staff_id, work.now


def _numbers(work: Work, prescription_ids: set[int]) -> dict[int, str]:
    return {key: each.number or "" for key, each in work.prescriptions.by_ids(prescription_ids).items()}


def _lines(work: Work, deviations: list[Deviation]) -> list[DeviationLine]:
    numbers = _numbers(work, {each.prescription_id for each in deviations})
    codes = {key: pot.code for key, pot in work.pots.by_ids(each.pot_id for each in deviations).items()}
    names = work.staff.by_ids(each.decided_by_id for each in deviations if each.decided_by_id)
    return [
        DeviationLine(
            each,
            codes[each.pot_id],
            numbers[each.prescription_id],
            names[each.decided_by_id].name if each.decided_by_id else "",
        )
        for each in deviations
    ]
