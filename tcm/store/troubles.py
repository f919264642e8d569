"""Why something was not kept that is nobody's mistake: the disk is full, or the database was too busy."""

import errno
import sqlite3
from collections.abc import Iterator
from enum import StrEnum

from sqlalchemy.exc import DBAPIError


class MachineTrouble(StrEnum):
    """What is the matter with the machine; nothing of the work was kept."""

    FULL = "full"
    BUSY = "busy"


_FULL_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT})
# SQLite's primary result codes, without what its extended ones add above the eighth bit.
_OF_SQLITE = {
    sqlite3.SQLITE_FULL: MachineTrouble.FULL,
    sqlite3.SQLITE_BUSY: MachineTrouble.BUSY,
    sqlite3.SQLITE_LOCKED: MachineTrouble.BUSY,
}
# The shared memory beside the database cannot grow.
_OF_SQLITE_EXTENDED = {sqlite3.SQLITE_IOERR_SHMSIZE: MachineTrouble.FULL}
# disk_full; deadlock_detected, serialization_failure, lock_not_available, too_many_connections
_OF_SQLSTATE = {
    "53100": MachineTrouble.FULL,
    "40P01": MachineTrouble.BUSY,
    "40001": MachineTrouble.BUSY,
    "55P03": MachineTrouble.BUSY,
    "53300": MachineTrouble.BUSY,
}


def trouble_of(error: BaseException) -> MachineTrouble | None:
    """What is the matter with the machine, if that is what an error tells.

    Args:
        error: What was raised; what it was raised from counts too.

    Returns:
        None for a mistake of ours.
    """
    return next(filter(None, map(_trouble_of_one, _behind(error))), None)


def _behind(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield each
        if isinstance(each, DBAPIError) and isinstance(each.orig, BaseException):
            yield each.orig
        each = each.__cause__ or each.__context__


def _trouble_of_one(error: BaseException) -> MachineTrouble | None:
    if isinstance(error, OSError):
        return MachineTrouble.FULL if error.errno in _FULL_ERRNOS else None
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", 0)
        return _OF_SQLITE_EXTENDED.get(code) or _OF_SQLITE.get(code & 0xFF)
    sqlstate = getattr(error, "sqlstate", None)
    return _OF_SQLSTATE.get(sqlstate) if isinstance(sqlstate, str) else None
