"""The sheet in a bag that is handed out dry: everything on one A5 page, in both languages."""

from datetime import UTC, datetime
from typing import Any

import pytest

from web.prints import AdviceSheet, advice_pdf

SHEET: dict[str, Any] = {
    "patient_name": "张小花",
    "prescription_number": "20261120-00017",
    "institution": "青溪县石桥镇卫生院",
    "prepared": "自煎",
    "doses": 7,
    "steps": ("先用600毫升冷水泡30分钟。", "大火煮开。"),
    "packets": (("先煎", "石膏、龙骨"), ("后下", "薄荷")),
    "how_to_take": "每日1剂，分两次温服",
    "how_to_keep": "放在阴凉干燥处。",
    "centre": "青溪县共享中药房",
    "centre_phone": "0999-5550100",
    "trace_url": "https://tcm.qingxi.example/t/K7MP2QX4WBNA",
    "printed_at": datetime(2026, 11, 20, 2, 30, tzinfo=UTC),
}
SAID = (
    "煎服说明自煎7剂张*20261120-00017青溪县石桥镇卫生院怎么做1.先用600毫升冷水泡30分钟。2.大火煮开。小包里是"
    "先煎石膏、龙骨后下薄荷怎么吃每日1剂，分两次温服怎么存放在阴凉干燥处。有疑问请打电话0999-5550100，或扫码再看。"
    "青溪县共享中药房打印2026-11-2010:30第1页/共1页"
)


def test_the_sheet_says_the_steps_the_packets_and_whom_to_call(read: Any) -> None:
    paper = read(advice_pdf(AdviceSheet(**SHEET)))
    assert paper.texts() == [SAID]
    assert paper.sizes_mm() == [(148.0, 210.0)]
    assert paper.code_texts() == [["https://tcm.qingxi.example/t/K7MP2QX4WBNA"]]


def test_granules_have_no_small_packets_and_the_labels_are_english_too(read: Any) -> None:
    paper = read(advice_pdf(AdviceSheet(**SHEET | {"packets": ()}), "en"))
    assert ("Inthesmallpackets" in paper.text(), "Howtoprepareyourmedicine" in paper.text()) == (False, True)


@pytest.mark.parametrize(
    ("field", "value"),
    [("steps", ()), ("steps", ("x" * 401,)), ("how_to_keep", ""), ("doses", 0), ("patient_name", " ")],
)
def test_a_sheet_that_cannot_be_printed_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"steps|sentence|doses|patient_name"):
        AdviceSheet(**SHEET | {field: value})
