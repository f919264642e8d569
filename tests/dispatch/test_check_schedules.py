"""The checker finds every kind of mistake in a schedule that is otherwise right."""

from dataclasses import replace

import pytest

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.plan_types import Schedule, ScheduledJob, Unserved
from dispatch.problem import Crew, DecoctionProblem, Pot, Started

POTS = (Pot("P0", 6000), Pot("P1", 6000), Pot("P2", 2000), Pot("P3", 9000, "toxic"))


@pytest.fixture
def problem(make_job) -> DecoctionProblem:
    """Five jobs for two pots and one person of each kind; job 1 and 3 need the adder."""
    jobs = (*(make_job(n) for n in range(4)), make_job(4, taint="toxic"))
    return DecoctionProblem(jobs, POTS, Crew(1, 1, 1), 600)


@pytest.fixture
def made(problem: DecoctionProblem) -> Schedule:
    """A right schedule of the problem."""
    right = schedule(problem.jobs, problem.pots, problem.crew, horizon_min=600, seconds=0.05)
    assert check_schedule(problem, right) == []
    return right


def _kinds(problem: DecoctionProblem, plan: Schedule) -> set[str]:
    return {each.kind for each in check_schedule(problem, plan)}


def _with(plan: Schedule, which: str, **changes: object) -> Schedule:
    jobs = tuple(replace(each, **changes) if each.job_id == which else each for each in plan.jobs)  # type: ignore[arg-type]
    return replace(plan, jobs=jobs)


def _job(plan: Schedule, job_id: str) -> ScheduledJob:
    return next(each for each in plan.jobs if each.job_id == job_id)


def _moved(plan: Schedule, job_id: str, by: int) -> Schedule:
    """The job with all of its times moved."""
    each = _job(plan, job_id)
    times = {
        name: getattr(each, name) + by
        for name in each.__slots__
        if name.endswith("_min") and getattr(each, name) is not None
    }
    return _with(plan, job_id, **times)


def test_a_job_left_away_is_missing(problem, made) -> None:
    assert "job_missing" in _kinds(problem, replace(made, jobs=made.jobs[1:]))


def test_a_job_done_and_left_out_occurs_twice(problem, made) -> None:
    twice = replace(made, unscheduled=(Unserved("J0", "no_room", "", ""),))
    assert _kinds(problem, twice) == {"job_twice"}


def test_a_job_of_another_problem_is_unknown(problem, made) -> None:
    assert "job_unknown" in _kinds(problem, _with(made, "J0", job_id="X"))


@pytest.mark.parametrize(
    ("job_id", "pot_id", "kind"),
    [("J0", "P9", "pot_unknown"), ("J0", "P2", "volume"), ("J0", "P3", "duty"), ("J4", "P0", "duty")],
)
def test_a_wrong_pot_is_found(problem, made, job_id: str, pot_id: str, kind: str) -> None:
    assert kind in _kinds(problem, _with(made, job_id, pot_id=pot_id))


@pytest.mark.parametrize(
    ("field", "by", "kind"),
    [
        ("soak_at_min", -1000, "release"),
        ("soak_at_min", 5, "soak_short"),
        ("soak_at_min", -300, "soak_long"),
        ("cook_at_min", 5, "cook_gap"),
        ("add_at_min", 5, "add_time"),
        ("cook_end_min", 5, "times"),
        ("pack_end_min", -5, "times"),
        ("clean_end_min", -5, "times"),
        ("pack_at_min", -5, "pack_early"),
        ("pack_at_min", 60, "pack_late"),
        ("pack_at_min", 1, "grid"),
        ("load_at_min", 5, "cook_gap"),
    ],
)
def test_a_wrong_time_is_found(problem, made, field: str, by: int, kind: str) -> None:
    assert kind in _kinds(problem, _with(made, "J1", **{field: getattr(_job(made, "J1"), field) + by}))


