"""The manager's plan of a day: asked for, stopped, proposed; people decide which plan is in force."""

from collections.abc import Callable, Sequence
from datetime import date

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.plans import UNDER_WAY, Plan, PlanKind, PlanState, Route
from tcm.records.roles import Actor
from tcm.services.moving import hold, note
from tcm.services.replanning import ON_ROUTE, drop_what_left, gone_stops, joined
from tcm.store.work import Work

UNCHECKED = N_("计划没有通过独立校验，未启用。")

Enqueue = Callable[[Work, int], None]


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
    kind: PlanKind = PlanKind.DAY,
) -> Plan:
    """Ask for a plan; the job is enqueued in the same transaction as the row.

    A proposal that still waits for a word is declined by it.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.
        from_minute: Nothing is planned before this minute of the day.
        seconds: What the solvers may take.
        seed: Of the solvers.
        request_key: The form's own key.
        enqueue: Given the work and the plan's row, enqueues the job.
        kind: Whether it begins anew or changes the plan in force as little as possible.

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
    if newest is not None and newest.state in UNDER_WAY:
        raise Invalid(N_("这一天的计划正在计算，请稍候。"))
    if newest is not None and newest.state is PlanState.PROPOSED:
        newest.state = PlanState.DECLINED
    plan = work.plans.add(
        Plan(
            day=day,
            asked_by_id=actor.staff_id,
            asked_at=work.now,
            from_minute=from_minute,
            seconds=seconds,
            seed=seed,
            request_key=request_key,
            kind=kind,
        )
    )
    enqueue(work, plan_key(plan))
    return plan


def begin_plan(
    work: Work, plan_id: int, problem: dict[str, object], roads: dict[str, object] | None = None
) -> Plan:
    """Keep the problem a plan is made for, so that it can be planned again just so; a finished plan stays.

    Args:
        work: The unit of work.
        plan_id: Which.
        problem: The day as the planner reads it, JSON.
        roads: Where its travel times come from, JSON.

    Returns:
        The running plan.
    """
    plan = work.plans.locked(plan_id)
    if plan.state in UNDER_WAY:
        plan.problem, plan.roads, plan.state = problem, roads or {}, PlanState.RUNNING
    return plan


def cancel_plan(work: Work, actor: Actor, plan_id: int) -> Plan:
    """Stop a planning; whoever computes it sees so by its row. A plan that is over stays as it is.

    Args:
        work: The unit of work.
        actor: A manager.
        plan_id: Which.

    Returns:
        The plan.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.locked(plan_id)
    if plan.state in UNDER_WAY:
        plan.state, plan.cancelled_at = PlanState.CANCELLED, work.now
    return plan


def report_progress(work: Work, plan_id: int, percent: int, stage: str) -> None:
    """Keep how far a planning is; a finished plan stays.

    Args:
        work: The unit of work.
        plan_id: Which.
        percent: 0 to 100.
        stage: What it is doing, a msgid.
    """
    plan = work.plans.locked(plan_id)
    if plan.state in UNDER_WAY:
        plan.progress_percent, plan.stage = percent, stage


def fail_plan(work: Work, plan_id: int, why: str) -> None:
    """A planning ended without a plan; the one in force stays, and so does a finished plan.

    Args:
        work: The unit of work.
        plan_id: Which.
        why: A sentence for the manager.
    """
    plan = work.plans.locked(plan_id)
    if plan.state in UNDER_WAY:
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
    plan = work.plans.locked(plan_id)
    if plan.state not in UNDER_WAY:
        return plan
    if _keep_result(plan, result, unserved, violations):
        _put_in_force(work, plan, routes)
    return plan


def propose_plan(
    work: Work,
    plan_id: int,
    *,
    result: dict[str, object],
    unserved: Sequence[dict[str, object]],
    violations: Sequence[dict[str, object]],
    difference: dict[str, object],
) -> Plan:
    """Keep a checked plan and what it changes until the manager says a word.

    Args:
        work: The unit of work.
        plan_id: Which.
        result: The plan as the planner wrote it, JSON.
        unserved: Orders left out, with reasons.
        violations: What the independent checker found.
        difference: What it changes, JSON; its `before` is the row of the plan it changes.

    Returns:
        The plan.
    """
    plan = work.plans.locked(plan_id)
    if plan.state in UNDER_WAY and _keep_result(plan, result, unserved, violations):
        plan.difference, plan.state = difference, PlanState.PROPOSED
    return plan


