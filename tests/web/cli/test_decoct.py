"""`tangye decoct` as a user has it: the contract's answer, or one line that names the field."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.check import check_schedule
from dispatch.formats import decoction_from_dict
from dispatch.plan_types import Schedule, ScheduledJob, Unserved
from tests.web.cli.conftest import Tangye

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "decoct"
Change = Callable[[dict[str, Any]], object]


def _problem(jobs: int = 6) -> dict[str, Any]:
    return {
        "horizon_min": 600,
        "grid_min": 5,
        "packers": 1,
        "loaders": 1,
        "adders": 1,
        "pots": [{"id": "P1", "max_ml": 6000, "duty": "any"}, {"id": "P2", "max_ml": 9000, "duty": "any"}],
        "jobs": [
            {
                "id": f"J{n}",
                "ml": 2800,
                "taint": "none",
                "release_min": 5 * n,
                "soak_min": 30,
                "load_min": 5,
                "cook_min": 60,
                "add_at_min": 45 if n % 3 == 0 else None,
                "add_min": 5,
                "pack_min": 5,
                "clean_min": 10,
                "due_min": 500,
                "weight": 1,
                "recipe": "R1" if n in (1, 2) else None,
            }
            for n in range(jobs)
        ],
    }


@pytest.fixture
def asked(tmp_path: Path) -> Callable[[Any], str]:
    """Writes a problem and says where."""

    def write(problem: Any) -> str:
        path = tmp_path / "problem.json"
        path.write_text(problem if isinstance(problem, str) else json.dumps(problem), "utf-8")
        return str(path)

    return write


def _schedule(problem: dict[str, Any], answer: dict[str, Any]) -> Schedule:
    """The answer as a schedule, every other time worked out from the problem."""
    jobs = {job["id"]: job for job in problem["jobs"]}
    rows = []
    for row in answer["jobs"]:
        job = jobs[row["id"]]
        cook_end = row["cook_at"] + job["cook_min"]
        adding = job["add_at_min"] is not None and job["add_min"]
        rows.append(
            ScheduledJob(
                job_id=row["id"],
                pot_id=row["pot"],
                soak_at_min=row["soak_at"],
                load_at_min=row["load_at"],
                cook_at_min=row["cook_at"],
                add_at_min=row["cook_at"] + job["add_at_min"] if adding else None,
                cook_end_min=cook_end,
                pack_at_min=row["pack_at"],
                pack_end_min=row["pack_at"] + job["pack_min"],
                clean_end_min=cook_end + job["clean_min"],
            )
        )
    return Schedule(
        jobs=tuple(rows),
        unscheduled=tuple(Unserved(each["id"], each["code"], "", "") for each in answer["unscheduled"]),
        makespan_min=answer["makespan_min"],
        weighted_tardiness=answer["weighted_tardiness"],
        lower_bound_min=answer["lower_bound_min"],
        lower_bound_tardiness=answer["lower_bound_tardiness"],
        engine=answer["engine"],
        seconds=answer["seconds"],
    )


def test_the_answer_has_the_fields_of_the_contract_and_passes_the_checker(
    tangye: Tangye, asked: Callable[[Any], str]
) -> None:
    problem = _problem()
    run = tangye.run("decoct", asked(problem), "--seconds", "1", "--seed", "3")
    assert (run.returncode, run.stderr) == (0, "")
    answer = json.loads(run.stdout)
    assert {"feasible", "makespan_min", "weighted_tardiness", "seconds", "unscheduled"} < set(answer)
    assert {key for row in answer["jobs"] for key in row} == {
        *("id", "pot", "soak_at", "load_at", "cook_at", "pack_at")
    }
    assert (answer["feasible"], len(answer["jobs"])) == (True, 6)
    assert check_schedule(decoction_from_dict(problem), _schedule(problem, answer)) == []
    by_id = {row["id"]: row for row in answer["jobs"]}
    assert {(by_id[n]["pot"], by_id[n]["load_at"]) for n in ("J1", "J2")} == {
        (by_id["J1"]["pot"], by_id["J1"]["load_at"])
    }


def test_one_thread_and_one_seed_give_one_plan_and_a_file_takes_it(
    tangye: Tangye, asked: Callable[[Any], str], tmp_path: Path
) -> None:
    where = asked(_problem(14))
    options = ("--seconds", "1", "--seed", "5", "--threads", "1")
    first = json.loads(tangye.run("decoct", where, *options).stdout)
    out = tmp_path / "plan.json"
    run = tangye.run("decoct", where, *options, "--out", str(out))
    second = json.loads(out.read_text("utf-8"))
    assert (run.returncode, run.stdout) == (0, "")
    assert first.pop("seconds") > 0
    assert second.pop("seconds") > 0
    assert first == second


def test_a_job_for_which_there_is_no_room_is_named_with_why(
    tangye: Tangye, asked: Callable[[Any], str]
) -> None:
    run = tangye.run("decoct", asked({**_problem(), "horizon_min": 120}), "--seconds", "0.5")
    answer = json.loads(run.stdout)
    assert (run.returncode, answer["feasible"]) == (0, False)
    # Two pots, each loaded once, one of them with both jobs of the recipe; J5 comes too late for any.
    assert sorted(row["id"] for row in answer["jobs"]) == ["J0", "J1", "J2"]
    no_room = "the pots or people have no room for it before the day's end"
    assert {each["id"]: each["why"] for each in answer["unscheduled"]} == {
        "J3": no_room,
        "J4": no_room,
        "J5": "it cannot be packed before 02:05, after the day's end at 02:00",
    }


BAD: list[tuple[Change, str]] = [
    (lambda p: p.update(pots=[]), "pots is empty"),
    (lambda p: p.update(packers=0), "packers is 0, and there are jobs that need one"),
    (
        lambda p: p["jobs"][0].update(ml=9001),
        "job J0: ml 9001 is more than any pot of duty any holds (9000)",
    ),
    (
        lambda p: p["jobs"][0].update(taint="toxic"),
        "job J0: taint toxic needs a pot of duty toxic, and there is none",
    ),
    (
        lambda p: p["jobs"][0].update(due_min=3, release_min=4),
        "job J0: due_min 3 lies before release_min 4",
    ),
    (lambda p: p["jobs"][1].update(id="J0"), "jobs holds the id 'J0' twice"),
    (lambda p: p["pots"][1].update(id="P1"), "pots holds the id 'P1' twice"),
    (lambda p: p.update(horizon_min=0), "horizon_min must be between 1 and 20160, got 0"),
]


@pytest.mark.parametrize(("change", "why"), BAD)
def test_a_problem_that_cannot_be_meant_is_one_line(
    tangye: Tangye, asked: Callable[[Any], str], change: Change, why: str
) -> None:
    problem = _problem()
    change(problem)
    where = asked(problem)
    run = tangye.run("decoct", where, "--seconds", "5")
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == f"tangye: {where}: problem: {why}\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (json.dumps(_problem())[:400], "no JSON at line 1"),
        ("", "no JSON at line 1"),
        (json.dumps(_problem()).replace('"soak_min": 30', '"soak_min": NaN', 1), "soak_min: int is expected"),
        (json.dumps(_problem()).replace('"soak_min": 30', '"soak_min": -1', 1), "job J0: soak_min must be"),
        (json.dumps(_problem()).replace('"packers": 1, ', "", 1), "field 'packers' is missing"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_line(
    tangye: Tangye, asked: Callable[[Any], str], text: str, why: str
) -> None:
    where = asked(text)
    run = tangye.run("decoct", where, "--seconds", "5")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith(f"tangye: {where}: ")
    assert why in run.stderr


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
def test_a_time_limit_that_is_none_is_refused(
    tangye: Tangye, asked: Callable[[Any], str], seconds: str
) -> None:
    run = tangye.run("decoct", asked(_problem()), "--seconds", seconds)
    assert (run.returncode, run.stdout) == (2, "")
    assert "seconds" in run.stderr.splitlines()[-1]


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.exists(), reason="the shared data folder is absent")
def test_the_county_day_is_answered_in_its_time(tangye: Tangye) -> None:
    path = SHARED / "county_170.json"
    began = time.perf_counter()
    run = tangye.run("decoct", str(path), "--seconds", "4", "--seed", "1")
    assert time.perf_counter() - began <= 30
    problem, answer = json.loads(path.read_text("utf-8")), json.loads(run.stdout)
    assert (answer["weighted_tardiness"], answer["unscheduled"]) == (0, [])
    assert check_schedule(decoction_from_dict(problem), _schedule(problem, answer)) == []
