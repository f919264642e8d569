"""Bad input gets a clear sentence, and nothing that was typed is lost."""

import re
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.journeys.hands import (
    FOUR_GENTLEMEN,
    begin_visit,
    chips,
    claim,
    number_in,
    plan_day,
    save,
    send_photograph,
    sign,
    wait_for_plan,
    write_tongue,
    written,
)
from tests.journeys.windows import Windows
from vision import REFUSALS

TYPED = [(name, dose_g) for _, name, dose_g in FOUR_GENTLEMEN]


def test_a_picture_that_will_not_do_is_refused_and_the_prescription_stays(
    windows: Windows, tmp_path: Path
) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "夏侯一鸣")
    for path, refusal in _bad_pictures(tmp_path):
        send_photograph(doctor, path)
        expect(doctor.locator("#tongue .notice")).to_contain_text(REFUSALS[refusal].zh)
    # One is a picture: only its reader finds that it shows no tongue.
    # Its pixels may be gone before the page has shown them.
    refused = [status for status, address in windows.refusals if not address.endswith("/picture")]
    assert refused == [422, 422, 422]
    assert doctor.locator("#tongue img").count() == 0
    assert written(doctor) == TYPED
    windows.shoot(doctor, "refused-picture")
    assert windows.troubles == []


def test_an_unknown_herb_and_a_negative_dose_are_told_beside_their_line(windows: Windows) -> None:
    doctor = windows.log_in("doctor03")
    begin_visit(doctor, "上官二娘")
    lines = doctor.locator("[data-line]")
    lines.nth(0).locator("[name=herb]").fill("甲乙丙")
    lines.nth(1).locator("[name=dose_g]").fill("-9")
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#prescription > [role=status] .notice")).to_have_text(
        "有 1 处需要修改，您填写的内容还在。"
    )
    expect(lines.nth(1).locator(".says.error")).to_have_text("剂量要大于 0 克。")
    lines.nth(1).locator("[name=dose_g]").fill("9")
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#prescription > [role=status] .notice")).to_have_text(
        "还有需要处理的审核提示，请修改，或在所列药味上再次签名。"
    )
    expect(lines.nth(0).locator(".finding")).to_contain_text("药名甲乙丙无法识别。")
    assert written(doctor) == [("甲乙丙", "12"), *TYPED[1:]]
    windows.shoot(doctor, "unknown-herb")
    assert windows.troubles == []


def test_signing_in_two_tabs_signs_once(windows: Windows) -> None:
    doctor = windows.log_in("doctor04")
    begin_visit(doctor, "司徒三思")
    save(doctor)
    other = windows.second_tab(doctor)
    number = sign(doctor)
    assert sign(other) == number
    pharmacist = windows.log_in("pharmacist02")
    expect(pharmacist.locator(".queue li", has_text=number)).to_have_count(1)
    assert windows.troubles == []


def test_a_stale_page_is_told_so_and_keeps_what_was_typed(windows: Windows) -> None:
    doctor = windows.log_in("doctor05")
    begin_visit(doctor, "诸葛四维")
    save(doctor)
    other = windows.second_tab(doctor)
    doctor.locator("[name=dose_g]").nth(0).fill("15")
    save(doctor)
    other.locator("[name=dose_g]").nth(1).fill("10")
    other.get_by_role("button", name="保存草稿").click()
    expect(other.locator("#prescription .notice")).to_contain_text("这张处方刚在别处改动过，没有保存。")
    mine = [("党参", "12"), ("白术", "10"), *TYPED[2:]]
    assert written(other) == mine
    windows.shoot(other, "stale-page")
    save(other)
    assert written(windows.second_tab(other)) == mine
    assert windows.troubles == []


def test_two_pharmacists_cannot_hold_one_prescription(windows: Windows) -> None:
    doctor = windows.log_in("doctor06")
    begin_visit(doctor, "公孙五味")
    number = sign(doctor)
    slow, quick = windows.log_in("pharmacist02"), windows.log_in("pharmacist03")
    # The slow one's queue does not hear of it before the click.
    slow.route("**/pharmacist/queue", lambda route: route.fulfill(status=304))
    slow.reload()
    holder = quick.locator(".who-name").inner_text()
    claim(quick, number)
    slow.locator(".queue li", has_text=number).get_by_role("button", name="领取").click()
    expect(slow.locator("#notices")).to_contain_text(holder)
    assert slow.get_by_role("button", name="通过并签名").count() == 0
    windows.shoot(slow, "held-by-a-colleague")
    quick.get_by_role("button", name="通过并签名").click()
    expect(quick.locator("#notices")).to_contain_text(number)
    slow.reload()
    assert (number_in(slow.locator("h1")), chips(slow.locator(".patient-strip"))[0]) == (number, "审核通过")
    assert windows.troubles == []


@pytest.fixture
def pots_page(windows: Windows) -> Iterator[Page]:
    """The floor's page of pots; all of them are in service again afterwards."""
    floor = windows.log_in("floor02")
    floor.get_by_role("link", name="煎药锅").click()
    yield floor
    _press_all(floor, "恢复")


def test_a_planner_without_pots_names_every_prescription_and_why(windows: Windows, pots_page: Page) -> None:
    _press_all(pots_page, "停用")
    windows.shoot(pots_page, "no-pots")
    manager = windows.log_in("manager01")
    approved = int(manager.locator(".counts").first.locator(".number").first.inner_text())
    board = windows.second_tab(pots_page)
    board.goto(f"{windows.house.url}/floor")
    # Granules and herbs to cook at home need no pot.
    waiting = approved - board.locator(".slip", has_text=re.compile("配方颗粒|自煎")).count()
    plan_day(manager, seconds=1)
    wait_for_plan(manager)
    unplanned = manager.locator("section", has_text="没有排上的处方").last.locator("tbody tr")
    expect(unplanned).to_have_count(waiting)
    assert {row.locator("td").nth(1).inner_text() for row in unplanned.all()} == {"今日没有可用的煎药锅"}
    windows.shoot(manager, "planned-without-pots")
    assert (windows.troubles, windows.refusals) == ([], [])


def _press_all(floor: Page, word: str) -> None:
    buttons = floor.get_by_role("button", name=re.compile(f"^{word} P"))
    for left in range(buttons.count(), 0, -1):
        buttons.first.click()
        expect(buttons).to_have_count(left - 1)


def _bad_pictures(folder: Path) -> Iterator[tuple[Path, str]]:
    whole = write_tongue(folder / "whole.jpg").read_bytes()
    room = np.full((480, 640, 3), (120, 160, 120), np.uint8)
    cv2.rectangle(room, (100, 100), (400, 300), (60, 60, 70), -1)
    for name, data, refusal in (
        ("truncated", whole[: len(whole) // 2], "unreadable"),
        ("no tongue", cv2.imencode(".jpg", room)[1].tobytes(), "no_tongue"),
        ("huge", _png_that_claims(20_000, 20_000), "unreadable"),
        ("text", "舌淡红，苔薄白\n".encode(), "unreadable"),
    ):
        path = folder / f"{name}.jpg"
        path.write_bytes(data)
        yield path, refusal


def _png_that_claims(width_px: int, height_px: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
