"""Jobs of one recipe in one pot: who may join, and what the bounds make of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.decoction.batches import gather, shares_of_load
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem, Job, Pot

MakeJob = Callable[..., Job]


def _problem(
    jobs: tuple[Job, ...], pots: tuple[Pot, ...], crew: Crew, horizon: int = 900
) -> DecoctionProblem:
    return DecoctionProblem(jobs, pots, crew, 900)


def _planned(problem: DecoctionProblem, seconds: float = 0.1) -> Schedule:
    made = schedule(
        problem.jobs, problem.pots, problem.crew, horizon_min=problem.horizon_min, seconds=seconds
    )
    assert check_schedule(problem, made) == []
    return made


def _loads(made: Schedule) -> list[int]:
    return sorted(Counter((each.pot_id, each.load_at_min) for each in made.jobs).values())


def test_jobs_of_one_recipe_are_loaded_cooked_and_cleaned_once(make_job: MakeJob) -> None:
    jobs = tuple(make_job(2 * n, recipe="R") for n in range(2))
    made = _planned(_problem(jobs, (Pot("P0", 6000),), Crew(1, 1, 1)))
    assert (_loads(made), made.makespan_min, made.lower_bound_min) == ([2], 105, 105)
    assert len({each.cook_at_min for each in made.jobs}) == 1


def test_what_does_not_fit_together_or_is_cooked_otherwise_stays_apart(make_job: MakeJob) -> None:
    two = tuple(make_job(2 * n, recipe="R") for n in range(2))
    pots, crew = (Pot("P0", 6000),), Crew(1, 1, 1)
    assert _loads(_planned(_problem(two, (Pot("P0", 5599),), crew))) == [1, 1]
    for change in ({"cook_min": 65}, {"recipe": "Q"}, {"recipe": None}, {"clean_min": 15}):
        assert _loads(_planned(_problem((two[0], replace(two[1], **change)), pots, crew))) == [1, 1]


def test_nobody_waits_for_another_beyond_the_own_due_time(make_job: MakeJob) -> None:
    pressing, later = make_job(0, recipe="R", due_min=120), make_job(2, recipe="R", release_min=60)
    made = _planned(_problem((pressing, later), (Pot("P0", 6000),), Crew(1, 1, 1)))
    assert (_loads(made), made.weighted_tardiness) == ([1, 1], 0)


def test_late_herbs_are_added_by_a_hand_for_each_job(make_job: MakeJob) -> None:
    jobs = tuple(make_job(2 * n + 1, recipe="R") for n in range(2))
    for adders, loads in ((1, [1, 1]), (2, [2])):
        assert _loads(_planned(_problem(jobs, (Pot("P0", 6000),), Crew(2, 1, adders)))) == loads


def test_a_load_counts_as_full_only_when_no_possible_load_holds_more(make_job: MakeJob) -> None:
    jobs = tuple(make_job(n, ml=2800, recipe="R", add_at_min=None) for n in range(3))
    problem = _problem(jobs, (Pot("P0", 6000),), Crew(1, 1, 1))
    assert shares_of_load(problem, jobs) == {job.id: Fraction(1, 2) for job in jobs}
    assert shares_of_load(problem, jobs[:1]) == {"J0": Fraction(1)}


alike = st.lists(st.tuples(st.integers(500, 5000), st.integers(0, 200)), min_size=1, max_size=8)


@settings(max_examples=60, deadline=None)
@given(alike)
def test_every_load_that_is_gathered_stands_for_one_at_most(rows: list[tuple[int, int]]) -> None:
    jobs = [
        Job(f"J{n}", ml, release, 30, 5, 60, 5, 10, 900, recipe="R") for n, (ml, release) in enumerate(rows)
    ]
    problem = _problem(tuple(jobs), (Pot("P0", 6000), Pot("P1", 9000)), Crew(3, 1, 1))
    shares = shares_of_load(problem, jobs)
    loads = gather(problem, jobs)
    assert sorted(job.id for load in loads for job in load) == sorted(job.id for job in jobs)
    assert all(sum(shares[job.id] for job in load) <= 1 for load in loads)
    assert len(loads) >= sum(shares.values())


def test_jobs_that_cannot_be_on_time_together_do_not_share_in_the_bound(make_job: MakeJob) -> None:
    jobs = tuple(make_job(n, ml=2000, recipe="R", add_at_min=None) for n in range(3))
    problem = _problem(jobs, (Pot("P0", 6000),), Crew(1, 1, 1))
    apart = {"J0": (0, 10), "J1": (8, 20), "J2": (15, 30)}
    assert sum(shares_of_load(problem, jobs).values()) == 1
    assert sum(shares_of_load(problem, jobs, apart).values()) == 2


def test_patient_jobs_wait_for_one_another(make_job: MakeJob) -> None:
    jobs = (make_job(0, recipe="R", due_min=900), make_job(2, recipe="R", due_min=900, release_min=300))
    problem = _problem(jobs, (Pot("P0", 6000),), Crew(1, 1, 1))
    assert [len(load) for load in gather(problem, jobs)] == [1, 1]
    assert [len(load) for load in gather(problem, jobs, patient=True)] == [2]


windowed = st.lists(
    st.tuples(st.integers(500, 5000), st.integers(0, 200), st.integers(0, 300)), min_size=1, max_size=7
)


@settings(max_examples=60, deadline=None)
@given(windowed)
def test_no_load_that_is_possible_weighs_more_than_one(rows: list[tuple[int, int, int]]) -> None:
    jobs = [Job(f"J{n}", ml, 0, 30, 5, 60, 5, 10, 900, recipe="R") for n, (ml, _, _) in enumerate(rows)]
    windows = {f"J{n}": (low, low + length) for n, (_, low, length) in enumerate(rows)}
    problem = _problem(tuple(jobs), (Pot("P0", 6000), Pot("P1", 9000)), Crew(3, 1, 1))
    shares = shares_of_load(problem, jobs, windows)
    possible = [
        load
        for size in range(1, len(jobs) + 1)
        for load in combinations(jobs, size)
        if sum(job.ml for job in load) <= 9000
        and max(windows[job.id][0] for job in load) <= min(windows[job.id][1] for job in load)
    ]
    assert max(sum(shares[job.id] for job in load) for load in possible) == 1
