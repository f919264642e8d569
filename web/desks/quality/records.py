"""Records of decoctions: a day's list, one or all of a day as PDF, and what was put away."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import make_response, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, NotFound
from tcm.services import decoction_records, record_archiving
from tcm.services.decoction_records import DecoctionRecord
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.machines import run_curve
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, parse
from web.house import current_house, work
from web.i18n import language
from web.papers import centre_of
from web.papers.decoction import decoction_sheet
from web.prints.decoction import MAX_RECORDS, DecoctionSheet, decoction_pdf
from web.prints.wording import Language


class DayForm(Form):
    """Which day; today where none is named."""

    day: date | None = None


@desk.get("/records")
def records() -> Response:
    """A day's batches, each with its record."""
    return _day_page(parse(DayForm, request.args).day)


@desk.get("/records/<int:bag_id>.pdf")
def record(bag_id: int) -> Response:
    """One record."""
    with work() as open_work:
        found = decoction_records.record_of(open_work, current_actor(), current_house().knowledge, bag_id)
        sheets = _sheets(open_work, [found])
        printed_at = open_work.now
    return _pdf(decoction_pdf(sheets, printed_at, _language()), f"decoction-{sheets[0].number}")


@desk.get("/records/day-<day>.pdf")
def day_records(day: str) -> Response:
    """All of a day."""
    try:
        on = date.fromisoformat(day)
    except ValueError:
        raise NotFound(N_("没有这一天。")) from None
    return _pdf(_printed(on)[0], f"decoctions-{on.isoformat()}")


@desk.post("/records/keep")
def keep_day() -> Response:
    """Put a day's records away."""
    day = parse(DayForm, request.form).day or county_day(current_house().clock())

    def act(open_work: Work) -> str:
        kept = record_archiving.put_away(open_work, current_actor(), day, pdf, count)
        return str(gettext("已存档 %(count)s 份煎药记录。", count=kept.records_count))

    def again(sentence: str, status: int) -> Response:
        return _day_page(day, sentence, status)

    try:
        # Setting a day's pages takes seconds: no transaction is open meanwhile.
        pdf, count = _printed(day)
    except Invalid as refusal:
        return again(str(gettext(refusal.msgid, **refusal.values)), 422)
    return do(act, url_for("quality.records", day=day.isoformat()), again)


@desk.get("/records/kept-<int:archive_id>.pdf")
def kept(archive_id: int) -> Response:
    """What was put away, as it was then."""
    with work() as open_work:
        archive, pdf = record_archiving.open_archive(open_work, current_actor(), archive_id)
    return _pdf(pdf, f"decoctions-{archive.day.isoformat()}-{archive.sha256[:8]}")


def _day_page(day: date | None, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        actor, today = current_actor(), county_day(open_work.now)
        day = min(day or today, today)
        packings = decoction_records.packings_of_day(open_work, actor, day)
        rows = {each.prescription_id for each in packings}
        archives = record_archiving.archives_of(open_work, actor, day)
        hands = {each.packed_by_id for each in packings} | {each.kept_by_id for each in archives}
        return page(
            "records.html",
            sentence,
            status,
            day=day,
            before=day - timedelta(days=1),
            after=day + timedelta(days=1) if day < today else None,
            packings=packings,
            checks=open_work.quality_checks.of_prescriptions(rows),
            archives=archives,
            people={row: person.name for row, person in open_work.staff.by_ids(hands).items()},
        )


def _printed(day: date) -> tuple[bytes, int]:
    with work() as open_work:
        knowledge = current_house().knowledge
        found = decoction_records.records_of_day(open_work, current_actor(), knowledge, day)
        sheets = _sheets(open_work, found)
        # As papers tell it; pressed twice within a minute it is the same paper.
        printed_at: datetime = open_work.now.replace(second=0, microsecond=0)
    if not sheets:
        raise Invalid(N_("这一天没有煎药记录。"))
    if len(sheets) > MAX_RECORDS:
        raise Invalid(N_("这一天的记录超过 %(most)s 份，请逐份打印。"), most=MAX_RECORDS)
    return decoction_pdf(sheets, printed_at, _language(), day), len(sheets)


def _sheets(open_work: Work, found: Sequence[DecoctionRecord]) -> tuple[DecoctionSheet, ...]:
    centre = centre_of(open_work)
    try:
        return tuple(decoction_sheet(each, centre, gettext, _curve(each)) for each in found)
    except ValueError as error:
        raise Invalid(N_("有一项内容排不进纸面，请改短后再打印。")) from error


def _curve(found: DecoctionRecord) -> str:
    if found.run is None:
        return ""
    return str(run_curve(found.run, found.readings, found.steps, found.deviations))


def _language() -> Language:
    return "en" if language() == "en" else "zh"


def _pdf(data: bytes, name: str) -> Response:
    response = make_response(data)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response
