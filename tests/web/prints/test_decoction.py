from datetime import UTC, date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest

from web.prints.decoction import ROWS, DecoctionRow, DecoctionSheet, decoction_pdf

AT = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)


def sheet(**changes: Any) -> DecoctionSheet:
    fields: dict[str, Any] = {
        "number": "20261122-00042",
        "patient": "欧阳桂芳",
        "centre": "临湘市共享中药房",
        "house": "詹桥镇卫生院",
        "village": "詹桥镇 白石村卫生室",
        "state": "已包装",
        "doses": 7,
        "decoction_class": "一般",
        "special": ("薄荷（后下）",),
        "soak_min": 30,
        "pre_boil_min": 0,
        "first_boil_min": 30,
        "second_boil_min": 20,
        "first_water_ml": 2250,
        "second_water_ml": 1350,
        "pot": "P01",
        "pouches": 14,
        "pouch_ml": 200,
        "bags": 1,
        "packed_at": AT,
        "rows": tuple(
            DecoctionRow(step=s, begun_at=AT, ended_at=AT, volume_ml=9, who="周麦冬") for s in ROWS
        ),
        "happened": (),
        "quality": ("第 1 次检 · 合格放行",),
        "sample": "",
        "scrapped": False,
    }
    return DecoctionSheet(**{**fields, **changes})


def texts(data: bytes) -> list[str]:
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(data)]


def test_a_record_is_one_page_with_the_rows_of_the_outage_form_and_no_full_name() -> None:
    [text] = texts(decoction_pdf((sheet(),), AT))
    for said in ("煎 药 记 录", "欧*", "调剂", "浸泡", "一煎", "后下", "二煎", "清洗", "2026-11-22 09:00"):
        assert said in text, said
    assert "桂芳" not in text


def test_a_day_has_a_page_in_front_and_a_page_for_each_record() -> None:
    pages = texts(decoction_pdf((sheet(), sheet(scrapped=True)), AT, day=date(2026, 11, 22)))
    assert (len(pages), "共 2 份" in pages[0], "此批已报废" in pages[1], "此批已报废" in pages[2]) == (
        3,
        True,
        False,
        True,
    )


def test_equal_records_give_equal_bytes_and_english_has_as_many_pages() -> None:
    assert decoction_pdf((sheet(),), AT) == decoction_pdf((sheet(),), AT)
    assert len(texts(decoction_pdf((sheet(),), AT, "en"))) == 1


def test_what_is_long_runs_over_to_a_next_page_and_nothing_is_cut() -> None:
    happened = tuple(f"{number:02}" + "很长的说明" * 60 for number in range(30))
    whole = "".join("".join(texts(decoction_pdf((sheet(happened=happened),), AT))).split())
    assert [whole.count(letter) for letter in "很长的说明"] == [60 * 30] * 5


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"number": " "}, "number must not be blank"),
        ({"packed_at": AT.replace(tzinfo=None)}, "packed_at must be an aware UTC time"),
        ({"curve_svg": "<p>"}, "curve_svg is not an SVG document"),
        ({"happened": ("x",) * 41}, "number of sentences is 41, outside 0 to 40"),
    ],
)
def test_records_that_cannot_be_printed_are_refused(changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        sheet(**changes)


def test_a_row_that_the_form_has_not_is_refused() -> None:
    with pytest.raises(ValueError, match="step 'dance' is no row of the record"):
        DecoctionRow(step="dance", begun_at=AT, ended_at=AT + timedelta(1), volume_ml=None, who="")
