"""Which jobs of one recipe are cooked in one pot together."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction

from dispatch.problem import DUTY_FOR, PACK_WAIT_MIN, DecoctionProblem, Job

# A job waits for another of its recipe no longer than this: sharing saves a pot, it must not cost a delay.
_LONGEST_WAIT_MIN = 240
# What a shared load keeps in hand before the first of its jobs would be late.
_SPARE_MIN = 60


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


def gather(problem: DecoctionProblem, jobs: Sequence[Job], *, share: bool = True) -> list[tuple[Job, ...]]:
    """Put jobs into loads: those of one recipe together while they fit, everybody else alone.

    A load grows while some pot of its duty holds it; while no job waits long for another; while every job
    can still be on time; and while there are adders and packers for all of them.

    Args:
        problem: pots and people.
        jobs: the jobs that are not in a pot yet.
        share: False leaves every job alone.
    """
    recipes: dict[tuple[object, ...], list[Job]] = defaultdict(list)
    loads: list[tuple[Job, ...]] = []
    for job in jobs:
        if share and job.recipe is not None and job.started is None:
            recipes[process_of(job)].append(job)
        else:
            loads.append((job,))
    for alike in recipes.values():
        largest = max(pot.max_ml for pot in problem.pots if pot.duty == DUTY_FOR[alike[0].taint])
        open_loads: list[list[Job]] = []
        for job in sorted(alike, key=lambda each: (each.release_min + each.soak_min, each.due_min, each.id)):
            home = next((load for load in open_loads if _may_join(problem, load, job, largest)), None)
            if home is None:
                open_loads.append([job])
            else:
                home.append(job)
        loads += [tuple(load) for load in open_loads]
    return loads


def _may_join(problem: DecoctionProblem, load: Sequence[Job], job: Job, largest: int) -> bool:
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
    if max(soaked) - min(soaked) > _LONGEST_WAIT_MIN:
        return False
    # All of them may have to be packed by one packer, one after the other.
    packed = max(soaked) + job.load_min + job.cook_min + sum(each.pack_min for each in together)
    return packed + _SPARE_MIN <= min(problem.horizon_min, *(each.due_min for each in together))


def shares_of_load(problem: DecoctionProblem, jobs: Sequence[Job]) -> dict[str, Fraction]:
    """How much of a load each job stands for, so that no possible load holds more than one in all.

    A job that nobody can share with is a whole load. Of alike jobs no load holds more than the largest sum of
    their volumes that a pot of their duty takes, nor more jobs than the smallest of them fill it with:
    whichever asks for more loads altogether is used.
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
        fullest = _fullest([job.ml for job in alike], max(volumes))
        most = _most([job.ml for job in alike], max(volumes))
        by_volume = sum((Fraction(job.ml, fullest) for job in alike), Fraction(0))
        for job in alike:
            shares[job.id] = (
                Fraction(job.ml, fullest) if by_volume * most >= len(alike) else Fraction(1, most)
            )
    return shares


def _fullest(volumes: Sequence[int], room: int) -> int:
    """The largest sum of some of the volumes that is not above `room`."""
    sums = 1
    for volume in volumes:
        sums |= sums << volume
        sums &= (1 << (room + 1)) - 1
    return sums.bit_length() - 1


def _most(volumes: Sequence[int], room: int) -> int:
    """How many of the volumes, the smallest first, `room` holds."""
    number = 0
    for volume in sorted(volumes):
        room -= volume
        if room < 0:
            break
        number += 1
    return number
