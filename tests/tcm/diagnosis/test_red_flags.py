import pytest

from tcm.diagnosis.red_flags import raised
from tcm.knowledge.red_flags import read_denials, read_red_flags

FLAGS = read_red_flags()


def names(*texts: str, terms: tuple[str, ...] = ()) -> list[str]:
    return [each.flag.flag for each in raised(texts, terms, FLAGS)]


def test_a_complaint_of_chest_pain_raises_its_flag_with_the_words_that_did() -> None:
    found = raised(["胸痛2小时，伴大汗"], [], FLAGS)
    assert [(each.flag.flag, each.words, each.flag.urgency) for each in found] == [
        ("胸痛伴大汗或放射痛", "胸痛", "急")
    ]


@pytest.mark.parametrize(
    "said",
    [
        "无胸痛",
        "否认黑便",
        "咳嗽3天，没有呕血",
        "不伴胸痛、呼吸困难",
        "无胸痛或呼吸困难及黑便",
        "无胸闷胸痛",
        "无左侧胸痛",
        "没有突然昏迷",
        "无意识不清、抽搐",
        "无神昏谵语",
        "没有出现胸痛",
        "患者否认黑便",
        "目前无胸痛、呼吸困难",
        "乏力无汗，无胸痛",
        "失眠半年",
    ],
)
def test_what_is_denied_or_not_said_raises_nothing(said: str) -> None:
    assert names(said) == []


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("突发四肢无力、言语不清", ["言语不清"]),
        ("头晕无力、口眼歪斜", ["口眼歪斜"]),
        ("无明显诱因出现胸痛", ["胸痛"]),
        ("无明显诱因突发剧烈头痛", ["突发剧烈头痛"]),
        ("无诱因呕血一次", ["呕血"]),
        ("全身无力伴呼吸困难", ["呼吸困难"]),
        ("腹痛无缓解伴呕血", ["呕血"]),
        ("腹痛未见好转、黑便", ["黑便"]),
        ("无汗、高热不退", ["高热不退"]),
        ("无既往史突然昏迷", ["昏迷"]),
        ("无发热突发昏迷", ["昏迷"]),
        ("无尿、昏迷", ["昏迷", "无尿"]),
        ("饮食无味、黑便", ["黑便"]),
        ("食欲无、黑便3天", ["黑便"]),
        ("无发热但有黑便", ["黑便"]),
        ("患者无家属陪同昏迷", ["昏迷"]),
        ("过敏史：无 昏迷2小时", ["昏迷"]),
        ("突发右侧肢体无力", ["右侧肢体无力"]),
    ],
)
def test_a_word_with_no_in_it_denies_nothing_that_follows(said: str, words: list[str]) -> None:
    assert [each.words for each in raised([said], [], FLAGS)] == words


@pytest.mark.parametrize(
    "said", ["无胸痛伴呕血", "无胸痛、突发呕血", "无胸痛，今晨呕血", "胸痛已无、呕血", "无呕血、突然呕血"]
)
def test_a_denial_ends_where_something_sets_in(said: str) -> None:
    assert "呕血或黑便" in names(said)


def test_a_sign_denied_first_and_said_later_in_the_clause_is_said() -> None:
    assert names("无胸痛突发胸痛") == ["胸痛伴大汗或放射痛"]


def test_no_sign_is_itself_a_denial_of_what_follows_it() -> None:
    denials = read_denials()
    signs = [phrase for flag in FLAGS for phrase in flag.phrases]
    assert [each for each in signs if denials.opens.match(denials.no_denial.sub("", each))] == []


def test_what_is_denied_in_one_clause_may_be_said_in_the_next() -> None:
    assert names("无发热，呕血一次") == ["呕血或黑便"]


def test_a_chosen_term_of_the_inquiry_raises_a_flag_too() -> None:
    assert names("咳嗽1月", terms=("痰中带血",)) == ["咯血"]


def test_urgent_flags_come_first_and_each_only_once() -> None:
    assert names("目黄身黄3天", "黑便，柏油样便") == ["呕血或黑便", "黄疸"]


def test_every_flag_has_words_and_something_to_do() -> None:
    assert [flag.flag for flag in FLAGS if not (flag.phrases and flag.advice and flag.source)] == []
