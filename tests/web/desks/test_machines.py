"""The desk of machines: what they say, a decision by name; what stands still is seen wherever people look."""

import re

import pytest

from tcm.records.boils import BoilKeeping, Step
from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.records.machines import Deviation, DeviationKind
from tcm.services import boiling, flooring, metering, stepping
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, step
from tests.tcm.county import NAME
from tests.tcm.metered import Machine
from tests.web.desks.hands import Web, hidden, shown, statements


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def dry(web: Web, pot: str = "P01") -> tuple[Prescription, str]:
    """A batch that boiled dry, and the address of its deviation."""
    prescription = brought_to(web.county, web.county.approved(), State.DECOCTING, pot)
    Machine(web.county, pot).boils(2)
    Machine(web.county, pot, "b").boils(1, 109.0)
    with web.county.work() as work:
        [one] = work.deviations.holding(prescription.key())
    return prescription, f"/machines/deviations/{one.id}"


def drawn_too_soon(web: Web) -> tuple[Prescription, str]:
    """A batch that is out of its pot and waits for a decision, and the address of its deviation."""
    county = web.county
    county.do(boiling.set_keeping, county.manager, BoilKeeping.STEPS)
    prescription = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=30)
    step(county, prescription, State.DECOCTING, "P01")
    with county.work() as work:
        run = work.pot_runs.open_of(prescription.key())
    assert run is not None
    for what in (Step.FIRST_BOIL, Step.FIRST_DRAWN, Step.SECOND_BOIL, Step.DRAWN_OFF):
        county.watch.pass_(minutes=35)
        key = county.new_key()
        county.do(stepping.take, county.floor, county.knowledge, run.key(), what, request_key=key)
    with county.work() as work:
        one = work.deviations.add(
            Deviation(
                run_id=run.key(),
                prescription_id=prescription.key(),
                pot_id=run.pot_id,
                kind=DeviationKind.UNDER_TIME,
                stops=True,
                began_at=work.now,
                found_at=work.now,
                measured={"boiled_min": 12.0, "limit_min": 20.0},
            )
        )
        work.commit()
    return prescription, f"/machines/deviations/{one.id}"


def test_every_pot_says_how_hot_it_is_and_what_went_another_way(web: Web) -> None:
    prescription, path = dry(web)
    Machine(web.county, "X9").says(1.0)
    page = web.browser(web.county.manager).get("/machines").text
    assert f'href="{path}"' in page
    text = shown(page)
    assert "109.0 ℃" in text
    assert "最高 109 ℃，上限 106 ℃" in text
    assert prescription.number is not None
    assert prescription.number in text
    assert "没有这口锅 1" in text
    assert NAME not in page


def test_a_pharmacist_decides_and_the_batch_goes_on(web: Web) -> None:
    prescription, path = dry(web)
    browser = web.browser(web.county.pharmacist)
    page = browser.get(path).text
    assert "<polyline" in page
    assert "煎干或煎煳的药物禁止药用" in page
    answer = browser.post(path, verdict="go_on", reason_code="false_alarm", remark="探头松了")
    assert "已决定：继续。" in shown(browser.follow(answer))
    floor = web.browser(web.county.floor)
    card = floor.get(f"/floor/p/{prescription.key()}").text
    assert "等药师或主管决定" not in card
    drawn = floor.post(
        "/floor/draw-off",
        prescription_id=prescription.key(),
        version=web.county.now(prescription).version,
    )
    assert drawn.status_code == 303


def test_a_decision_that_cannot_be_is_refused_and_what_was_typed_stays(web: Web) -> None:
    _, path = dry(web)
    browser = web.browser(web.county.pharmacist)
    answer = browser.post(path, verdict="go_on", reason_code="inspected", remark="看着还行")
    assert answer.status_code == 422
    assert "请选择继续的理由" in answer.text
    assert 'value="看着还行"' in answer.text


def test_who_boils_sees_it_and_is_not_asked(web: Web) -> None:
    _, path = dry(web)
    browser = web.browser(web.county.floor)
    page = browser.get(path).text
    assert "请药师或主管决定" in page
    assert "<form" not in page.split("<main", 1)[1]
    assert browser.post(path, verdict="scrap").status_code == 403


@pytest.mark.parametrize("path", ["/floor", "/floor/wall", "/floor/at/P01"])
def test_the_floor_sees_everywhere_that_a_batch_stands_still(web: Web, path: str) -> None:
    dry(web)
    text = shown(web.browser(web.county.floor).get(path).text)
    assert re.search(r"1 锅停下等决定|停：煎干", text)


