"""Template messages of a WeChat official account (公众号), to patients who asked for them.

A message has a `client_msg_id`; WeChat sends one of the same id to the same account once within ten
minutes. So a letter of which a try may have been taken is tried again within that time, and not after it:
then somebody calls.

Source: developers.weixin.qq.com, "发送模板消息", "获取稳定版接口调用凭据", "网页授权"; from memory and public
copies, 转录未校: try it with a test account (测试号) before the first patient.
"""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from tcm.records.aftercare import NoticeKind
from tcm.records.clock import Clock
from tcm.records.errors import N_
from tcm.services.notifying import Letter
from web.jobs.notifying import OutboxError
from web.outboxes.calls import ask
from web.outboxes.templates import Template

CHANNEL = "wechat"
SAME_ONCE_FOR = timedelta(minutes=10)
# A call takes time, and clocks differ.
_MARGIN = timedelta(minutes=1)
_TOKEN_MARGIN = timedelta(minutes=5)
_OK, _BUSY = 0, -1
_TOKEN_OVER = (40001, 40014, 42001)
# They no longer follow the account, or take no messages: a telephone still reaches them.
_NOT_REACHED = (40003, 43004, 43101, 43116)
_LONGEST_VALUE = 20


class NotFollowingError(OutboxError):
    """WeChat does not reach this patient any more; certainly nothing was sent."""


@dataclass
class _Token:
    text: str = ""
    until: datetime | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class WechatAccount:
    """The centre's official account.

    Args:
        app_id: AppID.
        app_secret: AppSecret.
        url: Of WeChat's servers.
        authorize_url: Where a phone asks its owner's account.
        timeout_s: Of one call.
        clock: Tells the time.
    """

    app_id: str
    app_secret: str
    url: str
    authorize_url: str
    timeout_s: float
    clock: Clock
    _token: _Token = field(default_factory=_Token, repr=False, compare=False)

    def ask_owner(self, back_url: str, state: str) -> str:
        """Where a phone is sent to learn its owner's account; nothing else of them is asked for.

        Args:
            back_url: Where it comes back to.
            state: Comes back with it.

        Returns:
            An address.
        """
        asked = {
            "appid": self.app_id,
            "redirect_uri": back_url,
            "response_type": "code",
            "scope": "snsapi_base",
            "state": state,
        }
        return f"{self.authorize_url}?{urlencode(asked)}#wechat_redirect"

    def owner(self, code: str) -> str:
        """The account that a phone came back with.

        Args:
            code: As WeChat gave it, good once.

        Returns:
            The openid, empty where WeChat does not tell.

        Raises:
            OutboxError: When it cannot be asked.
        """
        asked = {"appid": self.app_id, "secret": self.app_secret, "code": code}
        query = urlencode(asked | {"grant_type": "authorization_code"})
        answer = self._post(f"/sns/oauth2/access_token?{query}", {})
        openid = answer.get("openid")
        return openid if isinstance(openid, str) else ""

    def send(self, message: Mapping[str, object]) -> int:
        """Send a template message.

        Args:
            message: As WeChat's interface has it.

        Returns:
            WeChat's error code, 0 for none.

        Raises:
            OutboxError: When no answer can be made out.
        """
        code = self._send(message, self._token_text(fresh=False))
        return self._send(message, self._token_text(fresh=True)) if code in _TOKEN_OVER else code

    def _send(self, message: Mapping[str, object], token: str) -> int:
        answer = self._post(f"/cgi-bin/message/template/send?access_token={quote(token)}", message)
        code = answer.get("errcode")
        if not isinstance(code, int):
            raise OutboxError(N_("服务商的回答读不懂，可能已发出"), unsure=True)
        return code

    def _token_text(self, *, fresh: bool) -> str:
        token, now = self._token, self.clock()
        with token.lock:
            if fresh or token.until is None or now >= token.until:
                # The stable token: asking for one leaves the tokens of the account's other programs valid.
                asked = {"grant_type": "client_credential", "appid": self.app_id, "secret": self.app_secret}
                try:
                    answer = self._post("/cgi-bin/stable_token", asked | {"force_refresh": fresh})
                except OutboxError as error:
                    # Nothing was sent yet.
                    raise OutboxError(str(error)) from None
                text, seconds = answer.get("access_token"), answer.get("expires_in")
                if not isinstance(text, str) or not isinstance(seconds, int):
                    raise OutboxError(N_("微信不让发送"), _number(answer.get("errcode")))
                token.text, token.until = text, now + timedelta(seconds=seconds) - _TOKEN_MARGIN
            return token.text

    def _post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        raw = json.dumps(body, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        status, answer = ask(f"{self.url}{path}", self.timeout_s, headers=headers, body=raw)
        # It answers 200 whatever it refuses.
        if status != HTTPStatus.OK:
            raise OutboxError(N_("服务商不收"), str(status))
        return answer


@dataclass(frozen=True)
class WechatOutbox:
    """Takes letters as template messages.

    Args:
        account: Of the centre.
        templates: One for each kind of notice.
    """

    account: WechatAccount
    templates: Mapping[NoticeKind, Template]

    def take(self, letter: Letter) -> str:
        """Send the letter once; see `web.jobs.notifying.Outbox`."""
        since = letter.unsure_since
        if since is not None and self.account.clock() - since > SAME_ONCE_FOR - _MARGIN:
            raise OutboxError(N_("微信可能已发出，请打电话问"), unsure=True, for_good=True)
        template = self.templates[letter.kind]
        filled = template.filled(letter.facts)
        code = self.account.send(
            {
                "touser": letter.openid,
                "template_id": template.number,
                "url": letter.facts.get("url", ""),
                "client_msg_id": letter.key,
                "data": {name: {"value": text[:_LONGEST_VALUE]} for name, text in filled.items()},
            }
        )
        if code == _OK:
            return CHANNEL
        if code in _NOT_REACHED:
            raise NotFollowingError(N_("微信送不到"), str(code))
        raise OutboxError(N_("服务商不收"), str(code), unsure=code == _BUSY)


def _number(value: object) -> str:
    return str(value) if isinstance(value, int) else ""
