"""The whole road in the browser: one prescription from the doctor's log-in to the village door."""

import json
import re
from pathlib import Path

import pypdfium2
import zxingcpp
from playwright.sync_api import Page, expect

from tests.journeys.hands import (
    FOUR_GENTLEMEN,
    PATIENT,
    chips,
    claim,
    dispense,
    load,
    number_in,
    plan_day,
    put_tour_away,
    register,
    route_of,
    save,
    scan,
    send_photograph,
    sign,
    take_history,
    trip_of,
    type_prescription,
    wait_for_plan,
    write_tongue,
    written,
)
from tests.journeys.windows import PHONE_PX, House, Windows


def test_a_prescription_travels_from_the_doctors_log_in_to_the_door(
    house: House, windows: Windows, tmp_path: Path
) -> None:
    number = _prescribed(windows, write_tongue(tmp_path / "tongue.jpg"))
    _approved(windows, number)
    courier, trip = _planned(windows, number)
    trace_url = _packed(windows, number, house.url)
    _delivered(windows, courier, trip, number, trace_url)
    _traced(windows, trace_url)
    verified = house.run("ledger", "verify")
    assert (verified.returncode, json.loads(verified.stdout)["ok"]) == (0, True)
    assert (windows.troubles, windows.refusals) == ([], [])


def _prescribed(windows: Windows, photograph: Path) -> str:
    doctor = windows.log_in("doctor01")
    windows.shoot(doctor, "doctor-day")
    register(doctor)
    take_history(doctor)
    send_photograph(doctor, photograph)
    _see_signs(doctor)
    windows.shoot(doctor, "doctor-tongue-and-suggestions")
    doctor.get_by_role("button", name="采用证型", exact=False).first.click()
    expect(doctor.locator("#prescription .notice")).to_contain_text("已采用证型：")
    type_prescription(doctor)
    assert written(doctor) == [(name, dose_g) for _, name, dose_g in FOUR_GENTLEMEN]
    _overdose_and_mend(doctor, windows)
    save(doctor)
    assert chips(doctor.locator("#prescription .row.spread").first) == ["草稿"]
    number = sign(doctor)
    assert chips(doctor.locator("#prescription .row.spread").first) == ["待审核"]
    windows.shoot(doctor, "doctor-signed")
    return number


def _see_signs(doctor: Page) -> None:
    signs = doctor.locator("#tongue table.signs tbody tr")
    expect(signs.locator("th", has_text="红舌")).to_have_count(1)
    overlay = doctor.locator("#tongue img")
    expect(overlay).to_have_js_property("complete", True)
    assert overlay.evaluate("picture => picture.naturalWidth") == 400
    expect(doctor.locator("#suggestions .pattern").first).to_contain_text("支持")


def _overdose_and_mend(doctor: Page, windows: Windows) -> None:
    line = doctor.locator("[data-line]").nth(3)
    dose = line.locator("[name=dose_g]")
    dose.fill("60")
    expect(line.locator(".finding")).to_have_count(1)
    expect(line.locator(".finding")).to_contain_text("超过")
    windows.shoot(doctor, "doctor-overdose")
    dose.fill("6")
    expect(line.locator(".finding")).to_have_count(0)
    expect(doctor.locator("#findings .chip")).to_have_text("没有审核提示")


def _approved(windows: Windows, number: str) -> None:
    pharmacist = windows.log_in("pharmacist01")
    windows.shoot(pharmacist, "pharmacist-queue")
    claim(pharmacist, number)
    assert pharmacist.locator(".case-herbs .herb-name").all_inner_texts() == [
        name for _, name, _ in FOUR_GENTLEMEN
    ]
    expect(pharmacist.locator(".case-patient")).to_contain_text(PATIENT)
    expect(pharmacist.locator(".case-patient img")).to_be_visible()
    expect(pharmacist.locator(".case-review")).to_contain_text("没有审核提示")
    tops = [pharmacist.locator(part).bounding_box() for part in (".case-rx", ".case-patient", ".case-review")]
    assert len({round(box["y"]) for box in tops if box}) == 1, "the three do not stand side by side"
    windows.shoot(pharmacist, "pharmacist-case")
    pharmacist.get_by_role("button", name="通过并签名").click()
    expect(pharmacist.locator("#notices")).to_contain_text(number)
    windows.shoot(pharmacist, "pharmacist-approved")


