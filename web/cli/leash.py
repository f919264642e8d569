"""Runs a command that ends with the process that started it: `python leash.py PID COMMAND ...`.

`tangye up` starts its children by this file. The kernel sends them SIGTERM when their parent is gone, also
after kill -9, when nobody is left to do it. Run by its path and of the standard library alone, so that it
costs milliseconds.
"""

import ctypes
import os
import signal
import sys

# Of <linux/prctl.h>; it holds across execve.
_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Ask for the signal, then become the command."""
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            # It ended before the kernel was asked.
            sys.exit(1)
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main()