def accept_plan(work: Work, actor: Actor, plan_id: int, routes: Sequence[Route]) -> Plan:
    """Put a proposed plan in force. Accepting twice changes nothing.

    Args:
        work: The unit of work.
        actor: A manager.
        plan_id: Which.
        routes: As for `adopt_plan`.

    Returns:
        The plan.

    Raises:
        Invalid: When it is no proposal any more, or another plan came in force since it was made.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.locked(plan_id)
    if plan.in_force:
        return plan
    before = work.plans.in_force(plan.day)
    if plan.state is not PlanState.PROPOSED:
        raise Invalid(N_("这份新计划已经不能启用，请重新计算。"))
    if before is None or before.id != plan.difference.get("before"):
        raise Invalid(N_("现行计划已经换过，这份新计划不能再启用，请重新计算。"))
    _put_in_force(work, plan, routes)
    return plan


def decline_plan(work: Work, actor: Actor, plan_id: int) -> Plan:
    """Keep the plan in force and drop the proposal.

    Args:
        work: The unit of work.
        actor: A manager.
        plan_id: Which.

    Returns:
        The plan.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.locked(plan_id)
    if plan.state is PlanState.PROPOSED:
        plan.state = PlanState.DECLINED
    return plan


def mark_told(work: Work, actor: Actor, plan_id: int, key: str, *, told: bool) -> Plan:
    """Note that somebody whom a plan concerns has been told, or take the note back.

    Args:
        work: The unit of work.
        actor: A manager.
        plan_id: Which plan.
        key: Of the person or house, as the page names it.
        told: Whether they know.

    Returns:
        The plan.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.locked(plan_id)
    others = [each for each in plan.told if each["key"] != key]
    mine = [{"key": key, "by": actor.staff_id, "at": work.now.isoformat()}] if told else []
    # A new list: a change inside the old one would not be seen.
    plan.told = [*others, *mine]
    return plan


def plan_key(plan: Plan) -> int:
    """The row of a stored plan.

    Raises:
        ValueError: When it is not stored yet.
    """
    if plan.id is None:
        raise ValueError("the plan is not stored yet")
    return plan.id


def _keep_result(
    plan: Plan,
    result: dict[str, object],
    unserved: Sequence[dict[str, object]],
    violations: Sequence[dict[str, object]],
) -> bool:
    plan.result, plan.unserved, plan.violations = result, list(unserved), list(violations)
    plan.progress_percent = 100
    if violations:
        plan.state, plan.failure = PlanState.FAILED, UNCHECKED
    return not violations


def _put_in_force(work: Work, plan: Plan, routes: Sequence[Route]) -> None:
    plan.state = PlanState.DONE
    kept = gone_stops(work, plan.day)
    drop_what_left(work, routes)
    before = work.plans.in_force(plan.day)
    if before is not None:
        before.in_force = False
        # The old plan leaves before the new one enters: the index allows one a day.
        work.session.flush()
    plan.in_force = True
    for route in joined(plan_key(plan), plan.day, kept, routes):
        work.routes.add(route)
    _note_planned(work, plan)


def _note_planned(work: Work, plan: Plan) -> None:
    asker = work.staff.get(plan.asked_by_id).actor
    carried = [
        (delivery.prescription_id, {"plan": plan.id, "route": route.id, "trip": stop.trip})
        for route in work.routes.of_plan(plan_key(plan))
        for stop in route.stops
        for delivery in stop.deliveries
    ]
    # Held in the order in which couriers hold them when they load, so that neither waits for the other.
    for prescription_id, payload in sorted(carried, key=lambda each: each[0]):
        prescription = hold(work, prescription_id)
        if prescription.state not in ON_ROUTE:
            note(work, asker, prescription, "planned", payload)
