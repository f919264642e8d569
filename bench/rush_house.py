"""A small house for a rush: few people, few pots, a scarce shelf, as many signed prescriptions as asked."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tcm.knowledge import Knowledge
from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.clinical import VisitType
from tcm.records.clock import at_minute, county_day
from tcm.records.dispensing import Weighing
from tcm.records.people import Institution, InstitutionKind, Sex, Staff
from tcm.records.plans import Delivery, Route, RouteStop
from tcm.records.roles import Actor, Role
from tcm.records.stock import MG_PER_G, Keeping
from tcm.services import charting, planning, prescribing, stock_settings, stocking, weighing
from tcm.services.charting import PatientDetails, VisitNotes
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.services.stocking import Goods
from tcm.store.engine import Store
from tcm.store.work import Work

DOSES = 7
# Every one inside the pharmacopoeia's range, none incompatible with another.
FORMULAS = (
    (("党参", 12.0), ("白术", 9.0), ("茯苓", 12.0), ("炙甘草", 6.0)),
    (("当归", 9.0), ("川芎", 6.0), ("白芍", 9.0), ("熟地黄", 12.0)),
    (("炙甘草", 6.0), ("当归", 9.0), ("白术", 9.0), ("茯苓", 12.0)),
)
# What the shelf holds of all that is asked for, in this many lots of each herb.
STOCKED_SHARE, LOTS_OF_HERB = 0.9, 12
PHARMACISTS, FLOOR, COURIERS, POTS = 4, 6, 5, 24
TRIPS, PATIENTS = 10, 20


@dataclass(frozen=True)
class Place:
    """Where a prescription is to be carried.

    Args:
        route_id: Row of the route.
        trip: Which trip of it.
        courier: Who drives.
    """

    route_id: int
    trip: int
    courier: Actor


@dataclass(frozen=True)
class House:
    """Who and what takes part; it can be handed to another process.

    Args:
        pharmacists: Qualified.
        floor: Hands.
        pots: Codes.
        orders: Rows of the signed prescriptions.
        places: Of each prescription.
    """

    pharmacists: tuple[Actor, ...]
    floor: tuple[Actor, ...]
    pots: tuple[str, ...]
    orders: tuple[int, ...]
    places: dict[int, Place]


def found(store: Store, knowledge: Knowledge, orders: int, seed: int) -> House:
    """Found the house in an empty store, by the services that people use.

    Args:
        store: Migrated and empty.
        knowledge: The facts.
        orders: How many prescriptions to sign.
        seed: Chooses formulas.

    Returns:
        The house, nothing of it approved yet.
    """
    rng = random.Random(seed)  # noqa: S311 - an invented rush, not a secret
    with store.work() as work:
        people = _hire(work)
        pots = _equip(work, people[Role.COURIER])
        work.commit()
    [doctor], [manager] = people[Role.DOCTOR], people[Role.MANAGER]
    chosen = [rng.choice(FORMULAS) for _ in range(orders)]
    _stock(store, knowledge, chosen, manager, people)
    rows = _sign(store, knowledge, chosen, doctor)
    places = _plan(store, rows, manager)
    return House(tuple(people[Role.PHARMACIST]), tuple(people[Role.FLOOR]), pots, tuple(rows), places)


def _hire(work: Work) -> dict[Role, list[Actor]]:
    kinds = InstitutionKind
    where = {"township": "T", "lon": 113.4, "lat": 29.5, "coordinate_source": "bench"}
    centre, hospital, _ = (
        work.institutions.add(Institution(code=code, kind=kind, name=code, **where))
        for code, kind in (
            ("C", kinds.CENTRE),
            ("H", kinds.TOWNSHIP_HOSPITAL),
            ("V", kinds.VILLAGE_CLINIC),
        )
    )
    counts = {Role.DOCTOR: 1, Role.MANAGER: 1, Role.PHARMACIST: PHARMACISTS, Role.FLOOR: FLOOR}
    people: dict[Role, list[Actor]] = {}
    for role, count in (counts | {Role.COURIER: COURIERS}).items():
        house = hospital if role is Role.DOCTOR else centre
        for number in range(count):
            name = f"{role.value}{number}"
            person = Staff(
                institution_id=house.id or 0,
                username=name,
                password_hash="",
                name=name,
                role=role,
                title="主管药师" if role is Role.PHARMACIST else "",
                dispensing_years=8,
                reviewer_trained=True,
            )
            people.setdefault(role, []).append(work.staff.add(person).actor)
    return people


def _equip(work: Work, couriers: Sequence[Actor]) -> tuple[str, ...]:
    codes = tuple(f"P{number:02}" for number in range(1, POTS + 1))
    for code in codes:
        work.pots.add(Pot(code=code, max_ml=60_000, duty="any"))
    work.crews.add(Crew(packers=2, loaders=2, adders=1))
    for number, courier in enumerate(couriers):
        work.vehicles.add(
            Vehicle(
                name=f"van {number}",
                courier_id=courier.staff_id,
                capacity_bags=10_000,
                shift_start_min=420,
                shift_end_min=1080,
                km_cost_fen=90,
                fixed_cost_fen=5000,
            )
        )
    return codes


def _stock(
    store: Store,
    knowledge: Knowledge,
    chosen: Sequence[tuple[tuple[str, float], ...]],
    manager: Actor,
    people: dict[Role, list[Actor]],
) -> None:
    asked_g: dict[str, float] = {}
    for formula in chosen:
        for herb, dose_g in formula:
            asked_g[herb] = asked_g.get(herb, 0) + DOSES * dose_g
    with store.work() as work:
        supplier = stock_settings.add_supplier(work, manager, "bench", "bench")
        bins = [(f"B{number:02}", herb) for number, herb in enumerate(sorted(asked_g))]
        stock_settings.add_bins(work, manager, knowledge, bins)
        until = county_day(work.now)
        goods = [
            Goods(
                herb=herb,
                lot_number=f"{code}-{lot:02}",
                origin="甘肃",
                expires_on=until + timedelta(days=200 + lot),
                amount_g=round(STOCKED_SHARE * asked_g[herb] / LOTS_OF_HERB * MG_PER_G) / MG_PER_G,
                fen_per_kg=6000,
                bin_code=code,
            )
            for code, herb in bins
            for lot in range(LOTS_OF_HERB)
        ]
        lots = stocking.receive(work, people[Role.FLOOR][0], knowledge, supplier.id or 0, goods, "bench")
        stocking.inspect(work, people[Role.PHARMACIST][0], [lot.id or 0 for lot in lots], passed=True)
        stock_settings.set_keeping(work, manager, Keeping.REFUSE, 30)
        weighing.set_dispensing(work, manager, Weighing.TYPED, photograph=False)
        work.commit()


def _sign(
    store: Store, knowledge: Knowledge, chosen: Sequence[tuple[tuple[str, float], ...]], doctor: Actor
) -> list[int]:
    with store.work() as work:
        [village] = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)
        patients = [
            charting.register_patient(
                work,
                doctor,
                PatientDetails(
                    name=f"患者{number}",
                    sex=Sex.FEMALE,
                    born_on=date(1966, 11, 21),
                    village_id=village.id or 0,
                    phone=f"1390000{number:04}",
                    address="",
                    id_number="",
                ),
                f"rush-patient-{number}",
            )
            for number in range(PATIENTS)
        ]
        work.commit()
    rows = []
    for number, formula in enumerate(chosen):
        with store.work() as work:
            patient_id = patients[number % PATIENTS].id or 0
            visit = charting.open_encounter(work, doctor, patient_id, f"rush-visit-{number}")
            charting.write_notes(work, doctor, visit.id or 0, VisitNotes(complaint="食少便溏"))
            begun = prescribing.begin(work, doctor, visit.id or 0, f"rush-{number}")
            saved = prescribing.save(work, doctor, knowledge, begun.key(), begun.version, _draft(formula))
            work.session.flush()
            rows.append(prescribing.sign(work, doctor, knowledge, saved.key(), saved.version).key())
            work.commit()
    return rows


def _draft(formula: Sequence[tuple[str, float]]) -> PrescriptionDraft:
    return PrescriptionDraft(
        disease="泄泻",
        syndrome="脾胃气虚证",
        doses_count=DOSES,
        doses_per_day=1,
        usage="水煎服，一日一剂，分两次温服",
        decoction_class="一般",
        visit_type=VisitType.OUTPATIENT,
        extended_supply_reason="",
        urgent=False,
        items=tuple(ItemDraft(herb, dose_g) for herb, dose_g in formula),
    )


def _plan(store: Store, rows: Sequence[int], manager: Actor) -> dict[int, Place]:
    with store.work() as work:
        day = county_day(work.now)
        asked = planning.ask_plan(
            work,
            manager,
            day,
            from_minute=480,
            seconds=1.0,
            seed=1,
            request_key="rush-plan",
            enqueue=lambda _work, _plan_id: None,
        )
        planning.begin_plan(work, asked.id or 0, {"orders": []})
        vans = work.vehicles.all()
        [village] = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)
        routes = [
            Route(
                plan_id=0,
                day=day,
                vehicle_id=van.id or 0,
                courier_id=van.courier_id,
                stops=[
                    _stop(day, trip, village.id or 0, rows[number * TRIPS + trip - 1 :: len(vans) * TRIPS])
                    for trip in range(1, TRIPS + 1)
                ],
            )
            for number, van in enumerate(vans)
        ]
        planning.adopt_plan(
            work, asked.id or 0, result={"made": True}, unserved=[], violations=[], routes=routes
        )
        work.commit()
    with store.work() as work:
        return {
            delivery.prescription_id: Place(route.id or 0, stop.trip, work.staff.get(route.courier_id).actor)
            for route in work.routes.of_plan(asked.id or 0)
            for stop in route.stops
            for delivery in stop.deliveries
        }


def _stop(day: date, trip: int, village_id: int, rows: Sequence[int]) -> RouteStop:
    depart_at: datetime = at_minute(day, 480 + 60 * trip)
    return RouteStop(
        trip=trip,
        position=1,
        village_id=village_id,
        depart_at=depart_at,
        arrive_at=depart_at + timedelta(minutes=35),
        return_at=depart_at + timedelta(minutes=90),
        trip_metres=41_000,
        promised_from_at=depart_at + timedelta(minutes=20),
        promised_to_at=depart_at + timedelta(minutes=80),
        deliveries=[Delivery(prescription_id=row) for row in rows],
    )
