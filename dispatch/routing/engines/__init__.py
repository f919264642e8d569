"""Engines that search for routes, all behind one protocol."""

from collections.abc import Callable
from typing import Protocol

from dispatch.routing.instance import Instance
from dispatch.routing.solution import Solution

# Told (seconds since the start, clients left out, cost) when something better is known.
Progress = Callable[[float, int, int], None]


class Router(Protocol):
    """A search for cheap routes."""

    def solve(
        self, instance: Instance, *, seconds: float, seed: int, threads: int, progress: Progress | None = None
    ) -> Solution:
        """Routes that keep every rule; what they cannot serve is `unserved`.

        Args:
            instance: each client could be served alone.
            seconds: time limit.
            seed: of every random choice.
            threads: processes at most; 1 counts rounds instead of seconds, so that the answer is repeatable
                where the machine is fast enough to do them within the limit.
            progress: told of improvements.
        """
