"""Doses at, just below and just above every limit, by route and indication, after adding up spellings."""

import pytest

from tcm.review import Case, Line, Supply
from tests.tcm.review.cases import KNOWLEDGE, case, figures, measured, of_kind, of_rule, severities


@pytest.mark.parametrize(
    ("herb", "grams", "note", "limit"),
    [
        *(("细辛", 3.5, "", 3.0), ("附片", 16, "先煎", 15.0), ("生地", 16, "", 15.0), ("地黄", 16, "", 15.0)),
        *(("麻黄", 10.1, "", 10.0), ("川乌", 4, "先煎", 3.0), ("麦芽", 16, "", 15.0), ("三七", 10, "", 9.0)),
        *(
            ("炒白术", 12.01, "", 12.0),
            ("北芪", 31, "", 30.0),
            ("法夏", 10, "", 9.0),
            ("全虫", 6.5, "", 6.0),
        ),
        *(("川军", 16, "", 15.0), ("吴萸", 5.5, "", 5.0), ("槟榔", 11, "", 10.0), ("使君子仁", 10, "", 9.0)),
    ],
)
def test_daily_grams_above_the_maximum_need_a_signature(
    herb: str, grams: float, note: str, limit: float
) -> None:
    found = of_kind("overdose", case((herb, grams, note)))
    assert [(item.rule, item.severity, item.value, item.limit, item.unit) for item in found] == [
        ("overdose", "sign", grams, limit, "g/日")
    ]


@pytest.mark.parametrize(
    ("herb", "grams", "facts"),
    [
        *(("细辛", 3, {}), ("附片", 15, {}), ("麻黄", 10, {}), ("炒白术", 12, {}), ("北芪", 30, {})),
        *(("鲜地黄", 30, {}), ("鲜石斛", 30, {}), ("鲜芦根", 60, {}), ("鲜鱼腥草", 50, {})),
        *(("炒麦芽", 60, {"disease": "回乳"}), ("槟榔", 60, {"disease": "绦虫病"})),
        *(("槟榔", 60, {"usage": "水煎服，驱虫"}), ("猫爪草", 120, {}), ("青礞石", 15, {})),
        *(("龙骨", 0.1 + 0.2, {}), ("细辛", 1 + 1 + 1.0000000001, {})),
    ],
)
def test_doses_that_a_route_or_indication_allows_are_not_flagged(
    herb: str, grams: float, facts: dict[str, object]
) -> None:
    assert of_kind("overdose", case((herb, grams), **facts)) == []


@pytest.mark.parametrize(
    ("herbs", "facts", "limit"),
    [
        ([("鲜芦根", 61)], {}, 60.0),
        ([("鲜芦根", 20), ("芦根", 20)], {}, 30.0),
        ([("炒麦芽", 61)], {"disease": "回乳"}, 60.0),
        ([("炒麦芽", 60)], {"disease": "绦虫病"}, 15.0),
        ([("槟榔", 61)], {"disease": "姜片虫病"}, 60.0),
        ([("槟榔", 30)], {"disease": "蛔厥"}, 10.0),
        ([("猫爪草", 121)], {}, 120.0),
        ([("猫爪草", 120), ("甘草", 3)], {}, 30.0),
        ([("白及", 7, "冲服")], {}, 6.0),
    ],
)
def test_an_exception_ends_where_the_source_ends_it(
    herbs: list[tuple[str, float]], facts: dict[str, object], limit: float
) -> None:
    assert [item.limit for item in of_kind("overdose", case(*herbs, **facts))] == [limit]


def test_spellings_of_one_herb_are_summed_and_processed_monographs_are_not() -> None:
    merged = of_kind("overdose", case(("双花", 10), ("金银花", 10)))
    assert [(item.herbs, item.value, item.limit) for item in merged] == [(("双花", "金银花"), 20.0, 15.0)]
    assert of_kind("overdose", case(("甘草", 6), ("炙甘草", 6))) == []
    raw_and_fried = of_kind("overdose", case(("大黄", 9), ("酒大黄", 9)))
    assert [(item.value, item.limit) for item in raw_and_fried] == [(18.0, 15.0)]


