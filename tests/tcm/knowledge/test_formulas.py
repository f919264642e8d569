"""Formulas: doses in range, notes right, patterns that exist."""

import pytest

from tcm.knowledge import load
from tcm.review import SEVERITIES, Case, Line, check, verdict

KNOWLEDGE = load()


@pytest.mark.parametrize("name", list(KNOWLEDGE.formulas))
def test_no_formula_draws_more_than_a_warning(name: str) -> None:
    formula = KNOWLEDGE.formulas[name]
    lines = tuple(Line(item.herb, item.grams, item.decoction_note) for item in formula.items)
    findings = check(Case(lines, syndrome=formula.syndromes[0], doses_count=7, usage="每日1剂"), KNOWLEDGE)
    assert SEVERITIES.index(verdict(findings)) <= SEVERITIES.index("warn")
    assert {found.kind for found in findings} <= {"not_in_pharmacopoeia"}


def test_every_formula_answers_syndromes_of_the_national_standard() -> None:
    standard = {term.name for term in KNOWLEDGE.syndromes}
    named = {syndrome for formula in KNOWLEDGE.formulas.values() for syndrome in formula.syndromes}
    assert (named - standard, all(formula.syndromes for formula in KNOWLEDGE.formulas.values())) == (
        set(),
        True,
    )


def test_every_code_is_a_code_of_the_list_and_none_is_used_twice() -> None:
    codes = [formula.code for formula in KNOWLEDGE.formulas.values() if formula.code]
    assert set(codes) <= {row.code for row in KNOWLEDGE.formula_codes}
    assert len(codes) == len(set(codes))


def test_a_formula_is_found_by_initials_and_by_part_of_its_name() -> None:
    search = KNOWLEDGE.formulas.search
    assert (search("xcht")[0].name, search("龙胆")[0].name, search("")) == ("小柴胡汤", "龙胆泻肝汤", [])


def test_formulas_that_name_a_syndrome_first_come_first() -> None:
    answering = [formula.name for formula in KNOWLEDGE.formulas.answering("肝郁脾虚证")]
    assert answering[0] == "逍遥散"
