"""`tangye card`: the card on paper, and a print tried in a photograph."""

import csv
import json
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from click.testing import CliRunner, Result

from vision import card
from vision.tongue.drawn import draw
from web.cli import main


def run(*arguments: str | Path, given: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["card", *map(str, arguments)], input=given)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The printed card, photographed by rendering it."""
    folder = tmp_path_factory.mktemp("card")
    assert run(folder / "card.pdf").exit_code == 0
    page = pypdfium2.PdfDocument(folder / "card.pdf")[0].render(scale=2).to_numpy()[:, :, :3]
    cv2.imencode(".png", np.ascontiguousarray(page))[1].tofile(str(folder / "photo.png"))
    return folder / "photo.png"


def test_the_card_is_written_and_found_again(photo: Path) -> None:
    result = run("--try", photo)
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (answer["source"], answer["fault"]) == ("card", None)
    assert answer["gains"] == pytest.approx([1, 1, 1], abs=0.01)
    assert answer["residual_de"] < 0.5
    assert np.array(answer["corners"]).shape == (4, 2)


def test_a_photograph_may_come_by_standard_input(photo: Path) -> None:
    assert json.loads(run("--try", "-", given=photo.read_bytes()).stdout)["source"] == "card"


def test_what_was_measured_on_the_print_is_used(photo: Path, tmp_path: Path) -> None:
    measured = tmp_path / "measured.csv"
    with measured.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("patch", "L", "a", "b"))
        for patch, (lightness, a, b) in zip(card.patches(), card.printed().lab.tolist(), strict=True):
            writer.writerow((patch.name, lightness * 0.95, a, b))
    answer = json.loads(run("--try", photo, "--reference", measured).stdout)
    assert answer["source"] == "card"
    assert max(answer["gains"]) < 1.0


def test_a_photograph_without_a_card_says_so(tmp_path: Path) -> None:
    path = tmp_path / "tongue.png"
    cv2.imencode(".png", draw(1))[1].tofile(str(path))
    assert json.loads(run("--try", path).stdout) == {"photo": str(path), "source": None, "fault": "no_card"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ((), "Error: name a FILE.pdf to write, or a photograph with --try"),
        (("x.pdf", "--reference", "m.csv"), "Error: --reference goes with --try"),
        (("/no/such/folder/x.pdf",), "tangye: /no/such/folder/x.pdf: No such file or directory"),
        (("--try", "/no/such.jpg"), "tangye: /no/such.jpg: No such file or directory"),
        (("--try", "-", "--reference", "/no/such.csv"), "tangye: /no/such.csv: No such file or directory"),
        (("x.pdf", "--size", "a4"), "Error: Invalid value for '--size'"),
        (("--try", "-"), "tangye: -: "),
    ],
)
def test_what_cannot_be_done_is_one_clear_line_and_exit_code_2(arguments: tuple[str, ...], line: str) -> None:
    result = run(*arguments, given=b"hello")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].startswith(line)


def test_a_measured_card_that_is_not_complete_is_one_clear_line(photo: Path, tmp_path: Path) -> None:
    broken = tmp_path / "measured.csv"
    broken.write_text("patch,L,a,b\ngreen,1,2,3\n", encoding="utf-8")
    result = run("--try", photo, "--reference", broken)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(
        f"tangye: {broken}: the measured card needs one row for each of 32 patches"
    )
