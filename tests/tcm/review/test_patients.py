"""What review asks of the patient: pregnancy, nursing, allergy, organs, laboratory, age, other drugs."""

import pytest

from tests.tcm.review.cases import KNOWLEDGE, case, figures, measured, of_kind, of_rule, patient, severities


@pytest.mark.parametrize(
    ("herb", "kind", "severity"),
    [
        *(("三棱", "preg_forbidden", "block"), ("醋莪术", "preg_forbidden", "block")),
        *(
            ("红花", "preg_caution", "sign"),
            ("桃仁", "preg_caution", "sign"),
            ("川军", "preg_caution", "sign"),
        ),
        *(
            ("制附子", "preg_caution", "sign"),
            ("薏米", "preg_caution", "sign"),
            ("牛膝", "preg_caution", "sign"),
        ),
        *(("麝香", "preg_forbidden", "block"), ("水蛭", "preg_forbidden", "block")),
        *(("天山雪莲", "preg_forbidden", "block"), ("轻粉", "preg_forbidden", "block")),
        *(("马兜铃", "preg_forbidden", "block"), ("雷公藤", "preg_forbidden", "block")),
        *(("马钱子", "preg_forbidden", "block"), ("巴豆霜", "preg_forbidden", "block")),
        ("五灵脂", "preg_caution", "warn"),
    ],
)
def test_pregnancy(herb: str, kind: str, severity: str) -> None:
    pregnant = patient(age_years=30, sex="F", pregnant=True)
    assert severities(kind, case(herb, patient=pregnant)) == [severity]
    assert severities(kind, case(herb)) == []


@pytest.mark.parametrize("herb", ["黄芩", "白术", "砂仁", "桑寄生", "阿胶", "当归", "川芎", "紫苏梗"])
def test_what_protects_a_pregnancy_draws_no_caution(herb: str) -> None:
    pregnant = case(herb, patient=patient(pregnant=True))
    assert severities("preg_forbidden", pregnant) + severities("preg_caution", pregnant) == []


def test_a_restriction_of_another_kind_is_not_cited_for_pregnancy() -> None:
    (found,) = of_kind("preg_forbidden", case("轻粉", patient=patient(pregnant=True)))
    assert found.source == "中国药典2020一部 药典条目398"


def test_pregnancy_names_who_forbids_and_each_spelling_once() -> None:
    pregnant = patient(pregnant=True)
    by_law = [found.source for found in of_kind("preg_forbidden", case("马兜铃", patient=pregnant))]
    by_book = [found.source for found in of_kind("preg_forbidden", case("三棱", "三棱", patient=pregnant))]
    assert (by_law, by_book) == (
        ["2004 国食药监注〔2004〕379号"],
        [f"中国药典2020一部 {KNOWLEDGE.herbs['三棱'].source}"],
    )
    (found,) = of_kind("preg_caution", case("桃仁", patient=pregnant))
    assert (found.message, found.message_en) == (
        "患者妊娠，桃仁孕妇慎用。",
        "The patient is pregnant: 桃仁 (tao ren) needs caution in pregnancy.",
    )


def test_nursing_finds_rhubarb_and_malt() -> None:
    nursing = patient(age_years=30, sex="F", lactating=True)
    found = of_kind("lact_caution", case("川军", "炒麦芽", "当归", patient=nursing))
    assert {(item.herbs, item.severity) for item in found} == {(("川军",), "sign"), (("炒麦芽",), "warn")}
    assert of_kind("lact_caution", case("川军", "炒麦芽", patient=patient())) == []


@pytest.mark.parametrize("told", [{"disease": "回乳"}, {"syndrome": "断乳乳胀"}, {"usage": "水煎服，退乳"}])
def test_malt_for_weaning_is_given_because_she_nurses(told: dict[str, str]) -> None:
    nursing = case(("炒麦芽", 60), patient=patient(lactating=True), **told)
    assert (of_kind("lact_caution", nursing), of_kind("overdose", nursing)) == ([], [])


