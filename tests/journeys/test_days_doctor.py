"""A doctor's day: from the tongue to the signature, one returned, an expert asked, one sent up."""

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys import county
from tests.journeys.hands import (
    adopt_first,
    chips,
    keep_as_own,
    number_in,
    put_tour_away,
    register,
    send_photograph,
    take_history,
    write_tongue,
    written,
)
from tests.journeys.windows import Windows

TREATED, SENT_UP = "欧阳晨曦", "欧阳晚晴"
OWN = "晨曦健脾方"


def test_a_doctors_day(windows: Windows, desk: Callable[[str], county.Desk], tmp_path: Path) -> None:
    doctor = windows.log_in("doctor03")
    put_tour_away(doctor)
    visit = _examined(doctor, windows, write_tongue(tmp_path / "tongue.jpg"))
    number = _prescribed(doctor, windows)
    county.send_back(desk("pharmacist02"), number, "dose", "茯苓", words="脾虚湿不重，请减量。")
    _mended(doctor, windows, number)
    _asked(doctor, windows)
    _sent_up(doctor, windows)
    _answered(windows)
    _adopted(doctor, windows, visit, number)
    assert windows.troubles == []
    assert windows.refusals == []


def _home(doctor: Page) -> None:
    doctor.get_by_role("navigation", name="岗位").get_by_role("link", name="接诊").click()
    doctor.wait_for_url("**/doctor")


def _examined(doctor: Page, windows: Windows, photograph: Path) -> str:
    """What the patient says, the tongue with one sign corrected, the question that tells patterns apart."""
    register(doctor, TREATED)
    put_tour_away(doctor)
    take_history(doctor)
    send_photograph(doctor, photograph)
    expect(doctor.locator("#tongue table.signs tbody tr").first).to_be_visible()
    windows.shoot(doctor, "day-doctor-tongue", guide="doctor-tongue", of=doctor.locator("#tongue"))
    doctor.locator("#tongue .correct summary").click()
    other = doctor.locator("#tongue .correct .phrase:not(.chosen)").first
    seen = other.inner_text()
    with doctor.expect_response(lambda answer: answer.url.partition("?")[0].endswith("/suggestions")):
        other.click()
    expect(doctor.locator("#tongue .correct .phrase.chosen", has_text=seen)).to_have_count(1)
    question = doctor.locator("#suggestions .apart [data-tick]").first
    term = question.get_attribute("data-value")
    question.click()
    expect(doctor.locator(f"#notes input[value='{term}']").first).to_be_checked()
    expect(doctor.locator("#suggestions .pattern").first).to_contain_text("支持")
    doctor.locator("#suggest").evaluate("card => card.scrollIntoView()")
    windows.shoot(doctor, "day-doctor-patterns", guide="doctor-patterns")
    return doctor.url


def _prescribed(doctor: Page, windows: Windows) -> str:
    """A formula adopted and changed, its price seen, kept as one's own, and signed."""
    adopt_first(doctor, "sjzt", "四君子汤")
    expect(doctor.locator("[data-line] [name=herb]").first).to_have_value("人参")
    change = doctor.locator("#formulas-found .formula-changes [data-adopt]").first
    before = written(doctor)
    change.click()
    expect(doctor.locator("#prescription .notice")).to_contain_text("加")
    assert len(written(doctor)) > len(before)
    doctor.locator("#rx-lines [name=dose_g]").nth(2).fill("15")
    doctor.locator("#syndrome").fill("脾胃气虚证")
    doctor.get_by_label("用法", exact=True).fill("水煎服，一日一剂，分两次温服")
    doctor.get_by_label("用法", exact=True).blur()
    expect(doctor.locator("#findings .price")).to_contain_text("患者自付")
    form = doctor.locator("#prescription")
    windows.shoot(doctor, "day-doctor-form", guide="doctor-prescription", of=form)
    keep_as_own(doctor, OWN)
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#prescription .notice")).to_have_text("处方已签名，已送药师审核。")
    return number_in(doctor.locator("#rx-head"))


