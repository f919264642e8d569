"""What no schedule can beat: simple bounds, each with its reason."""

from collections.abc import Callable, Sequence

from dispatch.decoction.tasks import Task, Tasks


def makespan_bound_min(tasks: Tasks, chosen: Sequence[Task] | None = None) -> int:
    """A proven lower bound of the makespan, in minutes.

    The largest of: the earliest end of any job by itself; and for each kind of resource with m equal members,
    and each start r, r + work / m + the least time that must still follow, over the jobs that cannot use the
    resource before r (all their work lies after r, so the fullest of the m rows ends no earlier).

    Args:
        tasks: the problem in units.
        chosen: the tasks counted, all by default.
    """
    counted = tasks.tasks if chosen is None else tuple(chosen)
    crew, pots = tasks.problem.crew, tasks.problem.pots
    best = max((task.earliest_end for task in counted), default=0)
    waiting = [task for task in counted if not task.in_pot]
    best = max(best, _load_bound(counted, crew.packers, lambda t: (t.earliest_end - t.pack, t.pack, 0)))
    best = max(best, _load_bound(waiting, crew.loaders, lambda t: (t.first_load, t.load, _after_load(t))))
    adding = [task for task in waiting if task.add]
    best = max(best, _load_bound(adding, crew.adders, lambda t: (_add_head(t), t.add, _after_add(t))))
    for group in {task.pots for task in waiting}:
        # Every job whose pots all lie in this group competes for it.
        inside = [task for task in waiting if set(task.pots) <= set(group)]
        members = len([pot for pot in range(len(pots)) if pot in group])
        best = max(
            best, _load_bound(inside, members, lambda t: (t.first_load, t.pot_length, _after_clean(t)))
        )
    return best * tasks.unit_min


def tardiness_bound_min(tasks: Tasks, chosen: Sequence[Task] | None = None) -> int:
    """A proven lower bound of the weighted tardiness: every job packed as early as it could be by itself."""
    counted = tasks.tasks if chosen is None else tuple(chosen)
    unit = tasks.unit_min
    return sum(task.job.weight * max(0, task.earliest_end * unit - task.job.due_min) for task in counted)


def _load_bound(tasks: Sequence[Task], members: int, parts: Callable[[Task], tuple[int, int, int]]) -> int:
    """max over r of r + ceil(work of the tasks with head >= r / members) + least tail of these."""
    if not members:
        return 0
    best = work = 0
    tail: int | None = None
    for head, length, after in sorted((parts(task) for task in tasks), reverse=True):
        work += length
        tail = after if tail is None else min(tail, after)
        best = max(best, head - (-work // members) + tail)
    return best


def _after_load(task: Task) -> int:
    return task.pack_window[0] - task.load + task.pack


def _add_head(task: Task) -> int:
    return task.first_load + task.add_offset


def _after_add(task: Task) -> int:
    # May be negative: an adder can be busy beyond the end of cooking.
    return task.pack_window[0] + task.pack - task.add_offset - task.add


def _after_clean(task: Task) -> int:
    # Negative where cleaning outlasts packing: the pot's last minutes then lie behind the makespan.
    return task.pack_window[0] + task.pack - task.pot_length
