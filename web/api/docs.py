"""What the API can be asked: as a document for programs, as a page for people; neither needs a key."""

import json
from typing import Any

from flask import Response, render_template

from tcm.records.systems import RIGHT_TERMS, Right
from web.api.blueprint import api
from web.api.openapi import REF_PREFIX, document, refusals_of
from web.api.operations import OPERATIONS
from web.house import current_house
from web.security import open_to_all


@api.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    """The OpenAPI document."""
    return Response(json.dumps(document(), ensure_ascii=False), content_type="application/json")


@api.get("/docs")
@open_to_all
def docs() -> str:
    """The same as a page."""
    return render_template(
        "api/docs.html",
        operations=sorted(OPERATIONS, key=lambda one: list(Right).index(one.right)),
        document=document(),
        type_of=type_of,
        shown_whole={model.__name__ for one in OPERATIONS for model in (one.body, one.answer) if model},
        refusals={one.name: refusals_of(one) for one in OPERATIONS},
        right_terms=RIGHT_TERMS,
        settings=current_house().settings,
    )


def type_of(schema: dict[str, Any]) -> str:
    """A field's type in a word or two.

    Args:
        schema: Of the field.

    Returns:
        Such as `string`, `HerbOut[]` or `number / null`.
    """
    if "$ref" in schema:
        return str(schema["$ref"]).removeprefix(REF_PREFIX)
    if "anyOf" in schema:
        return " / ".join(type_of(each) for each in schema["anyOf"])
    if schema.get("type") == "array":
        return f"{type_of(schema['items'])}[]"
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("type", ""))
