"""Numbers of blank forms: copied by hand, so that a slip is found."""

from hypothesis import given
from hypothesis import strategies as st

from tcm.records.outage import PaperKind, paper_number, read_paper_number

SERIALS = st.integers(1, 999_999)
KINDS = st.sampled_from(PaperKind)


@given(SERIALS, KINDS)
def test_a_number_is_read_back_however_it_is_cased(serial: int, kind: PaperKind) -> None:
    number = paper_number("T03", kind, serial)
    assert read_paper_number(f" {number.lower()} ", "T03", kind) == serial


@given(SERIALS, KINDS, st.data())
def test_one_digit_mistyped_is_no_number(serial: int, kind: PaperKind, data: st.DataObject) -> None:
    number = paper_number("T03", kind, serial)
    places = [place for place in range(5, len(number)) if number[place].isdigit()]
    place = data.draw(st.sampled_from(places))
    wrong = data.draw(st.sampled_from(sorted(set("0123456789") - {number[place]})))
    assert read_paper_number(number[:place] + wrong + number[place + 1 :], "T03", kind) is None


@given(SERIALS)
def test_another_houses_or_another_kinds_number_is_not_read(serial: int) -> None:
    number = paper_number("T03", PaperKind.PRESCRIPTION, serial)
    assert read_paper_number(number, "T04", PaperKind.PRESCRIPTION) is None
    assert read_paper_number(number, "T03", PaperKind.REVIEW) is None


@given(st.text(max_size=30))
def test_a_text_that_is_no_number_is_none(text: str) -> None:
    assert read_paper_number(f"{text}?", "T03", PaperKind.REVIEW) is None
