"""十八反 and 十九畏 with processed forms and usual spellings, written from the rhymes."""

from itertools import product

import pytest

from tcm.review import Case, check
from tests.tcm.review.cases import KNOWLEDGE, case, of_kind

# 半蒌贝蔹及攻乌
ACONITE = [
    *("川乌", "制川乌", "生川乌", "川乌头", "草乌", "制草乌", "生草乌", "草乌叶"),
    *("附子", "附片", "制附子", "黑顺片", "白附片", "炮附片", "淡附片", "熟附片", "生附子", "雪上一枝蒿"),
]
AGAINST_ACONITE = [
    *("半夏", "法半夏", "姜半夏", "清半夏", "生半夏", "制半夏", "法夏", "姜夏", "半夏曲"),
    *("瓜蒌", "全瓜蒌", "栝楼", "瓜蒌皮", "蒌皮", "瓜蒌子", "炒瓜蒌子", "瓜蒌仁", "天花粉", "栝楼根"),
    *("川贝母", "川贝", "松贝", "浙贝母", "浙贝", "象贝", "平贝母", "伊贝母", "湖北贝母", "贝母"),
    *("白蔹", "白及", "白芨"),
]
# 藻戟遂芫俱战草
LICORICE = ["甘草", "生甘草", "粉甘草", "炙甘草", "蜜炙甘草", "国老"]
AGAINST_LICORICE = [
    *("海藻", "羊栖菜", "京大戟", "醋京大戟", "红大戟", "红芽大戟", "大戟"),
    *("甘遂", "醋甘遂", "生甘遂", "芫花", "醋芫花"),
]
# 诸参辛芍叛藜芦
AGAINST_VERATRUM = [
    *("人参", "生晒参", "红参", "高丽参", "参须", "人参叶", "西洋参", "花旗参", "党参", "潞党参", "米炒党参"),
    *("丹参", "酒丹参", "玄参", "元参", "苦参", "南沙参", "北沙参", "沙参"),
    *("细辛", "北细辛", "辽细辛", "白芍", "炒白芍", "杭白芍", "赤芍", "芍药"),
]
FEARS = [
    *product(
        ("丁香", "公丁香", "母丁香", "鸡舌香"), ("郁金", "广郁金", "川郁金", "黑郁金", "醋郁金")
    ),  # 丁香莫与郁金见
    *product(("人参", "红参", "生晒参", "高丽参", "参须"), ("五灵脂", "醋五灵脂", "灵脂")),  # 人参最怕五灵脂
    *product(("肉桂", "官桂", "桂心", "玉桂", "紫油桂"), ("赤石脂", "煅赤石脂")),  # 官桂善能调冷气
    *product(("三棱", "醋三棱", "荆三棱", "京三棱"), ("芒硝", "牙硝", "玄明粉", "元明粉")),  # 牙硝难合京三棱
    *product(("硫黄", "硫磺", "制硫黄"), ("芒硝", "朴硝", "皮硝", "玄明粉")),  # 硫黄原是火中精
    *product(("巴豆", "巴豆霜", "生巴豆"), ("牵牛子", "黑丑", "白丑", "二丑", "炒牵牛子")),  # 巴豆性烈最为上
    *product(("狼毒", "生狼毒"), ("密陀僧",)),  # 狼毒最怕密陀僧
    *product(("川乌", "制川乌", "草乌", "制草乌", "生川乌"), ("犀角",)),  # 川乌草乌不顺犀
    *product(("水银",), ("砒霜", "砒石", "信石", "红砒")),  # 水银莫与砒霜见
]
SILENT = [
    *(("白附子", "法半夏"), ("关白附", "白及"), ("附子", "土贝母"), ("附子", "葶苈子"), ("附子", "姜黄")),
    *(("甘草", "昆布"), ("红芪", "海藻"), ("甘草", "狼毒"), ("藜芦", "太子参"), ("藜芦", "明党参")),
    *(("藜芦", "拳参"), ("藜芦", "珠子参"), ("党参", "五灵脂"), ("西洋参", "五灵脂"), ("太子参", "五灵脂")),
    *(("桂枝", "赤石脂"), ("肉桂", "滑石"), ("姜黄", "丁香"), ("郁金", "八角茴香"), ("莪术", "芒硝")),
    *(("三棱", "莪术"), ("硫黄", "雄黄"), ("巴豆", "牛膝"), ("川乌", "水牛角"), ("半夏", "甘草")),
    *(("海藻", "人参"), ("瓜蒌", "法半夏"), ("人参", "白芍")),
]


def clashes(reviewed: Case) -> list[tuple[str, set[str], str]]:
    """Kind, herbs and severity of every pair that was found."""
    found = of_kind("incompat_18", reviewed) + of_kind("incompat_19", reviewed)
    return [(clash.kind, set(clash.herbs), clash.severity) for clash in found]


@pytest.mark.parametrize("right", AGAINST_ACONITE)
@pytest.mark.parametrize("left", ACONITE)
def test_aconite_clashes_with_its_group(left: str, right: str) -> None:
    assert clashes(case(left, right)) == [("incompat_18", {left, right}, "sign")]


@pytest.mark.parametrize("right", AGAINST_LICORICE)
@pytest.mark.parametrize("left", LICORICE)
def test_licorice_clashes_with_its_group(left: str, right: str) -> None:
    assert clashes(case(left, right)) == [("incompat_18", {left, right}, "sign")]


@pytest.mark.parametrize("right", AGAINST_VERATRUM)
def test_veratrum_clashes_with_its_group(right: str) -> None:
    assert clashes(case("藜芦", right)) == [("incompat_18", {"藜芦", right}, "sign")]


@pytest.mark.parametrize(("left", "right"), FEARS)
def test_the_nineteen_fears_are_found(left: str, right: str) -> None:
    assert clashes(case(left, right)) == [("incompat_19", {left, right}, "sign")]


@pytest.mark.parametrize(("left", "right"), SILENT)
def test_look_alikes_of_a_pair_draw_no_clash(left: str, right: str) -> None:
    assert clashes(case(left, right)) == []


def test_a_pair_is_said_once_for_each_two_spellings_that_meet() -> None:
    assert [found.herbs for found in of_kind("incompat_18", case("附片", "法夏", "法半夏", "附片"))] == [
        ("附片", "法半夏"),
        ("附片", "法夏"),
    ]
    assert [found.herbs for found in of_kind("incompat_18", case("大戟", "甘草"))] == [("甘草", "大戟")]


def test_a_pair_names_its_rule_its_source_and_both_sides() -> None:
    (found,) = of_kind("incompat_18", case("制附子", "象贝"))
    assert (found.rule, found.source, found.message, found.message_en) == (
        "incompat_18",
        "中国药典2020一部 药典【注意】",
        "制附子与象贝同用，属十八反（附子×浙贝母）。",
        "制附子 with 象贝: one of the eighteen clashes.",
    )
    (fear,) = of_kind("incompat_19", case("公丁香", "广郁金"))
    assert (fear.rule, fear.message, fear.message_en) == (
        "incompat_19",
        "公丁香与广郁金同用，属十九畏（丁香×郁金）。",
        "公丁香 with 广郁金: one of the nineteen fears.",
    )


def test_an_ambiguous_name_alone_is_no_pair_with_itself() -> None:
    assert clashes(case("贝母", "大戟", "沙参")) == []


def test_nothing_else_is_found_in_a_clean_pair() -> None:
    assert check(case(("瓜蒌", 15), ("法半夏", 9)), KNOWLEDGE) == ()
