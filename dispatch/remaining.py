"""What of a day is still to be planned: what has happened is taken as done."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from dispatch.county import Vehicle
from dispatch.plan_types import DayPlan, ScheduledJob
from dispatch.problem import Day, Job, Order, Started


def rest_of_day(day: Day, so_far: DayPlan, *, now_min: int) -> Day:
    """The day as it stands at `now_min`, to be planned again.

    What the plan did before now is taken as done: bags packed, pots loaded, soaking begun, trips departed.
    Orders on departed trips are over and left out; their vehicles come back when those trips end. Packing
    under way at `now_min` is planned again from now. An order whose pot is no longer among `day.pots` is left
    out with the reason "pot_gone" until it is dispensed again under a new job id.

    Args:
        day: the day with its changes: late orders, pots or vehicles gone, another crew.
        so_far: the plan followed until now.
        now_min: the present minute.
    """
    gone = [trip for trip in so_far.routes.trips if trip.depart_min < now_min]
    left = {visit.stop_id for trip in gone for visit in trip.visits}
    delivered = {order_id for stop in so_far.stops if stop.id in left for order_id in stop.order_ids}
    done = {each.job_id: each for each in so_far.schedule.jobs}
    orders = (_order_now(order, done, now_min) for order in day.orders if order.id not in delivered)
    vehicles = []
    for vehicle in day.vehicles:
        trips = [trip for trip in gone if trip.vehicle_id == vehicle.id]
        vehicles.append(_vehicle_now(vehicle, [trip.return_min for trip in trips]))
    return replace(day, orders=tuple(orders), vehicles=tuple(vehicles), now_min=now_min)


def _order_now(order: Order, done: Mapping[str, ScheduledJob], now_min: int) -> Order:
    if order.job is None or order.job.id not in done:
        return order
    each = done[order.job.id]
    if each.pack_end_min <= now_min:
        return replace(order, job=None, ready_min=each.pack_end_min)
    return replace(order, job=_job_now(order.job, each, now_min))


def _job_now(job: Job, each: ScheduledJob, now_min: int) -> Job:
    if each.load_at_min < now_min:
        return replace(job, started=Started(each.soak_at_min, each.pot_id, each.load_at_min))
    if each.soak_at_min < now_min:
        return replace(job, started=Started(each.soak_at_min))
    return job


def _vehicle_now(vehicle: Vehicle, returns: Sequence[int]) -> Vehicle:
    if not returns:
        return vehicle
    back = max(vehicle.shift_start_min, *returns)
    return replace(
        vehicle,
        # The use of a vehicle is paid once a day, and this one is in use.
        fixed_cost_fen=0,
        shift_start_min=min(back, vehicle.shift_end_min),
        trips_done=vehicle.trips_done + len(returns),
    )
