"""The rest of the day as the plan in force has it: soaking, pots, packing, vans, doors, in order of time."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.records.boils import BoilKeeping, Step
from tcm.records.clinical import Prescription
from tcm.records.clock import at_minute
from tcm.records.lifecycle import State
from tcm.records.plans import Plan, Route
from tcm.records.roles import Actor, Role
from tcm.services import delivering, flooring
from tcm.services.boiling import keeping_of
from tcm.store.work import Work
from web.demo import pots, quality, road
from web.demo.pots import ahead, timetable
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
        what: `dispense`, `soak`, a `Step` of the boil, `pack`, `load` or `deliver`.
        subject_id: A prescription, for `load` a route.
        detail: The pot's code, for `load` the trip.
    """

    at: datetime
    rank: int
    what: str
    subject_id: int
    detail: str = ""


_BEFORE_THE_POT = (State.APPROVED, State.SCRAPPED, State.DISPENSED, State.SOAKING)
# In these states a prescription still has something to do on the floor.
_ON_THE_FLOOR = (*_BEFORE_THE_POT, State.DECOCTING)
# The steps at a pot between its filling and the pouches.
_BOIL = frozenset(Step) - {Step.LOADED, Step.PACKED}
_ORDER = (*(step for step in Step if step in _BOIL), "dispense", "soak", "decoct", "pack", "load", "deliver")
_RANKS = {what: rank for rank, what in enumerate(_ORDER)}


def happens(at: datetime, what: str, subject_id: int, detail: str = "") -> Happening:
    """Something that is due, in its place among what is due at the same minute.

    Args:
        at: When.
        what: As of a `Happening`.
        subject_id: As of a `Happening`.
        detail: As of a `Happening`.
    """
    return Happening(at, _RANKS[what], what, subject_id, detail)


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
        happenings = [
            *_of_jobs(town, work, plan),
            *_of_pots(work),
            *_of_dry(town, work, plan),
            *_of_routes(work, routes),
        ]
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
            trip = int(happening.detail)
            road.ask_cash(town, work, route, trip)
            delivering.load_trip(work, courier, happening.subject_id, trip)
            road.read_box(work, courier, happening.subject_id, trip)
        elif happening.what == "deliver":
            _deliver(work, happening.subject_id)
        else:
            _on_the_floor(town, work, happening)
        work.commit()


def find_nobody(town: Town, happening: Happening) -> None:
    """The courier stands before a closed door.

    Args:
        town: The county today.
        happening: A delivery that is due.
    """
    town.clock.to(happening.at)
    with town.work() as work:
        prescription = work.prescriptions.get(happening.subject_id)
        courier = _courier(work, prescription.key())
        delivering.fail(work, courier, prescription.key(), prescription.version, "not_home")
        work.commit()


def _of_jobs(town: Town, work: Work, plan: Plan) -> Iterator[Happening]:
    schedule = plan.result["schedule"]
    jobs = schedule["jobs"]  # type: ignore[index]
    now = work.prescriptions.by_ids(int(job["job_id"]) for job in jobs)
    stepwise = keeping_of(work) is BoilKeeping.STEPS
    for job in jobs:
        prescription = now[int(job["job_id"])]
        for what, minute in _steps(prescription, job):
            yield happens(at_minute(town.day, minute), what, prescription.key(), job["pot_id"])
        if prescription.state in _BEFORE_THE_POT:
            boil = flooring.boil_programme(work, town.knowledge, prescription)
            for step, at in timetable(boil, at_minute(town.day, job["cook_at_min"]), stepwise=stepwise):
                yield happens(at, step, prescription.key())


def _of_pots(work: Work) -> Iterator[Happening]:
    """What is left of the boils that began."""
    runs = work.pot_runs.held()
    steps = work.pot_steps.of_runs(run.key() for run in runs)
    for run in runs:
        for step, at in ahead(run, {each.step: each.at for each in steps[run.key()]}):
            yield happens(at, step, run.prescription_id)


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
            yield happens(at - timedelta(minutes=PACK_MIN), "dispense", key)
        yield happens(at, "pack", key)


def _steps(prescription: Prescription, job: dict[str, int]) -> Iterator[tuple[str, int]]:
    state = prescription.state
    if state not in _ON_THE_FLOOR:
        return
    if state in (State.APPROVED, State.SCRAPPED):
        yield "dispense", job["soak_at_min"] - DISPENSE_BEFORE_MIN
    if state in (State.APPROVED, State.SCRAPPED, State.DISPENSED):
        yield "soak", job["soak_at_min"]
    if state in _BEFORE_THE_POT:
        yield "decoct", job["load_at_min"]
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
            yield happens(depart_at, "load", route.id or 0, str(trip))
        for stop in route.stops:
            for delivery in stop.deliveries:
                if state_of[delivery.prescription_id] is not State.DELIVERED:
                    yield happens(stop.arrive_at, "deliver", delivery.prescription_id)


def _deliver(work: Work, prescription_id: int) -> None:
    prescription = work.prescriptions.get(prescription_id)
    if prescription.state is not State.LOADED:
        # It was not packed when the van left, or could not be handed over: the summary names it.
        return
    delivering.deliver(
        work,
        _courier(work, prescription_id),
        prescription_id,
        prescription.version,
        proof=road.proof_of(work, prescription),
        paid_fen=road.paid_for(work, prescription),
    )


def _on_the_floor(town: Town, work: Work, happening: Happening) -> None:
    prescription = work.prescriptions.get(happening.subject_id)
    hand = _hand(town, happening.subject_id)
    if happening.what in _BOIL:
        run = work.pot_runs.last_of(prescription.key())
        if run is not None:
            pots.take(town, work, hand, run, Step(happening.what))
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
    if pot_code is not None:
        pots.clean(town, work, hand, work.pots.by_code(pot_code).id or 0)
    if target is State.PACKED:
        pots.draw_off(town, work, hand, prescription.key())
    flooring.advance(
        work, hand, town.knowledge, prescription.key(), prescription.version, target, pot_code=pot_code
    )
    if target is State.PACKED:
        quality.keep_and_look(town, work, hand, prescription.key())


def _hand(town: Town, prescription_id: int) -> Actor:
    floor = town.staff[Role.FLOOR]
    return floor[prescription_id % len(floor)].actor


def _courier(work: Work, prescription_id: int) -> Actor:
    route = work.routes.carrying([prescription_id])[prescription_id]
    return work.staff.get(route.courier_id).actor
