"""How a search begins processes of its own."""

import sys
from typing import Literal


def start_method() -> Literal["fork", "spawn"]:
    """The quickest way that is safe now.

    A fork is there at once, but takes over the locks that other threads hold, and nobody there lets go of
    them. Counted are all threads that run Python, also those that were begun below `threading`.

    Returns:
        For `multiprocessing.get_context`.
    """
    alone = len(sys._current_frames()) == 1
    return "fork" if sys.platform == "linux" and alone else "spawn"
