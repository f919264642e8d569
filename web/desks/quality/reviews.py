"""The quarter's review: figures, what was found, what will be done."""

from secrets import token_urlsafe

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_
from tcm.services import quality_reviewing
from tcm.services.quality_reviewing import MOST_TEXT
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.forms import RequestKey
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, parse
from web.house import work

FIGURE_TERMS = {
    "packed": N_("煎好包装"),
    "checked": N_("质检"),
    "passed": N_("合格放行"),
    "repack": N_("返工"),
    "scrap": N_("质检报废"),
    "voided": N_("包装后报废合计"),
}


class ReviewForm(Form):
    """A review."""

    quarter: str = Field(min_length=6, max_length=6)
    opinions: str = Field("", max_length=MOST_TEXT)
    findings: str = Field("", max_length=MOST_TEXT)
    measures: str = Field("", max_length=MOST_TEXT)
    request_key: RequestKey


@desk.get("/reviews")
def reviews() -> Response:
    """All of them."""
    return _reviews()


@desk.post("/reviews")
def hold_review() -> Response:
    """Sign one."""

    def act(open_work: Work) -> str:
        form = parse(ReviewForm, request.form)
        texts = {"opinions": form.opinions, "findings": form.findings, "measures": form.measures}
        quality_reviewing.hold_review(
            open_work, current_actor(), form.quarter, **texts, request_key=form.request_key
        )
        return str(gettext("%(quarter)s 的质量评估已签名。", quarter=form.quarter))

    return do(act, url_for("quality.reviews"), _reviews)


def _reviews(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        return page(
            "reviews.html",
            sentence,
            status,
            opened=quality_reviewing.open_reviews(open_work, current_actor()),
            figures=FIGURE_TERMS,
            typed=request.form,
            request_key=token_urlsafe(24),
        )
