"""The doctor's chart: patients, visits and pictures of the own house, each form once."""

from dataclasses import replace
from datetime import datetime

import pytest

from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.people import Patient
from tcm.records.roles import Role
from tcm.services import charting, photographing
from tcm.services.charting import LabValue, PatientDetails, VisitNotes
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import CLEAN, COMPLAINT, County


def details(county: County, **changes: object) -> PatientDetails:
    patient = county.patient
    form = PatientDetails("钟灵", patient.sex, patient.born_on, patient.village_id)
    return replace(form, **changes)  # type: ignore[arg-type]


def everyone(county: County) -> list[Patient]:
    with county.work() as work:
        return work.patients.all()


def kept_labs(county: County, visit_id: int | None) -> dict[str, float]:
    with county.work() as work:
        return work.encounters.get(visit_id or 0).labs


def last_labs(county: County, visit_id: int | None) -> dict[str, LabValue]:
    return county.do(charting.open_chart, county.doctor, visit_id or 0).last_labs


def stored_patient(county: County) -> Patient:
    with county.work() as work:
        return work.patients.get(county.patient.id or 0)


def test_one_form_sent_twice_registers_one_patient(county: County) -> None:
    key = county.new_key()
    first = county.do(charting.register_patient, county.doctor, details(county), key)
    second = county.do(charting.register_patient, county.doctor, details(county, name="改名"), key)
    assert first.id == second.id
    assert [patient.name for patient in everyone(county)] == [county.patient.name, "钟灵"]


def test_the_key_of_another_house_shows_no_patient(county: County) -> None:
    key = county.new_key()
    county.do(charting.register_patient, county.doctor, details(county), key)
    with pytest.raises(Forbidden):
        county.do(charting.register_patient, county.foreign_doctor, details(county), key)


def test_a_patient_belongs_to_the_house_of_the_doctor(county: County) -> None:
    patient = county.do(charting.register_patient, county.foreign_doctor, details(county), county.new_key())
    assert (patient.institution_id, patient.created_at) == (county.other_hospital.id, county.watch())


@pytest.mark.parametrize("where", ["centre", "hospital"])
def test_medicine_is_handed_over_at_a_village_clinic_only(county: County, where: str) -> None:
    form = details(county, village_id=getattr(county, where).id)
    with pytest.raises(NotFound, match="没有这个村卫生室"):
        county.do(charting.register_patient, county.doctor, form, county.new_key())


