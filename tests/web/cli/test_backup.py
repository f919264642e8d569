"""`tangye backup` and `tangye restore`: a house moves with one file and its key."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tcm.store.engine import Store, open_store
from tcm.store.migrate import upgrade
from tests.tcm.county import County
from tests.web.cli.conftest import Tangye


@pytest.fixture
def store(tangye: Tangye) -> Iterator[Store]:
    """The store in the command's home."""
    opened = open_store(tangye.environ)
    upgrade(opened.engine)
    yield opened
    opened.close()


def test_a_house_is_backed_up_and_restored_into_a_folder_of_its_own(
    tangye: Tangye, store: Store, tmp_path: Path
) -> None:
    county = County(store)
    county.photographed(county.visited())
    county.approved()
    made = tangye.run("backup", "b.zip")
    assert made.returncode == 0
    told = json.loads(made.stdout)
    assert (told["prescriptions"], told["events"], told["pictures"] > 0) == (1, 3, True)
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.glob("b.zip*")) == ["b.zip"]

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    shutil.copy(tangye.home / "tangye.key", elsewhere)
    back = tangye.run("restore", "b.zip", TANGYE_HOME=str(elsewhere))
    assert (back.returncode, json.loads(back.stdout)) == (0, told)
    verified = tangye.run("ledger", "verify", TANGYE_HOME=str(elsewhere))
    assert (verified.returncode, json.loads(verified.stdout)["events"]) == (0, 3)


def test_without_the_key_nothing_is_restored_and_one_line_says_so(
    tangye: Tangye, store: Store, tmp_path: Path
) -> None:
    County(store).approved()
    assert tangye.run("backup", "b.zip").returncode == 0
    back = tangye.run("restore", "b.zip", TANGYE_HOME=str(tmp_path / "elsewhere"))
    line = "tangye: the backup was sealed with another key, or altered: bring its key first"
    assert (back.returncode, back.stdout, back.stderr.splitlines()[-1]) == (2, "", line)


def test_a_file_that_cannot_be_written_is_one_line(tangye: Tangye, store: Store) -> None:
    answer = tangye.run("backup", "no-such-folder/b.zip")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr == "tangye: no-such-folder/b.zip cannot be written: No such file or directory\n"


def test_there_is_nothing_to_back_up_where_no_house_is(tangye: Tangye) -> None:
    answer = tangye.run("backup", "b.zip")
    assert (answer.returncode, answer.stdout, len(answer.stderr.splitlines())) == (2, "", 1)
