"""Short messages by Aliyun: signed as it publishes, and sent once whatever becomes of the answer."""

import json
from datetime import datetime
from typing import Any

import pytest

from tcm.records.aftercare import Notice, NoticeState
from tcm.records.clock import COUNTY_ZONE
from tcm.services import delivering
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import FOUR_GENTLEMEN, NAME, PHONE, County, Watch
from tests.web.outboxes.carrier import Answer, Asked, Carrier
from web.jobs.notifying import Notifier
from web.outboxes.aliyun import AliyunOutbox, authorization, canonical_query
from web.outboxes.templates import templates_in

URL = "https://centre.example"
TEMPLATES = templates_in("left=SMS_1 arrived=SMS_2 answered=SMS_3 recalled=SMS_4 follow_up=SMS_5")


class Dysms:
    """Keeps messages as Aliyun does."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.messages: list[dict[str, Any]] = []
        self.refuses = ""
        self.delivers = True
        self.carrier = Carrier(self.answer)

    def answer(self, asked: Asked) -> Answer:
        """What Aliyun says."""
        if asked.headers["x-acs-action"] == "QuerySendDetails":
            found = [
                each
                for each in self.messages
                if (each["PhoneNumbers"], each["day"])
                == (asked.query["PhoneNumber"], asked.query["SendDate"])
            ]
            status = 3 if self.delivers else 2
            told = [{"OutId": each["OutId"], "SendStatus": status, "ErrCode": "UNDELIV"} for each in found]
            return 200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": told}}
        if self.refuses:
            return 400, {"Code": self.refuses, "Message": f"{PHONE} is refused"}
        day = f"{self.watch().astimezone(COUNTY_ZONE):%Y%m%d}"
        self.messages.append({**asked.query, "day": day})
        return 200, {"Code": "OK", "BizId": "1^0"}

    @property
    def actions(self) -> list[str]:
        """What was asked for, in order."""
        return [each.headers["x-acs-action"] for each in self.carrier.asked]


def notifier(county: County, dysms: Dysms) -> Notifier:
    outbox = AliyunOutbox(
        url=dysms.carrier.url,
        key_id="key",
        key_secret="secret",
        sign_name="临湘市共享中药房",
        templates=TEMPLATES,
        timeout_s=0.3,
        clock=county.watch,
    )
    return Notifier(county.store, county.watch, outbox, URL)


def notices(county: County) -> list[Notice]:
    with county.work() as work:
        return work.notices.all()


@pytest.fixture
def county(sqlite_store: Store) -> County:
    """A county with medicine on the road: one notice waits."""
    county = County(sqlite_store)
    on_the_road(county, packed(county))
    return county


def test_the_signature_is_the_one_that_is_published() -> None:
    query = canonical_query(
        {"RegionId": "cn-shanghai", "ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd"}
    )
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    assert authorization("YourAccessKeyId", "YourAccessKeySecret", query, headers) == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_a_message_goes_by_template_without_a_name_or_a_herb(county: County) -> None:
    dysms = Dysms(county.watch)
    with dysms.carrier.open():
        assert notifier(county, dysms).run() == 1
    [sent], [notice] = dysms.messages, notices(county)
    assert (sent["PhoneNumbers"], sent["TemplateCode"], sent["OutId"]) == (
        PHONE,
        "SMS_1",
        f"notice-{notice.id}",
    )
    filled = json.loads(sent["TemplateParam"])
    assert (sorted(filled), filled["village"]) == (["code", "pickup", "village", "when"], "白石村卫生室")
    secrets = (NAME, *(item.written_as for item in FOUR_GENTLEMEN))
    assert [word for word in secrets if word in str(sent)] == []
    assert (notice.state, notice.channel, notice.unsure_since) == (NoticeState.SENT, "sms", None)


@pytest.mark.parametrize("trouble", ["late", "cut", "broken", "garbage"])
def test_an_answer_that_never_came_sends_nothing_twice(county: County, trouble: str) -> None:
    dysms = Dysms(county.watch)
    dysms.carrier.troubles = [trouble]
    with dysms.carrier.open():
        assert notifier(county, dysms).run() == 0
        [unsure] = notices(county)
        assert (unsure.state, unsure.unsure_since is None) == (NoticeState.WAITING, False)
        county.watch.pass_(minutes=3)
        assert notifier(county, dysms).run() == 1
    assert dysms.actions == ["SendSms", "QuerySendDetails"]
    assert [each["OutId"] for each in dysms.messages] == ["notice-1"]


def test_after_a_crash_in_the_middle_it_is_looked_for_on_both_days(county: County) -> None:
    dysms = Dysms(county.watch)
    county.watch.now = datetime(2026, 11, 21, 15, 59, tzinfo=county.watch.now.tzinfo)
    with dysms.carrier.open():
        worker = notifier(county, dysms)
        [letter] = worker._claim()
        worker.outbox.take(letter)
        # Killed here: nothing was noted, and midnight of the county passes.
        county.watch.pass_(minutes=5)
        assert worker.run() == 1
    assert dysms.actions == ["SendSms", "QuerySendDetails"]
    assert len(dysms.messages) == 1


def test_what_was_never_taken_is_sent_when_nobody_has_it(county: County) -> None:
    dysms = Dysms(county.watch)
    with dysms.carrier.open():
        worker = notifier(county, dysms)
        worker._claim()
        county.watch.pass_(minutes=3)
        assert worker.run() == 1
    assert dysms.actions == ["QuerySendDetails", "SendSms"]


def test_while_nobody_can_tell_nothing_is_sent_again(county: County) -> None:
    dysms = Dysms(county.watch)
    dysms.carrier.troubles = ["late", "broken"]
    with dysms.carrier.open():
        worker = notifier(county, dysms)
        for _ in range(2):
            assert worker.run() == 0
            county.watch.pass_(minutes=5)
        [notice] = notices(county)
        assert notice.unsure_since is not None
        assert worker.run() == 1
    assert len(dysms.messages) == 1


def test_a_refusal_is_tried_again_and_tells_no_number(county: County) -> None:
    dysms = Dysms(county.watch)
    dysms.refuses = "isv.AMOUNT_NOT_ENOUGH"
    with dysms.carrier.open():
        assert notifier(county, dysms).run() == 0
        [notice] = notices(county)
        assert (notice.state, notice.failure) == (
            NoticeState.WAITING,
            "服务商不收 isv.AMOUNT_NOT_ENOUGH",
        )
        dysms.refuses = ""
        county.watch.pass_(minutes=3)
        assert notifier(county, dysms).run() == 1
    # Refused is not unsure: it was not looked for.
    assert dysms.actions == ["SendSms", "SendSms"]


@pytest.mark.parametrize(("phone", "failure"), [("0730-3322110", "没有留手机号")])
def test_a_number_that_takes_no_messages_is_listed_for_a_call(
    county: County, phone: str, failure: str
) -> None:
    dysms = Dysms(county.watch)
    with county.work() as work:
        work.patients.get(county.patient.id or 0).phone = phone
        work.commit()
    with dysms.carrier.open():
        assert notifier(county, dysms).run() == 0
    [notice] = notices(county)
    assert (notice.state, notice.failure, dysms.actions) == (NoticeState.FAILED, failure, [])


def test_what_the_carrier_could_not_deliver_is_listed_for_a_call(county: County) -> None:
    dysms = Dysms(county.watch)
    dysms.carrier.troubles, dysms.delivers = ["late"], False
    with dysms.carrier.open():
        worker = notifier(county, dysms)
        assert worker.run() == 0
        county.watch.pass_(minutes=3)
        assert worker.run() == 0
    [notice] = notices(county)
    assert (notice.state, notice.failure) == (NoticeState.FAILED, "运营商没有送到 UNDELIV")


def test_a_server_that_is_not_there_was_not_heard(county: County) -> None:
    dysms = Dysms(county.watch)
    with dysms.carrier.open():
        pass
    assert notifier(county, dysms).run() == 0
    [notice] = notices(county)
    assert (notice.failure, notice.unsure_since) == ("连不上服务商", None)


def test_two_things_told_are_two_messages(county: County) -> None:
    dysms = Dysms(county.watch)
    with county.work() as work:
        [key] = [each.key() for each in work.prescriptions.all()]
    county.do(delivering.deliver, county.courier, key, None)
    with dysms.carrier.open():
        assert notifier(county, dysms).run() == 2
    assert [each["TemplateCode"] for each in dysms.messages] == ["SMS_1", "SMS_2"]
