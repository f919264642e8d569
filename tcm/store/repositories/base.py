"""What every repository can do."""

from collections.abc import Iterable
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tcm.records.errors import NotFound

Record = TypeVar("Record")


class Repository(Generic[Record]):
    """All records of one kind.

    Args:
        session: The session of the unit of work.
        kind: The record class.
        missing: The sentence for one that is not there.
    """

    # Whether others may still refer to a row that is held, as new visits do to a patient.
    _referred_to_while_held = False

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

    def locked(self, record_id: int) -> Record:
        """The record as it is now, held until the work ends.

        On PostgreSQL its row is locked; on SQLite the whole file already is.

        Args:
            record_id: Its row.

        Returns:
            The record.

        Raises:
            NotFound: When there is none.
        """
        query = select(self._kind).where(self._column("id") == record_id)
        held = query.with_for_update(key_share=self._referred_to_while_held)
        record = self._one(held.execution_options(populate_existing=True))
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
