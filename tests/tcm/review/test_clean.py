"""No false alarm: shipped formulas with every syndrome, modifications, classics as doctors write them."""

import pytest

from tcm.knowledge.formulas import Formula, FormulaChange
from tcm.review import SEVERITIES, Case, Finding, Line, check, verdict
from tests.tcm.review.cases import KNOWLEDGE, patient

WARN = SEVERITIES.index("warn")
USAGE = "每日1剂，水煎400ml，分早晚两次温服"
FORMULAS = list(KNOWLEDGE.formulas.values())
MARKED = [formula for formula in FORMULAS if formula.marked]
PLAIN = [formula for formula in FORMULAS if not formula.marked]


def named(formula: Formula) -> str:
    return formula.name


def lines_of(formula: Formula) -> tuple[Line, ...]:
    return tuple(Line(item.herb, item.grams, item.decoction_note) for item in formula.items)


def reviewed(lines: tuple[Line, ...], syndrome: str) -> tuple[Finding, ...]:
    return check(Case(lines, syndrome=syndrome, doses_count=7, usage=USAGE), KNOWLEDGE)


def strictness(findings: tuple[Finding, ...]) -> int:
    return SEVERITIES.index(verdict(findings))


def usual_note(herb: str) -> str:
    """The note that the sources ask of a herb, as a doctor would write it."""
    form = KNOWLEDGE.names.resolve(herb).form
    meant = KNOWLEDGE.herb(herb)
    assert meant is not None, herb
    needed = KNOWLEDGE.handling.get(meant.monograph, ())
    return "、".join(row.accepted[0] for row in needed if row.applies_to(form or meant.form))


def changed(formula: Formula, change: FormulaChange) -> tuple[Line, ...]:
    kept = tuple(line for line in lines_of(formula) if line.herb not in change.remove)
    return kept + tuple(Line(herb, grams, usual_note(herb)) for herb, grams in change.add)


@pytest.mark.parametrize("formula", PLAIN, ids=named)
def test_a_formula_is_clean_with_each_of_its_syndromes(formula: Formula) -> None:
    found = {
        (syndrome, finding.kind)
        for syndrome in formula.syndromes
        for finding in reviewed(lines_of(formula), syndrome)
        if finding.kind != "not_in_pharmacopoeia"
    }
    assert found == set()


@pytest.mark.parametrize("formula", MARKED, ids=named)
def test_a_marked_formula_draws_a_finding_with_each_of_its_syndromes(formula: Formula) -> None:
    for syndrome in formula.syndromes:
        assert strictness(reviewed(lines_of(formula), syndrome)) >= WARN


def test_which_recipes_a_doctor_must_mend_or_sign_for() -> None:
    strict = {
        formula.name: sorted({finding.kind for finding in findings if finding.severity != "warn"})
        for formula in FORMULAS
        if strictness(findings := reviewed(lines_of(formula), formula.syndromes[0])) > WARN
    }
    assert strict == {"回阳救急汤": ["incompat_18"], "真人养脏汤": ["narcotic"]}


@pytest.mark.parametrize("formula", [formula for formula in FORMULAS if formula.changes], ids=named)
def test_no_modification_is_stricter_than_a_warning_or_its_formula(formula: Formula) -> None:
    syndrome = formula.syndromes[0]
    plain = max(WARN, strictness(reviewed(lines_of(formula), syndrome)))
    stricter = [
        change.when
        for change in formula.changes
        if strictness(reviewed(changed(formula, change), syndrome)) > plain
    ]
    assert stricter == []


