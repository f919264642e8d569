"""What one plan of a day changes of the plan before it, and who must be told."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from dispatch.county import Window
from dispatch.events import Standing, Stranded
from dispatch.guard import whole
from dispatch.plan_types import DayPlan, Promise, ScheduledJob, Trip, Unserved

OrderChange = Literal["window", "vehicle", "trip"]
JobChange = Literal["pot", "start", "packing"]
Who = Literal["village", "courier", "floor", "doctor"]


@dataclass(frozen=True, slots=True)
class ChangePrices:
    """What changing a plan is worth avoiding, in fen, for each time.

    Attributes:
        promise_fen: a patient is told another window, or that nothing comes after all.
        vehicle_fen: an order goes with another vehicle.
        pot_fen: a job that nobody has begun to load goes into another pot or begins at another minute.
    """

    promise_fen: int = 1000
    vehicle_fen: int = 300
    pot_fen: int = 200

    def __post_init__(self) -> None:
        for each in ("promise_fen", "vehicle_fen", "pot_fen"):
            whole(f"change prices {each}", getattr(self, each))


STANDARD_PRICES = ChangePrices()


@dataclass(frozen=True, slots=True)
class OrderMoved:
    """An order that comes otherwise than before.

    `codes`: "window" (it comes outside the window the patient was told), "vehicle" (another one), "trip"
    (another one of the same vehicle).
    """

    order_id: str
    village_id: str
    codes: tuple[OrderChange, ...]
    before: Promise
    after: Promise


@dataclass(frozen=True, slots=True)
class JobMoved:
    """A job that is cooked otherwise than before.

    `codes`: "pot" (another one), "start" (loaded at another minute), "packing" (only packed at another).
    """

    job_id: str
    codes: tuple[JobChange, ...]
    before: ScheduledJob
    after: ScheduledJob


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody who must be told something.

    Attributes:
        who: "village" (the patients there; `id` is the village), "courier" (`id` is the vehicle), "floor"
            (`id` is the pot), "doctor" (of the orders; `id` is empty).
        code: village: "window_moved", "not_coming", "new_promise". courier: "route_changed" (other stops, or
            in another order), "times_changed", "brings_back" (bags for a village that is cut off), "stands".
            floor: "job_moved", "job_new", "job_lost". doctor: "not_coming", "stranded".
        ids: the orders it is about; for "floor" the jobs.
    """

    who: Who
    id: str
    code: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What a plan changes of the plan before it.

    Attributes:
        orders, jobs: what is moved; orders and jobs that are as they were are not named.
        new_jobs, lost_jobs: scheduled now and not before; scheduled before, still wanted, and not now.
        newly_served: promised now and not before.
        newly_unserved: left out now and not before, each with its reason.
        stranded: standing on the road.
        returning: coming back with their vehicle.
        notices: who must be told.
        windows: for each order promised now the window that the patient is or has to be told: the one told
            before wherever the order still comes inside it.
    """

    orders: tuple[OrderMoved, ...] = ()
    jobs: tuple[JobMoved, ...] = ()
    new_jobs: tuple[str, ...] = ()
    lost_jobs: tuple[str, ...] = ()
    newly_served: tuple[str, ...] = ()
    newly_unserved: tuple[Unserved, ...] = ()
    stranded: tuple[Stranded, ...] = ()
    returning: tuple[str, ...] = ()
    notices: tuple[Notice, ...] = ()
    windows: Mapping[str, Window] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is changed and nobody must be told anything."""
        return not (
            self.orders
            or self.jobs
            or self.new_jobs
            or self.lost_jobs
            or self.newly_served
            or self.newly_unserved
            or self.stranded
            or self.returning
            or self.notices
        )

    def price_fen(self, prices: ChangePrices = STANDARD_PRICES) -> int:
        """What the changes weigh."""
        promises = sum("window" in each.codes for each in self.orders) + len(self.newly_unserved)
        vehicles = sum("vehicle" in each.codes for each in self.orders)
        pots = sum("packing" not in each.codes for each in self.jobs)
        return promises * prices.promise_fen + vehicles * prices.vehicle_fen + pots * prices.pot_fen


