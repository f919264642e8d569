"""What the planner must know of a day: what is owed, what stands where, who and what can work."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.centre import Crew, PlanningSettings, Pot, Vehicle
from tcm.records.clinical import Prescription
from tcm.records.day_events import DayEvent, DayEventKind
from tcm.records.errors import N_, Invalid
from tcm.records.ledger import Event
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.people import Institution, InstitutionKind, Patient
from tcm.records.permissions import Action, demand
from tcm.records.plans import Plan, Route
from tcm.records.roles import Actor
from tcm.services.flooring import boil_programme
from tcm.services.packing import bags_of, dry_volume_ml
from tcm.services.replanning import gone_stops
from tcm.services.retrying import held_back
from tcm.store.work import Work

# A courier knows the villages of the last month.
KNOWN_FOR = timedelta(days=30)


@dataclass(frozen=True)
class OpenOrder:
    """One prescription the day still owes somebody.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        state: Where it stands.
        village_id: Where it goes.
        urgent: To go first.
        bags: Delivery bags it makes.
        boil: Its boil programme, None where the centre does not decoct it.
        dry_ml: Room it takes in a vehicle where it is handed out dry.
        soaked_at: When soaking began, where it has.
        pot_code: The pot it is in, where it is in one.
        loaded_at: When it went into that pot.
        drawn_off: Whether it left that pot since and waits to be packed.
        packed_at: When it was packed, where it is.
        fragile: Whether it is the first that was ever signed for its patient.
        approved_at: When it was last approved.
    """

    prescription_id: int
    number: str
    state: State
    village_id: int
    urgent: bool
    bags: int
    boil: BoilProgramme | None
    dry_ml: int = 0
    soaked_at: datetime | None = None
    pot_code: str | None = None
    loaded_at: datetime | None = None
    drawn_off: bool = False
    packed_at: datetime | None = None
    fragile: bool = False
    approved_at: datetime | None = None


@dataclass(frozen=True)
class KeptTrip:
    """A trip that has left already; a new plan works around it.

    Args:
        vehicle_id: Whose.
        trip: Its number in the day.
        return_at: When the vehicle is back.
    """

    vehicle_id: int
    trip: int
    return_at: datetime


@dataclass(frozen=True)
class DayFacts:
    """All that the planner must know of a day.

    Args:
        centre: Where everything begins.
        places: The village clinics.
        pots: Those in service.
        crew: People at the ramp.
        vehicles: Those in service.
        orders: What is owed.
        kept: Trips already on the road.
        closed: Villages whose road is closed today.
        known: Villages that each courier drove to lately, by courier.
        settings: What every plan has to keep, where the manager decided anything.
    """

    centre: Institution
    places: list[Institution]
    pots: list[Pot]
    crew: Crew
    vehicles: list[Vehicle]
    orders: list[OpenOrder]
    kept: list[KeptTrip]
    closed: frozenset[int] = frozenset()
    known: Mapping[int, list[int]] = field(default_factory=dict)
    settings: PlanningSettings | None = None


@dataclass(frozen=True)
class StrandedOrder:
    """A prescription in a vehicle that is out of service and on the road.

    Args:
        prescription_id: Which.
        village_id: Where it should have gone.
        vehicle_id: In which vehicle.
        trip: On which of its trips.
        last_village_id: The last stop where anything was handed over, None where it came to none.
        next_village_id: The stop after it.
        since: When the trip left.
    """

    prescription_id: int
    village_id: int
    vehicle_id: int
    trip: int
    last_village_id: int | None
    next_village_id: int
    since: datetime


@dataclass(frozen=True)
class Followed:
    """The plan that is followed now, and how far it has come.

    Args:
        plan: In force.
        gone: Vehicle and number of the trips that have left.
        told: Window that was promised for each prescription on a route.
        on_road: Prescriptions on vehicles under way.
        stranded: Prescriptions on vehicles that stand.
    """

    plan: Plan
    gone: list[tuple[int, int]]
    told: dict[int, tuple[datetime, datetime]]
    on_road: list[int]
    stranded: list[StrandedOrder]


def followed(work: Work, day: date) -> Followed | None:
    """How far the plan in force has come.

    Args:
        work: The unit of work.
        day: County date.

    Returns:
        The plan with its trips, or None where none is in force.
    """
    plan = work.plans.in_force(day)
    if plan is None or plan.id is None:
        return None
    routes = work.routes.of_plan(plan.id)
    stops = [(route, stop) for route in routes for stop in route.stops]
    carried = work.prescriptions.by_ids(d.prescription_id for _, stop in stops for d in stop.deliveries)
    loaded = {key for key, each in carried.items() if each.state is State.LOADED}
    out = {vehicle.id for vehicle in work.vehicles.all() if not vehicle.active}
    stranded = [each for route in routes if route.vehicle_id in out for each in _stranded(route, carried)]
    waiting = {each.prescription_id for each in stranded}
    return Followed(
        plan=plan,
        gone=[(kept.vehicle_id, kept.trip) for kept in _kept_trips(work, day)],
        told={
            d.prescription_id: (stop.promised_from_at, stop.promised_to_at)
            for _, stop in stops
            for d in stop.deliveries
        },
        on_road=sorted(loaded - waiting),
        stranded=stranded,
    )


def day_facts(work: Work, actor: Actor, knowledge: Knowledge, day: date) -> DayFacts:
    """Gather what the planner must know.

    Args:
        work: The unit of work.
        actor: A manager.
        knowledge: The boil rules.
        day: County date.

    Returns:
        The facts; the orders carry ids and places, no patient's data.

    Raises:
        Forbidden: For other roles.
        Invalid: When there is nothing to plan, no centre or no crew.
    """
    demand(actor, Action.PLAN_MAKE)
    owed = work.prescriptions.in_states(OPEN_STATES - {State.LOADED})
    later = held_back(work, owed, day)
    waiting = [each for each in owed if each.key() not in later]
    if not waiting:
        raise Invalid(N_("没有需要安排的处方。"))
    centres = work.institutions.of_kind(InstitutionKind.CENTRE)
    crews = work.crews.all()
    if not centres or not crews:
        raise Invalid(N_("还没有设置煎药中心或班组人数。"))
    return DayFacts(
        centre=centres[0],
        places=work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC),
        pots=[pot for pot in work.pots.all() if pot.active],
        crew=crews[0],
        vehicles=[vehicle for vehicle in work.vehicles.all() if vehicle.active],
        orders=_open_orders(work, knowledge, waiting),
        kept=_kept_trips(work, day),
        closed=closed_villages(work.day_events.of_day(day)),
        known=work.routes.known_villages(day - KNOWN_FOR, day),
        settings=work.planning_settings.current(),
    )


def closed_villages(events: Iterable[DayEvent]) -> frozenset[int]:
    """The villages whose road is closed.

    Args:
        events: Of one day.

    Returns:
        Rows of villages; roads that are open again do not count.
    """
    return frozenset(
        int(village_id)
        for event in events
        if event.kind is DayEventKind.ROAD_CLOSED and event.over_at is None
        # The subject is JSON that `reporting` wrote.
        for village_id in event.subject["villages"]  # type: ignore[attr-defined]
    )


def _open_orders(work: Work, knowledge: Knowledge, prescriptions: Sequence[Prescription]) -> list[OpenOrder]:
    # One query each instead of one for each prescription.
    keys = [prescription.key() for prescription in prescriptions]
    patients = work.patients.by_ids(prescription.patient_id for prescription in prescriptions)
    first = work.prescriptions.first_signed(patients)
    bags = work.bags.of_prescriptions(keys)
    chains = work.ledger.chains(keys)
    return [
        _with_progress(
            chains[prescription.key()],
            OpenOrder(
                prescription_id=prescription.key(),
                number=prescription.number or "",
                state=prescription.state,
                village_id=prescription.village_id,
                urgent=prescription.urgent,
                bags=len(bags.get(prescription.key(), [])) or bags_of(prescription),
                **_made_of(work, knowledge, prescription, patients[prescription.patient_id]),
                fragile=prescription.key() in first,
            ),
        )
        for prescription in prescriptions
    ]


def _made_of(
    work: Work, knowledge: Knowledge, prescription: Prescription, patient: Patient
) -> dict[str, Any]:
    if prescription.preparation.needs_pot:
        return {"boil": boil_programme(work, knowledge, prescription, patient)}
    return {"boil": None, "dry_ml": dry_volume_ml(prescription)}


def _stranded(route: Route, carried: Mapping[int, Prescription]) -> list[StrandedOrder]:
    found: list[StrandedOrder] = []
    last: int | None = None
    following: int | None = None
    for stop in route.stops:
        states = {d.prescription_id: carried[d.prescription_id].state for d in stop.deliveries}
        waiting = [key for key, state in states.items() if state is State.LOADED]
        if waiting and following is None:
            following = stop.village_id
        elif State.DELIVERED in states.values():
            last = stop.village_id
        found += [
            StrandedOrder(
                key, stop.village_id, route.vehicle_id, stop.trip, last, following or 0, stop.depart_at
            )
            for key in waiting
        ]
    return found


def _with_progress(chain: Sequence[Event], order: OpenOrder) -> OpenOrder:
    last = {event.target: event for event in chain if event.kind == "move"}
    order = replace(order, approved_at=last[State.APPROVED].at)
    if order.state in (State.APPROVED, State.DISPENSED, State.SCRAPPED):
        return order
    if order.state in (State.PACKED, State.FAILED):
        return replace(order, packed_at=last[State.PACKED].at)
    order = replace(order, soaked_at=last[State.SOAKING].at)
    if order.state is State.DECOCTING:
        loaded = last[State.DECOCTING]
        drawn_off = any(event.kind == "drawn_off" and event.seq > loaded.seq for event in chain)
        pot = str(loaded.payload["pot"])
        return replace(order, pot_code=pot, loaded_at=loaded.at, drawn_off=drawn_off)
    return order


def _kept_trips(work: Work, day: date) -> list[KeptTrip]:
    trips = {KeptTrip(route.vehicle_id, stop.trip, stop.return_at) for route, stop in gone_stops(work, day)}
    return sorted(trips, key=lambda kept: (kept.vehicle_id, kept.trip))
