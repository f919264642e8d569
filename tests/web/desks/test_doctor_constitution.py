"""The constitution form on its page: filled once, unanswered questions marked, advice to take home."""

import re

import pytest

from tcm.records.clinical import Encounter
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, hidden, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def visit(web: Web) -> Encounter:
    """A visit."""
    return web.county.visited()


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def asked(web: Web) -> list[int]:
    form = web.county.knowledge.constitution_form
    return [each.number for each in form.asked_of(web.county.patient.sex.value)]


def address(visit: Encounter) -> str:
    return f"/doctor/visits/{visit.id}/constitution"


def test_sixty_questions_are_asked_with_five_answers_each(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    page = doctor.get(address(visit)).text
    names = re.findall(r'type="radio" name="(q\d+)" value="(\d)"', page)
    assert names == [(f"q{number}", str(answer)) for number in asked(web) for answer in range(1, 6)]


def test_a_filled_form_shows_all_types_with_their_scores_and_the_advice_of_those_that_hold(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    key = hidden(doctor.get(address(visit)).text, address(visit))["request_key"]
    answers = {f"q{number}": "1" for number in asked(web)}
    cold = web.county.knowledge.constitution_form.constitutions[2]
    answers |= {f"q{item.question}": "4" for item in cold.items}
    assert doctor.post(address(visit), request_key=key, **answers).status_code == 303
    page = shown(doctor.get(address(visit)).text)
    assert "阳虚质 75.0 75.0 是" in page
    assert cold.advice[1].advice in page
    assert "痰湿质 0.0 0.0 否" in page


def test_what_is_not_answered_is_marked_and_what_is_stays(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    key = hidden(doctor.get(address(visit)).text, address(visit))["request_key"]
    numbers = asked(web)
    answers = {f"q{number}": "2" for number in numbers[2:]} | {f"q{numbers[2]}": "9"}
    answer = doctor.post(address(visit), request_key=key, **answers)
    assert answer.status_code == 422
    assert "还有 3 题没有作答" in shown(answer.text)
    assert answer.text.count("请作答。") == 3
    assert answer.text.count(" checked") == len(numbers) - 3
    with web.county.work() as work:
        assert work.constitutions.all() == []


def test_another_house_does_not_see_the_form(web: Web, visit: Encounter) -> None:
    stranger = web.browser(web.county.foreign_doctor)
    assert stranger.get(address(visit)).status_code == 403
