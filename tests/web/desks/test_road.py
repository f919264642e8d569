"""The centre's page of the road, and what a phone sends: counted by another person, answered once."""

import base64
from datetime import timedelta
from typing import Any

import cv2
import numpy as np
import pytest
from werkzeug.test import TestResponse

from tcm.records.clinical import Prescription
from tcm.records.errors import Invalid
from tcm.records.lifecycle import State
from tcm.services import cashing
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import DAY
from tests.web.desks.hands import Browser, Web, hidden, shown
from web.signatures import MOST_CHARACTERS, read_signature

STATEMENTS = 22


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def drawn(ink: bool = True) -> str:
    canvas = np.full((240, 640), 255, np.uint8)
    if ink:
        cv2.line(canvas, (20, 20), (300, 200), 0, 4)
    return "data:image/png;base64," + base64.b64encode(cv2.imencode(".png", canvas)[1].tobytes()).decode()


def send(web: Web, browser: Browser, *acts: dict[str, Any], skew_s: int = 0) -> TestResponse:
    """Acts as a phone sends them, its clock behind by so many seconds."""
    now = web.county.watch() - timedelta(seconds=skew_s)
    made = [{"at": (now - timedelta(hours=1)).isoformat(), **act} for act in acts]
    body = {"staff_id": web.county.courier.staff_id, "sent_at": now.isoformat(), "acts": made}
    return post_json(browser, body)


def post_json(browser: Browser, body: object) -> TestResponse:
    token = browser.get("/account/token").json
    assert token is not None
    return browser.client.post(
        "/courier/acts", base_url="https://localhost", json=body, headers={"X-CSRFToken": token["token"]}
    )


