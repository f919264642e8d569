"""Consultations, referrals, consents, outcomes."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.people import Patient
from tcm.records.together import (
    Consultation,
    ConsultationState,
    Outcome,
    RecordConsent,
    Referral,
    ReferralState,
)
from tcm.store import tables as t
from tcm.store import together_tables as w
from tcm.store.repositories.base import Repository


class ConsultationRepository(Repository[Consultation]):
    """Questions to experts of the county."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Consultation, N_("没有这次会诊。"))

    def of_encounter(self, encounter_id: int) -> list[Consultation]:
        """What was asked about a visit, newest first.

        Args:
            encounter_id: Which visit.
        """
        query = select(Consultation).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(w.consultations.c.id.desc()))

    def waiting_for(self, expert_id: int) -> list[Consultation]:
        """What waits for an expert, urgent first, then the oldest.

        Args:
            expert_id: Staff row.
        """
        query = select(Consultation).filter_by(expert_id=expert_id, state=ConsultationState.WAITING)
        return self._many(query.order_by(w.consultations.c.urgent.desc(), w.consultations.c.id))

    def closed_by(self, expert_id: int, limit: int) -> list[Consultation]:
        """What an expert answered or declined, newest first.

        Args:
            expert_id: Staff row.
            limit: At most so many.
        """
        query = select(Consultation).filter_by(expert_id=expert_id)
        done = w.consultations.c.state.in_([ConsultationState.ANSWERED, ConsultationState.DECLINED])
        return self._many(query.where(done).order_by(w.consultations.c.closed_at.desc()).limit(limit))

    def asked_by(self, doctor_id: int, limit: int) -> list[Consultation]:
        """What a doctor asked, newest first; what they have not seen the end of comes first.

        Args:
            doctor_id: Staff row.
            limit: At most so many.
        """
        seen = w.consultations.c.seen_at.is_not(None)
        query = select(Consultation).filter_by(asked_by_id=doctor_id)
        return self._many(query.order_by(seen, w.consultations.c.id.desc()).limit(limit))


class ReferralRepository(Repository[Referral]):
    """Patients sent from house to house."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Referral, N_("没有这张转诊单。"))

    def of_encounter(self, encounter_id: int) -> list[Referral]:
        """The referrals written at a visit, newest first.

        Args:
            encounter_id: Which visit.
        """
        query = select(Referral).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(w.referrals.c.id.desc()))

    def that_led_to(self, encounter_id: int) -> Referral | None:
        """The referral with which a patient came to a visit.

        Args:
            encounter_id: The visit at the receiving house.
        """
        return self._one(select(Referral).filter_by(received_encounter_id=encounter_id))

    def sent_to(self, institution_id: int, limit: int) -> list[Referral]:
        """What came to a house, newest first; those whom nobody has received yet come first.

        Args:
            institution_id: Which house.
            limit: At most so many.
        """
        received = w.referrals.c.received_at.is_not(None)
        query = select(Referral).filter_by(to_institution_id=institution_id)
        standing = query.where(w.referrals.c.state != ReferralState.WITHDRAWN)
        return self._many(
            standing.order_by(received, w.referrals.c.urgent.desc(), w.referrals.c.id.desc()).limit(limit)
        )

    def written_by(self, doctor_id: int, limit: int) -> list[Referral]:
        """What a doctor wrote, newest first.

        Args:
            doctor_id: Staff row.
            limit: At most so many.
        """
        query = select(Referral).filter_by(written_by_id=doctor_id)
        return self._many(query.order_by(w.referrals.c.id.desc()).limit(limit))


class RecordConsentRepository(Repository[RecordConsent]):
    """Consents to read what other houses have."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, RecordConsent, N_("没有这份授权。"))

    def of_patients(self, patient_ids: Iterable[int]) -> list[RecordConsent]:
        """The consents of one person, as several houses know them, newest first.

        Args:
            patient_ids: Rows of patients.
        """
        query = select(RecordConsent).where(w.record_consents.c.patient_id.in_(set(patient_ids)))
        return self._many(query.order_by(w.record_consents.c.id.desc()))

    def same_person(self, patient: Patient) -> list[Patient]:
        """A patient as other houses know them: by the same identity number, which is never read in clear.

        Args:
            patient: As one house knows them, stored.

        Returns:
            Patients of other houses, by row; none where no identity number is on record.
        """
        if not patient.id_number.strip():
            # A blank value has a blank index, and would find all who have none.
            return []
        p = t.patients.c
        index = select(p.id_number_index).where(p.id == patient.id).scalar_subquery()
        query = select(Patient).where(p.id_number_index == index, p.institution_id != patient.institution_id)
        return list(self._session.scalars(query.order_by(p.id)))


class OutcomeRepository(Repository[Outcome]):
    """What came of treatments."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Outcome, N_("没有这条疗效记录。"))

    def of_visits(self, encounter_ids: Iterable[int]) -> dict[int, Outcome]:
        """The newest word on the treatment of each of several visits.

        Args:
            encounter_ids: The visits whose treatment was judged.

        Returns:
            By visit; those that nobody judged are left out.
        """
        query = select(Outcome).where(w.outcomes.c.of_encounter_id.in_(set(encounter_ids)))
        newest_last = query.order_by(w.outcomes.c.judged_at, w.outcomes.c.id)
        return {outcome.of_encounter_id: outcome for outcome in self._many(newest_last)}

    def said_at(self, encounter_id: int, of_encounter_id: int) -> Outcome | None:
        """What one visit said of another.

        Args:
            encounter_id: The later visit.
            of_encounter_id: The visit whose treatment is judged.
        """
        return self._one(
            select(Outcome).filter_by(encounter_id=encounter_id, of_encounter_id=of_encounter_id)
        )
