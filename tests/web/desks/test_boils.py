"""At the pot and on the wall: one step at a time, by scan and thumb; a screen that shows pots and nobody."""

import pytest
from sqlalchemy import func, select

from tcm.records.boils import BoilKeeping, Step
from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.people import Staff
from tcm.services import boiling
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.centre import brought_to
from tests.tcm.county import FOUR_GENTLEMEN, NAME, draft
from tests.web.desks.hands import Browser, Web, hidden, shown

LATE = draft([*FOUR_GENTLEMEN, ItemDraft("薄荷", 6.0, "后下")])


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages, where every step of a boil is kept."""
    opened = Web(sqlite_store)
    opened.county.do(boiling.set_keeping, opened.county.manager, BoilKeeping.STEPS)
    return opened


def at_pot(web: Web, form: object = LATE) -> tuple[Prescription, Browser]:
    """A prescription in pot P01, and a hand with a telephone."""
    county = web.county
    prescription = brought_to(county, county.approved(form), State.SOAKING)  # type: ignore[arg-type]
    county.watch.pass_(minutes=30)
    browser = web.browser(county.floor)
    path = f"/floor/at/{prescription.number}"
    fields = hidden(browser.get(path).text, f"{path}/load")
    answer = browser.post(f"{path}/load", **fields, pot_code="p01")
    assert answer.status_code == 303, answer.text
    return prescription, browser


def looks(web: Web) -> int:
    with web.county.work() as work:
        return work.session.scalar(select(func.count()).select_from(access_log)) or 0


def press(browser: Browser, code: str, **more: str) -> Step:
    """Press the one button of the page."""
    path = f"/floor/at/{code}"
    fields = hidden(browser.get(path).text, f"{path}/step")
    answer = browser.post(f"{path}/step", **fields, **more)
    assert answer.status_code == 303, answer.text
    return Step(fields["step"])


def test_a_prescription_goes_from_its_label_to_its_bags_by_one_button(web: Web) -> None:
    county = web.county
    prescription = brought_to(county, county.approved(LATE), State.DISPENSED)
    browser = web.browser(county.floor)
    label = f"/floor/at/{prescription.number}"
    fields = hidden(browser.get(label).text, f"{label}/soak")
    assert browser.post(f"{label}/soak", **fields).status_code == 303
    assert "30 分" in shown(browser.get(label).text)
    county.watch.pass_(minutes=30)
    # Half an hour without a hand ends a log-in.
    browser = web.browser(county.floor)
    fields = hidden(browser.get(label).text, f"{label}/load")
    assert browser.post(f"{label}/load", **fields, pot_code="P01").status_code == 303
    pressed = []
    for code, minutes in (
        ("P01", 8),
        ("P01", 20),
        ("P01", 10),
        ("P01", 4),
        ("P01", 20),
        ("P01", 2),
        (prescription.number, 1),
    ):
        county.watch.pass_(minutes=minutes)
        pressed.append(press(browser, code or "").value)
    assert pressed == [
        "first_boil",
        "late_added",
        "first_drawn",
        "second_boil",
        "drawn_off",
        "cleaned",
        "packed",
    ]
    assert county.now(prescription).state is State.PACKED
    done = browser.get(label).text
    assert f"/papers/bag-labels/{prescription.key()}.pdf" in done
    assert "空锅，可以上锅。" in shown(browser.get("/floor/at/P01").text)


def test_what_is_too_early_asks_for_a_reason_and_keeps_what_was_typed(web: Web) -> None:
    prescription, browser = at_pot(web)
    press(browser, "P01")
    web.county.watch.pass_(minutes=5)
    page = browser.get("/floor/at/P01").text
    assert "后下（头煎结束前10分钟）：薄荷" in shown(page)
    fields = hidden(page, "/floor/at/P01/step")
    refused = browser.post("/floor/at/P01/step", **fields, reason=" ")
    assert refused.status_code == 422
    assert "“投后下药”还差 15 分钟；一定要提前，请写明原因。" in shown(refused.text)
    assert press(browser, "P01", reason="药师嘱先下") is Step.LATE_ADDED
    assert "提前 15 分" in shown(browser.get(f"/floor/at/{prescription.number}").text)


def test_a_slip_of_the_thumb_has_a_button_for_a_minute(web: Web) -> None:
    _, browser = at_pot(web)
    press(browser, "P01")
    fields = hidden(browser.get("/floor/at/P01").text, "/floor/at/P01/undo")
    assert browser.post("/floor/at/P01/undo", **fields).status_code == 303
    assert press(browser, "P01") is Step.FIRST_BOIL
    web.county.watch.pass_(seconds=70)
    assert "/undo" not in browser.get("/floor/at/P01").text


def test_a_foreign_code_is_said_in_words_and_the_box_stays_open(web: Web) -> None:
    browser = web.browser(web.county.floor)
    answer = browser.get("/floor/at?code=P99")
    assert answer.status_code == 404
    assert "P99" in shown(answer.text)
    assert "data-scan" in answer.text
    assert browser.get("/floor/at/P99").status_code == 404


@pytest.mark.parametrize("box", ["/floor/at", "/floor/scan"])
@pytest.mark.parametrize("typed", ["p01", "https://yao.linxiang.example/floor/at/P01", "Ｐ０１"])
def test_a_pot_is_found_however_its_code_is_scanned(web: Web, typed: str, box: str) -> None:
    browser = web.browser(web.county.floor)
    answer = browser.client.get(box, query_string={"code": typed}, base_url="https://localhost")
    assert answer.headers["Location"] == "/floor/at/P01"


def test_the_palm_asks_again_and_is_told_nothing_while_nothing_moved(web: Web) -> None:
    _, browser = at_pot(web)
    first = browser.get("/floor/at/P01/now")
    assert browser.get("/floor/at/P01/now", if_none_match=first.headers["ETag"]).status_code == 304
    press(browser, "P01")
    assert browser.get("/floor/at/P01/now", if_none_match=first.headers["ETag"]).status_code == 200


def test_a_page_that_lies_open_leaves_one_look_on_record(web: Web) -> None:
    _, browser = at_pot(web)
    first = browser.get("/floor/at/P01/now")
    before = looks(web)
    assert browser.get("/floor/at/P01/now", if_none_match=first.headers["ETag"]).status_code == 304
    assert looks(web) == before
    assert browser.get("/floor/at/P01/now").status_code == 200
    assert looks(web) == before + 1


def test_the_wall_shows_every_pot_and_names_nobody(web: Web) -> None:
    county = web.county
    prescription, browser = at_pot(web)
    looker = web.browser(county.manager)
    page = looker.get("/floor/wall").text
    assert NAME not in page
    assert NAME[:2] not in page
    text = shown(page)
    assert f"P01 {str(prescription.number)[-5:]} 加热中" in text
    assert text.count("空闲") == 4
    assert "现在投后下药" not in text
    press(browser, "P01")
    county.watch.pass_(minutes=21)
    part = looker.get("/floor/wall/pots")
    assert "现在投后下药： P01" in shown(part.text)
    assert "data-late" in part.text
    assert looker.get("/floor/wall/pots", if_none_match=part.headers["ETag"]).status_code == 304
    county.watch.pass_(minutes=1)
    assert looker.get("/floor/wall/pots", if_none_match=part.headers["ETag"]).status_code == 200
    assert web.browser(county.doctor).get("/floor/wall").status_code == 403


def test_a_screen_shows_the_wall_and_nothing_else_for_as_long_as_its_person_may(web: Web) -> None:
    county = web.county
    screen = web.browser(county.manager)
    assert screen.post("/floor/wall/screen").status_code == 303
    assert "空闲" in screen.get("/floor/wall").text
    for path in ("/floor", "/manager", "/account", "/floor/at"):
        assert screen.get(path).headers["Location"].startswith("/login")
    county.watch.pass_(days=20)
    assert screen.get("/floor/wall/pots").status_code == 200
    with county.work() as work:
        person: Staff = work.staff.get(county.manager.staff_id)
        person.active = False
        work.commit()
    assert screen.get("/floor/wall/pots").status_code == 401
    assert screen.get("/floor/wall").headers["Location"].startswith("/login")


def test_a_screen_ends_after_its_days(web: Web) -> None:
    screen = web.browser(web.county.floor)
    screen.post("/floor/wall/screen")
    web.county.watch.pass_(days=31)
    assert screen.get("/floor/wall/pots").status_code == 401


def test_who_may_not_look_puts_up_no_screen(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    assert doctor.post("/floor/wall/screen").status_code == 403
    assert doctor.get("/doctor").status_code == 200


def test_a_manager_decides_what_is_kept(web: Web) -> None:
    county = web.county
    manager, hand = web.browser(county.manager), web.browser(county.floor)
    assert 'value="steps" checked' in manager.get("/floor/pots").text
    assert manager.post("/floor/at/keeping", keeping="off").status_code == 303
    assert 'value="off" checked' in manager.get("/floor/pots").text
    assert "/floor/at/keeping" not in hand.get("/floor/pots").text
    assert hand.post("/floor/at/keeping", keeping="steps").status_code == 403


def test_the_board_leads_to_the_pot_where_steps_are_kept(web: Web) -> None:
    prescription, browser = at_pot(web)
    assert 'href="/floor/at/P01"' in browser.get("/floor").text
    card = browser.get(f"/floor/p/{prescription.key()}").text
    assert f'href="/floor/at/{prescription.number}"' in card
    assert "/floor/draw-off" not in card
