from datetime import UTC, datetime
from typing import Any

import pypdfium2
import pytest

from web.prints.blank import BlankForms, BlankKind, blank_forms_pdf

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
NUMBERS = ("T03-C00012-9", "T03-C00013-7")


def forms(kind: BlankKind = "prescription", **changes: Any) -> BlankForms:
    return BlankForms(
        **{"kind": kind, "institution": "青石镇卫生院", "numbers": NUMBERS, "printed_at": AT, **changes}
    )


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        ("prescription", "处 方 笺（应急用纸）"),
        ("review", "审 方 单（应急用纸）"),
        ("decoction", "煎 药 记 录 单（应急用纸）"),
        ("delivery", "配 送 单（应急用纸）"),
    ],
)
def test_every_sheet_is_one_page_with_its_title_and_its_own_number(kind: BlankKind, title: str) -> None:
    pages = pypdfium2.PdfDocument(blank_forms_pdf(forms(kind)))
    texts = [page.get_textpage().get_text_range() for page in pages]
    assert [title in text for text in texts] == [True, True]
    assert [[number in text for number in NUMBERS] for text in texts] == [[True, False], [False, True]]


def test_equal_forms_give_equal_bytes_and_english_has_as_many_pages() -> None:
    assert blank_forms_pdf(forms()) == blank_forms_pdf(forms())
    assert len(pypdfium2.PdfDocument(blank_forms_pdf(forms("review"), "en"))) == len(NUMBERS)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"numbers": ()}, "number of sheets is 0, outside 1 to 200"),
        ({"numbers": ("T" * 49,)}, "number has 49 characters"),
        ({"institution": " "}, "institution must not be blank"),
        ({"printed_at": AT.replace(tzinfo=None)}, "printed_at must be an aware UTC time"),
    ],
)
def test_forms_that_cannot_be_printed_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        forms(**changes)
