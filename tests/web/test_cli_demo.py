"""`tangye demo` refuses what it cannot write to before a day is lived."""

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
