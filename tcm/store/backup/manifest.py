"""What a backup says of itself, and how a value of each kind is written in it."""

from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from tcm.store.types import UTCDateTime

MANIFEST = "manifest.json"
BLOBS = "blobs/"
ROWS_AT_ONCE = 500

Kind = Literal["bytes", "moment", "day", "json", "flag", "whole", "real", "text"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=63)]
OnProgress = Callable[[str, int, int], None]

# The types that read and write a column as it lies in the database: what is sealed is bytes.
_TYPES: Mapping[Kind, Callable[[], TypeEngine[Any]]] = {
    "bytes": LargeBinary,
    "moment": UTCDateTime,
    "day": Date,
    "json": lambda: JSON(none_as_null=True),
    "flag": Boolean,
    "whole": BigInteger,
    "real": Float,
    "text": String,
}
_KINDS: tuple[tuple[type[TypeEngine[Any]], Kind], ...] = (
    (LargeBinary, "bytes"),
    (Date, "day"),
    (JSON, "json"),
    (Boolean, "flag"),
    (Integer, "whole"),
    (Float, "real"),
    (String, "text"),
)
_WRITTEN: Mapping[Kind, Callable[[Any], object]] = {
    "bytes": lambda value: b64encode(value).decode("ascii"),
    "moment": datetime.isoformat,
    "day": date.isoformat,
}
_READ: Mapping[Kind, Callable[[Any], object]] = {
    "bytes": b64decode,
    "moment": datetime.fromisoformat,
    "day": date.fromisoformat,
}


class BackupUnusableError(Exception):
    """A backup cannot be made or restored here; the sentence says why."""


class TableTold(BaseModel):
    """What a backup says of one table."""

    model_config = ConfigDict(extra="forbid")

    columns: dict[Name, Kind]
    rows: int = Field(ge=0)
    sha256: str


class Manifest(BaseModel):
    """What a backup says of itself."""

    model_config = ConfigDict(extra="forbid")

    format: Literal[1] = 1
    made_at: AwareDatetime
    migration: Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
    tables: dict[Name, TableTold]
    blobs: int = Field(ge=0)


def kinds_of(table: Table) -> dict[str, Kind]:
    """The kind of each column of a table.

    Args:
        table: One of the house's.

    Returns:
        Kind by column, in order.
    """
    return {column.name: _kind(column.type) for column in table.columns}


def plain_table(name: str, kinds: Mapping[str, Kind]) -> Table:
    """A table whose columns are read and written as they lie in the database.

    Args:
        name: Of the table.
        kinds: Kind by column.

    Returns:
        A table of no metadata of ours.
    """
    return Table(name, MetaData(), *(Column(each, _TYPES[kind]()) for each, kind in kinds.items()))


def written(kind: Kind, value: Any) -> object:
    """A value as JSON holds it."""
    return value if value is None or kind not in _WRITTEN else _WRITTEN[kind](value)


def read(kind: Kind, value: Any) -> object:
    """A value as the database takes it."""
    return value if value is None or kind not in _READ else _READ[kind](value)


def place_of(table: str) -> str:
    """The name of a table's rows in the archive."""
    return f"tables/{table}.jsonl"


def _kind(type_: TypeEngine[Any]) -> Kind:
    if isinstance(type_, UTCDateTime):
        return "moment"
    if isinstance(type_, TypeDecorator):
        return _kind(type_.impl_instance)
    return next(kind for known, kind in _KINDS if isinstance(type_, known))
