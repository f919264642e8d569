"""Suggestions of patterns: found, explained, never more than suggestions."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tcm.diagnosis import Evidence, suggest
from tcm.knowledge import load

KNOWLEDGE = load()
PATTERNS = KNOWLEDGE.patterns


def strongest_evidence(pattern: str) -> Evidence:
    """Every sign that speaks for a pattern; of two labels of one tongue sign the heavier."""
    rows = sorted((row for row in PATTERNS.evidence[pattern] if row.weight > 0), key=lambda row: row.weight)
    return Evidence(
        tongue={row.sign: row.value for row in rows if row.axis == "tongue"},
        inquiry=frozenset(row.value for row in rows if row.axis == "inquiry"),
        pulse=frozenset(row.value for row in rows if row.axis == "pulse"),
    )


@pytest.mark.parametrize("name", [pattern.name for pattern in PATTERNS.patterns])
def test_a_patient_of_the_book_gets_the_pattern_of_the_book_with_a_formula(name: str) -> None:
    found = {
        suggestion.name: suggestion for suggestion in suggest(strongest_evidence(name), KNOWLEDGE, limit=3)
    }
    assert (found[name].score, found[name].reasons_against) == (1.0, ())
    assert found[name].formulas


@pytest.mark.parametrize(
    ("tongue", "inquiry", "pulse", "first", "formula"),
    [
        (
            {"coat_colour": "white", "coat_thickness": "thin"},
            ["恶寒重", "无汗"],
            ["脉浮紧"],
            "风寒束表证",
            "麻黄汤",
        ),
        ({"body": "red", "coat_colour": "yellow"}, ["发热重", "咽痛"], ["脉浮数"], "风热犯表证", "银翘散"),
        ({"body": "pale", "tooth_marks": "2"}, ["乏力", "食欲不振"], ["脉弱"], "脾气虚证", "四君子汤"),
        ({"body": "light_red"}, ["善太息", "情志抑郁", "胁肋胀痛"], ["脉弦"], "肝郁气滞证", "四逆散"),
        ({"body": "purple", "stasis": "1"}, ["刺痛固定", "肌肤甲错"], ["脉涩"], "血瘀证", "桃红四物汤"),
    ],
)
def test_common_patterns_of_a_township_come_first(
    tongue: dict[str, str], inquiry: list[str], pulse: list[str], first: str, formula: str
) -> None:
    best = suggest(Evidence(tongue, {}, frozenset(inquiry), frozenset(pulse)), KNOWLEDGE)[0]
    assert (best.name, best.formulas[0]) == (first, formula)


def test_reasons_are_in_words_on_both_sides_and_carry_their_source() -> None:
    evidence = Evidence({"body": "red", "tooth_marks": "2"}, {}, frozenset({"食欲不振", "乏力", "便溏"}))
    found = next(item for item in suggest(evidence, KNOWLEDGE, limit=9) if item.name == "脾气虚证")
    assert {reason.term for reason in found.reasons_for} == {"舌有齿痕", "食欲不振", "乏力", "便溏"}
    assert [(reason.term, reason.weight) for reason in found.reasons_against] == [("舌红", -2)]
    assert all(reason.source for reason in (*found.reasons_for, *found.reasons_against))


def test_an_unsure_sign_weighs_less() -> None:
    sure, unsure = (
        suggest(Evidence({"body": "pale"}, {"body": confidence}), KNOWLEDGE)[0].score
        for confidence in (1.0, 0.5)
    )
    assert unsure == pytest.approx(sure / 2, abs=0.001)


def test_nothing_and_unheard_of_terms_suggest_nothing() -> None:
    assert suggest(Evidence(), KNOWLEDGE) == ()
    assert (
        suggest(Evidence({"body": "plaid"}, {}, frozenset({"无此症"}), frozenset({"无此脉"})), KNOWLEDGE)
        == ()
    )


def test_a_confidence_outside_zero_to_one_is_refused() -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        suggest(Evidence(confidence={"body": 1.5}), KNOWLEDGE)


def test_the_questions_of_the_inquiry_and_the_pulses_are_offered() -> None:
    groups = PATTERNS.inquiry_groups()
    assert {"寒热", "汗", "二便", "饮食", "渴味", "胸腹"} <= set(groups)
    assert ("脉浮" in PATTERNS.pulse_terms(), len(PATTERNS.patterns) >= 25) == (True, True)


def test_every_pattern_has_the_code_of_the_national_standard() -> None:
    codes = {term.name: term.code for term in KNOWLEDGE.syndromes}
    assert {pattern.name: pattern.code for pattern in PATTERNS.patterns} == {
        pattern.name: codes[pattern.name] for pattern in PATTERNS.patterns
    }


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.sampled_from([term for terms in PATTERNS.inquiry_groups().values() for term in terms])),
    st.sets(st.sampled_from(PATTERNS.pulse_terms())),
    st.integers(0, 10),
)
def test_scores_fall_stay_within_bounds_and_keep_to_the_limit(
    inquiry: set[str], pulse: set[str], limit: int
) -> None:
    found = suggest(Evidence(inquiry=frozenset(inquiry), pulse=frozenset(pulse)), KNOWLEDGE, limit=limit)
    scores = [suggestion.score for suggestion in found]
    assert scores == sorted(scores, reverse=True)
    assert len(found) <= limit
    assert all(0 < score <= 1 for score in scores)
