"""Help at each desk, and tours that are offered once."""

import pytest
from flask import Flask

from tcm.records.roles import Role
from tcm.store.engine import Store
from tests.web.desks.hands import Web, shown
from web.auth import DESKS_SHOWN
from web.guide import HELP, TOURS, HelpPage

OFFER = "第一次来？一分钟带您看一遍这一页。"


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def test_help_needs_no_log_in_and_leads_to_every_desk(web: Web) -> None:
    answer = web.anyone().get("/help")
    assert answer.status_code == 200
    assert [f"/help/{page.desk}" in answer.text for page in HELP] == [True] * len(HELP)


@pytest.mark.parametrize("told", HELP, ids=lambda told: told.desk)
def test_a_page_of_help_says_every_step_key_and_answer(web: Web, told: HelpPage) -> None:
    text = shown(web.anyone().get(f"/help/{told.desk}").text)
    asked = [each for pair in told.questions for each in pair]
    said = [*told.steps, *(what for _, what in told.keys), *asked]
    assert [sentence in text for sentence in said] == [True] * len(said)


def test_every_role_finds_the_help_of_its_own_desk(web: Web) -> None:
    homes = {desk.path.strip("/") for desk in DESKS_SHOWN} & {role.value for role in Role}
    assert homes <= {page.desk for page in HELP}


def test_there_is_no_help_of_a_desk_that_is_not_there(web: Web) -> None:
    assert web.anyone().get("/help/kitchen").status_code == 404


def test_every_tour_leads_over_a_page_of_the_house(app: Flask) -> None:
    assert {tour.endpoint for tour in TOURS} <= set(app.view_functions)


def test_a_tour_is_offered_until_it_is_taken_or_put_away_and_to_each_person_by_itself(web: Web) -> None:
    doctor, manager = web.browser(web.county.doctor), web.browser(web.county.manager)
    assert (OFFER in doctor.get("/doctor").text, OFFER in manager.get("/manager").text) == (True, True)
    assert doctor.post("/help/tours", htmx=True, tour="doctor").text == ""
    assert (OFFER in doctor.get("/doctor").text, OFFER in manager.get("/manager").text) == (False, True)


def test_without_a_script_one_comes_back_to_the_page_the_tour_was_offered_on(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    assert OFFER not in doctor.follow(doctor.post("/help/tours", tour="doctor", next="/doctor"))
    answer = doctor.post("/help/tours", tour="doctor", next="https://elsewhere.example/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_a_tour_that_is_not_there_is_refused_in_a_sentence(web: Web) -> None:
    assert web.browser(web.county.doctor).post("/help/tours", tour="kitchen").status_code == 422


def test_help_at_ones_own_desk_leads_into_its_tour_and_others_are_only_read(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    assert 'href="/doctor?tour=1"' in doctor.get("/help/doctor").text
    assert "tour=1" not in doctor.get("/help/manager").text
