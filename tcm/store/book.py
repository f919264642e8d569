"""The double-locked book in the database: a page a herb, written line by line, walked and recomputed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby, starmap

from sqlalchemy import Select, exists, func, insert, select, union_all
from sqlalchemy.orm import Session

from tcm.records.ledger import GENESIS
from tcm.records.locked_book import BookBreak, BookKind, BookLine, first_break, line_hash
from tcm.records.stock import LotState
from tcm.store.book_tables import book_answers, book_lines
from tcm.store.stock_tables import lots

# In the order of the record's fields.
_COLUMNS = (
    book_lines.c.herb,
    book_lines.c.seq,
    book_lines.c.kind,
    book_lines.c.at,
    book_lines.c.lot_id,
    book_lines.c.delta_mg,
    book_lines.c.balance_mg,
    book_lines.c.first_id,
    book_lines.c.second_id,
    book_lines.c.prescription_id,
    book_lines.c.reason,
    book_lines.c.note,
    book_lines.c.prev_hash,
    book_lines.c.hash,
    book_lines.c.id,
)


@dataclass(frozen=True)
class BookVerified:
    """What a verification of the whole book saw.

    Args:
        pages: Herbs walked.
        lines: Lines on them.
        broken: The first break, None where everything holds.
    """

    pages: int
    lines: int
    broken: BookBreak | None


class LockedBook:
    """Append-only lines of all herbs behind two locks.

    Args:
        session: The session of the unit of work.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, line: BookLine) -> BookLine:
        """Write the next line of a herb's page; whoever writes holds the herb's lots.

        Args:
            line: Without its number, balance and hashes.

        Returns:
            The line as written.

        Raises:
            sqlalchemy.exc.IntegrityError: When another transaction wrote this `seq` first, one person would
                sign twice, or less than nothing would be left.
        """
        tip = self.tip(line.herb)
        following = replace(
            line,
            seq=tip.seq + 1 if tip else 1,
            # A clock that was set back does not put a line before the one above it.
            at=max(line.at, tip.at) if tip else line.at,
            balance_mg=line.delta_mg + (tip.balance_mg if tip else 0),
            prev_hash=tip.hash if tip else GENESIS,
        )
        written = replace(following, hash=line_hash(following))
        values = {name: value for name, value in vars(written).items() if name != "id"}
        query = insert(book_lines).values(**values).returning(book_lines.c.id)
        return replace(written, id=self._session.scalar(query))

    def tip(self, herb: str) -> BookLine | None:
        """The last line of a page.

        Args:
            herb: Name on the shelf.

        Returns:
            The line, None before the first.
        """
        query = _of_herb(herb).order_by(book_lines.c.seq.desc()).limit(1)
        return next(starmap(BookLine, self._session.execute(query)), None)

    def tips(self) -> dict[str, BookLine]:
        """The last line of every page.

        Returns:
            By herb.
        """
        newest = select(func.max(book_lines.c.id)).group_by(book_lines.c.herb)
        query = select(*_COLUMNS).where(book_lines.c.id.in_(newest)).order_by(book_lines.c.herb)
        return {line.herb: line for line in starmap(BookLine, self._session.execute(query))}

    def page(self, herb: str, since: datetime | None = None, until: datetime | None = None) -> list[BookLine]:
        """A herb's page, oldest first.

        Args:
            herb: Name on the shelf.
            since: From this moment, aware UTC; from the first line where None.
            until: Before this moment, aware UTC; to the last line where None.

        Returns:
            Its lines.
        """
        query = _of_herb(herb)
        if since is not None:
            query = query.where(book_lines.c.at >= since)
        if until is not None:
            query = query.where(book_lines.c.at < until)
        return list(starmap(BookLine, self._session.execute(query.order_by(book_lines.c.seq))))

    def line(self, line_id: int) -> BookLine | None:
        """One line.

        Args:
            line_id: Its row.

        Returns:
            The line, or None.
        """
        query = select(*_COLUMNS).where(book_lines.c.id == line_id)
        return next(starmap(BookLine, self._session.execute(query)), None)

    def last_counts(self) -> dict[str, datetime]:
        """When each page was last counted, or begun.

        Returns:
            Moment by herb, aware UTC.
        """
        counted = book_lines.c.kind.in_((BookKind.COUNTED, BookKind.OPENED))
        newest = select(func.max(book_lines.c.id)).where(counted).group_by(book_lines.c.herb)
        query = select(book_lines.c.herb, book_lines.c.at).where(book_lines.c.id.in_(newest))
        return {row.herb: row.at for row in self._session.execute(query)}

    def unanswered(self) -> list[BookLine]:
        """Counts that did not agree and that the manager has said nothing to, oldest first.

        Returns:
            The lines.
        """
        answered = exists().where(book_answers.c.line_id == book_lines.c.id)
        differs = (book_lines.c.kind == BookKind.COUNTED) & (book_lines.c.delta_mg != 0)
        query = select(*_COLUMNS).where(differs, ~answered).order_by(book_lines.c.id)
        return list(starmap(BookLine, self._session.execute(query)))

    def verify(self) -> BookVerified:
        """Walk every page, recompute every line, and hold the balances against the lots.

        Returns:
            Counts, and the first break if there is one.
        """
        pages = lines = 0
        for page in self._pages():
            broken = first_break(page)
            if broken:
                return BookVerified(pages, lines, broken)
            pages, lines = pages + 1, lines + len(page)
        herb = self._unlike_the_shelf()
        unlike = BookBreak(herb, None, "the balance is not what the lots add up to") if herb else None
        return BookVerified(pages, lines, unlike)

    def _unlike_the_shelf(self) -> str | None:
        """The first herb whose page and lots do not agree; goods that wait for inspection are in no book."""
        # In one statement: read apart, a line committed in between would look like a break.
        behind = lots.c.locked_as.is_not(None) & (lots.c.state != LotState.WAITING)
        both = union_all(
            select(book_lines.c.herb, book_lines.c.delta_mg.label("mg")),
            select(lots.c.herb, (-lots.c.on_hand_mg).label("mg")).where(behind),
        ).subquery()
        query = select(both.c.herb).group_by(both.c.herb).having(func.sum(both.c.mg) != 0)
        return self._session.scalar(query.order_by(both.c.herb).limit(1))

    def _pages(self) -> Iterator[list[BookLine]]:
        query = select(*_COLUMNS).order_by(book_lines.c.herb, book_lines.c.seq)
        rows = self._session.execute(query.execution_options(yield_per=1000))
        for _, page in groupby(starmap(BookLine, rows), key=lambda line: line.herb):
            yield list(page)


def _of_herb(herb: str) -> Select[tuple[object, ...]]:
    return select(*_COLUMNS).where(book_lines.c.herb == herb)
