"""`tangye demo`: a whole county day, small enough for a test, with everything that can go wrong in it."""

import json
from pathlib import Path

import cv2
import pypdfium2
import pytest

from tests.web.cli.conftest import Tangye
from vision.tongue.drawn import draw

FIELDS = {
    "prescriptions",
    "delivered",
    "failed",
    "cancelled",
    "scrapped",
    "lost",
    "late",
    "plans_checked",
    "prints",
    "seconds",
    "sample_bag",
}


def test_a_day_with_faults_ends_at_every_door_and_a_second_call_adds_days(
    tangye: Tangye, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    first = tangye.run("demo", "--prescriptions", "6", "--faults", "--out", str(out))
    assert (first.returncode, first.stderr.count("Traceback")) == (0, 0), first.stderr
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert summary == json.loads(first.stdout)
    assert set(summary) >= FIELDS
    # Six in the morning and a late one; nobody is forgotten.
    counted = {name: summary[name] for name in ("prescriptions", "delivered", "failed", "cancelled", "lost")}
    assert counted == {"prescriptions": 7, "delivered": 7, "failed": 0, "cancelled": 0, "lost": 0}
    assert (summary["failed_deliveries"], summary["plans_failed"]) == (1, 0)
    # One burns; where the pot that breaks was on the fire, which the plan decides, what it held goes too.
    assert summary["scrapped_batches"] in (1, 2)
    printed = sorted(out.glob("*.pdf"))
    # With the sheet of how granules are taken.
    assert len(printed) == summary["prints"] == 11
    assert [len(pypdfium2.PdfDocument(path)) > 0 for path in printed] == [True] * 11

    second = tangye.run("demo", "--prescriptions", "1", "--days", "2", "--out", str(out))
    more = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (second.returncode, more["prescriptions"], more["delivered"], more["lost"]) == (0, 2, 2, 0)
    assert [each["delivered"] for each in more["days"]] == [1, 1]
    assert summary["day"] < more["days"][0]["day"] < more["days"][1]["day"] == more["day"]
    assert len(list(out.glob("*.pdf"))) == summary["prints"] + more["prints"]
    assert len(list((tangye.home / "heads").glob("head-*.txt"))) == 3
    verified = tangye.run("ledger", "verify")
    assert (verified.returncode, json.loads(verified.stdout)["prescriptions"]) == (0, 9)


def test_a_folder_without_photographs_is_refused_in_one_line(tangye: Tangye, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    answer = tangye.run("demo", "--prescriptions", "1", "--photos", str(tmp_path / "photos"))
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == f"tangye: no photographs in {tmp_path / 'photos'}\n"


@pytest.mark.parametrize("count", ["0", "-1", "many"])
def test_a_day_of_no_patients_is_refused(tangye: Tangye, count: str) -> None:
    answer = tangye.run("demo", "--prescriptions", count)
    assert (answer.returncode, answer.stdout, "Traceback" in answer.stderr) == (2, "", False)


def test_photographs_of_ones_own_are_read_and_the_refused_are_counted(tangye: Tangye, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    cv2.imencode(".png", draw(5))[1].tofile(photos / "one.png")
    (photos / "two.jpg").write_bytes(b"no picture")
    answer = tangye.run(
        "demo", "--prescriptions", "8", "--photos", str(photos), "--out", str(tmp_path / "out")
    )
    summary = json.loads(answer.stdout)
    assert answer.returncode == 0
    assert 0 < summary["photographs_refused"] < 8
    assert summary["delivered"] == 8
