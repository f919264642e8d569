"""A recorded pulse of a visit: the file comes in, the curve is drawn with what rate and rhythm suggest."""

from dataclasses import dataclass
from secrets import token_urlsafe

from flask import make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.diagnosis.pulse import RecordingUnreadableError, read_pulse, read_recording
from tcm.diagnosis.pulse.recording import LEAST_RATE_HZ, MOST_RATE_HZ
from tcm.records.charts import PulseRecording
from tcm.records.clock import county_day
from tcm.records.errors import N_
from tcm.services.pulsing import FULL_SCALE, demand_recording, keep_recording, open_recordings
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.forms import RequestKey
from web.desks.shown import age_text
from web.door import Form, Rejected, Typed, parse
from web.house import current_house, work
from web.i18n import say

REFUSALS = {
    "empty": N_("文件里没有数据。"),
    "not_text": N_("这不是 CSV 或 EDF 文件。"),
    "not_numbers": N_("CSV 应为一列采样值，或时间、采样值两列数字。"),
    "no_rate": N_("请填采样率（20～2000 赫兹），或在第一列给出时间。"),
    "uneven_time": N_("时间一列不均匀，不能判读。"),
    "too_short": N_("记录不足 5 秒，请重录。"),
    "too_long": N_("记录超过 10 分钟或文件过大，请截取后再传。"),
    "flat": N_("波形是一条平线，请检查传感器。"),
    "no_edf": N_("EDF 文件读不出，可能不完整。"),
}
RHYTHMS = {
    "regular": N_("节律整齐"),
    "pauses_regular": N_("有中止，止有定数"),
    "pauses_irregular": N_("有中止，止无定数"),
    "uneven": N_("节律不齐，无明显中止，请听诊并查心电图"),
    "unclear": N_("记录太短、质量不足或搏数核对不符，节律不判"),
}
ROW_S, HEIGHT, MARGIN = 10.0, 90, 8


class PulseForm(Form):
    """What goes with the file."""

    request_key: RequestKey = Field(min_length=8)
    rate_hz: float | None = Field(None, ge=LEAST_RATE_HZ, le=MOST_RATE_HZ)


@dataclass(frozen=True)
class Strip:
    """Ten seconds of the curve.

    Args:
        start_s: Where it begins.
        points: Of a polyline, 1,000 units wide.
        beats: Where the beats are, units from the left.
        pauses: Left end and width of each pause.
    """

    start_s: float
    points: str
    beats: tuple[float, ...]
    pauses: tuple[tuple[float, float], ...]


@desk.get("/visits/<int:visit_id>/pulse")
def pulse(visit_id: int) -> Response:
    """The recordings of a visit."""
    return _page(visit_id, Typed())


@desk.post("/visits/<int:visit_id>/pulse")
def add_pulse(visit_id: int) -> Response:
    """Read a file, tell it, keep it."""
    try:
        form = parse(PulseForm, request.form)
    except Rejected as rejected:
        return _page(visit_id, rejected.typed, say(rejected), 422)
    typed = Typed.of(rate_hz=form.rate_hz, request_key=form.request_key)
    # Reading and telling take a while: nobody starts them who may not keep what comes of it.
    with work() as open_work:
        demand_recording(open_work, current_actor(), visit_id)
    file = request.files.get("recording")
    try:
        recording = read_recording(file.read() if file else b"", rate_hz=form.rate_hz)
    except RecordingUnreadableError as refusal:
        return _page(visit_id, typed, gettext(REFUSALS[refusal.why]), 422)
    # Telling takes a while: no work is open meanwhile.
    told = read_pulse(recording, current_house().knowledge.pulses.limits)
    with work() as open_work:
        keep_recording(open_work, current_actor(), visit_id, recording, told, form.request_key)
        open_work.commit()
    return redirect(url_for("doctor.pulse", visit_id=visit_id), 303)


def strips_of(recording: PulseRecording) -> list[Strip]:
    """A recording as rows of ten seconds.

    Args:
        recording: Kept.

    Returns:
        The rows.
    """
    per_s = len(recording.samples) / recording.seconds
    unit = 1000 / ROW_S
    rows = []
    start = 0.0
    while start < recording.seconds:
        first, last = round(start * per_s), round((start + ROW_S) * per_s) + 1
        points = " ".join(
            f"{(place / per_s) * unit:.1f},{MARGIN + (1 - each / FULL_SCALE) * (HEIGHT - 2 * MARGIN):.1f}"
            for place, each in enumerate(recording.samples[first:last])
        )
        beats = tuple((at - start) * unit for at in recording.beats_s if start <= at < start + ROW_S)
        pauses = tuple(
            (
                (recording.beats_s[at] - start) * unit,
                (recording.beats_s[at + 1] - recording.beats_s[at]) * unit,
            )
            for at in recording.pauses
            if start <= recording.beats_s[at] < start + ROW_S
        )
        rows.append(Strip(start, points, beats, pauses))
        start += ROW_S
    return rows


def _page(visit_id: int, typed: Typed, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        view = open_recordings(open_work, current_actor(), visit_id)
        today = county_day(open_work.now)
    pulses = {each.name: each for each in current_house().knowledge.pulses.pulses}
    page = render_template(
        "doctor/pulse.html",
        view=view,
        visit_id=visit_id,
        age=age_text(view.patient.born_on, today),
        strips={one.id: strips_of(one) for one in view.recordings},
        height=HEIGHT,
        rhythms=RHYTHMS,
        pulses=pulses,
        typed=typed,
        sentence=sentence,
        request_key=typed.value("request_key") or token_urlsafe(24),
    )
    return make_response(page, status)
