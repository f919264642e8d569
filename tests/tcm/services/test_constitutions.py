"""The constitution form at a visit: kept with the patient, once for each form, for the own house."""

import pytest

from tcm.records.errors import Forbidden, Invalid
from tcm.services import constitutions
from tests.tcm.county import County


def answers(county: County, answer: int = 1) -> dict[int, int]:
    form = county.knowledge.constitution_form
    return {each.number: answer for each in form.asked_of(county.patient.sex.value)}


def fill(county: County, visit_id: int, key: str, answer: int = 1) -> object:
    return county.do(
        constitutions.fill_form, county.doctor, county.knowledge, visit_id, answers(county, answer), key
    )


def test_a_filled_form_is_kept_with_all_nine_scores_and_stands_first_next_time(county: County) -> None:
    first, second = county.visited().id or 0, county.visited().id or 0
    fill(county, first, county.new_key(), answer=3)
    fill(county, second, county.new_key())
    view = county.do(constitutions.open_form, county.doctor, second)
    assert [form.encounter_id for form in view.forms] == [second, first]
    assert view.forms[0].answers == {str(number): 1 for number in answers(county)}
    assert [(score["constitution"], score["verdict"]) for score in view.forms[1].scores] == [
        ("平和质", "否"),
        *((each.name, "是") for each in county.knowledge.constitution_form.constitutions[1:]),
    ]


def test_the_same_form_sent_twice_is_one_and_its_key_serves_no_other_visit(county: County) -> None:
    visit, other = county.visited().id or 0, county.visited().id or 0
    key = county.new_key()
    fill(county, visit, key)
    fill(county, visit, key, answer=5)
    with county.work() as work:
        assert len(work.constitutions.all()) == 1
    with pytest.raises(Invalid):
        fill(county, other, key)


def test_another_house_neither_reads_nor_fills_the_form(county: County) -> None:
    visit = county.visited().id or 0
    with pytest.raises(Forbidden):
        county.do(constitutions.open_form, county.foreign_doctor, visit)
    with pytest.raises(Forbidden):
        county.do(
            constitutions.fill_form,
            county.foreign_doctor,
            county.knowledge,
            visit,
            answers(county),
            county.new_key(),
        )
