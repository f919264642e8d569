"""What the API can be asked: as a document for programs, as a page for people; neither needs a key."""

import json

from flask import Response, render_template

from tcm.records.systems import RIGHT_TERMS
from web.api.blueprint import api
from web.api.openapi import document, refusals_of
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
        operations=OPERATIONS,
        document=document(),
        refusals={one.name: refusals_of(one) for one in OPERATIONS},
        right_terms=RIGHT_TERMS,
        settings=current_house().settings,
    )
