"""What is printed for the shelf: the pages of the locked book, the labels of bins and trays."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from tests.web.prints.conftest import Paper
from web.prints.book import BookPageSheet, BookRow, book_page_pdf
from web.prints.scan_label import ScanLabel, scan_label_pdf

AT = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
ROW = BookRow(
    at=AT,
    what="调剂",
    voucher="261121-0007",
    lot="260901",
    delta_g=-21,
    balance_g=29.5,
    first="周麦冬",
    second="陈半夏",
    words="",
    hash8="0f1e2d3c",
)
SHEET = BookPageSheet(
    centre="临湘市共享中药房",
    herb="西红花",
    kind="贵细药",
    rows=(ROW,),
    balance_g=29.5,
    holds=True,
    last_hash="0f" * 32,
    keep_until=date(2030, 6, 30),
    source="医疗用毒性药品管理办法第六条、第九条 国务院令第23号(1988)",
    printed_at=AT,
)
LABEL = ScanLabel(code="D01", title="西红花", mark="专柜 双人双锁", printed_at=AT)


def test_a_page_of_the_book_says_each_gram_with_two_names_and_the_balance() -> None:
    [text] = Paper(book_page_pdf(SHEET)).texts()
    for told in ("西红花", "2026-11-2109:30", "261121-0007", "260901", "21", "29.5", "周麦冬", "陈半夏"):
        assert told in text, told
    assert "2030-06-30" in text


def test_a_long_page_runs_over_and_a_broken_chain_is_said() -> None:
    paper = Paper(book_page_pdf(replace(SHEET, rows=(ROW,) * 60, holds=False)))
    assert (len(paper.texts()) > 1, "账链不完整" in paper.texts()[-1], paper.outside()) == (True, True, [])


def test_a_label_each_bin_with_its_code_in_letters() -> None:
    paper = Paper(scan_label_pdf([LABEL, replace(LABEL, code="D02", title="库架", mark="")]))
    assert [("西红花" in text, "D01" in text, "双锁" in text) for text in paper.texts()] == [
        (True, True, True),
        (False, False, False),
    ]
    assert (paper.printed_code_texts(), paper.outside()) == ([["D01"], ["D02"]], [])


@pytest.mark.parametrize("changes", [{"code": ""}, {"title": "长" * 31}, {"lines": ("一",) * 5}])
def test_a_label_that_cannot_be_printed_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must not be blank|than the 30 that fit|outside 0 to 4"):
        replace(LABEL, **changes)  # type: ignore[arg-type]
