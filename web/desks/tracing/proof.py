"""The proof of a bag for an inspector: a page, and one sheet of paper."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from tcm.records.clinical import PREPARATION_TERMS
from tcm.records.errors import N_, Invalid
from tcm.services.inspecting import prove
from web.auth import current_actor
from web.desks.tracing.blueprint import desk
from web.house import current_house, work
from web.i18n import language
from web.papers.proof import STEP_TERMS, proof_sheet
from web.prints.proof import proof_pdf
from web.scan import read_scan


@desk.get("/bags/<code>")
def bag(code: str) -> str:
    """Every lot, hand and minute of a bag, and whether its chain holds."""
    house = current_house()
    with work() as open_work:
        proof = prove(open_work, current_actor(), house.knowledge, read_scan(code))
        return render_template(
            "tracing/bag.html", proof=proof, step_terms=STEP_TERMS, preparations=PREPARATION_TERMS
        )


@desk.get("/bags/<code>.pdf")
def bag_pdf(code: str) -> Response:
    """The same on paper."""
    house = current_house()
    with work() as open_work:
        proof = prove(open_work, current_actor(), house.knowledge, read_scan(code))
        try:
            sheet = proof_sheet(proof, house.settings.public_url, open_work.now)
        except ValueError as error:
            raise Invalid(N_("有一项内容排不进纸面，请改短后再打印。")) from error
    response = make_response(proof_pdf(sheet, "en" if language() == "en" else "zh"))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="proof-{sheet.bag_code}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
