"""Days and plans travel as JSON and come back the same; what cannot be read is named."""

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.decoction import schedule
from dispatch.formats import (
    FormatError,
    day_from_dict,
    decoction_answer,
    decoction_from_dict,
    plan_from_dict,
    to_dict,
)
from dispatch.sample import synthetic_day

SHARED = Path(__file__).resolve().parents[3] / "shared"

PROBLEM: dict[str, Any] = {
    "horizon_min": 600,
    "grid_min": 5,
    "packers": 1,
    "loaders": 1,
    "adders": 1,
    "pots": [{"id": "P1", "max_ml": 6000, "duty": "any"}],
    "jobs": [
        {
            "id": "J1",
            "ml": 2800,
            "taint": "none",
            "release_min": 0,
            "soak_min": 30,
            "load_min": 5,
            "cook_min": 60,
            "add_at_min": None,
            "add_min": 5,
            "pack_min": 5,
            "clean_min": 10,
            "due_min": 300,
            "weight": 1,
            "recipe": None,
        }
    ],
}


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6), orders=st.integers(0, 6), vehicles=st.integers(0, 3))
def test_a_day_comes_back_as_it_went(seed: int, orders: int, vehicles: int) -> None:
    day = synthetic_day(seed=seed, orders=orders, villages=3, vehicles=vehicles)
    assert day_from_dict(json.loads(json.dumps(to_dict(day)))) == day


def test_a_plan_comes_back_as_it_went(small_plan) -> None:
    assert plan_from_dict(json.loads(json.dumps(to_dict(small_plan)))) == small_plan


def test_the_problem_of_the_command_line_is_read_and_answered() -> None:
    problem = decoction_from_dict({**PROBLEM, "comment": "passed over"})
    made = schedule(problem.jobs, problem.pots, problem.crew, horizon_min=problem.horizon_min, seconds=0.05)
    answer = decoction_answer(made)
    assert answer.pop("seconds") < 5
    assert answer == {
        "feasible": True,
        "makespan_min": 100,
        "weighted_tardiness": 0,
        "lower_bound_min": 100,
        "lower_bound_tardiness": 0,
        "engine": "list",
        "jobs": [{"id": "J1", "pot": "P1", "soak_at": 0, "load_at": 30, "cook_at": 35, "pack_at": 95}],
        "unscheduled": [],
    }


def test_a_job_without_a_place_is_answered_with_its_reason() -> None:
    problem = decoction_from_dict({**PROBLEM, "pots": []})
    made = schedule(problem.jobs, problem.pots, problem.crew, horizon_min=problem.horizon_min, seconds=0.05)
    answer = decoction_answer(made)
    assert answer["feasible"] is False
    assert answer["unscheduled"] == [
        {"id": "J1", "why": "there are no pots today", "why_zh": "今日没有可用的煎药锅", "code": "no_pots"}
    ]


def _broken(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    problem = copy.deepcopy(PROBLEM)
    change(problem)
    return problem


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p: p.pop("packers"), "problem.crew: field 'packers' is missing"),
        (lambda p: p.pop("horizon_min"), "problem: field 'horizon_min' is missing"),
        (lambda p: p.update(jobs={}), "problem.jobs: a list is expected"),
        (lambda p: p.update(jobs=[3]), "problem.jobs[0]: an object is expected, got int"),
        (lambda p: p["jobs"][0].pop("cook_min"), "problem.jobs[0]: field 'cook_min' is missing"),
        (lambda p: p["jobs"][0].update(cook_min="60"), "problem.jobs[0].cook_min: int is expected, got '60'"),
        (lambda p: p["jobs"][0].update(cook_min=60.5), "problem.jobs[0].cook_min: int is expected, got 60.5"),
        (lambda p: p["jobs"][0].update(ml=True), "problem.jobs[0].ml: int is expected, got True"),
        (
            lambda p: p["jobs"][0].update(soak_min=-1),
            "problem.jobs[0]: job J1: soak_min must be between 0 and 1000000, got -1",
        ),
        (
            lambda p: p["pots"][0].update(duty="all"),
            "problem.pots[0].duty: one of any, toxic, strong is expected, got 'all'",
        ),
        (lambda p: p["jobs"].append(p["jobs"][0]), "problem: jobs holds the id 'J1' twice"),
    ],
)
def test_a_problem_that_cannot_be_read_says_where(
    change: Callable[[dict[str, Any]], object], message: str
) -> None:
    with pytest.raises(FormatError) as caught:
        decoction_from_dict(_broken(change))
    assert str(caught.value) == message


@pytest.mark.parametrize("data", [None, [], 3, "text"])
def test_a_problem_that_is_no_object_is_refused(data: object) -> None:
    with pytest.raises(FormatError, match=r"^problem: an object is expected, got "):
        decoction_from_dict(data)


def test_an_unknown_field_of_a_day_is_refused(small_day) -> None:
    with pytest.raises(FormatError) as caught:
        day_from_dict({**to_dict(small_day), "speed": 3})
    assert str(caught.value) == "day: unknown field 'speed'"


def test_a_coordinate_of_nan_is_refused(small_day) -> None:
    data = to_dict(small_day)
    data["villages"][0]["lon"] = float("nan")
    with pytest.raises(FormatError) as caught:
        day_from_dict(data)
    assert str(caught.value) == "day.villages[0]: village N0: lon must be a finite number, got nan"


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data folder is absent")
@pytest.mark.parametrize(("name", "jobs"), [("county_170", 170), ("city_600", 600), ("province_4300", 4300)])
def test_the_shared_decoction_days_are_read(name: str, jobs: int) -> None:
    data = json.loads((SHARED / f"data/decoct/{name}.json").read_text("utf-8"))
    assert len(decoction_from_dict(data).jobs) == jobs
