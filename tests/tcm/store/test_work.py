"""A unit of work is kept whole or not at all; what was looked at stays on record either way."""

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, NotFound, Stale
from tcm.records.lifecycle import State
from tcm.records.people import InstitutionKind
from tcm.records.permissions import Action
from tcm.records.plans import Plan
from tcm.services import charting
from tcm.services.access import look_at_patient
from tcm.store import tables
from tcm.store.engine import Store
from tcm.store.work import Work
from tests.tcm.county import DAY, County, draft, house


def count(store: Store, name: str) -> int:
    with store.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(tables.metadata.tables[name])) or 0


def a_plan(county: County, *, in_force: bool) -> Plan:
    return Plan(
        day=DAY,
        asked_by_id=county.manager.staff_id,
        asked_at=county.watch(),
        from_minute=480,
        seconds=1.0,
        seed=1,
        in_force=in_force,
        request_key=county.new_key(),
    )


def add_house_and_stumble(work: Work) -> None:
    work.institutions.add(house("V9", InstitutionKind.VILLAGE_CLINIC, "新村卫生室"))
    raise ZeroDivisionError


def look_and_stumble(work: Work, county: County) -> None:
    look_at_patient(work, county.doctor, county.patient)
    add_house_and_stumble(work)


def look_and_fail(work: Work, county: County) -> None:
    look_at_patient(work, county.doctor, county.patient)
    work.session.execute(text("SELECT * FROM no_such_table"))


def put_into_pot(county: County, prescription: Prescription) -> None:
    with county.work() as work:
        work.prescriptions.get(prescription.key()).pot_id = county.pots["P01"].id
        work.commit()


def test_what_is_not_committed_is_undone(county: County) -> None:
    before = count(county.store, "institutions")
    with county.work() as work:
        work.institutions.add(house("V9", InstitutionKind.VILLAGE_CLINIC, "新村卫生室"))
    assert count(county.store, "institutions") == before


def test_what_is_committed_is_kept(county: County) -> None:
    before = count(county.store, "institutions")
    with county.work() as work:
        work.institutions.add(house("V9", InstitutionKind.VILLAGE_CLINIC, "新村卫生室"))
        work.commit()
    assert count(county.store, "institutions") == before + 1


def test_a_work_that_only_reads_does_not_wait_for_one_that_writes(county: County) -> None:
    with county.work() as writing:
        writing.institutions.add(house("V9", InstitutionKind.VILLAGE_CLINIC, "新村卫生室"))
        with county.store.work(reads_only=True) as reading:
            seen_before_the_commit = reading.institutions.with_code("V9")
        writing.commit()
    with county.store.work(reads_only=True) as reading:
        seen_after_it = reading.institutions.with_code("V9")
    assert (seen_before_the_commit, seen_after_it is not None) == (None, True)


def test_a_work_that_writes_does_not_wait_for_one_that_only_reads(county: County) -> None:
    with county.store.work(reads_only=True) as reading:
        assert reading.institutions.with_code("V9") is None
        with county.work() as writing:
            writing.institutions.add(house("V9", InstitutionKind.VILLAGE_CLINIC, "新村卫生室"))
            writing.commit()


def test_a_look_survives_a_work_that_only_reads(county: County) -> None:
    with county.store.work(county.watch, reads_only=True) as work:
        look_at_patient(work, county.doctor, county.patient)
    assert county.looks() == [(county.doctor.staff_id, "patient.read", "patient", county.patient.id, True)]


def test_a_work_that_only_reads_refuses_to_commit(county: County) -> None:
    with county.store.work(reads_only=True) as work, pytest.raises(RuntimeError, match="read only"):
        work.commit()


def test_an_error_undoes_everything_and_is_passed_on(county: County) -> None:
    before = count(county.store, "institutions")
    with pytest.raises(ZeroDivisionError), county.work() as work:
        add_house_and_stumble(work)
    assert count(county.store, "institutions") == before


def test_a_look_is_recorded_with_the_commit(county: County) -> None:
    county.do(charting.find_patients, county.doctor, "无此人")
    assert county.looks() == [(county.doctor.staff_id, "patient.read", "patient", None, True)]


def test_a_look_survives_a_work_that_is_not_committed(county: County) -> None:
    with county.work() as work:
        look_at_patient(work, county.doctor, county.patient)
    assert county.looks() == [(county.doctor.staff_id, "patient.read", "patient", county.patient.id, True)]


def test_a_look_survives_an_error_that_undoes_the_rest(county: County) -> None:
    before = count(county.store, "institutions")
    with pytest.raises(ZeroDivisionError), county.work() as work:
        look_and_stumble(work, county)
    assert count(county.store, "institutions") == before
    assert county.looks() == [(county.doctor.staff_id, "patient.read", "patient", county.patient.id, True)]


def test_a_refused_look_is_recorded_as_refused(county: County) -> None:
    with pytest.raises(Forbidden), county.work() as work:
        look_at_patient(work, county.foreign_doctor, county.patient)
    assert county.looks() == [
        (county.foreign_doctor.staff_id, "patient.read", "patient", county.patient.id, False)
    ]


def test_looks_after_a_commit_are_recorded_too_and_none_twice(county: County) -> None:
    with county.work() as work:
        look_at_patient(work, county.doctor, county.patient)
        work.commit()
        look_at_patient(work, county.pharmacist, county.patient)
    assert [(actor, allowed) for actor, _, _, _, allowed in county.looks()] == [
        (county.doctor.staff_id, True),
        (county.pharmacist.staff_id, True),
    ]


