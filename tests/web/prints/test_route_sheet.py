import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from web.prints import RouteSheet, Stop, route_sheet_pdf

Make = Callable[..., RouteSheet]


def stops_of(sheet: RouteSheet) -> list[Stop]:
    return [stop for trip in sheet.trips for stop in trip.stops]


def test_thirty_stops_are_all_there_in_order_with_contact_phones_and_window(
    make_route: Make, read: Any
) -> None:
    sheet = make_route(30)
    text = read(route_sheet_pdf(sheet)).text()
    found = re.findall(
        r"承诺时段([\d:]{5}–[\d:]{5})(柳树湾\d\d村)村卫生室(王医生\d\d)(1390000\d{4})(0999-555\d{4})(桥修路，走北边便道)?P",
        text,
    )
    first = sheet.trips[0].stops[0]
    assert found[0] == ("08:57–09:57", first.village, first.contact, "13900000001", "0999-5550001", "")
    assert [stop[1:] for stop in found] == [
        (stop.village, stop.contact, *(phone.replace(" ", "") for phone in stop.phones), stop.note)
        for stop in stops_of(sheet)
    ]


def test_every_parcel_is_listed_once_with_its_recipient_bags_and_cash(make_route: Make, read: Any) -> None:
    sheet = make_route(30)
    text = read(route_sheet_pdf(sheet)).text()
    found = re.findall(r"(P\d\d-\d\d)(陈\*|刘建国)(\d+)袋(¥[\d.]+\.\d\d)?", text)
    assert found == [
        (parcel.code, parcel.recipient, str(parcel.bags), "¥36.00" if parcel.cash_fen else "")
        for stop in stops_of(sheet)
        for parcel in stop.parcels
    ]


def test_every_stop_has_a_box_to_sign_reasons_to_tick_and_its_cash(make_route: Make, read: Any) -> None:
    sheet = make_route(30)
    text = read(route_sheet_pdf(sheet)).text()
    found = re.findall(
        r"(?:袋|\.\d\d)(\d+)件(\d+)袋代收(无|¥[\d.]+)签名、取药码或代收人时间(?:实收)?"
        r"未送达不在家拒收地址不对破损批次召回其他下次配送",
        text,
    )
    assert found == [
        (
            str(len(stop.parcels)),
            str(sum(parcel.bags for parcel in stop.parcels)),
            "¥36.00" if any(parcel.cash_fen for parcel in stop.parcels) else "无",
        )
        for stop in stops_of(sheet)
    ]


def test_the_code_of_every_stop_reads_back_in_order(make_route: Make, read: Any) -> None:
    sheet = make_route(30)
    paper = read(route_sheet_pdf(sheet))
    codes = [code for page in paper.codes() for code in page]
    assert [code.text for code in codes] == [stop.qr_content for stop in stops_of(sheet)]
    sides_mm = [(code.position.top_right.x - code.position.top_left.x) / 300 * 25.4 for code in codes]
    assert min(sides_mm) > 18.0


def test_a_stop_never_stands_on_two_pages(make_route: Make, read: Any) -> None:
    pages = read(route_sheet_pdf(make_route(30))).texts()
    assert [len(re.findall(r"承诺时段\d", page)) for page in pages] == [
        page.count("未送达") for page in pages
    ]


def test_the_head_says_who_when_and_how_much(make_route: Make, read: Any) -> None:
    first = read(route_sheet_pdf(make_route(30))).texts()[0]
    assert first.startswith(
        "配送单青溪县共享中药房煎药中心2026年11月20日配送员赵国强车辆青A·D1234发车09:05·13:05"
        "30站75件1050袋86.4km应收现金¥216.00路线示意"
    )
    assert "先打中心电话0999-5550100，再离开该站。" in first
    assert "冷藏箱药液0–4℃；每趟出发前记录箱温，超过8℃打电话" in first


def test_the_second_trip_starts_with_reloading(make_route: Make, read: Any) -> None:
    text = read(route_sheet_pdf(make_route(30))).text()
    assert re.findall(r"第\d趟.*?预计返回[\d:]{5}", text) == [
        "第1趟中心装货15站·39件·546袋发车09:05预计返回12:45",
        "第2趟回中心再装货15站·36件·504袋发车13:05预计返回16:45",
    ]


def test_each_page_after_the_first_carries_the_head_and_all_are_numbered(make_route: Make, read: Any) -> None:
    paper = read(route_sheet_pdf(make_route(30)))
    pages = paper.texts()
    head = "配送单2026年11月20日配送员赵国强车辆青A·D1234中心电话0999-5550100"
    assert [page.startswith(head) for page in pages] == [False, True, True, True, True]
    assert [page[-7:] for page in pages] == [f"第{number}页/共5页" for number in range(1, 6)]
    assert paper.outside() == []
    assert set(paper.sizes_mm()) == {(210.0, 297.0)}


def test_a_clinic_with_two_hundred_parcels_runs_over_pages_and_loses_none(
    make_route: Make, make_stop: Callable[..., Stop], read: Any
) -> None:
    sheet = make_route(4)
    crowded = replace(sheet.trips[0], stops=(make_stop(1, parcels=200),))
    paper = read(route_sheet_pdf(replace(sheet, trips=(crowded,))))
    assert re.findall(r"(P01-\d+)(?:陈|刘)", paper.text()) == [
        parcel.code for parcel in crowded.stops[0].parcels
    ]
    assert paper.outside() == []


def test_a_day_without_cash_or_sketch_says_so(
    make_route: Make, make_stop: Callable[..., Stop], read: Any
) -> None:
    sheet = make_route(2, map_svg="", cold_box_note="")
    text = read(route_sheet_pdf(sheet)).text()
    assert "86.4km无代收出现意外时" in text
    assert "路线示意" not in text


def test_the_sketch_is_drawn_with_its_words(make_route: Make, read: Any) -> None:
    text = read(route_sheet_pdf(make_route(2))).text()
    assert "路线示意（不按比例，编号即站号）煎药中心1柳树湾01村12出现意外时" in text


def test_the_sheet_ends_with_what_comes_back(make_route: Make, read: Any) -> None:
    last = read(route_sheet_pdf(make_route(30))).texts()[-1]
    assert last.partition("交回中心")[2].startswith("退回包裹上交现金里程时间配送员签名接收人")


def test_english_labels_around_the_same_stops(make_route: Make, read: Any) -> None:
    text = read(route_sheet_pdf(make_route(6), language="en")).text()
    assert text.count("NotdeliveredNothomeRefusedWrongaddressDamagedRecalledOtherNexttry") == 6
    assert "Trip2Backtothecentreandreload" in text
    assert "Handedbacktothecentre" in text


def test_only_embedded_fonts_are_used(make_route: Make, read: Any) -> None:
    assert {embedded for _name, embedded in read(route_sheet_pdf(make_route(6))).fonts()} == {True}
