"""The administrator's desk: who may log in, the houses, who looked at what, whether the ledger holds."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import day_start
from tcm.records.errors import N_, Invalid
from tcm.records.heads import changed_since
from tcm.records.permissions import Action
from tcm.records.roles import ROLE_TERMS, Role
from tcm.services import administering
from tcm.services.administering import StaffDetails
from tcm.services.signing_in import hash_password
from tcm.store.queries import AccessAsked, AccessRow
from web.auth import current_actor, only
from web.desks.looked import SUBJECT_TERMS, action_term
from web.door import Form, Rejected, RowId, Typed, parse, typed_in
from web.house import current_house, work
from web.i18n import say
from web.jobs.publishing import HEADS, published_in, seal_of

desk = Blueprint("admin", __name__, url_prefix="/admin")
desk.before_request(only(Action.STAFF_MANAGE))

# A password that somebody else chose for you has to last until you change it.
FIRST_PASSWORD_MIN_LENGTH = 10
AUDIT_LINES = 100


class StaffForm(Form):
    """A new member of staff; passwords are read beside it, uncleaned."""

    institution_id: RowId
    username: str = Field(min_length=2, max_length=40, pattern=r"^[a-z0-9._-]+$")
    name: str = Field(min_length=1, max_length=30)
    role: Role
    title: str = Field(default="", max_length=40)
    dispensing_years: int = Field(default=0, ge=0, le=60)
    reviewer_trained: bool = False
    expert_in: str = Field(default="", max_length=80)


class ExpertForm(Form):
    """What a doctor is consulted about."""

    expert_in: str = Field(default="", max_length=80)


class AuditForm(Form):
    """Which lines of the access log; each part narrows it."""

    who: RowId | None = None
    day: date | None = None
    kind: str = Field(default="", max_length=24)
    number: RowId | None = None
    refused: bool = False
    before: RowId | None = None


class ActiveForm(Form):
    """Whether somebody may log in."""

    active: bool


@desk.get("")
def index() -> str:
    """Everyone who can log in."""
    return _staff_page(Typed())


@desk.post("/staff")
def add_staff() -> Response:
    """Give somebody a log-in."""
    password, again = request.form.get("password", ""), request.form.get("password_again", "")
    try:
        form = parse(StaffForm, request.form)
    except Rejected as rejected:
        return make_response(_staff_page(rejected.typed, say(rejected)), 422)
    try:
        hashed = _first_hash(password, again)
        with work() as open_work:
            details = StaffDetails(**form.model_dump())
            person = administering.add_staff(open_work, current_actor(), details, hashed)
            open_work.commit()
    except Invalid as refusal:
        # What was typed stays, but for the passwords.
        typed = Typed({name: request.form.getlist(name) for name in StaffForm.model_fields})
        return make_response(_staff_page(typed, say(refusal)), 422)
    flash(gettext("已添加 %(username)s。", username=person.username), "good")
    return redirect(url_for("admin.index"), 303)


@desk.post("/staff/<int:staff_id>/active")
def set_active(staff_id: int) -> Response:
    """Let somebody log in, or no longer."""
    form = parse(ActiveForm, request.form)
    with work() as open_work:
        person = administering.set_staff_active(open_work, current_actor(), staff_id, active=form.active)
        open_work.commit()
        sentence = N_("%(username)s 可以登录了。") if form.active else N_("%(username)s 已停用。")
        flash(gettext(sentence, username=person.username), "good")
    return redirect(url_for("admin.index"), 303)


@desk.post("/staff/<int:staff_id>/expert")
def set_expert(staff_id: int) -> Response:
    """Make a doctor an expert whom others consult, or no longer."""
    form = parse(ExpertForm, request.form)
    with work() as open_work:
        person = administering.set_expert_in(open_work, current_actor(), staff_id, form.expert_in)
        open_work.commit()
        sentence = N_("%(name)s 是会诊专家。") if person.expert_in else N_("%(name)s 不再是会诊专家。")
        flash(gettext(sentence, name=person.name), "good")
    return redirect(url_for("admin.index"), 303)


@desk.get("/institutions")
def institutions() -> str:
    """Every house of the county's pharmacy."""
    with work() as open_work:
        houses = administering.list_institutions(open_work, current_actor())
        return render_template("admin/institutions.html", houses=houses)


