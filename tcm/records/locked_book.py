"""The double-locked book (毒麻贵细账): every gram in and out of the locked cabinet, signed by two people."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from tcm.records.errors import N_
from tcm.records.ledger import GENESIS, canonical


class LockedKind(StrEnum):
    """Why a herb lies behind two locks."""

    TOXIC = "toxic"
    NARCOTIC = "narcotic"
    PRECIOUS = "precious"


LOCKED_TERMS = {
    LockedKind.TOXIC: N_("毒性药"),
    LockedKind.NARCOTIC: N_("按麻醉药品管理"),
    LockedKind.PRECIOUS: N_("贵细药"),
}


class BookKind(StrEnum):
    """What a line of the book tells of."""

    OPENED = "opened"
    CLOSED = "closed"
    RECEIVED = "received"
    DISPENSED = "dispensed"
    PUT_BACK = "put_back"
    SENT = "sent"
    COUNTED = "counted"
    DESTROYED = "destroyed"
    RETURNED = "returned"


BOOK_TERMS = {
    BookKind.OPENED: N_("建账"),
    BookKind.CLOSED: N_("转出专账"),
    BookKind.RECEIVED: N_("入库"),
    BookKind.DISPENSED: N_("调剂"),
    BookKind.PUT_BACK: N_("退回"),
    BookKind.SENT: N_("调拨"),
    BookKind.COUNTED: N_("盘点"),
    BookKind.DESTROYED: N_("销毁"),
    BookKind.RETURNED: N_("退给供应商"),
}

# How what was counted can differ from the book; "agrees" is the reason of a count that does not.
AGREES = "agrees"
DIFFERENCE_REASONS = {
    "natural_loss": N_("自然损耗"),
    "weighing": N_("称量误差"),
    "found": N_("盘盈"),
    "unexplained": N_("原因不明，待查"),
}
# Why something leaves the cabinet for good: what the line is, and what people call it.
REMOVAL_REASONS = {
    "expired": (BookKind.DESTROYED, N_("过期销毁")),
    "damaged": (BookKind.DESTROYED, N_("霉变、虫蛀或破损销毁")),
    "refused": (BookKind.DESTROYED, N_("验收不合格销毁")),
    "returned": (BookKind.RETURNED, N_("退给供应商")),
}
REASON_TERMS = {
    AGREES: N_("账物相符"),
    **DIFFERENCE_REASONS,
    **{key: term for key, (_kind, term) in REMOVAL_REASONS.items()},
}


@dataclass(frozen=True)
class BookLine:
    """One line of a herb's page; append-only, and chained to the line before it.

    Args:
        herb: Whose page, the name on the shelf.
        seq: 1, 2, 3 ... of that page without a gap.
        kind: What happened.
        at: Aware UTC.
        lot_id: Of which lot.
        delta_mg: More or less than before; 0 for a count that agrees.
        balance_mg: What lies there afterwards, all lots of the herb together.
        first_id: Who did it, staff row.
        second_id: Who stood by and signed, staff row; never the same person.
        prescription_id: For which prescription, None where for none.
        reason: A key of REASON_TERMS, empty where the kind says enough.
        note: Who witnessed a destruction, under which permit; empty otherwise. Never a patient's data.
        prev_hash: Hash of the line before, `GENESIS` for the first.
        hash: SHA-256 over all of the above, hexadecimal.
        id: Row, None before it is stored.
    """

    herb: str
    seq: int
    kind: BookKind
    at: datetime
    lot_id: int
    delta_mg: int
    balance_mg: int
    first_id: int
    second_id: int
    prescription_id: int | None = None
    reason: str = ""
    note: str = ""
    prev_hash: str = GENESIS
    hash: str = ""
    id: int | None = None

    @property
    def is_difference(self) -> bool:
        """Whether a count found otherwise than the book said."""
        return self.kind is BookKind.COUNTED and self.delta_mg != 0


@dataclass(frozen=True)
class BookBreak:
    """The first line of the book that does not hold.

    Args:
        herb: Whose page.
        seq: The line, None where the page as a whole is meant.
        why: What is wrong, for an inspector.
    """

    herb: str
    seq: int | None
    why: str


@dataclass(eq=False, kw_only=True)
class BookSettings:
    """That the book is kept, and which herbs are precious here; the newest row holds.

    Before the first row no book is kept; it is never given up afterwards.

    Args:
        id: Row, None before it is stored.
        precious: Names on the shelf of what the manager calls precious (贵细).
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    precious: list[str] = field(default_factory=list)
    set_by_id: int
    set_at: datetime


@dataclass(eq=False, kw_only=True)
class BookAnswer:
    """What the manager says to a count that did not agree.

    Args:
        id: Row, None before it is stored.
        line_id: The count.
        words: What was found out and done.
        by_id: Manager.
        at: Aware UTC.
    """

    id: int | None = None
    line_id: int
    words: str
    by_id: int
    at: datetime


def line_hash(line: BookLine) -> str:
    """The hash a line must carry.

    Args:
        line: The line; its own `hash` and row are not read.

    Returns:
        64 hexadecimal digits.
    """
    body = [
        line.prev_hash,
        line.herb,
        line.seq,
        line.kind.value,
        line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        line.lot_id,
        line.delta_mg,
        line.balance_mg,
        line.first_id,
        line.second_id,
        line.prescription_id,
        line.reason,
        line.note,
    ]
    return hashlib.sha256(canonical(body)).hexdigest()


def first_break(lines: Sequence[BookLine]) -> BookBreak | None:
    """Walk one herb's page and stop at the first line that does not hold.

    Args:
        lines: All lines of the page, by rising `seq`.

    Returns:
        The break, or None where the page is whole.
    """
    prev_hash, balance_mg = GENESIS, 0
    for number, line in enumerate(lines, start=1):
        if line.seq != number:
            return BookBreak(line.herb, number, "a line is missing")
        if line.prev_hash != prev_hash:
            return BookBreak(line.herb, number, "the link to the line before is broken")
        if line_hash(line) != line.hash:
            return BookBreak(line.herb, number, "the line was altered")
        if line.balance_mg != balance_mg + line.delta_mg:
            return BookBreak(line.herb, number, "the balance does not follow from the line before")
        if line.first_id == line.second_id:
            return BookBreak(line.herb, number, "one person signed twice")
        prev_hash, balance_mg = line.hash, line.balance_mg
    return None
