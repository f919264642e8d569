"""Formulas: doses in range, notes right, patterns that exist."""

import pytest

from tcm.knowledge import load
from tcm.review import SEVERITIES, Case, Finding, Line, check, verdict

KNOWLEDGE = load()


def reviewed(name: str) -> list[Finding]:
    formula = KNOWLEDGE.formulas[name]
    lines = tuple(Line(item.herb, item.grams, item.decoction_note) for item in formula.items)
    return check(Case(lines, syndrome=formula.syndromes[0], doses_count=7, usage="每日1剂"), KNOWLEDGE)


@pytest.mark.parametrize("name", [name for name, each in KNOWLEDGE.formulas.items() if not each.marked])
def test_no_formula_that_is_not_marked_draws_more_than_a_warning(name: str) -> None:
    findings = reviewed(name)
    assert SEVERITIES.index(verdict(findings)) <= SEVERITIES.index("warn")
    assert {found.kind for found in findings} <= {"not_in_pharmacopoeia"}


def test_the_marked_formulas_are_few_and_each_draws_the_finding_it_is_marked_for() -> None:
    marked = {
        name: {found.kind for found in reviewed(name)}
        for name, formula in KNOWLEDGE.formulas.items()
        if formula.marked
    }
    assert marked == {
        "仙方活命饮": {"not_in_pharmacopoeia"},
        "透脓散": {"not_in_pharmacopoeia"},
        "回阳救急汤": {"incompat_18"},
        "真人养脏汤": {"narcotic"},
    }


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


def test_every_herb_of_a_formula_has_a_role_and_every_formula_a_sovereign() -> None:
    formulas = KNOWLEDGE.formulas.values()
    assert {item.role for formula in formulas for item in formula.items} == {"君", "臣", "佐", "使"}
    assert [each.name for each in formulas if not any(item.role == "君" for item in each.items)] == []


def test_every_formula_has_at_least_two_modifications_that_do_something() -> None:
    formulas = KNOWLEDGE.formulas.values()
    assert [each.name for each in formulas if len(each.changes) < 2] == []
    idle = [
        (each.name, change.when)
        for each in formulas
        for change in each.changes
        if not (change.when and (change.add or change.remove))
    ]
    assert idle == []


def test_what_a_modification_names_is_a_herb_and_what_it_leaves_out_stands_in_the_formula() -> None:
    wrong = []
    for formula in KNOWLEDGE.formulas.values():
        written = {item.herb for item in formula.items}
        for change in formula.changes:
            wrong += [(formula.name, herb) for herb, _ in change.add if KNOWLEDGE.herb(herb) is None]
            wrong += [(formula.name, herb) for herb in change.remove if herb not in written]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "herbs"),
    [
        ("四君子汤", {"人参", "白术", "茯苓", "甘草"}),
        ("四物汤", {"当归", "川芎", "白芍", "地黄"}),
        ("六味地黄汤", {"地黄", "山茱萸", "山药", "泽泻", "牡丹皮", "茯苓"}),
        ("麻黄汤", {"麻黄", "桂枝", "苦杏仁", "甘草"}),
        ("白虎汤", {"石膏", "知母", "甘草", "粳米"}),
        ("小柴胡汤", {"柴胡", "黄芩", "党参", "半夏", "甘草", "生姜", "大枣"}),
        ("四逆散", {"柴胡", "白芍", "枳实", "甘草"}),
        ("二陈汤", {"半夏", "陈皮", "茯苓", "甘草", "生姜", "乌梅"}),
    ],
)
def test_well_known_formulas_hold_the_materials_that_everybody_knows(name: str, herbs: set[str]) -> None:
    found = {KNOWLEDGE.herb(item.herb) for item in KNOWLEDGE.formulas[name].items}
    assert {herb.base for herb in found if herb is not None} == herbs
