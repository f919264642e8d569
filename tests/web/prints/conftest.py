"""Sheets as a busy day makes them, and eyes to read the papers back."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
import zxingcpp

from web.prints import (
    BagLabel,
    HerbLine,
    Parcel,
    PotLabel,
    PotStep,
    PrescriptionSheet,
    RouteSheet,
    Signature,
    StepKind,
    Stop,
    Trip,
)

# 09:05 in the county.
SIGNED_AT = datetime(2026, 11, 20, 1, 5, tzinfo=UTC)
PRINTED_AT = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
DIGEST = "3f9a77c0b1d2e4568899aabbccddeeff00112233445566778899aabbccddeeff"

# fmt: off
FORTY_HERBS = (
    "黄芪", "炒白术", "防风", "党参", "茯苓", "炙甘草", "陈皮", "姜半夏",
    "木香", "砂仁", "当归", "川芎", "白芍", "熟地黄", "桂枝", "柴胡",
    "黄芩", "枳壳", "桔梗", "川牛膝", "桃仁", "红花", "赤芍", "生地黄",
    "制附子", "干姜", "细辛", "五味子", "麦冬", "石膏", "知母", "金银花",
    "连翘", "薄荷", "牛蒡子", "淡竹叶", "芦根", "钩藤", "炒酸枣仁", "生姜",
)
# fmt: on
HANDLING = {
    "制附子": "先煎60分钟",
    "石膏": "先煎",
    "砂仁": "后下",
    "薄荷": "后下",
    "钩藤": "后下",
    "生姜": "自备",
}


def herb_line(name: str, dose_g: Decimal | float = 10) -> HerbLine:
    if name == "制附子":
        return HerbLine(
            name=name,
            dose_g=Decimal("18"),
            handling=HANDLING[name],
            second_signature="李文斌",
            second_signature_reason="阳虚寒凝，超药典上限，已告知患者并先煎60分钟",
        )
    return HerbLine(name=name, dose_g=dose_g, handling=HANDLING.get(name, ""))


def herb_lines(count: int) -> tuple[HerbLine, ...]:
    doses_g = {"砂仁": Decimal("4.5"), "细辛": 3}
    return tuple(herb_line(name, doses_g.get(name, 10)) for name in FORTY_HERBS[:count])


@pytest.fixture
def forty_herbs() -> tuple[HerbLine, ...]:
    return herb_lines(40)


@pytest.fixture
def make_prescription() -> Callable[..., PrescriptionSheet]:
    def make(**changes: object) -> PrescriptionSheet:
        fields: dict[str, object] = {
            "institution": "青溪县石桥镇卫生院",
            "number": "QX2026112000017",
            "category": "普通",
            "prescribed_at": SIGNED_AT,
            "patient_name": "张桂兰",
            "sex": "女",
            "age": "58岁",
            "department": "中医科",
            "address": "石桥镇柳树湾村三组12号",
            "phone": "138 0000 0000",
            "disease": "痹证",
            "syndrome": "风寒湿痹、脾肾阳虚证",
            "herbs": tuple(
                herb_line(name, Decimal("4.5") if name == "砂仁" else 10) for name in FORTY_HERBS[:14]
            ),
            "doses": 7,
            "usage": "每日1剂，水煎400ml，分早晚两次温服",
            "doctor": Signature(name="李文斌", signed_at=SIGNED_AT),
            "pharmacist": Signature(name="周静", signed_at=SIGNED_AT + timedelta(minutes=17)),
            "price_fen": 13860,
            "verification_hash": DIGEST,
            "trace_url": "https://tcm.qingxi.example/t/QX2026112000017-3f9a77c0",
            "printed_at": PRINTED_AT,
        }
        return PrescriptionSheet(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_pot() -> Callable[..., PotLabel]:
    def make(**changes: object) -> PotLabel:
        def step(kind: StepKind, offset_min: int, minutes: int, **more: object) -> PotStep:
            start = PRINTED_AT + timedelta(minutes=offset_min)
            return PotStep(kind=kind, planned_start_at=start, minutes=minutes, **more)  # type: ignore[arg-type]

        fields: dict[str, object] = {
            "pot": "07",
            "prescription_number": "QX2026112000017",
            "patient_name": "张桂兰",
            "institution": "青溪县石桥镇卫生院",
            "doses": 7,
            "bags": 14,
            "bag_ml": 200,
            "water_ml": 6200,
            "steps": (
                step(StepKind.SOAK, 0, 40, water_ml=4200),
                step(StepKind.FIRST_IN, 40, 60, herbs=("制附子", "石膏")),
                step(StepKind.FIRST_BOIL, 100, 30),
                step(StepKind.LATE_IN, 122, 8, herbs=("砂仁", "薄荷")),
                step(StepKind.SECOND_BOIL, 135, 25, water_ml=2000),
                step(StepKind.PACK, 165, 10),
            ),
            "toxic_warning": "含制附子：先煎60分钟，双人核对",
            "scan_code": "POT-07-QX2026112000017",
            "printed_at": PRINTED_AT,
        }
        return PotLabel(**(fields | changes))  # type: ignore[arg-type]

    return make


@pytest.fixture
def make_bag() -> Callable[..., BagLabel]:
    def make(**changes: object) -> BagLabel:
        fields: dict[str, object] = {
            "patient_name": "张桂兰",
            "village": "柳树湾村",
            "institution": "青溪县石桥镇卫生院",
            "prescription_number": "QX2026112000017",
            "doses": 7,
            "bag_index": 3,
            "bag_count": 14,
            "volume_ml": 200,
            "how_to_take": "每日2次，每次1袋，早晚温服",
            "how_to_keep": "冷藏 0–4℃",
            "use_before": date(2026, 11, 27),
            "bag_code": "QX-0017-03",
            "trace_url": "https://tcm.qingxi.example/t/QX2026112000017-3f9a77c0",
            "centre_phone": "0999-5550100",
            "decocted_at": PRINTED_AT,
            "printed_at": PRINTED_AT,
        }
        return BagLabel(**(fields | changes))  # type: ignore[arg-type]

    return make


def stop(sequence: int, parcels: int = 3) -> Stop:
    planned_at = SIGNED_AT + timedelta(minutes=12 * sequence)
    return Stop(
        sequence=sequence,
        planned_at=planned_at,
        window_start_at=planned_at - timedelta(minutes=20),
        window_end_at=planned_at + timedelta(minutes=40),
        village=f"柳树湾{sequence:02d}村",
        place="村卫生室",
        contact=f"王医生{sequence:02d}",
        phones=(f"139 0000 {sequence:04d}", f"0999-555{sequence:04d}"),
        parcels=tuple(
            Parcel(
                code=f"P{sequence:02d}-{index:02d}",
                bags=14,
                recipient="陈*" if index % 2 else "刘建国",
                cash_fen=3600 if sequence % 5 == 0 and index == 1 else 0,
            )
            for index in range(1, parcels + 1)
        ),
        qr_content=f"https://tcm.qingxi.example/d/20261120-{sequence:03d}",
        note="桥修路，走北边便道" if sequence % 7 == 0 else "",
    )


@pytest.fixture
def make_stop() -> Callable[..., Stop]:
    return stop


def trips_of(stops: int) -> tuple[Trip, ...]:
    half = stops // 2
    numbers = (range(1, half + 1), range(half + 1, stops + 1))
    starts = (SIGNED_AT, SIGNED_AT + timedelta(hours=4))
    return tuple(
        Trip(
            departs_at=start,
            returns_at=start + timedelta(hours=3, minutes=40),
            stops=tuple(stop(number, parcels=1 + number % 4) for number in run),
            load_note="3号保温箱、1号冷藏箱",
        )
        for start, run in zip(starts, numbers, strict=True)
    )


MAP = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 240">
<polyline points="40,200 120,60 210,120 300,40 360,180 40,200" fill="none" stroke="black" stroke-width="2"/>
<circle cx="40" cy="200" r="7"/><text x="52" y="206" font-family="sans-serif" font-size="14">煎药中心</text>
<text x="128" y="56" font-family="sans-serif" font-size="14">1 柳树湾01村</text>
<text x="290" y="34" font-family="sans-serif" font-size="14">12</text></svg>"""


