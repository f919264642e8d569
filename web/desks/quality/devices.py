"""Devices: cleaned today or not, checked in time or not, broken or not; and one device's own page."""

from datetime import date
from secrets import token_urlsafe

from flask import request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.upkeep import DEVICE_TERMS, UPKEEP_TERMS, DeviceKind, Upkeep
from tcm.services import upkeeping
from tcm.services.upkeeping import Done
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.forms import RequestKey
from web.desks.quality.blueprint import desk, do, page
from web.door import Form, parse
from web.house import work
from web.scan import read_scan


class CleanedForm(Form):
    """What was cleaned."""

    codes: list[str] = Field([], max_length=200)
    everything: bool = False
    request_key: RequestKey


class DeviceForm(Form):
    """A new device."""

    code: str = Field(min_length=1, max_length=24, pattern=r"^[\w-]+$")
    kind: DeviceKind
    name: str = Field("", max_length=80)


class DoneForm(Form):
    """What was done to a device."""

    kind: Upkeep
    passed: bool = True
    remark: str = Field("", max_length=200)
    certificate: str = Field("", max_length=60)
    holds_until: date | None = None
    request_key: RequestKey


class ActiveForm(Form):
    """Whether a device is still there."""

    active: bool


@desk.get("/devices")
def devices() -> Response:
    """All of them."""
    return _devices()


@desk.post("/devices/cleaned")
def cleaned() -> Response:
    """Sign for what was cleaned today."""

    def act(open_work: Work) -> str:
        form = parse(CleanedForm, request.form)
        actor, codes = current_actor(), form.codes
        if form.everything:
            codes = [row.code for row in upkeeping.list_devices(open_work, actor)]
        done = upkeeping.note_cleaned(open_work, actor, codes, form.request_key)
        return str(gettext("已记 %(count)s 项清洁，由您签名。", count=done))

    return do(act, url_for("quality.devices"), _devices)


@desk.post("/devices")
def add_device() -> Response:
    """Write down a scale, a packing machine or a room."""

    def act(open_work: Work) -> str:
        form = parse(DeviceForm, request.form)
        upkeeping.add_device(open_work, current_actor(), read_scan(form.code), form.kind, form.name)
        return str(gettext("已添加。"))

    return do(act, url_for("quality.devices"), _devices)


@desk.get("/devices/<code>")
def device(code: str) -> Response:
    """One device."""
    return _device(code)


@desk.post("/devices/<code>/done")
def note_done(code: str) -> Response:
    """Sign for something done to it."""

    def act(open_work: Work) -> str:
        form = parse(DoneForm, request.form)
        done = Done(form.kind, form.passed, form.remark, form.certificate, form.holds_until)
        upkeeping.note_done(open_work, current_actor(), code, done, form.request_key)
        return str(gettext("已记录，由您签名。"))

    return do(act, url_for("quality.device", code=code), lambda said, status: _device(code, said, status))


@desk.post("/devices/<code>/active")
def set_active(code: str) -> Response:
    """Take it off the list, or back."""

    def act(open_work: Work) -> str:
        form = parse(ActiveForm, request.form)
        upkeeping.set_device_active(open_work, current_actor(), code, active=form.active)
        return ""

    return do(act, url_for("quality.device", code=code), lambda said, status: _device(code, said, status))


def _devices(sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        return page(
            "devices.html",
            sentence,
            status,
            rows=upkeeping.list_devices(open_work, current_actor()),
            kinds=DEVICE_TERMS,
            today=county_day(open_work.now),
            request_key=token_urlsafe(24),
        )


def _device(code: str, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        opened = upkeeping.open_device(open_work, current_actor(), code)
        return page(
            "device.html",
            sentence,
            status,
            opened=opened,
            row=opened.row,
            kinds=DEVICE_TERMS,
            upkeeps=UPKEEP_TERMS,
            request_key=token_urlsafe(24),
        )
