"""The administrator's desk: the first house, people, equipment, and who looked at what."""

import pytest

from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.people import InstitutionKind, Staff
from tcm.records.roles import Role
from tcm.services import administering, charting
from tcm.services.administering import StaffDetails
from tcm.store.engine import Store
from tests.tcm.county import County, Watch, house


def details(county: County, **changes: object) -> StaffDetails:
    fields: dict[str, object] = {
        "institution_id": county.hospital.id,
        "username": "new",
        "name": "白芷",
        "role": Role.DOCTOR,
    }
    return StaffDetails(**{**fields, **changes})  # type: ignore[arg-type]


def test_the_first_house_is_founded_once(store: Store) -> None:
    admin = Staff(institution_id=0, username="root", password_hash="", name="管承气", role=Role.ADMIN)
    with store.work(Watch()) as work:
        centre, first = administering.found(work, house("C1", InstitutionKind.CENTRE, "共享中药房"), admin)
        work.commit()
    assert first.institution_id == centre.id
    again = Staff(institution_id=0, username="evil", password_hash="", name="", role=Role.ADMIN)
    with store.work(Watch()) as work, pytest.raises(Invalid, match="系统已经初始化过了"):
        administering.found(work, house("C2", InstitutionKind.CENTRE, "另一个"), again)


def test_only_an_administrator_manages(county: County) -> None:
    pot, crew = Pot(code="P09", max_ml=1), Crew(packers=1, loaders=1, adders=1)
    for role, actor in county.actors.items():
        if role is Role.ADMIN:
            continue
        for use_case, args, named in (
            (administering.list_staff, (), {}),
            (administering.add_staff, (details(county), "hash"), {}),
            (administering.set_staff_active, (county.doctor.staff_id,), {"active": False}),
            (administering.add_institution, (house("V9", InstitutionKind.VILLAGE_CLINIC, "新村"),), {}),
            (administering.equip, ([pot], crew, []), {}),
            (administering.read_audit, (10,), {}),
        ):
            with pytest.raises(Forbidden, match="您没有这项权限"):
                county.do(use_case, actor, *args, **named)


def test_a_new_member_of_staff_is_listed(county: County) -> None:
    added = county.do(administering.add_staff, county.admin, details(county), "argon2")
    listed = county.do(administering.list_staff, county.admin)
    assert (listed[-1].id, listed[-1].username, listed[-1].role, listed[-1].active) == (
        added.id,
        "new",
        Role.DOCTOR,
        True,
    )
    assert [member.id for member in listed] == sorted(member.id or 0 for member in listed)


def test_a_log_in_name_is_given_once(county: County) -> None:
    with pytest.raises(Invalid, match="这个登录名已经有人用了"):
        county.do(administering.add_staff, county.admin, details(county, username="li"), "argon2")


def test_nobody_works_in_a_house_that_is_not_there(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个机构"):
        county.do(administering.add_staff, county.admin, details(county, institution_id=999), "argon2")


def test_who_has_left_is_inactive_and_may_come_back(county: County) -> None:
    switch = administering.set_staff_active
    county.do(switch, county.admin, county.courier.staff_id, active=False)
    with county.work() as work:
        assert [member.name for member in work.staff.with_role(Role.COURIER)] == ["马长途"]
    county.do(switch, county.admin, county.courier.staff_id, active=True)
    with county.work() as work:
        assert [member.name for member in work.staff.with_role(Role.COURIER)] == ["孙行舟", "马长途"]


def test_an_administrator_does_not_lock_themself_out(county: County) -> None:
    with pytest.raises(Invalid, match="不能停用自己的账号"):
        county.do(administering.set_staff_active, county.admin, county.admin.staff_id, active=False)


def test_a_second_house_with_the_same_code_is_said_in_words(county: County) -> None:
    twin = house("V1", InstitutionKind.VILLAGE_CLINIC, "同号")
    with pytest.raises(Invalid, match="这个机构代码已经有了"):
        county.do(administering.add_institution, county.admin, twin)


def test_equipment_is_there_for_the_planner(county: County) -> None:
    van = Vehicle(
        name="湘F0003",
        courier_id=county.courier.staff_id,
        capacity_bags=40,
        shift_start_min=420,
        shift_end_min=1080,
        km_cost_fen=90,
        fixed_cost_fen=5000,
    )
    pot = Pot(code="P03", max_ml=20_000)
    county.do(administering.equip, county.admin, [pot], Crew(packers=3, loaders=2, adders=1), [van])
    with county.work() as work:
        assert work.pots.by_code("P03").max_ml == 20_000
        assert work.vehicles.all()[-1].name == "湘F0003"
        assert [crew.packers for crew in work.crews.all()] == [2, 3]


def test_the_audit_shows_who_looked_newest_first(county: County) -> None:
    county.do(charting.find_patients, county.doctor, county.patient.phone)
    with pytest.raises(Forbidden):
        county.do(charting.open_encounter, county.foreign_doctor, county.patient.id or 0, "k")
    lines = county.do(administering.read_audit, county.admin, 2)
    assert [
        (line.actor, line.action, line.subject_kind, line.subject_id, line.allowed) for line in lines
    ] == [
        ("何冬青", "patient.write", "patient", county.patient.id, False),
        ("李春生", "patient.read", "patient", county.patient.id, True),
    ]