@pytest.mark.parametrize(
    ("allergy", "herb", "severity"),
    [
        *(("甘草", "炙甘草", ["block"]), ("对黄芪过敏", "北芪", ["block"]), ("贝母", "浙贝", ["block"])),
        *(("青霉素、全蝎", "全虫", ["block"]), ("中药：地龙过敏史", "广地龙", ["block"])),
        *(("花粉", "天花粉", []), ("花粉症", "天花粉", []), ("无", "甘草", []), ("青霉素", "青蒿", [])),
        *(("否认甘草及黄芪过敏", "黄芪", []), ("无药物、甘草过敏", "甘草", [])),
        *(("否认青霉素过敏，甘草过敏", "甘草", ["block"]), ("甘草和黄芪", "黄芪", ["block"])),
        *(("", "甘草", []), ("甘草过敏", "贝母", []), ("无，甘草过敏", "甘草", ["block"])),
        *(("甘草", "大戟", []), ("京大戟", "大戟", ["block"]), ("黄氏", "黄芪", [])),
        *(
            ("丹参注射液", "丹参", ["block"]),
            ("复方丹参滴丸", "丹参", ["block"]),
            ("鱼腥草针", "鱼腥草", ["block"]),
        ),
        *(("头孢克洛胶囊", "丹参", []), ("阿胶", "阿胶珠", ["block"]), ("复方氨酚烷胺片", "麻黄", [])),
        *(("漆", "干漆", ["block"]), ("生漆过敏", "干漆", ["block"]), ("油漆工", "干漆", [])),
        *(("否认漆过敏", "干漆", []), ("虫类药", "全虫", ["block"]), ("海鲜", "生牡蛎", ["warn"])),
        *(("麻黄碱", "炙麻黄", ["sign"]), ("皮肤过敏", "芥子", ["warn"])),
    ],
)
def test_allergy(allergy: str, herb: str, severity: list[str]) -> None:
    assert severities("allergy", case(herb, patient=patient(allergies=(allergy,)))) == severity


def test_an_allergy_is_told_in_the_words_recorded_and_once_for_each_spelling() -> None:
    found = of_kind("allergy", case("北芪", "北芪", "炙黄芪", patient=patient(allergies=("对黄芪过敏",))))
    assert [(item.herbs, item.message, item.message_en) for item in found] == [
        (("北芪",), "患者对黄芪过敏，处方有北芪。", "The patient is allergic to 黄芪: 北芪."),
        (("炙黄芪",), "患者对黄芪过敏，处方有炙黄芪。", "The patient is allergic to 黄芪: 炙黄芪."),
    ]


