import pytest

from tcm.diagnosis import Evidence, suggest
from tcm.diagnosis.apart import tell_apart
from tcm.knowledge import Knowledge, load


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load()


def test_with_one_pattern_or_none_there_is_nothing_to_tell_apart(knowledge: Knowledge) -> None:
    assert tell_apart((), Evidence(), knowledge) == ()
    only = suggest(Evidence(inquiry=frozenset({"恶寒重"})), knowledge, limit=1)
    assert tell_apart(only, Evidence(inquiry=frozenset({"恶寒重"})), knowledge) == ()


def test_an_answer_moves_the_pattern_it_points_at_ahead_by_its_weight(knowledge: Knowledge) -> None:
    evidence = Evidence(inquiry=frozenset({"发热重", "咳嗽"}))
    suggestions = suggest(evidence, knowledge)
    question = tell_apart(suggestions, evidence, knowledge)[0]
    rows = {
        name: {
            row.value: row.weight for row in knowledge.patterns.evidence[name] if row.axis == question.axis
        }
        for name in (suggestions[0].name, question.rival)
    }
    other = {suggestions[0].name: question.rival, question.rival: suggestions[0].name}
    for pointer in question.pointers:
        gain = rows[pointer.pattern].get(pointer.term, 0) - rows[other[pointer.pattern]].get(pointer.term, 0)
        assert gain == pointer.weight
    assert question.separation > 0


def test_what_is_known_is_not_asked_again(knowledge: Knowledge) -> None:
    evidence = Evidence(
        inquiry=frozenset({"畏寒肢冷", "乏力"}), pulse=frozenset({"脉沉细"}), tongue={"body": "pale"}
    )
    asked = tell_apart(suggest(evidence, knowledge), evidence, knowledge, limit=50)
    assert "pulse" not in {question.axis for question in asked}
    assert "body" not in {question.sign for question in asked if question.axis == "tongue"}
    terms = {pointer.term for question in asked for pointer in question.pointers}
    assert terms.isdisjoint({"畏寒肢冷", "乏力"})


def test_the_most_telling_question_comes_first(knowledge: Knowledge) -> None:
    evidence = Evidence(inquiry=frozenset({"头晕", "耳鸣"}))
    asked = tell_apart(suggest(evidence, knowledge), evidence, knowledge, limit=50)
    separations = [question.separation for question in asked]
    assert len(asked) > 2
    assert separations == sorted(separations, reverse=True)
