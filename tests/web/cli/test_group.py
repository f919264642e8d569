"""The `tangye` command as a whole: what it lists, how fast it is there, how it refuses."""

import subprocess
import sys

import pytest

from tests.web.cli.conftest import Tangye
from web.cli import COMMANDS


def test_help_names_every_command_in_one_line_each(tangye: Tangye) -> None:
    shown = tangye.run("--help")
    listed = [
        line.split()[0] for line in shown.stdout.partition("Commands:\n")[2].splitlines() if line.strip()
    ]
    assert (shown.returncode, shown.stderr) == (0, "")
    assert listed == [
        *("herb", "formula", "review", "tongue", "face", "card"),
        *("decoct", "route", "plan", "roads", "up", "demo"),
        *("trace", "recall", "forecast", "backup", "restore", "ledger", "scale", "machine", "machines"),
        "worker",
    ]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_explains_itself_without_a_database(tangye: Tangye, command: str) -> None:
    shown = tangye.run(command, "--help", TANGYE_DATABASE_URL="nonsense://")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.startswith(f"Usage: tangye {command}")
    assert not tangye.home.exists()


def test_an_unknown_command_is_refused_in_few_words(tangye: Tangye) -> None:
    answer = tangye.run("brew")
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.splitlines()[-1] == "Error: No such command 'brew'."


def test_asking_for_a_herb_loads_neither_pictures_nor_solvers() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from web.cli import main\n"
        "assert CliRunner().invoke(main, ['herb', '生地']).exit_code == 0\n"
        "print(sorted({'cv2', 'ortools', 'sqlalchemy', 'flask'} & set(sys.modules)))\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "[]\n", "")


UNUSABLE = (
    "nonsense",
    "oracle://no-such-driver",
    "postgresql://nobody@127.0.0.1:1/none",
    "sqlite:////proc/none/x.sqlite",
)


@pytest.mark.parametrize(
    ("command", "url"),
    [(["ledger", "verify"], url) for url in UNUSABLE]
    + [([name], UNUSABLE[2]) for name in ("worker", "demo", "up")]
    + [(["trace", "BAG"], UNUSABLE[2]), (["restore", __file__], UNUSABLE[3])],
)
def test_a_database_that_cannot_be_used_is_one_line(tangye: Tangye, command: list[str], url: str) -> None:
    answer = tangye.run(*command, TANGYE_DATABASE_URL=url)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert (answer.stderr.count("\n"), answer.stderr.startswith("tangye: ")) == (1, True), answer.stderr


@pytest.mark.parametrize("command", [["ledger", "verify"], ["worker"], ["demo"], ["up"]])
def test_a_key_that_others_can_read_is_one_line(tangye: Tangye, command: list[str]) -> None:
    tangye.home.mkdir()
    key = tangye.home / "tangye.key"
    key.write_text("00" * 32)
    key.chmod(0o644)
    (tangye.home / "tangye.sqlite").touch()
    answer = tangye.run(*command)
    assert (answer.returncode, answer.stdout) == (2, "")
    assert (answer.stderr.count("\n"), str(key) in answer.stderr) == (1, True), answer.stderr


def test_a_setting_that_cannot_be_used_is_named(tangye: Tangye) -> None:
    answer = tangye.run("up", TANGYE_UPLOAD_MB="many")
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)
    assert answer.stderr.startswith("tangye: TANGYE_UPLOAD_MB: ")