def test_daily_grams_follow_the_doses_a_day() -> None:
    assert severities("overdose", case(("细辛", 2), doses_per_day=2.0)) == ["sign"]
    assert severities("overdose", case(("细辛", 1.5), doses_per_day=2.0)) == []
    assert severities("overdose", case(("细辛", 6), doses_per_day=0.5)) == []
    assert severities("overdose", case(("细辛", 6.2), doses_per_day=0.5)) == ["sign"]


@pytest.mark.parametrize(
    ("herb", "grams", "told"),
    [
        ("雷公藤", 6.5, [("overdose", "sign", 6.0)]),
        ("雷公藤", 6.0, []),
        ("关白附", 5.0, [("overdose", "sign", 4.5)]),
        ("龙骨", 31.0, [("overdose_unverified", "warn", 30.0)]),
    ],
)
def test_above_a_provincial_figure_a_poison_needs_a_signature_and_others_a_second_look(
    herb: str, grams: float, told: list[tuple[str, str, float]]
) -> None:
    found = of_kind("overdose", case((herb, grams, "先煎")))
    assert [(item.rule, item.severity, item.limit) for item in found] == told


def test_an_overdose_names_poison_spelling_figures_and_clause() -> None:
    (found,) = of_rule("overdose", case(("附片", 20, "先煎")))
    assert (found.message, found.message_en, found.source) == (
        "有毒药附片每日20g，超过上限15g。",
        "附片 (fu zi): 20 g a day, above 15 g.",
        "中国药典2020一部 药典条目294",
    )
    (mild,) = of_rule("overdose", case(("茯苓", 20), ("云苓", 20)))
    assert mild.message == "云苓、茯苓每日40g，超过上限15g。"


def test_a_provincial_herb_above_its_reference_dose_is_a_warning() -> None:
    (found,) = of_kind("overdose", case(("龙骨", 99, "先煎")))
    assert (found.rule, found.severity, found.value) == ("overdose_unverified", "warn", 99)


@pytest.mark.parametrize(
    ("herbs", "severity"),
    [
        *(([("三七粉", 3)], []), ([("三七粉", 3.1)], ["sign"]), ([("三七粉", 6)], ["sign"])),
        *(([("三七粉", 6.1)], ["sign"]), ([("三七", 5, "研末吞服")], ["sign"]), ([("三七", 5)], [])),
        *(([("三七粉", 2), ("田七粉", 2)], ["sign"]), ([("三七粉", 3), ("三七", 6)], [])),
        *(([("雷丸", 21, "研末吞服")], []), ([("雷丸", 22, "研末吞服")], ["sign"])),
        *(([("蕲蛇粉", 4.5)], []), ([("蕲蛇粉", 5)], ["sign"]), ([("蕲蛇", 9)], [])),
        *(([("芫花粉", 0.9)], []), ([("芫花粉", 1)], ["sign"]), ([("芫花", 1.5)], [])),
        *(([("人参粉", 4)], []), ([("人参粉", 4.1)], ["sign"])),
        *(([("川贝粉", 2)], []), ([("川贝母", 3, "研粉冲服")], ["sign"]), ([("川贝母", 9)], [])),
        *(
            ([("细辛", 1, "吞服")], []),
            ([("细辛", 1.5, "吞服")], ["sign"]),
            ([("细辛", 2.5, "吞服")], ["sign"]),
        ),
    ],
)
def test_a_powder_is_held_against_what_is_swallowed_at_one_time(
    herbs: list[tuple[str, float]], severity: list[str]
) -> None:
    assert severities("overdose", case(*herbs)) == severity


def test_a_powder_follows_the_doses_a_day_and_says_so() -> None:
    (found,) = of_rule("powder_dose", case(("三七粉", 2, "冲服"), doses_per_day=2.0))
    assert figures([found]) == [
        (("三七粉",), "sign", 4.0, 3.0, "g/日", "中国药典2020一部 药典条目12"),
    ]
    assert (found.message, found.message_en) == (
        "三七粉研粉每日4g，药典一次量至多3g。",
        "三七粉 as powder: 4 g a day, one time at most 3 g.",
    )