def _mended(doctor: Page, windows: Windows, number: str) -> None:
    """What came back stands first on the day's page; it is mended and signed again."""
    _home(doctor)
    returned = doctor.locator(".returned li", has_text=number)
    expect(returned).to_contain_text("请减量")
    windows.shoot(doctor, "day-doctor-returned", guide="doctor-returned")
    returned.get_by_role("link").click()
    expect(doctor.locator("#prescription .notice").first).to_contain_text("剂量超限")
    doctor.locator("#rx-lines [name=dose_g]").nth(2).fill("9")
    expect(doctor.locator("#findings .price")).to_be_visible()
    doctor.get_by_role("button", name="签名并送审").click()
    expect(doctor.locator("#prescription .notice").first).to_contain_text("处方已签名，已送药师审核。")
    assert chips(doctor.locator("#prescription .row.spread").first) == ["待审核"]


def _consent(page: Page) -> None:
    page.get_by_label("谁同意").select_option("patient")
    page.get_by_label("方式").select_option("written")


def _asked(doctor: Page, windows: Windows) -> None:
    doctor.get_by_role("link", name="请专家会诊").click()
    doctor.get_by_label("请哪位专家").select_option(index=1)
    doctor.get_by_label("请专家回答什么").fill("舌红苔黄与脾虚不合，辨证是否妥当？")
    _consent(doctor)
    windows.shoot(doctor, "day-doctor-consult", guide="doctor-consult")
    doctor.get_by_role("button", name="送出").click()
    expect(doctor.locator("#together")).to_contain_text("专家还没看")


def _sent_up(doctor: Page, windows: Windows) -> None:
    """A red flag in what a patient tells, and the letter to the county hospital."""
    _home(doctor)
    register(doctor, SENT_UP)
    doctor.get_by_label("主诉").fill("上腹痛三天，昨日黑便两次")
    flag = doctor.locator("#suggestions .red-flags")
    expect(flag).to_contain_text("消化道出血")
    windows.shoot(doctor, "day-doctor-red-flag", guide="doctor-red-flag", of=doctor.locator("#suggest"))
    doctor.get_by_role("link", name="转诊", exact=True).click()
    hospital = doctor.get_by_label("转往").locator("option", has_text="临湘市中医医院")
    doctor.get_by_label("转往").select_option(hospital.get_attribute("value"))
    doctor.get_by_label("转诊原因").select_option(index=1)
    doctor.get_by_label("急，请立即接诊").check()
    doctor.get_by_label("初步印象或诊断").fill("上消化道出血待排")
    _consent(doctor)
    windows.shoot(doctor, "day-doctor-refer", guide="doctor-refer")
    doctor.get_by_role("button", name="发出转诊单").click()
    letter = doctor.get_by_role("link", name="打印转诊单")
    expect(letter).to_be_visible()
    pdf = doctor.request.get(f"{windows.house.url}{letter.get_attribute('href')}")
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")


def _answered(windows: Windows) -> None:
    """The expert reads the case and answers with a recipe."""
    expert = windows.log_in("expert01", desk="doctor")
    put_tour_away(expert)
    expert.locator("#news").click()
    expert.get_by_role("link", name=TREATED).click()
    expert.get_by_role("textbox", name="意见").fill("脾虚为本，兼有郁热，可加少量黄连。")
    expert.get_by_label("建议方药（可不填）").fill("黄连 3、党参 12")
    windows.shoot(expert, "day-expert", guide="expert-answer")
    expert.get_by_role("button", name="签名并送出").click()
    expect(expert.locator("main")).to_contain_text("以往会诊")


def _adopted(doctor: Page, windows: Windows, visit: str, number: str) -> None:
    """The answer is told on the day's page, and the list has both patients."""
    _home(doctor)
    expect(doctor.locator("#news")).to_contain_text("会诊已答复")
    windows.shoot(doctor, "day-doctor-end", guide="doctor-day")
    rows = doctor.locator(".visit-row")
    expect(rows.filter(has_text=TREATED)).to_contain_text(number)
    expect(rows.filter(has_text=SENT_UP)).to_contain_text("未开方")
    doctor.goto(visit)
    expect(doctor.locator("#together .answer")).to_contain_text("兼有郁热")
    doctor.get_by_role("button", name="已阅").click()
    expect(doctor.get_by_role("button", name="已阅")).to_have_count(0)
