"""`tangye tongue` as the contract of the command line asks."""

import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from click.testing import CliRunner, Result

import vision
from vision import versions
from vision.tongue.drawn import draw
from web.cli import main


def run(*arguments: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["tongue", *arguments], input=given)


def lines(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "张三.png"
    cv2.imencode(".png", draw(1, body="red"))[1].tofile(str(path))
    return path


def test_one_json_line_a_photograph_with_the_fields_of_the_contract(photo: Path) -> None:
    result = run(str(photo), str(photo))
    first, second = lines(result)
    assert result.exit_code == 0
    assert list(first) == ["photo", "refused", "quality", "signs", "model", "ms", "zones", "light"]
    assert list(first["zones"]) == ["tip", "edges", "centre", "root"]
    assert {len(lab) for lab in first["zones"].values()} == {3}
    assert (first["light"]["source"], len(first["light"]["gains"])) == ("estimate", 3)
    assert (first["photo"], first["refused"], first["model"]) == (str(photo), None, vision.model_name())
    assert list(first["signs"]["body"]) == ["label", "term", "probability", "abstained"]
    assert first["signs"] == second["signs"]
    assert first["ms"] > 0


def test_chinese_is_written_as_itself(photo: Path) -> None:
    assert "舌" in run(str(photo)).stdout
    assert "\\u" not in run(str(photo)).stdout


def test_a_file_that_is_no_picture_is_a_refused_line_and_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "note.jpg"
    path.write_bytes(b"hello")
    result = run(str(path))
    (line,) = lines(result)
    assert (result.exit_code, line["refused"], line["quality"], line["signs"]) == (0, "unreadable", {}, {})
    assert (line["zones"], line["light"]) == ({}, None)


def test_a_missing_file_is_named_and_the_rest_is_read(photo: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.jpg"
    result = run(str(missing), str(photo))
    assert result.exit_code == 2
    assert [line["photo"] for line in lines(result)] == [str(photo)]
    assert result.stderr == f"tangye tongue: {missing}: No such file or directory\n"


def test_a_folder_in_place_of_a_photograph_is_named(tmp_path: Path) -> None:
    result = run(str(tmp_path))
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == f"tangye tongue: {tmp_path}: Is a directory\n"


def test_a_dash_reads_standard_input(photo: Path) -> None:
    result = run("-", given=photo.read_bytes())
    (line,) = lines(result)
    assert (result.exit_code, line["photo"], line["refused"]) == (0, "-", None)


def test_masks_and_overlays_are_written_at_the_photographs_size(photo: Path, tmp_path: Path) -> None:
    masks, overlays = tmp_path / "out" / "masks", tmp_path / "out" / "overlays"
    assert run(str(photo), "--masks", str(masks), "--overlays", str(overlays)).exit_code == 0
    mask = cv2.imdecode(np.fromfile(str(masks / "张三.png"), np.uint8), cv2.IMREAD_UNCHANGED)
    assert (mask.shape, set(np.unique(mask))) == ((400, 400), {0, 255})
    assert vision.decode((overlays / "张三.jpg").read_bytes()).shape == (400, 400, 3)


def test_a_photograph_without_a_tongue_gets_an_empty_mask(tmp_path: Path) -> None:
    path = tmp_path / "wall.png"
    cv2.imwrite(str(path), np.full((120, 160, 3), 150, np.uint8))
    (line,) = lines(run(str(path), "--masks", str(tmp_path / "masks")))
    mask = cv2.imread(str(tmp_path / "masks" / "wall.png"), cv2.IMREAD_UNCHANGED)
    assert (line["refused"], mask.shape, int(mask.max())) == ("no_tongue", (120, 160), 0)


def test_a_masks_folder_that_cannot_be_made_is_a_clear_line(photo: Path) -> None:
    result = run(str(photo), "--masks", str(photo / "masks"))
    assert result.exit_code == 2
    assert "Traceback" not in result.stderr
    assert "Not a directory" in result.stderr


def test_a_result_that_cannot_be_written_is_a_clear_line_and_a_failure(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "masks" / "张三.png").mkdir(parents=True)
    result = run(str(photo), "--masks", str(tmp_path / "masks"))
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == f"tangye tongue: {tmp_path / 'masks' / '张三.png'}: Is a directory\n"


def test_a_photograph_of_an_iphone_is_read(tmp_path: Path) -> None:
    heic = Path(__file__).parents[1] / "vision" / "data" / "tongue.heic"
    (line,) = lines(run(str(heic), "--masks", str(tmp_path)))
    mask = cv2.imread(str(tmp_path / "tongue.png"), cv2.IMREAD_UNCHANGED)
    assert (line["refused"], mask.shape) == (None, (400, 400))


def test_no_photograph_is_a_usage_error() -> None:
    assert run().exit_code == 2


def test_the_models_are_listed_the_one_that_answers_first() -> None:
    shipped, *earlier = lines(run("--model"))
    assert list(shipped) == ["model", "shipped", "version", "date", "files"]
    assert (shipped["model"], shipped["shipped"]) == (vision.model_name(), True)
    assert {one["file"]: one["sha256"] for one in shipped["files"]} == versions.at_hand()
    assert {one["shipped"] for one in earlier} == {False}
    assert earlier[-1]["model"] == "tongue-1+63dd24ca.62e0cd52"


def test_help_costs_no_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name == "vision" or name.startswith("vision.")]:
        monkeypatch.delitem(sys.modules, name)
    assert run("--help").exit_code == 0
    assert "vision" not in sys.modules