@desk.get("/audit")
def audit() -> Response:
    """Who looked at what, newest first, a page at a time; the next page keeps what was asked for."""
    try:
        form = parse(AuditForm, request.args)
    except Rejected as rejected:
        return make_response(_audit_page(rejected.typed, [], say(rejected)), 422)
    asked = AccessAsked(
        actor_id=form.who,
        since=day_start(form.day) if form.day else None,
        until=day_start(form.day + timedelta(days=1)) if form.day else None,
        subject_kind=form.kind,
        subject_id=form.number,
        refused=form.refused,
        before_id=form.before,
    )
    with work() as open_work:
        # One more than is shown tells whether there is another page.
        lines = administering.read_audit(open_work, current_actor(), AUDIT_LINES + 1, asked)
    return make_response(_audit_page(Typed(typed_in(request.args)), lines))


@desk.get("/ledger")
def ledger() -> str:
    """Where the ledger can be verified."""
    return render_template("admin/ledger.html", verified=None)


@desk.post("/ledger")
def verify_ledger() -> str:
    """Walk every chain and say what was seen."""
    with work(reads_only=True) as open_work:
        verified = administering.verify_ledger(open_work, current_actor())
        store = current_house().store
        if verified.broken is None:
            published = published_in(store.home / HEADS)
            changed = changed_since(published, open_work.ledger.heads(), seal_of(store).key)
            verified = replace(verified, broken=changed)
        return render_template("admin/ledger.html", verified=verified)


def _audit_page(typed: Typed, lines: list[AccessRow], sentence: str = "") -> str:
    with work() as open_work:
        staff = administering.list_staff(open_work, current_actor())
        people = [(person.id, f"{person.name} {person.username}") for person in staff]
    kept: dict[str, Any] = {
        name: typed.value(name) or None for name in AuditForm.model_fields if name != "before"
    }
    last = lines[AUDIT_LINES - 1] if len(lines) > AUDIT_LINES else None
    return render_template(
        "admin/audit.html",
        lines=lines[:AUDIT_LINES],
        most=AUDIT_LINES,
        typed=typed,
        people=people,
        action_term=action_term,
        kind_terms=SUBJECT_TERMS,
        kinds=[(kind, gettext(term)) for kind, term in SUBJECT_TERMS.items()],
        older=url_for("admin.audit", **kept, before=last.access_id) if last else None,
        newest=url_for("admin.audit", **kept) if typed.value("before") else None,
        asked=any(kept.values()),
        sentence=sentence,
    )


def _staff_page(typed: Typed, sentence: str = "") -> str:
    with work() as open_work:
        staff = administering.list_staff(open_work, current_actor())
        houses = administering.list_institutions(open_work, current_actor())
        return render_template(
            "admin/staff.html",
            staff=staff,
            houses={house.id: house for house in houses},
            house_options=[(house.id, house.name) for house in houses],
            roles=[(role.value, gettext(term)) for role, term in ROLE_TERMS.items()],
            typed=typed,
            sentence=sentence,
            least=FIRST_PASSWORD_MIN_LENGTH,
        )


def _first_hash(password: str, again: str) -> str:
    if password != again:
        raise Invalid(N_("两次输入的密码不一样。"))
    if len(password) < FIRST_PASSWORD_MIN_LENGTH:
        raise Invalid(N_("首个密码至少要 %(least)s 个字符。"), least=FIRST_PASSWORD_MIN_LENGTH)
    return hash_password(current_house().hasher, password)
