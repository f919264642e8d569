"""`tangye herb`, as the contract has it."""

import json
import os
import subprocess
import sys

from click.testing import CliRunner

from web.cli import main

CONTRACT = {
    *("query", "status", "name", "candidates", "dose_min_g", "dose_max_g"),
    *("toxicity", "pregnancy", "decoction", "source"),
}


def looked_up(*names: str) -> list[dict[str, object]]:
    result = CliRunner().invoke(main, ["herb", "--", *names])
    assert result.exit_code == 0
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_known_herb_answers_with_its_facts() -> None:
    (answer,) = looked_up("附片")
    assert set(answer) >= CONTRACT
    assert {key: answer[key] for key in CONTRACT} == {
        "query": "附片",
        "status": "ok",
        "name": "附子",
        "candidates": [],
        "dose_min_g": 3.0,
        "dose_max_g": 15.0,
        "toxicity": "有毒",
        "pregnancy": "慎用",
        "decoction": ["先煎", "久煎"],
        "source": "中国药典2020一部 药典条目294",
    }


def test_every_name_gets_one_line_in_order_whatever_it_means() -> None:
    answers = looked_up("坤草", "沙参", "无此药", "", "--help", "x" * 5000)
    assert [answer["status"] for answer in answers] == ["ok", "ambiguous", *["unknown"] * 4]
    assert [answer["name"] for answer in answers] == ["益母草", *[None] * 5]
    assert answers[1]["candidates"] == ["北沙参", "南沙参"]


def test_no_name_is_unusable_input() -> None:
    result = CliRunner().invoke(main, ["herb"])
    assert (result.exit_code, result.stdout) == (2, "")


def test_the_answer_is_utf_8_whatever_the_locale_says() -> None:
    tangye = [sys.executable, "-m", "web.cli", "herb", b"\xff", "坤草".encode()]
    environ = {**os.environ, "PYTHONUTF8": "1", "PYTHONIOENCODING": "gbk:strict"}
    answer = subprocess.run(tangye, env=environ, capture_output=True, check=True)
    asked = [json.loads(line)["query"] for line in answer.stdout.decode("utf-8").splitlines()]
    assert asked == ["\udcff", "坤草"]
