"""Loads taken off the board and placed again."""

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_schedule
from dispatch.decoction.bounds import makespan_bound_min, tardiness_bound_min
from dispatch.decoction.floor import Floor
from dispatch.decoction.listing import Listed, place_in_order, value_of
from dispatch.decoction.reinsertion import reinsert
from dispatch.decoction.results import to_schedule
from dispatch.decoction.tasks import Tasks, read_tasks
from dispatch.problem import Crew, DecoctionProblem, Job, Pot

MakeJob = Callable[..., Job]


def _reinserted(tasks: Tasks, start: Listed, steps: int) -> Listed:
    return reinsert(
        tasks,
        start,
        [0.0] * len(tasks.tasks),
        enough=(0, tardiness_bound_min(tasks), makespan_bound_min(tasks)),
        seconds=30.0,
        seed=1,
        steps=steps,
    )


def test_a_long_load_that_was_left_to_the_end_goes_first(make_job: MakeJob) -> None:
    # One pot does the long one, the other both short ones: 30 + 5 + 130 + 5 = 170 with 10 min of cleaning.
    jobs = (make_job(0, cook_min=55), make_job(2, cook_min=55), make_job(4, cook_min=130))
    problem = DecoctionProblem(jobs, (Pot("P0", 3000), Pot("P1", 3000)), Crew(2, 2, 2), 600)
    tasks = read_tasks(problem)
    start = place_in_order(tasks, (0, 1, 2))
    found = _reinserted(tasks, start, 400)
    assert (start.value, found.value) == ((0, 0, 240), (0, 0, 170))


def test_a_job_that_is_late_for_another_is_brought_forward(make_job: MakeJob) -> None:
    jobs = (make_job(0, due_min=500), make_job(2, due_min=110))
    problem = DecoctionProblem(jobs, (Pot("P0", 3000),), Crew(1, 1, 1), 600)
    tasks = read_tasks(problem)
    start = place_in_order(tasks, (0, 1))
    assert start.value[1] > 0
    assert _reinserted(tasks, start, 200).value[:2] == (0, 0)


jobs_drawn = st.lists(
    st.tuples(st.sampled_from((45, 60, 80, 95)), st.integers(0, 120), st.integers(150, 500), st.booleans()),
    min_size=1,
    max_size=14,
)


@settings(max_examples=30, deadline=None)
@given(jobs_drawn)
def test_every_step_keeps_a_schedule_that_passes_the_checker_and_is_no_worse(
    rows: list[tuple[int, int, int, bool]],
) -> None:
    jobs = tuple(
        Job(f"J{n}", 2000, release, 30, 5, cook, 5, 10, due, add_at_min=30 if adds else None, add_min=5)
        for n, (cook, release, due, adds) in enumerate(rows)
    )
    problem = DecoctionProblem(jobs, (Pot("P0", 3000), Pot("P1", 6000)), Crew(1, 1, 1), 1200)
    tasks = read_tasks(problem)
    start = place_in_order(tasks, range(len(jobs)))
    found = _reinserted(tasks, start, 60)
    assert found.value == value_of(tasks, found.placings)
    assert found.value <= start.value
    made = to_schedule(tasks, tasks, found, Floor(makespan_bound_min(tasks), None), "reinsertion", 0.0)
    assert check_schedule(problem, made) == []
    assert _reinserted(tasks, start, 60) == found
