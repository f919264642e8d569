"""The list of models: complete, and true of the files that are shipped."""

import re
from pathlib import Path

import vision
from vision import versions


def test_the_files_that_are_shipped_are_on_the_list_under_the_name_that_readings_carry() -> None:
    shipped = versions.listed(versions.at_hand())
    assert shipped is not None, "a model changed: add its rows to vision/models/versions.csv"
    assert shipped == versions.known()[-1]
    assert shipped.name == vision.model_name()


def test_every_row_is_whole_and_no_two_versions_share_a_name() -> None:
    names = [version.name for version in versions.known()]
    assert len(set(names)) == len(names)
    dates = [version.date for version in versions.known()]
    assert dates == sorted(dates)
    for version in versions.known():
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", version.date)
        for one in version.files:
            assert re.fullmatch(r"[0-9a-f]{64}", one.sha256)
            assert (one.figures != "", one.change != "") == (True, True)


def test_a_model_trained_again_is_on_no_list(tmp_path: Path) -> None:
    (tmp_path / "versions.csv").write_bytes((versions.MODELS / "versions.csv").read_bytes())
    (tmp_path / "tongue_segment.onnx").write_bytes(b"own")
    (tmp_path / "tongue_segment.md").write_text("card")
    digests = versions.at_hand(tmp_path)
    assert list(digests) == ["tongue_segment.onnx"]
    assert versions.listed(digests, tmp_path) is None


def test_the_list_of_a_folder_is_read_from_that_folder(tmp_path: Path) -> None:
    head = "version,date,file,sha256,figures,change\n"
    (tmp_path / "versions.csv").write_text(head + f"own-1,2027-01-01,tongue_a.onnx,{'ab' * 32},good,first\n")
    (version,) = versions.known(tmp_path)
    assert version.name == "own-1+abababab"
    assert versions.listed({"tongue_a.onnx": "ab" * 32}, tmp_path) == version
