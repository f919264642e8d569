"""Nothing typed is lost: a log-in that ended, a stranger in the browser, a dropped line, a second tab."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, expect

from tests.journeys.hands import begin_visit, register, sign, type_prescription, written
from tests.journeys.windows import Windows

DRAFT = re.compile(r"/visits/\d+/draft$")
AGAIN = "再提交：签名并送审"
SIGNED = "处方已签名，已送药师审核。"


def complain(doctor: Page, words: str) -> None:
    doctor.get_by_label("主诉").fill(words)


def go_on(doctor: Page, password: str) -> None:
    """Type the password into the dialog."""
    doctor.locator("#again-password").fill(password)
    doctor.keyboard.press("Enter")


def test_a_log_in_that_ended_asks_for_the_password_in_place_and_what_was_typed_goes_on(
    windows: Windows,
) -> None:
    doctor = windows.log_in("doctor02")
    register(doctor, "端木长坐")
    doctor.context.clear_cookies()
    complain(doctor, "头痛三天")
    expect(doctor.locator("#again")).to_be_visible()
    windows.shoot(doctor, "doctor-password-in-place")
    go_on(doctor, "wrong-wrong")
    expect(doctor.locator("#again [data-refusal]")).to_have_text("用户名或密码不对。")
    go_on(doctor, windows.house.password)
    expect(doctor.locator("#again")).not_to_be_visible()
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")
    type_prescription(doctor)
    # The signature is to find the log-in ended, not what the page sends up to 1.2 s after the last key.
    doctor.wait_for_timeout(3000)
    doctor.context.clear_cookies()
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#again")).to_be_visible()
    go_on(doctor, windows.house.password)
    # What a hand sent waits for a hand, and the button says what it will send.
    again = doctor.get_by_role("button", name=AGAIN)
    expect(again).to_be_visible()
    expect(doctor.get_by_role("button", name="签名并送审", exact=True)).to_be_enabled()
    again.click()
    expect(doctor.locator("#prescription .notice")).to_have_text(SIGNED)
    expect(again).not_to_be_visible()
    assert windows.troubles == []
    assert {status for status, _ in windows.refusals} == {401, 403}


def test_a_signature_that_waits_is_sent_by_no_password_and_by_no_other_request(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "端木旧签")
    doctor.context.set_offline(True)
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.get_by_text("网络断了")).to_be_visible()
    doctor.context.set_offline(False)
    again = doctor.get_by_role("button", name=AGAIN)
    expect(again).to_be_visible()
    # The doctor thinks again and goes on typing; the log-in ends meanwhile.
    doctor.context.clear_cookies()
    doctor.locator("#rx-lines [name=dose_g]").first.fill("9")
    expect(doctor.locator("#again")).to_be_visible()
    sent: list[str] = []
    doctor.on("request", lambda request: sent.append(urlsplit(request.url).path))
    with doctor.expect_response(DRAFT):
        go_on(doctor, windows.house.password)
    expect(doctor.locator("#again")).not_to_be_visible()
    expect(again).to_be_visible()
    expect(doctor.locator("#rx-kept")).not_to_be_empty()
    assert [path for path in sent if re.search(r"/visits/\d+/prescription$", path)] == []
    # The doctor's own press is the signature; then nothing waits any more.
    doctor.get_by_role("button", name="签名并送审", exact=True).click()
    expect(doctor.locator("#prescription .notice")).to_have_text(SIGNED)
    expect(again).not_to_be_visible()


def test_another_persons_log_in_gets_nothing_of_what_is_on_the_page(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    register(doctor, "端木换人")
    doctor.context.clear_cookies()
    other = doctor.context.new_page()
    other.goto(f"{windows.house.url}/login")
    other.get_by_label("用户名").fill("pharmacist02")
    other.get_by_label("密码").fill(windows.house.password)
    other.get_by_role("button", name="登录", exact=True).click()
    other.wait_for_url("**/pharmacist")
    complain(doctor, "不给别人看")
    expect(doctor.locator("#again [data-other]")).to_be_visible()
    go_on(doctor, windows.house.password)
    expect(doctor.locator("#again")).not_to_be_visible()
    complain(doctor, "不给别人看，续")
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")
    doctor.reload()
    expect(doctor.get_by_label("主诉")).to_have_value("不给别人看，续")
    assert windows.troubles == []


def test_a_dropped_line_is_told_and_the_form_arrives_once(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "端木断线")
    typed = written(doctor)
    doctor.context.set_offline(True)
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.get_by_text("网络断了")).to_be_visible()
    assert written(doctor) == typed
    windows.shoot(doctor, "doctor-line-lost")
    doctor.context.set_offline(False)
    doctor.get_by_role("button", name=AGAIN).click()
    expect(doctor.locator("#prescription .notice")).to_have_text(SIGNED)
    doctor.reload()
    expect(doctor.get_by_text("本次就诊的其他处方")).to_have_count(0)


def test_an_answer_that_is_lost_on_the_way_makes_no_second_prescription(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "端木回音")
    # The server gets the form and signs; only its answer never arrives.
    address = re.compile(r"/visits/\d+/prescription$")

    def lose(route: Route) -> None:
        route.fetch()
        route.abort()

    doctor.route(address, lose)
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.get_by_role("button", name=AGAIN)).to_be_visible()
    doctor.unroute(address)
    doctor.get_by_role("button", name=AGAIN).click()
    expect(doctor.locator("#prescription .notice")).to_have_text(SIGNED)
    doctor.reload()
    expect(doctor.locator("#rx-head + .row .chip")).to_have_text("待审核")
    expect(doctor.get_by_text("本次就诊的其他处方")).to_have_count(0)


def test_a_form_of_the_page_itself_waits_for_the_line_too(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    doctor.get_by_role("link", name="登记新患者").first.click()
    doctor.get_by_label("姓名").fill("端木未登")
    doctor.get_by_label("女", exact=True).check()
    doctor.get_by_label("出生日期").fill("1968年5月6日")
    doctor.context.set_offline(True)
    doctor.get_by_role("button", name="登记并接诊").click()
    expect(doctor.get_by_text("网络断了")).to_be_visible()
    expect(doctor.get_by_label("姓名")).to_have_value("端木未登")
    doctor.context.set_offline(False)
    doctor.get_by_role("button", name="再提交：登记并接诊").click()
    doctor.wait_for_url("**/doctor/visits/*")


def test_a_second_tab_is_told_in_both_and_replaces_nothing_unseen(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    register(doctor, "端木两窗")
    tab = windows.second_tab(doctor)
    for page in (doctor, tab):
        expect(page.get_by_text("还开着另一个窗口")).to_be_visible()
    complain(doctor, "头痛三天")
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")
    expect(tab.get_by_text("另一个窗口刚保存过")).to_be_visible()
    complain(tab, "头晕")
    expect(tab.locator("#notes-saved")).to_contain_text("刚在别的窗口改过")
    windows.shoot(tab, "doctor-second-tab")
    tab.get_by_role("button", name="用这里的代替").click()
    expect(tab.locator("#notes-saved")).to_contain_text("已自动保存")
    assert windows.troubles == []
    assert {status for status, _ in windows.refusals} == {409}


def test_of_two_pharmacists_who_take_the_same_case_one_gets_it_and_one_is_told(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    begin_visit(doctor, "端木一人")
    number = sign(doctor)
    first, second = windows.log_in("pharmacist01"), windows.log_in("pharmacist02")
    for page in (first, second):
        expect(page.locator(".queue li", has_text=number)).to_be_visible()
    take = [
        page.locator(".queue li", has_text=number).get_by_role("button", name="领取")
        for page in (first, second)
    ]
    take[0].click()
    first.wait_for_url(re.compile(r"/pharmacist/\d+$"))
    # The second's list is a moment old.
    if take[1].count():
        take[1].click()
    expect(second.get_by_text(re.compile("审核这张处方|审核中")).first).to_be_visible()
