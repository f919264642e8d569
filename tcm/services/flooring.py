"""The centre's floor: weigh, soak, decoct, pack, one step after another, by scan or click."""

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme, programme
from tcm.records.centre import Pot
from tcm.records.clinical import Preparation, Prescription
from tcm.records.clock import age_years, county_day
from tcm.records.dispensing import Weighing
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import STATE_TERMS, State
from tcm.records.outage import PaperStep
from tcm.records.people import Patient
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services import boiling
from tcm.services.access import look_at_prescription
from tcm.services.calling_back import demand_not_recalled
from tcm.services.cases import lines_of
from tcm.services.halting import close_scrapped, demand_not_halted
from tcm.services.moving import hold, move, note
from tcm.services.packing import POUCHES_PER_DOSE, pack
from tcm.services.quality_gate import close, demand_fit, draw
from tcm.services.reserving import claim_again, is_behind_locks, take
from tcm.services.weighing_sheet import settings_of
from tcm.store.queries import BoardRow, floor_board
from tcm.store.work import Work

_DUTY_OF_TAINT = {"none": "any", "toxic": "toxic", "strong": "strong"}
# After approval the floor's steps have one order.
_NEXT_STEP = {
    State.APPROVED: State.DISPENSED,
    State.SCRAPPED: State.DISPENSED,
    State.DISPENSED: State.SOAKING,
    State.SOAKING: State.DECOCTING,
    State.DECOCTING: State.PACKED,
}


# What passes between doctor and pharmacist is not the centre's yet.
_BEFORE_APPROVAL = frozenset({State.DRAFT, State.SIGNED, State.RETURNED})


def next_step(state: State, preparation: Preparation) -> State | None:
    """What the floor does next with a prescription.

    Args:
        state: Where it stands.
        preparation: What is not decocted is packed as soon as it is dispensed.

    Returns:
        The state it goes to, None where it is out of the floor's hands.
    """
    if state is State.DISPENSED and not preparation.needs_pot:
        return State.PACKED
    return _NEXT_STEP.get(state)


def board(work: Work, actor: Actor) -> list[BoardRow]:
    """Everything approved that is not yet at a door.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.

    Returns:
        The board; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_BOARD)
    return floor_board(work.session)


def find_by_scan(work: Work, actor: Actor, code: str) -> Prescription:
    """The prescription a scanned label belongs to.

    Args:
        work: The unit of work.
        actor: Floor staff.
        code: A prescription number or a bag code.

    Returns:
        The prescription.

    Raises:
        NotFound: When the code is foreign.
        IllegalMove: Before it is approved.
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_MOVE)
    prescription = work.prescriptions.by_number(code)
    if prescription is None:
        prescription = work.prescriptions.get(work.bags.by_code(code).prescription_id)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    demand_approved(prescription)
    return prescription


def demand_approved(prescription: Prescription) -> None:
    """Let the floor see a prescription from its approval on.

    Args:
        prescription: Which.

    Raises:
        IllegalMove: Before a pharmacist has approved it.
    """
    if prescription.state in _BEFORE_APPROVAL:
        raise IllegalMove(
            N_("处方现在是“%(source)s”，不能改为“%(target)s”。"),
            source=STATE_TERMS[prescription.state],
            target=STATE_TERMS[State.DISPENSED],
        )


def boil_programme(
    work: Work, knowledge: Knowledge, prescription: Prescription, patient: Patient | None = None
) -> BoilProgramme:
    """How a prescription is soaked and boiled, from the rules.

    Args:
        work: The unit of work.
        knowledge: The rules.
        prescription: Which.
        patient: For whom, where the caller has them at hand; else they are read.

    Returns:
        Minutes and millilitres.
    """
    patient = patient or work.patients.get(prescription.patient_id)
    signed_on = county_day(prescription.signed_at or work.now)
    return programme(
        lines_of(prescription.items),
        knowledge,
        doses_count=prescription.doses_count,
        age_years=age_years(patient.born_on, signed_on),
        decoction_class=prescription.decoction_class,
    )