@pytest.mark.parametrize(
    ("condition", "herb", "severity"),
    [
        *(
            ("肝功能不全", "朱砂", ["block"]),
            ("慢性肾功能不全", "马兜铃", ["block"]),
            ("肾衰", "苦楝皮", ["sign"]),
        ),
        *(("乙肝", "何首乌", ["warn"]), ("乙肝", "首乌", ["warn"]), ("青光眼", "天仙子", ["block"])),
        *(
            ("否认肝炎", "朱砂", []),
            ("高血压，否认肝炎、肾炎", "朱砂", []),
            ("否认高血压；肾炎", "朱砂", ["block"]),
        ),
        *(("非酒精性肝炎", "朱砂", ["block"]), ("未见肾炎", "朱砂", []), ("没有肾病", "朱砂", [])),
        *(
            ("No liver disease", "朱砂", []),
            ("Chronic kidney disease", "朱砂", ["block"]),
            ("CKD 4", "朱砂", ["block"]),
        ),
        *(("肾虚", "朱砂", []), ("咯血", "猪牙皂", ["block"]), ("高血压", "甘草", []), ("  ", "朱砂", [])),
        *(("乙肝家族史", "朱砂", []), ("已排除肾炎", "朱砂", []), ("不排除肾炎", "朱砂", ["block"])),
        *(("乙肝疫苗接种史", "朱砂", []), ("肝癌家族史，乙肝", "朱砂", ["block"])),
        *(("慢性肾功能衰竭", "朱砂", ["block"]), ("肾功能受损", "马兜铃", ["block"])),
        *(("肝功能衰竭", "朱砂", ["block"]), ("谷丙转氨酶增高", "何首乌", ["warn"])),
        *(("小三阳", "苦楝皮", ["sign"]), ("肾功能正常", "朱砂", []), ("肝功能正常", "朱砂", [])),
        *(("前列腺重度肥大", "华山参", ["sign"]), ("前列腺重度增生", "华山参", ["sign"])),
        *(("阵发性室上性心动过速", "洋金花", ["block"]), ("室上速", "天仙子", ["block"])),
        *(("经期第2天", "大黄", ["sign"]), ("经期", "大黄", ["sign"]), ("正值经期", "大黄", ["sign"])),
        *(("围绝经期综合征", "大黄", []), ("绝经期", "番泻叶", []), ("胃出血", "肉桂", ["sign"])),
        *(("肝炎", "甘草", []), ("血友病", "肉桂", ["sign"]), ("月经期", "大黄", ["sign"])),
    ],
)
def test_conditions_of_the_patient(condition: str, herb: str, severity: list[str]) -> None:
    assert severities("organ_contra", case(herb, patient=patient(conditions=(condition,)))) == severity


def test_a_condition_is_told_as_recorded_and_once_for_each_herb_and_condition() -> None:
    ill = patient(conditions=("肝肾功能不全",))
    assert [
        (item.herbs, item.message) for item in of_kind("organ_contra", case("朱砂", "辰砂", patient=ill))
    ] == [
        (("朱砂",), "患者肝肾功能不全，朱砂不宜（肝功能不全）。"),
        (("辰砂",), "患者肝肾功能不全，辰砂不宜（肝功能不全）。"),
    ]
    both = of_kind("organ_contra", case("朱砂", patient=patient(conditions=("肝炎", "肾炎"))))
    assert sorted(item.message for item in both) == [
        "患者肝炎，朱砂不宜（肝功能不全）。",
        "患者肾炎，朱砂不宜（肾功能不全）。",
    ]


@pytest.mark.parametrize(
    ("sex", "labs", "severity"),
    [
        ("M", {"creatinine_umol_l": 111}, []),
        ("M", {"creatinine_umol_l": 111.5}, ["sign"]),
        ("F", {"creatinine_umol_l": 81}, []),
        ("F", {"creatinine_umol_l": 82}, ["sign"]),
        ("M", {"creatinine_umol_l": 82}, []),
        (None, {"creatinine_umol_l": 82}, ["sign"]),
        ("M", {"egfr_ml_min": 60}, []),
        ("F", {"egfr_ml_min": 59.9}, ["sign"]),
        ("M", {"alt_u_l": 150}, []),
        ("M", {"alt_u_l": 151}, ["sign"]),
        ("F", {"alt_u_l": 120}, []),
        ("F", {"alt_u_l": 121}, ["sign"]),
        ("M", {"ast_u_l": 120}, []),
        ("M", {"ast_u_l": 121}, ["sign"]),
        ("F", {"ast_u_l": 106}, ["sign"]),
        ("M", {"total_bilirubin_umol_l": 52}, []),
        ("F", {"total_bilirubin_umol_l": 43}, ["sign"]),
        ("M", {"alt_u_l": 20, "creatinine_umol_l": 300}, ["sign"]),
        ("M", {"glucose_mmol_l": 99}, []),
    ],
)
def test_laboratory_values_make_the_organ_rules_speak(
    sex: str | None, labs: dict[str, float], severity: list[str]
) -> None:
    reviewed = case("苦楝皮", "甘草", patient=patient(sex=sex, labs=labs))
    assert severities("organ_contra", reviewed) == severity


