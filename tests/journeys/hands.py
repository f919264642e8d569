"""What the county's people do on their pages, step by step, as their hands do it."""

import re
from pathlib import Path

import cv2
from playwright.sync_api import Locator, Page, expect

import vision
from tests.journeys.windows import Windows
from vision.tongue.drawn import draw

# 四君子汤, each herb by the initials a doctor types.
FOUR_GENTLEMEN = (("dangs", "党参", "12"), ("bz", "白术", "9"), ("fl", "茯苓", "12"), ("gc", "炙甘草", "6"))
PATIENT = "欧阳念慈"
_NUMBER = re.compile(r"\d{8}-\d{5}")


def write_tongue(path: Path, seed: int = 7) -> Path:
    """A drawn tongue as a photograph file.

    Args:
        path: Ends in .jpg or .png.
        seed: Of the drawing.

    Returns:
        The path.
    """
    cleaned = vision.clean(draw(seed, body="red", coat="yellow"))
    cv2.imencode(path.suffix, vision.decode(cleaned))[1].tofile(path)
    return path


def chips(where: Page | Locator) -> list[str]:
    """The state chips that can be seen, in order."""
    return [text.strip() for text in where.locator(".chip:visible").all_inner_texts()]


def wide_px(page: Page) -> int:
    """How wide a page is with all that juts out of it; waits for one that is still on its way."""
    width: int = page.locator("html").evaluate("html => html.scrollWidth")
    return width


def put_tour_away(page: Page) -> None:
    """Say no to the offer of a tour, where one is made."""
    if page.locator(".tour-offer").count():
        page.get_by_role("button", name="不用了").click()
    expect(page.locator(".tour-offer")).to_have_count(0)


def register(doctor: Page, name: str = PATIENT) -> None:
    """Register a patient and open the visit."""
    doctor.get_by_role("link", name="登记新患者").first.click()
    doctor.get_by_label("姓名").fill(name)
    doctor.get_by_label("女", exact=True).check()
    doctor.get_by_label("出生日期").fill("1968年5月6日")
    doctor.get_by_label("电话").fill("10012345678")
    doctor.get_by_role("button", name="登记并接诊").click()
    doctor.wait_for_url("**/doctor/visits/*")


def take_history(doctor: Page) -> None:
    """Write down a complaint and tick what the patient tells; the page keeps it by itself."""
    doctor.get_by_label("主诉").fill("食少便溏两月余")
    for phrase in ("食欲不振", "乏力", "便溏"):
        doctor.locator(f"#notes label.pick:has(input[value='{phrase}'])").click()
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")


def send_photograph(doctor: Page, path: Path) -> None:
    """Choose a photograph of the tongue; it is sent at once, and read while the page waits."""
    with doctor.expect_response(lambda answer: answer.url.endswith("/photographs")):
        doctor.locator("#tongue input[type=file]:not([capture])").set_input_files(path)


def type_herb(doctor: Page, initials: str, name: str, dose_g: str) -> None:
    """Add a herb in the line that has the focus, by keyboard alone.

    Args:
        doctor: The visit page.
        initials: Pinyin, as far as it is typed.
        name: The herb that is meant.
        dose_g: Grams.
    """
    keyboard = doctor.keyboard
    keyboard.type(initials, delay=15)
    line = doctor.locator("[data-line]:has(:focus)")
    option = line.locator(f"[role=option][data-value='{name}']")
    expect(option).to_be_visible()
    for _ in range(line.locator("[role=option]").count()):
        if option.get_attribute("aria-selected") == "true":
            break
        keyboard.press("ArrowDown")
    keyboard.press("Enter")
    expect(line.locator("[name=dose_g]")).to_be_focused()
    keyboard.type(dose_g)
    keyboard.press("Enter")


