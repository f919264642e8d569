"""The tables themselves: sources, completeness, references between them."""

import csv
from importlib.resources import files
from pathlib import Path

import pytest

from tcm.knowledge import load
from tcm.knowledge.properties import ABSORPTIONS, INSURANCE_CLASSES, NATURES, PRICE_CLASSES
from tcm.knowledge.tables import rows

DATA = files("tcm.knowledge") / "data"
TABLES = sorted(Path(str(entry)).stem for entry in DATA.iterdir() if entry.name.endswith(".csv"))
SHARED = Path(__file__).resolve().parents[4] / "shared" / "reference"
KNOWLEDGE = load()


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_a_source_and_an_edition(table: str) -> None:
    found = list(rows(table))
    assert found
    assert [row for row in found if not row["source"] or not row["edition"]] == []


@pytest.mark.parametrize("table", TABLES)
def test_every_row_has_as_many_cells_as_the_header(table: str) -> None:
    lines = list(csv.reader((DATA / f"{table}.csv").read_text(encoding="utf-8").splitlines()))
    assert {len(line) for line in lines} == {len(lines[0])}


def test_the_pharmacopoeia_contributes_614_materials() -> None:
    assert sum(herb.standing == "药典" for herb in KNOWLEDGE.herbs.values()) == 614


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared reference is absent")
def test_all_materials_of_the_reference_resolve_with_its_dose_except_the_known_traps() -> None:
    with (SHARED / "herbs_chp2020.csv").open(encoding="utf-8", newline="") as stream:
        reference = list(csv.DictReader(stream))
    differing = []
    for row in reference:
        herb = KNOWLEDGE.herb(row["name"])
        assert herb is not None, row["name"]
        expected = tuple(
            float(row[column]) if row[column] else None for column in ("dose_min_g", "dose_max_g")
        )
        if (herb.dose_min_g, herb.dose_max_g) != expected:
            differing.append(herb.name)
    assert (len(reference), differing) == (614, ["地黄", "青礞石", "金礞石"])


@pytest.mark.parametrize(
    ("name", "dose_g"),
    [
        ("地黄", (10, 15)),
        ("生地黄", (10, 15)),
        ("鲜地黄", (12, 30)),
        ("熟地黄", (9, 15)),
        ("青礞石", (10, 15)),
    ],
)
def test_dried_fresh_and_decocted_doses_are_kept_apart(name: str, dose_g: tuple[float, float]) -> None:
    herb = KNOWLEDGE.herbs[name]
    assert (herb.dose_min_g, herb.dose_max_g) == dose_g


@pytest.mark.parametrize(
    ("name", "pregnancy"),
    [
        ("天山雪莲", "忌用"),
        ("大皂角", "忌用"),
        ("轻粉", "禁用"),
        ("三棱", "禁用"),
        ("附子", "慎用"),
        ("大黄", "慎用"),
        ("甘草", "无"),
    ],
)
def test_pregnancy_is_one_of_four_words(name: str, pregnancy: str) -> None:
    assert KNOWLEDGE.herbs[name].pregnancy == pregnancy


@pytest.mark.parametrize(
    ("name", "decoction"),
    [
        ("附子", ("先煎", "久煎")),
        ("制川乌", ("先煎", "久煎")),
        ("大黄", ()),
        ("薄荷", ("后下",)),
        ("车前子", ("包煎",)),
        ("西洋参", ("另煎",)),
        ("阿胶", ("烊化",)),
        ("朱砂", ("不宜入煎",)),
    ],
)
def test_decoction_handling_follows_the_pharmacopoeia(name: str, decoction: tuple[str, ...]) -> None:
    assert KNOWLEDGE.herbs[name].decoction == decoction


