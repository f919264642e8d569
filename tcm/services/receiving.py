"""A prescription from another system: it waits beside a visit until its doctor adopts or declines it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from tcm.knowledge import Knowledge
from tcm.records.clinical import Encounter, Preparation, Prescription, VisitType
from tcm.records.clock import age_years, county_day, day_start
from tcm.records.errors import N_, IllegalMove, Invalid, NotFound
from tcm.records.people import Patient, Sex, Staff
from tcm.records.permissions import Action
from tcm.records.roles import Actor, Role
from tcm.records.systems import (
    DECLINE_REASONS,
    Caller,
    IncomingPrescription,
    IncomingState,
    Right,
    demand_right,
)
from tcm.services import prescribing
from tcm.services.access import look_at_encounter
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.store.work import Work

# What begins the origin of a line that another system sent; our own row follows, never its number.
SENT = "医院系统:"
LISTED_AT_MOST = 200
# People round their age, and systems count it by the year.
_AGE_MAY_DIFFER = 1
_NAMESAKES_AT_MOST = 100


@dataclass(frozen=True)
class SentLine:
    """One herb as another system wrote it.

    Args:
        code: The hospital's own, or empty.
        name: As written there.
        dose_g: Grams a dose.
        decoction_note: 先煎, 后下 ... or empty.
    """

    code: str
    name: str
    dose_g: float
    decoction_note: str


@dataclass(frozen=True)
class SentPatient:
    """Who a prescription is for, as far as is needed to find the visit; none of it is kept.

    Args:
        name: Full name.
        sex: As on the prescription.
        age_years: Or None.
        phone: Or empty.
    """

    name: str
    sex: Sex
    age_years: int | None
    phone: str


@dataclass(frozen=True)
class Sent:
    """A prescription as another system sends it.

    Args:
        number: What that system calls it by.
        doctor: Log-in name or name of the doctor who must look.
        patient: Who it is for.
        disease: 病名, or empty.
        doses_count: 剂数.
        usage: How to take it.
        preparation: Decocted here, or cooked at home.
        visit_type: Kind of visit.
        lines: Herbs in order.
    """

    number: str
    doctor: str
    patient: SentPatient
    disease: str
    doses_count: int
    usage: str
    preparation: Preparation
    visit_type: VisitType
    lines: tuple[SentLine, ...]


@dataclass(frozen=True)
class IncomingShown:
    """What was sent, and our prescription that it became.

    Args:
        incoming: What was sent.
        prescription: The draft, None until a doctor adopts it.
    """

    incoming: IncomingPrescription
    prescription: Prescription | None = None


def receive(work: Work, caller: Caller, knowledge: Knowledge, sent: Sent) -> tuple[IncomingShown, bool]:
    """Lay a prescription beside today's visit of its patient to its doctor; it is nobody's order yet.

    Args:
        work: The unit of work.
        caller: The system that sends it.
        knowledge: Resolves herb names.
        sent: As sent.

    Returns:
        It, and whether it is new: the same one sent again is found, whatever became of it.

    Raises:
        Invalid: When a herb is unknown, its code and name disagree, or doctor or visit cannot be told.
        IllegalMove: When the number was sent before with another content.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    content = _content(sent)
    earlier = work.incoming.of_number(caller.institution_id, sent.number)
    if earlier is not None:
        if {**earlier.content, "herbs": None} != {**content, "herbs": None}:
            raise IllegalMove(
                N_("编号 %(number)s 已经送过，内容不同。请换一个编号再送。"), number=sent.number
            )
        return _shown(work, [earlier])[0], False
    content["herbs"] = _resolved(work, caller, knowledge, sent.lines)
    doctor = _doctor(work, caller, sent.doctor)
    visit = _visit(work, caller, doctor, sent.patient)
    incoming = work.incoming.add(
        IncomingPrescription(
            institution_id=caller.institution_id,
            key_id=caller.key_id,
            encounter_id=visit.id or 0,
            doctor_id=visit.doctor_id,
            number=sent.number,
            content=content,
            received_at=work.now,
        )
    )
    return IncomingShown(incoming), True


