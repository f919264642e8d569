"""Referral (转诊): a patient is sent to another house with a letter, is received there, and word comes back.

The receiving house sees the visit at which the letter was written, read-only, unless it is withdrawn, and for
some time after it has written back.
"""

from dataclasses import dataclass
from datetime import datetime

from tcm.records.clinical import Encounter
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.people import Institution, InstitutionKind, Patient
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.records.together import (
    ConsentBy,
    ConsentHow,
    Direction,
    Referral,
    ReferralLetter,
    ReferralState,
)
from tcm.services import charting
from tcm.services.access import demand_same_form, look, look_at_encounter
from tcm.services.sharing import SharedCase, demand_words, share_case, shared_picture, stays_open
from tcm.store.work import Work

# Who sends whom where: a house of the same rank or a higher one is up.
_RANK = {InstitutionKind.TOWNSHIP_HOSPITAL: 1, InstitutionKind.COUNTY_HOSPITAL: 2}
REASONS: dict[str, str] = {
    "emergency": N_("急危重症，须立即处理"),
    "diagnosis": N_("诊断不明，需进一步检查"),
    "not_improved": N_("治疗后未见好转或加重"),
    "beyond_means": N_("超出本院诊疗能力"),
    "wish": N_("患者或家属要求"),
    "recovery": N_("病情稳定，转回康复或继续治疗"),
    "near_home": N_("慢性病就近随访管理"),
}


@dataclass(frozen=True)
class Addressed:
    """What the referral form says beside the letter.

    Args:
        to_institution_id: To whom, None for a house outside this county's pharmacy.
        elsewhere: Name of such a house, else empty.
        consent_by: Who agreed.
        consent_how: In which way.
        urgent: To be seen at once.
    """

    to_institution_id: int | None
    elsewhere: str
    consent_by: ConsentBy
    consent_how: ConsentHow
    urgent: bool = False


@dataclass(frozen=True)
class Received:
    """A patient who arrived.

    Args:
        visit: At the receiving house.
        allergies: That came with the patient and were not on record there; to be asked about.
    """

    visit: Encounter
    allergies: tuple[str, ...] = ()


def houses_to_refer_to(work: Work, actor: Actor) -> list[Institution]:
    """The houses with doctors but the actor's own, county hospitals first.

    Args:
        work: The unit of work.
        actor: A doctor.
    """
    houses = [
        house
        for kind in sorted(_RANK, key=lambda kind: -_RANK[kind])
        for house in work.institutions.of_kind(kind)
    ]
    return [house for house in houses if house.id != actor.institution_id]


