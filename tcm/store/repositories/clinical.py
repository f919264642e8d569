"""Visits, pictures, prescriptions, decisions, bags."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from tcm.records.clinical import (
    Bag,
    Encounter,
    Photograph,
    PhotographKind,
    PhotographState,
    Prescription,
    ReviewRecord,
)
from tcm.records.errors import N_, NotFound
from tcm.records.lifecycle import State
from tcm.store import tables as t
from tcm.store.repositories.base import Repository


class EncounterRepository(Repository[Encounter]):
    """Visits."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Encounter, N_("没有这次就诊。"))

    def of_patient(self, patient_id: int) -> list[Encounter]:
        """A patient's visits, newest first.

        Args:
            patient_id: Whose.

        Returns:
            The visits.
        """
        query = select(Encounter).filter_by(patient_id=patient_id)
        return self._many(query.order_by(t.encounters.c.opened_at.desc()))

    def with_doctor_since(
        self, doctor_id: int, patient_ids: Iterable[int], since: datetime
    ) -> list[Encounter]:
        """Visits of some patients to one doctor since a moment, newest first.

        Args:
            doctor_id: To whom.
            patient_ids: Of whom.
            since: Aware UTC.

        Returns:
            The visits.
        """
        columns = t.encounters.c
        query = select(Encounter).where(
            columns.doctor_id == doctor_id,
            columns.patient_id.in_(set(patient_ids)),
            columns.opened_at >= since,
        )
        return self._many(query.order_by(columns.id.desc()))

    def of_patients(self, patient_ids: Iterable[int]) -> list[Encounter]:
        """The visits of one person as several houses know them, newest first.

        Args:
            patient_ids: Rows of patients.

        Returns:
            The visits.
        """
        query = select(Encounter).where(t.encounters.c.patient_id.in_(set(patient_ids)))
        return self._many(query.order_by(t.encounters.c.opened_at.desc()))


class PhotographRepository(Repository[Photograph]):
    """Pictures."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Photograph, N_("没有这张照片。"))

    def of_encounter(self, encounter_id: int) -> list[Photograph]:
        """A visit's pictures, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            The pictures of every kind and state.
        """
        query = select(Photograph).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(t.photographs.c.id.desc()))

    def read_of_encounter(
        self, encounter_id: int, kind: PhotographKind = PhotographKind.TONGUE
    ) -> list[Photograph]:
        """A visit's pictures of one kind that have been read, newest first.

        Args:
            encounter_id: Which visit.
            kind: What they show.

        Returns:
            The pictures.
        """
        query = select(Photograph).filter_by(encounter_id=encounter_id, kind=kind, state=PhotographState.READ)
        return self._many(query.order_by(t.photographs.c.id.desc()))

    def any_read(self, encounter_ids: Iterable[int], kind: PhotographKind) -> bool:
        """Whether one of several visits has a picture of a kind that has been read.

        Args:
            encounter_ids: Which visits.
            kind: What it shows.

        Returns:
            True where there is one.
        """
        found = select(
            exists().where(
                t.photographs.c.encounter_id.in_(set(encounter_ids)),
                t.photographs.c.kind == kind,
                t.photographs.c.state == PhotographState.READ,
            )
        )
        return bool(self._session.scalar(found))


class PrescriptionRepository(Repository[Prescription]):
    """Prescriptions with their items."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Prescription, N_("没有这张处方。"))

    def by_number(self, number: str) -> Prescription | None:
        """The prescription people call by that number.

        Args:
            number: Such as 20261121-00042.

        Returns:
            The prescription, or None.
        """
        return self._one(select(Prescription).filter_by(number=number))

    def on_paper(self, paper_number: str) -> Prescription | None:
        """The prescription that was first written on a sheet of paper; a cancelled one has let it go.

        Args:
            paper_number: Of the sheet.

        Returns:
            The prescription, or None.
        """
        written = select(Prescription).filter_by(paper_number=paper_number)
        return self._one(written.where(t.prescriptions.c.state != State.CANCELLED))

    def in_pot(self, pot_id: int | None) -> Prescription | None:
        """The prescription that a pot holds now.

        Args:
            pot_id: Which pot.

        Returns:
            The prescription, or None where the pot is free.
        """
        return self._one(select(Prescription).where(t.prescriptions.c.pot_id == pot_id))

    def of_encounter(self, encounter_id: int) -> list[Prescription]:
        """A visit's prescriptions, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            The prescriptions.
        """
        query = select(Prescription).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(t.prescriptions.c.id.desc()))

    def of_encounters(self, encounter_ids: Iterable[int]) -> dict[int, list[Prescription]]:
        """The prescriptions of several visits in one query.

        Args:
            encounter_ids: Which visits.

        Returns:
            By visit, newest first; a visit without any is left out.
        """
        query = select(Prescription).where(t.prescriptions.c.encounter_id.in_(set(encounter_ids)))
        grouped: dict[int, list[Prescription]] = {}
        for prescription in self._many(query.order_by(t.prescriptions.c.id.desc())):
            grouped.setdefault(prescription.encounter_id, []).append(prescription)
        return grouped

    def in_states(self, states: Iterable[str]) -> list[Prescription]:
        """All prescriptions that stand in one of the states, by row.

        Args:
            states: The states.

        Returns:
            The prescriptions.
        """
        query = select(Prescription).where(t.prescriptions.c.state.in_(list(states)))
        return self._many(query.order_by(t.prescriptions.c.id))

    def first_signed(self, patient_ids: Iterable[int]) -> set[int]:
        """The first prescription that was ever signed for each patient.

        Args:
            patient_ids: Which patients.

        Returns:
            Rows of prescriptions; those that were cancelled do not count.
        """
        p = t.prescriptions.c
        query = select(func.min(p.id)).where(
            p.patient_id.in_(set(patient_ids)), p.signed_at.is_not(None), p.state != State.CANCELLED
        )
        return set(self._session.scalars(query.group_by(p.patient_id)))


