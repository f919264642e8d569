"""What happens to a day: the manager reports it, and a new plan answers it if people agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.centre import Pot, Vehicle
from tcm.records.clock import county_day, minute_of
from tcm.records.day_events import DayEvent, DayEventKind
from tcm.records.errors import N_, Invalid
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action, demand
from tcm.records.plans import UNDER_WAY, Plan, PlanKind, PlanState
from tcm.records.roles import Actor
from tcm.services import planning
from tcm.services.planning import Enqueue
from tcm.store.queries import Standing, standings
from tcm.store.work import Work

# With a process to start and a page that asks every second, the answer is there within five.
ANSWER_S = 3.0
_GRID_MIN = 5
_CREW = ("packers", "loaders", "adders")
# What the floor decides: a plan has to be told of it, and is not asked.
_UNPLANNED = (State.APPROVED, State.DISPENSED, State.SCRAPPED)


@dataclass(frozen=True)
class EventView:
    """An event as the page says it.

    Args:
        event: The event.
        names: Of what it happened to, such as a pot's code or villages.
        answer: Where the plan stands that was asked for because of it, None where none was.
    """

    event: DayEvent
    names: list[str]
    answer: PlanState | None


@dataclass(frozen=True)
class Reportable:
    """What can have happened to a day, as the form offers it.

    Args:
        pots: In service.
        vehicles: In service, each with who drives it.
        villages: That the plan in force drives to.
        late: Approved prescriptions that stand in no plan yet.
        scrapped: Prescriptions whose bags were scrapped.
        crew: People at the ramp: packers, loaders, adders.
        events: Reported so far, oldest first.
    """

    pots: list[Pot]
    vehicles: list[tuple[Vehicle, Staff]]
    villages: list[Institution]
    late: list[Standing]
    scrapped: list[Standing]
    crew: dict[str, int]
    events: list[EventView]


def reportable(work: Work, actor: Actor, day: date) -> Reportable:
    """What the manager can report of a day, and what was reported.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.

    Returns:
        Equipment, places and events; no patient's data.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.in_force(day)
    vehicles = work.vehicles.all()
    couriers = work.staff.by_ids(vehicle.courier_id for vehicle in vehicles)
    events = work.day_events.of_day(day)
    waiting = work.prescriptions.in_states(_UNPLANNED)
    stand = standings(work.session, [prescription.key() for prescription in waiting])
    known = _orders_of(plan)
    crews = work.crews.all()
    return Reportable(
        pots=sorted((pot for pot in work.pots.all() if pot.active), key=lambda pot: pot.code),
        vehicles=[(each, couriers[each.courier_id]) for each in vehicles if each.active],
        villages=_villages_of(work, plan),
        late=[stand[each.key()] for each in waiting if each.key() not in known],
        scrapped=[stand[each.key()] for each in waiting if each.state is State.SCRAPPED],
        crew={role: getattr(crews[0], role) for role in _CREW} if crews else {},
        events=events_seen(work, events, {vehicle.id or 0: vehicle for vehicle in vehicles}),
    )


def report(
    work: Work,
    actor: Actor,
    day: date,
    kind: DayEventKind,
    subject: dict[str, object],
    *,
    note: str,
    seed: int,
    request_key: str,
    enqueue: Enqueue,
) -> DayEvent:
    """Write down what happened and ask for a plan that answers it.

    A pot or vehicle that is out and people who are missing are out from now on, whatever becomes of the plan.
    The plan in force stays in force until somebody accepts the new one. What is being computed for an earlier
    event is stopped: the new plan answers both.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        kind: What happened.
        subject: What it happened to, as `DayEvent` says.
        note: What else there is to say.
        seed: Of the solvers.
        request_key: The form's own key.
        enqueue: Given the work and the plan's row, enqueues the job.

    Returns:
        The event; the same one for the same key. Its `plan_id` is None where the day has no plan yet.

    Raises:
        Invalid: When a whole plan of the day is being computed, or the subject is not to be used.
        NotFound: When there is no such pot or vehicle.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    earlier = work.day_events.of_request(request_key)
    if earlier is not None:
        return earlier
    _take_effect(work, kind, subject)
    event = work.day_events.add(
        DayEvent(
            day=day,
            kind=kind,
            subject=subject,
            reported_by_id=actor.staff_id,
            reported_at=work.now,
            note=note,
            request_key=request_key,
        )
    )
    followed = work.plans.in_force(day)
    if followed is not None:
        _ask_answer(work, actor, followed, seed, request_key, enqueue)
    return event


def ask_again(
    work: Work, actor: Actor, day: date, *, seed: int, request_key: str, enqueue: Enqueue
) -> Plan | None:
    """Ask once more for a plan that answers what was reported.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        seed: Of the solvers.
        request_key: The form's own key.
        enqueue: Given the work and the plan's row, enqueues the job.

    Returns:
        The plan, None where the day has no plan to change.

    Raises:
        Invalid: When a whole plan of the day is being computed.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    followed = work.plans.in_force(day)
    return None if followed is None else _ask_answer(work, actor, followed, seed, request_key, enqueue)