def advance(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    target: State,
    *,
    pot_code: str | None = None,
    reason: str = "",
    request_key: str | None = None,
) -> Prescription:
    """Take the next step of a prescription on the floor.

    Args:
        work: The unit of work.
        actor: Floor staff.
        knowledge: The boil rules.
        prescription_id: Which.
        version: What the page knew.
        target: The step: DISPENSED, SOAKING, DECOCTING or PACKED.
        pot_code: The pot, for DECOCTING.
        reason: Why it was soaked for less than the rules ask, for DECOCTING; empty where it was not.
        request_key: Of the form, kept with the step of the boil.

    Returns:
        The prescription in its new state.

    Raises:
        Stale: When it was moved since the page was opened.
        IllegalMove: When this is not its next step, as soaking for what is not decocted; when a lot in it
            is called back, a step of its boil is missing, or it went another way and nobody decided; when the
            person's health check does not hold and the centre asks for one.
        Invalid: When the pot is missing, broken, taken, not cleaned, or of the wrong duty; when it was soaked
            too short a time without a reason; or what is weighed is kept line by line, and dispensed by the
            second person's signature.
        Lacking: When the shelf cannot fill what is to be dispensed.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    demand_fit(work, actor)
    demand_not_recalled(work, prescription)
    demand_not_halted(work, prescription)
    payload: dict[str, object] = {}
    short, boil = 0, None
    is_next = next_step(prescription.state, prescription.preparation) is target
    if target is State.DECOCTING and is_next:
        boil = boil_programme(work, knowledge, prescription)
        payload["pot"] = _put_into_pot(work, boil, prescription, pot_code).code
        short = boiling.demand_soaked(work, prescription, boil, reason)
        payload |= {"soak_short_min": short} if short else {}
    if target is State.DISPENSED and is_next:
        if is_weighed_line_by_line(work, prescription):
            raise Invalid(N_("请逐味称量上账；药师复核签名后才算调剂完成。"))
        lots = take(work, actor, knowledge, prescription)
        payload |= {"lots_mg": {str(lot): mg for lot, mg in lots}} if lots else {}
    move(work, actor, prescription, target, payload=payload)
    if boil is not None:
        boiling.open_run(work, actor, prescription, boil, short=short, reason=reason)
    if target is State.PACKED:
        # Where the steps stand on paper, packing says that it has left the pot.
        boiling.leave_pot(work, actor, prescription)
        boiling.packed(work, actor, prescription, request_key=request_key)
        prescription.pot_id = None
        pack(work, actor, prescription, _pouch_ml(work, knowledge, prescription))
        draw(work, prescription)
    work.session.flush()
    return prescription


def is_weighed_line_by_line(work: Work, prescription: Prescription) -> bool:
    """Whether it takes the scales and a second person's signature to dispense it.

    Args:
        work: The unit of work.
        prescription: Which.

    Returns:
        False where weighing is kept on paper: by the centre, or for this one in an outage; what is on the
        locked book takes a second signature even then.
    """
    if settings_of(work).weighing is Weighing.OFF:
        return False
    on_paper = work.paper_signatures.of_prescription(prescription.key())
    return all(each.step is not PaperStep.DISPENSED for each in on_paper) or is_behind_locks(
        work, prescription
    )


def draw_off(
    work: Work,
    actor: Actor,
    prescription_id: int,
    version: int,
    *,
    reason: str = "",
    request_key: str | None = None,
) -> Prescription:
    """The decoction leaves its pot and waits, warm, to be packed; the pot is free to be cleaned and filled.

    Args:
        work: The unit of work.
        actor: Floor staff.
        prescription_id: Which.
        version: What the page knew.
        reason: Why it boiled for less than its programme asks; empty where it did not.
        request_key: Of the form, kept with the step of the boil.

    Returns:
        The prescription, still being decocted but in no pot.

    Raises:
        Stale: When it was moved since the page was opened.
        IllegalMove: When it is in no pot, a step of its boil is missing, its boil went another way and nobody
            has decided, or the person's health check is asked for and does not hold.
        Invalid: When it boiled too short a time without a reason.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    if prescription.pot_id is None:
        raise IllegalMove(N_("这张处方不在锅里。"))
    demand_fit(work, actor)
    demand_not_halted(work, prescription)
    short = boiling.leave_pot(work, actor, prescription, reason=reason, request_key=request_key)
    told: dict[str, object] = {"pot": work.pots.get(prescription.pot_id).code}
    note(work, actor, prescription, "drawn_off", told | ({"short_min": short} if short else {}))
    prescription.pot_id = None
    work.session.flush()
    return prescription