def type_prescription(doctor: Page, herbs: tuple[tuple[str, str, str], ...] = FOUR_GENTLEMEN) -> None:
    """Type herbs into the form, then diagnosis and usage."""
    doctor.locator("#rx-lines [name=herb]").first.focus()
    for initials, name, dose_g in herbs:
        type_herb(doctor, initials, name, dose_g)
    doctor.locator("#syndrome").fill("脾胃气虚证")
    doctor.get_by_label("用法", exact=True).fill("水煎服，一日一剂，分两次温服")
    doctor.get_by_label("用法", exact=True).blur()


def written(doctor: Page) -> list[tuple[str, str]]:
    """Herbs and grams that stand in the form."""
    lines = doctor.locator("[data-line]").all()
    both = [
        (line.locator("[name=herb]").input_value(), line.locator("[name=dose_g]").input_value())
        for line in lines
    ]
    return [pair for pair in both if any(pair)]


def keep_as_own(doctor: Page, name: str) -> None:
    """Keep what stands in the form for one's own pen."""
    doctor.locator("#prescription .keep-own summary").click()
    doctor.locator("#own-name").fill(name)
    doctor.locator("#prescription .keep-own button").click()
    expect(doctor.locator("#prescription .own-told")).to_contain_text(f"已存入我的方：{name} v1")


def adopt_first(doctor: Page, initials: str, name: str) -> None:
    """Adopt a formula whole, by keys alone: look it up by initials, and take the first that is found."""
    doctor.keyboard.press("F2")
    doctor.keyboard.type(initials)
    expect(doctor.locator(f"#formulas-found [data-found-for='{initials}']")).to_be_attached()
    expect(doctor.locator("#formulas-found .formula strong").first).to_have_text(name)
    doctor.keyboard.press("Enter")
    doctor.keyboard.press("Enter")


def begin_visit(doctor: Page, name: str = PATIENT) -> None:
    """A new patient with four herbs in the form, nothing saved yet."""
    register(doctor, name)
    type_prescription(doctor)


def save(doctor: Page) -> None:
    """Keep the draft."""
    doctor.get_by_role("button", name="保存草稿").click()
    expect(doctor.locator("#prescription .notice")).to_have_text("草稿已保存。")


def sign(doctor: Page) -> str:
    """Sign the prescription in the form.

    Returns:
        Its number.
    """
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#prescription .notice")).to_have_text("处方已签名，已送药师审核。")
    return number_in(doctor.locator("#rx-head"))


def number_in(place: Locator) -> str:
    """The prescription's number that stands there."""
    found = _NUMBER.search(place.inner_text())
    assert found is not None
    return found[0]


def claim(pharmacist: Page, number: str) -> None:
    """Take one prescription out of the queue."""
    row = pharmacist.locator(".queue li", has_text=number)
    row.get_by_role("button", name="领取").click()
    pharmacist.wait_for_url(re.compile(r"/pharmacist/\d+$"))


def plan_day(manager: Page, seconds: int = 3) -> None:
    """Ask for a plan; it is made while the page shows how far it is."""
    manager.locator("#seconds").fill(str(seconds))
    manager.get_by_role("button", name=re.compile("开始排计划|重排$")).click()


def wait_for_plan(manager: Page) -> None:
    """Wait until the page has turned to the plan that is in force."""
    expect(manager.locator("#progress")).to_have_count(0)
    expect(manager.get_by_text("已通过独立校验")).to_be_visible()


def route_of(manager: Page, number: str) -> str:
    """The log-in of the courier who carries a prescription, by the manager's page."""
    route = manager.locator("details.route", has_text=number)
    expect(route).to_have_count(1)
    vehicle = route.locator("summary b").inner_text()
    # The demo gives courier03 the third vehicle.
    return f"courier{int(vehicle.removesuffix('号车')):02}"


def trip_of(manager: Page, number: str) -> int:
    """The trip of its vehicle on which a prescription is carried, by the manager's page."""
    row = manager.locator("details.route tbody tr", has_text=number)
    expect(row).to_have_count(1)
    # The row of a closed fold is not seen, but it is there.
    return int(row.locator("td").nth(1).text_content() or "")


