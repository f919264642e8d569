"""The rest of the day as the plan in force has it: soaking, pots, packing, vans, doors, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.records.lifecycle import State
from tcm.records.plans import Plan, Route
from tcm.records.roles import Actor, Role
from tcm.services import delivering, flooring
from tcm.store.work import Work
from web.demo.stock import bring_what_lacks
from web.demo.town import Town
from web.demo.weighing import dispense, second_person
from web.planning import PACK_MIN

DISPENSE_BEFORE_MIN = 10


@dataclass(frozen=True, order=True)
class Happening:
    """Something that is due.

    Args:
        at: When.
        rank: Of two at the same minute the smaller goes first: pots are emptied before they are filled.
        what: `dispense`, `soak`, `decoct`, `draw_off`, `pack`, `load` or `deliver`.
        subject_id: A prescription, for `load` a route.
        detail: The pot's code, for `load` the trip.
    """

    at: datetime
    rank: int
    what: str
    subject_id: int
    detail: str = ""


# In these states a prescription still has something to do on the floor.
_ON_THE_FLOOR = (State.APPROVED, State.SCRAPPED, State.DISPENSED, State.SOAKING, State.DECOCTING)
_RANKS = {"draw_off": 0, "dispense": 1, "soak": 2, "decoct": 3, "pack": 4, "load": 5, "deliver": 6}


def due(town: Town) -> list[Happening]:
    """Everything the plan in force still asks for, in order of time.

    Args:
        town: The county today.

    Returns:
        Happenings; those of steps already taken are left out.
    """
    with town.work() as work:
        plan = work.plans.in_force(town.day)
        if plan is None:
            return []
        routes = work.routes.of_plan(plan.id or 0)
        happenings = [*_of_jobs(town, work, plan), *_of_dry(town, work, plan), *_of_routes(work, routes)]
    return sorted(happenings)


def do(town: Town, happening: Happening) -> None:
    """Take one step by the hands whose work it is.

    Args:
        town: The county today.
        happening: What is due.
    """
    town.clock.to(happening.at)
    if happening.what == "dispense":
        bring_what_lacks(town, happening.subject_id)
    with town.work() as work:
        if happening.what == "load":
            route = work.routes.get(happening.subject_id)
            courier = work.staff.get(route.courier_id).actor
            delivering.load_trip(work, courier, happening.subject_id, int(happening.detail))
        elif happening.what == "deliver":
            _deliver(work, happening.subject_id)
        else:
            _on_the_floor(town, work, happening)
        work.commit()


def _of_jobs(town: Town, work: Work, plan: Plan) -> Iterator[Happening]:
    schedule = plan.result["schedule"]
    jobs = schedule["jobs"]  # type: ignore[index]
    now = work.prescriptions.by_ids(int(job["job_id"]) for job in jobs)
    for job in jobs:
        prescription = now[int(job["job_id"])]
        for what, minute in _steps(prescription, job):
            at = at_minute(town.day, minute)
            yield Happening(at, _RANKS[what], what, prescription.key(), job["pot_id"])


def _of_dry(town: Town, work: Work, plan: Plan) -> Iterator[Happening]:
    """What needs no pot, or none any more, is put into its bags by the minute the plan counts on them."""
    promises = plan.result["promises"]
    packed_min = {int(each["order_id"]): each["ready_min"] for each in promises}  # type: ignore[attr-defined]
    in_pots = {int(job["job_id"]) for job in plan.result["schedule"]["jobs"]}  # type: ignore[index]
    for key, prescription in work.prescriptions.by_ids(packed_min).items():
        is_out = key not in in_pots and prescription.state is State.DECOCTING
        if (prescription.preparation.needs_pot and not is_out) or prescription.state not in _ON_THE_FLOOR:
            continue
        at = at_minute(town.day, packed_min[key])
        if prescription.state not in (State.DISPENSED, State.DECOCTING):
            yield Happening(at - timedelta(minutes=PACK_MIN), _RANKS["dispense"], "dispense", key)
        yield Happening(at, _RANKS["pack"], "pack", key)


def _steps(prescription: Prescription, job: dict[str, int]) -> Iterator[tuple[str, int]]:
    state = prescription.state
    if state not in _ON_THE_FLOOR:
        return
    if state in (State.APPROVED, State.SCRAPPED):
        yield "dispense", job["soak_at_min"] - DISPENSE_BEFORE_MIN
    if state in (State.APPROVED, State.SCRAPPED, State.DISPENSED):
        yield "soak", job["soak_at_min"]
    if state in (State.APPROVED, State.SCRAPPED, State.DISPENSED, State.SOAKING):
        yield "decoct", job["cook_at_min"]
    if state is not State.DECOCTING or prescription.pot_id is not None:
        yield "draw_off", job["cook_end_min"]
    yield "pack", job["pack_end_min"]


def _of_routes(work: Work, routes: list[Route]) -> Iterator[Happening]:
    ids = [d.prescription_id for route in routes for stop in route.stops for d in stop.deliveries]
    state_of = {key: each.state for key, each in work.prescriptions.by_ids(ids).items()}
    for route in routes:
        waiting = {
            (stop.trip, stop.depart_at)
            for stop in route.stops
            for delivery in stop.deliveries
            if state_of[delivery.prescription_id] not in (State.LOADED, State.DELIVERED)
        }
        for trip, depart_at in waiting:
            yield Happening(depart_at, _RANKS["load"], "load", route.id or 0, str(trip))
        for stop in route.stops:
            for delivery in stop.deliveries:
                if state_of[delivery.prescription_id] is not State.DELIVERED:
                    yield Happening(stop.arrive_at, _RANKS["deliver"], "deliver", delivery.prescription_id)


def _deliver(work: Work, prescription_id: int) -> None:
    prescription = work.prescriptions.get(prescription_id)
    if prescription.state is not State.LOADED:
        # It was not packed when the van left, or could not be handed over: the summary names it.
        return
    delivering.deliver(work, _courier(work, prescription_id), prescription_id, prescription.version)


def _on_the_floor(town: Town, work: Work, happening: Happening) -> None:
    prescription = work.prescriptions.get(happening.subject_id)
    hand = _hand(town, happening.subject_id)
    if happening.what == "draw_off":
        flooring.draw_off(work, hand, prescription.key(), prescription.version)
        return
    if happening.what == "dispense" and flooring.is_weighed_line_by_line(work, prescription):
        dispense(work, hand, second_person(town, prescription), town.knowledge, prescription.key())
        return
    target = {
        "dispense": State.DISPENSED,
        "soak": State.SOAKING,
        "decoct": State.DECOCTING,
        "pack": State.PACKED,
    }[happening.what]
    pot_code = happening.detail if target is State.DECOCTING else None
    flooring.advance(
        work, hand, town.knowledge, prescription.key(), prescription.version, target, pot_code=pot_code
    )


def _hand(town: Town, prescription_id: int) -> Actor:
    floor = town.staff[Role.FLOOR]
    return floor[prescription_id % len(floor)].actor


def _courier(work: Work, prescription_id: int) -> Actor:
    route = work.routes.carrying([prescription_id])[prescription_id]
    return work.staff.get(route.courier_id).actor
