"""Coming in, going out, and what staff choose for themselves: language, type size, password."""

from typing import Literal

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext
from flask_wtf.csrf import generate_csrf
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Forbidden, Refused
from tcm.services.signing_in import PASSWORD_MIN_LENGTH, change_password, choose_language, sign_in
from web.auth import current_actor, home_path, log_in, log_out, safe_path, signed_in
from web.door import Form, Rejected, Typed, parse
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say
from web.security import limited, open_to_all

desk = Blueprint("account", __name__)


class LogInForm(Form):
    """A name and a password; passwords are not cleaned, they are only hashed."""

    username: str = Field(min_length=1, max_length=200)
    next: str = ""


class LanguageForm(Form):
    """A choice of language."""

    language: Literal["zh", "en"]
    next: str = ""


class TypeSizeForm(Form):
    """A choice of type size."""

    type_size: Literal["normal", "large"]
    next: str = ""


@desk.get("/")
def index() -> Response:
    """Go to one's own desk."""
    return redirect(home_path(current_actor()))


@desk.get("/login")
@open_to_all
def log_in_page() -> Response:
    """The log-in form; who is logged in already goes on."""
    person = signed_in()
    onward = safe_path(request.args.get("next"))
    if person is not None:
        return redirect(onward or home_path(person.actor))
    return _log_in_form(Typed.of(next=onward), expired="expired" in request.args)


@desk.post("/login")
@open_to_all
@limited("login_limit")
def submit_log_in() -> Response:
    """Log in."""
    try:
        form = parse(LogInForm, request.form)
    except Rejected as rejected:
        return _log_in_form(rejected.typed, status=422)
    try:
        with work() as open_work:
            person = sign_in(
                open_work, form.username, request.form.get("password", ""), hasher=current_house().hasher
            )
            log_in(open_work, person)
    except Forbidden as refusal:
        # Outside the work: the page's frame asks the database who is logged in.
        typed = Typed.of(username=form.username, next=form.next)
        return _log_in_form(typed, refusal=refusal, status=403)
    return redirect(safe_path(form.next) or home_path(person.actor), 303)


@desk.post("/login/again")
@open_to_all
@limited("login_limit")
def log_in_again() -> Response:
    """Go on at a page that is open: its own person logs in again, and it gets the new session's token."""
    try:
        form = parse(LogInForm, request.form)
        with work() as open_work:
            hasher = current_house().hasher
            person = sign_in(open_work, form.username, request.form.get("password", ""), hasher=hasher)
            log_in(open_work, person)
    except Refused as refusal:
        return make_response({"sentence": say(refusal)}, status_of(refusal))
    return make_response({"token": generate_csrf()})


@desk.post("/logout")
@open_to_all
def submit_log_out() -> Response:
    """Log out."""
    log_out()
    response = redirect(url_for("account.log_in_page"), 303)
    # Shared computers: what the browser kept of the pages goes as well.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@desk.post("/language")
@open_to_all
def choose_page_language() -> Response:
    """Read on in another language."""
    form = parse(LanguageForm, request.form)
    session["language"] = form.language
    if signed_in() is not None:
        with work() as open_work:
            choose_language(open_work, current_actor(), form.language)
            open_work.commit()
    return redirect(safe_path(form.next) or "/", 303)


@desk.post("/type-size")
@open_to_all
def choose_type_size() -> Response:
    """Read on in larger or normal type."""
    form = parse(TypeSizeForm, request.form)
    session["type_size"] = form.type_size
    return redirect(safe_path(form.next) or "/", 303)


@desk.get("/account")
def page() -> Response:
    """One's own page."""
    return _account_page()


@desk.post("/account/password")
def submit_password() -> Response:
    """Give oneself a new password; other log-ins end, this one goes on."""
    new = request.form.get("new_password", "")
    if new != request.form.get("new_password_again", ""):
        return _account_page(refusal=Refused(N_("两次输入的新密码不一样。")), status=422)
    with work() as open_work:
        try:
            person = change_password(
                open_work,
                current_actor(),
                request.form.get("password", ""),
                new,
                hasher=current_house().hasher,
            )
        except Refused as refusal:
            return _account_page(refusal=refusal, status=422)
        log_in(open_work, person)
        open_work.commit()
    flash(gettext("密码已改。其他地方的登录已退出。"), "good")
    return redirect(url_for("account.page"), 303)


@desk.post("/account/stay")
def stay() -> Response:
    """Say that somebody is typing, so that the log-in does not end under their hands."""
    current_actor()
    return make_response("", 204)


@desk.get("/account/token")
@open_to_all
def fresh_token() -> Response:
    """The CSRF token of the present session, for a page that was opened in one before.

    A page that says whose it is gets a token of that person's session and of no other: what was typed there
    is never sent in another's name.
    """
    of, person = request.args.get("of", type=int), signed_in()
    if of is not None and (person is None or person.actor.staff_id != of):
        response = make_response({"who": person.name if person else ""}, 409 if person else 401)
    else:
        response = make_response({"token": generate_csrf()})
    response.headers["Cache-Control"] = "no-store"
    return response


def _log_in_form(
    typed: Typed, *, refusal: Refused | None = None, expired: bool = False, status: int = 200
) -> Response:
    sentence = say(refusal) if refusal else ""
    page_ = render_template("account/login.html", typed=typed, sentence=sentence, expired=expired)
    return make_response(page_, status)


def _account_page(*, refusal: Refused | None = None, status: int = 200) -> Response:
    page_ = render_template(
        "account/index.html",
        sentence=say(refusal) if refusal else "",
        least=PASSWORD_MIN_LENGTH,
    )
    return make_response(page_, status)