def write(
    work: Work,
    actor: Actor,
    encounter_id: int,
    addressed: Addressed,
    letter: ReferralLetter,
    request_key: str,
) -> Referral:
    """Send the patient of a visit to another house.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        encounter_id: Which visit.
        addressed: To whom, and who agreed.
        letter: What they are told.
        request_key: The form's own key.

    Returns:
        The referral; the same one for the same key.

    Raises:
        NotFound: When there is no such visit or house.
        Forbidden: When the visit is another doctor's.
        Invalid: When the letter says too little, or the address is none or one's own.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.REFERRAL_WRITE)
    earlier = work.referrals.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    if letter.reason_code not in REASONS:
        raise Invalid(N_("请选择转诊原因。"))
    demand_words(letter.impression)
    return work.referrals.add(
        Referral(
            encounter_id=encounter_id,
            patient_id=encounter.patient_id,
            from_institution_id=encounter.institution_id,
            to_institution_id=addressed.to_institution_id,
            elsewhere="" if addressed.to_institution_id else addressed.elsewhere.strip(),
            direction=_direction(work, actor, addressed),
            urgent=addressed.urgent,
            letter=letter,
            consent_by=addressed.consent_by,
            consent_how=addressed.consent_how,
            written_by_id=actor.staff_id,
            written_at=work.now,
            request_key=request_key,
        )
    )


def withdraw(work: Work, actor: Actor, referral_id: int) -> Referral:
    """Take a referral back before the patient has been received.

    Args:
        work: The unit of work.
        actor: The doctor who wrote it.
        referral_id: Which.

    Returns:
        The referral.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: When the patient has been received already.
    """
    referral = work.referrals.locked(referral_id)
    _look_as_writer(work, actor, referral)
    _demand_state(referral, ReferralState.SENT)
    referral.state, referral.withdrawn_at = ReferralState.WITHDRAWN, work.now
    return referral


def open_letter(work: Work, actor: Actor, referral_id: int) -> Referral:
    """A referral, for the house that sends and the house that receives.

    Args:
        work: The unit of work.
        actor: A doctor of either.
        referral_id: Which.

    Returns:
        The referral.

    Raises:
        NotFound: When there is no such referral.
        Forbidden: For doctors of other houses, and for the receiving house once it is withdrawn, or was
            answered some time ago.
    """
    referral = work.referrals.get(referral_id)
    _look_from_either_side(work, actor, referral)
    return referral


def open_case(work: Work, actor: Actor, referral_id: int) -> tuple[Referral, SharedCase]:
    """A referral with the visit at which it was written.

    Args:
        work: The unit of work.
        actor: A doctor of either house.
        referral_id: Which.

    Raises:
        NotFound: When there is no such referral.
        Forbidden: As for the letter.
    """
    referral = open_letter(work, actor, referral_id)
    return referral, share_case(work, work.encounters.get(referral.encounter_id))


def open_picture(work: Work, actor: Actor, referral_id: int, photograph_id: int, *, overlay: bool) -> bytes:
    """A picture of the visit at which the letter was written.

    Args:
        work: The unit of work.
        actor: A doctor of either house.
        referral_id: Which referral.
        photograph_id: Which picture.
        overlay: True for the picture with the findings drawn in.

    Returns:
        Image bytes.

    Raises:
        NotFound: When that visit has no such picture.
        Forbidden: As for the letter.
    """
    referral = work.referrals.get(referral_id)
    _look_from_either_side(work, actor, referral)
    return shared_picture(
        work, actor, Action.REFERRAL_RECEIVE, referral.encounter_id, photograph_id, overlay=overlay
    )


def receive(work: Work, actor: Actor, referral_id: int, request_key: str) -> Received:
    """Receive the patient: they are registered at the receiving house where they are not, and a visit begins.

    What either house knows of allergies is on record at the receiving one from then on.

    Args:
        work: The unit of work.
        actor: A doctor of the receiving house.
        referral_id: Which.
        request_key: The form's own key.

    Returns:
        The visit at the receiving house; the one that was opened first, where somebody received them before.

    Raises:
        Forbidden: For doctors of other houses.
        IllegalMove: When the referral is closed.
        Invalid: When the key registered another patient.
    """
    referral = work.referrals.locked(referral_id)
    _look_as_receiver(work, actor, referral)
    if referral.received_encounter_id is not None:
        return Received(work.encounters.get(referral.received_encounter_id))
    _demand_state(referral, ReferralState.SENT)
    sent = work.patients.get(referral.patient_id)
    known = _known_here(work, actor, sent)
    patient = known or _registered_here(work, actor, sent, request_key)
    held = known.allergies if known else []
    allergies = tuple(one for one in sent.allergies if one not in held)
    if known and allergies:
        known.allergies = [*held, *allergies]
    encounter = charting.open_encounter(work, actor, patient.id or 0, request_key)
    referral.state = ReferralState.RECEIVED
    referral.received_by_id, referral.received_at = actor.staff_id, work.now
    referral.received_encounter_id = encounter.id
    return Received(encounter, allergies)


def reply(work: Work, actor: Actor, referral_id: int, words: str) -> Referral:
    """Write back to the doctor who sent the patient.

    Args:
        work: The unit of work.
        actor: A doctor of the receiving house.
        referral_id: Which.
        words: What was found, done, and is advised.

    Returns:
        The referral.

    Raises:
        Forbidden: For doctors of other houses.
        IllegalMove: When the patient has not been received, or it was answered already.
        Invalid: When too little or too much is written.
    """
    referral = work.referrals.locked(referral_id)
    _look_as_receiver(work, actor, referral)
    _demand_state(referral, ReferralState.RECEIVED)
    referral.reply = demand_words(words)
    referral.state, referral.replied_at = ReferralState.REPLIED, work.now
    return referral


def acknowledge(work: Work, actor: Actor, referral_id: int) -> Referral:
    """The sending doctor has read the reply.

    Args:
        work: The unit of work.
        actor: The doctor who wrote the referral.
        referral_id: Which.

    Returns:
        The referral; read before, it stays as it was.

    Raises:
        Forbidden: For everybody else.
        IllegalMove: Before there is a reply.
    """
    referral = work.referrals.locked(referral_id)
    _look_as_writer(work, actor, referral)
    _demand_state(referral, ReferralState.REPLIED)
    referral.seen_at = referral.seen_at or work.now
    return referral


def _direction(work: Work, actor: Actor, addressed: Addressed) -> Direction:
    if addressed.to_institution_id is None:
        demand_words(addressed.elsewhere)
        return Direction.UP
    target = work.institutions.get(addressed.to_institution_id)
    if target.id == actor.institution_id or target.kind not in _RANK:
        raise Invalid(N_("请选择转往的机构。"))
    own = work.institutions.get(actor.institution_id)
    return Direction.UP if _RANK[target.kind] >= _RANK.get(own.kind, 0) else Direction.DOWN


def _known_here(work: Work, actor: Actor, sent: Patient) -> Patient | None:
    """The same person at the actor's house, by identity number and name, held for this work."""
    here = [
        one.id or 0
        for one in work.record_consents.same_person(sent)
        if one.institution_id == actor.institution_id and one.name == sent.name
    ]
    return work.patients.locked(here[0]) if here else None


