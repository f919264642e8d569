"""What a plan of both sides comes to: the pots follow the trips, and everything is counted."""

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dispatch.decoction.listing import Placing
from dispatch.delivery.tours import Tours
from dispatch.joint.loads import NEVER_MIN
from dispatch.joint.pots import Cooked, cook, postpone
from dispatch.joint.visits import Visits

# A minute that an urgent job is packed too late: dear enough that no journey is worth it.
_URGENT_FEN = 100
# What a minute weighs that a vehicle comes home too late, at first.
OVER_FEN = 100.0
# How far the wish of a trip is moved at random, so that trips overtake one another at the pots.
_PUSH_MIN = 60.0


@dataclass(frozen=True, slots=True)
class Found:
    """A plan of both sides: which visits on which trips, and when everything is packed.

    Attributes:
        tours: for each vehicle its trips, lists of visits.
        placings: for each load where it goes, None where it has no room.
        ready: for every order the minute of its packing, NEVER_MIN where it has none.
        served: the orders on trips.
        over_min: by how many minutes vehicles come home too late; a plan to be kept has 0.
        cost: all that it weighs, in fen, without what these minutes are held to weigh.
    """

    tours: Tours
    placings: tuple[Placing | None, ...]
    ready: tuple[int, ...]
    served: frozenset[int]
    over_min: int
    cost: float

    @property
    def vehicles(self) -> int:
        """How many are used."""
        return sum(bool(trips) for trips in self.tours)

    @property
    def held_to(self) -> float:
        """What the plan costs, what comes too late included."""
        return self.cost + OVER_FEN * self.over_min


def better(found: Found, best: Found | None, must: frozenset[int]) -> Found | None:
    """The cheaper of two plans, where the first can be kept."""
    if found.over_min or not must <= found.served:
        return best
    return found if best is None or found.cost < best.cost - 1e-6 else best


@dataclass(slots=True)
class Wishes:
    """What the trips ask of the pots.

    Attributes:
        wanted: for every order the minute by which it should be packed for its trip to leave as it could,
            NEVER_MIN where it is on no trip.
        over: for every order how many minutes too late its vehicle comes home, 0 where it does not.
        over_min: the minutes of all vehicles together.
    """

    wanted: list[float]
    over: list[int]
    over_min: int = 0


def wishes(visits: Visits, tours: Tours) -> Wishes | None:
    """What the trips ask of the pots, None where a tour breaks a rule whatever the pots do.

    Args:
        visits: the day; the problem's ready times are those of the tours.
        tours: for each vehicle its trips.
    """
    wanted: list[float] = [NEVER_MIN] * len(visits.day.orders)
    over, over_min = [0] * len(wanted), 0
    before = visits.day.loading_min + visits.day.buffer_min
    for vehicle, trips in enumerate(tours):
        if not trips:
            continue
        table = visits.patient.timetable(vehicle, trips)
        if table is None:
            return None
        too_late = max(0, table.trips[-1].back - visits.day.vehicles[vehicle].shift_end_min)
        over_min += too_late
        for trip, timed in zip(trips, table.trips, strict=True):
            for visit in trip:
                for order in visits.orders[visit]:
                    wanted[order] = timed.depart - before
                    over[order] = too_late
    return Wishes(wanted, over, over_min)


def pushed(visits: Visits, tours: Tours, wanted: Sequence[float], rng: random.Random) -> list[float]:
    """Wishes of which those of each trip are moved at random, so that trips overtake one another."""
    moved = list(wanted)
    for trip in (trip for trips in tours for trip in trips):
        by_min = rng.gauss(0, _PUSH_MIN)
        for visit in trip:
            for order in visits.orders[visit]:
                moved[order] += by_min
    return moved


@dataclass(frozen=True, slots=True)
class Limit:
    """What a plan may cost to be of interest.

    Attributes:
        most: fen, with `over_fen` for every minute that vehicles come home too late.
        over_fen: see there.
    """

    most: float = math.inf
    over_fen: float = 0.0


ANY_COST = Limit()


def weigh(visits: Visits, tours: Tours, wanted: Sequence[float], limit: Limit = ANY_COST) -> Found | None:
    """Let the pots follow the tours, and count what comes of it; None where it is beyond the limit.

    Args:
        visits: the day; the problem is left with the plan's ready times.
        tours: for each vehicle its trips.
        wanted: for every order the minute at which it should be packed.
        limit: what is too dear.
    """
    followed = _follow(visits, tours, wanted)
    if followed is not None and followed[2].over_min:
        # Who would come home too late goes ahead of the others at the pots.
        over = followed[2].over
        hurried = [minute - 2 * late for minute, late in zip(wanted, over, strict=True)]
        followed = _follow(visits, followed[0], hurried)
    if followed is None:
        return None
    tours, cooked, asked = followed
    most = limit.most - limit.over_fen * asked.over_min
    cooked = postpone(visits.loads, cooked, asked.wanted)
    set_all(visits, cooked.ready, tours)
    found = _count(visits, tours, cooked, asked.over_min)
    return found if found.cost <= most and found.cost < math.inf else None


def _follow(visits: Visits, tours: Tours, wanted: Sequence[float]) -> tuple[Tours, Cooked, Wishes] | None:
    """The pots scheduled by wishes, and what the trips ask once they know what the pots give."""
    cooked = cook(visits.loads, wanted)
    tours = _packed_only(visits, tours, cooked)
    set_all(visits, cooked.ready, tours)
    asked = wishes(visits, tours)
    return None if asked is None else (tours, cooked, asked)


def _count(visits: Visits, tours: Tours, cooked: Cooked, over_min: int) -> Found:
    """What it all weighs, infinity where a trip breaks a rule."""
    cost = sum(visits.loose.quick_cost(vehicle, trips) for vehicle, trips in enumerate(tours))
    served = frozenset(
        order
        for trips in tours
        for trip in trips
        for visit in trip
        for order in visits.orders[visit]
        if cooked.ready[order] < NEVER_MIN
    )
    every = range(len(visits.day.orders))
    cost += sum(visits.missed[order] for order in every if order not in served)
    for order, number, slot in visits.loads.cooked:
        job = visits.loads.tasks.tasks[number].jobs[slot]
        if job.weight > 1 and job.due_min < cooked.ready[order] < NEVER_MIN:
            cost += _URGENT_FEN * job.weight * (cooked.ready[order] - job.due_min)
    return Found(tours, tuple(cooked.placings), tuple(cooked.ready), served, over_min, cost)


def _packed_only(visits: Visits, tours: Tours, cooked: Cooked) -> Tours:
    """The tours without the visits of which nothing is packed."""
    if all(ready < NEVER_MIN for ready in cooked.ready):
        return tours

    def is_packed(visit: int) -> bool:
        return any(cooked.ready[order] < NEVER_MIN for order in visits.orders[visit])

    kept = [[[visit for visit in trip if is_packed(visit)] for trip in trips] for trips in tours]
    return [[trip for trip in trips if trip] for trips in kept]


def set_all(visits: Visits, ready: Sequence[int], tours: Tours | None = None) -> None:
    """Tell the problem the ready times of a plan: of all visits, or of those on tours."""
    if tours is None:
        visits.set_ready(range(len(visits.orders)), ready)
    else:
        visits.set_ready([visit for trips in tours for trip in trips for visit in trip], ready)


def missed_fen(visits: Visits, out: Iterable[int]) -> int:
    """What leaving visits out weighs."""
    return sum(visits.missed[order] for visit in out for order in visits.orders[visit])
