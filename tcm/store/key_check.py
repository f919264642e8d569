"""Whether the key at hand is the one that sealed what lies in the database."""

from contextlib import nullcontext

from sqlalchemy import Connection, LargeBinary, select, type_coerce

from tcm.store import tables
from tcm.store.engine import Store
from tcm.store.keys import KeyRing, KeyUnusableError

_PLACE = "patients.name"
# One altered row must not close the pharmacy: the key is another only where none of these opens.
_TRIED = 8


def refuse_another_key(store: Store, connection: Connection | None = None) -> None:
    """Refuse a key that opens nothing of what is there, before anything is sealed with it.

    Args:
        store: Migrated.
        connection: To look through, where the rows are not committed yet; None for one of its own.

    Raises:
        KeyUnusableError: When there are patients and the key opens none of those tried.
    """
    name = type_coerce(tables.patients.c.name, LargeBinary)
    with nullcontext(connection) if connection is not None else store.engine.connect() as looking:
        sealed = looking.scalars(select(name).order_by(tables.patients.c.id).limit(_TRIED)).all()
    if sealed and not any(_opens(store.keys, bytes(each)) for each in sealed):
        raise KeyUnusableError(
            "the patients in this database were sealed with another key: "
            "give that key with TANGYE_KEY, or put its tangye.key back into the instance folder"
        )


def _opens(keys: KeyRing, sealed: bytes) -> bool:
    try:
        keys.open(sealed, _PLACE)
    except KeyUnusableError:
        return False
    return True
