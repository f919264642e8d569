"""Short messages by Aliyun's Dysmsapi, version 2017-05-25.

SendSms is documented as not idempotent: when a call times out, the state of the message is to be looked at
before it is tried again. So a letter of which a try may have been taken is looked for among the number's
messages by its key (OutId) first.

Source: help.aliyun.com, "SendSms", "QuerySendDetails", and "V3 request structure and signature"
(ACS3-HMAC-SHA256), read 2026-11.
"""

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlsplit

from tcm.records.aftercare import NoticeKind
from tcm.records.clock import COUNTY_ZONE, Clock
from tcm.records.errors import N_
from tcm.services.notifying import Letter
from web.jobs.notifying import OutboxError
from web.outboxes.calls import ask
from web.outboxes.templates import Template

CHANNEL = "sms"
_ALGORITHM, _VERSION = "ACS3-HMAC-SHA256", "2017-05-25"
_EMPTY_SHA256 = hashlib.sha256(b"").hexdigest()
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_CODE = re.compile(r"[A-Za-z0-9_.]{1,60}")
_PAGE, _MOST_PAGES = 50, 4
# The same letter would be refused again.
_FOR_GOOD = frozenset({"isv.MOBILE_NUMBER_ILLEGAL", "isv.BLACK_KEY_CONTROL_LIMIT", "MOBILE_NOT_ON_SERVICE"})
_NOT_DELIVERED = 2


@dataclass(frozen=True)
class AliyunOutbox:
    """Takes letters as short messages.

    Args:
        url: Of the service.
        key_id: AccessKey ID.
        key_secret: AccessKey secret.
        sign_name: 短信签名 as it was approved.
        templates: One for each kind of notice.
        timeout_s: Of one call.
        clock: Tells the time; calls more than a quarter of an hour off are refused by the service.
    """

    url: str
    key_id: str
    key_secret: str
    sign_name: str
    templates: Mapping[NoticeKind, Template]
    timeout_s: float
    clock: Clock

    def take(self, letter: Letter) -> str:
        """Send the letter once; see `web.jobs.notifying.Outbox`."""
        number = mobile_of(letter.phone)
        if letter.unsure_since is not None and self._was_taken(number, letter.key, letter.unsure_since):
            return CHANNEL
        template = self.templates[letter.kind]
        answer = self._call(
            "SendSms",
            {
                "PhoneNumbers": number,
                "SignName": self.sign_name,
                "TemplateCode": template.number,
                "TemplateParam": json.dumps(template.filled(letter.facts), ensure_ascii=False),
                "OutId": letter.key,
            },
        )
        code = answer.get("Code")
        if code == "OK":
            return CHANNEL
        raise OutboxError(N_("服务商不收"), _said(code), for_good=code in _FOR_GOOD)

    def _was_taken(self, number: str, key: str, since: datetime) -> bool:
        """Whether a message with this key was sent to the number; raises where it was and did not arrive."""
        day, last = (each.astimezone(COUNTY_ZONE).date() for each in (since, self.clock()))
        while day <= last:
            found = self._message(number, key, day)
            if found is not None and found.get("SendStatus") == _NOT_DELIVERED:
                raise OutboxError(N_("运营商没有送到"), _said(found.get("ErrCode")), for_good=True)
            if found is not None:
                return True
            day += timedelta(days=1)
        return False

    def _message(self, number: str, key: str, day: date) -> Mapping[str, Any] | None:
        for page in range(1, _MOST_PAGES + 1):
            asked = {"PhoneNumber": number, "SendDate": f"{day:%Y%m%d}"}
            answer = self._call(
                "QuerySendDetails", asked | {"PageSize": str(_PAGE), "CurrentPage": str(page)}
            )
            if answer.get("Code") != "OK":
                # Whether it was taken is as unknown as before.
                raise OutboxError(N_("服务商没有说清是否已发出"), _said(answer.get("Code")), unsure=True)
            details = answer.get("SmsSendDetailDTOs")
            messages = details.get("SmsSendDetailDTO", []) if isinstance(details, dict) else []
            for each in messages:
                if isinstance(each, dict) and each.get("OutId") == key:
                    return each
            if len(messages) < _PAGE:
                return None
        raise OutboxError(N_("这个号码今天短信太多，查不清是否已发出"), unsure=True)

    def _call(self, action: str, parameters: Mapping[str, str]) -> dict[str, Any]:
        query = canonical_query(parameters)
        headers = {
            "host": urlsplit(self.url).netloc,
            "x-acs-action": action,
            "x-acs-content-sha256": _EMPTY_SHA256,
            "x-acs-date": f"{self.clock():%Y-%m-%dT%H:%M:%SZ}",
            "x-acs-signature-nonce": secrets.token_hex(16),
            "x-acs-version": _VERSION,
        }
        headers["authorization"] = authorization(self.key_id, self.key_secret, query, headers)
        try:
            _status, answer = ask(f"{self.url}/?{query}", self.timeout_s, headers=headers, body=b"")
        except OutboxError as error:
            # Asking what was sent sends nothing, yet what is unknown stays so.
            raise OutboxError(str(error), unsure=error.unsure or action != "SendSms") from None
        return answer


def mobile_of(phone: str) -> str:
    """The mobile number of the mainland in what the patient left.

    Args:
        phone: As it was written down.

    Returns:
        Eleven digits.

    Raises:
        OutboxError: For good, when it is no such number: somebody has to call.
    """
    digits = "".join(each for each in phone if each.isascii() and each.isdigit())
    digits = digits.removeprefix("0086").removeprefix("86") if len(digits) > len("13900000000") else digits
    if not _MOBILE.fullmatch(digits):
        raise OutboxError(N_("没有留手机号"), for_good=True)
    return digits


def canonical_query(parameters: Mapping[str, str]) -> str:
    """Parameters as they are signed and sent: sorted, percent-encoded after RFC 3986."""
    return "&".join(
        f"{quote(name, safe='')}={quote(parameters[name], safe='')}" for name in sorted(parameters)
    )


def authorization(key_id: str, key_secret: str, query: str, headers: Mapping[str, str]) -> str:
    """The Authorization header of a call without a body.

    Args:
        key_id: AccessKey ID.
        key_secret: AccessKey secret.
        query: From `canonical_query`.
        headers: All that are signed, names in lower case.

    Returns:
        The header's value.

    Source: help.aliyun.com, "V3 request structure and signature".
    """
    names = sorted(headers)
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in names)
    signed = ";".join(names)
    request = f"POST\n/\n{query}\n{lines}\n{signed}\n{headers['x-acs-content-sha256']}"
    to_sign = f"{_ALGORITHM}\n{hashlib.sha256(request.encode()).hexdigest()}"
    signature = hmac.new(key_secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return f"{_ALGORITHM} Credential={key_id},SignedHeaders={signed},Signature={signature}"


def _said(code: object) -> str:
    # Their sentence may repeat the number; the code does not.
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