# As a township doctor writes them: spelling, grams, note.
CLASSICS: dict[str, tuple[str, str]] = {
    "麻黄汤": ("风寒束表证", "麻黄9 桂枝6 炒杏仁9 炙甘草3"),
    "桂枝汤": ("表虚证", "桂枝9 杭白芍9 生姜9 大枣10 炙草6"),
    "银翘散": ("风热犯表证", "双花15 连翘15 桔梗6 薄荷6后下 竹叶4 生甘草5 荆芥穗6 淡豆豉10 牛蒡子10 芦根15"),
    "桑菊饮": ("风热犯肺证", "桑叶9 杭菊9 炒苦杏仁6 连翘6 薄荷3后入 苦桔梗6 生甘草3 苇根15"),
    "小柴胡汤": ("少阳证", "北柴胡10 黄芩9 清半夏9 潞党参12 生姜6 大枣10 炙甘草6"),
    "四君子汤": ("脾气虚证", "党参12 炒白术9 云苓12 炙甘草6"),
    "四物汤": ("血虚证", "熟地12 全当归9 杭芍9 川芎6"),
    "六味地黄汤": ("肾阴虚证", "大熟地15 山萸肉12 怀山药12 泽泻9 丹皮9 茯苓9"),
    "逍遥散": ("肝郁脾虚证", "柴胡9 当归9 炒白芍9 麸炒白术9 白茯苓9 薄荷3后下 煨姜3 甘草6"),
    "补中益气汤": ("中气下陷证", "炙黄芪18 党参9 土炒白术9 陈皮6 升麻6 柴胡6 当归9 蜜甘草6"),
    "归脾汤": ("心脾两虚证", "炒白术9 茯神9 北芪12 桂圆肉12 炒枣仁12 党参9 广木香6 当归9 远志6 炙甘草6"),
    "二陈汤": ("痰湿蕴肺证", "法夏9 广陈皮9 茯苓9 炙甘草5"),
    "温胆汤": ("胆郁痰扰证", "姜半夏9 竹茹6 枳实6 橘皮9 茯苓9 炙甘草3 生姜6 大枣6"),
    "血府逐瘀汤": ("气滞血瘀证", "桃仁10 红花9 当归9 生地9 川芎5 赤芍6 怀牛膝9 桔梗5 柴胡3 枳壳6 甘草6"),
    "白虎汤": ("气分热盛证", "生石膏30打碎先煎 知母12 炙甘草6 粳米15"),
    "大承气汤": ("阳明腑实证", "生大黄12后下 芒硝9冲服 枳实10 川朴10"),
    "半夏泻心汤": ("寒热错杂证", "半夏曲9 黄芩9 干姜6 党参9 黄连3 大枣10 炙甘草6"),
    "理中汤": ("脾胃虚寒证", "人参9另炖兑服 干姜9 炒白术9 炙甘草9"),
    "真武汤": ("肾阳虚水泛证", "制附片9先煎 茯苓9 白芍9 炒白术6 生姜9"),
    "四逆散": ("肝气郁结证", "醋柴胡6 麸炒枳实6 白芍6 炙甘草6"),
    "龙胆泻肝汤": (
        "肝胆湿热证",
        "龙胆草6 炒黄芩9 山栀9 泽泻10 川木通6 车前子9包煎 酒当归3 生地9 柴胡6 生甘草6",
    ),
    "三仁汤": ("湿热内蕴证", "燀苦杏仁10 滑石15包煎 通草5 白蔻仁6后下 竹叶6 川厚朴6 苡仁18 法半夏9"),
    "藿香正气散": (
        "寒湿困脾证",
        "藿香9 紫苏叶9 白芷6 大腹皮9 茯苓9 焦白术9 法半夏9 陈皮6 厚朴6 桔梗6 炙甘草6",
    ),
    "独活寄生汤": (
        "肝肾亏虚证",
        "独活9 桑寄生12 杜仲9 川牛膝9 细辛3 秦艽9 茯苓9 桂心3 防风9 川芎6 党参9 甘草6 当归9 白芍9 干地黄9",
    ),
    "天麻钩藤饮": (
        "肝阳上亢证",
        "天麻9 双钩藤12后下 石决明18先煎 山栀9 黄芩9 川牛膝10 杜仲9 坤草12 桑寄生15 首乌藤15 茯神12",
    ),
    "旋覆代赭汤": ("胃虚气逆证", "旋复花9布包 代赭石15先下 清半夏9 党参9 生姜9 大枣9 炙甘草6"),
    "麦门冬汤": ("肺胃阴虚证", "寸冬12 法半夏6 党参9 甘草6 粳米10 大枣9"),
    "玉屏风散": ("肺卫气虚证", "生黄芪18 白术12 防风6"),
    "炙甘草汤": ("心阴阳两虚证", "炙甘草10 生姜9 桂枝9 人参6另煎 生地黄15 阿胶6烊化 麦冬10 麻仁10 大枣10"),
    "黄芪桂枝五物汤": ("气虚血瘀证", "黄芪15 桂枝9 白芍9 生姜10 红枣9"),
    "百合固金汤": ("肺肾阴虚证", "熟地9 生地9 当归9 炒白芍6 甘草3 桔梗6 元参6 川贝6 麦门冬9 百合12"),
    "完带汤": (
        "脾虚湿盛证",
        "土炒白术12 炒山药15 党参9 酒炒白芍9 盐车前子9包煎 苍术9 甘草3 陈皮3 黑荆芥5 柴胡3",
    ),
}


def written(text: str) -> tuple[Line, ...]:
    """`薄荷6后下` as a line."""
    lines = []
    for entry in text.split():
        herb = entry.rstrip("打碎先煎后下入包布烊化另炖兑服冲").rstrip("0123456789")
        grams = "".join(character for character in entry if character.isdigit())
        lines.append(Line(herb, float(grams), entry.partition(grams)[2]))
    return tuple(lines)


@pytest.mark.parametrize("name", list(CLASSICS))
def test_a_classic_as_a_doctor_writes_it_is_clean(name: str) -> None:
    syndrome, text = CLASSICS[name]
    case = Case(
        written(text),
        patient=patient(age_years=46, sex="F", allergies=("青霉素",), conditions=("慢性胃炎",)),
        disease="待查",
        syndrome=syndrome,
        doses_count=7,
        usage=USAGE,
    )
    findings = check(case, KNOWLEDGE)
    assert [(found.kind, found.herbs) for found in findings if found.kind != "not_in_pharmacopoeia"] == []
