"""Finding and keeping records; whatever changes goes through here and through the ledger."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, delete, func, insert, select
from sqlalchemy.orm import Session

from tcm.records.clinical import Bag, Encounter, Photograph, Plan, Prescription, ReviewRecord, Route
from tcm.records.errors import N_, NotFound
from tcm.records.people import Institution, Patient, Staff
from tcm.store import tables as t
from tcm.store.keys import KeyRing

Record = TypeVar("Record")


class Repository(Generic[Record]):
    """All records of one kind.

    Args:
        session: The session of the unit of work.
        kind: The record class.
        missing: The sentence for one that is not there.
    """

    def __init__(self, session: Session, kind: type[Record], missing: str) -> None:
        self._session = session
        self._kind = kind
        self._missing = missing

    def add(self, record: Record) -> Record:
        """Keep a new record; its `id` is set when this returns.

        Args:
            record: Not stored yet.

        Returns:
            The same record.
        """
        self._session.add(record)
        self._session.flush()
        return record

    def get(self, record_id: int) -> Record:
        """The record of that number.

        Args:
            record_id: Its row.

        Returns:
            The record.

        Raises:
            NotFound: When there is none.
        """
        record = self._session.get(self._kind, record_id)
        if record is None:
            raise NotFound(self._missing)
        return record

    def of_request(self, request_key: str) -> Record | None:
        """What an earlier submit of the same form made.

        Args:
            request_key: The form's key.

        Returns:
            The record, or None on the first submit.
        """
        return self._one(select(self._kind).filter_by(request_key=request_key))

    def all(self) -> list[Record]:
        """Every record, by row.

        Returns:
            The records.
        """
        return self._many(select(self._kind).order_by(self._column("id")))

    def by_ids(self, ids: Iterable[int]) -> dict[int, Record]:
        """Several records in one query.

        Args:
            ids: Rows; unknown ones are left out.

        Returns:
            Record by row.
        """
        found = self._many(select(self._kind).where(self._column("id").in_(set(ids))))
        return {record.id: record for record in found}  # type: ignore[attr-defined]

    def _column(self, name: str) -> Any:
        return getattr(self._kind, name)

    def _one(self, query: Select[Any]) -> Record | None:
        record: Record | None = self._session.scalars(query).one_or_none()
        return record

    def _many(self, query: Select[Any]) -> list[Record]:
        return list(self._session.scalars(query))


class StaffRepository(Repository[Staff]):
    """Those who work here, and their failed log-ins."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Staff, N_("没有这位工作人员。"))

    def by_username(self, username: str) -> Staff | None:
        """The person with that log-in name.

        Args:
            username: Lower case.

        Returns:
            The person, or None.
        """
        return self._one(select(Staff).filter_by(username=username))

    def with_role(self, role: str) -> list[Staff]:
        """Active staff of a role, by row.

        Args:
            role: The role.

        Returns:
            The staff.
        """
        return self._many(select(Staff).filter_by(role=role, active=True).order_by(t.staff.c.id))

    def add_failed_login(self, username: str, at: datetime) -> None:
        """Remember a failed log-in.

        Args:
            username: As typed, cut to the column.
            at: Aware UTC.
        """
        self._session.execute(insert(t.failed_logins).values(username=username[:40], at=at))

    def failed_logins_since(self, username: str, since: datetime) -> int:
        """How often a log-in name failed lately.

        Args:
            username: Lower case.
            since: Aware UTC.

        Returns:
            Number of failures.
        """
        failures = t.failed_logins
        query = select(func.count()).where(failures.c.username == username, failures.c.at >= since)
        return self._session.scalar(query) or 0

    def clear_failed_logins(self, username: str) -> None:
        """Forget the failures of a name that has now logged in.

        Args:
            username: Lower case.
        """
        self._session.execute(delete(t.failed_logins).where(t.failed_logins.c.username == username))


class InstitutionRepository(Repository[Institution]):
    """The houses."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Institution, N_("没有这个机构。"))

    def of_kind(self, kind: str) -> list[Institution]:
        """Houses of one kind, by row.

        Args:
            kind: An institution kind.

        Returns:
            The houses.
        """
        return self._many(select(Institution).filter_by(kind=kind).order_by(t.institutions.c.id))


class PatientRepository(Repository[Patient]):
    """Those who are treated; found by blind index, never by reading sealed columns.

    Args:
        session: The session of the unit of work.
        keys: Blinds what is searched.
    """

    def __init__(self, session: Session, keys: KeyRing) -> None:
        super().__init__(session, Patient, N_("没有这位患者。"))
        self._keys = keys

    def matching(self, text: str, institution_id: int, limit: int) -> list[Patient]:
        """Patients of a house whose whole name, phone or ID number is the text.

        Args:
            text: As typed.
            institution_id: The house.
            limit: At most so many.

        Returns:
            Patients, newest first.
        """
        matches = [
            t.patients.c[f"{column}_index"] == self._keys.blind(text, f"patients.{column}")
            for column in ("name", "phone", "id_number")
        ]
        query = select(Patient).where(
            t.patients.c.institution_id == institution_id, matches[0] | matches[1] | matches[2]
        )
        return self._many(query.order_by(t.patients.c.id.desc()).limit(limit))


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


class PhotographRepository(Repository[Photograph]):
    """Pictures."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Photograph, N_("没有这张照片。"))

    def of_encounter(self, encounter_id: int) -> list[Photograph]:
        """A visit's pictures, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            The pictures.
        """
        query = select(Photograph).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(t.photographs.c.id.desc()))


