"""The relaxation proves only what is true: no schedule beats its bounds, whatever the problem."""

import random
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.decoction.bounds import makespan_bound_min
from dispatch.decoction.floor import find_floor
from dispatch.decoction.guide import ranks_of, times_of
from dispatch.decoction.listing import along, place_in_order
from dispatch.decoction.relaxation import Relaxation
from dispatch.decoction.tasks import read_tasks
from dispatch.problem import Crew, DecoctionProblem, Job, Pot

MakeJob = Callable[..., Job]


def _day(seed: int, jobs: int = 24, pots: int = 4, grid: int = 5) -> DecoctionProblem:
    """A day with a queue at its pots and recipes that may be shared."""
    rng = random.Random(seed)
    made = []
    for n in range(jobs):
        cook = rng.choice([45, 60, 80])
        recipe = rng.choice([None, None, "R60"]) if cook == 60 else None
        made.append(
            Job(
                id=f"J{n}",
                ml=rng.choice([1800, 2800, 5600]),
                release_min=rng.choice([0, 0, rng.randint(0, 200)]),
                soak_min=30,
                load_min=5,
                cook_min=cook,
                pack_min=rng.choice([5, 10]),
                clean_min=10,
                due_min=rng.choice([400, 700]),
                add_at_min=30 if cook == 45 else None,
                add_min=5,
                weight=rng.choice([0, 1, 3]),
                recipe=recipe,
            )
        )
    sizes = [rng.choice([6000, 9000]) for _ in range(pots)]
    return DecoctionProblem(
        tuple(made), tuple(Pot(f"P{n}", ml) for n, ml in enumerate(sizes)), Crew(1, 1, 1), 1200, grid
    )


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([5, 10, 15]))
def test_no_schedule_without_avoidable_tardiness_beats_the_relaxation(seed: int, grid: int) -> None:
    problem = _day(seed, jobs=10, pots=2, grid=grid)
    singles = read_tasks(problem, share=False)
    floor = find_floor(singles, makespan_bound_min(singles), 1200, seconds=3.0, threads=1)
    made = schedule(
        problem.jobs, problem.pots, problem.crew, horizon_min=1200, grid_min=grid, seconds=1.5, seed=seed
    )
    assert check_schedule(problem, made) == []
    if made.weighted_tardiness == made.lower_bound_tardiness and not made.unscheduled:
        assert floor.is_on_time
        assert floor.makespan_min <= made.makespan_min


def test_the_relaxation_sees_what_simple_bounds_do_not(make_job: MakeJob) -> None:
    # Eight loads begin at once and one loader serves them: the pots cannot all be full from the start.
    jobs = tuple(make_job(2 * n, cook_min=40) for n in range(8))
    problem = DecoctionProblem(jobs, tuple(Pot(f"P{n}", 6000) for n in range(4)), Crew(2, 1, 1), 600)
    singles = read_tasks(problem, share=False)
    simple = makespan_bound_min(singles)
    floor = find_floor(singles, simple, 600, seconds=10.0, threads=1)
    made = schedule(jobs, problem.pots, problem.crew, horizon_min=600, seconds=2.0)
    assert simple < floor.makespan_min <= made.makespan_min


def test_what_is_left_over_falls_as_the_end_moves_out() -> None:
    singles = read_tasks(_day(3), share=False)
    relaxation = Relaxation(singles, threads=1)
    left = [relaxation.solve(end, seconds=10).left_over for end in (300, 400, 500)]
    assert left == sorted(left, reverse=True)
    assert left[0] > 1


def test_the_multipliers_prove_no_more_than_the_solution_shows() -> None:
    singles = read_tasks(_day(4), share=False)
    solved = Relaxation(singles, threads=1).solve(400, seconds=10)
    assert solved.left_over <= solved.left_over_found + 0.05


def test_a_schedule_along_the_relaxation_places_everybody_once() -> None:
    problem = _day(5)
    singles, tasks = read_tasks(problem, share=False), read_tasks(problem)
    relaxation = Relaxation(singles, threads=1)
    times = times_of(singles, relaxation.kinds, relaxation.solve(700, seconds=10))
    assert sorted(times) == sorted(job.id for job in problem.jobs)
    found = along(tasks, ranks_of(tasks, times), seconds=60, rounds=20, seed=1)
    backwards = place_in_order(tasks, sorted(range(len(tasks.tasks)), reverse=True))
    assert found.value[0] == 0
    assert found.value <= backwards.value
