"""A search in a process of its own: watched, limited, and ended when nobody wants its answer any more.

A task is a picklable callable that is given the way to tell progress, such as
`functools.partial(solve_day, problem, travel, seconds=20, ...)`.
"""

import contextlib
import multiprocessing
import os
import resource
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tcm.records.errors import N_

T = TypeVar("T")
Tell = Callable[[float, str], None]
Task = Callable[[Tell], T]
IsWanted = Callable[[], bool]

_LOOK_EVERY_S = 0.1
_ASK_EVERY_S = 0.5
# What a search that has answered may take to leave by itself.
_LEAVE_S = 2.0
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MEBIBYTE = 1024 * 1024
# Stacks of threads and what an allocator keeps ready count as data, and are not resident.
_ALLOWANCE_MB = 512


class SearchStopped(Exception):
    """A search ended without an answer.

    Args:
        msgid: A sentence for the manager.
        detail: For the log.
    """

    msgid = N_("计算中途停止了；原计划不变，请再试一次。")

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail or self.msgid)


class NoLongerWanted(SearchStopped):
    """Somebody cancelled it."""

    msgid = N_("计算已取消。")


class TooMuchMemory(SearchStopped):
    """It held more memory than it may."""

    msgid = N_("计算用的内存超过上限，已停止；原计划不变。请减少一次安排的处方，或请管理员调高上限。")


class TooLong(SearchStopped):
    """It did not come to its end in time."""

    msgid = N_("计算超过最长时间，已停止；原计划不变。请减少一次安排的处方，或请管理员调高上限。")


class Broke(SearchStopped):
    """It raised an error; `detail` is its traceback."""

    msgid = N_("计划计算时出错，原计划不变，请再试一次。")


class Search(Protocol):
    """Runs a task."""

    def __call__(self, task: Task[T], tell: Tell, is_wanted: IsWanted) -> T:
        """Run it.

        Args:
            task: What is to be computed.
            tell: Told a fraction 0..1 and the stage.
            is_wanted: Asked now and then whether somebody still waits.

        Returns:
            What the task returned.

        Raises:
            SearchStopped: When it ended without an answer.
        """


def search_here(task: Task[T], tell: Tell, is_wanted: IsWanted) -> T:
    """Run a task in this process, without limits: for tests, the demo and small things; see `Search`."""
    del is_wanted
    return task(tell)


@dataclass(frozen=True)
class SearchApart:
    """Runs each task in a process of its own.

    Args:
        memory_mb: Resident memory of the process and its helpers, in mebibytes.
        seconds: From its start to its answer.
        niceness: Added to this process' own.
    """

    memory_mb: int
    seconds: float
    niceness: int = 0

    def __call__(self, task: Task[T], tell: Tell, is_wanted: IsWanted) -> T:
        """Run it; see `Search`.

        Raises:
            NoLongerWanted: When `is_wanted` said no.
            TooMuchMemory: When it held more than `memory_mb`.
            TooLong: When it took longer than `seconds`.
            Broke: When the task raised an error.
            SearchStopped: When the process ended without a word, killed by somebody else for instance.
        """
        # Not forked: this process has threads, and a fork would inherit their locks.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        most_bytes = (2 * self.memory_mb + _ALLOWANCE_MB) * _MEBIBYTE
        process = context.Process(target=_serve, args=(theirs, task, most_bytes, self.niceness))
        process.start()
        theirs.close()
        try:
            answer: T = self._attend(process, ours, tell, is_wanted)
            process.join(_LEAVE_S)
            return answer
        finally:
            _end(process)
            ours.close()

    def _attend(self, process: BaseProcess, ours: Connection, tell: Tell, is_wanted: IsWanted) -> Any:
        began_s = asked_s = looked_s = time.monotonic()
        while True:
            if ours.poll(_LOOK_EVERY_S):
                what, value = _received(ours)
                if what == "made":
                    return value
                if what == "broke":
                    raise Broke(value)
                if what == "memory":
                    raise TooMuchMemory
                tell(*value)
            now_s = time.monotonic()
            if now_s - began_s > self.seconds:
                raise TooLong
            if now_s - looked_s >= _LOOK_EVERY_S:
                looked_s = now_s
                if resident_bytes(process.pid or 0) > self.memory_mb * _MEBIBYTE:
                    raise TooMuchMemory
            if now_s - asked_s >= _ASK_EVERY_S:
                asked_s = now_s
                if not is_wanted():
                    raise NoLongerWanted


def resident_bytes(pid: int) -> int:
    """Memory that a process and those it started hold, pages they share counted for each.

    Args:
        pid: The process.

    Returns:
        Bytes; 0 where the system has no /proc, or the process is gone.
    """
    return sum(_resident_bytes(each) for each in _with_helpers(pid))


def _with_helpers(pid: int) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in children.read_text().split():
                yield from _with_helpers(int(child))


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE_BYTES
    except OSError:
        return 0


def _received(ours: Connection) -> tuple[str, Any]:
    try:
        what, value = ours.recv()
    except (EOFError, ConnectionResetError):
        raise SearchStopped("the process of the search ended without a word") from None
    return what, value


def _end(process: BaseProcess) -> None:
    # Its helpers too; a process that has just been started may lead no group yet.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.kill()
    process.join()


def _serve(theirs: Connection, task: Task[Any], most_bytes: int, niceness: int) -> None:
    """The life of the process: run the task, tell how far it is, send what it made."""
    os.setsid()
    os.nice(niceness)
    # The parent looks ten times a second; what is allocated between two looks is bounded here.
    resource.setrlimit(resource.RLIMIT_DATA, (most_bytes, most_bytes))
    threading.Thread(target=_end_with_parent, args=(theirs,), daemon=True).start()
    lock = threading.Lock()

    def send(what: str, value: object) -> None:
        with lock:
            theirs.send((what, value))

    try:
        made = task(lambda fraction, stage: send("told", (fraction, stage)))
    except MemoryError:
        send("memory", None)
    except Exception:
        send("broke", traceback.format_exc())
    else:
        send("made", made)


def _end_with_parent(theirs: Connection) -> None:
    # The parent never sends anything: what comes is its end, also after kill -9.
    with contextlib.suppress(EOFError, OSError):
        theirs.recv()
    os.killpg(0, signal.SIGKILL)
