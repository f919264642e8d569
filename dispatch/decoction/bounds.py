"""What no schedule can beat: simple bounds, each with its reason."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from dispatch.decoction.batches import shares_of_load
from dispatch.decoction.tasks import Task, Tasks

Parts = Callable[[Task], tuple[int, int | Fraction, int]]


def makespan_bound_min(tasks: Tasks) -> int:
    """A proven lower bound of the makespan, in minutes.

    The largest of: the earliest end of any job by itself; and for each kind of resource with m equal members,
    and each start r, r + work / m + the least time that must still follow, over the jobs that cannot use the
    resource before r (all their work lies after r, so the fullest of the m rows ends no earlier). A job that
    may share its pot counts for the part of a load that it must at least fill.

    Args:
        tasks: the problem in units, read with `share=False`, so that each task is one job.
    """
    crew = tasks.problem.crew
    best = max((task.earliest_end for task in tasks.tasks), default=0)
    waiting = [task for task in tasks.tasks if not task.in_pot]
    share = shares_of_load(tasks.problem, [task.jobs[0] for task in waiting])

    def part(task: Task, length: int) -> Fraction:
        return length * share[task.jobs[0].id]

    packing = [task for task in tasks.tasks if len(task.packs) == 1]
    best = max(best, _load_bound(packing, crew.packers, lambda t: (_pack_head(t), t.packs[0], 0)))
    best = max(
        best, _load_bound(waiting, crew.loaders, lambda t: (t.first_load, part(t, t.load), _after_load(t)))
    )
    adding = [task for task in waiting if task.add]
    best = max(
        best, _load_bound(adding, crew.adders, lambda t: (_add_head(t), part(t, t.add), _after_add(t)))
    )
    for group in {task.classes for task in waiting}:
        # Every job whose pots all lie in this group competes for it.
        inside = [task for task in waiting if set(task.classes) <= set(group)]
        members = sum(len(tasks.classes[each]) for each in group)
        best = max(
            best,
            _load_bound(inside, members, lambda t: (t.first_load, part(t, t.pot_length), _after_clean(t))),
        )
    return best * tasks.unit_min


def tardiness_bound_min(tasks: Tasks) -> int:
    """A proven lower bound of the weighted tardiness: every job packed as early as it could be by itself."""
    return sum(
        job.weight
        * max(0, (task.first_load + task.pack_window[0]) * tasks.unit_min + job.pack_min - job.due_min)
        for task in tasks.tasks
        for job in task.jobs
    )


def _load_bound(tasks: Sequence[Task], members: int, parts: Parts) -> int:
    """max over r of r + ceil(work of the tasks with head >= r / members) + least tail of these."""
    if not members:
        return 0
    best = 0
    work: int | Fraction = 0
    tail: int | None = None
    for head, length, after in sorted((parts(task) for task in tasks), reverse=True):
        work += length
        tail = after if tail is None else min(tail, after)
        best = max(best, head - int(-work // members) + tail)
    return best


def _pack_head(task: Task) -> int:
    return task.first_load + task.pack_window[0]


def _after_load(task: Task) -> int:
    return task.pack_window[0] - task.load + task.packs[0]


def _add_head(task: Task) -> int:
    return task.first_load + task.add_offset


def _after_add(task: Task) -> int:
    # May be negative: an adder can be busy beyond the end of cooking.
    return task.pack_window[0] + task.packs[0] - task.add_offset - task.add


def _after_clean(task: Task) -> int:
    # Negative where cleaning outlasts packing: the pot's last minutes then lie behind the makespan.
    return task.pack_window[0] + task.packs[0] - task.pot_length