def compare(
    before: DayPlan,
    after: DayPlan,
    *,
    stands: Standing | None = None,
    told: Mapping[str, Window] | None = None,
) -> Difference:
    """Hold a plan of the rest of a day against the plan followed until then.

    An order of the plan before that the plan after knows nothing of is over: delivered or on the road.

    Args:
        before: the plan followed until now.
        after: the plan from now on.
        stands: what the plan after was made for; without it nothing is stranded or comes back, and a trip
            is taken as gone when all of its orders are over.
        told: the windows that patients were told, where they are not those of the plan before.
    """
    windows = {each.order_id: (each.from_min, each.to_min) for each in before.promises} | dict(told or {})
    old = {each.order_id: each for each in before.promises}
    orders = tuple(
        moved
        for each in after.promises
        if each.order_id in old
        and (moved := _order_moved(old[each.order_id], each, windows[each.order_id])) is not None
    )
    jobs = _jobs_moved(before, after)
    left_out = {each.id for each in before.unserved}
    planned = {each.job_id for each in before.schedule.jobs}
    new_jobs = tuple(each.job_id for each in after.schedule.jobs if each.job_id not in planned)
    newly_served = tuple(each.order_id for each in after.promises if each.order_id not in old)
    newly_unserved = tuple(each for each in after.unserved if each.id not in left_out)
    stranded = stands.stranded if stands else ()
    found = Difference(
        orders=orders,
        jobs=jobs,
        new_jobs=new_jobs,
        lost_jobs=tuple(each.id for each in after.schedule.unscheduled if each.id in planned),
        newly_served=newly_served,
        newly_unserved=newly_unserved,
        stranded=stranded,
        returning=stands.returning if stands else (),
        windows={
            each.order_id: _window(each, windows.get(each.order_id, (each.from_min, each.to_min)))
            for each in after.promises
        },
    )
    notices = _villages(found, before, after) + _couriers(before, after, stands)
    notices += _floor(found, before, after)
    return replace(found, notices=(*notices, *_doctors(found)))


def _order_moved(before: Promise, after: Promise, told: Window) -> OrderMoved | None:
    codes: list[OrderChange] = []
    if not told[0] <= after.arrive_min <= told[1]:
        codes.append("window")
    if after.vehicle_id != before.vehicle_id:
        codes.append("vehicle")
    elif after.trip != before.trip:
        codes.append("trip")
    return OrderMoved(after.order_id, after.village_id, tuple(codes), before, after) if codes else None


def _window(promise: Promise, told: Window) -> Window:
    return told if told[0] <= promise.arrive_min <= told[1] else (promise.from_min, promise.to_min)


def _jobs_moved(before: DayPlan, after: DayPlan) -> tuple[JobMoved, ...]:
    old = {each.job_id: each for each in before.schedule.jobs}
    found: list[JobMoved] = []
    for each in after.schedule.jobs:
        was = old.get(each.job_id)
        if was is None:
            continue
        codes: list[JobChange] = []
        if each.pot_id != was.pot_id:
            codes.append("pot")
        if each.load_at_min != was.load_at_min:
            codes.append("start")
        if not codes and each.pack_at_min != was.pack_at_min:
            codes.append("packing")
        if codes:
            found.append(JobMoved(each.job_id, tuple(codes), was, each))
    return tuple(found)


def _villages(found: Difference, before: DayPlan, after: DayPlan) -> list[Notice]:
    where = {each.order_id: each.village_id for each in (*before.promises, *after.promises)}
    where |= {each.order_id: each.village_id for each in found.stranded}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for moved in found.orders:
        if "window" in moved.codes:
            groups[moved.village_id, "window_moved"].append(moved.order_id)
    for order_id in found.newly_served:
        groups[where[order_id], "new_promise"].append(order_id)
    # Who was never promised anything waits for no window that could fall away.
    silent = [each.id for each in found.newly_unserved if each.id in where]
    for order_id in (*silent, *(each.order_id for each in found.stranded)):
        groups[where[order_id], "not_coming"].append(order_id)
    return [Notice("village", village, code, tuple(ids)) for (village, code), ids in groups.items()]


