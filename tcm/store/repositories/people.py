"""Houses, staff, patients."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.people import Institution, InstitutionKind, Patient, Staff
from tcm.store import tables as t
from tcm.store.keys import KeyRing
from tcm.store.repositories.base import Repository


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

    def failed_logins_between(self, username: str, since: datetime, until: datetime) -> int:
        """How often a log-in name failed lately.

        Args:
            username: Lower case.
            since: Aware UTC.
            until: Aware UTC; failures after it were counted by a clock that ran ahead.

        Returns:
            Number of failures.
        """
        failures = t.failed_logins
        query = select(func.count()).where(
            failures.c.username == username, failures.c.at.between(since, until)
        )
        return self._session.scalar(query) or 0

    def forget_failed_logins(self, before: datetime) -> None:
        """Forget old failures of all names; a name typed may be a password in the wrong field.

        Args:
            before: Aware UTC.
        """
        self._session.execute(delete(t.failed_logins).where(t.failed_logins.c.at < before))

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

    def ids_of_kind(self, kind: InstitutionKind) -> list[int]:
        """Rows of all houses of a kind.

        Args:
            kind: Of the house.

        Returns:
            Their rows, in order.
        """
        query = select(t.institutions.c.id).where(t.institutions.c.kind == kind)
        return list(self._session.scalars(query.order_by(t.institutions.c.id)))

    def of_kind(self, kind: str) -> list[Institution]:
        """Houses of one kind, by row.

        Args:
            kind: An institution kind.

        Returns:
            The houses.
        """
        return self._many(select(Institution).filter_by(kind=kind).order_by(t.institutions.c.id))

    def with_code(self, code: str) -> Institution | None:
        """The house with that code.

        Args:
            code: Statistical code, or the pharmacy's own.

        Returns:
            The house, or None.
        """
        return self._one(select(Institution).filter_by(code=code))


class PatientRepository(Repository[Patient]):
    """Those who are treated; found by blind index, never by reading sealed columns.

    Args:
        session: The session of the unit of work.
        keys: Blinds what is searched.
    """

    _referred_to_while_held = True

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
            Patients, newest first; nobody for a blank text.
        """
        if not text.strip():
            # A blank value has a blank index, and would find all who have no phone or ID number.
            return []
        matches = [
            t.patients.c[f"{column}_index"] == self._keys.blind(text, f"patients.{column}")
            for column in ("name", "phone", "id_number")
        ]
        query = select(Patient).where(
            t.patients.c.institution_id == institution_id, matches[0] | matches[1] | matches[2]
        )
        return self._many(query.order_by(t.patients.c.id.desc()).limit(limit))