@pytest.mark.parametrize(
    ("name", "pinyin"),
    [
        ("白术", "bai zhu"),
        ("重楼", "chong lou"),
        ("厚朴", "hou po"),
        ("大黄", "da huang"),
        ("阿胶", "e jiao"),
        ("茜草", "qian cao"),
        ("蛤蚧", "ge jie"),
        ("川芎", "chuan xiong"),
        ("没药", "mo yao"),
        ("柏子仁", "bai zi ren"),
        ("徐长卿", "xu chang qing"),
        ("荜茇", "bi bo"),
        ("瓜蒌", "gua lou"),
    ],
)
def test_characters_with_two_readings_are_read_as_pharmacists_do(name: str, pinyin: str) -> None:
    assert KNOWLEDGE.herbs[name].pinyin == pinyin


def test_toxicity_and_pregnancy_hold_only_the_words_of_the_contract() -> None:
    assert {herb.toxicity for herb in KNOWLEDGE.herbs.values()} == {"大毒", "有毒", "小毒", "无"}
    assert {herb.pregnancy for herb in KNOWLEDGE.herbs.values()} == {"禁用", "忌用", "慎用", "无"}


def test_every_table_names_only_herbs_that_exist() -> None:
    herbs = KNOWLEDGE.herbs
    named = {
        "handling": set(KNOWLEDGE.handling),
        "restrictions": set(KNOWLEDGE.restrictions),
        "doses": set(KNOWLEDGE.doses),
        "contraindications": set(KNOWLEDGE.contraindications),
        "lactation": set(KNOWLEDGE.lactation),
        "pot_taints": set(KNOWLEDGE.pot_taints),
        "seeds_and_fruits": set(KNOWLEDGE.seeds_and_fruits),
        "pairs": {name for pair in KNOWLEDGE.incompatibilities for name in (pair.left, pair.right)},
        "exempt": {name for pair in KNOWLEDGE.duplicate_exemptions for name in pair},
        "aliases": {alias.name for alias in KNOWLEDGE.names.aliases if alias.name},
        "candidates": {name for alias in KNOWLEDGE.names.aliases for name in alias.candidates},
        "interactions": {
            name for fact in KNOWLEDGE.drug_interactions for group in fact.groups for name in group
        },
        "forms": {herb.unmarked_as for herb in herbs.values() if herb.unmarked_as},
    }
    assert {table: names - set(herbs) for table, names in named.items()} == {table: set() for table in named}


def test_the_28_statutory_toxic_drugs_are_all_restricted() -> None:
    toxic = [
        facts for facts in KNOWLEDGE.restrictions.values() if any(f.kind == "regulated_toxic" for f in facts)
    ]
    assert len(toxic) == 28


def test_taizishen_with_lilu_is_no_pair_because_the_pharmacopoeia_has_none() -> None:
    assert [pair for pair in KNOWLEDGE.incompatibilities if "太子参" in (pair.left, pair.right)] == []


# Folk herbs for which no source of ours gives all properties.
WITHOUT_PROPERTIES = {"石打穿", "追地风"}
FLAVOURS = {"辛", "甘", "酸", "苦", "咸", "涩", "淡", "微辛", "微甘", "微酸", "微苦", "微咸", "微涩"}
CHANNELS = {"肝", "胆", "心", "小肠", "脾", "胃", "肺", "大肠", "肾", "膀胱", "心包", "三焦"}
# 功效 classes of the textbooks of materia medica.
CATEGORIES = """
发散风寒药 发散风热药 清热泻火药 清热燥湿药 清热解毒药 清热凉血药 清虚热药
攻下药 润下药 峻下逐水药 祛风寒湿药 祛风湿热药 祛风湿强筋骨药 化湿药
利水消肿药 利尿通淋药 利湿退黄药 温里药 理气药 消食药 驱虫药
凉血止血药 化瘀止血药 收敛止血药 温经止血药 活血止痛药 活血调经药 活血疗伤药
破血消癥药 温化寒痰药 清化热痰药 止咳平喘药 重镇安神药 养心安神药 平抑肝阳药
息风止痉药 开窍药 补气药 补阳药 补血药 补阴药 固表止汗药
敛肺涩肠药 固精缩尿止带药 涌吐药 攻毒杀虫止痒药 拔毒化腐生肌药
"""


