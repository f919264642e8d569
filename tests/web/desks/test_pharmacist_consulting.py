"""The pharmacist's other ways: a second signature at one herb, a call to the doctor, handing to a senior."""

import re

import pytest

from tcm.records.lifecycle import State
from tcm.store.engine import Store
from tests.web.desks.case_form import decide
from tests.web.desks.hands import Browser, Web, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def pharmacist(web: Web) -> Browser:
    """A qualified pharmacist's browser."""
    return web.browser(web.county.pharmacist)


def test_one_button_at_a_herb_sends_back_for_a_second_signature_there(web: Web, pharmacist: Browser) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    offered = re.findall(r'name="herb" value="(\w+)" form="decide-form"', page)
    assert offered == ["党参", "白术", "茯苓", "炙甘草"]
    answer = pharmacist.post(
        f"/pharmacist/{signed.id}/second-signature",
        version=str(signed.version),
        herb="茯苓",
        to_doctor="请看",
    )
    assert f"{signed.number} 已退回医师。" in shown(pharmacist.follow(answer))
    doctor = web.browser(county.doctor)
    assert "请在所列药味上再次签名 茯苓 请看" in shown(doctor.get("/doctor").text)


def test_without_a_herb_nothing_is_sent_back(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    for herb in ("", "附子"):
        path = f"/pharmacist/{signed.id}/second-signature"
        answer = pharmacist.post(path, version=str(signed.version), herb=herb)
        assert answer.status_code == 422
        assert "请选出需要医师再次签名的药味。" in shown(answer.text)
    assert web.county.now(signed).state is State.SIGNED


def test_enter_in_a_field_presses_a_button_that_does_nothing(web: Web, pharmacist: Browser) -> None:
    signed = web.county.claimed(web.county.signed())
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    owned = re.findall(r'<button[^>]*form="decide-form"[^>]*>', page)
    assert owned[0] == '<button disabled hidden form="decide-form">'
    assert page.index(owned[0]) < page.index('id="decide-form"')


def test_a_call_is_kept_with_the_case_and_shows_the_telephone(web: Web, pharmacist: Browser) -> None:
    county = web.county
    with county.work() as work:
        work.institutions.get(county.patient.institution_id).phone = "0730-3720001"
        work.commit()
    signed = county.claimed(county.signed())
    assert 'href="tel:0730-3720001"' in pharmacist.get(f"/pharmacist/{signed.id}").text
    refused = decide(pharmacist, signed, "call", agreed="好")
    assert refused.status_code == 422
    assert "请写明与医师商定的内容" in shown(refused.text)
    assert ">好</textarea>" in refused.text
    said = shown(pharmacist.follow(decide(pharmacist, signed, "call", agreed="医师坚持原方，患者久服")))
    assert "与医师通话 医师坚持原方，患者久服 陈半夏 · 11月21日" in said
    assert county.now(signed).state is State.SIGNED


def test_what_is_handed_on_shows_why_and_is_not_offered_to_who_handed_it(
    web: Web, pharmacist: Browser
) -> None:
    county = web.county
    signed = county.claimed(county.signed())
    refused = decide(pharmacist, signed, "hand")
    assert refused.status_code == 422
    answer = decide(pharmacist, signed, "hand", hand_reason="beyond_experience")
    assert f"{signed.number} 已转交，等另一位审方药师领取。" in shown(pharmacist.follow(answer))
    page = pharmacist.get(f"/pharmacist/{signed.id}").text
    assert "陈半夏转交：超出本人经验" in shown(page)
    assert "领取后审核" not in shown(page)
    assert pharmacist.post(f"/pharmacist/{signed.id}/claim").status_code == 422
    colleague = web.browser(county.colleague)
    assert "领取后审核" in shown(colleague.get(f"/pharmacist/{signed.id}").text)
    assert colleague.post(f"/pharmacist/{signed.id}/claim").status_code == 303
