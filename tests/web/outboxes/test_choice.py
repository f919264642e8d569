"""The environment chooses the way out; what it says wrongly is told in one sentence without its secrets."""

from pathlib import Path

import pytest

from tcm.records.aftercare import NoticeKind
from tcm.services.notifying import Letter
from tests.tcm.county import PHONE, Watch
from tests.web.outboxes.carrier import Answer, Asked, Carrier
from web.jobs.notifying import FileOutbox, OutboxError
from web.outboxes.aliyun import mobile_of
from web.outboxes.choice import Channels, NoticeSettings, open_outbox
from web.outboxes.gateway import GatewayOutbox
from web.outboxes.templates import templates_in
from web.settings import SettingsUnusableError

ALL = "left=SMS_1 arrived=SMS_2 answered=SMS_3 recalled=SMS_4 follow_up=SMS_5"
LETTER = Letter(7, "notice-7", PHONE, "您的中药已送到。")
ALIYUN = {
    "TANGYE_NOTICE_SMS": "aliyun",
    "TANGYE_NOTICE_ALIYUN_KEY_ID": "LTAI",
    "TANGYE_NOTICE_ALIYUN_KEY_SECRET": "hush-hush",
    "TANGYE_NOTICE_ALIYUN_SIGN": "共享中药房",
    "TANGYE_NOTICE_ALIYUN_TEMPLATES": ALL,
}


def test_without_a_word_letters_are_files(tmp_path: Path) -> None:
    assert open_outbox(NoticeSettings.from_environment({}), tmp_path, Watch()) == Channels(
        FileOutbox(tmp_path)
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"ALIYUN_KEY_SECRET": ""}, "TANGYE_NOTICE_ALIYUN_KEY_SECRET is not set"),
        (
            {"ALIYUN_TEMPLATES": "left=SMS_1"},
            "TANGYE_NOTICE_ALIYUN_TEMPLATES: no template for arrived, answered, recalled, follow_up",
        ),
        (
            {"ALIYUN_TEMPLATES": ALL.replace("left=SMS_1", "left=SMS_1:who=name")},
            "TANGYE_NOTICE_ALIYUN_TEMPLATES: 'name' is no fact of a notice; "
            "there are centre, phone, village, when, pickup, code",
        ),
        ({"SMS": "pigeon"}, "TANGYE_NOTICE_SMS: Input should be 'file', 'aliyun' or 'gateway'"),
        (
            {"SMS": "gateway", "GATEWAY_URL": "http://10.0.0.9/sms"},
            "TANGYE_NOTICE_GATEWAY_URL: must begin with https://, for telephone numbers are sent there",
        ),
        ({"WECHAT_APP_ID": "wx1"}, "TANGYE_NOTICE_WECHAT_APP_SECRET is not set"),
    ],
)
def test_what_cannot_be_used_is_named(changed: dict[str, str], sentence: str) -> None:
    environ = ALIYUN | {f"TANGYE_NOTICE_{name}": value for name, value in changed.items()}
    with pytest.raises(SettingsUnusableError) as refused:
        NoticeSettings.from_environment(environ)
    assert str(refused.value) == sentence


def test_secrets_are_not_shown() -> None:
    assert "hush-hush" not in repr(NoticeSettings.from_environment(ALIYUN))


def test_a_gateway_is_handed_the_key_and_lets_it_go_by_the_second_time() -> None:
    taken: dict[str, str] = {}

    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"] != "Bearer t":
            return 401, {}
        taken.setdefault(asked.body["key"], asked.body["text"])
        return 200, {"taken": True}

    with Carrier(answer, troubles=["cut"]).open() as carrier:
        outbox = GatewayOutbox(carrier.url, "t", 0.3)
        with pytest.raises(OutboxError) as unsure:
            outbox.take(LETTER)
        assert (unsure.value.unsure, outbox.take(LETTER)) == (True, "gateway")
        assert (taken, len(carrier.asked)) == ({"notice-7": "您的中药已送到。"}, 2)
        assert carrier.asked[0].headers["idempotency-key"] == "notice-7"
        with pytest.raises(OutboxError, match="服务商不收 401"):
            GatewayOutbox(carrier.url, "wrong", 0.3).take(LETTER)


@pytest.mark.parametrize(("status", "for_good"), [("302", False), ("422", True), ("429", False)])
def test_a_gateways_refusals_and_redirects_are_not_followed(status: str, for_good: bool) -> None:
    with Carrier(lambda _asked: (200, {}), troubles=[status]).open() as carrier:
        with pytest.raises(OutboxError, match=status) as refused:
            GatewayOutbox(carrier.url, "t", 0.3).take(LETTER)
        assert (refused.value.for_good, refused.value.unsure, len(carrier.asked)) == (for_good, False, 1)


def test_a_template_names_its_own_fields_or_takes_the_usual_ones() -> None:
    templates = templates_in(ALL.replace("arrived=SMS_2", "arrived=SMS_2:place=village+bag=code"))
    facts = {"village": "白石村卫生室", "code": "K7"}
    assert templates[NoticeKind.ARRIVED].filled(facts) == {"place": "白石村卫生室", "bag": "K7"}
    assert templates[NoticeKind.RECALLED].filled(facts) == {"code": "K7", "phone": "见药袋"}


@pytest.mark.parametrize("phone", ["13900001234", "+86 139 0000 1234", "0086-13900001234"])
def test_a_mobile_number_is_found_however_it_was_written(phone: str) -> None:
    assert mobile_of(phone) == "13900001234"
