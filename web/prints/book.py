"""A page of the double-locked book (毒麻贵细账页) on A4: each gram in and out, the balance, two names."""

from dataclasses import dataclass
from datetime import date, datetime

from web.prints import validate
from web.prints.paper import local_moment
from web.prints.press import Json, press
from web.prints.validate import LINE, NAME, NOTE, PERSON
from web.prints.wording import Language, words

MAX_ROWS = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class BookRow:
    """One line of a page.

    Attributes:
        at: aware UTC.
        what: what happened, in the reader's language.
        voucher: number of the prescription, or empty.
        lot: 批号.
        delta_g: more or less than before.
        balance_g: what lies there afterwards.
        first: who did it.
        second: who stood by and signed.
        words: reason, witness, the manager's answer; may be empty.
        hash8: first digits of the line's hash.
    """

    at: datetime
    what: str
    voucher: str
    lot: str
    delta_g: float
    balance_g: float
    first: str
    second: str
    words: str
    hash8: str

    def __post_init__(self) -> None:
        validate.instant(self.at, "at")
        for name, limit in (("what", NAME), ("lot", NAME), ("first", PERSON), ("second", PERSON)):
            validate.text(getattr(self, name), name, limit=limit)
        for name, limit in (("voucher", NAME), ("words", NOTE)):
            validate.text(getattr(self, name), name, limit=limit, optional=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class BookPageSheet:
    """What a page says.

    Attributes:
        centre: whose book it is.
        herb: whose page.
        kind: why it lies behind two locks; empty where it no longer does.
        rows: oldest first, at most 4,000.
        balance_g: what lies there now.
        holds: whether every hash is what it must be.
        last_hash: of the last line, empty without lines.
        keep_until: the page is kept at least so long, None without lines.
        source: which regulation asks for the book.
        printed_at: aware UTC.
    """

    centre: str
    herb: str
    kind: str
    rows: tuple[BookRow, ...]
    balance_g: float
    holds: bool
    last_hash: str
    keep_until: date | None
    source: str
    printed_at: datetime

    def __post_init__(self) -> None:
        validate.text(self.centre, "centre", limit=NAME)
        validate.text(self.herb, "herb", limit=PERSON)
        validate.text(self.kind, "kind", limit=PERSON, optional=True)
        validate.text(self.source, "source", limit=LINE)
        validate.whole(len(self.rows), "number of rows", least=0, most=MAX_ROWS)
        validate.instant(self.printed_at, "printed_at")


def book_page_pdf(sheet: BookPageSheet, language: Language = "zh") -> bytes:
    """Print a page of the book on A4, lying; it runs over to as many sheets as it needs.

    Args:
        sheet: what it says.
        language: of the labels; names stay as given.

    Returns:
        PDF bytes.

    Raises:
        ValueError: for an unknown language.
        FontError: when the fonts are not the pinned ones.

    Source: 医疗用毒性药品管理办法 (国务院令第23号) 第六条、第九条.
    """
    label = words(language)
    rows: list[Json] = [
        [
            local_moment(row.at),
            row.what,
            row.voucher or "—",
            row.lot,
            _grams(row.delta_g) if row.delta_g > 0 else "",
            _grams(-row.delta_g) if row.delta_g < 0 else "",
            _grams(row.balance_g),
            row.first,
            row.second,
            row.words or "—",
            row.hash8,
        ]
        for row in sheet.rows
    ]
    view: dict[str, Json] = {
        "centre": sheet.centre,
        "herb": sheet.herb,
        "kind": sheet.kind,
        "rows": rows,
        "balance": f"{_grams(sheet.balance_g)} g",
        "chain": label["book_holds" if sheet.holds else "book_broken"],
        "last_hash": sheet.last_hash or "—",
        "keep": label["book_keep"].format(day=sheet.keep_until.isoformat() if sheet.keep_until else "—"),
        "source": sheet.source,
        "printed": local_moment(sheet.printed_at),
    }
    return press("book_page", view, language=language, printed_at=sheet.printed_at)


def _grams(amount_g: float) -> str:
    return f"{amount_g:.3f}".rstrip("0").rstrip(".")