def end_event(work: Work, actor: Actor, event_id: int) -> DayEvent:
    """Say that an event is over: the road is open, the pot or vehicle back unless another report has it out.

    Args:
        work: The unit of work.
        actor: A manager.
        event_id: Which.

    Returns:
        The event.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    event = work.day_events.get(event_id)
    if event.over_at is None:
        event.over_at = work.now
        thing = _thing(work, event.kind, event.subject)
        if thing is not None and not _is_still_out(work, event):
            thing.active = True
    return event


def events_seen(work: Work, events: Sequence[DayEvent], vehicles: Mapping[int, Vehicle]) -> list[EventView]:
    """Events with the names of what they happened to.

    Args:
        work: The unit of work.
        events: Which.
        vehicles: Vehicle by row.

    Returns:
        The events in their order.
    """
    answers = work.plans.states_of(event.plan_id for event in events if event.plan_id is not None)
    villages = work.institutions.by_ids(
        int(village_id)
        for event in events
        if event.kind is DayEventKind.ROAD_CLOSED
        for village_id in event.subject["villages"]  # type: ignore[attr-defined]
    )

    def names(event: DayEvent) -> list[str]:
        subject = event.subject
        if event.kind is DayEventKind.POT_DOWN:
            return [str(subject["pot"])]
        if event.kind is DayEventKind.VEHICLE_OUT:
            return [vehicles[int(str(subject["vehicle"]))].name]
        if event.kind is DayEventKind.ROAD_CLOSED:
            return [villages[int(key)].name for key in subject["villages"]]  # type: ignore[attr-defined]
        return []

    return [EventView(event, names(event), answers.get(event.plan_id or 0)) for event in events]


def _take_effect(work: Work, kind: DayEventKind, subject: dict[str, object]) -> None:
    if kind is DayEventKind.ROAD_CLOSED and not subject.get("villages"):
        raise Invalid(N_("请选不通的村。"))
    if kind is DayEventKind.CREW_CHANGED:
        crews = work.crews.all()
        if not crews:
            raise Invalid(N_("还没有设置班组人数。"))
        for role in _CREW:
            setattr(crews[0], role, subject[role])
    thing = _thing(work, kind, subject)
    if thing is not None:
        thing.active = False


def _thing(work: Work, kind: DayEventKind, subject: dict[str, object]) -> Pot | Vehicle | None:
    """The pot or vehicle of an event, held until the work ends: two people may report or end at once."""
    if kind is DayEventKind.POT_DOWN:
        thing: Pot | Vehicle = work.pots.by_code(str(subject["pot"]))
    elif kind is DayEventKind.VEHICLE_OUT:
        thing = work.vehicles.get(int(str(subject["vehicle"])))
    else:
        return None
    work.session.refresh(thing, with_for_update=True)
    return thing


def _is_still_out(work: Work, ended: DayEvent) -> bool:
    today = county_day(work.now)
    # What is left open of a day past is on no page any more: nobody could end it.
    days = {ended.day, today, today + timedelta(days=1)}
    return any(
        each.over_at is None and (each.kind, each.subject) == (ended.kind, ended.subject)
        for day in days
        for each in work.day_events.of_day(day)
    )


def _ask_answer(
    work: Work, actor: Actor, followed: Plan, seed: int, request_key: str, enqueue: Enqueue
) -> Plan:
    day = followed.day
    newest = work.plans.newest(day)
    if newest is not None and newest.kind is PlanKind.AFTER_EVENTS and newest.state in UNDER_WAY:
        planning.cancel_plan(work, actor, planning.plan_key(newest))
    next_min = -(-minute_of(day, work.now) // _GRID_MIN) * _GRID_MIN
    plan = planning.ask_plan(
        work,
        actor,
        day,
        # A day that has not begun begins when it was to begin.
        from_minute=max(followed.from_minute, next_min),
        seconds=ANSWER_S,
        seed=seed,
        request_key=request_key,
        enqueue=enqueue,
        kind=PlanKind.AFTER_EVENTS,
    )
    _give_to(work, day, plan)
    return plan


def _give_to(work: Work, day: date, plan: Plan) -> None:
    """Everything that no plan in force answers yet is answered by this one."""
    events = work.day_events.of_day(day)
    states = work.plans.states_of(event.plan_id for event in events if event.plan_id is not None)
    for event in events:
        if event.plan_id is None or states[event.plan_id] is not PlanState.DONE:
            event.plan_id = plan.id


def _villages_of(work: Work, plan: Plan | None) -> list[Institution]:
    if plan is None or plan.id is None:
        return []
    stops = [stop for route in work.routes.of_plan(plan.id) for stop in route.stops]
    villages = work.institutions.by_ids(stop.village_id for stop in stops)
    return sorted(villages.values(), key=lambda village: (village.township, village.name))


def _orders_of(plan: Plan | None) -> set[int]:
    orders = [] if plan is None else plan.problem.get("orders", [])
    # The problem is JSON that `web.planning` wrote; ids of orders are rows of prescriptions.
    return {int(order["id"]) for order in orders}  # type: ignore[attr-defined]
