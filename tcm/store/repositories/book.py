"""How the locked book is kept, and what was said to its differences; its lines are in `tcm.store.book`."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from tcm.records.errors import N_
from tcm.records.locked_book import BookAnswer, BookSettings
from tcm.store import book_tables as t
from tcm.store.repositories.base import Repository


class BookSettingsRepository(Repository[BookSettings]):
    """That the book is kept, decision by decision."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, BookSettings, N_("没有这条专账设置。"))

    def current(self) -> BookSettings | None:
        """The decision that holds.

        Returns:
            The newest row, or None before the book is begun.
        """
        return self._one(select(BookSettings).order_by(self._column("id").desc()).limit(1))


class BookAnswerRepository(Repository[BookAnswer]):
    """What the manager said to counts that did not agree."""

    def __init__(self, session: Session) -> None:
        super().__init__(session, BookAnswer, N_("没有这条答复。"))

    def of_lines(self, line_ids: Collection[int]) -> dict[int, BookAnswer]:
        """The answers to some lines.

        Args:
            line_ids: Rows of the lines.

        Returns:
            By row of the line.
        """
        found = self._many(select(BookAnswer).where(t.book_answers.c.line_id.in_(set(line_ids))))
        return {each.line_id: each for each in found}
