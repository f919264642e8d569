"""The pulse: six places on the visit's page, and a recording told on its own."""

import io
import re
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from tcm.records.clinical import Encounter
from tcm.records.permissions import Action
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.web.desks.hands import Browser, Web, hidden, shown
from web.desks.doctor.pulse import strips_of


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def visit(web: Web) -> Encounter:
    """A visit."""
    return web.county.visited()


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def recording(intervals: list[float]) -> bytes:
    """A pulse wave at 100 Hz as one column."""
    time = np.arange(0, sum(intervals), 0.01)
    samples = np.zeros_like(time)
    for start in np.cumsum([0.0, *intervals[:-1]]):
        since = np.clip(time - start, 0, None)
        samples = np.maximum(samples, since / 0.12 * np.exp(1 - since / 0.12))
    return "\n".join(f"{each:.4f}" for each in samples).encode()


def send(doctor: Browser, visit: Encounter, data: bytes, **form: str) -> Any:
    address = f"/doctor/visits/{visit.id}/pulse"
    key = hidden(doctor.get(address).text, address)["request_key"]
    return doctor.post(address, request_key=key, recording=(io.BytesIO(data), "pulse.csv"), **form)


def test_a_recording_is_told_with_its_curve_its_pauses_and_what_they_suggest(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = send(doctor, visit, recording(([0.8] * 5 + [1.6]) * 6), rate_hz="100")
    assert answer.status_code == 303
    page = doctor.get(f"/doctor/visits/{visit.id}/pulse").text
    text = shown(page)
    assert "75 次/分 · 有中止，止有定数 · 中止 5 次" in text
    assert "代脉 ？ 脉来一止，止有定数，良久方还" in text
    # Thirty-three seconds in rows of ten, a mark for each pause.
    assert (page.count("<polyline"), page.count('class="pause"')) == (4, 5)
    assert "医师判断" in text


@pytest.mark.parametrize(
    ("data", "form", "sentence"),
    [
        (b"", {}, "文件里没有数据。"),
        (b"\xff\x00", {}, "这不是 CSV 或 EDF 文件。"),
        (b"1\n2\n3\n", {}, "请填采样率（20～2000 赫兹），或在第一列给出时间。"),
        (b"1\n2\n" * 40, {"rate_hz": "100"}, "记录不足 5 秒，请重录。"),
        (b"1\n" * 900, {"rate_hz": "100"}, "波形是一条平线，请检查传感器。"),
        (b"1\n2\n", {"rate_hz": "5"}, "不能小于 20。"),
        (b"1" * 200_000 + b"\n2\n", {}, "CSV 应为一列采样值，或时间、采样值两列数字。"),
    ],
)
def test_a_file_that_is_no_recording_is_refused_with_a_sentence_and_nothing_is_kept(
    web: Web, doctor: Browser, visit: Encounter, data: bytes, form: dict[str, str], sentence: str
) -> None:
    answer = send(doctor, visit, data, **form)
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)
    with web.county.work() as work:
        assert work.pulse_recordings.all() == []


def test_the_same_form_sent_twice_keeps_one_recording(web: Web, doctor: Browser, visit: Encounter) -> None:
    address = f"/doctor/visits/{visit.id}/pulse"
    key = hidden(doctor.get(address).text, address)["request_key"]
    for _ in range(2):
        file = (io.BytesIO(recording([0.8] * 20)), "pulse.csv")
        doctor.post(address, request_key=key, rate_hz="100", recording=file)
    with web.county.work() as work:
        assert [round(each.rate_bpm or 0) for each in work.pulse_recordings.all()] == [75]


def test_another_house_neither_sees_nor_keeps_recordings(web: Web, visit: Encounter) -> None:
    stranger = web.browser(web.county.foreign_doctor)
    assert stranger.get(f"/doctor/visits/{visit.id}/pulse").status_code == 403


def test_another_house_is_refused_before_its_file_is_read(web: Web, visit: Encounter) -> None:
    stranger = web.browser(web.county.foreign_doctor)
    file = (io.BytesIO(b"no recording"), "pulse.csv")
    answer = stranger.post(f"/doctor/visits/{visit.id}/pulse", request_key="k" * 24, recording=file)
    assert answer.status_code == 403
    with web.county.work() as work:
        log = access_log
        query = select(log.c.actor_id, log.c.action, log.c.subject_id, log.c.allowed)
        looks = [tuple(row) for row in work.session.execute(query)]
    refused = (web.county.foreign_doctor.staff_id, Action.PATIENT_WRITE.value, visit.id, False)
    assert [look for look in looks if not look[3]] == [refused]


def test_ten_minutes_are_drawn_with_every_beat_at_its_height(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    assert send(doctor, visit, recording([0.6] * 990), rate_hz="100").status_code == 303
    with web.county.work() as work:
        kept = work.pulse_recordings.all()[0]
    strips = strips_of(kept)
    points = [[float(point.split(",")[1]) for point in strip.points.split()] for strip in strips]
    beats = [sum(low < 20 <= before for before, low in pairwise(heights)) for heights in points]
    # Ten seconds of 0.6 s each: sixteen or seventeen beats in every whole row.
    assert (len(strips), set(beats[:-1])) == (60, {16, 17})


def test_the_six_places_are_kept_and_speak_for_patterns(web: Web, doctor: Browser, visit: Encounter) -> None:
    doctor.post(
        f"/doctor/visits/{visit.id}/notes", htmx=True, pulse_left_guan="弦脉、细脉", pulse_right_guan="弱脉"
    )
    with web.county.work() as work:
        assert work.encounters.get(visit.id or 0).pulse_places == {"左关": ["弦脉", "细脉"], "右关": ["弱脉"]}
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert re.findall(r'name="pulse_left_guan"[^>]*value="([^"]*)"', page) == ["弦脉、细脉"]
    assert "脉弦 +" in shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions").text)
