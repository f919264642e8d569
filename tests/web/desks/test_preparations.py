"""Granules and herbs to be cooked at home on every desk: chosen, reviewed, packed, printed, told."""

import re
from collections.abc import Callable

import pytest

from dispatch.problem import Order
from tcm.records.clinical import Preparation, Prescription
from tcm.records.lifecycle import State
from tcm.services import gathering
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import step
from tests.tcm.county import DAY, FOUR_GENTLEMEN, draft
from tests.tcm.stocked import keep_stock, price, shelve
from tests.web.desks.hands import Web, planned_day, shown, statements
from tests.web.desks.rx_form import FOUR, check, filled, form_on, of_visit, send
from tests.web.desks.test_papers import codes, texts
from web.planning import to_problem

GRANULES, OWN_COOKING = Preparation.GRANULES, Preparation.OWN_COOKING
DISSOLVED, BOILED = "每日1剂，每剂分两袋，开水冲服", "每日1剂，分早晚两次温服"
NOTED = (*FOUR_GENTLEMEN, ItemDraft("石膏", 30.0, "先煎"))


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store, public_url="https://yao.linxiang.example")


@pytest.fixture
def approved(web: Web) -> Callable[..., Prescription]:
    """Makes an approved prescription that is not decocted."""

    def make(preparation: Preparation = OWN_COOKING, items: tuple[ItemDraft, ...] = NOTED) -> Prescription:
        usage = DISSOLVED if preparation is GRANULES else BOILED
        return web.county.approved(draft(items, preparation=preparation, usage=usage))

    return make


def packed(web: Web, prescription: Prescription) -> str:
    """Dispensed and packed; answers the code of its first bag."""
    for target in (State.DISPENSED, State.PACKED):
        step(web.county, prescription, target)
    with web.county.work() as work:
        return work.bags.of_prescription(prescription.key())[0].code


def column(page: str, key: str) -> list[str]:
    """The numbers that stand in a column of the board."""
    found = re.search(rf'id="step-{key}".*?</section>', page, re.S)
    return [] if found is None else re.findall(r"<b>(\d{5})</b>", found[0])


def slips(page: str) -> dict[str, str]:
    """The slips of the board by number."""
    found = re.findall(r'<li class="slip.*?</li>', page, re.S)
    return {number[1]: slip for slip in found if (number := re.search(r"<b>(\d{5})</b>", slip))}


def test_the_doctor_chooses_in_the_form_and_it_is_kept_and_shown(web: Web) -> None:
    visit, doctor = web.county.visited(), web.browser(web.county.doctor)
    form = filled(doctor, visit, *FOUR, preparation="granules", usage=DISSOLVED)
    assert form_on(doctor.get(f"/doctor/visits/{visit.id}").text)["preparation"] == ["decocted"]
    kept = send(doctor, visit, form, "save")
    assert form_on(kept.text)["preparation"] == ["granules"]
    signed = send(doctor, visit, form_on(kept.text), "sign")
    assert "配方颗粒" in shown(signed.text)
    [stored] = of_visit(web, visit)
    assert (stored.state, stored.preparation) == (State.SIGNED, GRANULES)


def test_a_word_nobody_offers_is_refused_at_the_door(web: Web) -> None:
    visit, doctor = web.county.visited(), web.browser(web.county.doctor)
    answer = send(doctor, visit, filled(doctor, visit, *FOUR, preparation="pills"), "save")
    assert (answer.status_code, of_visit(web, visit)) == (422, [])


def test_what_does_not_suit_is_said_while_it_is_chosen(web: Web) -> None:
    visit, doctor = web.county.visited(), web.browser(web.county.doctor)
    aconite = ("附子", "9", "先煎")
    form = filled(doctor, visit, *FOUR, aconite, preparation="own_cooking", usage=BOILED)
    assert "附子按自煎调配：煎煮不足会中毒" in shown(check(doctor, visit, form))
    form |= {"preparation": "granules", "usage": "水煎400ml"}
    said = shown(check(doctor, visit, form))
    assert ("附子按自煎调配" in said, "用法却写“水煎”" in said) == (False, True)


def test_granules_have_no_price_of_the_herbs_that_stand_on_the_shelf(web: Web) -> None:
    keep_stock(web.county)
    price(web.county, "党参", 120_00)
    shelve(web.county, "党参", 1000)
    visit, doctor = web.county.visited(), web.browser(web.county.doctor)

    def told(preparation: str, usage: str) -> bool:
        form = filled(doctor, visit, *FOUR, preparation=preparation, usage=usage)
        return "¥1.44" in shown(check(doctor, visit, form))

    assert (told("own_cooking", BOILED), told("granules", DISSOLVED)) == (True, False)


def test_the_pharmacist_sees_how_it_is_prepared(web: Web) -> None:
    prescription = web.county.signed(draft(preparation=GRANULES, usage=DISSOLVED))
    page = shown(web.browser(web.county.pharmacist).get(f"/pharmacist/{prescription.key()}").text)
    assert "配方颗粒" in page