def delivered(prescription: Prescription, key: str = "key-delivered", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": "delivered", "prescription_id": prescription.key(), **more}


def failed(prescription: Prescription, **more: Any) -> dict[str, Any]:
    fields = {"key": "key-failed", "kind": "failed", "prescription_id": prescription.key()}
    return {**fields, "reason_code": "not_home", **more}


def test_what_was_sent_before_gets_the_same_answer_and_is_not_done_again(web: Web) -> None:
    county = web.county
    first, second = packed(county), packed(county)
    on_the_road(county, first, second)
    browser = web.browser(county.courier)
    acts = (delivered(first, way="clinic", received_by="村医李"), failed(second, reason_code="no such"))
    answers = [send(web, browser, *acts, skew_s=90).json for _ in range(2)]
    for answer in answers:
        assert answer is not None
        assert [each["status"] for each in answer["answers"]] == ["done", "refused"]
        assert answer["answers"][1]["sentence"] == "请选择原因。"
    assert county.story(first).count("delivered") == 1
    assert county.now(second).state is State.LOADED
    with county.work() as work:
        kept = work.courier_acts.all()
        assert [(each.request_key, bool(each.refusal)) for each in kept] == [
            ("key-delivered", False),
            ("key-failed", True),
        ]
        handover = work.handovers.of_prescription(first.key())
    assert handover is not None
    assert handover.phone_skew_s is not None
    assert 85 <= handover.phone_skew_s <= 95
    assert timedelta(minutes=58) < handover.received_at - handover.happened_at < timedelta(minutes=62)


def test_another_couriers_key_name_or_parcel_is_not_taken(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    on_the_road(county, prescription)
    stranger = web.browser(county.other_courier)
    assert send(web, stranger, delivered(prescription)).status_code == 409
    now = county.watch().isoformat()
    body = {"staff_id": county.other_courier.staff_id, "sent_at": now}
    answer = post_json(stranger, {**body, "acts": [{"at": now, **delivered(prescription)}]}).json
    assert answer is not None
    assert answer["answers"][0]["status"] == "refused"
    assert county.now(prescription).state is State.LOADED


@pytest.mark.parametrize(
    "spoiled",
    [
        {"kind": "stolen"},
        {"at": "yesterday"},
        {"at": "2026-11-21T08:00:00"},
        {"at": "9999-12-31T23:59:59+00:00"},
        {"prescription_id": 0},
        {"paid_yuan": "35元"},
        {"paid_yuan": "1.005"},
        {"paid_yuan": "NaN"},
    ],
)
def test_what_cannot_be_read_is_refused_and_holds_up_nothing_after_it(
    web: Web, spoiled: dict[str, Any]
) -> None:
    county = web.county
    first, second = packed(county), packed(county)
    on_the_road(county, first, second)
    browser = web.browser(county.courier)
    acts = ({**delivered(first), **spoiled}, delivered(second, key="key-second"))
    for _ in range(2):
        answer = send(web, browser, *acts).json
        assert answer is not None
        assert [each["status"] for each in answer["answers"]] == ["refused", "done"]
        assert answer["answers"][0]["sentence"] == "这一条填的内容读不出来，没有记下，请重新填一次。"
    assert (county.now(first).state, county.now(second).state) == (State.LOADED, State.DELIVERED)


def test_the_manager_sees_what_of_a_phone_could_not_be_read(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    on_the_road(county, prescription)
    send(web, web.browser(county.courier), delivered(prescription, paid_yuan="35元"))
    page = web.browser(county.manager).get("/road").text
    assert prescription.number in page
    assert "这一条填的内容读不出来" in page


def test_an_act_without_a_key_is_not_taken(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    on_the_road(county, prescription)
    answer = send(web, web.browser(county.courier), delivered(prescription, key=""))
    assert answer.status_code == 422
    assert county.now(prescription).state is State.LOADED


def test_nothing_that_is_no_list_of_acts_is_taken(web: Web) -> None:
    browser = web.browser(web.county.courier)
    assert [post_json(browser, body).status_code for body in ([], "x", {"acts": []})] == [422] * 3


@pytest.mark.parametrize(
    "data_url",
    [
        "",
        "data:image/png;base64,!!",
        "data:text/html;base64,AAAA",
        drawn(ink=False),
        "x" * (MOST_CHARACTERS + 1),
    ],
)
def test_what_is_no_signature_is_refused(data_url: str) -> None:
    with pytest.raises(Invalid):
        read_signature(data_url)


def test_a_signature_larger_than_any_canvas_is_not_unpacked() -> None:
    wide = cv2.imencode(".png", np.full((4, 2001), 255, np.uint8))[1].tobytes()
    with pytest.raises(Invalid, match="读不出来"):
        read_signature("data:image/png;base64," + base64.b64encode(wide).decode())


def test_the_manager_sees_the_signature_and_nobody_else_at_the_centre(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    on_the_road(county, prescription)
    answer = send(
        web, web.browser(county.courier), delivered(prescription, way="signature", signature=drawn())
    )
    assert answer.status_code == 200
    path = f"/road/signature/{prescription.id}"
    manager = web.browser(county.manager)
    assert f'href="{path}"' in manager.get("/road").text
    assert manager.get(path).data.startswith(b"\x89PNG")
    assert web.browser(county.floor).get(path).status_code == 403


def test_bags_and_cash_are_counted_at_the_centre(web: Web) -> None:
    county = web.county
    paid, back = packed(county), packed(county)
    on_the_road(county, paid, back)
    county.do(cashing.set_due, county.manager, paid.number or "", 2_000)
    acts = (delivered(paid, paid_yuan="20.00"), failed(back, next_on=(DAY + timedelta(days=1)).isoformat()))
    assert send(web, web.browser(county.courier), *acts).status_code == 200
    floor = web.browser(county.floor)
    page = floor.get("/road").text
    assert f"{back.number} 孙行舟 不在家 下次配送 2026年11月22日" in shown(page)
    wrong = floor.post("/road/bags", **hidden(page, "/road/bags"), counted_bags=0)
    assert (wrong.status_code, "应有 1 袋，点到的不一样" in shown(wrong.text)) == (422, True)
    assert "已点收 1 袋" in shown(
        floor.follow(floor.post("/road/bags", **hidden(page, "/road/bags"), counted_bags=1))
    )
    fields = hidden(page, "/road/cash")
    short = floor.post("/road/cash", **fields, counted_yuan="19.50", note="少五角")
    assert "没有配送员手上有代收款" in shown(floor.follow(short))
    manager = shown(web.browser(county.manager).get("/road").text)
    assert "孙行舟 应交 ¥20.00，点到 ¥19.50：少五角" in manager
    assert "配送设置" not in shown(floor.get("/road").text)


def test_the_manager_sets_cash_dates_and_rules_and_takes_note(web: Web) -> None:
    county = web.county
    prescription, refused = packed(county), packed(county)
    way = on_the_road(county, prescription, refused)
    courier, manager = web.browser(county.courier), web.browser(county.manager)
    warm = {"key": "key-warm-box", "kind": "temperature", "route_id": way.id, "trip": 1, "temp_c": 31.5}
    send(
        web,
        courier,
        warm,
        failed(prescription, reason_code="refused"),
        failed(refused, key="key-failed-2", reason_code=""),
    )
    page = manager.get("/road").text
    assert "第 1 趟 31.5 ℃" in shown(page)
    assert "再送无用，等主管决定" in shown(page)
    assert f"{refused.number} 请选择原因。" in shown(page)
    for path in ("/road/seen/box", "/road/seen/act"):
        assert manager.post(path, **hidden(page, path)).status_code == 303
    day = (DAY + timedelta(days=1)).isoformat()
    again = manager.post("/road/again", **hidden(page, "/road/again"), next_on=day)
    assert f"{prescription.number} 会排进 {day} 的计划。" in shown(manager.follow(again))
    due = manager.post("/road/due", number=prescription.number, due_yuan="8.80")
    assert "¥8.80" in shown(manager.follow(due))
    assert manager.post("/road/settings", attempts_most=2, box="cold").status_code == 303
    assert manager.post("/road/settings", attempts_most=2, box="oven").status_code == 422
    after = shown(manager.get("/road").text)
    assert "31.5" not in after
    stop_page = courier.get(f"/courier/stop/{way.stops[0].id}").text
    assert 'value="paper"' not in stop_page
    assert web.browser(county.floor).post("/road/due", number="x", due_yuan=1).status_code == 403


@pytest.mark.parametrize("how_many", [1, 3])
def test_the_page_takes_as_many_statements_for_three_as_for_one(web: Web, how_many: int) -> None:
    county = web.county
    made = [packed(county) for _ in range(2 * how_many)]
    on_the_road(county, *made)
    acts = [delivered(each, key=f"key-done-{each.id}") for each in made[:how_many]]
    acts += [failed(each, key=f"key-failed-{each.id}") for each in made[how_many:]]
    assert send(web, web.browser(county.courier), *acts).status_code == 200
    manager = web.browser(county.manager)
    with county.counted() as sent:
        assert manager.get("/road").status_code == 200
    assert len([each for each in sent if each.startswith("SELECT")]) == STATEMENTS
