"""The pen in a browser: an own formula by four keys, a child's doses, a line moved, the last one again."""

from playwright.sync_api import expect

from tests.journeys.hands import adopt_first, keep_as_own, register, sign, type_prescription, written
from tests.journeys.windows import Windows


def test_what_was_written_once_is_kept_found_by_initials_and_repeated_for_the_same_patient(
    windows: Windows,
) -> None:
    doctor = windows.log_in("doctor02")
    register(doctor, "欧阳笔一")
    type_prescription(doctor)
    herbs = written(doctor)
    doctor.locator("#rx-lines [name=herb]").nth(1).focus()
    doctor.keyboard.press("Alt+ArrowUp")
    assert written(doctor) == [herbs[1], herbs[0], *herbs[2:]]
    keep_as_own(doctor, "欧阳小方")
    number = sign(doctor)
    doctor.goto(doctor.url.partition("/visits")[0])
    doctor.locator("input[name=text]").fill("欧阳笔一")
    doctor.keyboard.press("Enter")
    doctor.get_by_role("button", name="接诊").first.click()
    doctor.wait_for_url("**/doctor/visits/*")
    doctor.get_by_role("button", name="照上方全部采用").click()
    expect(doctor.locator("#rx-lines .rx-says").first).to_contain_text(f"采自《上方 {number}》")
    assert written(doctor) == [herbs[1], herbs[0], *herbs[2:]]
    doctor.locator("#rx-lines [name=dose_g]").first.fill("10")
    expect(doctor.locator(".since-last")).to_contain_text(f"{herbs[1][0]} {herbs[1][1]} g → 10 g")
    adopt_first(doctor, "oyxf", "欧阳小方")
    expect(doctor.locator("#prescription .notice")).to_contain_text("这些药味已在处方里。")
    doctor.on("dialog", lambda dialog: dialog.accept())
    doctor.get_by_role("button", name="从我的方删去").click()
    expect(doctor.locator("#formulas-found")).not_to_contain_text("欧阳小方 我的方")
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_childs_doses_are_taken_over_by_one_tap_and_said_beside_each_line(windows: Windows) -> None:
    doctor = windows.log_in("doctor02")
    doctor.get_by_role("link", name="登记新患者").first.click()
    doctor.get_by_label("姓名").fill("欧阳小满")
    doctor.get_by_label("女", exact=True).check()
    doctor.get_by_label("出生日期").fill("2022年5月6日")
    doctor.get_by_role("button", name="登记并接诊").click()
    doctor.wait_for_url("**/doctor/visits/*")
    adopt_first(doctor, "mht", "麻黄汤")
    expect(doctor.locator("#rx-lines [data-take-dose]").first).to_be_visible()
    adult = dict(written(doctor))
    proposed = doctor.locator("#rx-lines [data-take-dose]").count()
    doctor.locator("[data-take-doses]").click()
    expect(doctor.locator("#rx-lines .rx-says", has_text="已按年龄折算")).to_have_count(proposed)
    child = dict(written(doctor))
    halved = [herb for herb in adult if float(child[herb]) == float(adult[herb]) / 2]
    assert len(halved) == proposed
    assert (windows.troubles, windows.refusals) == ([], [])
