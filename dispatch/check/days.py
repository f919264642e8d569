"""Checks of a whole day plan: schedule, stops, trips and promises must tell one story."""

from collections.abc import Mapping

from dispatch.check.costs import UNSERVED_FEN
from dispatch.check.schedules import check_schedule
from dispatch.check.tours import check_routes
from dispatch.check.violation import Violation, check_complete
from dispatch.plan_types import DayPlan, Promise, Stop, Trip, Visit
from dispatch.problem import Day, Order
from dispatch.travel import Travel, great_circle_travel


def check_day(day: Day, plan: DayPlan, travel: Travel | None = None) -> list[Violation]:
    """Everything wrong with a day plan.

    Kinds: those of check_schedule and check_routes, and order_unknown, order_twice, order_missing,
    stop_place, stop_load, stop_ready (its bags are not packed by then), stop_service, stop_priority,
    stop_door (windows, kinds of vehicle or due time are not its place's and orders'), stop_box (its bags are
    longer in the box than they may be), promise_visit (not what the trips do), promise_window, promise_ready,
    unserved_driven (left out of the promises but on a trip), bound (the plan costs less than its bound),
    relaxation (of an order that is not left out, or a second one of an order).
    """
    travel = travel or great_circle_travel(day.centre, day.villages, day.travel)
    found = check_schedule(day.decoction(), plan.schedule)
    found += check_routes(
        plan.stops,
        day.vehicles,
        travel,
        plan.routes,
        loading_min=day.loading_min,
        now_min=day.now_min,
        prices=day.prices,
        unserved_fen=_unserved_fen(day, plan),
    )
    orders = {order.id: order for order in day.orders}
    found += check_complete(
        "order", orders, [each.order_id for each in plan.promises], [each.id for each in plan.unserved]
    )
    ready = _ready(day, plan)
    for stop in plan.stops:
        found += _check_stop(day, stop, orders, ready)
    found += _check_promises(day, plan, orders, ready)
    return found + _check_claims(plan)


def _unserved_fen(day: Day, plan: DayPlan) -> int:
    left_out = {each.id for each in plan.unserved}
    return sum(UNSERVED_FEN * day.priority_of(order) for order in day.orders if order.id in left_out)


def _check_claims(plan: DayPlan) -> list[Violation]:
    """What the plan says of itself."""
    found: list[Violation] = []
    total_fen = plan.routes.parts.total_fen
    if plan.lower_bound_fen > total_fen:
        detail = f"it costs {total_fen} fen, less than its bound of {plan.lower_bound_fen}"
        found.append(Violation("bound", "plan", detail))
    left_out = {each.id for each in plan.unserved}
    for each in plan.relaxations:
        if each.order_id not in left_out:
            found.append(Violation("relaxation", each.order_id, "it is served, or eased twice"))
        left_out.discard(each.order_id)
    return found


def _ready(day: Day, plan: DayPlan) -> dict[str, int]:
    """When the bags of each order are packed, as far as the plan packs them."""
    packed = {each.job_id: each.pack_end_min for each in plan.schedule.jobs}
    ready: dict[str, int] = {}
    for order in day.orders:
        if order.ready_min is not None:
            ready[order.id] = order.ready_min
        elif order.job is not None and order.job.id in packed:
            ready[order.id] = packed[order.job.id]
    return ready


def _check_stop(
    day: Day, stop: Stop, orders: Mapping[str, Order], ready: Mapping[str, int]
) -> list[Violation]:
    found: list[Violation] = []
    inside = [orders[each] for each in stop.order_ids if each in orders]
    if len(inside) != len(stop.order_ids) or any(order.village_id != stop.place_id for order in inside):
        found.append(Violation("stop_place", stop.id, "it carries an order of another place"))
    load = (sum(order.bags for order in inside), sum(order.volume_ml for order in inside))
    if (stop.bags, stop.volume_ml) != load:
        found.append(Violation("stop_load", stop.id, f"{stop.bags} bags given, {load[0]} in fact"))
    if any(order.id not in ready or ready[order.id] + day.buffer_min > stop.ready_min for order in inside):
        found.append(Violation("stop_ready", stop.id, f"not all of its bags are packed by {stop.ready_min}"))
    service = day.service_min + day.service_order_min * len(inside)
    if stop.service_min != service:
        found.append(Violation("stop_service", stop.id, f"{stop.service_min} min given, {service} needed"))
    if stop.priority != max((day.priority_of(order) for order in inside), default=1):
        found.append(Violation("stop_priority", stop.id, f"priority {stop.priority} is not its orders'"))
    village = next((each for each in day.villages if each.id == stop.place_id), None)
    due_min = min((order.due_min for order in inside if order.due_min is not None), default=None)
    doors = village and (village.windows, village.kinds, due_min)
    if doors != (stop.windows, stop.kinds, stop.due_min):
        found.append(Violation("stop_door", stop.id, f"its place and orders say {doors}"))
    limits = ((order, day.longest_box_of(order)) for order in inside if order.id in ready)
    latest = min((ready[order.id] + box for order, box in limits if box is not None), default=None)
    if latest is not None and (stop.latest_min is None or stop.latest_min > latest):
        found.append(Violation("stop_box", stop.id, f"its bags may be in the box until {latest}"))
    return found


def _check_promises(
    day: Day, plan: DayPlan, orders: Mapping[str, Order], ready: Mapping[str, int]
) -> list[Violation]:
    found: list[Violation] = []
    stops = {stop.id: stop for stop in plan.stops}
    driven: dict[str, tuple[Trip, Visit]] = {}
    for trip in plan.routes.trips:
        for visit in trip.visits:
            for order_id in stops[visit.stop_id].order_ids if visit.stop_id in stops else ():
                if order_id in driven:
                    found.append(Violation("order_twice", order_id, "it is on two visits"))
                driven[order_id] = (trip, visit)
    for promise in plan.promises:
        if promise.order_id not in orders:
            continue
        found += _check_promise(day, promise, orders[promise.order_id], driven.get(promise.order_id))
        if promise.ready_min != ready.get(promise.order_id):
            found.append(Violation("promise_ready", promise.order_id, f"packed at {promise.ready_min}?"))
    promised = {promise.order_id for promise in plan.promises}
    found += [
        Violation("unserved_driven", order_id, "it is on a trip and promised to nobody")
        for order_id in sorted(set(driven) - promised)
    ]
    return found


def _check_promise(
    day: Day, promise: Promise, order: Order, drive: tuple[Trip, Visit] | None
) -> list[Violation]:
    if drive is None:
        return [Violation("promise_visit", order.id, "it is promised and on no trip")]
    trip, visit = drive
    found: list[Violation] = []
    begin_min = visit.arrive_min + visit.wait_min
    said = (promise.village_id, promise.vehicle_id, promise.trip, promise.arrive_min)
    if said != (order.village_id, trip.vehicle_id, trip.number, begin_min):
        found.append(Violation("promise_visit", order.id, f"promised {said}, driven otherwise"))
    window = (begin_min - day.promise_early_min, begin_min + day.promise_late_min)
    if (promise.from_min, promise.to_min) != window:
        found.append(Violation("promise_window", order.id, f"the window is {window}"))
    return found
