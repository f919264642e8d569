"""The versions of the rules: their list, one of them row by row, what it changes, its approval."""

from collections.abc import Callable
from secrets import token_urlsafe

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Forbidden, Invalid, NotFound, Refused, Stale
from tcm.records.governance import Standing
from tcm.records.permissions import Action, demand, may
from tcm.services import ruling
from tcm.services.ruling import RulesOverview, rules_for, rules_of
from tcm.store.rule_queries import VersionRow
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.rules.blueprint import desk
from web.desks.rules.forms import (
    BeginForm,
    RulesRejected,
    SeenForm,
    read_rules,
    typed_rules,
)
from web.desks.rules.outcomes import newest_outcome
from web.desks.rules.shown import RuleChange, TypedRules, show_changes, show_rules
from web.desks.rules.words import STANDING_ICONS, STANDING_TERMS, STANDING_TONES
from web.desks.shown import SEVERITY_TERMS, SEVERITY_TONES
from web.door import clean, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import language, say

# A question in a browser's box names so many rules and counts the others.
NAMED_IN_QUESTION = 8


@desk.context_processor
def _words() -> dict[str, object]:
    return {
        "standing_terms": STANDING_TERMS,
        "standing_tones": STANDING_TONES,
        "standing_icons": STANDING_ICONS,
        "severity_terms": SEVERITY_TERMS,
        "severity_tones": SEVERITY_TONES,
    }


@desk.get("")
def index() -> str:
    """Every version; what is in force stands on top."""
    with work() as open_work:
        view = ruling.overview(open_work, current_actor())
        return render_template("rules/index.html", view=view, request_key=token_urlsafe(24))


@desk.post("/drafts")
def begin() -> Response:
    """Begin a draft from what is in force."""
    form = parse(BeginForm, request.form)
    with work() as open_work:
        draft = ruling.begin(open_work, current_actor(), form.request_key)
        open_work.commit()
        return _to(draft.id or 0)


@desk.get("/shipped")
def shipped() -> str:
    """The rules as they are shipped."""
    demand(current_actor(), Action.RULES_READ)
    knowledge = current_house().knowledge
    groups = show_rules(rules_of(None, knowledge), knowledge)
    return render_template("rules/version.html", version=None, groups=groups, editable=False)


@desk.get("/<int:rule_version_id>")
def version(rule_version_id: int) -> Response:
    """All rules of one version; a draft's are fields."""
    with work() as open_work:
        return _table_page(version_row(open_work, rule_version_id))


@desk.post("/<int:rule_version_id>")
def save(rule_version_id: int) -> Response:
    """Keep a draft as it was typed."""
    # Before the form is read: nobody is told about fields that they may not write.
    demand(current_actor(), Action.RULES_DRAFT)
    knowledge = current_house().knowledge
    try:
        form, settings = read_rules(request.form, knowledge)
        with work() as open_work:
            draft = ruling.change(
                open_work, current_actor(), knowledge, rule_version_id, settings, form.note, seen=form.seen
            )
            open_work.commit()
            flash(gettext("草稿 %(version)s 已保存。", version=draft.version), "good")
    except RulesRejected as rejected:
        return _table_again(rule_version_id, rejected, rejected.typed)
    except Invalid as refusal:
        return _table_again(rule_version_id, refusal, typed_rules(request.form, {}))
    return _to(rule_version_id)


@desk.get("/<int:rule_version_id>/changes")
def changes(rule_version_id: int) -> Response:
    """What a draft changes of what is in force, and the decision on it."""
    with work() as open_work:
        return _changes_page(open_work, rule_version_id)


@desk.post("/<int:rule_version_id>/approve")
def approve(rule_version_id: int) -> Response:
    """Put a draft in force by name."""
    form = parse(SeenForm, request.form)
    knowledge = current_house().knowledge
    return _decide(
        rule_version_id,
        lambda w: ruling.put_in_force(w, current_actor(), knowledge, rule_version_id, seen=form.seen).version,
        N_("规则 %(version)s 已生效。"),
    )


@desk.post("/<int:rule_version_id>/discard")
def discard(rule_version_id: int) -> Response:
    """Give a draft up."""
    return _decide(
        rule_version_id,
        lambda w: ruling.discard(w, current_actor(), rule_version_id).version,
        N_("草稿 %(version)s 已丢弃。"),
    )


