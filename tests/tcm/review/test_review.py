"""Review: table tests for every rule, the traps, and the verdict."""

import pytest

from tcm.knowledge import load
from tcm.review import RULES, Case, Finding, Line, PatientFacts, check, verdict

KNOWLEDGE = load()
ACONITE = ["川乌", "制川乌", "草乌", "制草乌", "附子", "生川乌", "生附子", "黑顺片"]
AGAINST_ACONITE = [
    *("半夏", "法半夏", "姜半夏", "清半夏", "生半夏", "瓜蒌", "瓜蒌皮", "瓜蒌子", "炒瓜蒌子", "天花粉"),
    *("川贝母", "浙贝母", "平贝母", "伊贝母", "湖北贝母", "贝母", "白蔹", "白及"),
]
AGAINST_LICORICE = ["海藻", "京大戟", "红大戟", "甘遂", "芫花", "大戟", "醋甘遂"]
AGAINST_VERATRUM = [
    *("人参", "红参", "人参叶", "西洋参", "党参", "丹参", "玄参", "苦参", "南沙参", "北沙参", "沙参"),
    *("细辛", "白芍", "赤芍", "芍药"),
]
FEARS = [
    *(("丁香", "郁金"), ("母丁香", "郁金"), ("公丁香", "广郁金"), ("人参", "五灵脂"), ("红参", "醋五灵脂")),
    *(("肉桂", "赤石脂"), ("官桂", "赤石脂"), ("三棱", "芒硝"), ("三棱", "玄明粉"), ("醋三棱", "牙硝")),
    *(("硫黄", "芒硝"), ("硫磺", "朴硝"), ("硫黄", "玄明粉"), ("巴豆", "牵牛子"), ("巴豆霜", "黑丑")),
    *(("狼毒", "密陀僧"), ("川乌", "犀角"), ("草乌", "犀角"), ("水银", "砒霜")),
]


def case(*herbs: str | tuple[str, float] | tuple[str, float, str], **facts: object) -> Case:
    """A well-written case of these herbs; a bare name gets 1 g."""
    lines = tuple(Line(herb, 1.0) if isinstance(herb, str) else Line(*herb) for herb in herbs)
    given = {"syndrome": "脾气虚证", "usage": "每日1剂，水煎，分两次温服", "doses_count": 7, **facts}
    return Case(lines, **given)  # type: ignore[arg-type]


def of_kind(kind: str, reviewed: Case) -> list[Finding]:
    return [found for found in check(reviewed, KNOWLEDGE) if found.kind == kind]


def severities(kind: str, reviewed: Case) -> list[str]:
    return [found.severity for found in of_kind(kind, reviewed)]


@pytest.mark.parametrize("right", AGAINST_ACONITE)
@pytest.mark.parametrize("left", ACONITE)
def test_aconite_clashes_with_its_group(left: str, right: str) -> None:
    found = of_kind("incompat_18", case(left, right))
    assert [(set(clash.herbs), clash.severity) for clash in found] == [({left, right}, "sign")]


@pytest.mark.parametrize("right", AGAINST_LICORICE)
@pytest.mark.parametrize("left", ["甘草", "炙甘草", "生甘草"])
def test_licorice_clashes_with_its_group(left: str, right: str) -> None:
    assert severities("incompat_18", case(left, right)) == ["sign"]


@pytest.mark.parametrize("right", AGAINST_VERATRUM)
def test_veratrum_clashes_with_its_group(right: str) -> None:
    assert severities("incompat_18", case("藜芦", right)) == ["sign"]


@pytest.mark.parametrize(("left", "right"), FEARS)
def test_the_nineteen_fears_are_found(left: str, right: str) -> None:
    assert severities("incompat_19", case(left, right)) == ["sign"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        *(
            ("白附子", "法半夏"),
            ("附子", "土贝母"),
            ("藜芦", "太子参"),
            ("党参", "五灵脂"),
            ("桂枝", "赤石脂"),
        ),
        *(("甘草", "昆布"), ("红芪", "海藻"), ("姜黄", "丁香"), ("莪术", "芒硝"), ("关白附", "白及")),
    ],
)
def test_look_alikes_of_a_pair_draw_no_clash(left: str, right: str) -> None:
    reviewed = case(left, right)
    assert of_kind("incompat_18", reviewed) + of_kind("incompat_19", reviewed) == []


@pytest.mark.parametrize(
    ("herb", "kind", "severity"),
    [
        ("三棱", "preg_forbidden", "block"),
        ("天山雪莲", "preg_forbidden", "block"),
        ("轻粉", "preg_forbidden", "block"),
        ("马兜铃", "preg_forbidden", "block"),
        ("桃仁", "preg_caution", "sign"),
        ("薏米", "preg_caution", "sign"),
        ("五灵脂", "preg_caution", "warn"),
    ],
)
def test_pregnancy(herb: str, kind: str, severity: str) -> None:
    pregnant = PatientFacts(age_years=30, sex="F", pregnant=True)
    assert severities(kind, case(herb, patient=pregnant)) == [severity]
    assert severities(kind, case(herb)) == []


