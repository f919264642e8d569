"""`tangye route`: a checked answer in time, or one line saying what is wrong with the file."""

import json
import resource
import subprocess
from pathlib import Path
from typing import Any

import pytest

from dispatch.check import check_solution
from dispatch.routing.formats import read_instance
from dispatch.routing.solution import Route, make_solution
from tests.dispatch.routing.conftest import MIXED, OWN, SOLOMON, TRIPS
from tests.web.cli.conftest import Tangye


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """An instance of each form."""
    written = {}
    texts = {"six.txt": SOLOMON, "trips.vrp": TRIPS, "mixed.vrp": MIXED, "own.json": json.dumps(OWN)}
    for name, text in texts.items():
        written[name] = tmp_path / name
        written[name].write_text(text, "utf-8")
    return written


def _answer(run: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert isinstance(answer, dict)
    return answer


@pytest.mark.parametrize("name", ["six.txt", "trips.vrp", "mixed.vrp", "own.json"])
def test_the_answer_is_what_the_checker_counts(tangye: Tangye, files: dict[str, Path], name: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    run = tangye.run("route", str(files[name]), "--seconds", "1", "--threads", "1", "--seed", "3")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    # Processor time, because a busy machine stretches the clock's.
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1 + 3
    answer = _answer(run)
    instance = read_instance(files[name].read_bytes(), name)
    node = {0: 0} | {client.number: at for at, client in enumerate(instance.clients, 1)}
    routes = []
    for route in answer["routes"]:
        trips: list[list[int]] = [[]]
        for number in route["visits"]:
            if number:
                trips[-1].append(node[number])
            else:
                trips.append([])
        routes.append(Route(route["vehicle"], tuple(map(tuple, trips))))
    verdict = check_solution(instance, make_solution(instance, routes, "file"))
    assert (verdict.violations, verdict.cost) == ((), answer["cost"])
    assert (answer["feasible"], answer["unserved"], answer["repeatable"]) == (True, [], True)
    assert answer["seconds"] > 0


@pytest.mark.parametrize("engine", ["ortools", "pyvrp"])
def test_an_engine_can_be_chosen_and_the_answer_written(
    tangye: Tangye, files: dict[str, Path], tmp_path: Path, engine: str
) -> None:
    out = tmp_path / "answer.json"
    run = tangye.run(
        "route",
        str(files["six.txt"]),
        "--seconds",
        "0.6",
        "--engine",
        engine,
        "--threads",
        "2",
        "--out",
        str(out),
    )
    assert (run.returncode, run.stdout) == (0, "")
    assert json.loads(out.read_text("utf-8"))["feasible"]


def test_the_same_seed_gives_the_same_routes(tangye: Tangye, files: dict[str, Path]) -> None:
    first, second = (
        _answer(
            tangye.run("route", str(files["own.json"]), "--seconds", "1", "--threads", "1", "--seed", "9")
        )
        for _ in range(2)
    )
    assert first["routes"] == second["routes"]


def test_who_cannot_be_served_is_named(tangye: Tangye, tmp_path: Path) -> None:
    path = tmp_path / "large.vrp"
    path.write_text(TRIPS.replace("3 6\n4 4", "3 60\n4 4"), "utf-8")
    answer = _answer(tangye.run("route", str(path), "--seconds", "0.5"))
    assert (answer["feasible"], answer["unserved"]) == (False, [2])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SOLOMON[: len(SOLOMON) // 2], ": line 12: CUSTOMER: 7 figures are expected, got 3"),
        (TRIPS[: len(TRIPS) // 2], ": line 13: EOF: the file ends before it, is it cut?"),
        (TRIPS.replace("VEHICLES: 1", "VEHICLES: 0"), ": line 5: VEHICLES: at least 1 is expected, got 0"),
        (json.dumps(OWN)[:90], ": line 1: not JSON, "),
        ("", ": line 1: the file is empty"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_line(tangye: Tangye, tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "broken.txt"
    path.write_text(text, "utf-8")
    run = tangye.run("route", str(path), "--seconds", "1")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith(f"tangye: {path}{said}")


def test_a_file_that_is_not_there_is_one_line(tangye: Tangye, tmp_path: Path) -> None:
    run = tangye.run("route", str(tmp_path / "none.vrp"), "--seconds", "1")
    assert (run.returncode, run.stderr) == (
        2,
        f"tangye: {tmp_path / 'none.vrp'}: No such file or directory\n",
    )


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "soon"])
def test_a_time_limit_that_means_nothing_is_refused(
    tangye: Tangye, files: dict[str, Path], seconds: str
) -> None:
    run = tangye.run("route", str(files["six.txt"]), "--seconds", seconds)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.splitlines()[-1].startswith("Error: Invalid value for '--seconds'")
