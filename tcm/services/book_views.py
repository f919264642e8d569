"""What people see of the locked book: all pages at once, and one herb's page."""

from dataclasses import dataclass
from datetime import date, datetime

from tcm.knowledge.dispensing import locked_rules
from tcm.records.clock import county_day
from tcm.records.errors import N_, NotFound
from tcm.records.locked_book import BookAnswer, BookLine, BookSettings, LockedKind, first_break
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.stock import Bin, Lot, LotState
from tcm.store.work import Work

# What wants doing is listed first, and among equals what is guarded most.
_STRICTEST = {LockedKind.NARCOTIC: 0, LockedKind.TOXIC: 1, LockedKind.PRECIOUS: 2}


@dataclass(frozen=True)
class PageRow:
    """One herb in the list of pages.

    Args:
        herb: Name on the shelf.
        kind: Why it is on the book, None where it no longer is.
        balance_mg: What lies there by the book.
        lots_count: Lots with anything in them.
        waiting_count: Lots that wait for inspection and are not in the book yet.
        outside: Codes of bins outside the cabinet in which some of it lies.
        last_at: Of the last line, None before the first.
        counted_at: When two people last counted it, or the page was begun; None before.
        is_due: Whether it is to be counted now.
    """

    herb: str
    kind: LockedKind | None
    balance_mg: int
    lots_count: int
    waiting_count: int
    outside: tuple[str, ...]
    last_at: datetime | None
    counted_at: datetime | None
    is_due: bool


@dataclass(frozen=True)
class Difference:
    """A count that did not agree, and that the manager has said nothing to.

    Args:
        line: The count.
        lot_number: 批号.
        people: Names of the two who signed.
    """

    line: BookLine
    lot_number: str
    people: tuple[str, str]


@dataclass(frozen=True)
class BookDesk:
    """The first page of the book.

    Args:
        settings: How it is kept, None before it is begun.
        rows: What is to be counted or lies outside first, then by kind and herb.
        differences: What the manager has to answer, oldest first.
    """

    settings: BookSettings | None
    rows: list[PageRow]
    differences: list[Difference]

    @property
    def due_count(self) -> int:
        """How many herbs are to be counted now."""
        return sum(row.is_due for row in self.rows)


@dataclass(frozen=True)
class HerbPage:
    """One herb's page.

    Args:
        herb: Name on the shelf.
        kind: Why it is on the book, None where it no longer is.
        lines: Oldest first.
        carried_mg: What lay there before the first of them.
        holds: Whether the whole page's chain holds, from its first line.
        lots: On the book with anything in them, in the order in which they expire.
        bins: Where they lie, by row.
        lot_numbers: 批号 by row of the lot.
        people: Names by row of staff.
        numbers: Of prescriptions, by row.
        answers: The manager's words, by row of the line.
        keep_until: The page is kept at least until this day, None while it is empty.
    """

    herb: str
    kind: LockedKind | None
    lines: list[BookLine]
    carried_mg: int
    holds: bool
    lots: list[Lot]
    bins: dict[int, Bin]
    lot_numbers: dict[int, str]
    people: dict[int, str]
    numbers: dict[int, str]
    answers: dict[int, BookAnswer]
    keep_until: date | None

    @property
    def balance_mg(self) -> int:
        """What lies there after the last line."""
        return self.lines[-1].balance_mg if self.lines else self.carried_mg


