"""The application factory: one house, one Flask.

How a desk is added:

1. Write `web/desks/NAME.py` with `desk = Blueprint("NAME", __name__, url_prefix="/NAME")`; its first page is
   a view called `index`. Guard it: `desk.before_request(only(Action.X))` (`web.auth.only`).
2. Import it below and add it to DESKS. Its entry in the navigation is a row of `web.auth.DESKS_SHOWN`.
3. A view opens `with work() as open_work:` (`web.house.work`), calls a service of `tcm.services` with
   `current_actor()` (`web.auth`), says `open_work.commit()` where something changed, and renders inside the
   `with`: records that were only read are expired when it ends. Facts: `current_house().knowledge`.
4. Forms are read by `web.door.parse(Model, request.form)`; show `Rejected.typed` again with status 422.
   Changing anything takes a POST; every form has `{{ csrf() }}`, htmx gets the token from the body's header.
5. Templates extend `base.html` and import macros from `parts.html`. Inline scripts and styles are refused.
   After a redirect, `flash(gettext("..."), "good")` says what was done; cookies are only signed: no names.
6. Raise `tcm.records.errors`; they become pages, or notices in `#notices` for htmx. No log-in needed:
   `@open_to_all`; a limit of its own: `@limited("trace_limit")` (`web.security`).
7. A part that polls answers by `web.polling.fresh`. Never open a work inside another: on SQLite the second
   waits for the first. A GET only reads: its work refuses to commit, and keeps nobody waiting; a POST that
   changes nothing says `work(reads_only=True)`.
"""

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import TextIO

from flask import Flask, g, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.routing import IntegerConverter, Map

from tcm.knowledge import load
from tcm.records.clock import Clock, utc_now
from tcm.records.permissions import may
from tcm.services.signing_in import make_hasher
from tcm.store.engine import Store
from web import api, auth, errors, filters, i18n, observe, security
from web.desks import (
    account,
    admin,
    appraisal,
    boils,
    courier,
    dispensing,
    doctor,
    floor,
    formulary,
    heads,
    help,
    herb_codes,
    herbs,
    machines,
    manager,
    outage,
    papers,
    pharmacist,
    quality,
    requisitions,
    road,
    rules,
    stock,
    systems,
    together,
    told,
    trace,
    tracing,
    wall,
)
from web.door import MAX_ROW_ID
from web.house import EXTENSION, House
from web.jobs.queue import Jobs
from web.outboxes.wechat import WechatAccount
from web.settings import Settings

DESKS = (
    account.desk,
    doctor.desk,
    pharmacist.desk,
    appraisal.desk,
    manager.desk,
    floor.desk,
    boils.desk,
    wall.desk,
    machines.desk,
    dispensing.desk,
    courier.desk,
    admin.desk,
    systems.desk,
    formulary.desk,
    rules.desk,
    stock.desk,
    requisitions.desk,
    road.desk,
    herb_codes.desk,
    papers.desk,
    outage.desk,
    trace.desk,
    told.desk,
    heads.desk,
    tracing.desk,
    quality.desk,
    together.desk,
    herbs.desk,
    help.desk,
)

# Flask's own default of two days would leave browsers with an old style sheet; `asset` names the version.
_STATIC = Path(__file__).parent / "static"
_STATIC_SECONDS = 365 * 86_400


def create_app(
    store: Store,
    settings: Settings,
    clock: Clock = utc_now,
    log_to: TextIO | None = None,
    *,
    wechat: WechatAccount | None = None,
) -> Flask:
    """A web application over an open store.

    Args:
        store: The database, keys and pictures; the caller closes it.
        settings: What it was told from outside.
        clock: Tells the time, of log-ins too.
        log_to: Where log lines go, standard error unless told.
        wechat: The centre's official account, None where it has none.

    Returns:
        The application, ready to serve.
    """
    app = Flask("web")
    hasher = make_hasher(settings.argon2_time_cost, settings.argon2_memory_kib, settings.argon2_parallelism)
    app.extensions[EXTENSION] = House(
        store, settings, clock, load(), hasher, Jobs(store.engine), observe.make_log(log_to)
    )
    app.extensions[trace.WECHAT] = wechat
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = _STATIC_SECONDS
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    observe.install(app)
    i18n.install(app)
    app.url_map.converters["int"] = _RowConverter
    for desk in DESKS:
        app.register_blueprint(desk)
    app.register_blueprint(api.api)
    # Before the limits, which count people who are logged in one by one.
    auth.install(app)
    security.install(app, settings, store.keys, store.home)
    api.install(app, settings, store)
    errors.install(app)
    filters.install(app)
    app.jinja_env.globals.update(csrf=_csrf_field, asset=asset)
    app.context_processor(_for_templates)
    return app


class _RowConverter(IntegerConverter):
    """A row in an address; a number that no row can have is no page."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, max=MAX_ROW_ID)


def _for_templates() -> dict[str, object]:
    person = auth.signed_in()
    return {
        "person": person,
        "desks": auth.desks_for(person.actor) if person else [],
        "home": auth.home_path(person.actor) if person else "/",
        "language": i18n.language(),
        "may": lambda action: person is not None and may(person.actor, action),
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
        "request_id": g.get("request_id", ""),
    }


def asset(path: str) -> str:
    """The address of a static file, with its content's version so that browsers may keep it for long.

    Args:
        path: Under `web/static`, such as `css/tangye.css`.

    Returns:
        A URL.
    """
    return url_for("static", filename=path, v=_version(_STATIC / path))


@lru_cache(maxsize=64)
def _version(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())
