"""On the page of a bag a patient asks to be told by WeChat, in the hand of whoever knows the PIN."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tcm.records.clinical import Prescription
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import PHONE
from tests.web.desks.hands import Browser, Web, shown
from tests.web.outboxes.carrier import Answer, Asked, Carrier
from web.desks.trace import WECHAT
from web.outboxes.wechat import WechatAccount

OPENID = "oXyZ-1"


def answer(asked: Asked) -> Answer:
    """WeChat knows one code."""
    return 200, {"openid": OPENID} if asked.query["code"] == "good" else {"errcode": 40029}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county."""
    return Web(sqlite_store)


@pytest.fixture
def bag(web: Web) -> tuple[Prescription, str]:
    """A packed prescription and the code of its bag."""
    prescription = packed(web.county)
    with web.county.work() as work:
        return prescription, work.bags.of_prescription(prescription.key())[0].code


def account(web: Web, url: str) -> WechatAccount:
    return WechatAccount("wx1", "s", url, "https://open.weixin.qq.com/x", 0.3, web.county.watch)


def opened(web: Web, code: str) -> Browser:
    browser = web.anyone()
    browser.post(f"/t/{code}/open", pin=PHONE[-4:])
    return browser


def test_an_account_is_linked_by_a_hand_and_let_go_again(web: Web, bag: tuple[Prescription, str]) -> None:
    prescription, code = bag
    with Carrier(answer).open() as carrier:
        web.app.extensions[WECHAT] = account(web, carrier.url)
        patient = opened(web, code)
        assert "改用微信通知" in patient.get(f"/t/{code}").text
        sent = urlsplit(patient.get(f"/t/{code}/wechat").headers["Location"])
        asked = parse_qs(sent.query)
        assert (sent.hostname, asked["redirect_uri"]) == (
            "open.weixin.qq.com",
            [f"http://localhost:8000/t/{code}/wechat/back"],
        )
        back = patient.get(f"/t/{code}/wechat/back?code=good&state={asked['state'][0]}")
        assert "同意，用微信通知我" in back.text
        with web.county.work() as work:
            assert work.wechat_links.of_patients([prescription.patient_id]) == {}
        assert "以后用微信通知您" in shown(patient.follow(patient.post(f"/t/{code}/wechat")))
    with web.county.work() as work:
        assert (
            work.wechat_links.of_patients([prescription.patient_id])[prescription.patient_id].openid == OPENID
        )
    assert "以后用短信通知您" in shown(patient.follow(patient.post(f"/t/{code}/wechat/stop")))
    with web.county.work() as work:
        assert work.wechat_links.of_patients([prescription.patient_id]) == {}


@pytest.mark.parametrize("query", ["code=good&state=guessed", "code=used&state={state}", ""])
def test_a_way_back_that_was_not_asked_for_links_nobody(
    web: Web, bag: tuple[Prescription, str], query: str
) -> None:
    prescription, code = bag
    with Carrier(answer).open() as carrier:
        web.app.extensions[WECHAT] = account(web, carrier.url)
        patient = opened(web, code)
        asked = parse_qs(urlsplit(patient.get(f"/t/{code}/wechat").headers["Location"]).query)
        back = patient.get(f"/t/{code}/wechat/back?{query.format(state=asked['state'][0])}")
        assert (back.status_code, "微信没有告诉我们是哪个账号" in back.text) == (422, True)
        assert patient.post(f"/t/{code}/wechat").status_code == 422
    with web.county.work() as work:
        assert work.wechat_links.of_patients([prescription.patient_id]) == {}


def test_without_the_pin_or_an_account_nobody_is_sent_anywhere(
    web: Web, bag: tuple[Prescription, str]
) -> None:
    _, code = bag
    patient = opened(web, code)
    assert "改用微信通知" not in patient.get(f"/t/{code}").text
    assert patient.get(f"/t/{code}/wechat").status_code == 404
    web.app.extensions[WECHAT] = account(web, "http://127.0.0.1:9")
    stranger = web.anyone()
    assert [
        stranger.get(f"/t/{code}/wechat").status_code,
        stranger.get(f"/t/{code}/wechat/back?code=good&state=x").status_code,
        stranger.post(f"/t/{code}/wechat").status_code,
        stranger.post(f"/t/{code}/wechat/stop").status_code,
    ] == [403, 403, 403, 403]


def test_the_page_says_what_the_state_means_for_whoever_waits(
    web: Web, bag: tuple[Prescription, str]
) -> None:
    prescription, code = bag
    anyone = web.anyone()
    assert "已经包好，等着装车送往白石村卫生室。" in shown(anyone.get(f"/t/{code}").text)
    on_the_road(web.county, prescription)
    assert "正在送往白石村卫生室，预计 10:20 到 11:20 送到。" in shown(anyone.get(f"/t/{code}").text)