def test_packing_after_the_day_is_found(problem, made) -> None:
    assert "horizon" in _kinds(problem, _moved(made, "J0", 600))


def test_what_begins_before_now_is_found(problem, made) -> None:
    assert "past" in _kinds(replace(problem, now_min=30), made)


def test_a_pot_held_twice_is_found(problem, made) -> None:
    other = _job(made, "J2")
    late = _with(made, "J0", pot_id=other.pot_id)
    moved = _moved(late, "J0", other.load_at_min - _job(made, "J0").load_at_min + 5)
    assert "pot_overlap" in _kinds(problem, moved)


def test_a_pot_in_cleaning_is_not_free(problem, made) -> None:
    first = min((each for each in made.jobs if each.pot_id == "P0"), key=lambda each: each.load_at_min)
    second = next(each for each in made.jobs if each.pot_id == "P0" and each != first)
    early = _moved(made, second.job_id, first.clean_end_min - 5 - second.load_at_min)
    assert "pot_overlap" in _kinds(problem, early)
    just = _moved(made, second.job_id, first.clean_end_min - second.load_at_min)
    assert "pot_overlap" not in _kinds(problem, just)


@pytest.mark.parametrize("role", ["loaders", "packers", "adders"])
def test_a_person_at_two_places_is_found(problem, made, role: str) -> None:
    one, other = _job(made, "J1"), _job(made, "J3")
    together = _moved(made, "J3", one.load_at_min - other.load_at_min)
    assert role in _kinds(problem, together)
    enough = replace(problem, crew=replace(problem.crew, **{role: 2}))
    assert role not in _kinds(enough, together)


@pytest.mark.parametrize(
    ("field", "kind"),
    [("makespan_min", "makespan"), ("weighted_tardiness", "tardiness")],
)
def test_a_wrong_sum_is_found(problem, made, field: str, kind: str) -> None:
    assert _kinds(problem, replace(made, **{field: getattr(made, field) + 5})) == {kind}


@pytest.mark.parametrize("field", ["lower_bound_min", "lower_bound_tardiness"])
def test_a_bound_above_what_was_reached_is_found(problem, made, field: str) -> None:
    assert _kinds(problem, replace(made, **{field: 10_000})) == {"bound"}


def test_jobs_of_one_recipe_may_share_a_pot_while_they_fit(make_job) -> None:
    jobs = (make_job(0, recipe="R"), make_job(2, recipe="R"))
    problem = DecoctionProblem(jobs, (Pot("P0", 5600),), Crew(2, 1, 1), 600)
    alone = schedule(jobs[:1], problem.pots, problem.crew, horizon_min=600, seconds=0.05)
    both = replace(alone, jobs=(alone.jobs[0], replace(alone.jobs[0], job_id="J2")))
    assert check_schedule(problem, both) == []
    assert _kinds(replace(problem, pots=(Pot("P0", 5599),)), both) == {"volume"}
    strangers = replace(problem, jobs=(jobs[0], make_job(2, recipe="Q")))
    assert "pot_overlap" in _kinds(strangers, both)
    unlike = replace(problem, jobs=(jobs[0], make_job(2, recipe="R", clean_min=15)))
    assert "pot_overlap" in _kinds(
        unlike, replace(both, jobs=(both.jobs[0], replace(both.jobs[1], clean_end_min=110)))
    )


def test_history_cannot_be_planned_otherwise(make_job) -> None:
    job = make_job(0, started=Started(0, "P0", 30))
    problem = DecoctionProblem((job,), POTS, Crew(1, 1, 1), 600, now_min=50)
    made = schedule(problem.jobs, problem.pots, problem.crew, horizon_min=600, now_min=50, seconds=0.05)
    assert check_schedule(problem, made) == []
    assert _kinds(problem, _with(made, "J0", pot_id="P1")) == {"pot_wrong"}
    assert "started" in _kinds(problem, _moved(made, "J0", 5))