def test_nursing_finds_rhubarb_and_malt_only() -> None:
    nursing = PatientFacts(age_years=30, sex="F", lactating=True)
    found = of_kind("lact_caution", case("川军", "炒麦芽", "当归", patient=nursing))
    assert {(item.herbs, item.severity) for item in found} == {(("川军",), "sign"), (("炒麦芽",), "warn")}


@pytest.mark.parametrize(
    ("herb", "grams", "note", "limit"),
    [
        ("细辛", 3.5, "", 3.0),
        ("附片", 16, "先煎", 15.0),
        ("生地", 16, "", 15.0),
        ("地黄", 16, "", 15.0),
        ("麻黄", 10.1, "", 10.0),
        ("川乌", 4, "先煎", 3.0),
        ("麦芽", 16, "", 15.0),
        ("三七", 10, "", 9.0),
    ],
)
def test_daily_grams_above_the_maximum_need_a_signature(
    herb: str, grams: float, note: str, limit: float
) -> None:
    found = of_kind("overdose", case((herb, grams, note)))
    assert [(item.severity, item.value, item.limit) for item in found] == [("sign", grams, limit)]


@pytest.mark.parametrize(
    ("herb", "grams", "facts"),
    [
        ("细辛", 3, {}),
        ("鲜地黄", 30, {}),
        ("鲜石斛", 30, {}),
        ("鲜芦根", 60, {}),
        ("炒麦芽", 60, {"disease": "回乳"}),
        ("槟榔", 60, {"disease": "绦虫病"}),
        ("猫爪草", 120, {}),
        ("青礞石", 15, {}),
    ],
)
def test_doses_that_a_route_or_indication_allows_are_not_flagged(
    herb: str, grams: float, facts: dict[str, object]
) -> None:
    assert of_kind("overdose", case((herb, grams), **facts)) == []


def test_spellings_of_one_herb_are_summed_and_processed_monographs_are_not() -> None:
    merged = of_kind("overdose", case(("双花", 10), ("金银花", 10)))
    assert [(item.value, item.limit) for item in merged] == [(20.0, 15.0)]
    assert of_kind("overdose", case(("甘草", 6), ("炙甘草", 6))) == []


def test_daily_grams_follow_the_doses_a_day() -> None:
    assert severities("overdose", case(("细辛", 2), doses_per_day=2.0)) == ["sign"]
    assert severities("overdose", case(("细辛", 6), doses_per_day=0.5)) == []


@pytest.mark.parametrize(
    ("herb", "grams", "severity"), [("三七粉", 3, []), ("三七粉", 5, ["warn"]), ("三七粉", 7, ["sign"])]
)
def test_a_powder_is_held_against_what_is_swallowed_at_one_time(
    herb: str, grams: float, severity: list[str]
) -> None:
    assert severities("overdose", case((herb, grams, "冲服"))) == severity


@pytest.mark.parametrize(
    ("herb", "grams", "note"),
    [
        ("人参", 9, "另煎兑服"),
        ("人参", 9, "另炖，冲服"),
        ("人参", 9, "另煎"),
        ("羚羊角", 3, "另煎2小时以上兑服"),
        ("阿胶", 9, "烊化兑服"),
    ],
)
def test_what_is_boiled_apart_and_poured_in_is_no_powder(herb: str, grams: float, note: str) -> None:
    assert check(case((herb, grams, note), ("白术", 9)), KNOWLEDGE) == ()


def test_boiling_apart_does_not_keep_cinnabar_out_of_the_boil() -> None:
    assert severities("not_for_decoction", case(("朱砂", 0.5, "另煎兑服"))) == ["block"]


@pytest.mark.parametrize(
    "herb", [name for name, found in KNOWLEDGE.restrictions.items() if name.startswith("生")]
)
def test_raw_toxic_drugs_are_blocked(herb: str) -> None:
    assert severities("regulated_toxic", case(herb)) == ["block"]


@pytest.mark.parametrize("herb", ["附子", "法半夏", "制川乌", "白附子", "制天南星", "甘遂"])
def test_processed_forms_are_no_statutory_toxic_drugs(herb: str) -> None:
    assert severities("regulated_toxic", case(herb)) == []


