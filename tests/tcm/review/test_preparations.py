"""Granules and cooking at home: which herbs do not suit, which words of the usage contradict."""

import pytest

from tcm.review import Case, check, verdict
from tests.tcm.review.cases import KNOWLEDGE, case, of_kind, of_rule, severities

GRANULES = {"preparation": "granules", "usage": "每日1剂，开水冲服"}
OWN_COOKING = {"preparation": "own_cooking", "usage": "每日1剂，水煎，分两次温服"}


@pytest.mark.parametrize(
    ("herb", "asked", "severity"),
    [
        (("鲜芦根", 30), GRANULES, ["return"]),
        (("芦根", 15), GRANULES, []),
        (("蜂蜜", 15), GRANULES, ["warn"]),
        (("芒硝", 6, "冲服"), GRANULES, ["warn"]),
        (("附子", 9, "先煎"), GRANULES, []),
        (("附子", 9, "先煎"), OWN_COOKING, ["sign"]),
        (("炮附片", 9, "先煎"), OWN_COOKING, ["sign"]),
        (("制川乌", 3, "先煎"), OWN_COOKING, ["sign"]),
        (("川乌", 3, "先煎"), OWN_COOKING, ["sign"]),
        (("甘草", 6), OWN_COOKING, []),
    ],
)
def test_a_herb_that_does_not_suit_is_named(
    herb: tuple[object, ...], asked: dict[str, str], severity: list[str]
) -> None:
    assert severities("preparation", case(herb, **asked)) == severity  # type: ignore[arg-type]


def test_no_fresh_herb_is_made_of_granules_under_any_of_its_names() -> None:
    spelled = [
        name
        for name in (*KNOWLEDGE.herbs, *(each.alias for each in KNOWLEDGE.names.aliases))
        if name.startswith("鲜")
    ]
    clear = [name for name in spelled if KNOWLEDGE.names.resolve(name).status == "ok"]
    assert len(clear) > 90
    passed = [name for name in clear if severities("preparation", case((name, 9), **GRANULES)) != ["return"]]
    assert passed == []


def test_what_the_centre_decocts_has_no_such_findings() -> None:
    assert of_kind("preparation", case(("附子", 9, "先煎"), ("鲜芦根", 30), ("蜂蜜", 15))) == []


def test_the_finding_says_why_and_where_it_is_written() -> None:
    [found] = of_rule("preparation_limit", case(("制附子", 9, "先煎"), **OWN_COOKING))
    assert (found.message, found.source) == (
        "制附子按自煎调配：煎煮不足会中毒，须先煎、久煎，宜由中心代煎。",
        "中国药典2020一部 药典条目294【用法与用量】先煎，久煎；自煎限制为机构规则（待药事会确认）",
    )
    assert found.message_en == (
        "制附子 (fu zi), cooked at home: poisonous unless boiled first and long: let the centre decoct it."
    )


def test_a_second_signature_lets_the_herb_be_cooked_at_home() -> None:
    asked = case(("附子", 9, "先煎"), second_signatures=("附子",), **OWN_COOKING)
    [found] = of_rule("preparation_limit", asked)
    assert (found.severity, found.signed, verdict(check(asked, KNOWLEDGE))) == ("sign", True, "warn")


@pytest.mark.parametrize(
    ("preparation", "usage", "count"),
    [
        ("granules", "每日1剂，水煎400ml", 1),
        ("granules", "每日1剂，煎服，水煎", 1),
        ("granules", "每日1剂，开水冲服", 0),
        ("own_cooking", "配方颗粒，开水冲服", 1),
        ("own_cooking", "水煎，每日1剂", 0),
        ("decocted", "配方颗粒，开水冲服", 0),
    ],
)
def test_a_usage_that_says_something_else_is_sent_back_once(preparation: str, usage: str, count: int) -> None:
    found = of_rule("preparation_usage", case("当归", preparation=preparation, usage=usage))
    assert [each.severity for each in found] == ["return"] * count


def test_extracts_need_no_note_of_the_pot_but_one_for_what_is_swallowed_apart() -> None:
    def unnoted(**asked: str) -> set[str]:
        reviewed: Case = case("石膏", "薄荷", "车前子", "芒硝", **asked)
        return {herb for found in of_rule("missing_decoction_note", reviewed) for herb in found.herbs}

    assert unnoted() == unnoted(**OWN_COOKING) == {"石膏", "薄荷", "车前子", "芒硝"}
    assert unnoted(**GRANULES) == {"芒硝"}
