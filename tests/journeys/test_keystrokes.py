"""How many keys a prescription takes, from the open chart to the signature, by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.hands import register, written
from tests.journeys.windows import Windows

_COUNT = """
window.keysPressed = 0;
addEventListener("keydown", (event) => { if (!event.repeat) window.keysPressed += 1; }, true);
"""
# Four herbs that the formula does not have, each by its initials, and how many grams.
_ADDED = (("xr", "苦杏仁", "9"), ("chenp", "陈皮", "6"), ("fl", "茯苓", "12"), ("sigua", "丝瓜络", "9"))


def keys(doctor: Page) -> int:
    return int(doctor.evaluate("window.keysPressed"))


def adopt_formula(doctor: Page, initials: str, name: str) -> None:
    doctor.keyboard.press("F2")
    doctor.keyboard.type(initials)
    expect(doctor.locator("#formulas-found .formula strong").first).to_have_text(name)
    doctor.keyboard.press("Enter")
    doctor.keyboard.press("Enter")
    expect(doctor.locator("#syndrome")).to_be_focused()


def choose_syndrome(doctor: Page, initials: str, name: str) -> None:
    doctor.keyboard.type(initials)
    option = doctor.locator(f"#syndrome-options [data-value='{name}']")
    expect(option).to_be_visible()
    for _ in range(doctor.locator("#syndrome-options [role=option]").count()):
        if option.get_attribute("aria-selected") == "true":
            break
        doctor.keyboard.press("ArrowDown")
    doctor.keyboard.press("Enter")
    expect(doctor.locator("#syndrome")).to_have_value(name)


def add_herb(doctor: Page, initials: str, name: str, dose_g: str) -> None:
    doctor.keyboard.press("F4")
    doctor.keyboard.type(initials)
    line = doctor.locator("[data-line]:has([name=herb]:focus)")
    option = line.locator(f"[role=option][data-value='{name}']")
    expect(option).to_be_visible()
    for _ in range(line.locator("[role=option]").count()):
        if option.get_attribute("aria-selected") == "true":
            break
        doctor.keyboard.press("ArrowDown")
    doctor.keyboard.press("Enter")
    doctor.keyboard.type(dose_g)


def sign(doctor: Page) -> None:
    doctor.keyboard.press("Control+Enter")
    expect(doctor.locator("#prescription .chip").first).to_have_text("待审核")


def test_ma_huang_tang_takes_few_keys_from_chart_to_signature(
    windows: Windows, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor = windows.log_in("doctor01")
    doctor.add_init_script(_COUNT)
    register(doctor, "欧阳键一")
    begun = keys(doctor)
    adopt_formula(doctor, "mht", "麻黄汤")
    choose_syndrome(doctor, "fhsb", "风寒束表证")
    sign(doctor)
    used = keys(doctor) - begun
    with capsys.disabled():
        print(f"\n麻黄汤: {used} keys from the chart to the signature")  # noqa: T201 - the figure is wanted
    assert used <= 20
    assert windows.troubles == []


def test_twelve_herbs_with_modifications_take_fewer_than_sixty_keys(
    windows: Windows, capsys: pytest.CaptureFixture[str]
) -> None:
    doctor = windows.log_in("doctor01")
    doctor.add_init_script(_COUNT)
    register(doctor, "欧阳键二")
    begun = keys(doctor)
    adopt_formula(doctor, "xqlt", "小青龙汤")
    choose_syndrome(doctor, "fhff", "风寒犯肺证")
    for initials, name, dose_g in _ADDED:
        add_herb(doctor, initials, name, dose_g)
    doctor.keyboard.press("ArrowUp")
    assert len(written(doctor)) == 12
    assert written(doctor)[-1] == ("丝瓜络", "10")
    sign(doctor)
    used = keys(doctor) - begun
    with capsys.disabled():
        print(f"\n小青龙汤, four herbs more: {used} keys")  # noqa: T201 - the figure is wanted
    assert used < 60
    assert windows.troubles == []
