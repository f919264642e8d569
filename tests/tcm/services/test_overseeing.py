"""The day at a glance: counts, pots, plans and routes, without a patient's name."""

import pytest

from tcm.records.errors import Forbidden, NotFound
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.services import overseeing
from tests.tcm.centre import asked, brought_to, packed, planned, route, stop
from tests.tcm.county import DAY, NAME, County


def test_a_day_without_anything_is_an_empty_view(county: County) -> None:
    view = county.do(overseeing.day_view, county.manager, DAY)
    assert (view.moved, view.newest, view.in_force, view.routes, view.numbers) == ({}, None, None, [], {})
    assert [place.pot.code for place in view.pots] == ["P01", "P02", "Q01", "S01", "T01"]
    assert [vehicle.name for vehicle in view.vehicles] == ["湘F0001", "湘F0002"]
    assert view.couriers[county.courier.staff_id].name == "孙行舟"


def test_the_view_counts_by_state_and_says_what_each_pot_holds(county: County) -> None:
    county.approved()
    cooking = brought_to(county, county.approved(), State.DECOCTING, pot="P02")
    view = county.do(overseeing.day_view, county.manager, DAY)
    assert view.moved == {State.APPROVED: 1, State.DECOCTING: 1}
    held = {place.pot.code: (place.prescription_id, place.number) for place in view.pots}
    assert held["P02"] == (cooking.key(), cooking.number)
    assert held["P01"] == (None, "")


def test_a_route_in_force_is_told_by_numbers_and_places(county: County) -> None:
    first, second = packed(county), packed(county)
    planned(county, route(county, stop(county, [first]), stop(county, [second], trip=2)))
    view = county.do(overseeing.day_view, county.manager, DAY)
    [brief] = view.routes
    assert (brief.vehicle.name, brief.courier.name) == ("湘F0001", "孙行舟")
    assert [(each.village.name, [p.number for p in each.parcels]) for each in brief.stops] == [
        ("白石村卫生室", [first.number]),
        ("白石村卫生室", [second.number]),
    ]
    assert len(brief.departures) == 2
    assert NAME not in repr(view)


def test_the_view_takes_the_same_number_of_statements_for_three_routes_stops_as_for_one(
    county: County,
) -> None:
    def statements() -> int:
        with county.counted() as sent:
            county.do(overseeing.day_view, county.manager, DAY)
        return len(sent)

    planned(county, route(county, stop(county, [packed(county)])))
    one = statements()
    planned(county, route(county, *(stop(county, [packed(county)]) for _ in range(3))))
    assert statements() == one


def test_a_plan_that_is_asked_for_is_the_newest_but_not_in_force(county: County) -> None:
    plan = asked(county)
    view = county.do(overseeing.day_view, county.manager, DAY)
    assert view.newest is not None
    assert view.newest.id == plan.id
    assert view.in_force is None
    assert county.do(overseeing.look_at_plan, county.manager, plan.id or 0).id == plan.id
    assert county.do(overseeing.plan_in_force, county.floor, DAY) is None


def test_only_the_manager_sees_the_day_and_only_the_centre_its_plan(county: County) -> None:
    for role, actor in county.actors.items():
        if role is not Role.MANAGER:
            with pytest.raises(Forbidden):
                county.do(overseeing.day_view, actor, DAY)
        if role not in (Role.MANAGER, Role.FLOOR):
            with pytest.raises(Forbidden):
                county.do(overseeing.plan_in_force, actor, DAY)
            with pytest.raises(Forbidden):
                county.do(overseeing.pot_places, actor)


def test_a_plan_that_is_not_there_is_named(county: County) -> None:
    with pytest.raises(NotFound, match="没有这份计划"):
        county.do(overseeing.look_at_plan, county.manager, 99)
