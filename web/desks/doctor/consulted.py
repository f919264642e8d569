"""What experts answered about a visit, offered to its doctor line by line like a formula."""

from flask_babel import gettext

from tcm.records.errors import N_, NotFound
from tcm.records.permissions import Action
from tcm.services.access import look_at_encounter
from tcm.services.conferring import CONSULTED
from tcm.services.inboxes import ListedConsultation, consultations_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.offers import Offer, OfferedLine

# An expert gives herbs and words; which class they are boiled in is told from the lines.
_CLASS = "一般"
# What the form's field has room for beside its seal.
_MOST_ORIGIN = 31


def consulted_offer(open_work: Work, visit_id: int, consultation_id: int) -> Offer:
    """The herbs of one answer, for the visit's doctor to adopt.

    Args:
        open_work: The work.
        visit_id: The doctor's visit.
        consultation_id: The consultation, asked about that visit.

    Returns:
        The offer.

    Raises:
        NotFound: When nothing was answered about this visit under that number.
        Forbidden: When the visit is another doctor's.
    """
    visit = open_work.encounters.get(visit_id)
    look_at_encounter(open_work, current_actor(), visit, Action.PRESCRIPTION_WRITE)
    asked = consultations_of(open_work, visit_id)
    offer = next((offer_of(one) for one in asked if one.consultation.id == consultation_id), None)
    if offer is None:
        raise NotFound(N_("没有这份会诊意见。"))
    return offer


def offer_of(listed: ListedConsultation) -> Offer | None:
    """An answer as the doctor is offered it.

    Args:
        listed: A consultation with its people.

    Returns:
        The offer, None before there is an answer with herbs.
    """
    answer = listed.consultation.answer
    if answer is None or not answer.lines:
        return None
    key = listed.consultation.key()
    origin = f"{CONSULTED}{key} {listed.expert.name}"[:_MOST_ORIGIN]
    return Offer(
        name=str(gettext(N_("%(name)s的会诊意见"), name=listed.expert.name)),
        asks={"adopt_consultation": key},
        lines=tuple(
            OfferedLine(line.herb, line.dose_g, line.decoction_note, "", origin) for line in answer.lines
        ),
        decoction_class=_CLASS,
        syndromes=(answer.syndrome,) if answer.syndrome else (),
        usage=answer.usage,
        source="",
        house=listed.expert.title,
    )
