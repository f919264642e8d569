"""What review says of the herbs themselves: names, restrictions, notes, repetition, money."""

import pytest

from tcm.review import RuleSetting, check
from tests.tcm.review.cases import KNOWLEDGE, case, figures, measured, of_kind, of_rule, rules, severities

# 医疗用毒性药品管理办法 (1988), the raw drugs and minerals of its list.
STATUTORY_TOXIC = [
    *(
        "砒石",
        "红砒",
        "砒霜",
        "水银",
        "生马钱子",
        "生川乌",
        "生草乌",
        "生白附子",
        "生附子",
        "生半夏",
        "生南星",
    ),
    *("生巴豆", "斑蝥", "青娘虫", "红娘虫", "生甘遂", "生狼毒", "生藤黄", "生千金子", "生天仙子", "闹羊花"),
    *("雪上一枝蒿", "红升丹", "白降丹", "蟾酥", "洋金花", "红粉", "轻粉", "雄黄"),
]


@pytest.mark.parametrize("herb", STATUTORY_TOXIC)
def test_statutory_toxic_drugs_are_blocked(herb: str) -> None:
    assert severities("regulated_toxic", case((herb, 0.01, "外用"))) == ["block"]


@pytest.mark.parametrize(
    "herb", ["附子", "法半夏", "制川乌", "白附子", "制白附子", "制天南星", "醋甘遂", "巴豆霜", "千金子霜"]
)
def test_processed_forms_are_no_statutory_toxic_drugs(herb: str) -> None:
    assert severities("regulated_toxic", case(herb)) == []


@pytest.mark.parametrize(
    ("herb", "kind"),
    [
        *(("罂粟壳", "narcotic"), ("米壳", "narcotic"), ("关木通", "banned"), ("广防己", "banned")),
        *(("青木香", "banned"), ("犀角", "banned"), ("虎骨", "banned"), ("豹骨", "banned")),
        *(("朱砂", "not_for_decoction"), ("辰砂", "not_for_decoction"), ("雷丸", "not_for_decoction")),
        *(("雄黄", "not_for_decoction"), ("马钱子", "not_for_decoction"), ("麝香", "not_for_decoction")),
        *(("冰片", "not_for_decoction"), ("梅片", "not_for_decoction"), ("牛黄", "not_for_decoction")),
        *(("蟾酥", "not_for_decoction"), ("斑蝥", "not_for_decoction"), ("芦荟", "not_for_decoction")),
        *(("青黛", "not_for_decoction"), ("鸦胆子", "not_for_decoction"), ("巴豆霜", "not_for_decoction")),
    ],
)
def test_restricted_drugs_are_blocked(herb: str, kind: str) -> None:
    assert severities(kind, case((herb, 0.01))) == ["block"]


@pytest.mark.parametrize("herb", ["木通", "川木通", "防己", "木香", "水牛角", "石榴皮", "狗骨", "大黄"])
def test_what_stands_in_for_a_restricted_drug_is_free(herb: str) -> None:
    reviewed = case(herb)
    assert [kind for kind in ("banned", "narcotic", "regulated_toxic") if of_kind(kind, reviewed)] == []


@pytest.mark.parametrize("note", ["冲服", "吞服", "入丸散", "外用", "装胶囊", "研末冲"])
def test_what_stays_out_of_the_pot_may_be_prescribed(note: str) -> None:
    assert severities("not_for_decoction", case(("冰片", 0.2, note))) == []


@pytest.mark.parametrize("note", ["", "后下", "先煎", "包煎", "另煎兑服"])
def test_boiling_apart_or_late_does_not_keep_cinnabar_out_of_the_boil(note: str) -> None:
    assert severities("not_for_decoction", case(("朱砂", 0.5, note))) == ["block"]


def test_a_restriction_names_the_replacement_its_note_and_each_spelling_once() -> None:
    (found,) = of_kind("banned", case("关木通", "关木通"))
    assert (found.message, found.message_en, found.source, found.clears) == (
        "关木通已禁止使用，可改用木通：已取消药用标准或禁止贸易使用。",
        "关木通 (guan mu tong) is banned.",
        "2003 国药监注〔2003〕121号",
        "换用替代品",
    )
    (toxic,) = of_kind("regulated_toxic", case("生附子"))
    assert toxic.message == "生附子属毒性药品管理品种：毒性药品：每次不超过二日极量，双人复核，处方保存二年。"


def test_external_drugs_are_a_warning_unless_used_outside() -> None:
    assert severities("external_only", case("炉甘石")) == ["warn"]
    assert severities("external_only", case(("炉甘石", 9, "外用"))) == []


