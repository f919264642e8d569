"""A prescription that was first written on paper: what the form brings of it, and what it shows."""

from datetime import datetime

from flask import request
from flask_babel import gettext
from pydantic import Field, ValidationInfo, field_validator

from tcm.records.clinical import Prescription
from tcm.records.errors import N_
from tcm.records.outage import REASON_TERMS, PaperReason, PaperSignature, PaperStep
from tcm.records.roles import Role
from tcm.services import outages
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.on_paper import from_county, in_county
from web.door import Form, RowId, Typed


class PaperForm(Form):
    """What stands on the sheet; without a number the prescription was never on paper."""

    paper_number: str = Field("", max_length=48)
    paper_written_at: datetime | None = Field(None, validate_default=True)
    paper_reason: PaperReason = PaperReason.POWER
    paper_reviewer_id: RowId | None = None
    paper_reviewed_at: datetime | None = None

    @field_validator("paper_written_at")
    @classmethod
    def _time_is_known(cls, at: datetime | None, info: ValidationInfo) -> datetime | None:
        if at is None and info.data.get("paper_number"):
            raise ValueError(N_("请填写纸上开方的时间。"))
        return at

    def said(self) -> outages.WrittenOnPaper | None:
        """What the services are told; None without a sheet."""
        if not self.paper_number or self.paper_written_at is None:
            return None
        reviewed_at = self.paper_reviewed_at and from_county(self.paper_reviewed_at)
        return outages.WrittenOnPaper(
            number=self.paper_number,
            written_at=from_county(self.paper_written_at),
            reason=self.paper_reason,
            reviewed_by_id=self.paper_reviewer_id,
            reviewed_at=reviewed_at,
        )


PAPER_FIELDS = frozenset(PaperForm.model_fields)


def keep_paper(open_work: Work, prescription: Prescription, form: PaperForm) -> None:
    """Note what the form says of a sheet of paper; a form without these fields says nothing.

    Args:
        open_work: The work in which the prescription was saved.
        prescription: As it was saved.
        form: From the door.
    """
    if "paper_number" not in request.form:
        return
    said = form.said()
    if said is None:
        outages.forget_paper(open_work, current_actor(), prescription)
    else:
        outages.enter_later(open_work, current_actor(), prescription, said)
    open_work.session.flush()


def paper_values(open_work: Work, shown: Prescription | None) -> dict[str, object]:
    """What the form shows of a sheet of paper, and who may have signed it.

    Args:
        open_work: The work.
        shown: The prescription, None before it is begun.

    Returns:
        Values for `doctor/_paper.html`.
    """
    on_paper = shown is not None and shown.paper_number is not None
    signed = open_work.paper_signatures.of_prescription(shown.key()) if shown and on_paper else []
    pharmacists = [one for one in open_work.staff.with_role(Role.PHARMACIST) if one.active]
    return {
        "paper": typed_paper(shown.paper_number or "" if shown else "", signed),
        "paper_reasons": [(reason.value, gettext(term)) for reason, term in REASON_TERMS.items()],
        "paper_pharmacists": [(one.id, one.name) for one in pharmacists],
    }


def typed_paper(number: str, signed: list[PaperSignature]) -> Typed:
    """A sheet as its fields show it."""
    by_step = {each.step: each for each in signed}
    written, reviewed = by_step.get(PaperStep.PRESCRIBED), by_step.get(PaperStep.REVIEWED)
    return Typed.of(
        paper_number=number,
        paper_written_at=in_county(written.signed_at) if written else None,
        paper_reason=written.reason.value if written else None,
        paper_reviewer_id=reviewed.signed_by_id if reviewed else None,
        paper_reviewed_at=in_county(reviewed.signed_at) if reviewed else None,
    )
