"""The demo county: the houses of the real one, people invented from a seed, tongues drawn or one's own."""

from collections import Counter
from datetime import date
from pathlib import Path
from random import Random

import cv2
import pytest

from tcm.records.errors import Invalid
from tcm.records.people import InstitutionKind
from tcm.records.roles import Role
from tcm.store.engine import Store
from vision.tongue.drawn import draw
from web.demo import county
from web.demo.county import HIRED_VAN_FEN, OWN_VAN_FEN
from web.demo.people import invented_person
from web.demo.photographs import Photographs

TODAY = date(2026, 11, 22)


@pytest.fixture
def founded(sqlite_store: Store) -> Store:
    """The county of seed 1."""
    county.set_up(sqlite_store, "no log-in here", seed=1)
    return sqlite_store


def test_the_county_has_the_houses_of_the_real_one(founded: Store) -> None:
    with founded.work() as work:
        count = {kind: len(work.institutions.of_kind(kind)) for kind in InstitutionKind}
        codes = [house.code for kind in InstitutionKind for house in work.institutions.of_kind(kind)]
    assert count == {
        InstitutionKind.CENTRE: 1,
        InstitutionKind.COUNTY_HOSPITAL: 1,
        InstitutionKind.TOWNSHIP_HOSPITAL: 22,
        InstitutionKind.VILLAGE_CLINIC: 161,
    }
    assert len(set(codes)) == 185


def test_the_centre_has_thirty_pots_a_van_for_every_courier_and_one_crew(founded: Store) -> None:
    with founded.work() as work:
        duties = Counter(pot.duty for pot in work.pots.all())
        driven = sorted(vehicle.courier_id for vehicle in work.vehicles.all())
        costs_fen = sorted((each.courier_id, each.fixed_cost_fen) for each in work.vehicles.all())
        couriers = sorted(person.id or 0 for person in work.staff.with_role(Role.COURIER))
        crews = work.crews.all()
    assert duties == {"any": 25, "strong": 3, "toxic": 2}
    assert (len(driven), driven) == (8, couriers)
    assert costs_fen == [(couriers[0], OWN_VAN_FEN)] + [(each, HIRED_VAN_FEN) for each in couriers[1:]]
    assert [(crew.packers, crew.loaders, crew.adders) for crew in crews] == [(4, 4, 2)]


def test_every_hospital_has_a_doctor_and_every_role_its_people(founded: Store) -> None:
    with founded.work() as work:
        staff = work.staff.all()
        hospitals = {house.id for house in work.institutions.of_kind(InstitutionKind.TOWNSHIP_HOSPITAL)}
    assert Counter(person.role for person in staff) == {
        Role.DOCTOR: 24,
        Role.PHARMACIST: 3,
        Role.FLOOR: 6,
        Role.COURIER: 8,
        Role.MANAGER: 1,
        Role.ADMIN: 1,
    }
    doctors = [person for person in staff if person.role is Role.DOCTOR]
    assert {person.institution_id for person in doctors if not person.expert_in} == hospitals
    assert [person.username for person in doctors if person.expert_in] == ["expert01", "expert02"]
    assert [person.reviewer_trained for person in staff if person.role is Role.PHARMACIST] == [True] * 3


@pytest.mark.parametrize(("seed", "same"), [(1, True), (2, False)])
def test_the_same_seed_invents_the_same_names(
    founded: Store, postgres_store: Store, seed: int, same: bool
) -> None:
    county.set_up(postgres_store, "no log-in here", seed=seed)
    assert (_names(founded) == _names(postgres_store)) is same


def test_a_county_is_founded_once(founded: Store) -> None:
    assert county.is_set_up(founded)
    with pytest.raises(Invalid):
        county.set_up(founded, "no log-in here", seed=1)


def test_an_invented_person_has_a_phone_that_nobody_has_and_was_born() -> None:
    rng = Random(3)
    people = [invented_person(rng, TODAY) for _ in range(200)]
    assert {person.phone[:3] for person in people} == {"100"}
    assert {len(person.phone) for person in people} == {11}
    assert max(person.born_on for person in people) < TODAY
    again = Random(3)
    assert [invented_person(again, TODAY) for _ in range(200)] == people


def test_photographs_of_a_folder_are_used_and_the_refused_are_counted(tmp_path: Path) -> None:
    cv2.imencode(".png", draw(5))[1].tofile(tmp_path / "one.png")
    (tmp_path / "two.JPG").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_bytes(b"not looked at")
    photographs = Photographs(tmp_path, seed=1)
    taken = [photographs.take() for _ in range(8)]
    assert photographs.refused == taken.count(None)
    assert 0 < photographs.refused < 8
    assert [picture.drawn for picture in taken if picture] == [False] * (8 - photographs.refused)


def test_without_a_folder_tongues_are_drawn_and_say_so() -> None:
    photographs = Photographs(None, seed=1)
    drawn = [photographs.take() for _ in range(3)]
    assert [picture.drawn for picture in drawn if picture] == [True] * 3
    again = Photographs(None, seed=1)
    assert [again.take() for _ in range(3)] == drawn


def test_a_folder_without_photographs_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="no photographs in"):
        Photographs(tmp_path, seed=1)


def _names(store: Store) -> list[tuple[str, str]]:
    with store.work() as work:
        return sorted((person.username, person.name) for person in work.staff.all())