def version_row(open_work: Work, rule_version_id: int) -> VersionRow:
    """A version with the names of those who answer for it.

    Args:
        open_work: The unit of work.
        rule_version_id: Which.

    Returns:
        The version as the list has it.

    Raises:
        NotFound: When there is none.
    """
    return _row_of(ruling.overview(open_work, current_actor()), rule_version_id)


def _row_of(view: RulesOverview, rule_version_id: int) -> VersionRow:
    found = next((row for row in view.versions if row.version_id == rule_version_id), None)
    if found is None:
        raise NotFound(N_("没有这个规则版本。"))
    return found


def _to(rule_version_id: int) -> Response:
    return redirect(url_for("rules.version", rule_version_id=rule_version_id), 303)


def _decide(rule_version_id: int, act: Callable[[Work], str], done: str) -> Response:
    try:
        with work() as open_work:
            name = act(open_work)
            open_work.commit()
    except (Invalid, Forbidden, Stale) as refusal:
        with work() as open_work:
            return _changes_page(open_work, rule_version_id, refusal)
    flash(gettext(done, version=name), "good")
    return redirect(url_for("rules.index"), 303)


def _table_page(row: VersionRow) -> Response:
    knowledge = current_house().knowledge
    page = render_template(
        "rules/version.html",
        version=row,
        groups=show_rules(rules_of(row, knowledge), knowledge),
        editable=_is_editable(row),
        seen=row.made_at.isoformat(),
        note=row.note,
    )
    return make_response(page)


def _table_again(rule_version_id: int, refusal: Invalid, typed: TypedRules) -> Response:
    """The table once more with what was typed in it, and the sentence at each field that is wrong."""
    knowledge = current_house().knowledge
    with work() as open_work:
        row = version_row(open_work, rule_version_id)
    page = render_template(
        "rules/version.html",
        version=row,
        groups=show_rules(rules_of(row, knowledge), knowledge, typed),
        # What was typed stays even where it can no longer be kept.
        editable=True,
        # As the page was opened: what a colleague saved meanwhile is not overwritten by a second press.
        seen=clean(request.form.get("seen", "")),
        note=clean(request.form.get("note", "")),
        note_error=typed.errors.get("note", ""),
        sentence=say(refusal),
    )
    return make_response(page, status_of(refusal))


def _changes_page(open_work: Work, rule_version_id: int, refusal: Refused | None = None) -> Response:
    actor, knowledge = current_actor(), current_house().knowledge
    view = ruling.overview(open_work, actor)
    row = _row_of(view, rule_version_id)
    base = _compared_with(open_work, view, row)
    changed = show_changes(rules_of(base, knowledge), rules_of(row, knowledge), knowledge)
    page = render_template(
        "rules/changes.html",
        version=row,
        changes=changed,
        base=base,
        is_own=row.made_by_id == actor.staff_id,
        question=_question(row, changed),
        seen=row.made_at.isoformat(),
        replayed=newest_outcome(open_work, actor, rule_version_id) if _is_decided_by(row) else None,
        sentence=say(refusal) if refusal else "",
    )
    return make_response(page, status_of(refusal) if refusal else 200)


def _compared_with(open_work: Work, view: RulesOverview, row: VersionRow) -> VersionRow | None:
    """What a draft would replace; another version stands beside the shipped rules, which are None."""
    if row.standing is not Standing.DRAFT:
        return None
    name = rules_for(open_work, row.institution_id).version
    return next((each for each in view.versions if each.version == name), None)


def _is_decided_by(row: VersionRow) -> bool:
    """Whether the version waits for a decision that this reader may take."""
    return row.standing is Standing.DRAFT and may(current_actor(), Action.RULES_APPROVE)


def _question(row: VersionRow, changed: list[RuleChange]) -> str:
    titles = ("、" if language() == "zh" else ", ").join(each.title for each in changed[:NAMED_IN_QUESTION])
    sentence = (
        N_("批准规则 %(version)s 并立即生效？改动 %(count)s 条：%(titles)s 等。")
        if len(changed) > NAMED_IN_QUESTION
        else N_("批准规则 %(version)s 并立即生效？改动 %(count)s 条：%(titles)s。")
    )
    return str(gettext(sentence, version=row.version, count=len(changed), titles=titles))


def _is_editable(row: VersionRow) -> bool:
    return row.standing is Standing.DRAFT and may(current_actor(), Action.RULES_DRAFT)