def test_a_laboratory_value_is_told_with_its_unit() -> None:
    (found,) = of_kind("organ_contra", case("苦楝皮", patient=patient(sex="F", labs={"alt_u_l": 121})))
    assert found.message == "患者肝功能不全（ALT121U/L），苦楝皮不宜（肝功能不全）。"


def test_unhealthy_values_are_no_matter_for_a_herb_that_minds_no_organ() -> None:
    ill = patient(sex="F", labs={"alt_u_l": 999, "creatinine_umol_l": 999}, conditions=("肝硬化",))
    assert of_kind("organ_contra", case("白术", "茯苓", patient=ill)) == []


@pytest.mark.parametrize(("age", "severity"), [(3, ["block"]), (17.9, ["block"]), (18, []), (None, [])])
def test_poppy_husk_is_forbidden_to_children(age: float | None, severity: list[str]) -> None:
    found = of_kind("child_forbidden", case("罂粟壳", patient=patient(age_years=age)))
    assert [item.severity for item in found] == severity
    assert [(item.value, item.limit, item.unit) for item in found] == [(age, 18.0, "岁") for _ in severity]


@pytest.mark.parametrize(
    ("age", "severity"), [(0.5, ["block"]), (3.9, ["block"]), (4, ["warn"]), (13.9, ["warn"]), (14, [])]
)
def test_aristolochia_is_forbidden_to_the_small_and_warned_of_to_the_older(
    age: float, severity: list[str]
) -> None:
    assert severities("child_forbidden", case("马兜铃", patient=patient(age_years=age))) == severity


@pytest.mark.parametrize(
    ("age", "grams", "part"),
    [
        *((0.9, 3.75, None), (0.9, 3.8, 0.25), (1, 7.5, None), (1, 7.6, 0.5), (5.9, 7.6, 0.5)),
        *((6, 7.6, None), (6, 10.1, 0.667), (14.9, 10.1, 0.667), (15, 15, None), (None, 15, None)),
    ],
)
def test_a_childs_dose_is_held_against_the_teaching_convention(
    age: float | None, grams: float, part: float | None
) -> None:
    found = of_kind("child_dose", case(("茯苓", grams), ("白术", 1), patient=patient(age_years=age)))
    expected = [] if part is None else [(("茯苓",), "warn", age, part)]
    assert [(item.herbs, item.severity, item.value, item.limit) for item in found] == expected


def test_a_childs_dose_adds_up_spellings_of_one_herb_and_follows_the_doses_a_day() -> None:
    child = patient(age_years=5)
    apart = case(("双花", 4), ("金银花", 4), patient=child)
    assert [item.herbs for item in of_kind("child_dose", apart)] == [("双花", "金银花")]
    assert of_kind("child_dose", case(("茯苓", 10), patient=child, doses_per_day=0.5)) == []


def test_an_institution_measures_children_by_its_own_figures() -> None:
    child = case(("茯苓", 7), patient=patient(age_years=5))
    assert of_kind("child_dose", child) == []
    stricter = measured("child_dose", small_factor=0.4)
    (found,) = of_kind("child_dose", child, stricter)
    assert (found.limit, found.source) == (0.4, "机构规则 2026-11-22.1")
    assert of_kind("child_dose", case(("茯苓", 7), patient=patient(age_years=16)), stricter) == []
    older = measured("child_dose", school_under_years=18)
    assert len(of_kind("child_dose", case(("茯苓", 14), patient=patient(age_years=16)), older)) == 1


@pytest.mark.parametrize(
    ("age", "herb", "grams", "found"),
    [
        *((75, "制川乌", 2.1, True), (74.9, "制川乌", 2.1, False), (75, "制川乌", 2, False)),
        *(
            (90, "附子", 10.1, True),
            (90, "细辛", 3, False),
            (90, "茯苓", 15, False),
            (None, "附子", 15, False),
        ),
    ],
)
def test_poisons_are_held_against_a_part_of_the_maximum_for_the_old(
    age: float | None, herb: str, grams: float, found: bool
) -> None:
    reviewed = case((herb, grams, "先煎"), patient=patient(age_years=age))
    assert [(item.herbs, item.severity) for item in of_rule("elderly_dose", reviewed)] == (
        [((herb,), "warn")] if found else []
    )


