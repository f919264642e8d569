"""Samples of the monthly appraisal, and what is said of each prescription in them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tcm.records.appraisals import Appraisal, AppraisedPrescription
from tcm.records.clinical import Prescription
from tcm.records.errors import N_
from tcm.records.lifecycle import State
from tcm.store import appraisal_tables as a
from tcm.store import tables as t
from tcm.store.repositories.base import Repository
from tcm.store.repositories.clinical import CALLED

_UNSIGNED = (State.DRAFT, State.CANCELLED)


class AppraisalRepository(Repository[Appraisal]):
    """Samples by month."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Appraisal, N_("没有这次点评。"))

    def of_month(self, month: str) -> Appraisal | None:
        """The sample of a month.

        Args:
            month: Such as 2026-11.

        Returns:
            The sample, or None.
        """
        return self._one(select(Appraisal).filter_by(month=month))

    def newest_first(self) -> list[Appraisal]:
        """Every sample, the newest month first."""
        return self._many(select(Appraisal).order_by(a.appraisals.c.month.desc()))

    def signed_between(self, since: datetime, until: datetime) -> list[int]:
        """Rows of the prescriptions that were signed in a time, by row.

        Args:
            since: From this moment.
            until: Before this one.

        Returns:
            Rows, without drafts and cancelled ones.
        """
        p = t.prescriptions.c
        query = select(p.id).where(p.signed_at >= since, p.signed_at < until, p.state.not_in(_UNSIGNED))
        return list(self._session.scalars(query.order_by(p.id)))

    def review_counts(self, since: datetime, until: datetime) -> tuple[int, int]:
        """How many prescriptions signed in a time were reviewed, and how many of them were ever sent back.

        Args:
            since: From this moment.
            until: Before this one.

        Returns:
            Reviewed, and returned at least once.
        """
        p, r = t.prescriptions.c, t.reviews.c
        base = (
            select(func.count(func.distinct(p.id)))
            .select_from(t.prescriptions.join(t.reviews, r.prescription_id == p.id))
            .where(p.signed_at >= since, p.signed_at < until, p.state.not_in(_UNSIGNED), r.decision != CALLED)
        )
        reviewed = self._session.scalar(base) or 0
        returned = self._session.scalar(base.where(r.decision == State.RETURNED.value)) or 0
        return reviewed, returned


class AppraisedRepository(Repository[AppraisedPrescription]):
    """Prescriptions in samples, with their opinions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, AppraisedPrescription, N_("没有这张点评处方。"))

    def of_appraisal(self, appraisal_id: int) -> list[AppraisedPrescription]:
        """A sample's prescriptions, by row.

        Args:
            appraisal_id: Which sample.

        Returns:
            Them, with opinions.
        """
        query = select(AppraisedPrescription).filter_by(appraisal_id=appraisal_id)
        return self._many(query.order_by(a.appraised_prescriptions.c.id))

    def of_doctor(self, doctor_id: int) -> Sequence[tuple[AppraisedPrescription, Prescription]]:
        """What was appraised of a doctor, newest first.

        Args:
            doctor_id: Whose prescriptions.

        Returns:
            Each with its prescription.
        """
        query = (
            select(AppraisedPrescription, Prescription)
            .join(Prescription, a.appraised_prescriptions.c.prescription_id == t.prescriptions.c.id)
            .where(t.prescriptions.c.doctor_id == doctor_id)
            .order_by(a.appraised_prescriptions.c.id.desc())
        )
        return [(appraised, prescription) for appraised, prescription in self._session.execute(query)]
