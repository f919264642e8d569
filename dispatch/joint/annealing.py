"""The joint search: trips are changed, the pots follow them, and what both cost decides."""

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.joint.moves import Moves, Trial
from dispatch.joint.visits import Visits
from dispatch.joint.weighing import OVER_FEN, Found, Limit, better, missed_fen, pushed, set_all, weigh, wishes

_HOT_FEN, _COLD_FEN = 1200.0, 50.0
# How often the wishes of all trips are moved at random.
_PUSHED = 0.3
# Within which bounds the price of coming home too late moves, so that about every other plan met can be kept.
_CHEAPEST_OVER_FEN, _DEAREST_OVER_FEN = 10.0, 2000.0
_STEPS_A_REPORT = 20


@dataclass(frozen=True, slots=True)
class Leg:
    """One stretch of the search: how long, from which to which part of the whole, with which seed.

    `steps` counts work instead of time; no vehicle is put to use where `fleet` of them are already.
    """

    seconds: float
    seed: int
    first: float = 0.0
    last: float = 1.0
    steps: int | None = None
    fleet: int | None = None


def anneal(
    visits: Visits,
    start: Found,
    best: Found | None,
    leg: Leg,
    *,
    must: frozenset[int] = frozenset(),
    on_progress: Callable[[float], None] | None = None,
) -> tuple[Found, Found | None]:
    """Go on from a plan for a while.

    Args:
        visits: the day.
        start: where to begin.
        best: the best plan known that can be kept, None where there is none.
        leg: how long, and how hot.
        must: orders that the best plan may not leave out.
        on_progress: told a fraction 0..1 now and then; what it raises ends the search.

    Returns:
        The plan it ended with, and the best one met.
    """
    rng = random.Random(leg.seed)  # noqa: S311 (a search, not a secret)
    moves = Moves(visits, rng, leg.fleet)
    current = start
    over_fen = OVER_FEN
    began, done = time.perf_counter(), 0
    while True:
        spent_s = time.perf_counter() - began
        if spent_s >= leg.seconds or (leg.steps is not None and done >= leg.steps):
            return current, best
        gone = spent_s / leg.seconds if leg.steps is None else done / leg.steps
        if on_progress is not None and done % _STEPS_A_REPORT == 0:
            on_progress(gone)
        done += 1
        heat = _HOT_FEN * (_COLD_FEN / _HOT_FEN) ** (leg.first + (leg.last - leg.first) * gone)
        most = current.cost + over_fen * current.over_min - heat * math.log(1 - rng.random())
        found = _step(visits, moves, current, Limit(most, over_fen))
        if found is None:
            continue
        current = found
        over_fen *= 1.05 if found.over_min else 1 / 1.05
        over_fen = min(_DEAREST_OVER_FEN, max(_CHEAPEST_OVER_FEN, over_fen))
        best = better(found, best, must)


def _step(visits: Visits, moves: Moves, current: Found, limit: Limit) -> Found | None:
    """One ruin and recreate on both sides; None where it is beyond the limit."""
    set_all(visits, current.ready, current.tours)
    trial = trial_of(visits, current)
    moves.ruin(trial)
    moves.recreate(trial)
    if trial.tours == current.tours:
        return None
    # The estimate is a hopeful one: what is too dear by it need not be scheduled.
    if sum(trial.costs) + missed_fen(visits, trial.out) > limit.most:
        return None
    asked = wishes(visits, trial.tours)
    if asked is None:
        return None
    wanted = asked.wanted
    if moves.rng.random() < _PUSHED:
        wanted = pushed(visits, trial.tours, wanted, moves.rng)
    return weigh(visits, trial.tours, wanted, limit)


def trial_of(visits: Visits, current: Found) -> Trial:
    """A plan's tours to be changed, as the problem stands: with the plan's ready times."""
    trial = Trial(
        tours=list(current.tours),
        costs=[visits.loose.quick_cost(vehicle, trips) for vehicle, trips in enumerate(current.tours)],
        out=_out(visits, current),
        ready=list(visits.first_ready),
    )
    trial.locate()
    for visit in trial.where:
        trial.ready[visit] = visits.ready_of(visit, current.ready)
    return trial


def _out(visits: Visits, current: Found) -> set[int]:
    """Visits for what is on no trip and might be."""
    on_trips = {
        order for trips in current.tours for trip in trips for v in trip for order in visits.orders[v]
    }
    missing: dict[int, set[int]] = {}
    if len(on_trips) < len(visits.possible):
        for visit, orders in enumerate(visits.orders):
            missing.setdefault(visits.village[visit], set()).update(set(orders) - on_trips)
    covered = (visits.cover(village, orders) or () for village, orders in missing.items() if orders)
    return {visit for chosen in covered for visit in chosen} - visits.hopeless
