"""The boiling programme."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.knowledge import FormulaItem, load, programme
from tcm.knowledge.decoction import DECOCTION_CLASSES
from tcm.knowledge.decoction_class import tell_class

KNOWLEDGE = load()


def line(herb: str, grams: float = 9.0, note: str = "") -> FormulaItem:
    return FormulaItem(herb, grams, note, "", "", "")


def test_an_ordinary_prescription_soaks_half_an_hour_and_boils_twice() -> None:
    plan = programme([line("黄芪"), line("白术")], KNOWLEDGE, doses_count=7)
    assert (plan.soak_min, plan.first_boil_min, plan.second_boil_min, plan.cook_min) == (30, 30, 20, 50)
    assert (plan.volume_ml, plan.total_ml, plan.bags, plan.taint, plan.add_at_min) == (
        400,
        2800,
        14,
        "none",
        None,
    )


@pytest.mark.parametrize(("decoction_class", "cook_min"), [("解表", 35), ("一般", 50), ("滋补", 100)])
def test_the_class_sets_the_minutes(decoction_class: str, cook_min: int) -> None:
    plan = programme([line("黄芪")], KNOWLEDGE, doses_count=1, decoction_class=decoction_class)
    assert plan.cook_min == cook_min


@pytest.mark.parametrize("written", ["附子", "制川乌", "制草乌", "附片"])
@pytest.mark.parametrize("note", ["", "先煎"])
def test_aconite_boils_an_hour_ahead_even_where_the_note_is_missing(written: str, note: str) -> None:
    plan = programme([line(written, 3, note), line("甘草")], KNOWLEDGE, doses_count=1)
    assert (plan.pre_boil_min, plan.cook_min, plan.taint) == (60, 110, "toxic")


def test_minerals_boil_a_quarter_hour_ahead_and_late_herbs_join_ten_minutes_before_the_first_boil_ends() -> (
    None
):
    plan = programme([line("石膏", 30, "先煎"), line("薄荷", 3, "后下")], KNOWLEDGE, doses_count=1)
    assert (plan.pre_boil_min, plan.add_at_min) == (15, 15 + 30 - 10)


def test_what_is_swallowed_does_not_boil_ahead_and_is_named_on_the_label() -> None:
    plan = programme([line("水牛角粉", 3, "冲服"), line("甘草")], KNOWLEDGE, doses_count=1)
    assert (plan.pre_boil_min, plan.notes) == (0, ("不入煎，冲服：水牛角粉",))


def test_a_child_gets_a_smaller_volume_and_a_heavy_prescription_the_larger_one() -> None:
    child = programme([line("甘草")], KNOWLEDGE, doses_count=3, age_years=5)
    heavy = programme([line("黄芪", 30)] * 11, KNOWLEDGE, doses_count=3)
    assert (child.volume_ml, heavy.volume_ml) == (200, 600)


@pytest.mark.parametrize(
    ("age_years", "volume_ml"),
    [(0, 100), (1, 150), (2, 150), (3, 200), (7, 250), (13, 250), (14, 400), (None, 400)],
)
def test_the_volume_of_a_child_grows_with_its_age(age_years: int | None, volume_ml: int) -> None:
    assert programme([line("甘草")], KNOWLEDGE, doses_count=1, age_years=age_years).volume_ml == volume_ml


def test_water_is_what_the_herbs_keep_what_boils_away_and_what_is_drawn_off() -> None:
    plan = programme(
        [line("黄芪", 30), line("薄荷", 6, "后下"), line("石膏", 30, "先煎")], KNOWLEDGE, doses_count=7
    )
    kept_ml = 7 * (30 * 1.5 + 6 * 2.5 + 30 * 0.5)
    drawn_ml, boils_away_ml = 7 * 400 * 0.6, (15 + 30) * 10
    assert 0 <= plan.first_water_ml - (kept_ml + drawn_ml + boils_away_ml) < 50
    assert 0 <= plan.second_water_ml - (7 * 400 * 0.4 + 20 * 10) < 50
    assert plan.water_ml == plan.first_water_ml + plan.second_water_ml == 2700 + 1350


def test_what_does_not_boil_with_the_others_keeps_no_water() -> None:
    alone = programme([line("黄芪", 30)], KNOWLEDGE, doses_count=7)
    with_others = programme(
        [line("黄芪", 30), line("三七粉", 3, "冲服"), line("阿胶", 9, "烊化"), line("人参", 9, "另煎")],
        KNOWLEDGE,
        doses_count=7,
    )
    assert with_others.water_ml == alone.water_ml


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(KNOWLEDGE.herbs)), st.integers(1, 60)), min_size=1, max_size=20
    ),
    st.integers(1, 14),
    st.none() | st.integers(0, 100),
    st.sampled_from(DECOCTION_CLASSES),
)
def test_no_programme_leaves_the_regulation(
    herbs: list[tuple[str, int]], doses_count: int, age_years: int | None, decoction_class: str
) -> None:
    plan = programme(
        [line(herb, grams) for herb, grams in herbs],
        KNOWLEDGE,
        doses_count=doses_count,
        age_years=age_years,
        decoction_class=decoction_class,
    )
    least, most = (100, 300) if age_years is not None and age_years < 14 else (400, 600)
    assert least <= plan.volume_ml <= most
    assert plan.soak_min >= 30
    assert plan.water_ml > plan.total_ml
    assert plan.first_water_ml % 50 == plan.second_water_ml % 50 == 0


@pytest.mark.parametrize(
    ("herbs", "soak_min"),
    [
        ([("枸杞子", 12), ("菟丝子", 12), ("甘草", 6)], 60),
        ([("枸杞子", 12), ("甘草", 12)], 60),
        ([("枸杞子", 11), ("甘草", 12)], 30),
        ([("不知何药", 10)], 30),
    ],
)
def test_seeds_and_fruits_soak_an_hour_where_they_are_half_of_it(
    herbs: list[tuple[str, float]], soak_min: int
) -> None:
    lines = [line(herb, grams) for herb, grams in herbs]
    assert programme(lines, KNOWLEDGE, doses_count=1).soak_min == soak_min


def test_a_smelly_herb_asks_for_a_pot_of_its_own() -> None:
    assert programme([line("没药", 5)], KNOWLEDGE, doses_count=1).taint == "strong"


@pytest.mark.parametrize(
    ("lines", "doses_count", "decoction_class"),
    [([], 1, "一般"), ([line("甘草")], 0, "一般"), ([line("甘草")], 1, "速煎")],
)
def test_impossible_requests_are_refused(
    lines: list[FormulaItem], doses_count: int, decoction_class: str
) -> None:
    with pytest.raises(ValueError, match="a programme needs lines"):
        programme(lines, KNOWLEDGE, doses_count=doses_count, decoction_class=decoction_class)


def test_every_shipped_formula_is_told_its_own_class() -> None:
    told = {
        formula.name: tell_class(formula.items, KNOWLEDGE, syndrome=formula.syndromes[0])
        for formula in KNOWLEDGE.formulas.values()
    }
    assert {name: each.decoction_class for name, each in told.items() if each} == {
        formula.name: formula.decoction_class for formula in KNOWLEDGE.formulas.values()
    }


@pytest.mark.parametrize(
    ("herbs", "syndrome", "decoction_class"),
    [
        ([("荆芥", 9), ("防风", 9), ("甘草", 6)], "", "解表"),
        ([("荆芥", 6), ("金银花", 15), ("甘草", 6)], "风热犯表证", "解表"),
        ([("荆芥", 6), ("金银花", 15), ("甘草", 6)], "热毒证", "一般"),
        ([("黄芪", 30), ("当归", 10), ("陈皮", 10)], "气虚证", "滋补"),
        ([("黄芪", 30), ("当归", 10), ("陈皮", 10)], "湿热证", "一般"),
        ([("不知何药", 10)], "", "一般"),
    ],
)
def test_herbs_and_syndrome_tell_the_class(
    herbs: list[tuple[str, float]], syndrome: str, decoction_class: str
) -> None:
    told = tell_class([line(herb, grams) for herb, grams in herbs], KNOWLEDGE, syndrome=syndrome)
    assert told is not None
    assert (told.decoction_class, told.formula) == (decoction_class, "")


def test_nothing_written_has_no_class() -> None:
    assert tell_class([], KNOWLEDGE) is None
