"""`tangye face` as the contract of the command line asks."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

import vision
from vision import face
from vision.face.drawn import draw
from web.cli import main


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["face", *arguments], input=given)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "张三.png"
    cv2.imencode(".png", draw(1, "red"))[1].tofile(str(path))
    return path


def test_one_json_line_a_photograph_with_the_fields_of_the_contract(photo: Path) -> None:
    result = run(str(photo), str(photo))
    first, second = lines(result)
    assert result.exit_code == 0
    assert list(first) == ["photo", "refused", "quality", "signs", "model", "ms"]
    assert (first["photo"], first["refused"], first["model"]) == (str(photo), None, face.model_name())
    assert list(first["signs"]) == ["complexion", "lustre"]
    assert list(first["signs"]["complexion"]) == ["label", "term", "probability", "abstained"]
    assert first["signs"]["complexion"]["term"] == "面色红"
    assert first["signs"] == second["signs"]
    assert first["ms"] > 0


def test_a_picture_without_a_face_is_a_refused_line_and_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.full((120, 160, 3), 150, np.uint8))
    result = run(str(path))
    (line,) = lines(result)
    assert (result.exit_code, line["refused"], line["signs"]) == (0, "no_face", {})


def test_a_file_that_is_no_picture_is_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(b"hello")
    (line,) = lines(run(str(path), "--overlays", str(tmp_path / "out")))
    assert (line["refused"], line["quality"], line["signs"]) == ("unreadable", {}, {})
    assert list((tmp_path / "out").iterdir()) == []


def test_a_missing_file_is_named_and_the_rest_is_read(photo: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.jpg"
    result = run(str(missing), str(photo))
    assert result.exit_code == 2
    assert [line["photo"] for line in lines(result)] == [str(photo)]
    assert result.stderr == f"tangye face: {missing}: No such file or directory\n"


def test_a_dash_reads_standard_input(photo: Path) -> None:
    result = run("-", given=photo.read_bytes())
    (line,) = lines(result)
    assert (result.exit_code, line["photo"], line["refused"]) == (0, "-", None)


def test_overlays_are_written_at_the_photographs_size(photo: Path, tmp_path: Path) -> None:
    overlays = tmp_path / "out" / "overlays"
    assert run(str(photo), "--overlays", str(overlays)).exit_code == 0
    assert vision.decode((overlays / "张三.jpg").read_bytes()).shape == (480, 480, 3)


def test_an_overlays_folder_that_cannot_be_made_is_a_clear_line(photo: Path) -> None:
    result = run(str(photo), "--overlays", str(photo / "overlays"))
    assert (result.exit_code, "Traceback" in result.stderr) == (2, False)
    assert "Not a directory" in result.stderr


def test_help_costs_no_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "vision" or name.startswith("vision.")]:
        monkeypatch.delitem(sys.modules, name)
    assert run("--help").exit_code == 0
    assert "vision" not in sys.modules
