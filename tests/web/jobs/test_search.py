"""A search in a process of its own answers, is limited and cancelled, and outlives nobody who waits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.web.jobs import tasks
from web.jobs.search import (
    Broke,
    NoLongerWanted,
    Search,
    SearchApart,
    SearchStopped,
    Tell,
    TooLong,
    TooMuchMemory,
    resident_bytes,
    search_here,
)

APART = SearchApart(memory_mb=400, seconds=30)
REPOSITORY = Path(__file__).resolve().parents[3]


def always() -> bool:
    """Somebody waits."""
    return True


def untold(_fraction: float, _stage: str) -> None:
    """Nobody listens."""


def is_running(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until_gone(pids: list[int], within_s: float) -> None:
    """Wait for the end of processes."""
    deadline = time.monotonic() + within_s
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline, f"{pids} still run"
        time.sleep(0.05)


@pytest.mark.parametrize("search", [search_here, APART])
def test_a_task_answers_and_tells_how_far_it_is(search: Search) -> None:
    told: list[tuple[float, str]] = []
    answer = search(partial(tasks.add, 19, 23), lambda *word: told.append(word), always)
    assert (answer, told) == (42, [(0.5, "adding")])


def test_a_search_apart_runs_in_a_process_of_its_own() -> None:
    here, apart = (search(tasks.say_which_process, untold, always) for search in (search_here, APART))
    assert here == os.getpid()
    assert apart != os.getpid()
    wait_until_gone([apart], within_s=2)


@pytest.mark.parametrize("task", [tasks.hold, tasks.take_at_once])
def test_a_search_that_holds_too_much_memory_is_ended(task: Callable[[int, Tell], int]) -> None:
    with pytest.raises(TooMuchMemory):
        APART(partial(task, 4000), untold, always)


def test_a_search_that_takes_too_long_is_ended_with_its_helpers(tmp_path: Path) -> None:
    left = tmp_path / "left"
    with pytest.raises(TooLong):
        SearchApart(memory_mb=400, seconds=3)(partial(tasks.sleep, 60, left), untold, always)
    wait_until_gone([int(pid) for pid in left.read_text().split()], within_s=2)


def test_a_search_that_nobody_wants_any_more_is_gone_within_two_seconds(tmp_path: Path) -> None:
    left, cancelled_s = tmp_path / "left", []

    def is_wanted() -> bool:
        if left.exists() and left.read_text():
            cancelled_s.append(time.monotonic())
        return not cancelled_s

    with pytest.raises(NoLongerWanted):
        APART(partial(tasks.sleep, 60, left), untold, is_wanted)
    wait_until_gone([int(pid) for pid in left.read_text().split()], within_s=1)
    assert time.monotonic() - cancelled_s[0] < 2


def test_an_error_of_the_task_is_told_with_its_place() -> None:
    with pytest.raises(Broke, match=r"(?s)tasks\.py.*LookupError: the seventh pot is missing"):
        APART(tasks.fall_over, untold, always)


def test_a_process_that_ends_without_a_word_is_no_answer() -> None:
    with pytest.raises(SearchStopped, match="without a word"):
        APART(tasks.vanish, untold, always)


def test_a_search_does_not_outlive_a_parent_that_was_killed(tmp_path: Path) -> None:
    left = tmp_path / "left"
    script = tmp_path / "parent.py"
    script.write_text(
        "import sys\nfrom functools import partial\nfrom pathlib import Path\n"
        "from tests.web.jobs import tasks\nfrom web.jobs.search import SearchApart\n"
        "if __name__ == '__main__':\n"
        "    task = partial(tasks.sleep, 60, Path(sys.argv[1]))\n"
        "    SearchApart(400, 60)(task, lambda *_: None, lambda: True)\n"
    )
    environ = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    parent = subprocess.Popen([sys.executable, str(script), str(left)], env=environ)
    deadline = time.monotonic() + 30
    while not (left.exists() and left.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    searching, helper = (int(pid) for pid in left.read_text().split())
    assert resident_bytes(searching) > resident_bytes(helper) > 0
    parent.send_signal(signal.SIGKILL)
    parent.wait(10)
    wait_until_gone([searching, helper], within_s=5)
