"""Schedules: every one passes the independent checker, and what cannot be done is named."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.decoction.cp_sat import Limits, improve
from dispatch.decoction.listing import place_in_order
from dispatch.decoction.tasks import read_tasks
from dispatch.formats import decoction_from_dict
from dispatch.plan_types import Schedule
from dispatch.problem import Crew, DecoctionProblem, Job, Pot, Started

SHARED = Path(__file__).resolve().parents[4] / "shared"
MakeJob = Callable[..., Job]

jobs = st.builds(
    Job,
    id=st.just("J"),
    ml=st.integers(1000, 6_000),
    release_min=st.integers(0, 100),
    soak_min=st.integers(0, 60),
    load_min=st.integers(0, 10),
    cook_min=st.integers(10, 90),
    pack_min=st.integers(0, 10),
    clean_min=st.integers(0, 20),
    due_min=st.integers(0, 400),
    taint=st.sampled_from(["none"] * 6 + ["toxic", "strong"]),
    add_at_min=st.none() | st.integers(0, 10),
    add_min=st.integers(0, 10),
    weight=st.integers(0, 3),
)
pots = st.builds(
    Pot,
    id=st.just("P"),
    max_ml=st.integers(5000, 12_000),
    duty=st.sampled_from(["any"] * 4 + ["toxic", "strong"]),
)


def _numbered(rows: list, kind: str) -> tuple:
    fields = [{name: getattr(row, name) for name in row.__slots__} for row in rows]
    return tuple(
        type(row)(**(f | {"id": f"{kind}{n}"})) for n, (row, f) in enumerate(zip(rows, fields, strict=True))
    )


problems = st.builds(
    lambda some_jobs, some_pots, crew, horizon, grid: DecoctionProblem(
        _numbered(some_jobs, "J"), _numbered(some_pots, "P"), crew, horizon, grid
    ),
    st.lists(jobs, min_size=2, max_size=9),
    st.lists(pots, min_size=1, max_size=4),
    st.builds(Crew, packers=st.integers(1, 2), loaders=st.integers(1, 2), adders=st.integers(0, 2)),
    st.integers(200, 900),
    st.sampled_from([1, 5, 7, 30]),
)


def _schedule(problem: DecoctionProblem, seconds: float = 0.1, **options: object) -> Schedule:
    return schedule(
        problem.jobs,
        problem.pots,
        problem.crew,
        horizon_min=problem.horizon_min,
        grid_min=problem.grid_min,
        now_min=problem.now_min,
        seconds=seconds,
        **options,  # type: ignore[arg-type]
    )


@settings(max_examples=150, deadline=None)
@given(problems)
def test_a_list_schedule_of_any_problem_passes_the_checker(problem: DecoctionProblem) -> None:
    assert check_schedule(problem, _schedule(problem, 0.02)) == []


@settings(max_examples=20, deadline=None)
@given(problems)
def test_an_improved_schedule_of_any_problem_passes_the_checker(problem: DecoctionProblem) -> None:
    listed = _schedule(problem, 0.02)
    improved = _schedule(problem, 0.4)
    assert check_schedule(problem, improved) == []
    if len(improved.unscheduled) == len(listed.unscheduled):
        better = (improved.weighted_tardiness, improved.makespan_min)
        assert improved.unscheduled or better <= (listed.weighted_tardiness, listed.makespan_min)


@settings(max_examples=60, deadline=None)
@given(problems, st.data())
def test_planning_again_from_any_minute_passes_the_checker(
    problem: DecoctionProblem, data: st.DataObject
) -> None:
    now = data.draw(st.integers(1, problem.horizon_min))
    begun = {each.job_id: each for each in _schedule(problem, 0.02).jobs if each.soak_at_min < now}
    waiting = [
        Job(
            **{name: getattr(job, name) for name in job.__slots__}
            | {"started": _started(begun.get(job.id), now)}
        )
        for job in problem.jobs
        if job.id not in begun or begun[job.id].pack_end_min > now
    ]
    rest = DecoctionProblem(
        tuple(waiting), problem.pots, problem.crew, problem.horizon_min, problem.grid_min, now_min=now
    )
    assert check_schedule(rest, _schedule(rest, 0.25)) == []


def _started(each, now: int) -> Started | None:
    if each is None:
        return None
    if each.load_at_min < now:
        return Started(each.soak_at_min, each.pot_id, each.load_at_min)
    return Started(each.soak_at_min)


def _why(jobs: list[Job], pots: list[Pot], crew: Crew, horizon_min: int = 600, now_min: int = 0) -> list[str]:
    made = schedule(jobs, pots, crew, horizon_min=horizon_min, now_min=now_min, seconds=0.05)
    problem = DecoctionProblem(tuple(jobs), tuple(pots), crew, horizon_min, now_min=now_min)
    assert check_schedule(problem, made) == []
    assert all(each.zh and each.en for each in made.unscheduled)
    return [each.code for each in made.unscheduled]


def test_each_hopeless_job_is_named_with_its_reason(make_job: MakeJob) -> None:
    crew, pot = Crew(1, 1, 1), [Pot("P0", 6000)]
    assert _why([make_job(0)], [], crew) == ["no_pots"]
    assert _why([make_job(0, taint="toxic")], pot, crew) == ["no_pot_of_duty"]
    assert _why([make_job(0, ml=6001)], pot, crew) == ["too_large_for_pots"]
    assert _why([make_job(0)], pot, Crew(1, 0, 1)) == ["no_loaders"]
    assert _why([make_job(0)], pot, Crew(0, 1, 1)) == ["no_packers"]
    assert _why([make_job(1)], pot, Crew(1, 1, 0)) == ["no_adders"]
    assert _why([make_job(0)], pot, crew, horizon_min=99) == ["past_horizon"]
    assert _why([make_job(0)], pot, crew, horizon_min=100) == []
    assert _why([make_job(0), make_job(2)], pot, crew, horizon_min=120) == ["no_room"]
    lost = make_job(0, started=Started(0, "P9", 40))
    assert _why([lost], pot, crew, now_min=50) == ["pot_gone"]
    sodden = make_job(0, started=Started(0))
    assert _why([sodden], pot, crew, now_min=271) == ["soaked_too_long"]


def test_a_reason_speaks_both_languages_with_its_figures(make_job: MakeJob) -> None:
    made = schedule([make_job(0, ml=7000)], [Pot("P0", 6000)], Crew(1, 1, 1), horizon_min=600, seconds=0.05)
    (reason,) = made.unscheduled
    assert reason.zh == "药液 7000 mL 超过同类最大的锅（6000 mL）"
    assert reason.en == "7000 ml is more than the largest pot of its duty holds (6000 ml)"


def test_two_jobs_that_want_the_one_adder_at_once_are_kept_apart(make_job: MakeJob) -> None:
    problem = DecoctionProblem(
        (make_job(1), make_job(3)), (Pot("P0", 6000), Pot("P1", 6000)), Crew(2, 2, 1), 600
    )
    made = _schedule(problem, 0.5)
    assert check_schedule(problem, made) == []
    assert made.makespan_min == made.lower_bound_min == 105


def test_the_heavier_of_two_jobs_goes_first_when_both_would_be_late(make_job: MakeJob) -> None:
    light, heavy = make_job(0, due_min=100, weight=1), make_job(2, due_min=100, weight=5)
    made = schedule([light, heavy], [Pot("P0", 6000)], Crew(1, 1, 1), horizon_min=600, seconds=0.5)
    assert [each.job_id for each in made.jobs] == ["J2", "J0"]
    assert made.weighted_tardiness == 75


def test_nothing_to_cook_is_an_empty_schedule() -> None:
    made = schedule([], [], Crew(0, 0, 0), horizon_min=600, seconds=0.05)
    assert (made.jobs, made.unscheduled, made.makespan_min) == ((), (), 0)


def test_cp_sat_places_some_loads_better_and_leaves_the_others(make_job: MakeJob) -> None:
    many = tuple(make_job(n, due_min=120 + 20 * n, cook_min=50 + 10 * n) for n in range(6))
    problem = DecoctionProblem(many, (Pot("P0", 6000), Pot("P1", 6000)), Crew(1, 1, 1), 600)
    tasks = read_tasks(problem)
    start = place_in_order(tasks, [5, 4, 3, 2, 1, 0])
    found = improve(tasks, start, range(6), (0, tasks.horizon), 0, Limits(seconds=5, seed=0, threads=2))
    some = improve(tasks, start, [0, 1], (0, tasks.horizon), 0, Limits(seconds=5, seed=0, threads=2))
    assert (found.listed.value < start.value, some.is_best) == (True, True)
    assert [some.listed.placings[n] for n in range(2, 6)] == list(start.placings[2:])


def test_a_repeatable_schedule_repeats(make_job: MakeJob) -> None:
    many = tuple(make_job(n, due_min=100 + 10 * n, cook_min=50 + 7 * n) for n in range(8))
    problem = DecoctionProblem(many, (Pot("P0", 6000), Pot("P1", 6000)), Crew(1, 1, 1), 900)
    first, second = (_schedule(problem, 0.3, seed=7, repeatable=True) for _ in range(2))
    assert first.jobs == second.jobs


def test_progress_rises_to_one(make_job: MakeJob) -> None:
    told: list[float] = []
    schedule(
        [make_job(0)], [Pot("P0", 6000)], Crew(1, 1, 1), horizon_min=600, seconds=0.3, on_progress=told.append
    )
    assert told == sorted(told)
    assert told[-1] == 1.0


def test_a_time_limit_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^seconds must be above 0, got nan$"):
        schedule([], [], Crew(0, 0, 0), horizon_min=600, seconds=float("nan"))


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data folder is absent")
def test_the_county_day_is_scheduled_without_a_violation_or_a_late_job() -> None:
    problem = decoction_from_dict(json.loads((SHARED / "data/decoct/county_170.json").read_text("utf-8")))
    made = _schedule(problem, 3.0)
    assert check_schedule(problem, made) == []
    assert (len(made.jobs), made.unscheduled, made.weighted_tardiness) == (170, (), 0)