def _couriers(before: DayPlan, after: DayPlan, stands: Standing | None) -> list[Notice]:
    known = {each.order_id for each in after.promises} | {each.id for each in after.unserved}
    orders = {stop.id: stop.order_ids for stop in before.stops}
    gone = set(stands.gone) if stands else set()
    if stands is None:
        gone = {
            (trip.vehicle_id, trip.number)
            for trip in before.routes.trips
            if not any(each in known for visit in trip.visits for each in orders[visit.stop_id])
        }
    notices: list[Notice] = []
    if stands:
        notices += _on_the_road(before, stands)
    old, new = _rounds(before, gone), _rounds(after, set())
    for vehicle_id in sorted(set(old) | set(new)):
        was, now = old.get(vehicle_id, {}), new.get(vehicle_id, {})
        changed = [number for number in sorted(set(was) | set(now)) if was.get(number) != now.get(number)]
        if not changed:
            continue
        same_stops = all(
            number in was and number in now and was[number].stops == now[number].stops for number in changed
        )
        ids = {each for number in changed for round_ in (was, now) for each in _ids(round_.get(number))}
        code = "times_changed" if same_stops else "route_changed"
        notices.append(Notice("courier", vehicle_id, code, tuple(sorted(ids))))
    return notices


@dataclass(frozen=True, slots=True)
class _Round:
    """What a courier is told of a trip."""

    depart_min: int
    stops: tuple[tuple[str, frozenset[str]], ...]


def _rounds(plan: DayPlan, gone: set[tuple[str, int]]) -> dict[str, dict[int, _Round]]:
    stops = {stop.id: stop for stop in plan.stops}

    def told(trip: Trip) -> _Round:
        visited = (stops[visit.stop_id] for visit in trip.visits)
        return _Round(trip.depart_min, tuple((stop.place_id, frozenset(stop.order_ids)) for stop in visited))

    found: dict[str, dict[int, _Round]] = defaultdict(dict)
    for trip in plan.routes.trips:
        if (trip.vehicle_id, trip.number) not in gone:
            found[trip.vehicle_id][trip.number] = told(trip)
    return found


def _ids(told: _Round | None) -> frozenset[str]:
    return frozenset().union(*(ids for _, ids in told.stops)) if told is not None else frozenset()


def _on_the_road(before: DayPlan, stands: Standing) -> list[Notice]:
    driver = {each.order_id: each.vehicle_id for each in before.promises}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for order_id in stands.returning:
        groups[driver[order_id], "brings_back"].append(order_id)
    for each in stands.stranded:
        groups[each.vehicle_id, "stands"].append(each.order_id)
    return [Notice("courier", vehicle, code, tuple(ids)) for (vehicle, code), ids in groups.items()]


def _floor(found: Difference, before: DayPlan, after: DayPlan) -> list[Notice]:
    was = {each.job_id: each.pot_id for each in before.schedule.jobs}
    now = {each.job_id: each.pot_id for each in after.schedule.jobs}
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for moved in found.jobs:
        groups[moved.after.pot_id, "job_moved"].append(moved.job_id)
    for job_id in found.new_jobs:
        groups[now[job_id], "job_new"].append(job_id)
    for job_id in found.lost_jobs:
        groups[was[job_id], "job_lost"].append(job_id)
    return [Notice("floor", pot, code, tuple(ids)) for (pot, code), ids in groups.items()]


def _doctors(found: Difference) -> list[Notice]:
    notices: list[Notice] = []
    if found.newly_unserved:
        notices.append(Notice("doctor", "", "not_coming", tuple(each.id for each in found.newly_unserved)))
    if found.stranded:
        notices.append(Notice("doctor", "", "stranded", tuple(each.order_id for each in found.stranded)))
    return notices
