"""`tangye demo` at its door and on its way: what it refuses, what it says of its progress."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from web.cli import main


def test_a_folder_that_cannot_be_made_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "instance"
    monkeypatch.setenv("TANGYE_HOME", str(home))
    (tmp_path / "file").touch()
    result = CliRunner().invoke(
        main, ["demo", "--prescriptions", "1", "--out", str(tmp_path / "file" / "day")]
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("tangye: ")
    assert (len(result.stderr.splitlines()), home.exists()) == (1, False)


def test_no_stage_is_said_to_be_further_than_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANGYE_HOME", str(tmp_path / "instance"))
    for name, value in (("TIME_COST", "1"), ("MEMORY_KIB", "8"), ("PARALLELISM", "1")):
        monkeypatch.setenv(f"TANGYE_ARGON2_{name}", value)
    result = CliRunner().invoke(main, ["demo", "--prescriptions", "2", "--out", str(tmp_path / "day")])
    said = re.findall(r"^(.+) (\d+)/(\d+)$", result.stderr, re.MULTILINE)
    assert (result.exit_code, [line for line in said if int(line[1]) > int(line[2])]) == (0, [])
    papers = len(list((tmp_path / "day").glob("*.pdf")))
    assert said[-1] == ("print", str(papers), str(papers))
