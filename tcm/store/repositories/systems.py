"""Keys of other systems, their calls, their codes of herbs, and what they sent."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.systems import ApiCall, ApiKey, HerbCode, IncomingPrescription, IncomingState
from tcm.store import system_tables as s
from tcm.store.repositories.base import Repository

_CALL_COLUMNS = (
    s.api_calls.c.key_id,
    s.api_calls.c.at,
    s.api_calls.c.operation,
    s.api_calls.c.subject_id,
    s.api_calls.c.status,
)


class ApiKeyRepository(Repository[ApiKey]):
    """Keys of other systems, and the record of what was asked with them."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, ApiKey, N_("没有这个接口密钥。"))

    def by_hash(self, secret_hash: str) -> ApiKey | None:
        """The key with that hash.

        Args:
            secret_hash: As `ApiKey.secret_hash`.

        Returns:
            The key, withdrawn ones too, or None.
        """
        return self._one(select(ApiKey).filter_by(secret_hash=secret_hash))

    def record(self, call: ApiCall) -> None:
        """Put a request on record.

        Args:
            call: What was asked and how it was answered.
        """
        self._session.execute(insert(s.api_calls).values(**vars(call)))

    def calls_of(self, key_id: int, limit: int) -> list[ApiCall]:
        """What was asked with a key, newest first.

        Args:
            key_id: Which.
            limit: At most so many.

        Returns:
            The calls.
        """
        calls = s.api_calls.c
        query = select(*_CALL_COLUMNS).where(calls.key_id == key_id)
        rows = self._session.execute(query.order_by(calls.at.desc(), calls.id.desc()).limit(limit))
        return [ApiCall(*row) for row in rows]

    def last_used(self) -> dict[int, datetime]:
        """When each key was last shown.

        Returns:
            Moment by key; a key never used is left out.
        """
        query = select(s.api_calls.c.key_id, func.max(s.api_calls.c.at)).group_by(s.api_calls.c.key_id)
        return {row[0]: row[1] for row in self._session.execute(query)}


class HerbCodeRepository(Repository[HerbCode]):
    """Hospitals' own codes of herbs."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, HerbCode, N_("没有这个药味编码。"))

    def of_institution(self, institution_id: int) -> list[HerbCode]:
        """A hospital's codes, in order.

        Args:
            institution_id: Whose.

        Returns:
            The codes.
        """
        query = select(HerbCode).filter_by(institution_id=institution_id)
        return self._many(query.order_by(s.herb_codes.c.code))

    def herbs_of(self, institution_id: int, codes: Collection[str]) -> dict[str, str]:
        """What several codes stand for, in one query.

        Args:
            institution_id: Whose codes.
            codes: Which.

        Returns:
            Standard name by code; unknown ones are left out.
        """
        columns = s.herb_codes.c
        query = select(columns.code, columns.herb).where(
            columns.institution_id == institution_id, columns.code.in_(set(codes))
        )
        return {row.code: row.herb for row in self._session.execute(query)}

    def drop(self, code: HerbCode) -> None:
        """Forget a code.

        Args:
            code: Stored.
        """
        self._session.delete(code)
        self._session.flush()


class IncomingRepository(Repository[IncomingPrescription]):
    """Prescriptions that other systems sent."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, IncomingPrescription, N_("没有这张送来的处方。"))

    def of_number(self, institution_id: int, number: str) -> IncomingPrescription | None:
        """What was sent under a number.

        Args:
            institution_id: For which house.
            number: The other system's.

        Returns:
            It, or None.
        """
        return self._one(select(IncomingPrescription).filter_by(institution_id=institution_id, number=number))

    def newest(
        self, institution_id: int, state: IncomingState | None, limit: int
    ) -> list[IncomingPrescription]:
        """What was sent for a house, newest first.

        Args:
            institution_id: Which house.
            state: Only what stands so; all where None.
            limit: At most so many.

        Returns:
            What was sent.
        """
        query = select(IncomingPrescription).filter_by(institution_id=institution_id)
        if state is not None:
            query = query.filter_by(state=state)
        return self._many(query.order_by(s.incoming_prescriptions.c.id.desc()).limit(limit))

    def of_encounter(self, encounter_id: int) -> list[IncomingPrescription]:
        """What lies beside a visit, newest first.

        Args:
            encounter_id: Which visit.

        Returns:
            Everything sent, whatever became of it.
        """
        query = select(IncomingPrescription).filter_by(encounter_id=encounter_id)
        return self._many(query.order_by(s.incoming_prescriptions.c.id.desc()))

    def waiting_for(self, doctor_id: int) -> list[IncomingPrescription]:
        """What a doctor has not looked at yet, oldest first.

        Args:
            doctor_id: Who.

        Returns:
            What waits.
        """
        query = select(IncomingPrescription).filter_by(doctor_id=doctor_id, state=IncomingState.WAITING)
        return self._many(query.order_by(s.incoming_prescriptions.c.id))

    def of_prescriptions(self, prescription_ids: Iterable[int]) -> dict[int, str]:
        """What other systems call our prescriptions by.

        Args:
            prescription_ids: Which.

        Returns:
            Their number by our row; one that was typed here is left out.
        """
        columns = s.incoming_prescriptions.c
        query = select(columns.prescription_id, columns.number).where(
            columns.prescription_id.in_(set(prescription_ids))
        )
        return {row.prescription_id: row.number for row in self._session.execute(query)}