@pytest.mark.parametrize(
    ("drug", "herbs", "severity"),
    [
        ("华法林钠片", ["丹参"], ["sign"]),
        ("Warfarin", ["酒当归"], ["sign"]),
        ("WARFARIN 3mg", ["紫丹参"], ["sign"]),
        ("地高辛", ["炙甘草"], ["sign"]),
        ("呋塞米片", ["甘草"], ["warn"]),
        ("司来吉兰", ["麻黄"], ["sign"]),
        ("利奈唑胺片", ["炙麻黄"], ["sign"]),
        ("聚乙二醇干扰素", ["柴胡", "黄芩", "法半夏", "党参", "炙甘草"], ["sign"]),
        ("聚乙二醇干扰素", ["柴胡", "黄芩", "法半夏", "党参"], []),
        ("聚乙二醇干扰素", ["柴胡", "黄芩"], []),
        ("复方伪麻黄碱缓释胶囊", ["炙麻黄"], ["warn"]),
        ("华法林", ["川芎"], []),
        ("否认服用华法林", ["丹参"], []),
        ("未服华法林", ["丹参"], []),
        ("高血压药，华法林", ["丹参"], ["sign"]),
        ("维生素C", ["丹参", "甘草", "麻黄"], []),
    ],
)
def test_western_drugs(drug: str, herbs: list[str], severity: list[str]) -> None:
    assert severities("ddi", case(*herbs, patient=patient(western_drugs=(drug,)))) == severity


def test_an_interaction_names_the_drug_and_every_herb_of_it() -> None:
    (found,) = of_kind("ddi", case("丹参", "酒当归", "川芎", patient=patient(western_drugs=("华法林",))))
    assert (found.rule, found.herbs, found.source) == (
        "ddi",
        ("丹参", "酒当归"),
        "说明书 华法林钠片说明书【药物相互作用】",
    )
    assert found.message == "患者在用华法林，与丹参、酒当归同用：可增强抗凝作用，监测INR。"
    assert found.message_en == "丹参, 酒当归 with 华法林: a known interaction."


@pytest.mark.parametrize(
    ("drug", "herb"),
    [
        *(
            ("复方甘草片", "生甘草"),
            ("盐酸小檗碱片", "川连"),
            ("银杏叶片", "银杏叶"),
            ("牛黄解毒片", "酒大黄"),
        ),
        *(("金匮肾气丸", "制附子"), ("血塞通", "三七"), ("正清风痛宁", "青风藤"), ("硫酸阿托品", "洋金花")),
    ],
)
def test_a_medicine_that_holds_the_same_substance_is_a_warning(drug: str, herb: str) -> None:
    (found,) = of_rule("same_ingredient", case(herb, patient=patient(western_drugs=(drug,))))
    assert (found.kind, found.severity, found.herbs) == ("ddi", "warn", (herb,))
    assert of_rule("same_ingredient", case("茯苓", patient=patient(western_drugs=(drug,)))) == []


def test_what_is_said_of_the_old_and_of_children_names_the_age_and_the_part() -> None:
    (old,) = of_rule("elderly_dose", case(("附子", 12, "先煎"), patient=patient(age_years=80)))
    (young,) = of_rule("child_dose", case(("茯苓", 12), patient=patient(age_years=5)))
    assert figures([old, young]) == [
        (("附子",), "warn", 80, 0.667, "", "本表初版 教学惯例，无法定折算表（机构可改）"),
        (("茯苓",), "warn", 5, 0.5, "", "本表初版 教学惯例，无法定折算表（机构可改）"),
    ]
    assert (old.message, young.message_en) == (
        "患者80岁，附子超过成人上限的0.667倍，请核对剂量。",
        "A child of 5: 茯苓 above 0.5 of the adult maximum.",
    )
