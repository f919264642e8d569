"""The courier's day: own routes only, what is packed is loaded, what is handed over is handed over once."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from tcm.records.lifecycle import REASONS, State
from tcm.records.road import PhoneTime
from tcm.records.roles import Role
from tcm.services import delivering, flooring, prescribing, retrying
from tcm.services.loading import Loaded
from tcm.services.moving import hold
from tests.tcm.centre import brought_to, on_the_road, packed, planned, route, stop
from tests.tcm.county import DAY, NAME, County


def deliver(county: County, prescription: Prescription, *codes: str) -> Prescription:
    return county.do(delivering.deliver, county.courier, prescription.key(), None, bag_codes=codes)


def fail(county: County, prescription: Prescription, reason: str = "not_home") -> Prescription:
    return county.do(delivering.fail, county.courier, prescription.key(), None, reason)


def code_of(county: County, prescription: Prescription) -> str:
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    return bag.code


def test_loading_takes_what_is_packed_and_names_what_is_missing(county: County) -> None:
    ready, late, next_trip = packed(county), county.approved(), packed(county)
    [way] = planned(county, route(county, stop(county, [ready, late]), stop(county, [next_trip], trip=2)))
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert (loaded.loaded, loaded.missing) == ((ready.number,), (late.number,))
    assert [county.now(each).state for each in (ready, late, next_trip)] == [
        State.LOADED,
        State.APPROVED,
        State.PACKED,
    ]
    again = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert (again.loaded, again.missing) == ((), (late.number,))


def test_a_cancelled_prescription_is_not_missed(county: County) -> None:
    ready, off = packed(county), county.approved()
    [way] = planned(county, route(county, stop(county, [ready, off])))
    county.do(prescribing.cancel, county.doctor, off.key(), county.now(off).version, "other")
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert (loaded.loaded, loaded.missing) == ((ready.number,), ())


def test_a_trip_that_the_route_has_not_is_said_in_words(county: County) -> None:
    [way] = planned(county, route(county, stop(county, [packed(county)])))
    with pytest.raises(NotFound, match="这条路线没有这一趟"):
        county.do(delivering.load_trip, county.courier, way.id or 0, 2)


def test_a_parcel_is_handed_over_once_however_often_the_button_is_tapped(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    version = county.now(prescription).version
    for _ in range(2):
        done = county.do(delivering.deliver, county.courier, prescription.key(), version)
        assert done.state is State.DELIVERED
    assert county.story(prescription)[-2:] == ["loaded", "delivered"]


def test_a_bag_of_somebody_else_is_not_handed_over(county: County) -> None:
    mine, other = packed(county), packed(county)
    on_the_road(county, mine, other)
    with pytest.raises(Invalid, match="扫到的袋子不是这张处方的，请核对"):
        deliver(county, mine, code_of(county, mine), code_of(county, other))
    assert county.now(mine).state is State.LOADED
    assert deliver(county, mine, code_of(county, mine)).state is State.DELIVERED


def test_a_stale_page_hands_nothing_over(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    with pytest.raises(Stale):
        county.do(delivering.deliver, county.courier, prescription.key(), prescription.version)
    with pytest.raises(Stale):
        county.do(delivering.fail, county.courier, prescription.key(), prescription.version, "refused")
    assert county.now(prescription).state is State.LOADED


def test_what_could_not_be_handed_over_is_loaded_and_tried_again(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    assert fail(county, prescription).state is State.FAILED
    assert county.events(prescription)[-1].payload == {"reason": "not_home"}
    with pytest.raises(IllegalMove, match="这张处方不在车上"):
        deliver(county, prescription)
    assert county.do(delivering.load_trip, county.courier, way.id or 0, 1).loaded == (prescription.number,)
    assert deliver(county, prescription).state is State.DELIVERED
    assert county.story(prescription)[-4:] == ["loaded", "failed", "loaded", "delivered"]


def test_what_was_handed_over_does_not_fail_afterwards(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    deliver(county, prescription)
    with pytest.raises(IllegalMove, match="处方现在是“已送达”，不能改为“未送达”。"):
        fail(county, prescription)


@pytest.mark.parametrize("reason", ["", "burnt", "no such reason"])
def test_a_failure_says_why(county: County, reason: str) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    with pytest.raises(Invalid, match="请选择原因"):
        fail(county, prescription, reason)
    assert county.now(prescription).state is State.LOADED


def test_every_reason_to_fail_is_taken(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    for reason in REASONS[State.FAILED]:
        assert county.events(fail(county, prescription, reason))[-1].payload == {"reason": reason}
        county.do(retrying.send_again, county.manager, prescription.key(), DAY)
        county.do(delivering.load_trip, county.courier, way.id or 0, 1)


def test_what_the_manager_decides_of_is_not_loaded_before(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    fail(county, prescription, "damaged")
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1)
    assert loaded == Loaded(undecided=(prescription.number or "",))
    assert county.now(prescription).state is State.FAILED


def test_what_was_planned_for_another_since_stays_for_them(county: County) -> None:
    mine, theirs = packed(county), packed(county)
    [old] = planned(county, route(county, stop(county, [mine, theirs])))
    other = route(county, stop(county, [theirs]), van=county.other_van)
    planned(county, route(county, stop(county, [mine])), other)
    loaded = county.do(delivering.load_trip, county.courier, old.id or 0, 1)
    assert loaded == Loaded(loaded=(mine.number or "",), elsewhere=(theirs.number or "",))
    assert county.now(theirs).state is State.PACKED


def test_what_was_packed_after_a_trip_was_loaded_without_a_line_is_not_on_it(county: County) -> None:
    taken, unpacked = packed(county), county.approved()
    [way] = planned(county, route(county, stop(county, [taken, unpacked])))
    county.watch.pass_(minutes=1)
    pressed_at = county.watch()
    county.watch.pass_(minutes=30)
    brought_to(county, unpacked, State.PACKED)
    county.watch.pass_(minutes=30)
    # The phone's clock is an hour slow.
    slow = PhoneTime(pressed_at - timedelta(hours=1), 3600)
    loaded = county.do(delivering.load_trip, county.courier, way.id or 0, 1, phone=slow)
    assert loaded == Loaded(loaded=(taken.number or "",), missing=(unpacked.number or "",))
    assert county.now(unpacked).state is State.PACKED
    now = PhoneTime(county.watch() - timedelta(hours=1, seconds=5), 3600)
    again = county.do(delivering.load_trip, county.courier, way.id or 0, 1, phone=now)
    assert again == Loaded(loaded=(unpacked.number or "",))


def test_loading_a_trip_holds_nothing_that_is_not_packed(postgres_county: County) -> None:
    ready, cooking = packed(postgres_county), postgres_county.approved()
    [way] = planned(postgres_county, route(postgres_county, stop(postgres_county, [ready, cooking])))
    with postgres_county.work() as floor, postgres_county.work() as road:
        hold(floor, cooking.key())
        road.session.execute(text("SET LOCAL lock_timeout = '2s'"))
        loaded = delivering.load_trip(road, postgres_county.courier, way.id or 0, 1)
    assert loaded == Loaded(loaded=(ready.number or "",), missing=(cooking.number or "",))


def test_what_is_not_on_the_vehicle_is_not_handed_over(county: County) -> None:
    prescription = packed(county)
    planned(county, route(county, stop(county, [prescription])))
    with pytest.raises(IllegalMove, match="这张处方不在车上"):
        deliver(county, prescription)


def test_another_couriers_route_is_refused_and_the_look_is_on_record(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    before, stranger = len(county.looks()), county.other_courier
    for use_case, args in (
        (delivering.open_route, (way.id,)),
        (delivering.load_trip, (way.id, 1)),
        (delivering.deliver, (prescription.key(), None)),
        (delivering.fail, (prescription.key(), None, "refused")),
        (delivering.find_by_scan, (code_of(county, prescription),)),
    ):
        with pytest.raises(Forbidden, match="您没有这项权限"):
            county.do(use_case, stranger, *args)
    assert county.looks()[before:] == [
        (stranger.staff_id, "route.read", "route", way.id, False),
        (stranger.staff_id, "route.deliver", "route", way.id, False),
        *[(stranger.staff_id, "route.deliver", "prescription", prescription.id, False)] * 3,
    ]
    assert county.now(prescription).state is State.LOADED
    assert county.do(delivering.my_routes, stranger, DAY) == []


def test_what_lies_on_no_route_is_nobodys_to_deliver(county: County) -> None:
    prescription = packed(county)
    with pytest.raises(Forbidden):
        deliver(county, prescription)


def test_no_other_role_drives(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    opened = set()
    for role, actor in county.actors.items():
        try:
            county.do(delivering.open_route, actor, way.id or 0)
            opened.add(role)
        except Forbidden:
            pass
        if role is Role.COURIER:
            continue
        with pytest.raises(Forbidden):
            county.do(delivering.deliver, actor, prescription.key(), None)
        with pytest.raises(Forbidden):
            county.do(delivering.load_trip, actor, way.id or 0, 1)
    assert opened == {Role.COURIER, Role.MANAGER}


def test_a_courier_sees_the_own_route_with_stops_parcels_and_names(county: County) -> None:
    first, second = packed(county), packed(county)
    there = county.other_village.id
    [way] = planned(county, route(county, stop(county, [first]), stop(county, [second], village_id=there)))
    [view] = county.do(delivering.my_routes, county.courier, DAY)
    assert (view.route.id, view.vehicle.name, view.courier.name) == (way.id, "湘F0001", "孙行舟")
    assert [
        (each.village.name, [(p.prescription.id, p.patient.name, len(p.bags)) for p in each.parcels])
        for each in view.stops
    ] == [("白石村卫生室", [(first.id, NAME, 1)]), ("观山村卫生室", [(second.id, NAME, 1)])]
    assert view.route.metres == 41_000
    assert county.looks()[-1] == (county.courier.staff_id, "route.read", "route", way.id, True)


def test_a_scan_finds_the_parcel_on_the_own_vehicle(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    code = code_of(county, prescription)
    assert county.do(delivering.find_by_scan, county.courier, code).id == prescription.id
    with pytest.raises(NotFound, match="没有这个袋码"):
        county.do(delivering.find_by_scan, county.courier, "NOSUCHCODE22")


def test_a_failed_parcel_may_be_thrown_away_and_made_again(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    failed = fail(county, prescription, "damaged")
    code = code_of(county, failed)
    county.do(flooring.scrap, county.floor, failed.key(), county.now(failed).version, "spoilt")
    with pytest.raises(IllegalMove, match="这张处方不在车上"):
        county.do(delivering.find_by_scan, county.courier, code)


@pytest.mark.parametrize("how_many", [1, 3])
def test_a_route_takes_as_many_statements_for_three_stops_as_for_one(county: County, how_many: int) -> None:
    stops = [stop(county, [packed(county)]) for _ in range(how_many)]
    [way] = planned(county, route(county, *stops))
    with county.work() as work, county.counted() as statements:
        delivering.open_route(work, county.courier, way.id or 0)
    assert len([each for each in statements if each.startswith("SELECT") and "pg_" not in each]) == 13
