"""The OpenAPI 3.1 document, made of the same models that read and answer."""

from importlib.metadata import version
from typing import Any

from flask_babel import gettext
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from tcm.records.errors import N_
from web.api.operations import OPERATIONS, Operation, models
from web.problems import MEDIA_TYPE

REF_PREFIX = "#/components/schemas/"
_REF = REF_PREFIX + "{model}"
_ALWAYS = (401, 403, 429)
_TRANSLATED = ("description", "summary", "title")
_ABOUT = N_("每次请求都要出示密钥。密钥只看得到一个机构，只有名列的权限；每次请求都有记录。")
_REFUSALS = {
    400: N_("正文不是 JSON"),
    401: N_("没有出示密钥，或密钥不对、已停用、已过期"),
    403: N_("密钥没有这项权限"),
    404: N_("没有，或不是本院的"),
    409: N_("同一编号送过别的内容，或别处刚有变化"),
    413: N_("正文太大"),
    415: N_("正文不是 application/json"),
    422: N_("读得懂，但不符合说明，或不能收下"),
    429: N_("太频繁；Retry-After 说明多少秒后再来"),
}
_PROBLEM = {
    "type": "object",
    "required": ["status", "code", "title", "detail", "request_id", "errors"],
    "properties": {
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "title": {"type": "string"},
        "detail": {"type": "string", "description": N_("给人看的一句话")},
        "request_id": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["where", "detail"],
                "properties": {"where": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}


def document() -> dict[str, Any]:
    """The document in the language of the request.

    Returns:
        JSON values.
    """
    refs, definitions = models_json_schema(models(), ref_template=_REF)  # type: ignore[arg-type]
    paths: dict[str, dict[str, Any]] = {}
    for one in OPERATIONS:
        paths.setdefault(f"/api/v1{one.path}", {})[one.method.lower()] = _operation(one, refs)
    told = {
        "openapi": "3.1.0",
        "info": {
            "title": N_("汤液接口"),
            "version": version("tangye"),
            "description": _ABOUT,
        },
        "paths": paths,
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"key": []}],
    }
    return _translated(told)  # type: ignore[no-any-return]


def refusals_of(one: Operation) -> dict[int, str]:
    """The statuses with which an operation may refuse.

    Args:
        one: The operation.

    Returns:
        What each means, as a msgid.
    """
    body = (400, 413, 415, 422, 409) if one.body is not None else ()
    query = (422,) if one.query is not None else ()
    wanted = {*_ALWAYS, *one.refusals, *body, *query}
    return {status: _REFUSALS[status] for status in sorted(wanted)}


def _operation(one: Operation, refs: dict[Any, Any]) -> dict[str, Any]:
    answered = {
        "description": "OK",
        "content": {"application/json": {"schema": refs[one.answer, "serialization"]}},
    }
    statuses = ("200", "201") if one.created else ("200",)
    refused = {
        str(status): {
            "description": meaning,
            "content": {MEDIA_TYPE: {"schema": {"$ref": _REF.format(model="Problem")}}},
        }
        for status, meaning in refusals_of(one).items()
    }
    told: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "tags": [one.right.value],
        "parameters": _parameters(one),
        "responses": {**dict.fromkeys(statuses, answered), **refused},
    }
    if one.body is not None:
        schema = refs[one.body, "validation"]
        told["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return told


def _parameters(one: Operation) -> list[dict[str, Any]]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string", "pattern": pattern}}
        for name, pattern in one.places.items()
    ]
    return places + _arguments(one.query)


def _arguments(query: type[BaseModel] | None) -> list[dict[str, Any]]:
    if query is None:
        return []
    schema = query.model_json_schema()
    required = schema.get("required", [])
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _inlined(told, schema)}
        for name, told in schema["properties"].items()
    ]


def _inlined(told: Any, schema: dict[str, Any]) -> Any:
    """A schema without references: an argument's own definitions are nowhere else in the document."""
    if isinstance(told, list):
        return [_inlined(each, schema) for each in told]
    if not isinstance(told, dict):
        return told
    if "$ref" in told:
        return schema["$defs"][told["$ref"].rpartition("/")[2]]
    return {name: _inlined(each, schema) for name, each in told.items()}


def _translated(told: Any) -> Any:
    if isinstance(told, list):
        return [_translated(each) for each in told]
    if not isinstance(told, dict):
        return told
    return {
        name: gettext(each) if name in _TRANSLATED and isinstance(each, str) else _translated(each)
        for name, each in told.items()
    }