@pytest.mark.parametrize(
    ("herb", "note"),
    [
        *(
            ("附子", "先煎"),
            ("附子", "久煎1小时"),
            ("制川乌", "先煎"),
            ("石膏", "打碎先煎"),
            ("生石膏", "先下"),
        ),
        *(("龟板", "先煎"), ("磁石", "先煎"), ("薄荷", "后下"), ("砂仁", "后入"), ("钩藤", "后下")),
        *(("车前子", "布包"), ("旋复花", "包煎"), ("蒲黄炭", "纱布包煎"), ("辛夷", "包")),
        *(("西洋参", "另炖"), ("人参", "另煎"), ("阿胶", "烊化"), ("鹿角胶", "烊冲"), ("芒硝", "溶服")),
        *(("玄明粉", "冲服"), ("番泻叶", "开水泡服"), ("水牛角", "先煎"), ("羚羊角", "另煎兑服")),
    ],
)
def test_a_needed_note_is_asked_for_and_its_spellings_satisfy(herb: str, note: str) -> None:
    assert severities("missing_decoction_note", case(herb)) == ["return"]
    assert severities("missing_decoction_note", case((herb, 1.0, note))) == []


@pytest.mark.parametrize(
    ("herb", "note"), [("附子", "后下"), ("薄荷", "先煎"), ("车前子", "冲服"), ("阿胶", "包煎")]
)
def test_a_wrong_note_does_not_satisfy_and_is_quoted(herb: str, note: str) -> None:
    (found,) = of_kind("missing_decoction_note", case((herb, 3, note)))
    assert (found.severity, f"，所注“{note}”不合。" in found.message) == ("return", True)


def test_a_missing_note_says_which_and_whose_clause() -> None:
    (found,) = of_kind("missing_decoction_note", case(("炮附片", 9, "  ")))
    assert (found.herbs, found.message, found.message_en, found.source) == (
        ("炮附片",),
        "炮附片应注明“先煎”。",
        "炮附片 (pao fu pian) needs the note 先煎.",
        "中国药典2020一部 药典条目294",
    )


def test_a_note_in_brackets_satisfies_and_adds_to_the_one_beside() -> None:
    assert severities("missing_decoction_note", case(("附子(先煎)", 3))) == []
    assert severities("missing_decoction_note", case(("附子(先煎)", 3, "打碎"))) == []
    assert severities("missing_decoction_note", case(("附子（打碎）", 3, "先煎半小时"))) == []
    assert severities("missing_decoction_note", case(("附子(打碎)", 3, "后下"))) == ["return"]


@pytest.mark.parametrize(
    ("herb", "note", "severity"),
    [
        *(("三七粉", "", ["warn"]), ("三七粉", "冲服", []), ("三七粉", "吞服", []), ("三七", "", [])),
        *(("川贝粉", "", ["warn"]), ("川贝粉", "兑服", []), ("川贝母", "", [])),
        *(("元胡粉", "", ["warn"]), ("白及粉", "", ["warn"]), ("羚羊角粉", "", ["warn"])),
        *(("人参粉", "", ["warn"]), ("人参粉", "冲服", []), ("山药粉", "", [])),
    ],
)
def test_a_powder_the_pharmacopoeia_has_swallowed_wants_the_note_that_keeps_it_from_the_pot(
    herb: str, note: str, severity: list[str]
) -> None:
    assert severities("missing_decoction_note", case((herb, 0.3, note))) == severity


@pytest.mark.parametrize("herb", ["青礞石", "金礞石"])
@pytest.mark.parametrize(
    ("note", "severity"),
    [
        ("", ["return", "return"]),
        ("先煎", ["return"]),
        ("包煎", ["return"]),
        ("布包先煎", []),
        ("入丸散", []),
    ],
)
def test_mica_schist_is_boiled_first_and_in_a_bag(herb: str, note: str, severity: list[str]) -> None:
    assert severities("missing_decoction_note", case((herb, 10.0, note))) == severity


@pytest.mark.parametrize(
    ("herb", "severity"),
    [
        *(("大黄", []), ("阿胶珠", []), ("燀苦杏仁", []), ("生杏仁", ["return"]), ("苦杏仁", ["warn"])),
        *(
            ("鱼腥草", ["warn"]),
            ("龙骨", ["warn"]),
            ("当归", []),
            ("人参叶", []),
            ("鹿角", []),
            ("羚羊角粉", ["warn"]),
        ),
    ],
)
def test_notes_are_not_demanded_where_the_source_does_not(herb: str, severity: list[str]) -> None:
    assert severities("missing_decoction_note", case(herb)) == severity


