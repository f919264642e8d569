"""A second process that searches beside this one."""

from multiprocessing import current_process, get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from types import TracebackType

from dispatch.joint.annealing import Leg, anneal
from dispatch.joint.visits import Group, Visits, read_visits
from dispatch.joint.weighing import Found
from dispatch.problem import Day
from dispatch.processes import start_method
from dispatch.travel import Travel

_Asked = tuple[Found, Found | None, Leg]
Answer = tuple[Found, Found | None]


class Partner:
    """Searches the legs it is asked for; without a process of its own it has no answers.

    Args:
        day, travel: what is planned.
        visits: read from them.
        must: orders that may not be left out.
        alone: whether there is no second process.
    """

    def __init__(
        self, day: Day, travel: Travel, visits: Visits, must: frozenset[int], *, alone: bool
    ) -> None:
        # A process that may have no children plans by itself.
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None
        if alone or current_process().daemon:
            return
        forks = start_method() == "fork"
        context: ForkContext | SpawnContext = get_context("fork") if forks else get_context("spawn")
        self._pipe, theirs = context.Pipe()
        groups = visits.orders
        self._process = context.Process(target=_serve, args=(theirs, day, travel, groups, must), daemon=True)
        self._process.start()
        theirs.close()

    def __enter__(self) -> "Partner":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._pipe is not None:
            self._pipe.close()
            self._process.terminate()
            self._process.join()
            self._process.close()

    def ask(self, start: Found, best: Found | None, leg: Leg) -> None:
        """Begin a leg of the search."""
        if self._pipe is not None:
            self._pipe.send((start, best, leg))

    def answer(self) -> Answer | None:
        """Where the leg asked for ended, and the best plan met; None without a second process."""
        if self._pipe is None:
            return None
        answer: Answer = self._pipe.recv()
        return answer


def _serve(
    pipe: Connection, day: Day, travel: Travel, groups: tuple[Group, ...], must: frozenset[int]
) -> None:
    """Search what comes through the pipe until it is closed."""
    visits = read_visits(day, travel, groups)
    while True:
        try:
            asked: _Asked = pipe.recv()
        except EOFError:
            return
        start, best, leg = asked
        pipe.send(anneal(visits, start, best, leg, must=must))
