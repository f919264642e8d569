"""Column types: moments that are always aware UTC, and values that are sealed on their way in."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

from tcm.records.clinical import Reading, Sign
from tcm.store.keys import KeyRing

# An engine's own dialect carries its key ring, so that two databases in one process keep two keys.
_KEYS_ATTRIBUTE = "tangye_keys"


def give_keys(dialect: Dialect, keys: KeyRing) -> None:
    """Let the sealed columns of one engine use these keys.

    Args:
        dialect: The engine's dialect.
        keys: The key ring.
    """
    setattr(dialect, _KEYS_ATTRIBUTE, keys)


def keys_of(dialect: Dialect) -> KeyRing:
    """The keys an engine was given.

    Args:
        dialect: The engine's dialect.

    Returns:
        The key ring.

    Raises:
        AttributeError: When the engine was opened without keys.
    """
    keys: KeyRing = getattr(dialect, _KEYS_ATTRIBUTE)
    return keys


class UTCDateTime(TypeDecorator[datetime]):
    """A moment: aware in Python, UTC in the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive moment and turn the rest into UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        utc = value.astimezone(UTC)
        # SQLite has no time zones: the text in the file is UTC by convention.
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give back an aware moment."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Sealed(TypeDecorator[Any]):
    """Any JSON value, encrypted with the engine's keys and bound to its column.

    Args:
        place: `table.column`.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Seal."""
        if value is None:
            return None
        return keys_of(dialect).seal(json.dumps(value, ensure_ascii=False).encode(), self.place)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open."""
        if value is None:
            return None
        return json.loads(keys_of(dialect).open(value, self.place))


class SealedMap(Sealed):
    """A JSON object, sealed; a row of before the column was there has an empty one."""

    cache_ok = True

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        """Open."""
        return super().process_result_value(value, dialect) or {}


class SealedSigns(Sealed):
    """The signs read from a picture, sealed."""

    cache_ok = True

    def process_bind_param(self, value: list[Sign] | None, dialect: Dialect) -> bytes | None:
        """Seal the signs as JSON objects."""
        return super().process_bind_param([asdict(sign) for sign in value or []], dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> list[Sign]:
        """Open them again."""
        return [Sign(**fields) for fields in super().process_result_value(value, dialect) or []]


class SealedReading(Sealed):
    """What was measured on a picture, sealed."""

    cache_ok = True

    def process_bind_param(self, value: Reading | None, dialect: Dialect) -> bytes | None:
        """Seal the measures as a JSON object."""
        return super().process_bind_param(None if value is None else asdict(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Reading | None:
        """Open them again."""
        fields = super().process_result_value(value, dialect)
        if fields is None:
            return None
        zones = {zone: tuple(lab) for zone, lab in fields.pop("zones").items()}
        return Reading(**fields | {"zones": zones, "doubts": tuple(fields["doubts"])})


class Term(TypeDecorator[StrEnum]):
    """A member of a string enumeration, stored as its value.

    Args:
        kind: The enumeration.
    """

    impl = String(24)
    cache_ok = True

    def __init__(self, kind: type[StrEnum]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: StrEnum | None, dialect: Dialect) -> str | None:
        """Store the value of a member."""
        return None if value is None else self.kind(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        """Give back the member."""
        return None if value is None else self.kind(value)
