import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from web.prints import HerbLine, PrescriptionSheet, Signature, prescription_pdf

Make = Callable[..., PrescriptionSheet]
FIRST_PAGE = (
    "普通青溪县石桥镇卫生院处方笺扫码溯源编号QX2026112000017日期2026年11月20日姓名张桂兰性别女年龄58岁科别中医科"
    "地址石桥镇柳树湾村三组12号电话13800000000临床诊断痹证·风寒湿痹、脾肾阳虚证"
    "Rp.黄芪10g炒白术10g防风10g党参10g茯苓10g炙甘草10g陈皮10g姜半夏10g木香10g砂仁(后下)4.5g当归10g川芎10g"
    "白芍10g熟地黄10g（以下空白）共7剂14味，每剂134.5g用法每日1剂，水煎400ml，分早晚两次温服"
    "医师（电子签名）李文斌2026-11-2009:05审核药师（电子签名）周静2026-11-2009:22调配核对、发药"
    "验证码3f9a77c0b1d2e456药费¥138.60本处方当日有效打印2026-11-2010:30第1页/共1页"
)


def test_everything_the_sheet_says_stands_on_the_page_in_reading_order(
    make_prescription: Make, read: Any
) -> None:
    assert read(prescription_pdf(make_prescription())).texts() == [FIRST_PAGE]


def test_forty_herbs_fit_one_page_in_the_order_of_the_doctor(
    make_prescription: Make, read: Any, forty_herbs: tuple[HerbLine, ...]
) -> None:
    paper = read(prescription_pdf(make_prescription(herbs=forty_herbs, pharmacist_note="注意先煎")))
    (text,) = paper.texts()
    body = text.partition("Rp.")[2].partition("（以下空白）")[0]
    assert re.findall(r"(?:再签李文斌)?([^\d()]+?)(?:\([^)]*\))?[\d.]+g", body) == [
        herb.name for herb in forty_herbs
    ]
    assert paper.outside() == []


def test_sixty_long_herbs_with_long_notes_run_over_and_lose_nothing(
    make_prescription: Make, read: Any
) -> None:
    herbs = tuple(
        HerbLine(
            name=f"蜜麸炒制特长药名{index:02d}",
            dose_g=10,
            handling="先煎一小时后再与他药同煎",
            second_signature="欧阳慕容",
            second_signature_reason="超药典上限，已核对病情并告知患者家属",
        )
        for index in range(60)
    )
    paper = read(prescription_pdf(make_prescription(herbs=herbs, pharmacist_note="嘱" * 400)))
    text = paper.text()
    assert len(paper.pages) == 3
    assert [text.count(f"蜜麸炒制特长药名{index:02d}") for index in range(60)] == [2] * 60
    assert text.count("嘱") == 400
    assert paper.outside() == []
    assert [
        page.startswith("青溪县石桥镇卫生院姓名张桂兰编号QX2026112000017续页") for page in paper.texts()
    ] == [
        False,
        True,
        True,
    ]
    assert [page[-7:] for page in paper.texts()] == ["第1页/共3页", "第2页/共3页", "第3页/共3页"]


def test_the_second_signature_stands_above_its_herb_and_the_handling_at_its_upper_right(
    make_prescription: Make, read: Any
) -> None:
    herb = HerbLine(name="制附子", dose_g=18, handling="先煎", second_signature="李文斌")
    page = read(prescription_pdf(make_prescription(herbs=(herb,)))).pages[0].get_textpage()
    text = page.get_text_range()

    def box(words: str) -> tuple[float, ...]:
        return page.get_charbox(text.index(words))

    signature, name, handling = box("再签"), box("制附子"), box("(先煎")
    assert signature[1] > name[3]
    assert handling[0] > name[2]
    assert handling[3] > name[3] - 1
    assert handling[1] > (name[1] + name[3]) / 2


def test_missing_signatures_leave_their_boxes_empty(make_prescription: Make, read: Any) -> None:
    text = read(prescription_pdf(make_prescription(pharmacist=None))).text()
    assert "审核药师（电子签名）调配核对、发药" in text


def test_all_four_signatures_show_name_and_local_time(make_prescription: Make, read: Any) -> None:
    signed_at = make_prescription().prescribed_at + timedelta(hours=16)
    sheet = make_prescription(
        dispenser=Signature(name="孙丽", signed_at=signed_at),
        checker=Signature(name="马超", signed_at=signed_at),
    )
    text = read(prescription_pdf(sheet)).text()
    assert "调配孙丽2026-11-2101:05核对、发药马超2026-11-2101:05" in text


def test_the_date_is_the_countys_and_not_greenwichs(make_prescription: Make, read: Any) -> None:
    late = make_prescription().prescribed_at + timedelta(hours=16)
    assert "日期2026年11月21日" in read(prescription_pdf(make_prescription(prescribed_at=late))).text()


def test_optional_fields_leave_no_trace(make_prescription: Make, read: Any) -> None:
    sheet = make_prescription(price_fen=None, disease="", category="", address="", phone="", valid_days=3)
    text = read(prescription_pdf(sheet)).text()
    assert text.startswith("青溪县石桥镇卫生院处方笺")
    assert "地址电话临床诊断风寒湿痹、脾肾阳虚证Rp." in text
    assert text.endswith("验证码3f9a77c0b1d2e456本处方3日内有效打印2026-11-2010:30第1页/共1页")


def test_english_changes_the_labels_and_not_the_content(make_prescription: Make, read: Any) -> None:
    text = read(prescription_pdf(make_prescription(), language="en")).text()
    assert text.startswith(
        "普通青溪县石桥镇卫生院PrescriptionScantotraceNo.QX2026112000017Date2026-11-20Name张桂兰"
    )
    assert text.endswith("Price¥138.60ValidonthedayofissuePrinted2026-11-2010:30Page1of1")


def test_the_code_reads_back_and_is_at_least_18_mm(make_prescription: Make, read: Any) -> None:
    sheet = make_prescription(trace_url="https://tcm.qingxi.example/t/" + "x" * 77)
    ((code,),) = read(prescription_pdf(sheet)).codes()
    assert code.text == sheet.trace_url
    assert code.ec_level == "M"
    side_mm = (code.position.top_right.x - code.position.top_left.x) / 300 * 25.4
    assert side_mm == pytest.approx(18.0, abs=0.3)


def test_only_the_two_house_fonts_are_used_and_both_are_embedded(make_prescription: Make, read: Any) -> None:
    fonts = read(prescription_pdf(make_prescription())).fonts()
    assert {embedded for _name, embedded in fonts} == {True}
    assert {name.partition("-")[0] for name, _embedded in fonts} == {"NotoSansSC", "NotoSerifSC"}


def test_equal_sheets_give_equal_bytes(make_prescription: Make) -> None:
    assert prescription_pdf(make_prescription()) == prescription_pdf(make_prescription())


def test_a_third_language_is_refused(make_prescription: Make) -> None:
    with pytest.raises(ValueError, match="papers are printed in zh or en, not 'fr'"):
        prescription_pdf(make_prescription(), language="fr")  # type: ignore[arg-type]
