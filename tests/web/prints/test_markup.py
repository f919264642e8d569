from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from web.prints import BagLabel, HerbLine, PrescriptionSheet, bag_label_pdf, prescription_pdf, route_sheet_pdf

HOSTILE = [
    "#panic(1)",
    "*粗*_斜_`码`",
    "$x^2$",
    "\\u{41}\\#",
    "@引用<标签>",
    "\"双\"'单'",
    "--...~//注",
    "= 题 - 项 + 1.",
    "#{}[](),;",
    "䶮㛃",
]
# What Typst's markup gives a meaning, with rare characters and a letter between.
MARKUP = st.text(alphabet="#*_`$\\@<>\"'~-.=+/[]{}();:,|^&%!甲䶮㛃a1", min_size=1, max_size=14)


@pytest.mark.parametrize("words", HOSTILE)
def test_markup_typed_by_people_is_printed_as_typed(
    words: str, make_prescription: Callable[..., PrescriptionSheet], read: Callable
) -> None:
    sheet = make_prescription(
        patient_name=words,
        department=words,
        address=words,
        usage=words,
        pharmacist_note=words,
        herbs=(HerbLine(name=words, dose_g=3, handling=words, second_signature=words),),
    )
    plain = words.replace(" ", "")
    text = read(prescription_pdf(sheet)).text()
    assert text == read(
        prescription_pdf(
            make_prescription(
                patient_name="壹",
                department="壹",
                address="壹",
                usage="壹",
                pharmacist_note="壹",
                herbs=(HerbLine(name="壹", dose_g=3, handling="壹", second_signature="壹"),),
            )
        )
    ).text().replace("壹", plain)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=MARKUP)
@example(words="a-")
def test_any_run_of_markup_reads_back_from_a_bag_label(
    words: str, make_bag: Callable[..., BagLabel], read: Callable
) -> None:
    text = read(bag_label_pdf([make_bag(village=words)])).text()
    assert text.partition("第3袋")[0] == f"张*{words}"


def test_a_character_without_a_glyph_is_printed_as_its_code_point(
    make_bag: Callable[..., BagLabel], read: Callable
) -> None:
    text = read(bag_label_pdf([make_bag(patient_name="𠮷野花")])).text()
    assert text.partition("柳树湾村")[0] == "[U+20BB7]*"


def test_markup_in_a_sketch_that_is_no_picture_is_refused(make_route: Callable) -> None:
    with pytest.raises(ValueError, match="the route_sheet cannot be printed: failed to parse SVG"):
        route_sheet_pdf(make_route(stops=2, map_svg="<svg #panic()"))