def test_the_board_has_a_column_of_its_own_only_where_something_is_not_decocted(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    floor, county = web.browser(web.county.floor), web.county
    wet = step(county, county.approved(), State.DISPENSED)
    page = floor.get("/floor").text
    assert (column(page, "soak"), 'id="step-bag"' in page) == ([str(wet.number)[-5:]], False)
    dry = step(county, approved(), State.DISPENSED)
    page = floor.get("/floor").text
    assert (column(page, "soak"), column(page, "bag")) == ([str(wet.number)[-5:]], [str(dry.number)[-5:]])
    version = county.now(dry).version
    floor.post("/floor/step", prescription_id=dry.key(), version=version, target="packed")
    page = floor.get("/floor").text
    assert (column(page, "bag"), column(page, "load")) == ([], [str(dry.number)[-5:]])


def test_the_board_asks_the_database_as_often_for_three_as_for_one(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    approved()
    floor = web.browser(web.county.floor)
    one = statements(web.county, floor, "/floor/board")
    approved(GRANULES, FOUR_GENTLEMEN)
    approved()
    assert statements(web.county, floor, "/floor/board") == one


def test_the_card_says_what_is_packed_apart_and_prints_no_pot_label(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    prescription, floor = approved(), web.browser(web.county.floor)
    text = shown(floor.get(f"/floor/p/{prescription.key()}").text)
    for said in ("7 包饮片，每剂 1 包", "先煎 石膏", "不浸泡、不上锅。", "煎服说明"):
        assert said in text
    assert [word for word in ("煎煮方案", "锅签", "专锅") if word in text] == []
    refused = floor.get(f"/papers/pot-labels/{prescription.key()}.pdf")
    assert (refused.status_code, "没有锅签" in shown(refused.text)) == (422, True)


def test_the_sheet_in_the_bag_and_the_page_behind_its_code_say_the_same(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    prescription = approved()
    code = packed(web, prescription)
    answer = web.browser(web.county.floor).get(f"/papers/advice/{prescription.key()}.pdf")
    assert answer.headers["Content-Disposition"] == f'inline; filename="advice-{prescription.number}.pdf"'
    [sheet] = texts(answer.data)
    assert codes(answer.data) == [[f"https://yao.linxiang.example/t/{code}"]]
    page = web.anyone().get(f"/t/{code}").text
    steps = re.findall(r"<li>([^<]+)</li>", page[page.index('class="advice"') : page.index("</ol>")])
    assert len(steps) == 6
    assert [each for each in steps if each.replace(" ", "") not in sheet] == []
    assert ("石膏" in sheet, "石膏" in page, BOILED in page) == (True, False, True)


def test_of_what_is_decocted_there_is_no_such_sheet(web: Web) -> None:
    prescription = web.county.approved()
    answer = web.browser(web.county.floor).get(f"/papers/advice/{prescription.key()}.pdf")
    assert (answer.status_code, "没有煎服说明" in shown(answer.text)) == (422, True)


def test_a_bag_that_holds_no_liquid_names_no_millilitres_and_no_last_day(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    prescription = approved(GRANULES, FOUR_GENTLEMEN)
    code = packed(web, prescription)
    [label] = texts(web.browser(web.county.floor).get(f"/papers/bag-labels/{prescription.key()}.pdf").data)
    for said in ("配方颗粒", "内装14小袋", "密封，放在阴凉干燥处", "煎服方法见袋内说明", "装于2026-11-21"):
        assert said in label
    assert [word for word in ("ml", "前服完", "煎于", "冷藏") if word in label] == []
    text = shown(web.anyone().get(f"/t/{code}").text)
    for said in ("配方颗粒，每剂 2 小袋，共 7 剂。", "里面有 14 小袋", "不用煮。", "放在阴凉干燥处"):
        assert said in text
    assert [word for word in ("前服完", "毫升。", "冷藏") if word in text] == []


def test_the_prescription_on_paper_says_how_it_is_prepared(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    doctor = web.browser(web.county.doctor)
    [paper] = texts(doctor.get(f"/papers/prescription/{approved().key()}.pdf").data)
    assert f"（自煎）{BOILED}" in paper


def test_the_manager_sees_how_many_need_no_pot(web: Web, approved: Callable[..., Prescription]) -> None:
    web.county.approved()
    manager = web.browser(web.county.manager)
    assert "其中不用煎煮" not in shown(manager.get("/manager").text)
    for preparation in (GRANULES, OWN_COOKING, OWN_COOKING):
        approved(preparation, FOUR_GENTLEMEN)
    assert "审核通过 4 其中不用煎煮： 配方颗粒 1 · 自煎 2" in shown(manager.get("/manager").text)


def test_the_planner_asks_for_no_pot_and_counts_on_the_bags_in_time(
    web: Web, approved: Callable[..., Prescription]
) -> None:
    county = web.county
    waiting, weighed = approved(GRANULES, FOUR_GENTLEMEN), step(county, approved(), State.DISPENSED)
    with county.work() as work:
        facts = gathering.day_facts(work, county.manager, county.knowledge, DAY)
    orders: dict[str, Order] = {order.id: order for order in to_problem(facts, DAY, 600).orders}
    found = [orders[str(each.key())] for each in (waiting, weighed)]
    assert [(order.job, order.ready_min, order.keeps) for order in found] == [
        (None, 625, True),
        (None, 605, True),
    ]
    plan = planned_day(county)
    assert (plan.violations, plan.unserved) == ([], [])
    assert plan.result["schedule"]["jobs"] == []  # type: ignore[index]
    with county.work() as work:
        carried = work.routes.carrying([waiting.key(), weighed.key()])
    assert set(carried) == {waiting.key(), weighed.key()}
    # Planned from 8:05 on: weighed at 8:25, in the bag five minutes later; what is weighed already by 8:10.
    page = web.browser(county.floor).get("/floor").text
    dues = {number: re.search(r'due number">([\d:]+)<', slip) for number, slip in slips(page).items()}
    assert {number: due and due[1] for number, due in dues.items()} == {
        str(waiting.number)[-5:]: "08:25",
        str(weighed.number)[-5:]: "08:10",
    }
