"""Tasks that are run in processes of their own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

Tell = Callable[[float, str], None]


def add(one: int, other: int, tell: Tell) -> int:
    """A sum, with a word on the way."""
    tell(0.5, "adding")
    return one + other


def say_which_process(tell: Tell) -> int:
    """Where it runs."""
    tell(0.0, "looking")
    return os.getpid()


def hold(mebibytes: int, tell: Tell) -> int:
    """Takes memory bit by bit and keeps it."""
    held = []
    for _ in range(mebibytes // 8):
        held.append(bytearray(os.urandom(1024)) * (8 * 1024))
        tell(0.1, "holding")
        time.sleep(0.01)
    return len(held)


def take_at_once(mebibytes: int, tell: Tell) -> int:
    """Takes memory in one piece."""
    tell(0.1, "taking")
    return len(bytearray(mebibytes * 1024 * 1024))


def sleep(seconds: float, left: Path, tell: Tell) -> None:
    """Sleeps with a helper beside it, and writes down both processes."""
    helper = subprocess.Popen([sys.executable, "-c", f"import time; time.sleep({seconds})"])
    left.write_text(f"{os.getpid()} {helper.pid}")
    tell(0.2, "sleeping")
    helper.wait()


def fall_over(tell: Tell) -> None:
    """Raises an error of its own."""
    tell(0.9, "falling")
    raise LookupError("the seventh pot is missing")


def vanish(tell: Tell) -> None:
    """Ends without a word."""
    tell(0.3, "vanishing")
    os._exit(9)
