"""An agreed formula: one pharmacist drafts it, another approves, a doctor adopts it with a modification."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys import hands
from tests.journeys.windows import DESK_PX, PHONE_PX, Windows

HERBS = (("dangs", "党参", "12"), ("fl", "茯苓", "15"), ("cp", "陈皮", "6"), ("gc", "炙甘草", "6"))


def draft(pharmacist: Page, name: str) -> None:
    """Draft a formula by keyboard."""
    pharmacist.goto(pharmacist.url.replace("/pharmacist", "/formulary"))
    pharmacist.get_by_role("link", name="起草协定方").click()
    pharmacist.get_by_label("名称").fill(name)
    pharmacist.locator("#syndrome-0").focus()
    pharmacist.keyboard.type("pqx", delay=15)
    option = pharmacist.locator("#syndrome-0-options [data-value='脾气虚证']")
    expect(option).to_be_visible()
    option.click()
    pharmacist.locator("#rx-lines [name=herb]").first.focus()
    for initials, herb, dose_g in HERBS:
        hands.type_herb(pharmacist, initials, herb, dose_g)
    expect(pharmacist.locator("#findings")).to_contain_text("没有审核提示")


def adopt(doctor: Page, text: str, button: str) -> None:
    """Look a formula up and press one of its buttons."""
    doctor.locator("#formula").fill(text)
    found = doctor.locator("#formulas-found details").first
    expect(found).to_contain_text(text)
    if found.get_attribute("open") is None:
        found.locator("summary").click()
    with doctor.expect_response(lambda answer: answer.url.endswith("/adopt")):
        found.get_by_role("button", name=button, exact=True).click()


@pytest.mark.parametrize("width", [DESK_PX, PHONE_PX])
def test_a_formula_is_drafted_approved_adopted_with_a_modification_and_signed(
    windows: Windows, width: int
) -> None:
    name = f"健脾理气{width}方"
    writer = windows.log_in("pharmacist01", width)
    draft(writer, name)
    windows.shoot(writer, "formulary-draft")
    writer.get_by_role("button", name="保存草稿").click()
    expect(writer.get_by_text("草稿已保存，等另一位药师批准。")).to_be_visible()
    expect(writer.get_by_role("button", name="批准并生效")).to_have_count(0)

    second = windows.log_in("pharmacist02", width)
    second.goto(writer.url)
    second.get_by_role("button", name="批准并生效").click()
    expect(second.get_by_text(f"{name} 第 1 版已生效。")).to_be_visible()
    windows.shoot(second, "formulary-in-force")
    second.get_by_role("link", name="全部协定方").click()
    expect(second.get_by_role("row", name=name)).to_contain_text("在用")
    windows.shoot(second, "formulary-list")

    doctor = windows.log_in("doctor01", width)
    hands.register(doctor, "欧阳健理")
    adopt(doctor, name, f"采用 {name} 全部药味")
    adopt(doctor, "四君子汤", "四君子汤 加减：呕吐")
    expect(doctor.locator("#prescription .notice")).to_contain_text("加 法半夏。")
    assert hands.written(doctor) == [(herb, dose_g) for _, herb, dose_g in HERBS] + [("法半夏", "9")]
    windows.shoot(doctor, "formula-adopted")
    doctor.locator("#syndrome").fill("脾气虚证")
    doctor.get_by_label("用法", exact=True).fill("水煎服，一日一剂，分两次温服")
    doctor.get_by_label("用法", exact=True).blur()
    hands.sign(doctor)
    assert windows.troubles == []