def look_at_sent(work: Work, caller: Caller, number: str) -> IncomingShown:
    """What became of one prescription that was sent.

    Args:
        work: The unit of work.
        caller: The system that asks.
        number: What it calls it by.

    Returns:
        It.

    Raises:
        NotFound: When nothing was sent for the caller's house under this number.
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    found = work.incoming.of_number(caller.institution_id, number)
    if found is None:
        raise NotFound(N_("没有这张送来的处方。"))
    return _shown(work, [found])[0]


def list_sent(work: Work, caller: Caller, state: IncomingState | None) -> list[IncomingShown]:
    """What was sent for the caller's house lately.

    Args:
        work: The unit of work.
        caller: The system that asks.
        state: Only what stands so; all where None.

    Returns:
        Newest first.

    Raises:
        Forbidden: Without the right.
    """
    demand_right(caller, Right.SEND)
    return _shown(work, work.incoming.newest(caller.institution_id, state, LISTED_AT_MOST))


def waiting_for(work: Work, actor: Actor) -> list[IncomingPrescription]:
    """What was sent to a doctor who has not answered yet; it names no patient.

    Args:
        work: The unit of work.
        actor: The doctor.

    Returns:
        Oldest first.
    """
    return work.incoming.waiting_for(actor.staff_id)


def beside(work: Work, encounter_id: int) -> list[IncomingPrescription]:
    """What was sent for a visit and waits; the caller has looked at the visit.

    Args:
        work: The unit of work.
        encounter_id: Which visit.

    Returns:
        Newest first.
    """
    sent = work.incoming.of_encounter(encounter_id)
    return [each for each in sent if each.state is IncomingState.WAITING]


def adopt(work: Work, actor: Actor, knowledge: Knowledge, incoming_id: int) -> Prescription:
    """The doctor makes a draft of what was sent, to be changed and signed like any other.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        knowledge: Resolves herb names.
        incoming_id: Which.

    Returns:
        The draft, each of its lines logged as adopted; the same one when it was adopted before.

    Raises:
        NotFound: When there is none.
        Forbidden: For anybody else.
        IllegalMove: When it was declined.
    """
    incoming = _hold(work, actor, incoming_id)
    if incoming.prescription_id is not None:
        return work.prescriptions.get(incoming.prescription_id)
    _demand_waiting(incoming)
    begun = prescribing.begin(work, actor, incoming.encounter_id, f"{SENT}{incoming.id}")
    draft = prescribing.save(work, actor, knowledge, begun.key(), begun.version, draft_of(incoming))
    incoming.state, incoming.decided_at = IncomingState.ADOPTED, work.now
    incoming.prescription_id = draft.key()
    return draft


def decline(work: Work, actor: Actor, incoming_id: int, reason_code: str) -> IncomingPrescription:
    """The doctor leaves what was sent and says why.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        incoming_id: Which.
        reason_code: A key of `DECLINE_REASONS`.

    Returns:
        It.

    Raises:
        NotFound: When there is none.
        Forbidden: For anybody else.
        Invalid: When the reason is missing.
        IllegalMove: When it was adopted or declined before.
    """
    incoming = _hold(work, actor, incoming_id)
    if reason_code not in DECLINE_REASONS:
        raise Invalid(N_("请选择原因。"))
    _demand_waiting(incoming)
    incoming.state, incoming.decided_at = IncomingState.DECLINED, work.now
    incoming.reason_code = reason_code
    return incoming


def lines_of(incoming: IncomingPrescription) -> list[tuple[SentLine, str]]:
    """The lines of what was sent.

    Args:
        incoming: Stored.

    Returns:
        Each as it was sent, with the herb as a draft will have it.
    """
    lines, herbs = incoming.content["lines"], incoming.content["herbs"]
    # The content is JSON that `receive` wrote.
    return [(SentLine(**line), herb) for line, herb in zip(lines, herbs, strict=True)]  # type: ignore[call-overload]


def draft_of(incoming: IncomingPrescription) -> PrescriptionDraft:
    """What was sent, as a prescription's form would hold it.

    Args:
        incoming: Stored.

    Returns:
        The form; its lines say that they were sent.
    """
    content = incoming.content
    return PrescriptionDraft(
        disease=str(content["disease"]),
        syndrome="",
        doses_count=int(str(content["doses_count"])),
        doses_per_day=1,
        usage=str(content["usage"]),
        decoction_class="一般",
        visit_type=VisitType(str(content["visit_type"])),
        extended_supply_reason="",
        urgent=False,
        preparation=Preparation(str(content["preparation"])),
        items=tuple(
            ItemDraft(herb, line.dose_g, line.decoction_note, f"{SENT}{incoming.id}")
            for line, herb in lines_of(incoming)
        ),
    )


def _hold(work: Work, actor: Actor, incoming_id: int) -> IncomingPrescription:
    incoming = work.incoming.locked(incoming_id)
    encounter = work.encounters.get(incoming.encounter_id)
    look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    return incoming


def _demand_waiting(incoming: IncomingPrescription) -> None:
    if incoming.state is not IncomingState.WAITING:
        raise IllegalMove(N_("这张送来的处方已经处理过了。"))


def _content(sent: Sent) -> dict[str, object]:
    return {
        "disease": sent.disease,
        "doses_count": sent.doses_count,
        "usage": sent.usage,
        "preparation": sent.preparation.value,
        "visit_type": sent.visit_type.value,
        "lines": [asdict(line) for line in sent.lines],
    }


def _resolved(work: Work, caller: Caller, knowledge: Knowledge, lines: Sequence[SentLine]) -> list[str]:
    """What each line will be written as; a code and a name must mean the same."""
    by_code = work.herb_codes.herbs_of(caller.institution_id, {line.code for line in lines if line.code})
    unclear, contrary, resolved = [], [], list[str]()
    for line in lines:
        coded, named = by_code.get(line.code), knowledge.names.resolve(line.name).name
        if coded is None and named is None:
            unclear.append(line.name)
        elif coded and named and coded != named:
            contrary.append(f"{line.code} {coded} / {line.name}")
        # A name that is clear stays as written: it may say how the herb was processed.
        resolved.append(line.name if named else coded or "")
    if unclear:
        raise Invalid(
            N_("这些药认不准，处方没有收下：%(herbs)s。请改用药典名，或请药师登记编码。"),
            herbs="、".join(unclear),
        )
    if contrary:
        raise Invalid(
            N_("这些药的编码与名称不是同一味，处方没有收下：%(herbs)s。"), herbs="、".join(contrary)
        )
    return resolved


def _doctor(work: Work, caller: Caller, said: str) -> Staff:
    doctors = [
        each
        for each in work.staff.with_role(Role.DOCTOR)
        if each.institution_id == caller.institution_id and said in (each.username, each.name)
    ]
    if len(doctors) != 1:
        raise Invalid(N_("本院没有这位医师，或有同名的。请写登录名。"))
    return doctors[0]


def _visit(work: Work, caller: Caller, doctor: Staff, said: SentPatient) -> Encounter:
    """Today's visit of that patient to that doctor, the newest where there are several."""
    today = county_day(work.now)
    namesakes = work.patients.matching(said.name, caller.institution_id, _NAMESAKES_AT_MOST)
    fitting = [each.id or 0 for each in namesakes if _fits(each, said, age_years(each.born_on, today))]
    visits = work.encounters.with_doctor_since(doctor.id or 0, fitting, day_start(today))
    if not visits:
        raise Invalid(N_("这位医师今天没有接诊这位患者。请先在接诊页打开就诊，再送处方。"))
    if len({visit.patient_id for visit in visits}) > 1:
        raise Invalid(N_("今天接诊了不止一位同名患者。请带上电话或年龄再送。"))
    return visits[0]


def _fits(patient: Patient, said: SentPatient, age: int) -> bool:
    # `matching` also finds phones and identity numbers.
    same_name = "".join(patient.name.split()) == "".join(said.name.split())
    same_phone = not said.phone or not patient.phone or _digits(patient.phone) == _digits(said.phone)
    same_age = said.age_years is None or abs(age - said.age_years) <= _AGE_MAY_DIFFER
    return same_name and same_phone and same_age and patient.sex is said.sex


def _digits(phone: str) -> str:
    return "".join(character for character in phone if character.isdecimal())


def _shown(work: Work, sent: Sequence[IncomingPrescription]) -> list[IncomingShown]:
    drafts = work.prescriptions.by_ids(each.prescription_id for each in sent if each.prescription_id)
    return [IncomingShown(each, drafts.get(each.prescription_id or 0)) for each in sent]
