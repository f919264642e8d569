"""Writing a prescription: drafted by a doctor, each line typed or adopted, checked, signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tcm.knowledge import Knowledge
from tcm.records.clinical import Item, Preparation, Prescription, VisitType
from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.review import AgeDose, Finding, RuleSet, SecondSignature, check, propose_doses, verdict
from tcm.services.access import demand_same_form, look_at_encounter, look_at_prescription
from tcm.services.adopting import TYPED, AdoptedDose, note_adopted, note_doses
from tcm.services.cases import case_today
from tcm.services.keeping import notes_left
from tcm.services.moving import hold, moment, move, note
from tcm.services.reserving import release
from tcm.services.ruling import rules_for
from tcm.services.second_signatures import answers_to, asking, tick_of
from tcm.store.work import Work

EDITABLE = (State.DRAFT, State.RETURNED)
# With one of these left, a signature is refused: the doctor mends the line or signs again above the herb.
UNSIGNABLE = ("return", "sign", "block")


@dataclass(frozen=True)
class ItemDraft:
    """One line as the doctor leaves it.

    Args:
        written_as: The herb as typed.
        dose_g: Grams a dose.
        decoction_note: 先煎, 后下 ... or empty.
        origin: `typed`, or the formula the line was adopted from.
    """

    written_as: str
    dose_g: float
    decoction_note: str = ""
    origin: str = TYPED


@dataclass(frozen=True)
class PrescriptionDraft:
    """A prescription as the form holds it.

    Args:
        disease: 病名 or empty.
        syndrome: 证型.
        doses_count: 剂数.
        doses_per_day: 剂 a day.
        usage: How to take it.
        decoction_class: 解表, 一般 or 滋补.
        visit_type: Kind of visit.
        extended_supply_reason: For more than seven days.
        urgent: To go first.
        items: Lines in order.
        preparation: Decocted at the centre, granules, or cooked at home.
        adopted_doses: Doses of these lines that were taken over from a proposal.
    """

    disease: str
    syndrome: str
    doses_count: int
    doses_per_day: int
    usage: str
    decoction_class: str
    visit_type: VisitType
    extended_supply_reason: str
    urgent: bool
    items: tuple[ItemDraft, ...]
    preparation: Preparation = Preparation.DECOCTED
    adopted_doses: tuple[AdoptedDose, ...] = ()

    @property
    def fields(self) -> dict[str, Any]:
        """What is kept of it beside its lines, by name."""
        return {name: value for name, value in vars(self).items() if name not in ("items", "adopted_doses")}


@dataclass(frozen=True)
class Preview:
    """What is said of a prescription while it is typed.

    Args:
        findings: Gravest first.
        age_doses: Doses proposed for the patient's age.
    """

    findings: tuple[Finding, ...]
    age_doses: tuple[AgeDose, ...] = ()


def begin(work: Work, actor: Actor, encounter_id: int, request_key: str) -> Prescription:
    """Begin an empty prescription at a visit.

    Args:
        work: The unit of work.
        actor: The doctor of that visit.
        encounter_id: Which visit.
        request_key: The form's own key.

    Returns:
        The draft; the same one for the same key.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
        Invalid: When the key began a prescription at another visit.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    earlier = work.prescriptions.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    patient = work.patients.get(encounter.patient_id)
    return work.prescriptions.add(
        Prescription(
            encounter_id=encounter_id,
            patient_id=encounter.patient_id,
            institution_id=encounter.institution_id,
            village_id=patient.village_id,
            doctor_id=actor.staff_id,
            edited_at=work.now,
            request_key=request_key,
        )
    )


def save(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    draft: PrescriptionDraft,
) -> Prescription:
    """Keep a draft; lines adopted from a suggestion since the last time are noted in the ledger.

    Args:
        work: The unit of work.
        actor: The doctor who writes it.
        knowledge: Resolves herb names.
        prescription_id: Which.
        version: What the page knew.
        draft: As the form holds it.

    Returns:
        The prescription with its new version.

    Raises:
        Stale: When it was changed since the page was opened.
        IllegalMove: When it is signed already.
        Forbidden: When it is another doctor's.
    """
    prescription = _hold_editable(work, actor, prescription_id, version)
    before = {(item.written_as, item.origin) for item in prescription.items}
    signatures = _signatures(prescription.items)
    for name, value in draft.fields.items():
        setattr(prescription, name, value)
    prescription.items[:] = [
        _item(position, line, knowledge, signatures) for position, line in enumerate(draft.items)
    ]
    prescription.edited_at = moment(work, prescription)
    note_adopted(work, actor, prescription, before)
    note_doses(work, actor, prescription, draft.adopted_doses)
    work.session.flush()
    return prescription


