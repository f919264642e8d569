"""A stop as the code on the courier's sheet opens it, and the administrator's look at the ledger."""

import pytest
from sqlalchemy import text

from tcm.records.errors import Forbidden, NotFound
from tcm.services import administering, delivering
from tests.tcm.centre import on_the_road, packed, planned, route, stop
from tests.tcm.county import County


def test_a_stop_opens_with_its_route_and_parcels(county: County) -> None:
    prescription = packed(county)
    [way] = planned(county, route(county, stop(county, [prescription])))
    page = county.do(delivering.open_stop, county.courier, way.stops[0].id or 0)
    assert page.in_force
    assert page.stop.village.name == "白石村卫生室"
    assert [parcel.prescription.number for parcel in page.stop.parcels] == [prescription.number]
    assert page.view.route.id == way.id


def test_a_stop_of_an_older_plan_still_opens_since_its_sheet_is_on_the_road(county: County) -> None:
    prescription = packed(county)
    way = on_the_road(county, prescription)
    planned(county)
    page = county.do(delivering.open_stop, county.courier, way.stops[0].id or 0)
    assert not page.in_force
    assert [parcel.prescription.number for parcel in page.stop.parcels] == [prescription.number]


def test_another_couriers_stop_stays_shut_and_the_look_is_on_record(county: County) -> None:
    [way] = planned(county, route(county, stop(county, [packed(county)])))
    with pytest.raises(Forbidden):
        county.do(delivering.open_stop, county.other_courier, way.stops[0].id or 0)
    assert county.looks()[-1] == (county.other_courier.staff_id, "route.read", "route", way.id, False)
    with pytest.raises(NotFound, match="没有这一站"):
        county.do(delivering.open_stop, county.courier, 99)


def test_the_administrator_lists_every_house(county: County) -> None:
    houses = county.do(administering.list_institutions, county.admin)
    assert [house.code for house in houses] == ["C1", "H1", "H2", "V1", "V2"]
    with pytest.raises(Forbidden):
        county.do(administering.list_institutions, county.manager)


def test_the_administrator_verifies_the_ledger_and_sees_where_it_breaks(county: County) -> None:
    prescription = packed(county)
    verified = county.do(administering.verify_ledger, county.admin)
    assert (verified.prescriptions, verified.broken) == (1, None)
    with county.store.engine.begin() as connection:
        connection.execute(
            text("UPDATE prescriptions SET state = 'delivered' WHERE id = :id"), {"id": prescription.key()}
        )
    broken = county.do(administering.verify_ledger, county.admin).broken
    assert broken is not None
    assert broken.prescription_id == prescription.key()
    with pytest.raises(Forbidden):
        county.do(administering.verify_ledger, county.manager)