def scrap(
    work: Work,
    actor: Actor,
    prescription_id: int,
    version: int,
    reason_code: str,
    *,
    put_back: bool = False,
    second: Actor | None = None,
) -> Prescription:
    """Throw a batch away; it is dispensed again from the start.

    Args:
        work: The unit of work.
        actor: Floor staff.
        prescription_id: Which.
        version: What the page knew.
        reason_code: A key of REASONS[SCRAPPED].
        put_back: Whether its herbs lie in their bins again, which only those can that were not wetted.
        second: Who stands by and signs where something on the locked book is put back.

    Returns:
        The scrapped prescription, its bags void, its pot free.

    Raises:
        Stale: When it was moved since the page was opened.
        IllegalMove: When it cannot be scrapped from where it stands.
        Invalid: When the reason is missing, herbs are put back that were soaked already, or such as
            are on the locked book by one person alone.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    if put_back and prescription.state is not State.DISPENSED:
        raise Invalid(N_("已经浸泡的药不能退回药斗。"))
    throw_away(work, actor, prescription, reason_code, put_back=put_back, second=second)
    return prescription


def throw_away(
    work: Work,
    actor: Actor,
    prescription: Prescription,
    reason_code: str,
    *,
    put_back: bool = False,
    second: Actor | None = None,
) -> None:
    """Scrap a batch that is held for this work, for whoever was let in by another door.

    Args:
        work: The unit of work.
        actor: Who scraps it.
        prescription: From `hold`.
        reason_code: A key of REASONS[SCRAPPED].
        put_back: Whether its herbs lie in their bins again.
        second: Who stands by and signs where something on the locked book is put back.

    Raises:
        IllegalMove: When it cannot be scrapped from where it stands, or not by this role.
        Invalid: When the reason is missing.
    """
    payload = {"put_back": True} if put_back else {}
    move(work, actor, prescription, State.SCRAPPED, reason_code=reason_code, payload=payload)
    claim_again(work, actor, prescription, put_back=put_back, second=second)
    boiling.throw_away(work, prescription)
    close_scrapped(work, actor, prescription)
    prescription.pot_id = None
    for bag in work.bags.of_prescription(prescription.key()):
        bag.voided_at = prescription.edited_at
    close(work, prescription.key())
    work.session.flush()


def set_pot_active(work: Work, actor: Actor, pot_code: str, *, active: bool) -> Pot:
    """Take a pot out of service or back into it.

    Args:
        work: The unit of work.
        actor: Floor staff.
        pot_code: Which pot.
        active: False for out of order.

    Returns:
        The pot.

    Raises:
        NotFound: When there is no such pot.
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_MOVE)
    pot = work.pots.by_code(pot_code)
    pot.active = active
    work.session.flush()
    return pot


def may_cook(pot: Pot, boil: BoilProgramme) -> bool:
    """Whether a pot is for herbs of this kind, and large enough.

    Args:
        pot: Which.
        boil: Of the prescription.
    """
    return pot.duty == _DUTY_OF_TAINT[boil.taint] and boil.total_ml <= pot.max_ml


def _put_into_pot(work: Work, boil: BoilProgramme, prescription: Prescription, pot_code: str | None) -> Pot:
    if not pot_code:
        raise Invalid(N_("请扫描或选择煎药锅。"))
    pot = work.pots.by_code(pot_code)
    if not pot.active:
        raise Invalid(N_("%(pot)s号锅已停用。"), pot=pot.code)
    if pot.duty != _DUTY_OF_TAINT[boil.taint]:
        raise Invalid(N_("%(pot)s号锅不是这类药的专用锅。"), pot=pot.code)
    if boil.total_ml > pot.max_ml:
        raise Invalid(N_("%(pot)s号锅装不下这张处方。"), pot=pot.code)
    taken = work.prescriptions.in_pot(pot.id)
    if taken is not None:
        raise Invalid(N_("%(pot)s号锅正在煎%(number)s。"), pot=pot.code, number=taken.number)
    boiling.demand_clean(work, pot)
    prescription.pot_id = pot.id
    return pot


def _pouch_ml(work: Work, knowledge: Knowledge, prescription: Prescription) -> int:
    if not prescription.preparation.needs_pot:
        return 0
    return boil_programme(work, knowledge, prescription).volume_ml // POUCHES_PER_DOSE
