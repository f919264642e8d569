"""What the hospital's own system sent for a visit: the doctor adopts it into a draft, or leaves it."""

from dataclasses import dataclass

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clinical import Preparation
from tcm.records.people import Patient
from tcm.records.systems import IncomingPrescription
from tcm.services import receiving
from tcm.services.prescribing import PrescriptionDraft
from tcm.services.sent import KeptPatient, SentLine, patient_of, tail_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.door import Form, parse
from web.house import current_house, work


class DeclineForm(Form):
    """Why it is left."""

    reason_code: str = Field(min_length=1, max_length=24)


@dataclass(frozen=True)
class SentShown:
    """What was sent, as its card shows it.

    Args:
        incoming: Stored.
        draft: As the form would hold it.
        lines: Each as it was sent, with the herb as the draft will have it.
        patient: Who it was sent for, None where that was not kept.
        phone_tail: Of the visit's patient, to compare with.
    """

    incoming: IncomingPrescription
    draft: PrescriptionDraft
    lines: list[tuple[SentLine, str]]
    patient: KeptPatient | None
    phone_tail: str

    @property
    def at_home(self) -> bool:
        """Whether the patient is to cook it at home."""
        return self.draft.preparation is Preparation.OWN_COOKING


def sent_beside(open_work: Work, visit_id: int, patient: Patient) -> list[SentShown]:
    """What was sent for a visit and waits for its doctor.

    Args:
        open_work: The work in which the visit was looked at.
        visit_id: Which visit.
        patient: The visit's.

    Returns:
        Newest first.
    """
    return [
        SentShown(
            each,
            receiving.draft_of(each),
            receiving.lines_of(each),
            patient_of(each.content),
            tail_of(patient.phone),
        )
        for each in receiving.beside(open_work, visit_id)
    ]


@desk.post("/sent/<int:incoming_id>/adopt")
def adopt_sent(incoming_id: int) -> Response:
    """Make a draft of it."""
    with work() as open_work:
        draft = receiving.adopt(open_work, current_actor(), current_house().knowledge, incoming_id)
        open_work.commit()
        key, visit_id = draft.key(), draft.encounter_id
    flash(gettext("已采用为草稿。请核对、修改后签名。"), "good")
    return redirect(url_for("doctor.visit", visit_id=visit_id, prescription=key), 303)


@desk.post("/sent/<int:incoming_id>/decline")
def decline_sent(incoming_id: int) -> Response:
    """Leave it, and say why."""
    form = parse(DeclineForm, request.form)
    with work() as open_work:
        incoming = receiving.decline(open_work, current_actor(), incoming_id, form.reason_code)
        open_work.commit()
        visit_id = incoming.encounter_id
    flash(gettext("没有采用，原因已告诉医院系统。"), "good")
    return redirect(url_for("doctor.visit", visit_id=visit_id), 303)