class PrescriptionRepository(Repository[Prescription]):
    """Prescriptions with their items."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Prescription, N_("没有这张处方。"))

    def locked(self, prescription_id: int) -> Prescription:
        """The prescription as it is now, held until the work ends.

        Args:
            prescription_id: Its row.

        Returns:
            The prescription; on PostgreSQL its row is locked, on SQLite the whole file already is.

        Raises:
            NotFound: When there is none.
        """
        query = select(Prescription).where(t.prescriptions.c.id == prescription_id).with_for_update()
        prescription = self._one(query.execution_options(populate_existing=True))
        if prescription is None:
            raise NotFound(self._missing)
        return prescription

    def by_number(self, number: str) -> Prescription | None:
        """The prescription people call by that number.

        Args:
            number: Such as 20261121-00042.

        Returns:
            The prescription, or None.
        """
        return self._one(select(Prescription).filter_by(number=number))

    def of_encounter(self, encounter_id: int) -> list[Prescription]:
        """A visit's prescriptions, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            The prescriptions.
        """
        query = select(Prescription).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(t.prescriptions.c.id.desc()))

    def in_states(self, states: Iterable[str]) -> list[Prescription]:
        """All prescriptions that stand in one of the states, by row.

        Args:
            states: The states.

        Returns:
            The prescriptions.
        """
        query = select(Prescription).where(t.prescriptions.c.state.in_(list(states)))
        return self._many(query.order_by(t.prescriptions.c.id))


class ReviewRepository(Repository[ReviewRecord]):
    """Pharmacists' decisions."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, ReviewRecord, N_("没有这条审核记录。"))

    def of_prescription(self, prescription_id: int) -> list[ReviewRecord]:
        """Decisions on a prescription, newest first.

        Args:
            prescription_id: Which.

        Returns:
            The decisions.
        """
        query = select(ReviewRecord).filter_by(prescription_id=prescription_id)
        return self._many(query.order_by(t.reviews.c.id.desc()))


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


class PlanRepository(Repository[Plan]):
    """Plans of days."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Plan, N_("没有这份计划。"))

    def in_force(self, day: date) -> Plan | None:
        """The plan that is followed on a day.

        Args:
            day: County date.

        Returns:
            The plan, or None before one is made.
        """
        return self._one(select(Plan).filter_by(day=day, in_force=True))

    def newest(self, day: date) -> Plan | None:
        """The plan last asked for, whatever became of it.

        Args:
            day: County date.

        Returns:
            The plan, or None.
        """
        return self._one(select(Plan).filter_by(day=day).order_by(t.plans.c.id.desc()).limit(1))


class RouteRepository(Repository[Route]):
    """Routes with their stops and deliveries."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, Route, N_("没有这条路线。"))

    def of_plan(self, plan_id: int) -> list[Route]:
        """A plan's routes, by row.

        Args:
            plan_id: Which plan.

        Returns:
            The routes.
        """
        return self._many(select(Route).filter_by(plan_id=plan_id).order_by(t.routes.c.id))

    def of_courier(self, courier_id: int, day: date) -> list[Route]:
        """A courier's routes of a day under the plan in force, by row.

        Args:
            courier_id: Whose.
            day: County date.

        Returns:
            The routes.
        """
        query = select(Route).join(t.plans, t.plans.c.id == t.routes.c.plan_id)
        query = query.where(t.routes.c.courier_id == courier_id, t.routes.c.day == day, t.plans.c.in_force)
        return self._many(query.order_by(t.routes.c.id))

    def carrying(self, prescription_ids: Sequence[int]) -> dict[int, Route]:
        """The route in force that carries each prescription.

        Args:
            prescription_ids: Which.

        Returns:
            The newest such route by prescription; those on no route are left out.
        """
        query = (
            select(t.deliveries.c.prescription_id, Route)
            .join(t.route_stops, t.route_stops.c.route_id == t.routes.c.id)
            .join(t.deliveries, t.deliveries.c.route_stop_id == t.route_stops.c.id)
            .join(t.plans, t.plans.c.id == t.routes.c.plan_id)
            .where(t.deliveries.c.prescription_id.in_(list(prescription_ids)), t.plans.c.in_force)
            .order_by(t.routes.c.id)
        )
        return {row[0]: row[1] for row in self._session.execute(query)}
