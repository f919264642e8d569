"""Grams of a lot change here and nowhere else; behind two locks each change is signed by two people."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from tcm.knowledge import Knowledge
from tcm.knowledge.dispensing import locked_by_rule
from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.locked_book import BookKind, BookLine, LockedKind
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor, Role
from tcm.records.stock import Lot, StockKind, StockMove
from tcm.store.work import Work


@dataclass(frozen=True)
class Change:
    """Why the grams of a lot change.

    Args:
        kind: What happens.
        at: When, aware UTC.
        prescription_id: For which prescription, None where for none.
        reason: A key of COUNT_REASONS or of the locked book's reasons, empty where the kind says enough.
        note: For the locked book: who witnessed it, under which permit.
    """

    kind: StockKind
    at: datetime
    prescription_id: int | None = None
    reason: str = ""
    note: str = ""


def change(
    work: Work, lot: Lot, delta_mg: int, why: Change, first_id: int, second: Actor | None = None
) -> None:
    """Write a change of a lot's grams, and behind two locks the line of the book in the same transaction.

    Args:
        work: The unit of work, which holds the lot.
        lot: Whose grams.
        delta_mg: More or less than before, not 0.
        why: What happens.
        first_id: Who does it, staff row.
        second: Who stands by and signs; needed for a lot on the book.

    Raises:
        Invalid: When a lot on the book would move by one person's hand.
        Forbidden: When the second may not sign, or neither is a pharmacist.
    """
    lot.on_hand_mg += delta_mg
    work.session.add(
        StockMove(
            lot_id=lot.id or 0,
            kind=why.kind,
            delta_mg=delta_mg,
            at=why.at,
            actor_id=first_id,
            prescription_id=why.prescription_id,
            reason=why.reason,
        )
    )
    if lot.locked_as is not None:
        enter(work, lot, delta_mg, BookKind(why.kind.value), first_id, second, why)


def enter(
    work: Work,
    lot: Lot,
    delta_mg: int,
    kind: BookKind,
    first_id: int,
    second: Actor | None,
    why: Change | None = None,
) -> BookLine:
    """Write a line into the locked book.

    Args:
        work: The unit of work, which holds the lot.
        lot: On the book.
        delta_mg: More or less than before; 0 for a count that agrees.
        kind: What the line tells of.
        first_id: Who did it, staff row.
        second: Who stood by.
        why: With moment, prescription, reason and note; None where the kind says enough.

    Returns:
        The line.

    Raises:
        Invalid: Without a second person.
        Forbidden: When the second may not sign, is the first, or neither is a pharmacist.
    """
    if second is None:
        raise Invalid(N_("%(herb)s在双人双锁账上，出入柜要第二个人当面签名。"), herb=lot.herb)
    demand_two(work, first_id, second)
    return work.book.append(
        BookLine(
            herb=lot.herb,
            seq=0,
            kind=kind,
            at=why.at if why else work.now,
            lot_id=lot.id or 0,
            delta_mg=delta_mg,
            balance_mg=0,
            first_id=first_id,
            second_id=second.staff_id,
            prescription_id=why.prescription_id if why else None,
            reason=why.reason if why else "",
            note=why.note if why else "",
        )
    )


def demand_two(work: Work, first_id: int, second: Actor) -> None:
    """Let two people sign for one line, or refuse.

    Args:
        work: The unit of work.
        first_id: Who acts, staff row.
        second: Who signs beside them.

    Raises:
        Forbidden: When it is one person, the second has no right to sign, or neither is a pharmacist.

    Source: 医疗用毒性药品管理办法 第九条 (药师以上的复核人员签名).
    """
    if first_id == second.staff_id:
        raise Forbidden(N_("两个签名须是两个人。"))
    demand(second, Action.BOOK_SIGN)
    if Role.PHARMACIST not in (second.role, work.staff.get(first_id).role):
        raise Forbidden(N_("两个签名里至少有一位药师。"))


def is_kept(work: Work) -> bool:
    """Whether the manager has begun the locked book.

    Args:
        work: The unit of work.
    """
    return work.book_settings.current() is not None


def kind_of(work: Work, knowledge: Knowledge, herb: str) -> LockedKind | None:
    """Why a herb is on the locked book.

    Args:
        work: The unit of work.
        knowledge: The restrictions.
        herb: Name on the shelf.

    Returns:
        The kind; None where it is not on it, or no book is kept.
    """
    return kinds_of(work, knowledge, [herb]).get(herb)


def kinds_of(work: Work, knowledge: Knowledge, herbs: Collection[str]) -> dict[str, LockedKind]:
    """Which of some herbs are on the locked book, and why.

    Args:
        work: The unit of work.
        knowledge: The restrictions.
        herbs: Names on the shelf.

    Returns:
        Kind by herb; nothing before the book is begun.
    """
    settings = work.book_settings.current()
    if settings is None:
        return {}
    by_rule = {herb: locked_by_rule(knowledge, herb) for herb in herbs}
    ruled = {herb: LockedKind(kind) for herb, kind in by_rule.items() if kind}
    precious = set(settings.precious)
    return {herb: LockedKind.PRECIOUS for herb in herbs if herb in precious} | ruled
