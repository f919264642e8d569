"""The PIN of a bag: the last four digits of the patient's telephone, tried five times at most."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.services import unlocking
from tests.tcm.centre import packed
from tests.tcm.county import FOUR_GENTLEMEN, PHONE, County

PIN = PHONE[-4:]


def code_of(county: County, prescription: Prescription) -> str:
    with county.work() as work:
        return work.bags.of_prescription(prescription.key())[0].code


def unlocked(county: County, code: str, pin: str) -> int:
    with county.work() as work:
        return unlocking.unlock(work, code, pin)


def test_the_right_digits_open_the_prescription_and_wrong_ones_do_not(county: County) -> None:
    prescription = packed(county)
    code = code_of(county, prescription)
    assert unlocked(county, code, PIN) == prescription.id
    for wrong in ("0000", "", PIN[:3], f"{PIN}0", "１２３４"):
        with pytest.raises(Forbidden):
            unlocked(county, code, wrong)


def test_after_five_wrong_tries_the_right_digits_open_nothing_for_twelve_hours(county: County) -> None:
    prescription, other = packed(county), packed(county)
    code = code_of(county, prescription)
    for _ in range(5):
        with pytest.raises(Forbidden):
            unlocked(county, code, "0000")
    with pytest.raises(Forbidden, match="12 小时"):
        unlocked(county, code, PIN)
    assert unlocked(county, code_of(county, other), PIN) == other.id
    county.watch.pass_(hours=12, minutes=1)
    assert unlocked(county, code, PIN) == prescription.id


def test_a_right_try_clears_the_wrong_ones(county: County) -> None:
    code = code_of(county, packed(county))
    for _ in range(3):
        for _ in range(4):
            with pytest.raises(Forbidden):
                unlocked(county, code, "0000")
        assert unlocked(county, code, PIN)


def test_nobody_without_a_telephone_has_a_pin(county: County) -> None:
    prescription = packed(county)
    with county.work() as work:
        work.patients.get(prescription.patient_id).phone = ""
        work.commit()
    with pytest.raises(Invalid):
        unlocked(county, code_of(county, prescription), "")
    with pytest.raises(NotFound):
        unlocked(county, "NOSUCHBAG", PIN)


def test_the_holder_sees_herbs_unless_the_doctor_hides_them(county: County) -> None:
    prescription = packed(county)
    code = code_of(county, prescription)
    for shown in (True, False, False, True):
        county.do(unlocking.show_herbs, county.doctor, prescription.key(), shown=shown)
        with county.work() as work:
            held = unlocking.held_bag(work, code)
        herbs = [item.written_as for item in held.herbs]
        assert herbs == ([item.written_as for item in FOUR_GENTLEMEN] if shown else [])
    kinds = [event.kind for event in county.events(prescription) if event.kind.startswith("herbs")]
    assert kinds == ["herbs_hidden", "herbs_shown"]
    assert held.decocted_at is not None
    for actor in (county.other_doctor, county.pharmacist, county.manager):
        with pytest.raises(Forbidden):
            county.do(unlocking.show_herbs, actor, prescription.key(), shown=False)