@pytest.mark.parametrize(
    ("herb", "kind"),
    [
        *(("罂粟壳", "narcotic"), ("米壳", "narcotic"), ("关木通", "banned"), ("广防己", "banned")),
        *(("青木香", "banned"), ("犀角", "banned"), ("虎骨", "banned"), ("朱砂", "not_for_decoction")),
        *(("雷丸", "not_for_decoction"), ("雄黄", "not_for_decoction"), ("马钱子", "not_for_decoction")),
        *(("麝香", "not_for_decoction"), ("冰片", "not_for_decoction"), ("牛黄", "not_for_decoction")),
        *(("蟾酥", "not_for_decoction"), ("斑蝥", "not_for_decoction"), ("芦荟", "not_for_decoction")),
        ("青黛", "not_for_decoction"),
    ],
)
def test_restricted_drugs_are_blocked(herb: str, kind: str) -> None:
    assert severities(kind, case((herb, 0.01))) == ["block"]


@pytest.mark.parametrize("note", ["冲服", "吞服", "入丸散", "外用"])
def test_what_stays_out_of_the_pot_may_be_prescribed(note: str) -> None:
    assert severities("not_for_decoction", case(("冰片", 0.2, note))) == []


@pytest.mark.parametrize(
    ("herb", "note"),
    [
        *(
            ("附子", "先煎"),
            ("附子", "久煎1小时"),
            ("石膏", "打碎先煎"),
            ("薄荷", "后下"),
            ("车前子", "布包"),
        ),
        *(("西洋参", "另炖"), ("阿胶", "烊化"), ("芒硝", "溶服"), ("番泻叶", "开水泡服"), ("水牛角", "先煎")),
    ],
)
def test_a_needed_note_is_asked_for_and_its_spellings_satisfy(herb: str, note: str) -> None:
    assert severities("missing_decoction_note", case(herb)) == ["return"]
    assert severities("missing_decoction_note", case((herb, 1.0, note))) == []


def test_a_wrong_note_does_not_satisfy_and_a_bracketed_one_does() -> None:
    assert severities("missing_decoction_note", case(("附子", 3, "后下"))) == ["return"]
    assert severities("missing_decoction_note", case(("附子(先煎)", 3))) == []


@pytest.mark.parametrize(
    ("herb", "severity"),
    [
        *(("大黄", []), ("阿胶珠", []), ("燀苦杏仁", []), ("生杏仁", ["return"]), ("苦杏仁", ["warn"])),
        *(("鱼腥草", ["warn"]), ("龙骨", ["warn"]), ("当归", [])),
    ],
)
def test_notes_are_not_demanded_where_the_source_does_not(herb: str, severity: list[str]) -> None:
    assert severities("missing_decoction_note", case(herb)) == severity


@pytest.mark.parametrize(
    ("left", "right", "severity"),
    [
        *(("金银花", "双花", ["return"]), ("当归", "当归", ["return"]), ("白术", "麸炒白术", ["return"])),
        *(("地黄", "生地", ["return"]), ("甘草", "炙甘草", ["warn"]), ("半夏", "法半夏", ["warn"])),
        *(("生地", "熟地", []), ("生姜", "干姜", []), ("牛膝", "川牛膝", []), ("枳壳", "枳实", [])),
    ],
)
def test_repetition(left: str, right: str, severity: list[str]) -> None:
    assert severities("duplicate", case(left, right)) == severity


@pytest.mark.parametrize(
    ("allergy", "herb", "severity"),
    [
        *(("甘草", "炙甘草", ["block"]), ("对黄芪过敏", "北芪", ["block"]), ("贝母", "浙贝", ["block"])),
        *(
            ("青霉素、全蝎", "全虫", ["block"]),
            ("花粉", "天花粉", []),
            ("无", "甘草", []),
            ("青霉素", "青蒿", []),
        ),
    ],
)
def test_allergy(allergy: str, herb: str, severity: list[str]) -> None:
    assert severities("allergy", case(herb, patient=PatientFacts(allergies=(allergy,)))) == severity


@pytest.mark.parametrize(
    ("condition", "herb", "severity"),
    [
        *(
            ("肝功能不全", "朱砂", ["block"]),
            ("慢性肾功能不全", "马兜铃", ["block"]),
            ("肾衰", "苦楝皮", ["sign"]),
        ),
        *(("乙肝", "何首乌", ["warn"]), ("青光眼", "天仙子", ["block"]), ("否认肝炎", "朱砂", [])),
        *(("肾虚", "朱砂", []), ("咯血", "猪牙皂", ["block"]), ("高血压", "甘草", [])),
    ],
)
def test_conditions_of_the_patient(condition: str, herb: str, severity: list[str]) -> None:
    assert severities("organ_contra", case(herb, patient=PatientFacts(conditions=(condition,)))) == severity


@pytest.mark.parametrize(("age", "severity"), [(3, ["block"]), (17.9, ["block"]), (18, []), (None, [])])
def test_poppy_husk_is_forbidden_to_children(age: float | None, severity: list[str]) -> None:
    assert severities("child_forbidden", case("罂粟壳", patient=PatientFacts(age_years=age))) == severity


