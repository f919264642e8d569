"""The second half of the road: a prescription over the floor, onto a route, to a door."""

from collections.abc import Sequence
from datetime import timedelta

from tcm.records.centre import Vehicle
from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.records.lifecycle import State
from tcm.records.plans import Delivery, Plan, Route, RouteStop
from tcm.records.roles import Actor
from tcm.services import delivering, flooring, planning
from tcm.store.work import Work
from tests.tcm.county import DAY, County

FLOOR_STEPS = (State.DISPENSED, State.SOAKING, State.DECOCTING, State.PACKED)


def step(county: County, prescription: Prescription, target: State, pot: str | None = None) -> Prescription:
    """One step on the floor, asked for by a page that is not stale."""
    return county.do(
        flooring.advance,
        county.floor,
        county.knowledge,
        prescription.key(),
        county.now(prescription).version,
        target,
        pot_code=pot,
    )


def brought_to(county: County, prescription: Prescription, state: State, pot: str = "P01") -> Prescription:
    """An approved prescription taken along the floor as far as a state."""
    for target in FLOOR_STEPS[: FLOOR_STEPS.index(state) + 1]:
        prescription = step(county, prescription, target, pot if target is State.DECOCTING else None)
    return prescription


def packed(county: County) -> Prescription:
    """A new prescription, packed."""
    return brought_to(county, county.approved(), State.PACKED)


def stop(
    county: County, prescriptions: Sequence[Prescription], trip: int = 1, village_id: int | None = None
) -> RouteStop:
    """A stop not stored yet; trip 1 leaves at ten, trip 2 at two in the afternoon."""
    depart_at = at_minute(DAY, 600 if trip == 1 else 840)
    return RouteStop(
        trip=trip,
        position=1,
        village_id=village_id or county.village.id or 0,
        depart_at=depart_at,
        arrive_at=depart_at + timedelta(minutes=35),
        return_at=depart_at + timedelta(minutes=90),
        trip_metres=41_000,
        promised_from_at=depart_at + timedelta(minutes=20),
        promised_to_at=depart_at + timedelta(minutes=80),
        deliveries=[Delivery(prescription_id=prescription.key()) for prescription in prescriptions],
    )


def route(county: County, *stops: RouteStop, van: Vehicle | None = None) -> Route:
    """A route not stored yet."""
    van = van or county.van
    return Route(plan_id=0, day=DAY, vehicle_id=van.id or 0, courier_id=van.courier_id, stops=list(stops))


def enqueue_nothing(_work: Work, _plan_id: int) -> None:
    """Where a test adopts the plan itself."""


def asked(county: County) -> Plan:
    """A plan asked for and begun."""
    plan = county.do(
        planning.ask_plan,
        county.manager,
        DAY,
        from_minute=480,
        seconds=1.0,
        seed=7,
        request_key=county.new_key(),
        enqueue=enqueue_nothing,
    )
    with county.work() as work:
        planning.begin_plan(work, plan.id or 0, {"orders": []})
        work.commit()
    return plan


def adopted(county: County, plan: Plan, *routes: Route, violations: Sequence[str] = ()) -> Plan:
    """The plan adopted with these routes."""
    with county.work() as work:
        plan = planning.adopt_plan(
            work,
            plan.id or 0,
            result={"made": True},
            unserved=[],
            violations=[{"rule": rule} for rule in violations],
            routes=routes,
        )
        work.commit()
    return plan


def planned(county: County, *routes: Route) -> list[Route]:
    """The routes of a new plan in force."""
    plan = adopted(county, asked(county), *routes)
    return routes_of(county, plan)


def routes_of(county: County, plan: Plan) -> list[Route]:
    """The stored routes of a plan."""
    with county.work() as work:
        return work.routes.of_plan(plan.id or 0)


def layout(routes: Sequence[Route]) -> list[tuple[int, list[tuple[int, int, list[int]]]]]:
    """Vehicle, and each stop's trip, position and prescriptions."""
    return [
        (
            each.vehicle_id,
            [(s.trip, s.position, [d.prescription_id for d in s.deliveries]) for s in each.stops],
        )
        for each in routes
    ]


def on_the_road(county: County, *prescriptions: Prescription, by: Actor | None = None) -> Route:
    """Prescriptions planned onto the first van's first trip and loaded."""
    [first] = planned(county, route(county, stop(county, prescriptions)))
    county.do(delivering.load_trip, by or county.courier, first.id or 0, 1)
    return first
