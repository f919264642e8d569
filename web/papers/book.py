"""A herb's page of the double-locked book."""

from collections.abc import Callable
from datetime import datetime

from tcm.knowledge.dispensing import locked_rules
from tcm.records.locked_book import BOOK_TERMS, LOCKED_TERMS, REASON_TERMS, BookLine, LockedKind
from tcm.records.people import Institution
from tcm.records.stock import MG_PER_G
from tcm.services.book_views import HerbPage
from web.prints.book import BookPageSheet, BookRow


def book_page_sheet(
    page: HerbPage, centre: Institution, printed_at: datetime, say: Callable[[str], str]
) -> BookPageSheet:
    """The sheet of a page.

    Args:
        page: From its first line.
        centre: Whose book it is.
        printed_at: Aware UTC.
        say: Translates a msgid.

    Returns:
        The sheet.

    Raises:
        ValueError: When a name is longer than the paper has room for.
    """
    rule = locked_rules()[(page.kind or LockedKind.PRECIOUS).value]
    return BookPageSheet(
        centre=centre.name,
        herb=page.herb,
        kind=say(LOCKED_TERMS[page.kind]) if page.kind else "",
        rows=tuple(_row(page, line, say) for line in page.lines),
        balance_g=page.balance_mg / MG_PER_G,
        holds=page.holds,
        last_hash=page.lines[-1].hash if page.lines else "",
        keep_until=page.keep_until,
        source=f"{rule.source} {rule.edition}",
        printed_at=printed_at,
    )


def _row(page: HerbPage, line: BookLine, say: Callable[[str], str]) -> BookRow:
    answer = page.answers.get(line.id or 0)
    words = [
        say(REASON_TERMS[line.reason]) if line.reason else "",
        line.note,
        f"{page.people[answer.by_id]}：{answer.words}" if answer else "",
    ]
    return BookRow(
        at=line.at,
        what=say(BOOK_TERMS[line.kind]),
        voucher=page.numbers.get(line.prescription_id or 0, ""),
        lot=page.lot_numbers[line.lot_id],
        delta_g=line.delta_mg / MG_PER_G,
        balance_g=line.balance_mg / MG_PER_G,
        first=page.people[line.first_id],
        second=page.people[line.second_id],
        words="；".join(each for each in words if each),
        hash8=line.hash[:8],
    )