@pytest.mark.parametrize(
    ("herb", "grams", "note"),
    [
        *(("人参", 9, "另煎兑服"), ("人参", 9, "另炖，冲服"), ("人参", 9, "另煎"), ("阿胶", 9, "烊化兑服")),
        ("羚羊角", 3, "另煎2小时以上兑服"),
    ],
)
def test_what_is_boiled_apart_and_poured_in_is_no_powder(herb: str, grams: float, note: str) -> None:
    assert check(case((herb, grams, note), ("白术", 9)), KNOWLEDGE) == ()


@pytest.mark.parametrize(
    ("left", "right", "severity"),
    [
        *(("金银花", "双花", ["return"]), ("当归", "当归", ["return"]), ("白术", "麸炒白术", ["return"])),
        *(("地黄", "生地", ["return"]), ("大黄", "酒大黄", ["return"]), ("附片", "黑顺片", ["return"])),
        *(("甘草", "炙甘草", ["warn"]), ("半夏", "法半夏", ["warn"]), ("姜半夏", "法半夏", ["warn"])),
        *(("生地", "熟地", []), ("生姜", "干姜", []), ("牛膝", "川牛膝", []), ("枳壳", "枳实", [])),
        *(("茯苓", "茯神", []), ("瓜蒌皮", "瓜蒌仁", []), ("当归", "川芎", []), ("白芍", "赤芍", [])),
    ],
)
def test_repetition(left: str, right: str, severity: list[str]) -> None:
    assert severities("duplicate", case(left, right)) == severity


def test_a_repetition_counts_the_lines_and_names_the_herb() -> None:
    (found,) = of_rule("duplicate", case(("金银花", 3), ("双花", 3), ("二花", 3)))
    assert (found.herbs, found.value, found.limit) == (("二花", "双花", "金银花"), 3.0, 1.0)
    assert (found.message, found.message_en) == (
        "二花、双花、金银花重复，同为金银花。",
        "二花, 双花, 金银花: the same herb 3 times.",
    )
    (forms,) = of_rule("duplicate_form", case("炙甘草", "甘草"))
    assert (forms.herbs, forms.message) == (("炙甘草", "甘草"), "炙甘草与甘草同出甘草，请核对是否重复。")


@pytest.mark.parametrize(
    ("herb", "kind", "severity"),
    [
        *(("沙参", "ambiguous_name", "return"), ("贝母", "ambiguous_name", "return")),
        *(("无此药", "unknown_herb", "return"), ("板兰根叶子", "unknown_herb", "return")),
        *(("龙骨", "not_in_pharmacopoeia", "warn"), ("五灵脂", "not_in_pharmacopoeia", "warn")),
        *(("川乌", "unmarked_toxic", "warn"), ("草乌", "unmarked_toxic", "warn")),
    ],
)
def test_names_that_need_a_second_look(herb: str, kind: str, severity: str) -> None:
    assert severities(kind, case(herb)) == [severity]


@pytest.mark.parametrize("herb", ["制川乌", "当归", "生附子", "法半夏"])
def test_plain_names_need_none(herb: str) -> None:
    kinds = ("ambiguous_name", "unknown_herb", "not_in_pharmacopoeia", "unmarked_toxic")
    assert [kind for kind in kinds if of_kind(kind, case(herb))] == []


def test_a_name_that_is_not_clear_is_answered_with_what_it_may_be() -> None:
    (ambiguous,) = of_kind("ambiguous_name", case("沙参"))
    (unknown,) = of_kind("unknown_herb", case("黄其"))
    (nothing,) = of_kind("unknown_herb", case("ABC"))
    assert (ambiguous.message, ambiguous.message_en) == (
        "沙参所指不明，请写明品种：北沙参、南沙参。",
        "沙参 is ambiguous: 北沙参、南沙参.",
    )
    assert ("，相近的有：" in unknown.message, nothing.message) == (True, "药名ABC无法识别。")
    (raw,) = of_kind("unmarked_toxic", case("川乌"))
    assert raw.message == "川乌未注明生用，按制川乌调配。"


@pytest.mark.parametrize(
    ("herb", "grams", "note", "other"),
    [
        *(("决明子", 18, "先煎", "石决明"), ("细辛", 9, "", "徐长卿"), ("吴茱萸", 12, "", "山茱萸")),
        *(("蟾酥", 3, "", "干蟾皮"), ("甘遂", 6, "", "甘草")),
    ],
)
def test_a_dose_that_fits_only_the_herb_it_is_mixed_up_with_is_a_warning(
    herb: str, grams: float, note: str, other: str
) -> None:
    (found,) = of_kind("look_alike", case((herb, grams, note)))
    assert (found.severity, found.herbs, other in found.message, found.value) == (
        "warn",
        (herb,),
        True,
        grams,
    )