@pytest.mark.parametrize(
    ("herb", "grams", "severity"),
    [("大戟", 99, ["sign"]), ("大戟", 2, []), ("贝母", 10, []), ("贝母", 11, ["sign"]), ("沙参", 0, [])],
)
def test_an_ambiguous_name_is_an_overdose_only_above_every_maximum(
    herb: str, grams: float, severity: list[str]
) -> None:
    assert severities("overdose", case((herb, grams))) == severity


@pytest.mark.parametrize(
    ("grams", "limit"), [(0, 0.0), (-3, 0.0), (500.5, 500.0), (1e308, 500.0), (500, None), (0.001, None)]
)
def test_impossible_grams_are_returned(grams: float, limit: float | None) -> None:
    found = of_kind("invalid_dose", case(("当归", grams)))
    expected = [] if limit is None else [("return", grams, limit, "g")]
    assert [(item.severity, item.value, item.limit, item.unit) for item in found] == expected


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"doses_count": 0}, "剂数0不是正数。"),
        ({"doses_count": -1}, "剂数-1不是正数。"),
        ({"doses_per_day": 0.0}, "每日剂数0不是正数。"),
        ({"doses_per_day": -0.5}, "每日剂数-0.5不是正数。"),
    ],
)
def test_impossible_counts_are_returned(facts: dict[str, object], said: str) -> None:
    found = of_kind("invalid_dose", case("当归", **facts))
    assert [(item.severity, item.herbs, item.message, item.limit) for item in found] == [
        ("return", (), said, 0.0)
    ]


def test_what_counts_as_a_slip_of_the_pen_is_the_institutions() -> None:
    lower = measured("invalid_dose", absurd_g=100)
    assert severities("invalid_dose", case(("石膏", 120, "先煎"))) == []
    assert severities("invalid_dose", case(("石膏", 120, "先煎")), lower) == ["return"]


def test_impossible_counts_are_told_in_english_too() -> None:
    found = of_kind("invalid_dose", case("当归", doses_count=0, doses_per_day=0.0))
    assert sorted(item.message_en for item in found) == [
        "The doses a day is not positive.",
        "The number of doses is not positive.",
    ]


def test_an_ambiguous_name_is_no_overdose_while_one_candidate_has_no_maximum() -> None:
    assert KNOWLEDGE.names.resolve("生白附").candidates == ("生白附子", "关白附")
    assert of_kind("overdose", case(("生白附", 99))) == []


@pytest.mark.parametrize(
    ("herb", "grams", "expected"),
    [
        *(("二术", 21, []), ("二术", 22, [("sign", 22.0, 21.0)]), ("知柏", 20, []), ("焦三仙", 30, [])),
        *(("生熟地(酒炒)", 15, []), ("地丁", 31, [("sign", 31.0, 30.0)]), ("龙牡", 60, [])),
    ],
)
def test_two_herbs_written_as_one_share_the_grams(
    herb: str, grams: float, expected: list[tuple[str, float, float]]
) -> None:
    found = of_kind("overdose", case((herb, grams, "先煎")))
    assert [(item.severity, item.value, item.limit) for item in found] == expected


def test_a_prescription_is_one_dose_a_day_unless_it_says_otherwise() -> None:
    bare = Case((Line("细辛", 3),), syndrome="表寒里饮证", usage="水煎服")
    supply = Supply("甲院", 3, (Line("细辛", 1),))
    assert (bare.doses_count, bare.doses_per_day, supply.doses_per_day) == (1, 1.0, 1.0)


def test_an_ambiguous_name_follows_the_doses_a_day() -> None:
    assert severities("overdose", case(("贝母", 6), doses_per_day=2.0)) == ["sign"]
    assert severities("overdose", case(("贝母", 18), doses_per_day=0.5)) == []
