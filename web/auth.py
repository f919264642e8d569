"""Who is logged in, for how long, and where each role's desk is."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Forbidden, NotFound
from tcm.records.people import Staff
from tcm.records.permissions import Action, may
from tcm.records.roles import Actor, Role
from tcm.store.work import Work
from web.house import current_house, work
from web.security import is_open_to_all

DESK_OF_ROLE = {
    Role.DOCTOR: "/doctor",
    Role.PHARMACIST: "/pharmacist",
    Role.FLOOR: "/floor",
    Role.COURIER: "/courier",
    Role.MANAGER: "/manager",
    Role.ADMIN: "/admin",
}


@dataclass(frozen=True)
class Desk:
    """An entry of the navigation.

    Args:
        path: Where it leads.
        label: What it is called, a msgid.
        action: Who may not do this does not see it; None where everybody who is logged in may look.
    """

    path: str
    label: str
    action: Action | None


DESKS_SHOWN = (
    Desk("/doctor", N_("接诊"), Action.PRESCRIPTION_WRITE),
    Desk("/together", N_("会诊转诊"), Action.CONSULT_ASK),
    Desk("/pharmacist", N_("审方"), Action.REVIEW_DECIDE),
    Desk("/appraisal", N_("点评"), Action.APPRAISAL_READ),
    Desk("/formulary", N_("协定方"), Action.FORMULARY_READ),
    Desk("/manager", N_("调度"), Action.PLAN_MAKE),
    Desk("/floor", N_("煎药"), Action.FLOOR_BOARD),
    Desk("/machines", N_("煎药机"), Action.DEVIATION_READ),
    Desk("/dispensing", N_("复核"), Action.DISPENSE_CHECK),
    Desk("/quality", N_("质量"), Action.QUALITY_READ),
    Desk("/stock", N_("库房"), Action.STOCK_READ),
    Desk("/requisitions", N_("申领"), Action.REQUISITION_ASK),
    Desk("/tracing", N_("追溯召回"), Action.RECALL_READ),
    Desk("/courier", N_("配送"), Action.ROUTE_DELIVER),
    Desk("/road", N_("回程"), Action.ROAD_RECEIVE),
    Desk("/rules", N_("审方规则"), Action.RULES_READ),
    Desk("/admin", N_("人员"), Action.STAFF_MANAGE),
    Desk("/outage", N_("应急"), Action.OUTAGE_PAPER),
    Desk("/herbs", N_("药典"), None),
)

_BEGAN, _SEEN, _USER = "began", "seen", "_user_id"
# A browser that shows the wall and nothing else: who put it up, and when.
_SCREEN = "screen"
SCREEN_FOR = timedelta(days=30)
# What a person chose for the eyes survives log-in and log-out.
_KEPT = ("language", "type_size")
# The cookie is not written again for every click.
_SEEN_STEP_S = 30
_SCREEN_STEP_S = 600


@dataclass(frozen=True)
class SignedIn:
    """The person who is logged in, as pages and flask-login need them.

    Args:
        actor: Who acts, for services.
        name: As it is signed.
        username: Log-in name.
        institution: Name of the house they work in.
        language: `zh` or `en`.
        fingerprint: Of the password hash; a log-in made with another password is no longer valid.
        tours_taken: Tours that are not offered to them any more.
    """

    actor: Actor
    name: str
    username: str
    institution: str
    language: str
    fingerprint: str
    tours_taken: frozenset[str]

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def get_id(self) -> str:
        """What the session cookie holds."""
        return f"{self.actor.staff_id}.{self.fingerprint}"


def install(app: Flask) -> None:
    """Ask for a log-in before every view that is not open to all.

    Args:
        app: The application.
    """
    manager = LoginManager(app)
    # Its own protection would log couriers out whenever the mobile network changes their address.
    manager.session_protection = None
    manager.user_loader(_load)
    app.before_request(_end_old_session)
    app.before_request(_ask_for_log_in)


def log_in(open_work: Work, person: Staff) -> None:
    """Begin a new session for a person; nothing of the one before survives but their choices of reading.

    Args:
        open_work: The work `person` was found in.
        person: Whom `sign_in` let in.
    """
    _clear_session()
    now = int(current_house().clock().timestamp())
    session[_BEGAN] = session[_SEEN] = now
    login_user(_signed_in(open_work, person))


def log_out() -> None:
    """End the session."""
    logout_user()
    _clear_session()


def signed_in() -> SignedIn | None:
    """The person who is logged in, for pages that are open to all.

    Returns:
        The person, or None.
    """
    person = current_user._get_current_object()
    return person if isinstance(person, SignedIn) else None


def put_up_screen() -> None:
    """Make this browser a screen that shows the wall and nothing else; whoever is logged in is logged out.

    Raises:
        Unauthorized: When nobody is logged in.
    """
    person = signed_in()
    if person is None:
        raise Unauthorized
    began = int(current_house().clock().timestamp())
    log_out()
    # It outlives a power cut; the cookie itself is renewed as long as the screen asks.
    session.permanent = True
    session[_SCREEN] = {"by": person.get_id(), "began": began, "seen": began}


def screen_actor() -> Actor | None:
    """On whose behalf a screen asks: the person who put it up, while they could still log in themselves.

    Returns:
        The actor, for services that only look; None where this browser is no screen, or no longer.
    """
    screen = session.get(_SCREEN)
    if screen is None:
        return None
    now = int(current_house().clock().timestamp())
    person = _load(screen["by"])
    if person is None or now - screen["began"] >= SCREEN_FOR.total_seconds():
        session.pop(_SCREEN)
        return None
    if now - screen["seen"] >= _SCREEN_STEP_S:
        session[_SCREEN] = screen | {"seen": now}
    return person.actor


def ask_nobody() -> None:
    """Do not ask the database who is logged in for the rest of this request; it may be what broke."""
    # Where flask-login keeps the person once it is loaded.
    g.setdefault("_login_user", None)


def current_actor() -> Actor:
    """On whose behalf this request asks.

    Returns:
        The actor, for services.

    Raises:
        Unauthorized: When nobody is logged in.
    """
    person = signed_in()
    if person is None:
        raise Unauthorized
    return person.actor


def only(action: Action) -> Callable[[], None]:
    """A guard of a whole desk: `blueprint.before_request(only(Action.FLOOR_BOARD))`.

    Services ask again, with the scope; this keeps a role from another desk's empty pages.

    Args:
        action: What the desk is for.

    Returns:
        A function that raises Forbidden for roles without that permission.
    """

    def guard() -> None:
        if not may(current_actor(), action):
            raise Forbidden(N_("您没有这项权限。"))

    return guard


def home_path(actor: Actor) -> str:
    """The desk of a person's role.

    Args:
        actor: Who is logged in.

    Returns:
        A path.
    """
    return DESK_OF_ROLE[actor.role]


def desks_for(actor: Actor) -> list[Desk]:
    """The navigation of a person.

    Args:
        actor: Who is logged in.

    Returns:
        Desks whose action the role may do.
    """
    return [desk for desk in DESKS_SHOWN if desk.action is None or may(actor, desk.action)]


def safe_path(target: str | None) -> str | None:
    """A place to go on to, if it lies in this house.

    Args:
        target: What a form or link asks for.

    Returns:
        The same path and query, or None where it is empty or could lead elsewhere.
    """
    if not target or not target.startswith("/") or target.startswith("//"):
        return None
    # Browsers read a backslash as a slash and drop control characters.
    if "\\" in target or any(ord(character) < 0x21 for character in target):
        return None
    parts = urlsplit(target)
    return None if parts.scheme or parts.netloc else target


def _load(user_id: str) -> SignedIn | None:
    number, _, fingerprint = user_id.partition(".")
    with work(reads_only=True) as open_work:
        try:
            person = open_work.staff.get(int(number))
        except (NotFound, ValueError):
            return None
        if not person.active:
            return None
        signed = _signed_in(open_work, person)
    return signed if hmac.compare_digest(signed.fingerprint, fingerprint) else None


def _signed_in(open_work: Work, person: Staff) -> SignedIn:
    key = current_house().store.keys.derive("session-fingerprint")
    return SignedIn(
        actor=person.actor,
        name=person.name,
        username=person.username,
        institution=open_work.institutions.get(person.institution_id).name,
        language=person.language,
        fingerprint=hmac.new(key, person.password_hash.encode(), sha256).hexdigest()[:32],
        tours_taken=frozenset(person.tours_taken),
    )


def _clear_session() -> None:
    kept = {key: session[key] for key in _KEPT if key in session}
    session.clear()
    session.update(kept)


def _end_old_session() -> None:
    if _USER not in session:
        return
    house = current_house()
    now = house.clock()
    began, seen = (datetime.fromtimestamp(session.get(key, 0), UTC) for key in (_BEGAN, _SEEN))
    # One begun by a clock that ran ahead would last until then.
    if abs(now - began) >= house.settings.absolute or abs(now - seen) >= house.settings.idle:
        _clear_session()
        g.expired = True
    elif _is_activity() and (now - seen).total_seconds() >= _SEEN_STEP_S:
        session[_SEEN] = int(now.timestamp())


def _is_activity() -> bool:
    # A page that polls by itself must not keep a log-in alive on an empty chair.
    return not (request.method == "GET" and request.headers.get("HX-Request") == "true")


def _ask_for_log_in() -> Response | None:
    endpoint = request.endpoint
    if endpoint is None or endpoint == "static" or is_open_to_all(_view(endpoint)):
        return None
    if current_user.is_authenticated:
        return None
    if request.method == "GET" and "HX-Request" not in request.headers:
        onward = request.full_path.rstrip("?")
        expired = "1" if g.get("expired") else None
        return redirect(url_for("account.log_in_page", next=onward, expired=expired))
    # What was typed would be lost behind a redirect.
    raise Unauthorized


def _view(endpoint: str) -> Callable[..., Any]:
    view: Callable[..., Any] = current_app.view_functions[endpoint]
    return view
