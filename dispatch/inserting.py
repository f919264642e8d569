"""Free time beside a plan: whether one more order fits into it, everything else staying as it is."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from dispatch.decoction.tasks import load_window
from dispatch.delivery.tours import RouteProblem
from dispatch.plan_types import DayPlan, ScheduledJob, Stop
from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, Crew, Day, Job, Order
from dispatch.stops import make_stop
from dispatch.travel import Travel

Counts = npt.NDArray[np.int64]


def packed_min(day: Day, plan: DayPlan, job: Job) -> int | None:
    """When a job's packing can end at the earliest in free time of pots and people, None where never.

    Args:
        day: pots, people, horizon.
        plan: what they do already; a place that the job itself has in it counts as free.
        job: not in a pot yet; it gets a load of its own.
    """
    if job.started is not None and job.started.load_at_min is not None:
        return None
    busy = _Busy(day, plan, job)
    first, last = load_window(day.decoction(), job)
    for load in range(first, last + 1, day.grid_min):
        packed = busy.packed_min(load)
        if packed is not None:
            return packed
    return None


def delivers(day: Day, plan: DayPlan, travel: Travel, order: Order, ready_min: int) -> bool:
    """Whether an order can be brought besides what the plan brings.

    Args:
        day: vehicles, villages.
        plan: its trips keep their stops and the sequence of these; their times may move.
        travel: matrices over every place.
        order: to be tried at every place of every trip, and on a trip of its own.
        ready_min: when its bags are packed.
    """
    visited = {visit.stop_id for trip in plan.routes.trips for visit in trip.visits}
    stops = [stop for stop in plan.stops if stop.id in visited]
    new = make_stop(day, "\0new", [order], {order.id: ready_min})
    problem = RouteProblem((*stops, new), day.vehicles, travel, day.loading_min, day.now_min, day.prices)
    for vehicle, trips in enumerate(sequences(day, plan, stops)):
        for changed, trip in insertions(trips, len(stops)):
            is_allowed = len(changed) <= problem.trips_left(vehicle) and problem.holds(vehicle, trip)
            if is_allowed and problem.timetable(vehicle, changed) is not None:
                return True
    return False


def sequences(day: Day, plan: DayPlan, stops: Sequence[Stop]) -> list[list[list[int]]]:
    """For each vehicle of the day its trips as indices of `stops`."""
    rows = {stop.id: row for row, stop in enumerate(stops)}
    found: list[list[list[int]]] = []
    for vehicle in day.vehicles:
        mine = [trip for trip in plan.routes.trips if trip.vehicle_id == vehicle.id]
        mine.sort(key=lambda trip: trip.number)
        found.append([[rows[visit.stop_id] for visit in trip.visits] for trip in mine])
    return found


def insertions(trips: list[list[int]], new: int) -> Iterator[tuple[list[list[int]], list[int]]]:
    """The trips with one stop more, and the trip that has it."""
    for number, trip in enumerate(trips):
        for place in range(len(trip) + 1):
            longer = [*trip[:place], new, *trip[place:]]
            yield [*trips[:number], longer, *trips[number + 1 :]], longer
    for number in range(len(trips) + 1):
        yield [*trips[:number], [new], *trips[number:]], [new]


class _Busy:
    """Where a job could be placed beside the schedule, a minute at a time."""

    def __init__(self, day: Day, plan: DayPlan, job: Job) -> None:
        self._job = job
        others = [each for each in plan.schedule.jobs if each.job_id != job.id]
        length = job.load_min + job.cook_min + job.clean_min
        ends = max((max(each.clean_end_min, each.pack_end_min) for each in others), default=0)
        self._horizon = day.horizon_min
        self._grid = day.grid_min
        minutes = max(ends, day.horizon_min + length + PACK_WAIT_MIN) + 1
        duty = DUTY_FOR[job.taint]
        pots = {
            pot.id: row
            for row, pot in enumerate(pot for pot in day.pots if pot.duty == duty and pot.max_ml >= job.ml)
        }
        in_pots = np.zeros((len(pots), minutes), dtype=np.int64)
        for each in others:
            if each.pot_id in pots:
                in_pots[pots[each.pot_id], max(0, each.load_at_min) : each.clean_end_min] = 1
        self._pots = _sums(in_pots)
        adding = {order.job.id: order.job.add_min for order in day.orders if order.job is not None}
        people = _people(others, adding, minutes)
        self._loaders, self._packers, self._adders = (
            _sums((people[role] >= size).astype(np.int64))
            for role, size in zip(("load", "pack", "add"), _sizes(day.crew), strict=True)
        )

    def packed_min(self, load: int) -> int | None:
        """When the packing ends if loading begins at `load`; None where something is not free."""
        job = self._job
        cook = load + job.load_min
        cooked = cook + job.cook_min
        held = self._pots[:, cooked + job.clean_min] - self._pots[:, load]
        if not (held == 0).any() or not _is_free(self._loaders, load, job.load_min):
            return None
        if job.needs_adder and not _is_free(self._adders, cook + (job.add_at_min or 0), job.add_min):
            return None
        first = -(-cooked // self._grid) * self._grid
        last = min(cooked + PACK_WAIT_MIN, self._horizon - job.pack_min)
        starts = range(first, last + 1, self._grid)
        pack = next((each for each in starts if _is_free(self._packers, each, job.pack_min)), None)
        return None if pack is None else pack + job.pack_min


def _sizes(crew: Crew) -> tuple[int, int, int]:
    return crew.loaders, crew.packers, crew.adders


def _people(jobs: Sequence[ScheduledJob], adding: dict[str, int], minutes: int) -> dict[str, Counts]:
    """How many load, pack and add in every minute; jobs that share a pot are loaded once."""
    busy = {role: np.zeros(minutes, dtype=np.int64) for role in ("load", "pack", "add")}
    loads: set[tuple[str, int]] = set()
    for each in jobs:
        if (each.pot_id, each.load_at_min) not in loads:
            loads.add((each.pot_id, each.load_at_min))
            busy["load"][max(0, each.load_at_min) : max(0, each.cook_at_min)] += 1
        busy["pack"][each.pack_at_min : each.pack_end_min] += 1
        if each.add_at_min is not None:
            busy["add"][max(0, each.add_at_min) : max(0, each.add_at_min + adding.get(each.job_id, 0))] += 1
    return busy


def _sums(busy: Counts) -> Counts:
    """Sums up to each minute, so that a stretch is free where the sums at its ends are equal."""
    padded = np.zeros((*busy.shape[:-1], busy.shape[-1] + 1), dtype=np.int64)
    np.cumsum(busy, axis=-1, out=padded[..., 1:])
    return padded


def _is_free(sums: Counts, start: int, length: int) -> bool:
    return bool(sums[start + length] == sums[start])
