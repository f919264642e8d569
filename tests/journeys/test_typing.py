"""What a doctor sees while typing: the word of the review beside the herb, and nothing typed is lost."""

from playwright.sync_api import Dialog, Locator, Page, expect

from tests.journeys.hands import PATIENT, begin_visit, register, save, sign, written
from tests.journeys.windows import Windows

# A disease of the kidneys does not allow it.
NEPHROTOXIC = "苦楝皮"


def line(doctor: Page, row: int) -> Locator:
    return doctor.locator("[data-line]").nth(row)


def put(doctor: Page, row: int, herb: str, grams: str) -> None:
    """Type a line key by key, without waiting for any answer."""
    line(doctor, row).locator("[name=herb]").focus()
    doctor.keyboard.insert_text(herb)
    line(doctor, row).locator("[name=dose_g]").focus()
    doctor.keyboard.type(grams)


def keep_notes(doctor: Page) -> None:
    expect(doctor.locator("#notes-saved")).to_contain_text("已自动保存")


def test_a_finding_appears_beside_its_herb_while_one_types_and_goes_when_it_is_mended(
    windows: Windows,
) -> None:
    doctor = windows.log_in("doctor01")
    register(doctor)
    put(doctor, 0, "白术", "9")
    says = line(doctor, 0).locator(".rx-says")
    expect(says).to_contain_text("6～12g")
    expect(says.locator(".finding")).to_have_count(0)
    doctor.keyboard.type("0")
    expect(says.locator(".finding")).to_contain_text("90g")
    expect(says.locator(".finding")).to_contain_text("12g")
    expect(doctor.locator("#findings .verdict")).to_contain_text("有药味须再次签名")
    windows.shoot(doctor, "doctor-finding-beside-the-herb")
    doctor.keyboard.press("Backspace")
    expect(says.locator(".finding")).to_have_count(0)
    assert (windows.troubles, windows.refusals) == ([], [])


def test_a_tick_above_a_herb_stays_while_other_lines_are_typed_and_goes_with_its_dose(
    windows: Windows,
) -> None:
    doctor = windows.log_in("doctor01")
    register(doctor)
    put(doctor, 0, "白术", "20")
    box = line(doctor, 0).locator("[name=second_sign]")
    box.check()
    expect(line(doctor, 0).locator(".finding .chip")).to_have_text("已再次签名")
    put(doctor, 1, "茯苓", "12")
    put(doctor, 2, "党参", "12")
    expect(line(doctor, 2).locator(".rx-says")).to_contain_text("9～30g")
    expect(box).to_be_checked()
    line(doctor, 0).locator("[name=dose_g]").fill("21")
    expect(line(doctor, 0).locator(".finding")).to_contain_text("21g")
    expect(box).not_to_be_checked()
    assert (windows.troubles, windows.refusals) == ([], [])


def test_no_keystroke_is_lost_however_fast_one_types(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    register(doctor)
    herbs = [("党参", "12"), ("白术", "9"), ("茯苓", "12.5"), ("炙甘草", "6"), ("陈皮", "6"), ("半夏", "9")]
    doctor.locator("#rx-lines [name=herb]").first.focus()
    for herb, grams in herbs:
        for character in herb:
            doctor.keyboard.insert_text(character)
        doctor.keyboard.press("Enter")
        doctor.keyboard.type(grams)
        doctor.keyboard.press("Enter")
    assert written(doctor) == herbs
    expect(doctor.locator("#findings .verdict")).to_contain_text("共 6 味")
    assert written(doctor) == herbs
    assert (windows.troubles, windows.refusals) == ([], [])


def test_what_is_told_of_the_patient_changes_the_findings_of_the_open_draft(windows: Windows) -> None:
    doctor = windows.log_in("doctor01")
    register(doctor)
    put(doctor, 0, NEPHROTOXIC, "4.5")
    put(doctor, 1, "桃仁", "6")
    put(doctor, 2, "陈皮", "6")
    expect(line(doctor, 2).locator(".rx-says")).to_contain_text("3～10g")
    expect(doctor.locator(".rx-says .finding")).to_have_count(0)
    doctor.locator("#notes summary", has_text="化验").click()
    doctor.get_by_label("肌酐").fill("0.9")
    expect(doctor.locator("#creatinine_umol_l-told")).to_have_text("不能小于 5。")
    doctor.get_by_label("肌酐").fill("３５０")
    expect(line(doctor, 0).locator(".rx-says")).to_contain_text("肾功能不全")
    doctor.get_by_label("妊娠").check()
    expect(line(doctor, 1).locator(".rx-says")).to_contain_text("妊娠")
    doctor.locator("#allergies").fill("陈皮")
    expect(line(doctor, 2).locator(".rx-says")).to_contain_text("患者对陈皮过敏")
    expect(doctor.locator("#creatinine_umol_l-told")).to_be_empty()
    strip = doctor.locator(".patient-strip")
    expect(strip).to_contain_text("过敏：陈皮")
    expect(strip).to_contain_text("妊娠")
    windows.shoot(doctor, "doctor-facts-of-the-patient")
    doctor.get_by_label("肌酐").fill("70")
    expect(line(doctor, 0).locator(".rx-says")).not_to_contain_text("肾功能不全")
    assert [pair for pair in written(doctor) if pair[0]] == [
        (NEPHROTOXIC, "4.5"),
        ("桃仁", "6"),
        ("陈皮", "6"),
    ]
    assert windows.troubles == []
    assert {status for status, _ in windows.refusals} == {422}


def test_a_value_of_an_earlier_visit_counts_once_it_is_taken_and_the_first_supply_is_remembered(
    windows: Windows,
) -> None:
    name = f"{PATIENT}再诊"
    doctor = windows.log_in("doctor01")
    begin_visit(doctor, name)
    doctor.locator("#notes summary", has_text="化验").click()
    doctor.get_by_label("肌酐").fill("350")
    keep_notes(doctor)
    sign(doctor)
    doctor.goto(f"{windows.house.url}/doctor")
    doctor.get_by_role("searchbox").or_(doctor.locator("input[name=text]")).first.fill(name)
    doctor.keyboard.press("Enter")
    doctor.get_by_role("button", name="接诊").first.click()
    doctor.wait_for_url("**/doctor/visits/*")
    put(doctor, 0, NEPHROTOXIC, "4.5")
    put(doctor, 1, "党参", "12")
    expect(line(doctor, 1).locator(".rx-says")).to_contain_text("尚余7天")
    expect(doctor.get_by_label("肌酐")).to_have_value("")
    expect(line(doctor, 0).locator(".rx-says")).not_to_contain_text("肾功能不全")
    doctor.get_by_role("button", name="取用 350").click()
    expect(doctor.get_by_label("肌酐")).to_have_value("350")
    expect(line(doctor, 0).locator(".rx-says")).to_contain_text("肾功能不全")
    windows.shoot(doctor, "doctor-second-visit")
    assert (windows.troubles, windows.refusals) == ([], [])


def test_leaving_asks_first_while_the_prescription_is_not_kept(windows: Windows) -> None:
    doctor = windows.log_in("doctor03")
    begin_visit(doctor, "端木未存")
    visit, typed = doctor.url, written(doctor)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    doctor.on("dialog", stay)
    book = doctor.get_by_role("link", name="药典", exact=True)
    book.click(no_wait_after=True)
    assert (asked, doctor.url, written(doctor)) == (["beforeunload"], visit, typed)
    save(doctor)
    book.click()
    doctor.wait_for_url("**/herbs")
    assert asked == ["beforeunload"]
