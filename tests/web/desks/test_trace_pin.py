"""Behind the PIN of a bag: herbs, allergies, words to the doctor and back, a rating."""

import re

import pytest

from tcm.records.clinical import Prescription
from tcm.store.engine import Store
from tests.tcm.centre import packed
from tests.tcm.county import FOUR_GENTLEMEN, NAME, PHONE
from tests.web.desks.hands import Browser, Web, hidden, shown

PIN = PHONE[-4:]


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store, pin_limit="100 per minute")


@pytest.fixture
def bag(web: Web) -> tuple[Prescription, str]:
    """A packed prescription and the code of its bag."""
    prescription = packed(web.county)
    with web.county.work() as work:
        return prescription, work.bags.of_prescription(prescription.key())[0].code


def post(browser: Browser, code: str, action: str, **fields: object) -> str:
    """Send a form of the bag's own page; what the page says then."""
    page = browser.get(f"/t/{code}").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token is not None
    data = {**hidden(page, f"/t/{code}/{action}"), **fields, "csrf_token": token[1]}
    answer = browser.client.post(f"/t/{code}/{action}", base_url="https://localhost", data=data)
    return shown(answer.text if answer.status_code != 303 else browser.follow(answer))


def test_the_last_four_digits_show_herbs_and_no_name(web: Web, bag: tuple[Prescription, str]) -> None:
    _, code = bag
    browser = web.anyone()
    assert "后四位不对" in post(browser, code, "open", pin="0000")
    text = post(browser, code, "open", pin=PIN)
    assert [item.written_as for item in FOUR_GENTLEMEN if item.written_as not in text] == []
    assert "登记的过敏" in text
    assert NAME not in text
    assert PHONE not in text
    web.county.watch.pass_(minutes=16)
    assert FOUR_GENTLEMEN[0].written_as not in shown(browser.get(f"/t/{code}").text)


def test_a_clock_that_was_set_back_keeps_nothing_open(web: Web, bag: tuple[Prescription, str]) -> None:
    _, code = bag
    browser = web.anyone()
    post(browser, code, "open", pin=PIN)
    web.county.watch.pass_(hours=-1)
    assert FOUR_GENTLEMEN[0].written_as not in shown(browser.get(f"/t/{code}").text)


def test_one_bags_pin_opens_no_other_bag(web: Web, bag: tuple[Prescription, str]) -> None:
    other = packed(web.county)
    with web.county.work() as work:
        other_code = work.bags.of_prescription(other.key())[0].code
    browser = web.anyone()
    post(browser, bag[1], "open", pin=PIN)
    assert FOUR_GENTLEMEN[0].written_as not in shown(browser.get(f"/t/{other_code}").text)


def test_herbs_the_doctor_hides_are_not_shown(web: Web, bag: tuple[Prescription, str]) -> None:
    prescription, code = bag
    doctor = web.browser(web.county.doctor)
    answer = doctor.post(f"/doctor/prescriptions/{prescription.id}/herbs-shown", shown="false")
    assert "让患者看药味" in shown(doctor.follow(answer))
    text = post(web.anyone(), code, "open", pin=PIN)
    assert FOUR_GENTLEMEN[0].written_as not in text
    assert "医师没有公开药味" in text


def test_feeling_worse_reaches_the_doctors_day_and_comes_back_answered(
    web: Web, bag: tuple[Prescription, str]
) -> None:
    _, code = bag
    patient, doctor = web.anyone(), web.browser(web.county.doctor)
    post(patient, code, "open", pin=PIN)
    assert "等答复" in post(patient, code, "worse", signs=["呼吸困难", "皮肤痒"], words="刚喝完")
    day = doctor.get("/doctor").text
    assert "患者说吃药后不舒服 1 人" in shown(day)
    assert "呼吸困难、皮肤痒。刚喝完" in shown(day)
    assert 'class="said urgent"' in day
    answered = doctor.follow(doctor.post("/doctor/messages/1", words="马上停药来卫生院。"))
    assert "患者说吃药后不舒服" not in shown(answered)
    assert "马上停药来卫生院。" in shown(patient.get(f"/t/{code}").text)


def test_a_rating_is_kept_and_shown_again(web: Web, bag: tuple[Prescription, str]) -> None:
    _, code = bag
    patient = web.anyone()
    post(patient, code, "open", pin=PIN)
    post(patient, code, "rating", stars="4", words="味道苦")
    page = patient.get(f"/t/{code}").text
    assert re.search(r'value="4" required checked', page)
    assert 'value="味道苦"' in page


def test_nothing_is_said_or_rated_without_the_pin(web: Web, bag: tuple[Prescription, str]) -> None:
    prescription, code = bag
    stranger = web.anyone()
    key = "a" * 24
    refused = [
        stranger.post(f"/t/{code}/worse", signs="头晕", request_key=key).status_code,
        stranger.post(f"/t/{code}/rating", stars="1").status_code,
    ]
    assert refused == [403, 403]
    with web.county.work() as work:
        assert work.patient_messages.of_prescription(prescription.key()) == []
        assert work.ratings.of_prescription(prescription.key()) is None


def test_pins_cannot_be_tried_out_without_end_from_one_address(sqlite_store: Store) -> None:
    anyone = Web(sqlite_store, pin_limit="3 per minute").anyone()
    tried = [anyone.post("/t/NOSUCHBAG/open", pin="1234").status_code for _ in range(4)]
    assert tried == [404, 404, 404, 429]