def test_a_childs_dose_is_held_against_the_teaching_convention() -> None:
    child = PatientFacts(age_years=5)
    found = of_kind("child_dose", case(("茯苓", 10), ("白术", 6), patient=child))
    assert [(item.herbs, item.severity) for item in found] == [(("茯苓",), "warn")]


@pytest.mark.parametrize(
    ("drug", "herbs", "severity"),
    [
        ("华法林钠片", ["丹参"], ["sign"]),
        ("Warfarin", ["酒当归"], ["sign"]),
        ("地高辛", ["炙甘草"], ["sign"]),
        ("呋塞米片", ["甘草"], ["warn"]),
        ("司来吉兰", ["麻黄"], ["sign"]),
        ("聚乙二醇干扰素", ["柴胡", "黄芩", "法半夏", "党参", "炙甘草"], ["sign"]),
        ("聚乙二醇干扰素", ["柴胡", "黄芩"], []),
        ("复方伪麻黄碱缓释胶囊", ["炙麻黄"], ["warn"]),
        ("华法林", ["川芎"], []),
    ],
)
def test_western_drugs(drug: str, herbs: list[str], severity: list[str]) -> None:
    assert severities("ddi", case(*herbs, patient=PatientFacts(western_drugs=(drug,)))) == severity


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({"doses_count": 7}, []),
        ({"doses_count": 8}, ["return"]),
        ({"doses_count": 14, "doses_per_day": 2.0}, []),
        ({"doses_count": 14, "extended_supply_reason": "慢性病"}, []),
        ({"doses_count": 14, "extended_supply_reason": "  "}, ["return"]),
        ({"doses_count": 4, "visit_type": "emergency"}, ["return"]),
        ({"doses_count": 3, "visit_type": "emergency"}, []),
        ({"doses_count": 90, "extended_supply_reason": "慢性病"}, ["return"]),
    ],
)
def test_days_of_supply(facts: dict[str, object], severity: list[str]) -> None:
    assert severities("days_supply", case("当归", **facts)) == severity


@pytest.mark.parametrize(
    ("facts", "kind", "severity"),
    [
        ({"syndrome": None}, "missing_diagnosis", "return"),
        ({"syndrome": " "}, "missing_diagnosis", "return"),
        ({"usage": ""}, "missing_usage", "warn"),
        ({"usage": "遵医嘱"}, "missing_usage", "warn"),
        ({"doses_count": 0}, "invalid_dose", "return"),
    ],
)
def test_what_a_prescription_must_say(facts: dict[str, object], kind: str, severity: str) -> None:
    assert severities(kind, case("当归", **facts)) == [severity]


@pytest.mark.parametrize("grams", [0, -3, 501])
def test_impossible_grams_are_returned(grams: float) -> None:
    assert severities("invalid_dose", case(("当归", grams))) == ["return"]


@pytest.mark.parametrize(
    ("herb", "kind", "severity"),
    [
        ("沙参", "ambiguous_name", "return"),
        ("无此药", "unknown_herb", "return"),
        ("龙骨", "not_in_pharmacopoeia", "warn"),
        ("川乌", "unmarked_toxic", "warn"),
        ("炉甘石", "external_only", "warn"),
    ],
)
def test_names_that_need_a_second_look(herb: str, kind: str, severity: str) -> None:
    assert severities(kind, case(herb)) == [severity]


def test_a_clean_prescription_draws_nothing() -> None:
    herbs = (("人参", 9, "另煎"), ("白术", 9), ("茯苓", 12), ("炙甘草", 6))
    assert check(case(*herbs), KNOWLEDGE) == ()


def test_a_second_signature_clears_a_sign_only_when_every_herb_of_it_is_signed() -> None:
    herbs = (("附片", 9, "先煎"), ("法半夏", 9))
    none, one, both = (
        check(case(*herbs, second_signatures=signed), KNOWLEDGE)
        for signed in ((), ("附子",), ("附子", "法夏"))
    )
    assert [verdict(findings) for findings in (none, one, both)] == ["sign", "sign", "warn"]
    assert [found.signed for found in both if found.kind == "incompat_18"] == [True]


def test_a_block_is_never_cleared_and_a_return_neither() -> None:
    assert verdict(check(case("生附子", second_signatures=("生附子",)), KNOWLEDGE)) == "block"
    assert verdict(check(case("附子", second_signatures=("附子",)), KNOWLEDGE)) == "return"


def test_every_rule_has_its_row_and_every_finding_says_where_it_comes_from() -> None:
    assert set(RULES) <= set(KNOWLEDGE.rules)
    findings = check(case("生附子", "半夏", "沙参", ("龙骨", 99), "甘遂", "甘草", "朱砂"), KNOWLEDGE)
    assert [found for found in findings if not (found.source and found.message and found.clears)] == []
    assert {found.rule for found in findings} <= set(KNOWLEDGE.rules)
