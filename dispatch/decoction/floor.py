"""The bound of the relaxation: the earliest end of the day that it cannot refute, and its plan for it."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from dispatch.decoction.guide import times_of
from dispatch.decoction.relaxation import Relaxation, Relaxed
from dispatch.decoction.tasks import Tasks

# Loads that must be proven not to fit before an end counts as refuted: far above rounding, far below one.
_REFUTED = 1e-3
# Loads left over below which a plan counts as fitting: it only guides, nothing is proven by it.
_FITS = 0.05
_ROUGH, _FINE = 1e-3, 1e-4
_LEAST_S = 0.05
# The first end that is tried, between the simple bound and what the rules reached; then the middle.
_FIRST_TRY, _NEXT_TRY = 0.4, 0.5


@dataclass(frozen=True, slots=True)
class Floor:
    """What the relaxation proved, and when it would begin each job.

    Attributes:
        makespan_min: no schedule without avoidable tardiness ends earlier.
        times: step of the grid at which the relaxation begins each job; None where no time was left for it.
        is_on_time: False where it is proven that some job must be later than it would be by itself.
    """

    makespan_min: int
    times: dict[str, float] | None
    is_on_time: bool = True


def find_floor(
    singles: Tasks,
    known_min: int,
    reached_min: int,
    *,
    seconds: float,
    threads: int,
    iterations: int | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Floor:
    """Close in on the earliest end that the relaxation cannot refute.

    Args:
        singles: tasks of one job each.
        known_min: a bound known already.
        reached_min: an end that some schedule reached.
        seconds: limit of time.
        threads: of the solver.
        iterations: limit of work of each solution, for repeatable plans.
        on_progress: told a fraction 0..1 after each solution.
    """
    began = time.perf_counter()
    grid = singles.problem.grid_min
    relaxation = Relaxation(singles, threads=threads)
    amount = sum(float(kind.amounts.sum()) for kind in relaxation.kinds)
    low, high = known_min, reached_min
    times: dict[str, float] | None = None
    share, fitted = _FIRST_TRY, False
    while relaxation.kinds and low < high:
        end = low + int(share * (high - low)) // grid * grid
        solved: Relaxed | None = None
        for accuracy in (_ROUGH, _FINE):
            left = seconds - (time.perf_counter() - began)
            if left < _LEAST_S:
                break
            solved = relaxation.solve(end, accuracy=accuracy, seconds=left, iterations=iterations)
            if solved.left_over > _REFUTED or solved.left_over_found <= _FITS:
                break
        if solved is None:
            break
        if solved.left_over > amount + _REFUTED:
            return Floor(known_min, times, is_on_time=False)
        if on_progress is not None:
            on_progress(min(1.0, (time.perf_counter() - began) / seconds))
        fits = solved.left_over_found <= _FITS
        if fits or not fitted:
            # Even a solution that was cut short shows where the work should lie.
            times, fitted = times_of(singles, relaxation.kinds, solved), fits
        if solved.left_over > _REFUTED:
            low = _next_end(singles, end)
        else:
            high = end
        share = _NEXT_TRY
    return Floor(low, times)


def _next_end(singles: Tasks, refuted_min: int) -> int:
    """The first minute after a refuted one at which a packing can end at all."""
    grid = singles.problem.grid_min
    rests = {job.pack_min % grid for task in singles.tasks for job in task.jobs}
    return min(minute for minute in range(refuted_min + 1, refuted_min + grid + 1) if minute % grid in rests)