def findings(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> tuple[Finding, ...]:
    """What the review engine says of a prescription as it stands.

    Args:
        work: The unit of work.
        actor: Who looks.
        knowledge: The rules' facts.
        prescription_id: Which.

    Returns:
        Findings, gravest first.

    Raises:
        Forbidden: When the actor may not see it.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription)
    return _check(work, actor, knowledge, prescription, rules_for(work, prescription.institution_id))


def preview(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    encounter_id: int,
    draft: PrescriptionDraft,
    ticks: frozenset[str] = frozenset(),
    *,
    kept: Sequence[Item] = (),
    on_record: bool = True,
) -> Preview:
    """What the review engine would say of a prescription that is still being typed; nothing is kept.

    Args:
        work: The unit of work.
        actor: The doctor of that visit.
        knowledge: The rules' facts.
        encounter_id: Which visit.
        draft: As the form holds it; a dose not typed yet is 0.
        ticks: Values of the boxes (`tick_of`) of the lines above which the doctor would sign again.
        kept: The lines as they are stored, whose second signatures stand for what they were given for.
        on_record: False while one types, in a chart whose opening is on record already.

    Returns:
        Findings, and doses proposed for the patient's age.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
    """
    encounter = work.encounters.get(encounter_id)
    scope = {"institution_id": encounter.institution_id, "assigned_to_id": encounter.doctor_id}
    # Asked after every few keystrokes of a chart whose opening is on record already: only refusals are added.
    if not allows(actor, Action.PRESCRIPTION_WRITE, **scope):
        look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    patient = work.patients.get(encounter.patient_id)
    unsaved = Prescription(
        encounter_id=encounter_id,
        patient_id=encounter.patient_id,
        institution_id=encounter.institution_id,
        village_id=patient.village_id,
        doctor_id=actor.staff_id,
        edited_at=work.now,
        request_key="",
        items=[
            _item(position, line, knowledge, _signatures(kept)) for position, line in enumerate(draft.items)
        ],
        **draft.fields,
    )
    case = case_today(work, actor, unsaved, patient, encounter, on_record=on_record)
    rules = rules_for(work, unsaved.institution_id)
    found = check(case, knowledge, rules)
    tried = tuple(
        SecondSignature(line.written_as, tuple(each.answer for each in asking(line.written_as, found)))
        for line in draft.items
        if tick_of(line.written_as, line.dose_g, found) in ticks
    )
    if tried:
        found = check(replace(case, signed_for=case.signed_for + tried), knowledge, rules)
    return Preview(found, propose_doses(case, knowledge, rules))


def second_sign(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    herbs: tuple[str, ...],
) -> Prescription:
    """The doctor signs again above the named herbs, for what is found of them as the prescription now stands.

    Args:
        work: The unit of work.
        actor: The doctor who writes it.
        knowledge: The rules' facts.
        prescription_id: Which.
        version: What the page knew.
        herbs: Names as written.

    Returns:
        The prescription with its new version.

    Raises:
        Stale: When it was changed since the page was opened.
        Invalid: When it has no such herb.
    """
    prescription = _hold_editable(work, actor, prescription_id, version)
    chosen = [item for item in prescription.items if item.written_as in herbs]
    if {item.written_as for item in chosen} != set(herbs):
        raise Invalid(N_("处方里没有要再次签名的药味。"))
    rules = rules_for(work, prescription.institution_id)
    found = _check(work, actor, knowledge, prescription, rules)
    for item in chosen:
        item.second_signed_by_id, item.second_signed_at = actor.staff_id, work.now
        item.second_signed_for = answers_to(item.written_as, found)
    prescription.edited_at = moment(work, prescription)
    note(work, actor, prescription, "second_signed", {"herbs": sorted(item.herb for item in chosen)})
    work.session.flush()
    return prescription


def sign(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int, version: int) -> Prescription:
    """The doctor signs; the prescription goes to the pharmacists' queue.

    Args:
        work: The unit of work.
        actor: The doctor who writes it.
        knowledge: The rules' facts.
        prescription_id: Which.
        version: What the page knew.

    Returns:
        The signed prescription.

    Raises:
        Stale: When it was changed since the page was opened.
        Invalid: When it has no herbs, findings that must be mended or signed for first, or the doctor typed
            notes at the visit that are not written: the review has not heard them.
        IllegalMove: When it cannot be signed from where it stands.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.PRESCRIPTION_WRITE)
    if not prescription.items:
        raise Invalid(N_("处方里还没有药味。"))
    if notes_left(work, actor, prescription.encounter_id) is not None:
        raise Invalid(N_("四诊里有填写了还没有保存的内容，审核没有看到它。请先改好或放弃，再签名。"))
    rules = rules_for(work, prescription.institution_id)
    found = _check(work, actor, knowledge, prescription, rules)
    if verdict(found) in UNSIGNABLE:
        raise Invalid(N_("还有需要处理的审核提示，请修改，或在所列药味上再次签名。"))
    move(
        work,
        actor,
        prescription,
        State.SIGNED,
        payload={"findings": sorted(f.rule for f in found), "rules": rules.version},
    )
    prescription.signed_at, prescription.rules_version = work.now, rules.version
    if prescription.number is None:
        prescription.number = f"{county_day(work.now):%Y%m%d}-{prescription.key():05d}"
    prescription.claimed_by_id = prescription.claimed_at = None
    work.session.flush()
    return prescription


