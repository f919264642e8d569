"""Patients who asked for it are told by WeChat, once; whom it does not reach are told by telephone."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from tcm.records.aftercare import Notice, NoticeState
from tcm.services.linking import link_wechat
from tcm.services.notifying import Letter
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import County, Watch
from tests.web.outboxes.carrier import Answer, Asked, Carrier
from web.jobs.notifying import Notifier
from web.outboxes.choice import Channels
from web.outboxes.templates import templates_in
from web.outboxes.wechat import WechatAccount, WechatOutbox

OPENID = "oXyZ-1"
SEND = "/cgi-bin/message/template/send"
TEMPLATES = templates_in(
    "left=T1:thing1=village+time2=when arrived=T2:thing1=village answered=T3:character_string1=code "
    "recalled=T4:phone_number1=phone follow_up=T5:phone_number1=phone"
)


class WeChat:
    """Sends one message of an id to an account within ten minutes, as the real one does."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.sent: list[dict[str, object]] = []
        self.seen: dict[tuple[object, object], object] = {}
        self.tokens = 0
        self.codes: list[int] = []
        self.carrier = Carrier(self.answer)

    def answer(self, asked: Asked) -> Answer:
        """What WeChat says."""
        if asked.path == "/cgi-bin/stable_token":
            self.tokens += 1
            return 200, {"access_token": f"token-{self.tokens}", "expires_in": 7200}
        if asked.path == "/sns/oauth2/access_token":
            return 200, {"openid": OPENID} if asked.query["code"] == "good" else {"errcode": 40029}
        if self.codes and (code := self.codes.pop(0)):
            return 200, {"errcode": code, "errmsg": "no"}
        key = (asked.body["touser"], asked.body["client_msg_id"])
        now = self.watch()
        if key not in self.seen or now - self.seen[key] > timedelta(minutes=10):  # type: ignore[operator]
            self.sent.append(asked.body)
        self.seen.setdefault(key, now)
        return 200, {"errcode": 0, "msgid": 1}

    @property
    def tries(self) -> int:
        """How often sending was asked for."""
        return sum(each.path == SEND for each in self.carrier.asked)


class Telephone:
    """Takes everything."""

    def __init__(self) -> None:
        self.taken: list[Letter] = []

    def take(self, letter: Letter) -> str:
        """Keep it."""
        self.taken.append(letter)
        return "sms"


@pytest.fixture
def county(sqlite_store: Store) -> County:
    """A county with medicine on the road, whose patient asked for WeChat."""
    county = County(sqlite_store)
    prescription = packed(county)
    on_the_road(county, prescription)
    with county.work() as work:
        link_wechat(work, prescription.key(), OPENID)
        work.commit()
    return county


@pytest.fixture
def wechat(county: County) -> WeChat:
    """WeChat's servers."""
    return WeChat(county.watch)


def account(wechat: WeChat) -> WechatAccount:
    url = wechat.carrier.url
    return WechatAccount("wx1", "secret", url, "https://open.weixin.qq.com/x", 0.3, wechat.watch)


def notifier(county: County, wechat: WeChat, telephone: Telephone) -> Notifier:
    outbox = Channels(telephone, WechatOutbox(account(wechat), TEMPLATES))
    return Notifier(county.store, county.watch, outbox, "https://centre.example")


def only_notice(county: County) -> Notice:
    with county.work() as work:
        [notice] = work.notices.all()
        return notice


def test_who_asked_for_it_is_told_by_wechat_alone(county: County, wechat: WeChat) -> None:
    telephone = Telephone()
    with wechat.carrier.open():
        assert notifier(county, wechat, telephone).run() == 1
    [sent], notice = wechat.sent, only_notice(county)
    assert (sent["touser"], sent["template_id"], sent["client_msg_id"]) == (
        OPENID,
        "T1",
        f"notice-{notice.id}",
    )
    assert sent["data"] == {
        "thing1": {"value": "白石村卫生室"},
        "time2": {"value": "11月21日 10:20 到 11:20"},
    }
    assert (notice.state, notice.channel, telephone.taken) == (NoticeState.SENT, "wechat", [])


@pytest.mark.parametrize("trouble", ["late", "cut", "broken"])
def test_a_lost_answer_sends_no_second_message(county: County, wechat: WeChat, trouble: str) -> None:
    wechat.carrier.troubles = ["", trouble]
    with wechat.carrier.open():
        worker = notifier(county, wechat, Telephone())
        assert worker.run() == 0
        county.watch.pass_(minutes=3)
        assert worker.run() == 1
    assert (wechat.tries, len(wechat.sent)) == (2, 1)


def test_after_ten_minutes_of_not_knowing_somebody_calls(county: County, wechat: WeChat) -> None:
    telephone = Telephone()
    with wechat.carrier.open():
        worker = notifier(county, wechat, telephone)
        worker._claim()
        county.watch.pass_(minutes=12)
        assert worker.run() == 0
    notice = only_notice(county)
    assert (notice.state, wechat.tries, telephone.taken) == (NoticeState.FAILED, 0, [])
    assert notice.failure == "微信可能已发出，请打电话问"


def test_whom_wechat_does_not_reach_is_told_by_telephone(county: County, wechat: WeChat) -> None:
    telephone = Telephone()
    wechat.codes = [43004]
    with wechat.carrier.open():
        assert notifier(county, wechat, telephone).run() == 1
    assert (len(telephone.taken), only_notice(county).channel, wechat.sent) == (1, "sms", [])


def test_a_token_that_is_over_is_asked_for_again_and_kept(county: County, wechat: WeChat) -> None:
    wechat.codes = [40001, 0]
    with wechat.carrier.open():
        official = account(wechat)
        message = {"touser": OPENID, "client_msg_id": "a"}
        assert [official.send(message), official.send(message | {"client_msg_id": "b"})] == [0, 0]
    used = [each.query["access_token"] for each in wechat.carrier.asked if each.path == SEND]
    assert (used, wechat.tokens) == (["token-1", "token-2", "token-2"], 2)


def test_a_phone_comes_back_with_its_owners_account_or_none(wechat: WeChat) -> None:
    with wechat.carrier.open():
        official = account(wechat)
        asked = parse_qs(urlsplit(official.ask_owner("https://centre.example/t/A/wechat", "s")).query)
        assert [official.owner("good"), official.owner("used")] == [OPENID, ""]
    assert (asked["scope"], asked["redirect_uri"]) == (
        ["snsapi_base"],
        ["https://centre.example/t/A/wechat"],
    )
