"""`tangye plan`: a checked plan of a day file, its sheets, and one line for what cannot be used."""

import json
import time
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from dispatch.day_file import example, read_form, to_day
from tests.web.cli.conftest import Tangye


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """The published example as a file."""
    path = tmp_path / "day.json"
    path.write_text(json.dumps(example()), "utf-8")
    return path


def _changed(path: Path, change: dict[str, Any]) -> dict[str, Any]:
    day = example() | change
    path.write_text(json.dumps(day), "utf-8")
    return day


def test_the_example_is_planned_in_its_time_with_every_field(
    tangye: Tangye, file: Path, tmp_path: Path
) -> None:
    began = time.perf_counter()
    run = tangye.run("plan", str(file), "--seconds", "2", "--seed", "1", "--sheets", str(tmp_path / "sheets"))
    assert time.perf_counter() - began <= 30
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert set(answer) >= {
        *("feasible", "cost", "lower_bound", "gap_percent", "made_by", "engine", "seconds"),
        *("schedule", "routes", "orders", "unserved", "violations"),
    }
    assert (answer["feasible"], answer["unserved"], answer["violations"]) == (True, [], [])
    parts = answer["cost"]
    assert parts["total_fen"] == sum(parts.values()) - parts["total_fen"]
    assert [each["id"] for each in answer["orders"]] == [order["id"] for order in example()["orders"]]
    for each in answer["orders"]:
        assert each["promised_from"] <= each["arrive"] <= each["promised_to"]
        minute = each["arrive"] + 300
        assert each["arrive_clock"] == f"{minute // 60:02d}:{minute % 60:02d}"
    driven = [
        order
        for row in answer["routes"]
        for trip in row["trips"]
        for s in trip["stops"]
        for order in s["orders"]
    ]
    assert sorted(driven) == [order["id"] for order in example()["orders"]]
    assert "100% done" in run.stderr
    sheets = sorted((tmp_path / "sheets").iterdir())
    assert [each.name for each in sheets] == ["pots.pdf", *(f"route-0{n}-V{n}.pdf" for n in _used(answer))]
    with pypdfium2.PdfDocument(sheets[1]) as pdf:
        words = "".join(page.get_textpage().get_text_range() for page in pdf)
    for trip in answer["routes"][0]["trips"]:
        for stop in trip["stops"]:
            assert all(order in words for order in stop["orders"])


def _used(answer: dict[str, Any]) -> list[int]:
    return [int(row["vehicle"][1:]) for row in answer["routes"]]


def test_one_thread_and_one_seed_give_one_plan(tangye: Tangye, file: Path, tmp_path: Path) -> None:
    options = ("--seconds", "1", "--seed", "5", "--threads", "1")
    first = json.loads(tangye.run("plan", str(file), *options).stdout)
    out = tmp_path / "answer.json"
    run = tangye.run("plan", str(file), *options, "--out", str(out))
    assert (run.returncode, run.stdout) == (0, "")
    second = json.loads(out.read_text("utf-8"))
    assert first.pop("seconds") > 0
    assert second.pop("seconds") > 0
    assert first == second


def test_an_order_that_cannot_be_served_is_answered_with_why(tangye: Tangye, file: Path) -> None:
    day = example()
    day["places"][2]["road"] = False
    _changed(file, day)
    run = tangye.run("plan", str(file), "--seconds", "1")
    answer = json.loads(run.stdout)
    assert (run.returncode, answer["feasible"]) == (0, False)
    assert [(each["id"], each["code"], each["why"]) for each in answer["unserved"]] == [
        (order, "no_road", "陈家坪村 cannot be reached by road") for order in ("R03", "R09")
    ]
    assert all(set(each) == {"id", "why", "why_zh", "code", "relax"} for each in answer["unserved"])


def test_the_example_and_the_schema_are_printed(tangye: Tangye) -> None:
    shown = tangye.run("plan", "--example")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert len(to_day(read_form(shown.stdout.encode())).orders) == 14
    schema = json.loads(tangye.run("plan", "--schema").stdout)
    assert set(schema["required"]) == {"clock", "centre", "places", "pots", "crew", "vehicles", "orders"}


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"pots": []}, "pots: list should have at least 1 item"),
        ({"vehicles": []}, "vehicles: list should have at least 1 item"),
        ({"horizon": 3}, "horizon: there is no such field"),
    ],
)
def test_a_day_that_cannot_be_meant_is_one_line(
    tangye: Tangye, file: Path, change: dict[str, Any], why: str
) -> None:
    _changed(file, change)
    run = tangye.run("plan", str(file), "--seconds", "5")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith(f"tangye: {file}: {why}")


def test_a_file_cut_in_half_or_not_there_is_one_line(tangye: Tangye, file: Path, tmp_path: Path) -> None:
    file.write_text(file.read_text("utf-8")[:700], "utf-8")
    run = tangye.run("plan", str(file), "--seconds", "5")
    assert (run.returncode, run.stdout, run.stderr.count("\n")) == (2, "", 1)
    assert run.stderr.startswith(f"tangye: {file}: not JSON, ")
    missing = tmp_path / "none.json"
    run = tangye.run("plan", str(missing), "--seconds", "5")
    assert (run.returncode, run.stderr) == (2, f"tangye: {missing}: No such file or directory\n")


@pytest.mark.parametrize("seconds", ["0", "nan", "soon"])
def test_a_time_limit_that_means_nothing_is_refused(tangye: Tangye, file: Path, seconds: str) -> None:
    run = tangye.run("plan", str(file), "--seconds", seconds)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.splitlines()[-1].startswith("Error: Invalid value for '--seconds'")
