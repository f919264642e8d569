"""Packed batches: which wait for a look, and the look itself."""

from collections.abc import Callable

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import Forbidden
from tcm.records.permissions import Action, may
from tcm.records.quality import ASPECTS, FAULTS, Verdict
from tcm.services import batch_checking, health_checking, sampling, upkeeping
from tcm.services.batch_checking import Found
from tcm.services.quality_gate import settings_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.quality.blueprint import desk, do, page
from web.desks.stock.blueprint import sentence_of
from web.door import Form, parse
from web.errors import status_of
from web.house import work


class LookForm(Form):
    """What somebody found who looked at a batch."""

    version: int
    verdict: Verdict
    measured_ml: int = Field(ge=1, le=batch_checking.MOST_ML)
    faults: list[str] = Field([], max_length=len(FAULTS))
    remark: str = Field("", max_length=200)


class VersionForm(Form):
    """Which state of a prescription the page knew."""

    version: int


class PlaceForm(Form):
    """Where a sample stands."""

    place: str = Field(min_length=1, max_length=sampling.MOST_PLACE)


@desk.get("")
def index() -> Response:
    """What waits, and what is to be done today."""
    with work() as open_work:
        actor = current_actor()
        devices = upkeeping.list_devices(open_work, actor)
        return page(
            "index.html",
            rows=batch_checking.waiting(open_work, actor),
            shelf=sampling.shelf(open_work, actor),
            unclean=sum(not each.is_clean for each in devices),
            unsound=sum(each.is_broken or not each.standing.holds for each in devices),
            own=health_checking.own_standing(open_work, actor),
            unexamined=health_checking.count_not_holding(open_work, actor),
            today=county_day(open_work.now),
        )


@desk.get("/p/<int:prescription_id>")
def batch(prescription_id: int) -> Response:
    """One batch and every look at it."""
    return _batch(prescription_id)


@desk.post("/p/<int:prescription_id>/look")
def decide(prescription_id: int) -> Response:
    """Somebody who did not pack it says what becomes of it."""

    def act(open_work: Work) -> str:
        form = parse(LookForm, request.form)
        found = Found(form.verdict, form.measured_ml, form.faults, form.remark)
        done = batch_checking.decide(open_work, current_actor(), prescription_id, form.version, found)
        said = {
            Verdict.PASSED: gettext("%(number)s 已放行，可以装车。", number=done.number),
            Verdict.REPACK: gettext("%(number)s 等重新包装。", number=done.number),
            Verdict.SCRAP: gettext("%(number)s 已报废，请从调剂重新开始。", number=done.number),
        }
        return str(said[form.verdict])

    return _at_batch(prescription_id, act, url_for("quality.index"))


@desk.post("/p/<int:prescription_id>/packed-anew")
def pack_anew(prescription_id: int) -> Response:
    """It was opened, filled and sealed anew."""

    def act(open_work: Work) -> str:
        version = parse(VersionForm, request.form).version
        batch_checking.pack_anew(open_work, current_actor(), prescription_id, version)
        return str(gettext("已重新包装，等另一位同事再检。"))

    return _at_batch(prescription_id, act, url_for("quality.batch", prescription_id=prescription_id))


@desk.post("/p/<int:prescription_id>/sample")
def keep_sample(prescription_id: int) -> Response:
    """Some of it is retained."""

    def act(open_work: Work) -> str:
        place = parse(PlaceForm, request.form).place
        kept = sampling.keep(open_work, current_actor(), prescription_id, place)
        return str(gettext("已留样 %(ml)s 毫升，放在%(place)s。", ml=kept.volume_ml, place=kept.place))

    return _at_batch(prescription_id, act, url_for("quality.batch", prescription_id=prescription_id))


def _at_batch(prescription_id: int, act: Callable[[Work], str], onward: str) -> Response:
    def again(sentence: str, status: int) -> Response:
        return _batch(prescription_id, sentence, status)

    try:
        return do(act, onward, again)
    except Forbidden as refusal:
        # Whoever packed it is told so where they stand; other roles are not let in at all.
        if not may(current_actor(), Action.QUALITY_CHECK):
            raise
        return again(sentence_of(refusal), status_of(refusal))


def _batch(prescription_id: int, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        actor = current_actor()
        look = batch_checking.open_look(open_work, actor, prescription_id)
        first = look.bags[0].id if look.bags else None
        return page(
            "batch.html",
            sentence,
            status,
            look=look,
            p=look.prescription,
            bag_id=first,
            sample=open_work.retained_samples.of_bag(first) if first else None,
            settings=settings_of(open_work),
            place=open_work.retained_samples.last_place(county_day(open_work.now)),
            aspects=ASPECTS,
            faults=FAULTS,
            typed=request.form,
        )
