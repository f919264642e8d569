"""A patient's day on a phone: the code on the bag, what is in it, a word to the doctor and the answer."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys import county
from tests.journeys.hands import FOUR_GENTLEMEN, put_tour_away
from tests.journeys.windows import PHONE_PX, Windows

PATIENT = "欧阳慢煎"
# The last four of the telephone that was registered.
PIN = "5678"
STARS = 2


def test_a_patients_day(windows: Windows, desk: Callable[[str], county.Desk]) -> None:
    writer = desk("doctor11")
    number = county.sign(writer, county.register(writer, PATIENT))
    pharmacist = desk("pharmacist01")
    county.approve(pharmacist, number)
    bag = county.pack(desk("floor04"), pharmacist, f"/floor/scan?code={number}")
    patient = windows.open(f"/t/{bag}", PHONE_PX)
    windows.shoot(patient, "day-patient-closed", guide="patient-pin", of=patient.locator("#worse"))
    _open(patient, "0000")
    expect(patient.locator("#worse")).to_contain_text("不对")
    assert [herb for _, herb, _ in FOUR_GENTLEMEN if herb in patient.content()] == []
    _open(patient, PIN)
    expect(patient.locator(".herb-list li")).to_have_count(len(FOUR_GENTLEMEN))
    assert PATIENT not in patient.content()
    _feels_worse(patient, windows)
    _answered(windows, number)
    patient.reload()
    expect(patient.locator("#worse .said")).to_contain_text("先停一天，多喝温水；明天还拉就来复诊。")
    windows.shoot(patient, "day-patient-answered", guide="patient-answer", of=patient.locator("#worse"))
    patient.get_by_label(f"{STARS} 星").check()
    patient.get_by_role("button", name="提交").click()
    expect(patient.locator("#notices")).to_contain_text("谢谢您的评价。")
    _heard(windows, number)
    assert windows.troubles == []
    assert [path for _status, path in windows.refusals] == [f"/t/{bag}/open"]


def _open(patient: Page, pin: str) -> None:
    patient.get_by_label("电话后四位").fill(pin)
    patient.get_by_role("button", name="查看").click()


def _feels_worse(patient: Page, windows: Windows) -> None:
    patient.get_by_label("拉肚子").check()
    patient.get_by_label("或写几句话").fill("吃了两次，今早拉了三回")
    windows.shoot(patient, "day-patient-open")
    patient.get_by_role("button", name="告诉医师").click()
    expect(patient.locator("#worse .said")).to_contain_text("等答复")


def _answered(windows: Windows, number: str) -> None:
    """It stands on the doctor's page of the day, until there is an answer."""
    doctor = windows.log_in("doctor11")
    put_tour_away(doctor)
    message = doctor.locator("section:has(#messages) li", has_text=number)
    expect(message).to_contain_text("今早拉了三回")
    windows.shoot(doctor, "day-doctor-message", guide="doctor-message")
    message.get_by_label("答复").fill("先停一天，多喝温水；明天还拉就来复诊。")
    message.get_by_role("button", name="答复").click()
    expect(doctor.locator("section:has(#messages) li", has_text=number)).to_have_count(0)


def _heard(windows: Windows, number: str) -> None:
    """The manager reads the stars, and not whose they are nor what the doctor was told."""
    manager = windows.log_in("manager01")
    put_tour_away(manager)
    manager.get_by_role("link", name="患者评价").click()
    row = manager.locator("tbody tr", has_text=number)
    expect(row.locator("td[data-head='星数']")).to_have_text(f"{STARS}")
    assert PATIENT not in manager.content()
    windows.shoot(manager, "day-manager-voices", guide="manager-voices")
