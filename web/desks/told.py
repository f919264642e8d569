"""How a patient is told: by WeChat where they ask for it on the page of a bag, else by telephone."""

import hmac
from secrets import token_urlsafe

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid, NotFound
from tcm.services import linking
from web.desks.trace import WECHAT, demand_opened
from web.door import Form, parse
from web.house import current_house, work
from web.jobs.notifying import OutboxError
from web.outboxes.wechat import WechatAccount
from web.scan import read_scan
from web.security import limited, open_to_all

desk = Blueprint("told", __name__)

_STATE, _OPENID = "wechat_state", "wechat_openid"


class BackForm(Form):
    """What a phone comes back from WeChat with."""

    code: str = Field(default="", max_length=200)
    state: str = Field(default="", max_length=100)


def wechat_account() -> WechatAccount | None:
    """The centre's official account, None where it has none."""
    account: WechatAccount | None = current_app.extensions.get(WECHAT)
    return account


@desk.get("/t/<code>/wechat")
@open_to_all
@limited("pin_limit")
def ask(code: str) -> Response:
    """Send the phone to WeChat, to learn which account it is."""
    code = read_scan(code)
    with work() as open_work:
        demand_opened(open_work, code)
    session[_STATE] = token_urlsafe(16)
    back = f"{current_house().settings.public_url}{url_for('told.back', code=code)}"
    return redirect(_account().ask_owner(back, session[_STATE]))


@desk.get("/t/<code>/wechat/back")
@open_to_all
@limited("pin_limit")
def back(code: str) -> str:
    """The phone comes back: ask once more whether WeChat is to be used; nothing is kept yet."""
    code = read_scan(code)
    form = parse(BackForm, request.args)
    with work() as open_work:
        demand_opened(open_work, code)
    wanted = session.pop(_STATE, "")
    if not wanted or not hmac.compare_digest(wanted, form.state) or not form.code:
        raise Invalid(N_("微信没有告诉我们是哪个账号，请在微信里重新打开。"))
    try:
        openid = _account().owner(form.code)
    except OutboxError:
        raise Invalid(N_("现在连不上微信，请稍后再试。")) from None
    if not openid:
        raise Invalid(N_("微信没有告诉我们是哪个账号，请在微信里重新打开。"))
    session[_OPENID] = openid
    return render_template("trace/wechat.html", code=code)


@desk.post("/t/<code>/wechat")
@open_to_all
@limited("pin_limit")
def link(code: str) -> Response:
    """Tell this patient by WeChat from now on."""
    code = read_scan(code)
    with work() as open_work:
        linking.link_wechat(open_work, demand_opened(open_work, code), session.pop(_OPENID, ""))
        open_work.commit()
    flash(gettext("以后用微信通知您。收不到时仍发短信。"), "good")
    return redirect(url_for("trace.short", code=code), 303)


@desk.post("/t/<code>/wechat/stop")
@open_to_all
@limited("pin_limit")
def unlink(code: str) -> Response:
    """Tell this patient by telephone again."""
    code = read_scan(code)
    with work() as open_work:
        linking.unlink_wechat(open_work, demand_opened(open_work, code))
        open_work.commit()
    flash(gettext("以后用短信通知您。"), "good")
    return redirect(url_for("trace.short", code=code), 303)


def _account() -> WechatAccount:
    account = wechat_account()
    if account is None:
        raise NotFound(N_("药房还没有开通微信通知。"))
    return account
