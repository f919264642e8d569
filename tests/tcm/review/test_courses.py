"""What review says of days of supply, of what the patient still has, and of how a prescription is written."""

import pytest

from tests.tcm.review.cases import case, figures, left, measured, of_kind, of_rule, patient, severities


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        *(({"doses_count": 7}, []), ({"doses_count": 8}, ["return"])),
        *(
            ({"doses_count": 14, "doses_per_day": 2.0}, []),
            ({"doses_count": 15, "doses_per_day": 2.0}, ["return"]),
        ),
        *(
            ({"doses_count": 7, "doses_per_day": 0.5}, ["return"]),
            ({"doses_count": 3, "doses_per_day": 0.5}, []),
        ),
        *(
            ({"doses_count": 1, "doses_per_day": 0.1}, ["return"]),
            ({"doses_count": 21, "doses_per_day": 3.0}, []),
            ({"doses_count": 1, "doses_per_day": 1 / 7}, []),
        ),
        ({"doses_count": 14, "extended_supply_reason": "慢性病"}, []),
        ({"doses_count": 14, "extended_supply_reason": "  "}, ["return"]),
        ({"doses_count": 84, "extended_supply_reason": "慢性病"}, []),
        ({"doses_count": 85, "extended_supply_reason": "慢性病"}, ["return"]),
        ({"doses_count": 4, "visit_type": "emergency"}, ["return"]),
        ({"doses_count": 3, "visit_type": "emergency"}, []),
        ({"doses_count": 8, "visit_type": "inpatient"}, ["return"]),
        *(({"doses_count": 0}, []), ({"doses_count": 99, "doses_per_day": 0.0}, [])),
        ({"doses_count": -99, "doses_per_day": -1.0}, []),
    ],
)
def test_days_of_supply(facts: dict[str, object], severity: list[str]) -> None:
    assert severities("days_supply", case("当归", **facts)) == severity


def test_days_of_supply_are_told_with_their_figures() -> None:
    found = of_kind("days_supply", case("当归", doses_count=4, visit_type="emergency"))
    assert figures(found) == [((), "return", 4.0, 3.0, "天", "卫生部令53号(2007) 处方管理办法第19条")]
    assert found[0].message == "处方用量4天，超过3天（急诊处方）。"
    stricter = measured("days_supply", outpatient_days=5)
    assert [item.limit for item in of_kind("days_supply", case("当归", doses_count=6), stricter)] == [5.0]


@pytest.mark.parametrize(
    ("facts", "kind", "severity"),
    [
        *(
            ({"syndrome": None}, "missing_diagnosis", ["return"]),
            ({"syndrome": " "}, "missing_diagnosis", ["return"]),
        ),
        *(({"syndrome": "脾气虚证"}, "missing_diagnosis", []), ({"usage": "水煎服"}, "missing_usage", [])),
        *(({"usage": ""}, "missing_usage", ["warn"]), ({"usage": " 遵医嘱 "}, "missing_usage", ["warn"])),
        *(({"usage": "自用"}, "missing_usage", ["warn"]), ({"usage": "医嘱"}, "missing_usage", ["warn"])),
    ],
)
def test_what_a_prescription_must_say(facts: dict[str, object], kind: str, severity: list[str]) -> None:
    assert severities(kind, case("当归", **facts)) == severity


@pytest.mark.parametrize(("days", "found"), [(0, False), (0.5, False), (1, True), (3, True)])
def test_the_same_herb_again_while_some_is_left_is_a_warning(days: float, found: bool) -> None:
    reviewed = case(("北芪", 15), ("当归", 6), earlier=(left(("黄芪", 15), ("白术", 9), days=days),))
    label = "城关卫生院11月20日"
    assert [(item.herbs, item.severity, item.message) for item in of_rule("repeated_supply", reviewed)] == (
        [(("北芪",), "warn", f"{label}的处方尚余{days:g}天，与本方同有北芪。")] if found else []
    )


def test_what_is_left_of_other_herbs_is_no_repetition() -> None:
    reviewed = case("当归", earlier=(left("黄芪", "无此药", ("当归", 0)),))
    assert of_rule("repeated_supply", reviewed) == []


def test_an_institution_says_from_how_many_days_left() -> None:
    reviewed = case("当归", earlier=(left("当归", days=3),))
    later = measured("repeated_supply", days_left_least=4)
    assert (len(of_rule("repeated_supply", reviewed)), of_rule("repeated_supply", reviewed, later)) == (1, [])
    (found,) = of_rule("repeated_supply", reviewed)
    assert (found.value, found.limit, found.unit) == (3, 1.0, "天")
    at_once = measured("repeated_supply", days_left_least=0)
    nothing_left = case("当归", earlier=(left("当归", days=0),))
    assert of_rule("repeated_supply", nothing_left, at_once) == []