@pytest.fixture
def make_route() -> Callable[..., RouteSheet]:
    def make(stops: int = 30, **changes: object) -> RouteSheet:
        fields: dict[str, object] = {
            "centre": "青溪县共享中药房煎药中心",
            "centre_phone": "0999-5550100",
            "courier": "赵国强",
            "vehicle": "青A·D1234",
            "service_day": date(2026, 11, 20),
            "trips": trips_of(stops),
            "distance_m": 86_400,
            "cold_box_note": "药液 0–4℃；每趟出发前记录箱温，超过 8℃ 打电话",
            "map_svg": MAP,
            "printed_at": PRINTED_AT,
        }
        return RouteSheet(**(fields | changes))  # type: ignore[arg-type]

    return make


class Paper:
    """A PDF as a person and a scanner see it."""

    def __init__(self, pdf: bytes) -> None:
        self._document = pypdfium2.PdfDocument(pdf)
        self.pages = list(self._document)

    def texts(self) -> list[str]:
        """The text of each page without white space, in reading order."""
        texts = [page.get_textpage().get_text_range() for page in self.pages]
        # PDFium tells a hyphen that ends a line by this noncharacter, which no paper can hold.
        return [re.sub(r"\s", "", text).replace("\ufffe", "-") for text in texts]

    def text(self) -> str:
        return "".join(self.texts())

    def sizes_mm(self) -> list[tuple[float, float]]:
        return [tuple(round(side / 72 * 25.4, 1) for side in page.get_size()) for page in self.pages]

    def codes(self) -> list[list[zxingcpp.Barcode]]:
        """The QR codes of each page from a 300 dpi picture, top to bottom."""
        pages = []
        for page in self.pages:
            picture = page.render(scale=300 / 72, grayscale=True).to_numpy()
            found = zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode)
            pages.append(sorted(found, key=lambda code: code.position.top_left.y))
        return pages

    def printed_code_texts(self) -> list[list[str]]:
        """The QR codes of each page as a 203 dpi label printer burns them, black or white."""
        pages = []
        for page in self.pages:
            dots = page.render(scale=203 / 72, grayscale=True).to_numpy() > 127
            picture = (dots.repeat(2, axis=0).repeat(2, axis=1) * 255).astype("uint8")
            pages.append([code.text for code in zxingcpp.read_barcodes(picture)])
        return pages

    def code_texts(self) -> list[list[str]]:
        return [[code.text for code in page] for page in self.codes()]

    def fonts(self) -> set[tuple[str, bool]]:
        """Base name and whether it is embedded, of every font that draws a text."""
        fonts = set()
        for page in self.pages:
            for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT], max_depth=8):
                font = item.get_font()
                fonts.add(
                    (font.get_base_name().partition("+")[2], bool(pdfium.FPDFFont_GetIsEmbedded(font.raw)))
                )
        return fonts

    def outside(self) -> list[str]:
        """Characters that reach over the edge of their page."""
        lost = []
        for page in self.pages:
            width, height = page.get_size()
            text = page.get_textpage()
            for index in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(index)
                if left < 0 or bottom < 0 or right > width or top > height:
                    lost.append(text.get_text_range(index, 1))
        return lost


@pytest.fixture
def read() -> type[Paper]:
    return Paper