def open_book(work: Work, actor: Actor) -> BookDesk:
    """All pages, what is to be counted, and what the manager has to answer.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The first page.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.BOOK_READ)
    tips, counted, behind = work.book.tips(), work.book.last_counts(), work.lots.behind_locks()
    bins = work.bins.by_ids(lot.bin_id for lot in behind)
    lots: dict[str, list[Lot]] = {}
    for lot in behind:
        lots.setdefault(lot.herb, []).append(lot)
    today = county_day(work.now)
    rows = [
        _row(herb, tips.get(herb), counted.get(herb), lots.get(herb, []), bins, today)
        for herb in sorted({*tips, *lots})
    ]
    rows.sort(
        key=lambda row: (
            not (row.is_due or row.outside),
            _STRICTEST[row.kind] if row.kind else len(_STRICTEST),
        )
    )
    return BookDesk(work.book_settings.current(), rows, _differences(work))


def open_page(
    work: Work, actor: Actor, herb: str, since: datetime | None = None, until: datetime | None = None
) -> HerbPage:
    """One herb's page, as it is printed for an inspector.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        herb: Name on the shelf.
        since: From this moment, aware UTC; from the first line where None.
        until: Before this moment, aware UTC; to the last line where None.

    Returns:
        The page.

    Raises:
        NotFound: When the herb has none.
        Forbidden: For other roles.
    """
    demand(actor, Action.BOOK_READ)
    whole, lots = work.book.page(herb), work.lots.behind_locks([herb])
    if not whole and not lots:
        raise NotFound(N_("双人双锁账上没有%(herb)s。"), herb=herb)
    before = [line for line in whole if since is not None and line.at < since]
    lines = [line for line in whole[len(before) :] if until is None or line.at < until]
    hands = {row for line in lines for row in (line.first_id, line.second_id)}
    answers = work.book_answers.of_lines([line.id or 0 for line in lines if line.is_difference])
    hands |= {each.by_id for each in answers.values()}
    told = work.lots.by_ids(line.lot_id for line in whole)
    prescriptions = work.prescriptions.by_ids(line.prescription_id for line in lines if line.prescription_id)
    kind = next((lot.locked_as for lot in lots), None)
    inside = [lot for lot in lots if lot.on_hand_mg > 0 and lot.state is not LotState.WAITING]
    return HerbPage(
        herb=herb,
        kind=kind,
        lines=lines,
        carried_mg=before[-1].balance_mg if before else 0,
        holds=first_break(whole) is None,
        lots=inside,
        bins=work.bins.by_ids(lot.bin_id for lot in inside),
        lot_numbers={row: lot.lot_number for row, lot in told.items()},
        people={row: person.name for row, person in work.staff.by_ids(hands).items()},
        numbers={row: one.number or "" for row, one in prescriptions.items()},
        answers=answers,
        keep_until=_keep_until(kind, whole, list(told.values())),
    )


def _row(
    herb: str,
    tip: BookLine | None,
    counted_at: datetime | None,
    lots: list[Lot],
    bins: dict[int, Bin],
    today: date,
) -> PageRow:
    there = [lot for lot in lots if lot.on_hand_mg > 0]
    kind, balance_mg = next((lot.locked_as for lot in lots), None), tip.balance_mg if tip else 0
    return PageRow(
        herb=herb,
        kind=kind,
        balance_mg=balance_mg,
        lots_count=len(there),
        waiting_count=sum(lot.state is LotState.WAITING for lot in there),
        outside=tuple(sorted({bins[lot.bin_id].code for lot in there if not bins[lot.bin_id].locked})),
        last_at=tip.at if tip else None,
        counted_at=counted_at,
        is_due=balance_mg > 0 and _is_due(kind, counted_at, today),
    )


def _is_due(kind: LockedKind | None, counted_at: datetime | None, today: date) -> bool:
    """Whether the calendar months since the last count are as many as the rules allow."""
    if kind is None:
        return False
    if counted_at is None:
        return True
    then = county_day(counted_at)
    months = 12 * (today.year - then.year) + today.month - then.month
    return months >= locked_rules()[kind.value].count_every_months


def _differences(work: Work) -> list[Difference]:
    lines = work.book.unanswered()
    lots = work.lots.by_ids(line.lot_id for line in lines)
    people = work.staff.by_ids(row for line in lines for row in (line.first_id, line.second_id))
    return [
        Difference(
            line, lots[line.lot_id].lot_number, (people[line.first_id].name, people[line.second_id].name)
        )
        for line in lines
    ]


def _keep_until(kind: LockedKind | None, lines: list[BookLine], lots: list[Lot]) -> date | None:
    if not lines:
        return None
    years = locked_rules()[(kind or LockedKind.PRECIOUS).value].keep_years
    last = max(county_day(lines[-1].at), *(lot.expires_on for lot in lots))
    leap_day = (last.month, last.day) == (2, 29)
    return date(last.year + years, 3, 1) if leap_day else last.replace(year=last.year + years)
