"""Doses proposed for the young and the old: as configured, never above the part, never twice."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.review import SHIPPED, AgeDose, Case, Line, PatientFacts, RuleSet, RuleSetting, check, propose_doses
from tests.tcm.county import KNOWLEDGE


def proposals(*lines: Line, age: float | None, rules: RuleSet = SHIPPED, per_day: float = 1) -> list[AgeDose]:
    case = Case(lines=lines, patient=PatientFacts(age_years=age), doses_per_day=per_day)
    return list(propose_doses(case, KNOWLEDGE, rules))


def grams(*lines: Line, age: float | None, **more: object) -> dict[str, float]:
    return {one.written: one.proposed_g for one in proposals(*lines, age=age, **more)}  # type: ignore[arg-type]


@pytest.mark.parametrize(("age", "proposed"), [(0.5, 3.5), (4, 7.5), (10, 10), (15, None), (None, None)])
def test_a_childs_line_is_an_adults_by_the_part_of_its_age_rounded_down(
    age: float | None, proposed: float | None
) -> None:
    assert grams(Line("茯苓", 15.0), age=age) == ({} if proposed is None else {"茯苓": proposed})


def test_a_line_within_the_part_of_the_maximum_is_left_alone() -> None:
    assert grams(Line("茯苓", 15.0), Line("白术", 6.0), age=4) == {"茯苓": 7.5}
    assert grams(Line("茯苓", 7.5), age=4) == {}


def test_two_spellings_and_two_doses_a_day_count_together() -> None:
    assert grams(Line("金银花", 9.0), Line("双花", 6.0), age=4) == {"金银花": 4.5, "双花": 3.0}
    assert grams(Line("茯苓", 15.0), age=4, per_day=2) == {"茯苓": 3.5}


def test_of_the_old_only_poisonous_herbs_are_brought_down() -> None:
    assert grams(Line("茯苓", 15.0), Line("半夏", 9.0), age=80) == {"半夏": 6.0}
    assert grams(Line("半夏", 9.0), age=74) == {}


def test_a_proposal_says_its_part_and_where_that_is_from() -> None:
    [one] = proposals(Line("茯苓", 15.0), age=4)
    assert one == AgeDose(
        "茯苓", 15.0, 7.5, 0.5, 4, "child_dose", "本表初版 教学惯例，无法定折算表（机构可改）"
    )


def test_the_institutions_part_holds_and_a_rule_switched_off_proposes_nothing() -> None:
    own = RuleSet("2026-11-22.1", {"child_dose": RuleSetting(parameters={"small_factor": 0.4})})
    [one] = proposals(Line("茯苓", 15.0), age=4, rules=own)
    assert (one.proposed_g, one.part, one.source) == (6.0, 0.4, "机构规则 2026-11-22.1")
    off = RuleSet("2026-11-22.2", {"elderly_dose": RuleSetting(enabled=False)})
    assert proposals(Line("半夏", 9.0), age=80, rules=off) == []


@given(
    age=st.floats(0, 100),
    written=st.dictionaries(
        st.sampled_from(("茯苓", "半夏", "甘草", "附子", "细辛", "金银花", "双花", "薄荷")),
        st.floats(0.1, 60).map(lambda grams: round(grams, 1)),
        min_size=1,
    ),
)
def test_what_is_taken_over_is_found_no_more_and_proposed_no_more(
    age: float, written: dict[str, float]
) -> None:
    def case(doses: dict[str, float]) -> Case:
        lines = tuple(Line(herb, dose_g) for herb, dose_g in doses.items())
        return Case(lines=lines, patient=PatientFacts(age_years=age))

    proposed = propose_doses(case(written), KNOWLEDGE, SHIPPED)
    assert all(0 < one.proposed_g < one.grams for one in proposed)
    after = case(written | {one.written: one.proposed_g for one in proposed})
    left = {herb for one in check(after, KNOWLEDGE) if one.kind.endswith("_dose") for herb in one.herbs}
    assert propose_doses(after, KNOWLEDGE, SHIPPED) == ()
    assert not left & {one.written for one in proposed}
