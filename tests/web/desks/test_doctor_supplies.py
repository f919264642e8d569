"""What the doctor is told of medicine that the patient still has, and what such a look leaves behind."""

import pytest

from tcm.store.engine import Store
from tests.tcm.county import County
from tests.tcm.elsewhere import signed_elsewhere
from tests.web.desks.hands import Web, shown, statements
from tests.web.desks.rx_form import FOUR, check, filled, of_visit, send


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def supply_looks(county: County) -> list[tuple[object, ...]]:
    doctor = county.doctor.staff_id
    return [look for look in county.looks() if look[2] == "supply" and look[0] == doctor]


def test_a_repeated_prescription_is_said_with_the_day_and_the_house_and_can_be_signed(web: Web) -> None:
    signed_elsewhere(web.county)
    web.county.watch.pass_(days=2)
    doctor, visit = web.browser(web.county.doctor), web.county.visited()
    form = filled(doctor, visit, *FOUR)
    said = shown(check(doctor, visit, form))
    assert f"2026-11-21 {web.county.other_hospital.name}的处方尚余5天" in said
    assert "何冬青" not in said
    assert send(doctor, visit, form, "sign").status_code == 200
    assert [one.state.value for one in of_visit(web, visit)] == ["signed"]


def test_an_opening_and_a_signature_each_leave_one_look_and_typing_none(web: Web) -> None:
    other = signed_elsewhere(web.county)
    look = (web.county.doctor.staff_id, "prescription.read", "supply", other.id, True)
    doctor, visit = web.browser(web.county.doctor), web.county.visited()
    form = filled(doctor, visit, *FOUR)
    assert supply_looks(web.county) == [look]
    for _ in range(3):
        check(doctor, visit, form)
    assert supply_looks(web.county) == [look]
    send(doctor, visit, form, "sign")
    assert supply_looks(web.county) == [look] * 2


def test_a_keystroke_costs_as_much_however_much_the_patient_has(web: Web) -> None:
    doctor, visit = web.browser(web.county.doctor), web.county.visited()
    form = filled(doctor, visit, *FOUR)

    def costs() -> tuple[int, int]:
        with web.county.counted() as sent:
            check(doctor, visit, form)
        return len(sent), statements(web.county, doctor, f"/doctor/visits/{visit.id}")

    signed_elsewhere(web.county)
    one = costs()
    for _ in range(2):
        signed_elsewhere(web.county)
    assert costs() == one