def dispense(windows: Windows, floor: Page, number: str) -> None:
    """Weigh an approved prescription, and let in whoever else must sign for it.

    Args:
        windows: Open a window for another person.
        floor: Of somebody of the floor; it shows the prescription's card afterwards.
        number: Which.
    """
    _open_card(floor, number)
    floor.locator(".next a.button").click()
    floor.wait_for_url(re.compile(r"/dispensing/\d+$"))
    if floor.get_by_role("button", name="开始称量").count():
        floor.get_by_role("button", name="开始称量").click()
    if floor.get_by_role("button", name="颗粒已配好").count():
        floor.get_by_role("button", name="颗粒已配好").click()
    ready = floor.get_by_text("已称完，等药师复核签名。")
    code = floor.locator("[data-weigh] #code")
    expect(code.or_(ready)).to_be_visible()
    while code.is_visible():
        weigh_next(floor)
    _second_look(windows, number)
    _open_card(floor, number)
    expect(floor.locator(".card-head .chip").last).to_have_text("已调剂")


def weigh_next(floor: Page) -> None:
    """Scan the drawer that the page names, and type what the scale beside it says: just what is asked for."""
    drawer = floor.locator("#to-weigh .pot").inner_text()
    grams = floor.locator("#to-weigh .to-weigh .number").inner_text()
    floor.locator("#code").fill(drawer)
    floor.keyboard.press("Enter")
    expect(floor.locator("#weight_g")).to_be_focused()
    with floor.expect_navigation():
        floor.keyboard.type(grams)
        floor.keyboard.press("Enter")


def _second_look(windows: Windows, number: str) -> None:
    pharmacist = windows.log_in("pharmacist02")
    pharmacist.get_by_role("link", name="复核", exact=True).click()
    pharmacist.get_by_role("link", name=number).click()
    for toxic in pharmacist.locator("label.tick:has([name=toxic])").all():
        toxic.click()
    pharmacist.get_by_role("button", name="复核无误，签名").click()
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已复核签名")
    pharmacist.close()


def pack(windows: Windows, floor: Page, number: str, *steps: str) -> None:
    """Take an approved prescription over the floor, each time the step that its card offers.

    Args:
        windows: As for `dispense`.
        floor: As for `dispense`.
        number: Which.
        *steps: The states after dispensing; those of a decoction where none is given.
    """
    dispense(windows, floor, number)
    for state in steps or ("浸泡中", "煎煮中", "已包装"):
        if state == "煎煮中":
            _choose_pot(floor)
        _take_step(floor, number, state)


def _choose_pot(floor: Page) -> None:
    """The pot of the plan, or without a plan the first that is free."""
    pot = floor.locator("#pot_code")
    if not pot.input_value():
        free = pot.locator("option:not([disabled]):not([value=''])").first
        pot.select_option(free.get_attribute("value"))


def _open_card(floor: Page, number: str) -> None:
    scan(floor, number)
    expect(floor.locator("h1")).to_have_text(number)


def _take_step(floor: Page, number: str, state: str) -> None:
    """Press the card's button; it leads to the board, and the scan back to the card."""
    floor.locator(".next .button.main").click()
    expect(floor.locator("#notices")).to_contain_text(number)
    _open_card(floor, number)
    expect(floor.locator(".card-head .chip").last).to_have_text(state)


def load(courier: Page, trip: int) -> None:
    """Put a trip's bags into the van; other trips may have left."""
    of_trip = courier.locator(".trip", has=courier.get_by_role("heading", name=f"第 {trip} 趟", exact=True))
    of_trip.get_by_role("button", name="装车").click()
    expect(courier.locator("#notices")).to_contain_text("已装车")


def scan(page: Page, code: str) -> None:
    """What a keyboard-wedge scanner does: type into the box that has the focus, and Enter."""
    page.locator("[data-scan], input[name=code]").first.fill(code)
    page.keyboard.press("Enter")
