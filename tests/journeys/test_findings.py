"""Every finding gets the pharmacist's word: by keys alone, and with a reason where it is overruled."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.hands import (
    FOUR_GENTLEMEN,
    chips,
    claim,
    number_in,
    register,
    sign,
    type_prescription,
    wide_px,
)
from tests.journeys.windows import DESK_PX, PHONE_PX, Windows

# Dragon bone: no drug of the pharmacopoeia, no note how to decoct it, and too much of it. Three warnings.
WARNED = (*FOUR_GENTLEMEN, ("longg", "龙骨", "40"))
CASE = re.compile(r"/pharmacist/\d+$")


@pytest.fixture
def number(windows: Windows) -> str:
    """A signed prescription with three warnings."""
    return _signed(windows, "端木龙骨")


def test_keys_alone_judge_approve_and_take_the_next(windows: Windows, number: str) -> None:
    _signed(windows, "端木牡蛎")
    pharmacist = windows.log_in("pharmacist01")
    claim(pharmacist, number)
    assert pharmacist.locator("[data-judgement] input:checked").count() == 0
    keyboard = pharmacist.keyboard
    keyboard.press("k")
    expect(pharmacist.locator("[data-judgement] [value=accepted]:checked")).to_have_count(3)
    windows.shoot(pharmacist, "pharmacist-all-accepted")
    keyboard.press("a")
    expect(pharmacist.locator("[data-approve]")).to_be_focused()
    keyboard.press("Enter")
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已通过。")
    # Straight to the next case, without a key.
    expect(pharmacist).to_have_url(CASE)
    assert number_in(pharmacist.locator("h1")) != number
    assert (windows.troubles, windows.refusals) == ([], [])


def test_enter_in_a_choice_or_a_reason_decides_nothing(windows: Windows, number: str) -> None:
    pharmacist = windows.log_in("pharmacist02")
    claim(pharmacist, number)
    pharmacist.keyboard.press("k")
    pharmacist.locator("[data-judgement] [value=overruled]").first.check()
    pharmacist.keyboard.press("Enter")
    reason = _reason(pharmacist)
    reason.fill("已收入")
    reason.press("Enter")
    reason.press_sequentially("省级规范")
    pharmacist.get_by_label("备注（可不填）").press("Enter")
    assert CASE.search(pharmacist.url) is not None
    assert chips(pharmacist.locator(".patient-strip"))[0] == "待审核"
    # What was overruled stays so when the others are accepted.
    pharmacist.keyboard.press("Tab")
    pharmacist.keyboard.press("k")
    expect(pharmacist.locator("[data-judgement] [value=overruled]:checked")).to_have_count(1)
    pharmacist.get_by_role("button", name="通过并签名").click()
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已通过。")


def test_a_return_needs_no_word_and_keeps_the_one_that_is_given(windows: Windows, number: str) -> None:
    pharmacist = windows.log_in("pharmacist02")
    claim(pharmacist, number)
    case = pharmacist.url
    pharmacist.locator("[data-judgement] [value=accepted]").first.check()
    pharmacist.get_by_label("给医师的话").fill("请减量")
    pharmacist.locator("h1").click()
    pharmacist.keyboard.press("r")
    expect(pharmacist.locator("[data-return]")).to_be_focused()
    pharmacist.keyboard.press("3")
    expect(pharmacist.locator("[name=reason_code]:checked")).to_have_value("dose")
    expect(pharmacist.get_by_role("button", name="退回医师")).to_be_focused()
    pharmacist.keyboard.press("Enter")
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已退回医师。")
    pharmacist.goto(case)
    assert pharmacist.locator(".words strong").all_inner_texts() == ["认可", "未表态", "未表态"]
    assert (windows.troubles, windows.refusals) == ([], [])


def test_keys_lead_to_the_herbs_the_call_and_the_handing(windows: Windows, number: str) -> None:
    pharmacist = windows.log_in("pharmacist02")
    claim(pharmacist, number)
    case, keyboard = pharmacist.url, pharmacist.keyboard
    keyboard.press("c")
    expect(pharmacist.get_by_label("商定的内容")).to_be_focused()
    keyboard.type("医师同意减量")
    keyboard.press("Tab")
    keyboard.press("Enter")
    expect(pharmacist.locator("#calls-head")).to_be_visible()
    keyboard.press("h")
    expect(pharmacist.get_by_label("转交理由")).to_be_focused()
    pharmacist.locator("h1").click()
    herbs = pharmacist.locator("[data-second-signature]")
    keyboard.press("s")
    expect(herbs.nth(0)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(herbs.nth(1)).to_be_focused()
    windows.shoot(pharmacist, "pharmacist-second-signature")
    keyboard.press("Enter")
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已退回医师。")
    pharmacist.goto(case)
    expect(pharmacist.locator("section:has(#decisions-head)")).to_contain_text("（白术）")
    assert (windows.troubles, windows.refusals) == ([], [])


@pytest.mark.parametrize("width", [PHONE_PX, DESK_PX])
def test_a_refused_approval_keeps_the_words_and_marks_what_lacks_one(
    windows: Windows, number: str, width: int
) -> None:
    pharmacist = windows.log_in("pharmacist03", width)
    claim(pharmacist, number)
    pharmacist.locator("[data-judgement] [value=accepted]").first.check()
    pharmacist.locator("[data-judgement] [value=overruled]").last.check()
    _reason(pharmacist).fill("患者既往同量服用，无不适")
    pharmacist.get_by_role("button", name="通过并签名").click()
    expect(pharmacist.locator("#notices")).to_contain_text("还有 1 条审核提示没有表态")
    assert number_in(pharmacist.locator("h1")) == number
    assert pharmacist.locator("[data-judgement] .says.error").all_inner_texts() == ["请选一项。"]
    expect(_reason(pharmacist)).to_have_value("患者既往同量服用，无不适")
    right = wide_px(pharmacist)
    assert right <= width
    windows.shoot(pharmacist, "pharmacist-word-missing")
    pharmacist.locator("[data-judgement] [value=accepted]").nth(1).check()
    pharmacist.get_by_role("button", name="通过并签名").click()
    expect(pharmacist.locator("#notices")).to_contain_text(f"{number} 已通过。")
    assert windows.troubles == []


def _signed(windows: Windows, patient: str) -> str:
    doctor = windows.log_in("doctor08")
    register(doctor, patient)
    type_prescription(doctor, WARNED)
    expect(doctor.locator("[data-line]").nth(4).locator(".finding-figure")).to_have_text(
        ["数值 40 g/日", "限量 30 g/日"]
    )
    windows.shoot(doctor, "doctor-findings-explained")
    return sign(doctor)


def _reason(pharmacist: Page) -> Locator:
    """The one reason that is asked for."""
    shown = pharmacist.locator("[data-judgement] textarea:visible")
    expect(shown).to_have_count(1)
    return shown
