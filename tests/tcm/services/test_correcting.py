"""Corrected signs: the doctor's word beside the reader's, one for each sign, taken back by the same word."""

import pytest

from tcm.records.clinical import Photograph, Reading
from tcm.records.errors import Forbidden, Invalid
from tcm.services import charting, correcting
from tcm.services.photographing import Outcome
from tests.tcm.county import PALE_TONGUE, County


@pytest.fixture
def tongue(county: County) -> Photograph:
    """A tongue that was read as pale."""
    return county.photographed(county.visited(), PALE_TONGUE)


def correct(county: County, photograph: Photograph, label: str, sign: str = "body") -> None:
    county.do(correcting.correct_sign, county.doctor, county.knowledge, photograph.id or 0, sign, label)


def said(county: County, photograph: Photograph) -> dict[str, str]:
    chart = county.do(charting.open_chart, county.doctor, photograph.encounter_id)
    return chart.corrections.get(photograph.id or 0, {})


def test_what_the_doctor_sees_stands_beside_what_the_reader_said(county: County, tongue: Photograph) -> None:
    correct(county, tongue, "red")
    assert said(county, tongue) == {"body": "red"}
    with county.work() as work:
        [kept] = work.sign_corrections.all()
    assert (kept.was, kept.model, kept.corrected_by_id) == ("pale", tongue.model, county.doctor.staff_id)


def test_a_second_word_replaces_the_first_and_the_readers_own_takes_it_back(
    county: County, tongue: Photograph
) -> None:
    correct(county, tongue, "red")
    correct(county, tongue, "purple")
    assert said(county, tongue) == {"body": "purple"}
    correct(county, tongue, "pale")
    assert said(county, tongue) == {}
    correct(county, tongue, "pale")
    assert said(county, tongue) == {}


@pytest.mark.parametrize(("sign", "label"), [("body", "swollen"), ("taste", "sweet"), ("body", "")])
def test_a_word_that_is_no_label_of_the_sign_is_refused(
    county: County, tongue: Photograph, sign: str, label: str
) -> None:
    with pytest.raises(Invalid):
        correct(county, tongue, label, sign)


def test_only_the_doctor_of_the_visit_corrects(county: County, tongue: Photograph) -> None:
    with pytest.raises(Forbidden):
        county.do(
            correcting.correct_sign, county.foreign_doctor, county.knowledge, tongue.id or 0, "body", "red"
        )


def test_a_refused_picture_has_nothing_to_correct(county: County) -> None:
    refused = Outcome("tongue-1", Reading(400, 300), refusal="blurred")
    photograph = county.photographed(county.visited(), refused)
    with pytest.raises(Invalid):
        correct(county, photograph, "red")
