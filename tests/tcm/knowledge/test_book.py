"""The book: what the tables say of one herb or formula, gathered without losing a caution."""

import pytest

from tcm.knowledge import load
from tcm.knowledge.book import (
    HerbSheet,
    doses_of,
    find_formula,
    formula_sheet,
    handling_of,
    herb_sheet,
    unverified,
)
from tcm.review import Case, Line, PatientFacts, check

KNOWLEDGE = load()


def sheet(name: str) -> HerbSheet:
    return herb_sheet(name, KNOWLEDGE)


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("石膏", [("先煎", 15)]),
        ("附子", [("先煎", 60), ("久煎", 60)]),
        ("制川乌", [("先煎", 60), ("久煎", 60)]),
        ("水牛角", [("先煎", 180)]),
        ("西洋参", [("另煎", 120)]),
        ("薄荷", [("后下", 10)]),
        ("车前子", [("包煎", None)]),
        ("阿胶", [("烊化", None)]),
        ("朱砂", [("不宜入煎", None)]),
        ("甘草", []),
        ("炒苦杏仁", []),
    ],
)
def test_handling_comes_with_its_minutes(name: str, steps: list[tuple[str, int | None]]) -> None:
    handling = handling_of(KNOWLEDGE.herbs[name], KNOWLEDGE)
    assert [(step.note, step.minutes) for step in handling] == steps
    assert all(bool(step.minutes_source) == (step.minutes is not None) for step in handling)
    assert all(step.source and step.edition for step in handling)


def test_doses_stand_by_route_and_indication_the_usual_one_first() -> None:
    doses = {
        name: [(dose.route, dose.min_g, dose.max_g, dose.basis) for dose in sheet(name).doses]
        for name in ("三七", "麦芽", "马钱子", "细辛")
    }
    assert doses == {
        "三七": [("煎", 3.0, 9.0, "日"), ("粉", 1.0, 3.0, "次")],
        "麦芽": [("煎", 10.0, 15.0, "日"), ("煎", 60.0, 60.0, "日")],
        "马钱子": [("丸散", 0.3, 0.6, "日")],
        "细辛": [("煎", 1.0, 3.0, "日"), ("粉", 0.5, 1.0, "次")],
    }
    assert "回乳" in sheet("麦芽").doses[1].indication


def test_a_herb_without_grams_says_so_instead_of_borrowing_some() -> None:
    (dose,) = doses_of(KNOWLEDGE.herbs["生川乌"], KNOWLEDGE)
    assert (dose.given, dose.min_g, dose.max_g) == (False, None, None)


def test_a_sheet_holds_every_fact_that_review_would_use() -> None:
    for name, herb in KNOWLEDGE.herbs.items():
        found, key = sheet(name), herb.monograph
        pairs = [{pair.left, pair.right} for pair in KNOWLEDGE.incompatibilities]
        assert {clash.herb for clash in found.clashes} | {key} == {key}.union(*(p for p in pairs if key in p))
        assert found.restrictions == KNOWLEDGE.restrictions.get(key, ())
        assert found.contraindications == KNOWLEDGE.contraindications.get(key, ())
        assert found.lactation == KNOWLEDGE.lactation.get(key)
        assert {alias.name for aliases in found.names.values() for alias in aliases} <= {name}
        assert all(name in alias.candidates for alias in found.shared_names)


def test_a_processed_form_carries_the_clashes_of_its_material_and_review_agrees() -> None:
    clash = next(each for each in sheet("炮附片").clashes if each.herb == "半夏")
    findings = check(Case((Line("炮附片", 9, "先煎"), Line("半夏", 9))), KNOWLEDGE)
    assert clash.category == "十八反"
    assert "incompat_18" in {found.kind for found in findings}


def test_the_forms_of_one_material_name_each_other() -> None:
    forms = {"大黄", "酒大黄", "熟大黄", "大黄炭"}
    for name in forms:
        assert {herb.name for herb in sheet(name).material} == forms - {name}


def test_the_formulas_of_a_herb_are_found_through_its_monograph() -> None:
    assert "麻黄汤" in {use.formula.name for use in sheet("蜜麻黄").uses}
    assert "炒白术" in {use.item.herb for use in sheet("白术").uses}


def test_western_drugs_and_nursing_stand_on_the_sheet() -> None:
    assert "华法林" in {each.drug for each in sheet("丹参").interactions}
    lactation = sheet("酒大黄").lactation
    nursing = check(Case((Line("酒大黄", 6),), patient=PatientFacts(lactating=True)), KNOWLEDGE)
    assert lactation is not None
    assert "lact_caution" in {found.kind for found in nursing}


@pytest.mark.parametrize(
    ("edition", "marked"),
    [("中国药典2020一部", False), ("中国药典2020一部（转录未校）", True), ("未核对", True), ("2009", False)],
)
def test_an_edition_that_was_not_held_against_the_book_is_marked(edition: str, marked: bool) -> None:
    assert unverified(edition) == marked


def test_a_formula_stands_beside_the_doses_of_its_herbs() -> None:
    outside = []
    for name, formula in KNOWLEDGE.formulas.items():
        found = formula_sheet(name, KNOWLEDGE)
        assert [line.item for line in found.lines] == list(formula.items)
        boiled = found.programme
        assert boiled.cook_min == boiled.pre_boil_min + boiled.first_boil_min + boiled.second_boil_min
        outside += [(name, line.herb.name) for line in found.lines if line.standing in ("above", "below")]
    assert outside == []


def test_a_dose_is_compared_with_the_way_it_is_taken() -> None:
    lines = {line.herb.name: line for line in formula_sheet("真武汤", KNOWLEDGE).lines}
    assert (lines["附子"].dose.max_g, lines["附子"].standing) == (15.0, "within")
    assert formula_sheet("真武汤", KNOWLEDGE).programme.pre_boil_min == 60


def test_a_formula_is_found_by_its_name_only_and_others_are_offered() -> None:
    found, none = find_formula("桂 枝\u200b汤", KNOWLEDGE)
    assert (found and found.name, none) == ("桂枝汤", ())
    assert find_formula("xcht", KNOWLEDGE) == (None, ("小柴胡汤",))
    slip, near = find_formula("小柴湖汤", KNOWLEDGE)
    assert (slip, "小柴胡汤" in near) == (None, True)
    assert find_formula("无此方名称", KNOWLEDGE)[0] is None
    assert find_formula("汤" * 100_000, KNOWLEDGE) == (None, ())


@pytest.mark.parametrize("lookup", [herb_sheet, formula_sheet])
def test_what_is_not_in_the_book_has_no_sheet(lookup: object) -> None:
    with pytest.raises(KeyError):
        lookup("无此药", KNOWLEDGE)  # type: ignore[operator]
