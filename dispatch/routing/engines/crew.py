"""Work done side by side in processes, or one after another in this one."""

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from types import TracebackType
from typing import TypeVar

from dispatch.processes import start_method

Asked = TypeVar("Asked")
Answered = TypeVar("Answered")


class Crew:
    """Some processes; with one thread there is no other process.

    Args:
        threads: how many may work at once.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._pool: ProcessPoolExecutor | None = None

    def __enter__(self) -> "Crew":
        if self.threads > 1:
            context = multiprocessing.get_context(start_method())
            self._pool = ProcessPoolExecutor(self.threads, mp_context=context)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)

    def map(self, work: Callable[[Asked], Answered], asked: Iterable[Asked]) -> list[Answered]:
        """What `work` answers to each, in their order."""
        if self._pool is None:
            return [work(each) for each in asked]
        waiting: Sequence[Future[Answered]] = [self._pool.submit(work, each) for each in asked]
        return [each.result() for each in waiting]