def cancel(work: Work, actor: Actor, prescription_id: int, version: int, reason_code: str) -> Prescription:
    """Cancel a prescription that is not dispensed yet, or was scrapped and is not to be made again.

    Args:
        work: The unit of work.
        actor: The doctor who wrote it, or a pharmacist.
        prescription_id: Which.
        version: What the page knew.
        reason_code: Why.

    Returns:
        The cancelled prescription.

    Raises:
        Stale: When it was changed since the page was opened.
        IllegalMove: When it is dispensed already.
        Invalid: When the reason is missing.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.PRESCRIPTION_CANCEL)
    move(work, actor, prescription, State.CANCELLED, reason_code=reason_code)
    release(work, prescription)
    prescription.claimed_by_id = prescription.claimed_at = None
    work.session.flush()
    return prescription


def _hold_editable(work: Work, actor: Actor, prescription_id: int, version: int) -> Prescription:
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.PRESCRIPTION_WRITE)
    if prescription.state not in EDITABLE:
        raise IllegalMove(N_("处方已经签名，不能再改。"))
    return prescription


def _signatures(items: Sequence[Item]) -> dict[tuple[str, float], Item]:
    """Lines signed again, by herb and dose; a signature without its findings ends where it is saved again."""
    return {(item.written_as, item.dose_g): item for item in items if item.second_signed_for is not None}


def _item(
    position: int,
    line: ItemDraft,
    knowledge: Knowledge,
    signatures: Mapping[tuple[str, float], Item],
) -> Item:
    resolved = knowledge.names.resolve(line.written_as)
    # A second signature stands for one herb at one dose: change either and it is gone.
    signed = signatures.get((line.written_as, line.dose_g))
    return Item(
        position=position,
        herb=resolved.name or line.written_as,
        written_as=line.written_as,
        dose_g=line.dose_g,
        decoction_note=line.decoction_note,
        origin=line.origin,
        second_signed_by_id=None if signed is None else signed.second_signed_by_id,
        second_signed_at=None if signed is None else signed.second_signed_at,
        second_signed_for=None if signed is None else signed.second_signed_for,
    )


def _check(
    work: Work, actor: Actor, knowledge: Knowledge, prescription: Prescription, rules: RuleSet
) -> tuple[Finding, ...]:
    patient = work.patients.get(prescription.patient_id)
    encounter = work.encounters.get(prescription.encounter_id)
    case = case_today(work, actor, prescription, patient, encounter, on_record=True)
    return check(case, knowledge, rules)
