import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.diagnosis.constitution import judge
from tcm.knowledge.constitution import read_constitution_form

FORM = read_constitution_form()
OTHERS = [each.name for each in FORM.constitutions if each.name != "平和质"]


def filled(sex: str, answer: int, **changed: int) -> dict[int, int]:
    by_text = {question.text: question.number for question in FORM.asked_of(sex)}
    answers = dict.fromkeys(by_text.values(), answer)
    return answers | {by_text[text]: value for text, value in changed.items()}


def well(sex: str) -> dict[int, int]:
    """Nothing is wrong: the good questions 总是, all others 没有."""
    return filled(sex, 1, **{"您精力充沛吗？": 5, "您能适应外界自然和社会环境的变化吗？": 5})


@pytest.mark.parametrize("sex", ["F", "M"])
def test_sixty_questions_are_asked_of_each_sex(sex: str) -> None:
    assert len(FORM.asked_of(sex)) == 60


def test_the_nine_types_have_the_numbers_of_questions_of_the_standard() -> None:
    assert {each.name: len(each.items) for each in FORM.constitutions} == {
        "平和质": 8,
        "气虚质": 8,
        "阳虚质": 7,
        "阴虚质": 8,
        "痰湿质": 8,
        "湿热质": 7,
        "血瘀质": 7,
        "气郁质": 7,
        "特禀质": 7,
    }


@pytest.mark.parametrize("sex", ["F", "M"])
def test_a_person_who_is_well_is_balanced_and_nothing_else(sex: str) -> None:
    found = {each.constitution: (each.converted, each.verdict) for each in judge(well(sex), sex, FORM)}
    assert found == {"平和质": (100.0, "是")} | dict.fromkeys(OTHERS, (0.0, "否"))


def test_a_type_is_there_from_forty_and_tends_to_be_from_thirty() -> None:
    answers = well("F")
    numbers = [item.question for item in FORM.constitutions[2].items]
    assert FORM.constitutions[2].name == "阳虚质"
    verdicts = []
    # Seven questions: each point more is 100 / 28.
    for points in (8, 9, 11, 12):
        spread = [1 + points // 7 + (place < points % 7) for place in range(7)]
        scores = judge(answers | dict(zip(numbers, spread, strict=True)), "F", FORM)
        verdicts.append((scores[2].converted, scores[2].verdict))
    assert verdicts == [(28.6, "否"), (32.1, "倾向是"), (39.3, "倾向是"), (42.9, "是")]


def test_where_another_type_tends_to_be_the_balanced_one_is_only_nearly_there() -> None:
    answers = well("M")
    items = [item.question for item in FORM.constitutions[8].items]
    answers |= dict.fromkeys(items, 2) | {items[0]: 4}
    scores = judge(answers, "M", FORM)
    assert (scores[0].verdict, scores[8].converted, scores[8].verdict) == ("基本是", 32.1, "倾向是")


def test_a_form_that_is_not_complete_is_refused_by_the_number_of_the_question() -> None:
    answers = well("F")
    del answers[7]
    with pytest.raises(ValueError, match="question 7 is missing"):
        judge(answers, "F", FORM)


@pytest.mark.parametrize("answer", [0, 6])
def test_an_answer_outside_the_scale_is_refused(answer: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 5"):
        judge(well("F") | {3: answer}, "F", FORM)


@given(st.lists(st.integers(1, 5), min_size=60, max_size=60), st.sampled_from(["F", "M"]))
def test_converted_sums_lie_between_0_and_100_and_balance_excludes_every_other_type(
    values: list[int], sex: str
) -> None:
    numbers = [question.number for question in FORM.asked_of(sex)]
    scores = judge(dict(zip(numbers, values, strict=True)), sex, FORM)
    assert [each.constitution for each in scores] == [each.name for each in FORM.constitutions]
    assert all(0 <= each.converted <= 100 for each in scores)
    if scores[0].verdict != "否":
        assert not [each for each in scores[1:] if each.verdict == "是"]


def test_every_type_has_advice_of_all_five_kinds() -> None:
    kinds = ["情志调摄", "饮食调养", "起居调摄", "运动保健", "穴位保健"]
    assert {each.name: [said.kind for said in each.advice] for each in FORM.constitutions} == {
        each.name: kinds for each in FORM.constitutions
    }