@pytest.mark.parametrize(
    ("herb", "grams", "note"),
    [
        *(("细辛", 6, ""), ("细辛", 3, ""), ("决明子", 15, "先煎"), ("决明子", 18, ""), ("木香", 6, "后下")),
        *(("菟丝子", 15, "包煎"), ("檀香", 5, "后下"), ("茵陈", 15, "后下"), ("吴茱萸", 99, "")),
        *(("鲜芦根", 60, ""), ("党参", 30, "另煎"), ("紫苏子", 9, "包煎"), ("益智", 10, "后下")),
    ],
)
def test_an_unusual_dose_or_note_alone_is_no_mix_up(herb: str, grams: float, note: str) -> None:
    assert of_kind("look_alike", case((herb, grams, note))) == []


def test_how_far_above_its_own_maximum_is_the_institutions() -> None:
    assert of_kind("look_alike", case(("细辛", 4))) == []
    (found,) = of_kind("look_alike", case(("细辛", 4)), measured("look_alike", far_above_factor=1.2))
    assert (found.value, found.limit, found.unit) == (4, 3.0, "g/日")


@pytest.mark.parametrize(("count", "severity"), [(24, []), (25, ["warn"])])
def test_more_herbs_than_the_institution_wants_are_a_warning(count: int, severity: list[str]) -> None:
    herbs = list(KNOWLEDGE.herbs)[:count]
    found = of_kind("herb_count", case(*herbs))
    assert figures(found) == [((), "warn", float(count), 24.0, "味", KNOWLEDGE_SOURCE) for _ in severity]
    assert len(of_kind("herb_count", case(*herbs), measured("herb_count", most_herbs=count - 1))) == 1


KNOWLEDGE_SOURCE = "本表初版 机构规则（待药事会确认）"


def test_a_ceiling_of_price_holds_from_the_day_an_institution_sets_one() -> None:
    reviewed = case(("茯苓", 10), ("无此药", 10), ("甘草", -5))
    assert of_kind("price_ceiling", reviewed) == []
    dose_fen = 10 * {"廉": 3, "常": 12}[KNOWLEDGE.properties["茯苓"].price_class]
    assert of_kind("price_ceiling", reviewed, measured("price_ceiling", ceiling_fen=dose_fen)) == []
    (found,) = of_kind("price_ceiling", reviewed, measured("price_ceiling", ceiling_fen=dose_fen - 1))
    assert figures([found]) == [((), "warn", dose_fen, dose_fen - 1, "分", "机构规则 2026-11-22.1")]
    assert found.message == f"每剂参考价约{dose_fen / 100:.2f}元，超过{(dose_fen - 1) / 100:.2f}元。"
    dearer = measured("price_ceiling", ceiling_fen=dose_fen, cheap_fen_per_g=100, common_fen_per_g=100)
    assert [item.value for item in of_kind("price_ceiling", reviewed, dearer)] == [1000]


def test_what_the_insurance_does_not_pay_is_said_where_the_rule_is_switched_on() -> None:
    classes = {properties.insurance: name for name, properties in KNOWLEDGE.properties.items()}
    alone, never = classes["单味不予支付"], classes["不予支付"]
    on = rules(insurance_single=RuleSetting(enabled=True), insurance_excluded=RuleSetting(enabled=True))
    off = rules(insurance_single=RuleSetting(enabled=False), insurance_excluded=RuleSetting(enabled=False))
    assert severities("insurance_single", case(alone), on) == ["warn"]
    assert severities("insurance_single", case(alone, "甘草"), on) == []
    assert severities("insurance_excluded", case(never, "甘草"), on) == ["warn"]
    assert severities("insurance_excluded", case("甘草"), on) == []
    assert (
        severities("insurance_single", case(alone), off) + severities("insurance_excluded", case(never), off)
        == []
    )
    (found,) = of_kind("insurance_excluded", case(never), on)
    (single,) = of_kind("insurance_single", case(alone), on)
    never_pinyin, alone_pinyin = (KNOWLEDGE.herbs[name].pinyin for name in (never, alone))
    assert [(item.message, item.message_en) for item in (found, single)] == [
        (f"{never}医保不予支付，须患者自费。", f"{never} ({never_pinyin}) is never paid by the insurance."),
        (
            f"{alone}单味使用医保不予支付，须患者自费。",
            f"{alone} ({alone_pinyin}) is not paid alone by the insurance.",
        ),
    ]


@pytest.mark.parametrize(("price_class", "fen_per_g"), [("廉", 3), ("常", 12), ("贵", 80), ("珍", 1500)])
def test_each_class_of_price_has_its_own_figure(price_class: str, fen_per_g: int) -> None:
    named = {row.price_class: name for name, row in KNOWLEDGE.properties.items() if name in KNOWLEDGE.herbs}
    (found,) = of_kind(
        "price_ceiling", case((named[price_class], 2)), measured("price_ceiling", ceiling_fen=1)
    )
    assert found.value == 2 * fen_per_g
