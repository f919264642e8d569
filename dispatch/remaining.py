"""What of a day is still to be planned: what has happened is taken as done."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from types import MappingProxyType

from dispatch.county import Vehicle
from dispatch.plan_types import DayPlan, ScheduledJob, Trip
from dispatch.problem import Day, Job, Order, Started


def rest_of_day(
    day: Day,
    so_far: DayPlan,
    *,
    now_min: int,
    gone: Sequence[Trip] | None = None,
    back: Mapping[str, int] = MappingProxyType({}),
) -> Day:
    """The day as it stands at `now_min`, to be planned again.

    What the plan did before now is taken as done: bags packed, pots loaded, soaking begun, trips departed.
    Orders on departed trips are over and left out; their vehicles come back when those trips end. A packing
    under way at `now_min` goes on: its bags count as packed when that was to end, and so does what has been
    cooked in a pot that is gone. An order whose pot is no longer among `day.pots` before it is cooked is left
    out with the reason "pot_gone" until it is dispensed again under a new job id.

    Args:
        day: the day with its changes: late orders, pots or vehicles gone, another crew.
        so_far: the plan followed until now.
        now_min: the present minute.
        gone: the trips that are over or under way; those that departed before now by default.
        back: orders of these trips that are to be planned nevertheless, with the minute from which their bags
            are at the centre; for an order that has a new job the minute is not looked at.
    """
    if gone is None:
        gone = [trip for trip in so_far.routes.trips if trip.depart_min < now_min]
    left = {visit.stop_id for trip in gone for visit in trip.visits}
    away = {order_id for stop in so_far.stops if stop.id in left for order_id in stop.order_ids}
    done = {each.job_id: each for each in so_far.schedule.jobs}
    pots = {pot.id for pot in day.pots}
    orders: list[Order] = []
    for order in day.orders:
        if order.id not in away:
            orders.append(_order_now(order, done, pots, now_min))
        elif order.id in back:
            is_new = order.job is not None and order.job.id not in done
            orders.append(order if is_new else replace(order, job=None, ready_min=back[order.id]))
    vehicles = []
    for vehicle in day.vehicles:
        trips = [trip for trip in gone if trip.vehicle_id == vehicle.id]
        rests = [rest.start_min for rest in so_far.routes.rests if rest.vehicle_id == vehicle.id]
        vehicles.append(_vehicle_now(vehicle, [trip.return_min for trip in trips], rests, now_min))
    return replace(day, orders=tuple(orders), vehicles=tuple(vehicles), now_min=now_min)


def _order_now(order: Order, done: Mapping[str, ScheduledJob], pots: Set[str], now_min: int) -> Order:
    if order.job is None or order.job.id not in done:
        return order
    each = done[order.job.id]
    is_cooked = each.cook_end_min <= now_min
    if each.pack_at_min < now_min or each.pack_end_min <= now_min or (is_cooked and each.pot_id not in pots):
        return replace(order, job=None, ready_min=each.pack_end_min)
    return replace(order, job=_job_now(order.job, each, now_min))


def _job_now(job: Job, each: ScheduledJob, now_min: int) -> Job:
    if each.load_at_min < now_min:
        return replace(job, started=Started(each.soak_at_min, each.pot_id, each.load_at_min))
    if each.soak_at_min < now_min:
        return replace(job, started=Started(each.soak_at_min))
    return job


def _vehicle_now(vehicle: Vehicle, returns: Sequence[int], rests: Sequence[int], now_min: int) -> Vehicle:
    """The vehicle from now on; the breaks that its courier has begun, or takes on the way back, are over."""
    until = max([now_min, *returns])
    taken = [start for start in rests if start < until]
    breaks = tuple(
        each for each in vehicle.breaks if not any(each.earliest_min <= t <= each.latest_min for t in taken)
    )
    if not returns:
        return replace(vehicle, breaks=breaks)
    back = max(vehicle.shift_start_min, *returns)
    return replace(
        vehicle,
        # The use of a vehicle is paid once a day, and this one is in use.
        fixed_cost_fen=0,
        shift_start_min=min(back, vehicle.shift_end_min),
        trips_done=vehicle.trips_done + len(returns),
        breaks=breaks,
    )