# A record of a call to the doctor: it lies beside the decisions and is none.
CALLED = "called"


class ReviewRepository(Repository[ReviewRecord]):
    """Pharmacists' decisions, and their calls to doctors."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, ReviewRecord, N_("没有这条审核记录。"))

    def of_prescriptions(self, prescription_ids: Iterable[int]) -> dict[int, list[ReviewRecord]]:
        """Decisions on several prescriptions in one query.

        Args:
            prescription_ids: Which.

        Returns:
            Decisions by prescription, newest first; one without any is left out.
        """
        query = select(ReviewRecord).where(
            t.reviews.c.prescription_id.in_(set(prescription_ids)), t.reviews.c.decision != CALLED
        )
        grouped: dict[int, list[ReviewRecord]] = {}
        for record in self._many(query.order_by(t.reviews.c.id.desc())):
            grouped.setdefault(record.prescription_id, []).append(record)
        return grouped

    def of_prescription(self, prescription_id: int) -> list[ReviewRecord]:
        """The decisions on one prescription.

        Args:
            prescription_id: Which.

        Returns:
            Decisions, newest first, none before the first.
        """
        return self.of_prescriptions([prescription_id]).get(prescription_id, [])

    def calls_about(self, prescription_id: int) -> list[ReviewRecord]:
        """The calls to the doctor about one prescription.

        Args:
            prescription_id: Which.

        Returns:
            Calls, newest first.
        """
        return self.calls_of([prescription_id]).get(prescription_id, [])

    def calls_of(self, prescription_ids: Iterable[int]) -> dict[int, list[ReviewRecord]]:
        """The calls to the doctor about several prescriptions in one query.

        Args:
            prescription_ids: Which.

        Returns:
            Calls by prescription, newest first; one without any is left out.
        """
        query = select(ReviewRecord).where(
            t.reviews.c.prescription_id.in_(set(prescription_ids)), t.reviews.c.decision == CALLED
        )
        grouped: dict[int, list[ReviewRecord]] = {}
        for record in self._many(query.order_by(t.reviews.c.id.desc())):
            grouped.setdefault(record.prescription_id, []).append(record)
        return grouped


class BagRepository(Repository[Bag]):
    """Delivery bags."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Bag, N_("没有这个袋码，请核对后再扫一次。"))

    def by_code(self, code: str) -> Bag:
        """The bag with that code.

        Args:
            code: As scanned.

        Returns:
            The bag.

        Raises:
            NotFound: When no bag has it.
        """
        bag = self._one(select(Bag).filter_by(code=code))
        if bag is None:
            raise NotFound(self._missing)
        return bag

    def of_prescriptions(self, prescription_ids: Iterable[int]) -> dict[int, list[Bag]]:
        """The bags that are not scrapped, by prescription.

        Args:
            prescription_ids: Which.

        Returns:
            Bags in order; a prescription without bags is left out.
        """
        query = select(Bag).where(
            t.bags.c.prescription_id.in_(set(prescription_ids)), t.bags.c.voided_at.is_(None)
        )
        grouped: dict[int, list[Bag]] = {}
        for bag in self._many(query.order_by(t.bags.c.prescription_id, t.bags.c.position)):
            grouped.setdefault(bag.prescription_id, []).append(bag)
        return grouped

    def of_prescription(self, prescription_id: int) -> list[Bag]:
        """The bags of one prescription that are not scrapped.

        Args:
            prescription_id: Which.

        Returns:
            Bags in order, none before it is packed.
        """
        return self.of_prescriptions([prescription_id]).get(prescription_id, [])
