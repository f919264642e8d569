from collections.abc import Callable
from typing import Any

import pytest

from web.prints import BagLabel, PotLabel, bag_label_pdf, mask_name, pot_label_pdf

POT = (
    "锅07张*7剂QX2026112000017青溪县石桥镇卫生院总水量6200ml装14袋×200ml2026年11月20日打印2026-11-2010:30"
    "POT-07-QX2026112000017步骤开始分钟加水ml药味浸泡10:30404200先煎11:1060制附子、石膏一煎12:1030"
    "后下12:328砂仁、薄荷响铃二煎12:45252000包装13:1510毒含制附子：先煎60分钟，双人核对"
)
BAG = (
    "张*柳树湾村第3袋/共14袋200ml青溪县石桥镇卫生院QX20261120000177剂服法每日2次，每次1袋，早晚温服保存冷藏0–4℃"
    "请于2026年11月27日前服完煎于2026-11-2010:30咨询电话0999-5550100QX-0017-03"
)


@pytest.mark.parametrize(
    ("name", "masked"),
    [("张桂兰", "张*"), ("张", "张*"), (" 李四", "李*"), ("Maria Lopez", "M*"), ("陈*", "陈*")],
)
def test_a_masked_name_keeps_its_first_character_only(name: str, masked: str) -> None:
    assert mask_name(name) == masked


def test_a_pot_label_says_all_of_its_programme(make_pot: Callable[..., PotLabel], read: Any) -> None:
    paper = read(pot_label_pdf([make_pot()]))
    assert paper.texts() == [POT]
    assert paper.sizes_mm() == [(100.0, 70.0)]


def test_a_pot_without_toxic_herbs_has_no_warning(make_pot: Callable[..., PotLabel], read: Any) -> None:
    assert read(pot_label_pdf([make_pot(toxic_warning="")])).text() == POT.partition("毒")[0]


def test_a_pot_without_measured_water_says_how_far_it_covers_the_herbs(
    make_pot: Callable[..., PotLabel], read: Any
) -> None:
    paper = read(pot_label_pdf([make_pot(water_ml=None)]))
    assert paper.text() == POT.replace("总水量6200ml", "").replace(
        "浸泡10:30404200", "浸泡10:30404200加水高出药面2–5cm"
    )


def test_a_scan_code_too_long_to_type_is_in_the_code_only(
    make_pot: Callable[..., PotLabel], read: Any
) -> None:
    paper = read(pot_label_pdf([make_pot(scan_code="https://tcm.qingxi.example/p/7")]))
    assert paper.text() == POT.replace("POT-07-QX2026112000017", "")
    assert paper.code_texts() == [["https://tcm.qingxi.example/p/7"]]


def test_a_bag_label_says_all_a_patient_needs(make_bag: Callable[..., BagLabel], read: Any) -> None:
    paper = read(bag_label_pdf([make_bag()]))
    assert paper.texts() == [BAG]
    assert paper.sizes_mm() == [(80.0, 60.0)]


def test_labels_speak_english_too(
    make_bag: Callable[..., BagLabel], make_pot: Callable[..., PotLabel], read: Any
) -> None:
    bag = read(bag_label_pdf([make_bag()], language="en")).text()
    pot = read(pot_label_pdf([make_pot()], language="en")).text()
    assert bag.startswith("张*柳树湾村Bag3of14200ml")
    assert "Usebefore2026-11-27Decocted2026-11-2010:30Call0999-5550100" in bag
    assert "Addlate12:328砂仁、薄荷alarm" in pot


def test_no_label_shows_a_full_name(
    make_bag: Callable[..., BagLabel], make_pot: Callable[..., PotLabel], read: Any
) -> None:
    papers = [read(bag_label_pdf([make_bag()])), read(pot_label_pdf([make_pot()]))]
    assert ["桂兰" in paper.text() for paper in papers] == [False, False]


def test_a_hundred_and_seventy_bags_are_one_pdf_in_order_each_with_its_own_code(
    make_bag: Callable[..., BagLabel], read: Any
) -> None:
    labels = [
        make_bag(bag_code=f"QX-{index:04d}-01", trace_url=f"https://tcm.qingxi.example/t/{index:04d}")
        for index in range(170)
    ]
    paper = read(bag_label_pdf(labels))
    assert [text[-10:] for text in paper.texts()] == [label.bag_code for label in labels]
    sampled = read(bag_label_pdf(labels[::17]))
    assert sampled.code_texts() == [[label.trace_url] for label in labels[::17]]