def test_the_tables_are_as_large_as_a_county_needs() -> None:
    assert len(KNOWLEDGE.herbs) >= 700
    assert len(KNOWLEDGE.names.aliases) >= 1500
    assert len(KNOWLEDGE.formulas) >= 300


def test_every_herb_has_its_properties_itself_or_through_its_monograph() -> None:
    lacking = set()
    for herb in KNOWLEDGE.herbs.values():
        properties = KNOWLEDGE.properties_of(herb)
        complete = properties is not None and all(
            (properties.category, properties.nature, properties.flavours, properties.actions)
        )
        if not complete:
            lacking.add(herb.name)
    assert lacking == WITHOUT_PROPERTIES


def test_properties_use_only_the_fixed_words() -> None:
    every = KNOWLEDGE.properties.values()
    assert {each.category for each in every} - {""} <= set(CATEGORIES.split())
    assert {each.nature for each in every} - {""} <= set(NATURES)
    assert {flavour for each in every for flavour in each.flavours} <= FLAVOURS
    assert {channel for each in every for channel in each.channels} <= CHANNELS
    assert {each.absorption for each in every} - {""} <= set(ABSORPTIONS)
    assert set(KNOWLEDGE.absorption_ml_per_g) == {"", *ABSORPTIONS}
    assert {each.price_class for each in every} - {""} <= set(PRICE_CLASSES)
    assert {each.insurance for each in every} <= set(INSURANCE_CLASSES)


@pytest.mark.parametrize(
    ("name", "category", "nature", "channels"),
    [
        ("麻黄", "发散风寒药", "温", {"肺", "膀胱"}),
        ("石膏", "清热泻火药", "大寒", {"肺", "胃"}),
        ("大黄", "攻下药", "寒", {"脾", "胃", "大肠", "肝", "心包"}),
        ("附子", "温里药", "大热", {"心", "肾", "脾"}),
        ("熟地黄", "补血药", "微温", {"肝", "肾"}),
        ("生地黄", "清热凉血药", "寒", {"心", "肝", "肾"}),
        ("茯苓", "利水消肿药", "平", {"心", "肺", "脾", "肾"}),
        ("三七", "化瘀止血药", "温", {"肝", "胃"}),
        ("酸枣仁", "养心安神药", "平", {"肝", "胆", "心"}),
        ("五味子", "敛肺涩肠药", "温", {"肺", "心", "肾"}),
    ],
)
def test_well_known_herbs_are_what_the_textbooks_say(
    name: str, category: str, nature: str, channels: set[str]
) -> None:
    properties = KNOWLEDGE.properties_of(KNOWLEDGE.herbs[name])
    assert properties is not None
    assert (properties.category, properties.nature, set(properties.channels)) == (category, nature, channels)


def test_a_processed_row_agrees_with_its_monograph() -> None:
    differing = []
    for herb in KNOWLEDGE.herbs.values():
        if herb.form:
            raw = KNOWLEDGE.herbs[herb.monograph]
            if (herb.dose_min_g, herb.dose_max_g, herb.toxicity, herb.pregnancy, herb.base) != (
                raw.dose_min_g,
                raw.dose_max_g,
                raw.toxicity,
                raw.pregnancy,
                raw.base,
            ):
                differing.append(herb.name)
    # The pharmacopoeia doses the fruit and its seed apart.
    assert differing == ["使君子仁", "炒使君子仁"]


def test_every_processed_row_is_tied_to_a_raw_one_that_is_its_own_monograph() -> None:
    tied = [herb for herb in KNOWLEDGE.herbs.values() if herb.monograph != herb.name]
    assert len(tied) > 150
    assert all(herb.form and KNOWLEDGE.herbs[herb.monograph].monograph == herb.monograph for herb in tied)


def test_an_ambiguous_alias_has_two_candidates_or_more_and_a_clear_one_has_none() -> None:
    wrong = [
        alias.alias
        for alias in KNOWLEDGE.names.aliases
        if (len(alias.candidates) >= 2) == bool(alias.name) or len(alias.candidates) == 1
    ]
    assert wrong == []