@pytest.mark.parametrize(
    ("own_g", "earlier_g", "a_day", "total"),
    [(9, 6, 1.0, None), (9, 6.1, 1.0, 15.1), (9, 4, 2.0, 17.0), (9, 12, 0.5, None), (15, 0.5, 1.0, 15.5)],
)
def test_a_dose_above_the_maximum_only_with_what_is_still_taken(
    own_g: float, earlier_g: float, a_day: float, total: float | None
) -> None:
    reviewed = case(("附片", own_g, "先煎"), earlier=(left(("制附子", earlier_g), a_day=a_day),))
    assert of_rule("overdose", reviewed) == []
    assert [
        (item.herbs, item.severity, item.value, item.limit) for item in of_rule("cumulative_dose", reviewed)
    ] == ([] if total is None else [(("附片",), "warn", total, 15.0)])


def test_several_earlier_prescriptions_add_up_and_are_named() -> None:
    supplies = (left(("细辛", 1), label="甲院"), left(("北细辛", 1), label="乙院"), left(("细辛", 9), days=0))
    (found,) = of_rule("cumulative_dose", case(("细辛", 2), earlier=supplies))
    assert found.message == "细辛连同乙院、甲院尚在服用的处方每日共4g，超过上限3g。"
    assert figures([found])[0][2:] == (4.0, 3.0, "g/日", "中国药典2020一部 药典条目357")


def test_an_overdose_in_itself_is_not_told_again_as_cumulative() -> None:
    reviewed = case(("细辛", 4), earlier=(left(("细辛", 3)),))
    assert (len(of_rule("overdose", reviewed)), of_rule("cumulative_dose", reviewed)) == (1, [])


@pytest.mark.parametrize(
    ("herbs", "total"),
    [
        ([("制川乌", 1.5, "先煎"), ("制草乌", 1.5, "先煎")], None),
        ([("制川乌", 1.5, "先煎"), ("制草乌", 1.6, "先煎")], 3.1 / 3),
        ([("附子", 15, "先煎"), ("制川乌", 1.5, "先煎")], 1.5),
        ([("附子", 15, "先煎"), ("炮附片", 15, "先煎")], None),
        ([("苦杏仁", 10, "后下"), ("桃仁", 10)], None),
        ([("附子", 15, "先煎"), ("川楝子", 10)], None),
        ([("川楝子", 10), ("苦楝皮", 6)], 2.0),
    ],
)
def test_parts_of_one_poison_add_up(herbs: list[tuple[str, float, str]], total: float | None) -> None:
    found = of_rule("toxic_sum", case(*herbs))
    assert [(item.severity, item.limit, item.unit) for item in found] == [("warn", 1.0, "倍") for _ in found]
    assert [item.value for item in found] == ([] if total is None else [pytest.approx(total)])


def test_a_poison_still_taken_counts_whether_or_not_it_is_prescribed_again() -> None:
    again = case(("附子", 9, "先煎"), earlier=(left(("制川乌", 3)),))
    (found,) = of_rule("toxic_sum", again)
    assert (found.herbs, found.value) == (("附子",), pytest.approx(1.6))
    assert found.message.startswith(
        "制川乌（尚在服用）、附子同含乌头碱、新乌头碱、次乌头碱，各占上限之和为1.6倍"
    )
    assert found.message_en.startswith("制川乌 (still taken), 附子 share a poison")
    more = case(("附子", 6, "先煎"), ("制川乌", 1, "先煎"), earlier=(left(("制川乌", 1)),))
    assert [item.value for item in of_rule("toxic_sum", more)] == [pytest.approx(0.4 + 2 / 3)]
    assert of_rule("toxic_sum", case("当归", earlier=(left(("制川乌", 3), ("附子", 15)),))) == []
    assert of_rule("toxic_sum", case(("附子", 9, "先煎"), earlier=(left(("制川乌", 3), days=0.5),))) == []


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        *(
            ({"doses_count": 2}, []),
            ({"doses_count": 3}, ["return"]),
            ({"doses_count": 4, "doses_per_day": 2.0}, []),
        ),
        *(({"doses_count": 0}, []), ({"doses_count": 3, "doses_per_day": 0.0}, [])),
    ],
)
def test_a_statutory_toxic_drug_is_given_for_two_days(facts: dict[str, object], severity: list[str]) -> None:
    reviewed = case(("生川乌", 1, "先煎"), "当归", **facts)
    assert severities("toxic_supply", reviewed) == severity


def test_the_two_days_are_told_with_their_clause() -> None:
    (found,) = of_rule("toxic_supply", case(("雄黄", 0.05, "入丸散"), doses_count=7))
    assert figures([found]) == [
        (("雄黄",), "return", 7.0, 2.0, "天", "国务院令第23号(1988) 医疗用毒性药品管理办法第9条"),
    ]
    assert of_rule("toxic_supply", case(("附子", 1, "先煎"), doses_count=7)) == []
    one_day = measured("toxic_supply", limit_days=1)
    assert [item.limit for item in of_rule("toxic_supply", case("生附子", doses_count=2), one_day)] == [1.0]


