"""A schedule mended around what still holds."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.decoction.keeping import free_pots_only, keep_schedule
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem, Job, Pot, Started

MakeJob = Callable[..., Job]


@pytest.fixture
def problem(make_job: MakeJob) -> DecoctionProblem:
    """Eight jobs, three pots, two of each role."""
    jobs = tuple(make_job(number, due_min=500) for number in range(8))
    pots = (Pot("P0", 3000), Pot("P1", 3000), Pot("P2", 6000))
    return DecoctionProblem(jobs, pots, Crew(2, 2, 2), horizon_min=600)


@pytest.fixture
def before(problem: DecoctionProblem) -> Schedule:
    """A schedule of it."""
    return schedule(problem.jobs, problem.pots, problem.crew, horizon_min=600, seconds=0.2, repeatable=True)


def _where(made: Schedule) -> dict[str, tuple[str, int, int]]:
    return {each.job_id: (each.pot_id, each.load_at_min, each.pack_at_min) for each in made.jobs}


def test_what_still_holds_stays_to_the_minute(problem: DecoctionProblem, before: Schedule) -> None:
    assert set(keep_schedule(problem, before).jobs) == set(before.jobs)


def test_a_pot_that_is_gone_moves_its_own_jobs_alone(problem: DecoctionProblem, before: Schedule) -> None:
    left = replace(problem, pots=problem.pots[1:])
    made = keep_schedule(left, before)
    assert check_schedule(left, made) == []
    was, now = _where(before), _where(made)
    assert {job for job in was if now[job] != was[job]} == {job for job in was if was[job][0] == "P0"}


def test_a_new_job_is_placed_beside_the_others(
    problem: DecoctionProblem, before: Schedule, make_job: MakeJob
) -> None:
    more = replace(problem, jobs=(*problem.jobs, make_job(8, due_min=500)))
    made = keep_schedule(more, before)
    assert check_schedule(more, made) == []
    now = _where(made)
    assert set(now) - set(_where(before)) == {"J8"}
    assert {job: now[job] for job in _where(before)} == _where(before)


def test_an_urgent_new_job_chooses_first_where_that_is_asked(
    problem: DecoctionProblem, before: Schedule, make_job: MakeJob
) -> None:
    more = replace(problem, jobs=(*problem.jobs, make_job(8, due_min=105)))
    made, kept = keep_schedule(more, before, on_time=True), keep_schedule(more, before)
    assert (check_schedule(more, made), check_schedule(more, kept)) == ([], [])
    assert _where(made)["J8"][2] + 5 <= 105
    assert {job: _where(kept)[job] for job in _where(before)} == _where(before)


def test_fewer_people_move_jobs_on_and_leave_nobody_out(problem: DecoctionProblem, before: Schedule) -> None:
    fewer = replace(problem, crew=Crew(1, 1, 1))
    made = keep_schedule(fewer, before)
    assert check_schedule(fewer, made) == []
    assert made.unscheduled == ()


def test_a_pot_is_not_loaded_while_it_is_cleaned_after_a_job_that_is_over(make_job: MakeJob) -> None:
    pot, crew = Pot("P0", 3000), Crew(1, 1, 1)
    first = make_job(0, clean_min=40)
    before = schedule((first,), (pot,), crew, horizon_min=600, seconds=0.1, repeatable=True)
    [done] = before.jobs
    now = done.pack_end_min
    # It was soaked in time, and nothing but the cleaning keeps it from being loaded at once.
    late = make_job(2, started=Started(now - 30))
    made = keep_schedule(DecoctionProblem((late,), (pot,), crew, horizon_min=600, now_min=now), before)
    [each] = made.jobs
    assert done.clean_end_min - 5 < each.load_at_min <= done.clean_end_min + 5
    assert each.load_at_min >= done.clean_end_min
    assert free_pots_only(before, made, now)
    soon = replace(made, jobs=(replace(each, load_at_min=now),))
    assert not free_pots_only(before, soon, now)
