import pytest

from tcm.diagnosis.red_flags import raised
from tcm.knowledge.red_flags import read_red_flags

FLAGS = read_red_flags()


def names(*texts: str, terms: tuple[str, ...] = ()) -> list[str]:
    return [each.flag.flag for each in raised(texts, terms, FLAGS)]


def test_a_complaint_of_chest_pain_raises_its_flag_with_the_words_that_did() -> None:
    found = raised(["胸痛2小时，伴大汗"], [], FLAGS)
    assert [(each.flag.flag, each.words, each.flag.urgency) for each in found] == [
        ("胸痛伴大汗或放射痛", "胸痛", "急")
    ]


@pytest.mark.parametrize(
    "said", ["无胸痛", "否认黑便", "咳嗽3天，没有呕血", "不伴胸痛、呼吸困难", "失眠半年"]
)
def test_what_is_denied_or_not_said_raises_nothing(said: str) -> None:
    assert names(said) == []


def test_what_is_denied_in_one_clause_may_be_said_in_the_next() -> None:
    assert names("无发热，呕血一次") == ["呕血或黑便"]


def test_a_chosen_term_of_the_inquiry_raises_a_flag_too() -> None:
    assert names("咳嗽1月", terms=("痰中带血",)) == ["咯血"]


def test_urgent_flags_come_first_and_each_only_once() -> None:
    assert names("目黄身黄3天", "黑便，柏油样便") == ["呕血或黑便", "黄疸"]


def test_every_flag_has_words_and_something_to_do() -> None:
    assert [flag.flag for flag in FLAGS if not (flag.phrases and flag.advice and flag.source)] == []