def _planned(windows: Windows, number: str) -> tuple[str, int]:
    manager = windows.log_in("manager01")
    put_tour_away(manager)
    plan_day(manager)
    expect(manager.locator("#progress progress")).to_be_visible()
    windows.shoot(manager, "manager-planning")
    wait_for_plan(manager)
    assert manager.locator(".drawing svg").count() == 3
    expect(manager.locator(".drawing svg").first).to_contain_text(number[-5:])
    windows.shoot(manager, "manager-planned", guide="manager-plan")
    windows.shoot(manager, "manager-chart", guide="manager-chart", of=manager.locator(".sheet").first)
    return route_of(manager, number), trip_of(manager, number)


def _packed(windows: Windows, number: str, url: str) -> str:
    floor = windows.log_in("floor01")
    windows.shoot(floor, "floor-board")
    scan(floor, number)
    floor.wait_for_url(re.compile(r"/floor/p/\d+$"))
    assert number_in(floor.locator("h1")) == number
    windows.shoot(floor, "floor-card")
    dispense(windows, floor, number)
    floor.get_by_role("link", name="看板").click()
    slip = floor.locator(".slip", has_text=number[-5:])
    slip.get_by_role("button", name="开始浸泡").click()
    expect(slip.get_by_role("button")).to_have_text(re.compile(r"^上锅 P\d\d$"))
    scan(floor, number)
    pot = floor.locator("#pot_code").input_value()
    floor.get_by_role("button", name="上锅", exact=True).click()
    expect(floor.locator("#notices")).to_contain_text(number)
    scan(floor, number)
    expect(floor.locator(".card-head .chip")).to_have_text("煎煮中")
    expect(floor.locator("h2 .pot")).to_have_text(pot)
    floor.get_by_role("button", name=f"从 {pot} 出锅").click()
    expect(floor.locator("#notices")).to_contain_text("已出锅")
    floor.get_by_role("button", name="包装完成").click()
    expect(floor.locator(".card-head .chip")).to_have_text("已包装")
    windows.shoot(floor, "floor-packed")
    label = floor.get_by_role("link", name="袋签").get_attribute("href")
    pdf = floor.request.get(f"{url}{label}")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    return _code_on(pdf.body())


def _code_on(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_numpy()
    [code] = [each.text for each in zxingcpp.read_barcodes(page) if "QR" in each.format.name]
    return code


def _delivered(windows: Windows, username: str, trip: int, number: str, trace_url: str) -> None:
    courier = windows.log_in(username, PHONE_PX)
    windows.shoot(courier, "courier-route")
    load(courier, trip)
    windows.shoot(courier, "courier-loaded")
    scan(courier, trace_url)
    parcel = courier.locator(".parcel.scanned")
    expect(parcel).to_contain_text(PATIENT)
    assert (number_in(parcel), chips(parcel)) == (number, ["已装车"])
    windows.shoot(courier, "courier-stop")
    parcel.get_by_role("button", name="已送达").click()
    expect(courier.locator("#notices")).to_have_text(f"{number} 已送达。")
    expect(courier.locator(".parcel", has_text=number).locator(".chip:visible")).to_have_text(["已送达"])
    windows.shoot(courier, "courier-delivered")


def _traced(windows: Windows, trace_url: str) -> None:
    anyone = windows.open(trace_url, PHONE_PX)
    assert chips(anyone.locator(".now")) == ["已送达"]
    assert chips(anyone.locator(".timeline"))[-1] == "已送达"
    html = anyone.content()
    assert [name for name in (PATIENT, PATIENT[0:2], PATIENT[2:]) if name in html] == []
    assert [herb for _, herb, _ in FOUR_GENTLEMEN if herb in html] == []
    windows.shoot(anyone, "trace", guide="patient-trace")
