"""Which way out notices take: what the environment says, and one outbox made of it."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from tcm.records.clock import Clock
from tcm.records.errors import N_
from tcm.services.notifying import Letter
from web.jobs.notifying import FileOutbox, Outbox, OutboxError
from web.outboxes.aliyun import AliyunOutbox
from web.outboxes.calls import refuse_url
from web.outboxes.gateway import GatewayOutbox
from web.outboxes.templates import templates_in
from web.outboxes.wechat import NotFollowingError, WechatAccount, WechatOutbox
from web.settings import SettingsUnusableError

PREFIX = "TANGYE_NOTICE_"
_NEEDS = {
    "file": (),
    "aliyun": ("aliyun_key_id", "aliyun_key_secret", "aliyun_sign", "aliyun_templates"),
    "gateway": ("gateway_url", "gateway_token"),
}


class NoticeSettings(BaseModel):
    """How patients are told; each field `x` is read from `TANGYE_NOTICE_X`.

    Args:
        sms: `file` for the folder, `aliyun` or `gateway` for short messages.
        timeout_s: Of one call to a carrier.
        aliyun_url: Of Aliyun's service.
        aliyun_key_id: AccessKey ID of a user that may only send and query messages.
        aliyun_key_secret: Its secret.
        aliyun_sign: 短信签名 as it was approved.
        aliyun_templates: `left=SMS_1 arrived=SMS_2 ...`; see docs/notices.md.
        gateway_url: Where letters are posted as JSON.
        gateway_token: Shown there.
        wechat_app_id: AppID of the official account, empty for none.
        wechat_app_secret: Its secret.
        wechat_templates: As for Aliyun, with the names of the template's fields.
        wechat_url: Of WeChat's servers.
        wechat_authorize_url: Where a phone asks its owner's account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sms: Literal["file", "aliyun", "gateway"] = "file"
    timeout_s: float = Field(default=8.0, ge=0.1, le=15)
    aliyun_url: str = "https://dysmsapi.aliyuncs.com"
    aliyun_key_id: str = ""
    aliyun_key_secret: SecretStr = SecretStr("")
    aliyun_sign: str = ""
    aliyun_templates: str = ""
    gateway_url: str = ""
    gateway_token: SecretStr = SecretStr("")
    wechat_app_id: str = ""
    wechat_app_secret: SecretStr = SecretStr("")
    wechat_templates: str = ""
    wechat_url: str = "https://api.weixin.qq.com"
    wechat_authorize_url: str = "https://open.weixin.qq.com/connect/oauth2/authorize"

    @field_validator("aliyun_url", "gateway_url", "wechat_url", "wechat_authorize_url")
    @classmethod
    def _address(cls, url: str) -> str:
        return refuse_url(url) if url else url

    @field_validator("aliyun_templates", "wechat_templates")
    @classmethod
    def _templates(cls, text: str) -> str:
        if text:
            templates_in(text)
        return text

    @model_validator(mode="after")
    def _complete(self) -> "NoticeSettings":
        wechat = ("wechat_app_secret", "wechat_templates") if self.wechat_app_id else ()
        for name in (*_NEEDS[self.sms], *wechat):
            value = getattr(self, name)
            if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
                raise ValueError(f"{PREFIX}{name.upper()} is not set")
        return self

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "NoticeSettings":
        """The settings that the environment describes.

        Args:
            environ: Environment variables; an empty one counts as not set.

        Returns:
            The settings.

        Raises:
            SettingsUnusableError: Naming a variable that cannot be used; secrets are not repeated.
        """
        given = {name: environ.get(PREFIX + name.upper()) for name in cls.model_fields}
        try:
            return cls.model_validate({name: value for name, value in given.items() if value})
        except ValidationError as error:
            first = error.errors(include_input=False)[0]
            why = first["msg"].removeprefix("Value error, ")
            where = f"{PREFIX}{str(first['loc'][0]).upper()}: " if first["loc"] else ""
            raise SettingsUnusableError(where + why) from None


@dataclass(frozen=True)
class Channels:
    """Patients who asked for WeChat are told by it, all others, and whom it does not reach, by telephone.

    Args:
        telephone: Takes letters with a number.
        wechat: Takes letters with an account, None where there is none.
    """

    telephone: Outbox
    wechat: WechatOutbox | None = None

    def take(self, letter: Letter) -> str:
        """Hand the letter on; see `web.jobs.notifying.Outbox`."""
        if self.wechat is not None and letter.openid:
            try:
                return self.wechat.take(letter)
            except NotFollowingError:
                pass
        if not letter.phone:
            raise OutboxError(N_("没有留电话，微信也送不到"), for_good=True)
        return self.telephone.take(letter)


def open_outbox(settings: NoticeSettings, folder: Path, clock: Clock) -> Outbox:
    """The way out that was chosen.

    Args:
        settings: As the environment says.
        folder: Of the files.
        clock: Tells the time.

    Returns:
        An outbox.
    """
    telephone: Outbox = FileOutbox(folder)
    if settings.sms == "aliyun":
        telephone = AliyunOutbox(
            url=settings.aliyun_url,
            key_id=settings.aliyun_key_id,
            key_secret=settings.aliyun_key_secret.get_secret_value(),
            sign_name=settings.aliyun_sign,
            templates=templates_in(settings.aliyun_templates),
            timeout_s=settings.timeout_s,
            clock=clock,
        )
    if settings.sms == "gateway":
        token = settings.gateway_token.get_secret_value()
        telephone = GatewayOutbox(settings.gateway_url, token, settings.timeout_s)
    account = open_account(settings, clock)
    if account is None:
        return Channels(telephone)
    return Channels(telephone, WechatOutbox(account, templates_in(settings.wechat_templates)))


def open_account(settings: NoticeSettings, clock: Clock) -> WechatAccount | None:
    """The official account, where there is one.

    Args:
        settings: As the environment says.
        clock: Tells the time.

    Returns:
        The account, or None.
    """
    if not settings.wechat_app_id:
        return None
    return WechatAccount(
        app_id=settings.wechat_app_id,
        app_secret=settings.wechat_app_secret.get_secret_value(),
        url=settings.wechat_url,
        authorize_url=settings.wechat_authorize_url,
        timeout_s=settings.timeout_s,
        clock=clock,
    )