@pytest.mark.parametrize("path", ["/floor/wall", "/floor/at/P01"])
def test_what_is_to_be_scrapped_does_not_look_as_if_it_went_on(web: Web, path: str) -> None:
    prescription, deviation = dry(web)
    web.browser(web.county.pharmacist).post(deviation, verdict="scrap")
    floor = web.browser(web.county.floor)
    assert "停：煎干" in shown(floor.get(path).text)
    assert "这一锅已决定报废" in shown(floor.get("/floor/at/P01").text)
    version = web.county.now(prescription).version
    web.county.do(flooring.scrap, web.county.floor, prescription.key(), version, "dried")
    assert "停：煎干" not in shown(floor.get(path).text)


def test_an_empty_pot_is_cleaned_whatever_is_decided_of_what_was_in_it(web: Web) -> None:
    drawn_too_soon(web)
    browser = web.browser(web.county.floor)
    page = browser.get("/floor/at/P01").text
    assert "停：煎煮时间不足" in shown(page)
    answer = browser.post("/floor/at/P01/step", **hidden(page, "/floor/at/P01/step"))
    assert answer.status_code == 303
    assert "空锅，可以上锅。" in shown(browser.get("/floor/at/P01").text)


def test_what_was_scrapped_leaves_a_pot_to_clean_and_nothing_to_decide(web: Web) -> None:
    prescription, path = drawn_too_soon(web)
    web.browser(web.county.pharmacist).post(path, verdict="scrap")
    floor = web.browser(web.county.floor)
    assert "停：煎煮时间不足" in shown(floor.get("/floor/wall").text)
    version = web.county.now(prescription).version
    web.county.do(flooring.scrap, web.county.floor, prescription.key(), version, "other")
    assert "停：" not in shown(floor.get("/floor/wall").text)
    page = floor.get("/floor/at/P01").text
    assert "停：" not in shown(page)
    assert hidden(page, "/floor/at/P01/step")["step"] == "cleaned"


@pytest.mark.parametrize("desk", ["pharmacist", "manager"])
def test_so_do_those_who_decide(web: Web, desk: str) -> None:
    _, path = dry(web)
    page = web.browser(getattr(web.county, desk)).get(f"/{desk}").text
    assert f'href="{path}"' in page
    assert "1 锅停下等决定" in shown(page)


def test_a_refused_step_tells_why(web: Web) -> None:
    prescription, _ = dry(web)
    answer = web.browser(web.county.floor).post(
        "/floor/draw-off",
        prescription_id=prescription.key(),
        version=web.county.now(prescription).version,
    )
    assert answer.status_code == 409
    assert "P01号锅“煎干”，这一锅先停下" in answer.text


def test_the_wall_draws_a_small_curve_and_says_when_nothing_is_heard(web: Web) -> None:
    brought_to(web.county, web.county.approved(), State.DECOCTING)
    Machine(web.county).boils(3)
    browser = web.browser(web.county.floor)
    page = browser.get("/floor/wall").text
    assert 'class="small-curve"' in page
    assert "99 ℃" in shown(page)
    web.county.watch.pass_(minutes=6)
    with web.county.work() as work:
        metering.watch_all(work)
        work.commit()
    assert "没有读数" in shown(browser.get("/floor/wall").text)


def test_only_a_pot_on_the_fire_that_says_nothing_is_marked(web: Web) -> None:
    brought_to(web.county, web.county.approved(), State.DECOCTING)
    for pot in ("P01", "P02"):
        Machine(web.county, pot).says(40.0)
    web.county.watch.pass_(minutes=30)
    page = web.browser(web.county.floor).get("/machines").text
    cards = {pot: page.split(f">{pot}</b>")[1].split("</li>")[0] for pot in ("P01", "P02")}
    tones = {
        pot: re.findall(r'class="chip (\w+)">(?:<svg.*?</svg>)?没有读数', card) for pot, card in cards.items()
    }
    assert tones == {"P01": ["warn"], "P02": ["quiet"]}
    assert [" past" in cards[pot] for pot in ("P01", "P02")] == [False, True]


def test_three_machines_cost_the_pages_no_more_than_one(web: Web) -> None:
    dry(web)
    browser = web.browser(web.county.floor)
    one = [statements(web.county, browser, path) for path in ("/machines", "/floor/wall")]
    dry(web, "P02")
    assert [statements(web.county, browser, path) for path in ("/machines", "/floor/wall")] == one
