"""Sets up the demo county: houses, staff, pots and vehicles. Names of people are invented.

Places are Linxiang's; one township's coordinates are GeoNames, the others are estimates of 3 to 6 km and the
villages are scattered around them, so every map drawn from them is approximate.
"""

import csv
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import resources

from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.clock import utc_now
from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.roles import Actor, Role
from tcm.services import administering
from tcm.services.administering import StaffDetails
from tcm.store.engine import Store
from tcm.store.work import Work
from web.demo.clock import DayClock
from web.demo.formulary import agree_on_formulas, keep_own_formulas
from web.demo.people import invented_name
from web.demo.rules import put_rules_in_force
from web.demo.stock import stock_the_shelf

POTS = 30
TOXIC_POTS = 2
STRONG_POTS = 3
POT_ML = 15_000
VEHICLES = 8
# Fen a day. The first van is the centre's own: it is the first to leave, however small the day.
OWN_VAN_FEN, HIRED_VAN_FEN = 6_000, 8_000
HOSPITALS = 22
STAFF_OF_CENTRE = {Role.PHARMACIST: 3, Role.FLOOR: 6, Role.COURIER: VEHICLES, Role.MANAGER: 1}
TITLES = {Role.PHARMACIST: "主管药师", Role.DOCTOR: "主治医师", Role.FLOOR: "煎药员"}
EXPERTS = ("脾胃病、肝胆病", "肺系病、老年病")
ADMIN = "admin01"
# Everything is there, and the rules are in force, before the first patient of the demo comes.
FOUNDED_BEFORE = timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """A township or village of the county.

    Args:
        code: Statistical code.
        level: `township`, `village` or `community`.
        name: Full name.
        township: Township it lies in.
        lon: WGS-84 degrees east.
        lat: WGS-84 degrees north.
        coord_source: How the coordinates came about.
    """

    code: str
    level: str
    name: str
    township: str
    lon: float
    lat: float
    coord_source: str


def places() -> list[Place]:
    """The county's townships and villages.

    Returns:
        14 townships and 161 villages, in the file's order.
    """
    text = resources.files("web.demo").joinpath("data/places.csv").read_text(encoding="utf-8")
    return [
        Place(
            row["code"],
            row["level"],
            row["name"],
            row["township"],
            float(row["lon"]),
            float(row["lat"]),
            row["coord_source"],
        )
        for row in csv.DictReader(text.splitlines())
    ]


def is_set_up(store: Store) -> bool:
    """Whether the county, or any other, is there already.

    Args:
        store: The open store.

    Returns:
        True where somebody works here.
    """
    with store.work() as work:
        return bool(work.staff.all())


def set_up(store: Store, password_hash: str, seed: int, opens_at: datetime | None = None) -> None:
    """Found the county in an empty store; its centre has a version of the rules of its own.

    Args:
        store: Migrated and empty.
        password_hash: Argon2id; every demo log-in has the same password.
        seed: Of the invented names.
        opens_at: When the first patients may come, aware; None for now.

    Raises:
        Invalid: When the store is not empty.
    """
    names = random.Random(seed)  # noqa: S311 - invented names, not secrets
    clock = DayClock((opens_at or utc_now()) - FOUNDED_BEFORE)
    with store.work(clock) as work:
        admin = _found(work, password_hash, invented_name(names))
        hospitals = _add_houses(work, admin)
        _add_staff(work, admin, hospitals, password_hash, names)
        _add_experts(work, admin, password_hash, names)
        _equip(work, admin)
        agree_on_formulas(work)
        keep_own_formulas(work)
        put_rules_in_force(work, clock)
        stock_the_shelf(work, seed)
        work.commit()


def _found(work: Work, password_hash: str, name: str) -> Actor:
    seat = next(place for place in places() if place.level == "township")
    centre = Institution(
        code="CENTRE",
        kind=InstitutionKind.CENTRE,
        name="临湘市共享中药房",
        township=seat.township,
        lon=seat.lon,
        lat=seat.lat,
        coordinate_source=seat.coord_source,
        phone="0730-3700000",
    )
    admin = Staff(institution_id=0, username=ADMIN, password_hash=password_hash, name=name, role=Role.ADMIN)
    _, stored = administering.found(work, centre, admin)
    return stored.actor