def test_a_village_that_is_not_there_is_said_in_words(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个机构"):
        county.do(charting.register_patient, county.doctor, details(county, village_id=999), county.new_key())
    assert len(everyone(county)) == 1


def test_only_doctors_register_find_and_receive_patients(county: County) -> None:
    for role, actor in county.actors.items():
        if role is Role.DOCTOR:
            continue
        with pytest.raises(Forbidden):
            county.do(charting.register_patient, actor, details(county), county.new_key())
        with pytest.raises(Forbidden):
            county.do(charting.open_encounter, actor, county.patient.id or 0, county.new_key())
    assert len(everyone(county)) == 1


def test_another_houses_patient_is_refused_and_the_look_is_on_record(county: County) -> None:
    visit = county.visited()
    photograph = county.uploaded(visit)
    before = len(county.looks())
    for use_case, args, named in (
        (charting.open_encounter, (county.patient.id, "k"), {}),
        (charting.write_notes, (visit.id, VisitNotes()), {}),
        (photographing.keep_upload, (visit.id, CLEAN, "k"), {"enqueue": enqueue_nothing}),
        (photographing.dismiss, (photograph.id,), {}),
        (charting.open_chart, (visit.id,), {}),
        (photographing.open_photograph, (photograph.id,), {"overlay": False}),
    ):
        with pytest.raises(Forbidden, match="您没有这项权限"):
            county.do(use_case, county.foreign_doctor, *args, **named)
    stranger = county.foreign_doctor.staff_id
    assert county.looks()[before:] == [
        (stranger, "patient.write", "patient", county.patient.id, False),
        (stranger, "patient.write", "encounter", visit.id, False),
        (stranger, "patient.write", "encounter", visit.id, False),
        (stranger, "patient.write", "encounter", visit.id, False),
        (stranger, "patient.read", "encounter", visit.id, False),
        (stranger, "photograph.read", "photograph", photograph.id, False),
    ]


def test_a_found_patient_is_a_look_at_that_patient(county: County) -> None:
    county.do(charting.find_patients, county.doctor, county.patient.name)
    assert [(action, which) for _, action, _, which, _ in county.looks()] == [
        ("patient.read", None),
        ("patient.read", county.patient.id),
    ]


def test_one_form_sent_twice_opens_one_visit_and_no_other_patients(county: County) -> None:
    key, other = county.new_key(), county.registered(name="钟灵")
    first = county.do(charting.open_encounter, county.doctor, county.patient.id or 0, key)
    assert county.do(charting.open_encounter, county.doctor, county.patient.id or 0, key).id == first.id
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        county.do(charting.open_encounter, county.doctor, other.id or 0, key)


def test_notes_replace_what_was_written(county: County) -> None:
    visit = county.visited(inquiry=("乏力", "便溏"), pulse=("弱",), pregnant=True)
    county.do(charting.write_notes, county.doctor, visit.id or 0, VisitNotes("好转", inquiry=("乏力",)))
    with county.work() as work:
        now = work.encounters.get(visit.id or 0)
    assert (now.complaint, now.inquiry, now.pulse, now.pregnant) == ("好转", ["乏力"], [], False)


def test_laboratory_values_are_kept_sealed_and_replaced_as_a_whole(county: County) -> None:
    visit = county.visited(labs={"creatinine_umol_l": 143.5, "alt_u_l": 88.0})
    with county.work() as work:
        sealed = work.session.connection().exec_driver_sql("SELECT labs FROM encounters").scalar()
    assert b"143.5" not in bytes(sealed)
    assert kept_labs(county, visit.id) == {"creatinine_umol_l": 143.5, "alt_u_l": 88.0}
    county.do(charting.write_notes, county.doctor, visit.id or 0, VisitNotes(labs={"alt_u_l": 30.0}))
    assert kept_labs(county, visit.id) == {"alt_u_l": 30.0}


def test_the_newest_value_of_each_test_is_offered_with_the_moment_of_its_visit(county: County) -> None:
    def seen(labs: dict[str, float]) -> datetime:
        county.watch.pass_(days=10)
        return county.visited(labs=labs).opened_at

    first = seen({"creatinine_umol_l": 90.0, "alt_u_l": 20.0})
    second = seen({"creatinine_umol_l": 143.5})
    county.watch.pass_(days=10)
    visit = county.visited(labs={"ast_u_l": 33.0})
    seen({"creatinine_umol_l": 500.0})
    assert last_labs(county, visit.id) == {
        "creatinine_umol_l": LabValue(143.5, second),
        "alt_u_l": LabValue(20.0, first),
    }
    assert kept_labs(county, visit.id) == {"ast_u_l": 33.0}


def test_values_are_offered_for_180_days_and_to_the_same_patient(county: County) -> None:
    county.visited(labs={"alt_u_l": 20.0})
    other = county.registered(name="钟灵", id_number="")
    county.watch.pass_(days=179)
    last_day, stranger = county.visited(), county.visited(other)
    county.watch.pass_(days=2)
    too_late = county.visited()
    assert set(last_labs(county, last_day.id)) == {"alt_u_l"}
    assert (last_labs(county, stranger.id), last_labs(county, too_late.id)) == ({}, {})


def test_allergies_told_at_a_visit_stay_with_the_patient(county: County) -> None:
    visit = county.visited()
    for told, kept in (
        (("青霉素", "附子"), ["青霉素", "附子"]),
        (None, ["青霉素", "附子"]),
        (("附子",), ["附子"]),
        ((), []),
    ):
        county.do(charting.write_notes, county.doctor, visit.id or 0, VisitNotes(allergies=told))
        assert stored_patient(county).allergies == kept


def test_changed_allergies_are_a_look_at_the_patient_and_unchanged_ones_are_none(county: County) -> None:
    visit = county.visited()
    notes = VisitNotes(allergies=("附子",))
    county.do(charting.write_notes, county.doctor, visit.id or 0, notes)
    write = (county.doctor.staff_id, "patient.write", "patient", county.patient.id, True)
    writes = county.looks().count(write)
    county.do(charting.write_notes, county.doctor, visit.id or 0, notes)
    assert county.looks().count(write) == writes
    county.do(charting.write_notes, county.doctor, visit.id or 0, VisitNotes(allergies=()))
    assert county.looks().count(write) == writes + 1


def test_no_other_house_changes_a_patients_allergies(county: County) -> None:
    visit = county.visited(allergies=("附子",))
    with pytest.raises(Forbidden):
        county.do(charting.write_notes, county.foreign_doctor, visit.id or 0, VisitNotes(allergies=()))
    assert stored_patient(county).allergies == ["附子"]


def test_the_chart_shows_this_visit_and_the_earlier_ones(county: County) -> None:
    earlier = county.visited()
    visit = county.visited()
    older, newer = county.drafted(visit=visit), county.drafted(visit=visit)
    chart = county.do(charting.open_chart, county.other_doctor, visit.id or 0)
    assert (chart.patient.id, chart.encounter.complaint) == (county.patient.id, COMPLAINT)
    assert [prescription.id for prescription in chart.prescriptions] == [newer.id, older.id]
    assert [each.id for each in chart.earlier] == [earlier.id]
    assert chart.returns == {}
