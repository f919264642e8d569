"""The shelf of retained samples: what stands there, what is missing, what is poured out."""

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.quality import DISPOSAL_TERMS, Disposal
from tcm.services import sampling
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.quality.batches import PlaceForm
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, RowId, parse
from web.house import work


class KeepForm(PlaceForm):
    """Of which prescription, and where it stands."""

    prescription_id: RowId


class DisposeForm(Form):
    """Which samples were poured out, and why."""

    sample_ids: list[RowId] = Field([], max_length=200)
    disposal: Disposal


@desk.get("/samples")
def samples() -> Response:
    """The shelf."""
    return _shelf()


@desk.post("/samples/keep")
def keep_on_shelf() -> Response:
    """A sample of a batch in the list is put on the shelf."""

    def act(open_work: Work) -> str:
        form = parse(KeepForm, request.form)
        kept = sampling.keep(open_work, current_actor(), form.prescription_id, form.place)
        return str(gettext("已留样 %(ml)s 毫升，放在%(place)s。", ml=kept.volume_ml, place=kept.place))

    return do(act, url_for("quality.samples"), _shelf)


@desk.post("/samples/dispose")
def dispose() -> Response:
    """Samples were poured out."""

    def act(open_work: Work) -> str:
        form = parse(DisposeForm, request.form)
        done = sampling.dispose(open_work, current_actor(), form.sample_ids, form.disposal)
        return str(gettext("已销毁 %(count)s 份留样，由您签名。", count=done))

    return do(act, url_for("quality.samples"), _shelf)


def _shelf(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        shelf = sampling.shelf(open_work, current_actor())
        return page("samples.html", sentence, status, shelf=shelf, disposals=DISPOSAL_TERMS)
