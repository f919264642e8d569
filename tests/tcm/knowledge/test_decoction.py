"""The boiling programme."""

import pytest

from tcm.knowledge import FormulaItem, load, programme

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
    child = programme([line("甘草")], KNOWLEDGE, doses_count=3, child=True)
    heavy = programme([line("黄芪", 30)] * 11, KNOWLEDGE, doses_count=3)
    assert (child.volume_ml, heavy.volume_ml) == (200, 600)


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
