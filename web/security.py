"""What protects every page: content policy and headers, CSRF tokens, limits on requests."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

from flask import Flask, Response, g, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from tcm.store.keys import KeyRing
from web.limit_store import secret_of, storage_uri
from web.settings import Settings

# Scripts and styles come from our own files only: no nonce is needed, and none can leak.
CONTENT_POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data: blob:",
    "script-src": "'self'",
    "style-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
PERMISSIONS_POLICY = {
    "camera": "(self)",
    "microphone": "()",
    "geolocation": "()",
    "payment": "()",
    "usb": "()",
    "browsing-topics": "()",
}
_OPEN, _LIMIT = "tangye_open_to_all", "tangye_limit"
_UNLIMITED = "none"

View = TypeVar("View", bound=Callable[..., Any])


def open_to_all(view: View) -> View:
    """Mark a view that needs no log-in; every other one does.

    Args:
        view: The view function.

    Returns:
        The same function.
    """
    setattr(view, _OPEN, True)
    return view


def is_open_to_all(view: Callable[..., Any]) -> bool:
    """Whether a view was marked with `open_to_all`."""
    return getattr(view, _OPEN, False)


def limited(setting: str) -> Callable[[View], View]:
    """Mark a view that has a tighter limit of its own.

    Args:
        setting: Name of the field of `Settings` that holds the limit, such as `trace_limit`.

    Returns:
        A decorator that marks the view.
    """

    def mark(view: View) -> View:
        setattr(view, _LIMIT, setting)
        return view

    return mark


def unlimited(view: View) -> View:
    """Mark a view that no limit counts, such as the one a load balancer asks.

    Args:
        view: The view function.

    Returns:
        The same function.
    """
    return limited(_UNLIMITED)(view)


def install(app: Flask, settings: Settings, keys: KeyRing, home: Path) -> None:
    """Protect the application; called after all its views are registered.

    Args:
        app: The application.
        settings: Cookies, limits, proxies.
        keys: Signs cookies and tokens.
        home: The instance folder, in which the processes count requests together.
    """
    secure = not settings.insecure_cookies
    app.config.update(
        SECRET_KEY=keys.derive("cookie"),
        WTF_CSRF_SECRET_KEY=keys.derive("csrf"),
        # A token lives as long as the log-in that it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=settings.upload_mb * 1024 * 1024,
        # The __Host- prefix makes browsers refuse this cookie from a neighbouring host.
        SESSION_COOKIE_NAME="__Host-tangye" if secure else "tangye",
        PERMANENT_SESSION_LIFETIME=settings.absolute,
        PREFERRED_URL_SCHEME="https" if secure else "http",
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        # Flask's own documented way of adding middleware.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    CSRFProtect(app)
    talisman = Talisman(
        app,
        force_https=secure,
        strict_transport_security=secure,
        session_cookie_secure=secure,
        session_cookie_http_only=True,
        session_cookie_samesite="Lax",
        content_security_policy=CONTENT_POLICY,
        permissions_policy=PERMISSIONS_POLICY,
        referrer_policy="same-origin",
        frame_options="DENY",
        x_xss_protection=False,
    )
    # A load balancer beside us asks on plain http.
    talisman(force_https=False)(app.view_functions["health"])
    app.after_request(_keep_private)
    _limit(app, settings, keys, home)


# The script lies with the other static files, and serves the courier's pages alone.
_WORKER, _WORKER_SCOPE = "js/courier-worker.js", "/courier"


def _keep_private(response: Response) -> Response:
    if request.endpoint == "static" and (request.view_args or {}).get("filename") == _WORKER:
        response.headers["Service-Worker-Allowed"] = _WORKER_SCOPE
    response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        # Clinics share computers: nothing about a patient stays in a browser's cache.
        response.headers["Cache-Control"] = "no-store"
    return response


def _limit(app: Flask, settings: Settings, keys: KeyRing, home: Path) -> None:
    limiter = Limiter(
        _who_asks,
        app=app,
        default_limits=[settings.default_limit],
        storage_uri=storage_uri(home),
        storage_options={"secret": secret_of(keys)},
        strategy="moving-window",
    )
    views = cast("dict[str, Callable[..., Any]]", app.view_functions)
    for endpoint, view in views.items():
        setting = getattr(view, _LIMIT, None)
        if setting == _UNLIMITED:
            limiter.exempt(view)
        elif setting is not None:
            limit = limiter.limit(getattr(settings, setting), key_func=get_remote_address)
            views[endpoint] = limit(view)


def _who_asks() -> str:
    # A whole hospital shares one address, so people who are logged in are counted one by one.
    person = g.get("_login_user")
    actor = getattr(person, "actor", None)
    return f"staff {actor.staff_id}" if actor else get_remote_address()
