"""Past prescriptions held against a version, before anybody puts it in force: asked, followed, read."""

from datetime import timedelta
from secrets import token_urlsafe

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_, NotFound
from tcm.records.governance import RuleReplay
from tcm.services import replaying
from tcm.store.rule_queries import ReplayRow
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.rules.blueprint import desk
from web.desks.rules.forms import ReplayForm, RunForm
from web.desks.rules.outcomes import is_outdated, outcome_of
from web.desks.rules.shown import title_of
from web.desks.rules.versions import version_row
from web.door import Rejected, Typed, parse
from web.house import current_house, work
from web.i18n import say
from web.polling import fresh, if_none_match, tag_of

DEFAULT_DAYS = 30


@desk.get("/<int:rule_version_id>/replay")
def replay(rule_version_id: int) -> Response:
    """The newest replay of a version, or the one that is asked for; and the form for another."""
    try:
        run = parse(RunForm, request.args).run
    except Rejected:
        run = None
    with work() as open_work:
        return _page(open_work, rule_version_id, _suggested(), run=run)


@desk.post("/<int:rule_version_id>/replay")
def ask_replay(rule_version_id: int) -> Response:
    """Ask for a replay; the job is durable and goes on without this page."""
    try:
        form = parse(ReplayForm, request.form)
        if form.since > county_day(current_house().clock()):
            raise Rejected(_too_late(form))
    except Rejected as rejected:
        with work() as open_work:
            return _page(open_work, rule_version_id, rejected.typed, sentence=say(rejected), status=422)
    with work() as open_work:
        replaying.ask_replay(
            open_work,
            current_actor(),
            rule_version_id,
            form.since,
            form.request_key,
            enqueue=current_house().jobs.replay_rules,
        )
        open_work.commit()
    return redirect(url_for("rules.replay", rule_version_id=rule_version_id), 303)


@desk.get("/replays/<int:replay_id>/progress")
def progress(replay_id: int) -> Response:
    """How far a replay is; 304 while nothing moved, and the page anew when it is over."""
    with work() as open_work:
        found = replaying.open_replay(open_work, current_actor(), replay_id)
        if found.finished_at is not None:
            response = make_response("", 204)
            response.headers["HX-Refresh"] = "true"
            return response
        return fresh(_moving(found), lambda tag: _progress_part(found, tag))


def _page(
    open_work: Work,
    rule_version_id: int,
    typed: Typed,
    *,
    run: int | None = None,
    sentence: str = "",
    status: int = 200,
) -> Response:
    actor = current_actor()
    rows = replaying.replays_of(open_work, actor, rule_version_id)
    version = version_row(open_work, rule_version_id)
    shown = _chosen(rows, run)
    found = replaying.open_replay(open_work, actor, shown.replay_id) if shown else None
    is_done = found is not None and found.finished_at is not None
    page = render_template(
        "rules/replay.html",
        version=version,
        typed=typed,
        request_key=token_urlsafe(24),
        rows=rows,
        shown=shown,
        progress=_progress_part(found, tag_of(_moving(found))) if found and not is_done else "",
        outcome=outcome_of(found.result) if found and is_done and not found.failure else None,
        is_outdated=shown is not None and is_outdated(version, shown),
        titles={rule: title_of(fact) for rule, fact in current_house().knowledge.rules.items()},
        sentence=sentence,
    )
    return make_response(page, status)


def _chosen(rows: list[ReplayRow], run: int | None) -> ReplayRow | None:
    if run is None:
        return rows[0] if rows else None
    found = next((row for row in rows if row.replay_id == run), None)
    if found is None:
        raise NotFound(N_("没有这次重放。"))
    return found


def _suggested() -> Typed:
    return Typed.of(since=county_day(current_house().clock()) - timedelta(days=DEFAULT_DAYS))


def _too_late(form: ReplayForm) -> Typed:
    return Typed({"since": [form.since.isoformat()]}, {("since", None): gettext(N_("不能晚于今天。"))})


def _moving(found: RuleReplay) -> object:
    return (found.id, found.checked_count, found.total_count, found.finished_at)


def _progress_part(found: RuleReplay, tag: str) -> str:
    # 0 of 0 is a replay that has not begun.
    done = 100 * found.checked_count // found.total_count if found.total_count else 0
    return render_template(
        "rules/progress.html", replay=found, percent=done, if_none_match=if_none_match(tag)
    )