@pytest.mark.parametrize(
    ("syndrome", "herb", "found"),
    [
        *(("脾胃虚寒证", "黄连", True), ("脾胃虚寒证", "川连", True), ("胃热炽盛证", "黄连", False)),
        *(("阴虚阳亢证", "麻黄", True), ("风寒束表证", "麻黄", False), ("肝阳上亢证", "柴胡", True)),
        *(("血热证", "肉桂", True), ("", "黄连", False), ("脾胃虚寒证", "茯苓", False)),
    ],
)
def test_a_herb_that_the_syndrome_does_not_suit_is_a_warning(syndrome: str, herb: str, found: bool) -> None:
    reviewed = case(herb, "茯苓", syndrome=syndrome)
    assert [(item.kind, item.severity, item.herbs) for item in of_rule("pattern_caution", reviewed)] == (
        [("pattern_mismatch", "warn", (herb,))] if found else []
    )


@pytest.mark.parametrize(
    ("syndrome", "herbs", "said"),
    [
        ("胃热炽盛证", [("干姜", 10), ("附子", 15, "先煎"), ("肉桂", 5)], "热"),
        ("脾胃虚寒证", [("黄连", 5), ("石膏", 60, "先煎"), ("大黄", 15)], "寒"),
        ("胃热炽盛证", [("干姜", 10), ("附子", 15, "先煎"), ("肉桂", 5), ("黄连", 1)], None),
        ("脾胃虚寒证", [("黄连", 5), ("石膏", 60, "先煎"), ("干姜", 1)], None),
        ("胃热炽盛证", [("黄连", 5), ("石膏", 60, "先煎")], None),
        ("脾胃虚寒证", [("干姜", 10), ("附子", 15, "先煎")], None),
        ("寒热错杂证", [("干姜", 10), ("附子", 15, "先煎")], None),
        ("胃热炽盛、湿重于热证", [("干姜", 10), ("附子", 15, "先煎")], None),
        ("脾气虚证", [("干姜", 10), ("附子", 15, "先煎")], None),
        ("", [("干姜", 10)], None),
        ("胃热炽盛证", [("茯苓", 10)], None),
        ("胃热炽盛证", [("无此药", 10)], None),
    ],
)
def test_a_prescription_of_the_wrong_nature_is_a_warning(
    syndrome: str, herbs: list[tuple[str, float, str]], said: str | None
) -> None:
    found = of_rule("pattern_nature", case(*herbs, syndrome=syndrome))
    assert [(item.kind, item.severity, item.herbs) for item in found] == (
        [] if said is None else [("pattern_mismatch", "warn", ())]
    )
    assert [f"全方药性偏{said}（" in item.message for item in found] == [True for _ in found]


def test_how_hot_is_too_hot_is_the_institutions() -> None:
    warm = case(("肉桂", 1.5), ("茯苓", 15), syndrome="胃热炽盛证")
    assert of_rule("pattern_nature", warm) == []
    (found,) = of_rule("pattern_nature", warm, measured("pattern_nature", hot_above=0.5))
    assert (found.limit, found.source, found.message_en[:38]) == (
        0.5,
        "机构规则 2026-11-22.1",
        "The syndrome is of heat and so is the ",
    )
    assert found.value == pytest.approx(0.69)
    cool = case(("黄连", 2), ("茯苓", 15), syndrome="脾胃虚寒证")
    (cold,) = of_rule("pattern_nature", cool, measured("pattern_nature", cold_below=-0.5))
    assert (cold.limit, cold.value) == (-0.5, pytest.approx(-0.57))


def test_a_prescription_of_nothing_has_no_nature() -> None:
    assert of_rule("pattern_nature", case(("干姜", 0), syndrome="胃热炽盛证")) == []
    plain = case(("干姜", 10), ("附子", 0), ("无此药", 9), syndrome="胃热炽盛证")
    assert [item.value for item in of_rule("pattern_nature", plain)] == [2.5]


# Each nature, by a herb that textbooks give it, alone at its maximum.
WARMTH = [
    *(("肉桂", 3.0), ("干姜", 2.5), ("黄芪", 0.7), ("陈皮", 1.5), ("茯苓", 0.0)),
    *(("柴胡", -1.0), ("薄荷", -1.0), ("黄连", -2.0), ("石膏", -3.0)),
]


@pytest.mark.parametrize(("herb", "warmth"), WARMTH)
def test_how_warm_each_nature_is(herb: str, warmth: float) -> None:
    cold = warmth < 0
    moved = measured("pattern_nature", hot_above=0.1, cold_below=-0.1)
    found = of_rule("pattern_nature", case((herb, 3), syndrome="脾胃虚寒证" if cold else "胃热炽盛证"), moved)
    assert [item.value for item in found] == ([warmth] if warmth else [])


def test_one_caution_is_enough_for_a_herb() -> None:
    both = of_rule(
        "pattern_caution", case("附子", syndrome="阴虚阳亢、肝阳上亢证", patient=patient(age_years=40))
    )
    assert [item.herbs for item in both] == [("附子",)]
