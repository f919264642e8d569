"""How many keys a prescription takes, from the open chart to the signature, by keyboard alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.hands import register, save, type_prescription, written
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


def begin_saved(doctor: Page, name: str) -> None:
    """A visit with 四君子汤, kept and without any finding."""
    register(doctor, name)
    type_prescription(doctor)
    save(doctor)


def press_the_key(doctor: Page) -> None:
    doctor.keyboard.press("Control+Enter")


def click_the_button(doctor: Page) -> None:
    doctor.get_by_role("button", name="签名并送审").click()


@pytest.mark.parametrize("sign_at_once", [press_the_key, click_the_button])
def test_no_signature_passes_an_allergy_that_was_typed_a_moment_ago(
    windows: Windows, sign_at_once: Callable[[Page], None]
) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键三")
    doctor.locator("#allergies").focus()
    doctor.keyboard.insert_text("党参")
    sign_at_once(doctor)
    expect(doctor.locator("#prescription .notice").first).not_to_have_text("草稿已保存。")
    expect(doctor.locator(".patient-strip")).to_contain_text("过敏：党参")
    expect(doctor.locator(".rx-says").first).to_contain_text("患者对党参过敏")
    expect(doctor.locator("#rx-head + .row .chip")).to_have_text("草稿")
    doctor.locator("#allergies").fill("")
    sign(doctor)
    assert windows.troubles == []
    assert {path.rpartition("/")[2] for _, path in windows.refusals} == {"prescription"}


def test_on_a_slow_line_a_signature_waits_for_what_was_typed_after_the_notes_were_sent(
    windows: Windows,
) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键八")
    line = doctor.context.new_cdp_session(doctor)
    slow = {"offline": False, "latency": 800, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", slow)
    doctor.locator("#allergies").focus()
    with doctor.expect_request(lambda request: request.url.endswith("/notes")):
        doctor.keyboard.insert_text("党")
    doctor.keyboard.insert_text("参")
    press_the_key(doctor)
    expect(doctor.locator(".rx-says").first).to_contain_text("患者对党参过敏")
    expect(doctor.locator("#rx-head + .row .chip")).to_have_text("草稿")
    assert windows.troubles == []


def test_without_a_line_nothing_is_signed_and_with_it_the_same_key_signs(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键九")
    doctor.context.set_offline(True)
    doctor.get_by_label("主诉").fill("食少便溏")
    press_the_key(doctor)
    expect(doctor.locator("[data-notes-first]")).to_be_visible()
    doctor.context.set_offline(False)
    sign(doctor)
    assert {trouble.partition(" ")[0] for trouble in windows.troubles} == {"request:", "console:"}
    doctor.reload()
    expect(doctor.get_by_label("主诉")).to_have_value("食少便溏")


def test_notes_that_are_refused_hold_the_signature_back_and_say_so_beside_it(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键四")
    held = doctor.locator("[data-notes-first]")
    doctor.locator("#notes summary", has_text="化验").click()
    doctor.get_by_label("肌酐").focus()
    doctor.keyboard.type("0.9")
    press_the_key(doctor)
    expect(held).to_be_visible()
    expect(held).to_contain_text("四诊没有保存，处方还没有提交。")
    expect(doctor.locator("#rx-head + .row .chip")).to_have_text("草稿")
    doctor.get_by_label("肌酐").fill("90")
    expect(held).to_be_hidden()
    sign(doctor)
    assert windows.troubles == []
    assert {path.rpartition("/")[2] for _, path in windows.refusals} == {"notes"}


def test_a_signature_after_quiet_notes_is_one_request(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键五")
    doctor.get_by_label("主诉").fill("食少便溏")
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")
    doctor.get_by_label("主诉").blur()
    doctor.wait_for_timeout(600)
    sent: list[str] = []
    doctor.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    sign(doctor)
    assert [url.rpartition("/")[2] for url in sent] == ["prescription"]
    assert (windows.troubles, windows.refusals) == ([], [])


def test_the_sign_key_neither_takes_a_herb_nor_signs_while_its_list_is_open(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    begin_saved(doctor, "欧阳键六")
    herb = doctor.locator("#rx-lines [name=herb]").first
    herb.fill("")
    doctor.keyboard.type("fz")
    expect(doctor.locator("#rx-lines .options").first.locator("[role=option]").first).to_be_visible()
    sent: list[str] = []
    doctor.on("request", lambda request: request.method == "POST" and sent.append(request.url))
    press_the_key(doctor)
    doctor.wait_for_timeout(400)
    expect(herb).to_have_value("fz")
    expect(herb).to_be_focused()
    expect(doctor.locator("#rx-head + .row .chip")).to_have_text("草稿")
    assert [url for url in sent if url.endswith("/prescription")] == []
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_digit_answers_no_question_of_the_folded_constitution_form(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    register(doctor, "欧阳键七")
    doctor.get_by_role("link", name="体质辨识").click()
    answered = doctor.locator("[data-answered]")
    questions = doctor.locator(".question").count()
    for _ in range(questions):
        doctor.keyboard.press("3")
    expect(answered).to_have_text(f"{questions} / {questions}")
    doctor.keyboard.press("Enter")
    expect(doctor.locator("table.constitution")).to_be_visible()
    doctor.keyboard.press("5")
    expect(answered).to_have_text(f"0 / {questions}")
    assert (windows.troubles, windows.refusals) == ([], [])
