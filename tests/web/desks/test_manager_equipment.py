"""Vehicles, couriers and village roads as the manager knows them; the next plan keeps what was said."""

from collections.abc import Iterator

import pytest

from dispatch.county import Break
from dispatch.formats import day_from_dict
from tcm.store.engine import Store
from tests.web.desks.hands import Web, planned_day, shown
from web.house import EXTENSION
from web.jobs.queue import prepare

VAN = {
    "kind": "motorbike",
    "capacity_bags": "12",
    "capacity_litres": "30",
    "shift_start": "07:30",
    "shift_end": "17:00",
    "rest_earliest": "11:30",
    "rest_latest": "12:30",
    "rest_min": "30",
    "max_trips": "2",
    "speed_percent": "80",
    "active": "1",
}
DOOR = {"has_road": "1", "kinds": "motorbike", "first_from": "09:00", "first_to": "12:00"}


@pytest.fixture
def web(sqlite_store: Store) -> Iterator[Web]:
    """A county with its pages and its job tables."""
    prepare(sqlite_store.engine)
    opened = Web(sqlite_store)
    yield opened
    opened.app.extensions[EXTENSION].jobs.close()


def test_a_vehicle_that_was_changed_is_planned_with_as_it_is(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    assert browser.post(f"/manager/equipment/vehicles/{county.van.id}", **VAN).status_code == 303
    page = shown(browser.get("/manager/equipment").text)
    assert "湘F0001 孙行舟 摩托车 · 07:30–17:00 · 12 袋 · 休息 30 分钟" in page
    county.approved()
    vehicle = day_from_dict(planned_day(county).problem).vehicles[0]
    assert (vehicle.kind, vehicle.capacity_bags, vehicle.capacity_ml) == ("motorbike", 12, 30_000)
    assert (vehicle.shift_end_min, vehicle.max_trips, vehicle.speed_factor) == (1020, 2, 0.8)
    assert vehicle.breaks == (Break(690, 750, 30),)


def test_a_village_that_was_changed_is_planned_with_as_it_is(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    assert browser.post(f"/manager/equipment/villages/{county.village.id}", **DOOR).status_code == 303
    assert "白石村卫生室 摩托车 · 09:00–12:00" in shown(browser.get("/manager/equipment").text)
    county.approved()
    [village] = day_from_dict(planned_day(county).problem).villages
    assert (village.kinds, village.windows, village.has_road) == (("motorbike",), ((540, 720),), True)


def test_a_village_that_no_vehicle_of_the_day_reaches_is_left_out_with_the_reason(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    browser.post(f"/manager/equipment/villages/{county.village.id}", **DOOR)
    prescription = county.approved()
    plan = planned_day(county)
    assert [each["id"] for each in plan.unserved] == [str(prescription.id)]


def test_a_rest_that_is_over_when_the_vehicle_comes_back_is_not_planned_again(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    early = VAN | {"rest_earliest": "06:00", "rest_latest": "06:30"}
    browser.post(f"/manager/equipment/vehicles/{county.van.id}", **early)
    county.approved()
    assert day_from_dict(planned_day(county).problem).vehicles[0].breaks == ()


def test_what_will_not_do_is_answered_in_a_sentence_and_changes_nothing(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)
    van, village = f"vehicles/{county.van.id}", f"villages/{county.village.id}"
    for path, fields, sentence in (
        (van, VAN | {"capacity_bags": "0"}, "没有保存：不能小于 1。"),
        (van, VAN | {"kind": "helicopter"}, "请从列出的项目中选择。"),
        (van, VAN | {"shift_end": "07:00"}, "下班要晚于上班。"),
        (van, VAN | {"rest_latest": "11:00"}, "休息最晚开始要晚于最早开始。"),
        (van, VAN | {"rest_min": ""}, "休息要填齐"),
        (village, DOOR | {"kinds": ""}, "至少选一种能到的车"),
        (village, DOOR | {"first_to": ""}, "收药时段要填起和止"),
        (village, DOOR | {"first_to": "08:00"}, "收药时段要先后分开"),
        (village, DOOR | {"second_from": "11:00", "second_to": "13:00"}, "收药时段要先后分开"),
        (f"villages/{county.hospital.id}", DOOR, "这不是村卫生室。"),
    ):
        answer = browser.post(f"/manager/equipment/{path}", **fields)
        assert (answer.status_code, sentence in shown(answer.text)) == (422, True), (path, sentence)
    with county.work() as work:
        kept = work.vehicles.get(county.van.id or 0)
        assert (kept.kind, kept.capacity_bags, kept.breaks) == ("van", 80, [])
        assert work.institutions.get(county.village.id or 0).door_windows == []


def test_the_page_takes_the_same_number_of_statements_however_many_villages_there_are(web: Web) -> None:
    county, browser = web.county, web.browser(web.county.manager)

    def statements() -> int:
        with county.counted() as sent:
            assert browser.get("/manager/equipment").status_code == 200
        return len(sent)

    one = statements()
    with county.work() as work:
        for number in range(5):
            place = work.institutions.get(county.village.id or 0)
            fields = {
                name: getattr(place, name) for name in ("kind", "township", "lon", "lat", "coordinate_source")
            }
            work.institutions.add(type(place)(code=f"V{number + 10}", name=f"新村{number}", **fields))
        work.commit()
    assert statements() == one


def test_nobody_else_changes_vehicles_or_villages(web: Web) -> None:
    county = web.county
    for actor in (county.doctor, county.pharmacist, county.floor, county.courier, county.admin):
        browser = web.browser(actor)
        assert browser.get("/manager/equipment").status_code == 403
        for path in (f"vehicles/{county.van.id}", f"villages/{county.village.id}"):
            assert browser.post(f"/manager/equipment/{path}").status_code == 403
