"""The demo's shelf: full at the founding, filled again where a day needs it, all by the centre's services."""

import random
from collections import Counter
from datetime import date

import pytest

from tcm.records.clock import county_day, utc_now
from tcm.records.people import InstitutionKind, Sex
from tcm.records.roles import Role
from tcm.records.stock import Keeping, LotState
from tcm.services import charting, prescribing, reserving, stock_views, stocking
from tcm.services.charting import PatientDetails
from tcm.services.prescribing import ItemDraft
from tcm.services.stock_views import ShelfView
from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE, draft
from web.demo import county
from web.demo.clock import DayClock
from web.demo.stock import NEARLY_EXPIRED, RUN_LOW, bring_what_lacks, scheme_of
from web.demo.town import Town


@pytest.fixture
def founded(sqlite_store: Store) -> Store:
    """The county of seed 1."""
    county.set_up(sqlite_store, "no log-in here", seed=1)
    return sqlite_store


def test_every_herb_that_is_dispensed_lies_in_its_own_drawer_with_a_price_and_has_passed(
    founded: Store,
) -> None:
    view = _shelf(founded)
    with founded.work() as work:
        lots, places = work.lots.all(), work.bins.all()
    assert (view.keeping, len(view.rows), view.waiting, view.owed) == (Keeping.REFUSE, 1013, [], [])
    assert {lot.state for lot in lots} == {LotState.PASSED}
    assert all(lot.received_by_id != lot.inspected_by_id for lot in lots)
    assert {lot.herb: lot.bin_id for lot in lots} == {place.herb: place.id for place in places}
    assert len({lot.lot_number for lot in lots}) == len(lots)
    assert [row.herb for row in view.rows if not row.fen_per_kg] == []


def test_a_few_herbs_want_buying_and_a_few_expire_soon(founded: Store) -> None:
    view = _shelf(founded)
    assert sum(row.is_low for row in view.rows) == RUN_LOW
    assert len(view.expiring) == NEARLY_EXPIRED


def test_what_a_prescription_lacks_is_brought_and_passed_before_it_is_reviewed(founded: Store) -> None:
    clock = DayClock(utc_now())
    town = Town(founded, clock, KNOWLEDGE, random.Random(1), county_day(clock()), lambda *_: None)
    with town.work() as work:
        doctor = work.staff.with_role(Role.DOCTOR)[0].actor
        village = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)[-1].id or 0
        details = PatientDetails("何一", Sex.FEMALE, date(1966, 11, 21), village)
        patient = charting.register_patient(work, doctor, details, "patient")
        visit = charting.open_encounter(work, doctor, patient.id or 0, "visit").id or 0
        begun = prescribing.begin(work, doctor, visit, "prescription")
        wanted = draft([ItemDraft("党参", 12.0), ItemDraft("茯苓", 12.0)])
        saved = prescribing.save(work, doctor, KNOWLEDGE, begun.key(), begun.version, wanted)
        signed = prescribing.sign(work, doctor, KNOWLEDGE, saved.key(), saved.version).key()
        manager = work.staff.with_role(Role.MANAGER)[0].actor
        [lot] = work.lots.of_herb("党参")
        on_hand_g = lot.on_hand_mg / 1000
        stocking.count(work, manager, lot.id or 0, counted_g=5, seen_g=on_hand_g, reason="damaged")
        work.commit()
    bring_what_lacks(town, signed)
    with town.work() as work:
        assert reserving.lacking_now(work, KNOWLEDGE, work.prescriptions.get(signed)) == {}
        assert [each.state for each in work.lots.of_herb("党参")] == [LotState.PASSED] * 2
        assert len(work.lots.of_herb("茯苓")) == 1
        assert len({lot.lot_number for lot in work.lots.all()}) == 1014


def test_most_patients_are_in_the_residents_scheme(founded: Store) -> None:
    with founded.work() as work:
        drawn = Counter(scheme_of(work, f"form-{number}") for number in range(200))
    assert [code for code, _ in drawn.most_common()] == ["resident", "employee", "self"]


def test_in_a_county_of_before_there_were_schemes_all_pay_themselves(sqlite_store: Store) -> None:
    with sqlite_store.work() as work:
        assert {scheme_of(work, f"form-{number}") for number in range(20)} == {"self"}


def _shelf(founded: Store) -> ShelfView:
    with founded.work() as work:
        return stock_views.open_shelf(work, work.staff.with_role(Role.MANAGER)[0].actor)
