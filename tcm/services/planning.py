"""The manager's plan of a day: what is to be planned, how far the planning is, which plan is in force."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from tcm.knowledge import Knowledge
from tcm.knowledge.decoction import BoilProgramme
from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.clinical import Prescription
from tcm.records.errors import N_, Invalid
from tcm.records.ledger import Event
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.people import Institution, InstitutionKind
from tcm.records.permissions import Action, demand
from tcm.records.plans import Plan, PlanState, Route
from tcm.records.roles import Actor
from tcm.services.flooring import bags_of, boil_programme
from tcm.services.moving import hold, note
from tcm.services.replanning import ON_ROUTE, drop_what_left, gone_stops, joined
from tcm.store.work import Work

_FINISHED = (PlanState.DONE, PlanState.FAILED)

Enqueue = Callable[[Work, int], None]


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
        boil: Its boil programme.
        soaked_at: When soaking began, where it has.
        pot_code: The pot it is in, where it is in one.
        loaded_at: When it went into that pot.
        packed_at: When it was packed, where it is.
    """

    prescription_id: int
    number: str
    state: State
    village_id: int
    urgent: bool
    bags: int
    boil: BoilProgramme
    soaked_at: datetime | None = None
    pot_code: str | None = None
    loaded_at: datetime | None = None
    packed_at: datetime | None = None


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
    """

    centre: Institution
    places: list[Institution]
    pots: list[Pot]
    crew: Crew
    vehicles: list[Vehicle]
    orders: list[OpenOrder]
    kept: list[KeptTrip]


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
    waiting = work.prescriptions.in_states(OPEN_STATES - {State.LOADED})
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
    )


def ask_plan(
    work: Work,
    actor: Actor,
    day: date,
    *,
    from_minute: int,
    seconds: float,
    seed: int,
    request_key: str,
    enqueue: Enqueue,
) -> Plan:
    """Ask for a plan; the job is enqueued in the same transaction as the row.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        from_minute: Nothing is planned before this minute of the day.
        seconds: What the solvers may take.
        seed: Of the solvers.
        request_key: The form's own key.
        enqueue: Given the work and the plan's row, enqueues the job.

    Returns:
        The queued plan; the same one for the same key.

    Raises:
        Forbidden: For other roles.
        Invalid: When a planning of this day is under way.
    """
    demand(actor, Action.PLAN_MAKE)
    earlier = work.plans.of_request(request_key)
    if earlier is not None:
        return earlier
    newest = work.plans.newest(day)
    if newest is not None and newest.state in (PlanState.QUEUED, PlanState.RUNNING):
        raise Invalid(N_("这一天的计划正在计算，请稍候。"))
    plan = work.plans.add(
        Plan(
            day=day,
            asked_by_id=actor.staff_id,
            asked_at=work.now,
            from_minute=from_minute,
            seconds=seconds,
            seed=seed,
            request_key=request_key,
        )
    )
    enqueue(work, _key(plan))
    return plan


def begin_plan(work: Work, plan_id: int, problem: dict[str, object]) -> Plan:
    """Keep the problem a plan is made for, so that it can be planned again just so; a finished plan stays.

    Args:
        work: The unit of work.
        plan_id: Which.
        problem: The day as the planner reads it, JSON.

    Returns:
        The running plan.
    """
    plan = work.plans.get(plan_id)
    if plan.state not in _FINISHED:
        plan.problem, plan.state = problem, PlanState.RUNNING
    return plan


def report_progress(work: Work, plan_id: int, percent: int, stage: str) -> None:
    """Keep how far a planning is; a finished plan stays.

    Args:
        work: The unit of work.
        plan_id: Which.
        percent: 0 to 100.
        stage: What it is doing, a msgid.
    """
    plan = work.plans.get(plan_id)
    if plan.state not in _FINISHED:
        plan.progress_percent, plan.stage = percent, stage


def fail_plan(work: Work, plan_id: int, why: str) -> None:
    """A planning ended without a plan; the one in force stays, and so does a finished plan.

    Args:
        work: The unit of work.
        plan_id: Which.
        why: A sentence for the manager.
    """
    plan = work.plans.get(plan_id)
    if plan.state not in _FINISHED:
        plan.state, plan.failure = PlanState.FAILED, why


def adopt_plan(
    work: Work,
    plan_id: int,
    *,
    result: dict[str, object],
    unserved: Sequence[dict[str, object]],
    violations: Sequence[dict[str, object]],
    routes: Sequence[Route],
) -> Plan:
    """Put a checked plan in force; a plan with violations is kept and never followed.

    Doing it twice changes nothing, so that a job may be resumed after a crash.

    Args:
        work: The unit of work.
        plan_id: Which.
        result: The plan as the planner wrote it, JSON.
        unserved: Orders left out, with reasons.
        violations: What the independent checker found.
        routes: New routes, not stored yet; trips already on the road are carried over here, and what left
            or was cancelled while the planner thought is taken out.

    Returns:
        The plan.
    """
    plan = work.plans.get(plan_id)
    if plan.state in _FINISHED:
        return plan
    plan.result, plan.unserved, plan.violations = result, list(unserved), list(violations)
    plan.progress_percent = 100
    if violations:
        plan.state, plan.failure = PlanState.FAILED, N_("计划没有通过独立校验，未启用。")
        return plan
    plan.state = PlanState.DONE
    kept = gone_stops(work, plan.day)
    drop_what_left(work, routes)
    before = work.plans.in_force(plan.day)
    if before is not None:
        before.in_force = False
        # The old plan leaves before the new one enters: the index allows one a day.
        work.session.flush()
    plan.in_force = True
    for route in joined(plan_id, plan.day, kept, routes):
        work.routes.add(route)
    _note_planned(work, plan)
    return plan


def _open_orders(work: Work, knowledge: Knowledge, prescriptions: Sequence[Prescription]) -> list[OpenOrder]:
    # One query each instead of one for each prescription.
    keys = [prescription.key() for prescription in prescriptions]
    patients = work.patients.by_ids(prescription.patient_id for prescription in prescriptions)
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
                boil=boil_programme(work, knowledge, prescription, patients[prescription.patient_id]),
            ),
        )
        for prescription in prescriptions
    ]


def _with_progress(chain: Sequence[Event], order: OpenOrder) -> OpenOrder:
    if order.state in (State.APPROVED, State.DISPENSED, State.SCRAPPED):
        return order
    last = {event.target: event for event in chain if event.kind == "move"}
    if order.state in (State.PACKED, State.FAILED):
        return replace(order, packed_at=last[State.PACKED].at)
    order = replace(order, soaked_at=last[State.SOAKING].at)
    if order.state is State.DECOCTING:
        pot = str(last[State.DECOCTING].payload["pot"])
        return replace(order, pot_code=pot, loaded_at=last[State.DECOCTING].at)
    return order


def _kept_trips(work: Work, day: date) -> list[KeptTrip]:
    trips = {KeptTrip(route.vehicle_id, stop.trip, stop.return_at) for route, stop in gone_stops(work, day)}
    return sorted(trips, key=lambda kept: (kept.vehicle_id, kept.trip))


def _note_planned(work: Work, plan: Plan) -> None:
    asker = work.staff.get(plan.asked_by_id).actor
    carried = [
        (delivery.prescription_id, {"plan": plan.id, "route": route.id, "trip": stop.trip})
        for route in work.routes.of_plan(_key(plan))
        for stop in route.stops
        for delivery in stop.deliveries
    ]
    # Held in the order in which couriers hold them when they load, so that neither waits for the other.
    for prescription_id, payload in sorted(carried, key=lambda each: each[0]):
        prescription = hold(work, prescription_id)
        if prescription.state not in ON_ROUTE:
            note(work, asker, prescription, "planned", payload)


def _key(plan: Plan) -> int:
    if plan.id is None:
        raise ValueError("the plan is not stored yet")
    return plan.id
