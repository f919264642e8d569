"""A process is forked only from one that has a single thread."""

import _thread
import subprocess
import sys

from dispatch.processes import start_method

_ALONE = "from dispatch.processes import start_method; print(start_method())"


def test_a_process_with_one_thread_forks() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _ALONE], capture_output=True, text=True, check=True, timeout=60
    )
    assert said.stdout.strip() == "fork"


def test_beside_a_thread_that_threading_does_not_know_nothing_is_forked() -> None:
    waits, runs = _thread.allocate_lock(), _thread.allocate_lock()
    waits.acquire()
    runs.acquire()

    def wait() -> None:
        runs.release()
        waits.acquire()

    _thread.start_new_thread(wait, ())
    runs.acquire()
    try:
        assert start_method() == "spawn"
    finally:
        waits.release()