def test_a_look_is_dated_by_the_clock_of_the_work(county: County) -> None:
    with county.work() as work:
        look_at_patient(work, county.doctor, county.patient)
    with county.store.engine.connect() as connection:
        assert connection.scalars(select(tables.access_log.c.at)).all() == [county.watch()]


def test_a_look_after_a_failed_statement_is_recorded_on_both_databases(county: County) -> None:
    # PostgreSQL refuses every further statement of a transaction in which one has failed.
    with pytest.raises(DBAPIError), county.work() as work:
        look_and_fail(work, county)
    assert len(county.looks()) == 1


def test_a_second_row_of_the_same_form_is_a_stale_page(county: County) -> None:
    first = a_plan(county, in_force=False)
    with county.work() as work:
        work.plans.add(first)
        work.commit()
    second = a_plan(county, in_force=False)
    second.request_key = first.request_key
    with pytest.raises(Stale), county.work() as work:
        work.plans.add(second)
    assert count(county.store, "plans") == 1


def test_two_plans_of_one_day_are_never_both_in_force(county: County) -> None:
    with county.work() as work:
        work.plans.add(a_plan(county, in_force=True))
        work.plans.add(a_plan(county, in_force=False))
        work.commit()
    with pytest.raises(Stale), county.work() as work:
        work.plans.add(a_plan(county, in_force=True))
    assert count(county.store, "plans") == 2


def test_two_plans_of_two_days_may_both_be_in_force(county: County) -> None:
    other_day = a_plan(county, in_force=True)
    other_day.day = DAY.replace(day=22)
    with county.work() as work:
        work.plans.add(a_plan(county, in_force=True))
        work.plans.add(other_day)
        work.commit()
    assert count(county.store, "plans") == 2


def test_the_database_refuses_two_prescriptions_in_one_pot(county: County) -> None:
    first, second = county.drafted(), county.drafted()
    put_into_pot(county, first)
    with pytest.raises(Stale):
        put_into_pot(county, second)
    assert county.now(second).pot_id is None


def test_two_prescriptions_may_be_in_no_pot(county: County) -> None:
    assert [county.drafted().pot_id, county.drafted().pot_id] == [None, None]


def test_a_wrong_reference_is_an_error_and_no_race(county: County) -> None:
    prescription = county.drafted()
    row = {"prescription_id": prescription.key(), "seq": 1, "kind": "move", "source": State.DRAFT}
    row |= {"target": State.SIGNED, "actor_id": 999, "actor_role": county.doctor.role, "at": county.watch()}
    row |= {"payload": {}, "prev_hash": "0" * 64, "hash": "0" * 64}
    with pytest.raises(IntegrityError), county.work() as work:
        work.session.execute(insert(tables.ledger_events).values(**row))


def test_a_prescription_changed_by_another_work_is_stale_at_the_flush(county: County) -> None:
    prescription = county.drafted()
    with county.work() as work:
        # The version says that somebody else has saved since this work read the row.
        held = work.prescriptions.get(prescription.key())
        statement = text("UPDATE prescriptions SET version = version + 1 WHERE id = :id")
        work.session.execute(statement, {"id": held.id})
        held.usage = "冲服"
        with pytest.raises(Stale):
            work.commit()
    assert county.now(prescription).usage == prescription.usage


def test_each_change_raises_the_version_by_one(county: County) -> None:
    prescription = county.drafted()
    versions = [prescription.version]
    for _ in range(3):
        prescription = county.saved(prescription, draft())
        versions.append(prescription.version)
    assert versions == list(range(versions[0], versions[0] + 4))


@pytest.mark.parametrize(
    ("repository", "sentence"),
    [
        ("patients", "没有这位患者。"),
        ("encounters", "没有这次就诊。"),
        ("photographs", "没有这张照片。"),
        ("prescriptions", "没有这张处方。"),
        ("staff", "没有这位工作人员。"),
        ("institutions", "没有这个机构。"),
        ("pots", "没有这口锅。"),
        ("vehicles", "没有这辆车。"),
        ("plans", "没有这份计划。"),
        ("routes", "没有这条路线。"),
    ],
)
def test_what_is_not_there_is_said_in_words(county: County, repository: str, sentence: str) -> None:
    with county.work() as work, pytest.raises(NotFound) as refusal:
        getattr(work, repository).get(999)
    assert str(refusal.value) == sentence


def test_a_scanned_code_that_nobody_has_is_said_in_words(county: County) -> None:
    with county.work() as work:
        with pytest.raises(NotFound, match="没有这个袋码"):
            work.bags.by_code("NOSUCHBAG")
        with pytest.raises(NotFound, match="没有这口锅"):
            work.pots.by_code("P99")
        assert work.prescriptions.by_number("20261121-99999") is None


def test_several_records_come_in_one_query_and_unknown_ones_are_left_out(county: County) -> None:
    with county.work() as work, county.counted() as statements:
        found = work.staff.by_ids([county.doctor.staff_id, county.floor.staff_id, 999])
    assert {key: member.name for key, member in found.items()} == {
        county.doctor.staff_id: "李春生",
        county.floor.staff_id: "周麦冬",
    }
    assert len([each for each in statements if "FROM staff" in each]) == 1


def test_audit_actions_are_those_of_the_permission_table(county: County) -> None:
    with county.work() as work:
        for action in Action:
            work.audit(county.admin, action.value, "patient", county.patient.id, allowed=False)
    assert [action for _, action, _, _, _ in county.looks()] == [action.value for action in Action]
