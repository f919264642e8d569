"""Every refusal and failure of the API in one shape: RFC 9457, with a sentence in the caller's language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from flask import Response, g

from tcm.records.errors import N_, Invalid

MEDIA_TYPE = "application/problem+json"
# What pages say of a page or a form is no answer to a program.
SENTENCES = {
    400: N_("请求无法识别：正文须为 UTF-8 的 JSON。"),
    404: N_("没有这个地址。"),
    405: N_("这个地址不支持这种方法。"),
    413: N_("请求正文太大。"),
    415: N_("请求正文的 Content-Type 须为 application/json。"),
    500: N_("系统出错了，已经记录下来。请把编号告诉管理员。"),
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one place of a request.

    Args:
        where: Names and numbers on the way to it, such as items.0.grams.
        sentence: Translated.
    """

    where: str
    sentence: str


class Faulty(Invalid):
    """A request that is JSON, and not what the operation reads.

    Args:
        faults: Every place at fault.
    """

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(N_("有 %(count)s 处不符合接口说明。"), count=len(faults))
        self.faults = tuple(faults)


def problem(
    status: int, sentence: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
) -> Response:
    """An error as another system reads it.

    Args:
        status: HTTP status.
        sentence: Translated.
        faults: Places of the request that are at fault.
        headers: What else the status asks for, such as Allow.

    Returns:
        The response.
    """
    phrase = HTTPStatus(status)
    content = {
        "status": status,
        "code": phrase.name.lower(),
        "title": phrase.phrase,
        "detail": sentence,
        "request_id": g.get("request_id", ""),
        "errors": [{"where": fault.where, "detail": fault.sentence} for fault in faults],
    }
    text = json.dumps(content, ensure_ascii=False)
    return Response(text, status, headers=dict(headers or {}), content_type=MEDIA_TYPE)
