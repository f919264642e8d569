"""The referral letter (双向转诊单)."""

from datetime import datetime

from tcm.records.clock import county_day
from tcm.records.people import SEX_TERMS
from tcm.records.together import CONSENT_BY_TERMS, CONSENT_HOW_TERMS, Direction
from tcm.services.inboxes import ListedReferral
from tcm.services.referring import REASONS
from tcm.store.work import Work
from web.papers.common import exact_age
from web.prints.letter import ReferralSheet


def referral_sheet(work: Work, listed: ListedReferral, printed_at: datetime) -> ReferralSheet:
    """The letter of a referral; the caller has looked at it.

    Args:
        work: The unit of work.
        listed: The referral with its people.
        printed_at: Aware UTC.

    Returns:
        The sheet.

    Raises:
        ValueError: When a name is longer than the paper has room for.
    """
    referral = listed.referral
    patient = work.patients.get(referral.patient_id)
    letter = referral.letter
    doctor = work.staff.get(referral.written_by_id)
    return ReferralSheet(
        direction="up" if referral.direction is Direction.UP else "down",
        number=f"{county_day(referral.written_at):%Y%m%d}-Z{referral.key():05d}",
        sender=listed.sender.name,
        sender_phone=listed.sender.phone,
        receiver=listed.receiver.name if listed.receiver else referral.elsewhere,
        urgent=referral.urgent,
        patient_name=patient.name,
        sex=SEX_TERMS[patient.sex],
        age=exact_age(patient.born_on, county_day(referral.written_at)),
        phone=patient.phone,
        address=patient.address,
        reason=REASONS[letter.reason_code],
        impression=letter.impression,
        present=letter.present,
        past=letter.past,
        treatment=letter.treatment,
        advice=letter.advice,
        allergies="、".join(patient.allergies),
        consent=f"{CONSENT_BY_TERMS[referral.consent_by]}，{CONSENT_HOW_TERMS[referral.consent_how]}",
        doctor=f"{doctor.name} {doctor.title}".strip(),
        written_at=referral.written_at,
        printed_at=printed_at,
    )