def _add_houses(work: Work, admin: Actor) -> list[Institution]:
    everywhere = places()
    townships = [place for place in everywhere if place.level == "township"]
    villages = [place for place in everywhere if place.level != "township"]
    hospitals = [
        _add_house(
            work, admin, place, InstitutionKind.TOWNSHIP_HOSPITAL, f"{place.name}卫生院", f"H{number:02}"
        )
        for number, place in enumerate(townships, start=1)
    ]
    # The county counts 22 township institutions and has 14 townships: branches stand in the largest villages.
    for number, place in enumerate(
        _branch_sites(villages, HOSPITALS - len(townships)), start=len(hospitals) + 1
    ):
        name = f"{place.township}{place.name.removesuffix('村').removesuffix('社区')}分院"
        hospitals.append(
            _add_house(work, admin, place, InstitutionKind.TOWNSHIP_HOSPITAL, name, f"H{number:02}")
        )
    for number, place in enumerate(villages, start=1):
        name = f"{place.name}卫生室"
        _add_house(work, admin, place, InstitutionKind.VILLAGE_CLINIC, name, place.code, number)
    return hospitals


def _branch_sites(villages: list[Place], count: int) -> list[Place]:
    by_township: dict[str, list[Place]] = {}
    for village in villages:
        by_township.setdefault(village.township, []).append(village)
    largest = sorted(by_township.values(), key=len, reverse=True)[:count]
    return [group[len(group) // 2] for group in largest]


def _add_house(
    work: Work, admin: Actor, place: Place, kind: InstitutionKind, name: str, code: str, number: int = 0
) -> Institution:
    house = Institution(
        code=code,
        kind=kind,
        name=name,
        township=place.township,
        lon=place.lon,
        lat=place.lat,
        coordinate_source=place.coord_source,
        phone=f"0730-38{number:05}" if number else f"0730-37{code[1:]:0>5}",
    )
    return administering.add_institution(work, admin, house)


def _add_staff(
    work: Work, admin: Actor, hospitals: list[Institution], password_hash: str, names: random.Random
) -> None:
    centre = admin.institution_id
    for role, count in STAFF_OF_CENTRE.items():
        for number in range(1, count + 1):
            _add_person(work, admin, role, number, centre, password_hash, names)
    for number, hospital in enumerate(hospitals, start=1):
        _add_person(work, admin, Role.DOCTOR, number, hospital.id or 0, password_hash, names)


def _add_experts(work: Work, admin: Actor, password_hash: str, names: random.Random) -> None:
    """The county's own hospital of Chinese medicine, whose doctors the townships ask."""
    seat = next(place for place in places() if place.level == "township")
    hospital = _add_house(work, admin, seat, InstitutionKind.COUNTY_HOSPITAL, "临湘市中医医院", "H90")
    for number, expert_in in enumerate(EXPERTS, start=1):
        details = StaffDetails(
            institution_id=hospital.id or 0,
            username=f"expert{number:02}",
            name=invented_name(names),
            role=Role.DOCTOR,
            title="主任医师",
            expert_in=expert_in,
        )
        administering.add_staff(work, admin, details, password_hash)


def _add_person(
    work: Work,
    admin: Actor,
    role: Role,
    number: int,
    institution_id: int,
    password_hash: str,
    names: random.Random,
) -> None:
    pharmacist = role is Role.PHARMACIST
    details = StaffDetails(
        institution_id=institution_id,
        username=f"{role.value}{number:02}",
        name=invented_name(names),
        role=role,
        title=TITLES.get(role, ""),
        dispensing_years=3 + number if pharmacist else 0,
        reviewer_trained=pharmacist,
    )
    administering.add_staff(work, admin, details, password_hash)


def _equip(work: Work, admin: Actor) -> None:
    duties = ["toxic"] * TOXIC_POTS + ["strong"] * STRONG_POTS
    duties += ["any"] * (POTS - len(duties))
    pots = [
        Pot(code=f"P{number:02}", max_ml=POT_ML, duty=duty) for number, duty in enumerate(duties, start=1)
    ]
    couriers = work.staff.with_role(Role.COURIER)
    vehicles = [
        Vehicle(
            name=f"{number}号车",
            courier_id=courier.id or 0,
            capacity_bags=60,
            shift_start_min=8 * 60,
            shift_end_min=19 * 60,
            km_cost_fen=90,
            fixed_cost_fen=OWN_VAN_FEN if number == 1 else HIRED_VAN_FEN,
        )
        for number, courier in enumerate(couriers, start=1)
    ]
    administering.equip(work, admin, pots, Crew(packers=4, loaders=4, adders=2), vehicles)