def _registered_here(work: Work, actor: Actor, sent: Patient, request_key: str) -> Patient:
    """A patient whom the actor's house does not know, as the sending house registered them."""
    details = charting.PatientDetails(
        name=sent.name,
        sex=sent.sex,
        born_on=sent.born_on,
        village_id=sent.village_id,
        phone=sent.phone,
        address=sent.address,
        id_number=sent.id_number,
        allergies=tuple(sent.allergies),
    )
    registered = charting.register_patient(work, actor, details, request_key)
    demand_same_form(made_there=(registered.name, registered.born_on) == (sent.name, sent.born_on))
    return registered


def _look_from_either_side(work: Work, actor: Actor, referral: Referral) -> None:
    if actor.institution_id == referral.from_institution_id:
        look_at_encounter(work, actor, work.encounters.get(referral.encounter_id), Action.PATIENT_READ)
    else:
        _look_as_receiver(work, actor, referral)


def _look_as_receiver(work: Work, actor: Actor, referral: Referral) -> None:
    # A case that is closed is nobody's: the look is refused and put on record.
    house_id = referral.to_institution_id if is_open_to_receiver(referral, work.now) else None
    look(work, actor, Action.REFERRAL_RECEIVE, "referral", referral.id, institution_id=house_id)


def _look_as_writer(work: Work, actor: Actor, referral: Referral) -> None:
    written_by_id = referral.written_by_id
    look(work, actor, Action.REFERRAL_WRITE, "referral", referral.id, assigned_to_id=written_by_id)


def _demand_state(referral: Referral, state: ReferralState) -> None:
    if referral.state is not state:
        raise IllegalMove(N_("这张转诊单的状态已经变了，请刷新后再看。"))


def is_open_to_receiver(referral: Referral, now: datetime) -> bool:
    """Whether the receiving house may see the letter and its case.

    Args:
        referral: Which.
        now: Aware UTC.
    """
    return referral.state is not ReferralState.WITHDRAWN and stays_open(referral.replied_at, now)


def may_receive(actor: Actor, referral: Referral) -> bool:
    """Whether the actor's house is the one that receives.

    Args:
        actor: A doctor.
        referral: Which.
    """
    return allows(actor, Action.REFERRAL_RECEIVE, institution_id=referral.to_institution_id)
