"""Which jobs of one recipe are cooked in one pot together."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from fractions import Fraction

from dispatch.decoction.fractional import heaviest
from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, DecoctionProblem, Job

# A job waits for another of its recipe no longer than this: sharing saves a pot, it must not cost a delay.
_LONGEST_WAIT_MIN = 240
# What a shared load keeps in hand before the first of its jobs would be late; less where jobs are patient.
_SPARE_MIN, _LEAST_SPARE_MIN = 60, 0


def process_of(job: Job) -> tuple[object, ...]:
    """What has to be alike for two jobs to be cooked as one."""
    adding = (job.add_at_min, job.add_min) if job.needs_adder else None
    return (
        job.recipe,
        job.taint,
        job.load_min,
        job.cook_min,
        job.clean_min,
        adding,
        job.add_at_min,
        job.add_min,
    )


def gather(
    problem: DecoctionProblem, jobs: Sequence[Job], *, share: bool = True, patient: bool = False
) -> list[tuple[Job, ...]]:
    """Put jobs into loads: those of one recipe together while they fit, everybody else alone.

    A load grows while some pot of its duty holds it; while no job waits long for another; while every job
    can still be on time; and while there are adders and packers for all of them.

    Args:
        problem: pots and people.
        jobs: the jobs that are not in a pot yet.
        share: False leaves every job alone.
        patient: whether jobs wait for one another as long as their due times let them: the fewest loads.
    """
    recipes: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    loads: list[tuple[Job, ...]] = []
    for job in jobs:
        if share and job.recipe is not None and job.started is None:
            recipes[process_of(job)].append(job)
        else:
            loads.append((job,))
    for alike in recipes.values():
        loads += (
            _fewest(problem, alike) if patient else _first_fit(problem, sorted(alike, key=_soaked), False)
        )
    return loads


def _soaked(job: Job) -> tuple[int, int, str]:
    return job.release_min + job.soak_min, job.due_min, job.id


def _fewest(problem: DecoctionProblem, alike: Sequence[Job]) -> list[tuple[Job, ...]]:
    """The fewest loads that one of a few orders of first fit gives."""
    orders = (
        sorted(alike, key=_soaked),
        sorted(alike, key=lambda job: (job.due_min, _soaked(job))),
        sorted(alike, key=lambda job: (-job.release_min, job.due_min, job.id)),
        sorted(alike, key=lambda job: (-job.ml, _soaked(job))),
    )
    return min((_first_fit(problem, order, True) for order in orders), key=len)


def _first_fit(problem: DecoctionProblem, order: Sequence[Job], patient: bool) -> list[tuple[Job, ...]]:
    largest = max(pot.max_ml for pot in problem.pots if pot.duty == DUTY_FOR[order[0].taint])
    loads: list[list[Job]] = []
    for job in order:
        home = next((load for load in loads if _may_join(problem, load, job, largest, patient)), None)
        if home is None:
            loads.append([job])
        else:
            home.append(job)
    return [tuple(load) for load in loads]


def _may_join(problem: DecoctionProblem, load: Sequence[Job], job: Job, largest: int, patient: bool) -> bool:
    together = [*load, job]
    if sum(each.ml for each in together) > largest:
        return False
    if job.needs_adder and len(together) > problem.crew.adders:
        return False
    # Half of what the packers could begin inside the window: the other half is for other pots.
    pack_min = max(problem.grid_min, *(each.pack_min for each in together))
    if 2 * len(together) > problem.crew.packers * (PACK_WAIT_MIN // pack_min + 1):
        return False
    soaked = [max(each.release_min, problem.now_min) + each.soak_min for each in together]
    if not patient and max(soaked) - min(soaked) > _LONGEST_WAIT_MIN:
        return False
    # All of them may have to be packed by one packer, one after the other.
    packed = max(soaked) + job.load_min + job.cook_min + sum(each.pack_min for each in together)
    spare_min = _LEAST_SPARE_MIN if patient else _SPARE_MIN
    return packed + spare_min <= min(problem.horizon_min, *(each.due_min for each in together))


def shares_of_load(
    problem: DecoctionProblem, jobs: Sequence[Job], windows: Mapping[str, tuple[int, int]] | None = None
) -> dict[str, Fraction]:
    """How much of a load each job stands for, so that no possible load holds more than one in all.

    A job that nobody can share with is a whole load. Alike jobs get the weights that `fractional.heaviest`
    finds over the loads that are possible: those that a pot of their duty holds and, where windows are
    given, whose jobs can be loaded at one time.

    Args:
        problem: the pots.
        jobs: to be weighed.
        windows: for each job the first and the last time at which it may be loaded; any time by default.
    """
    shares = {job.id: Fraction(1) for job in jobs}
    recipes: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        if job.recipe is not None:
            recipes[process_of(job)].append(job)
    for alike in recipes.values():
        volumes = [pot.max_ml for pot in problem.pots if pot.duty == DUTY_FOR[alike[0].taint]]
        if len(alike) < 2 or not volumes:
            continue
        crowds = _crowds([windows[job.id] for job in alike]) if windows else [list(range(len(alike)))]
        weights = heaviest([job.ml for job in alike], max(volumes), crowds)
        shares |= zip((job.id for job in alike), weights, strict=True)
    return shares


def _crowds(windows: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The largest sets of jobs that can all be loaded at one time."""
    found = {
        frozenset(each for each, (low, high) in enumerate(windows) if low <= at <= high)
        for at, last in windows
        if at <= last
    }
    # Who has no window at all is a load of his own.
    found |= {frozenset((each,)) for each, (low, high) in enumerate(windows) if low > high}
    return [sorted(crowd) for crowd in found if not any(crowd < other for other in found)]