def test_codes_of_labels_are_at_least_18_mm_at_correction_m(
    make_bag: Callable[..., BagLabel], make_pot: Callable[..., PotLabel], read: Any
) -> None:
    longest = "x" * 106
    papers = [
        read(bag_label_pdf([make_bag(trace_url=longest)])),
        read(pot_label_pdf([make_pot(scan_code="POT-07"), make_pot(scan_code=longest)])),
    ]
    codes = [code for paper in papers for page in paper.codes() for code in page]
    assert [code.text for code in codes] == [longest, "POT-07", longest]
    assert [code.ec_level for code in codes] == ["M", "M", "M"]
    sides_mm = [(code.position.top_right.x - code.position.top_left.x) / 300 * 25.4 for code in codes]
    assert min(sides_mm) > 18.0


def test_codes_of_labels_read_back_from_a_203_dpi_printer(
    make_bag: Callable[..., BagLabel], make_pot: Callable[..., PotLabel], read: Any
) -> None:
    contents = ["QX-0017-03", "https://tcm.qingxi.example/t/QX2026112000017-3f9a77c0", "x" * 106]
    bags = read(bag_label_pdf([make_bag(trace_url=content) for content in contents]))
    pots = read(pot_label_pdf([make_pot(scan_code=content) for content in contents]))
    assert bags.printed_code_texts() == [[content] for content in contents]
    assert pots.printed_code_texts() == [[content] for content in contents]


def test_long_content_shrinks_and_stays_whole(make_bag: Callable[..., BagLabel], read: Any) -> None:
    label = make_bag(
        institution="青溪县第二人民医院医共体石桥镇中心卫生院柳树湾分院中医馆",
        village="柳树湾民族团结新村第十二村民小组",
        how_to_take="每日3次，每次1袋，饭后半小时温服，忌生冷油腻辛辣，孕妇遵复诊意见，儿童每次半袋",
        how_to_keep="冷藏 0–4℃，服前隔水加热至温，不可反复加热，漏气胀袋者弃用并致电中心更换",
    )
    paper = read(bag_label_pdf([label]))
    (text,) = paper.texts()
    given = [label.institution, label.village, label.how_to_take, label.how_to_keep, label.bag_code]
    assert [text.count(words.replace(" ", "")) for words in given] == [1] * 5
    assert paper.outside() == []


def test_content_that_fits_in_no_size_is_refused_with_its_code(make_bag: Callable[..., BagLabel]) -> None:
    label = make_bag(village="村" * 30, how_to_take="服" * 60, how_to_keep="存" * 60, institution="院" * 40)
    with pytest.raises(ValueError, match="the label of QX-0017-03 has more text than fits"):
        bag_label_pdf([label])


def test_an_empty_run_and_an_endless_one_are_refused(make_bag: Callable[..., BagLabel]) -> None:
    with pytest.raises(ValueError, match="0 labels asked for, one job prints 1 to 2000"):
        bag_label_pdf([])
    with pytest.raises(ValueError, match="2001 labels asked for"):
        bag_label_pdf([make_bag()] * 2001)
    with pytest.raises(ValueError, match="0 labels asked for"):
        pot_label_pdf([])


def test_a_bag_without_liquid_says_what_is_in_it_and_where_the_advice_is(
    make_bag: Callable[..., BagLabel], read: Any
) -> None:
    dry = make_bag(preparation="granules", volume_ml=None, use_before=None)
    assert read(bag_label_pdf([dry])).text() == BAG.replace("200ml", "配方颗粒").replace(
        "请于2026年11月27日前服完煎于", "煎服方法见袋内说明，或扫码查看装于"
    )


@pytest.mark.parametrize(
    "wrong", [{"volume_ml": None}, {"preparation": "granules"}, {"preparation": "own_cooking"}]
)
def test_a_bag_has_millilitres_where_it_holds_decoction_and_nowhere_else(
    make_bag: Callable[..., BagLabel], wrong: dict[str, object]
) -> None:
    with pytest.raises(ValueError, match="volume_ml is given for decoction"):
        make_bag(**wrong)
