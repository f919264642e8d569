"""The way in: an instance, an engine's name, a time limit; a checked answer out."""

import time
from dataclasses import dataclass

from dispatch.check import Verdict, check_solution
from dispatch.routing.engines import Progress, Router
from dispatch.routing.instance import Instance
from dispatch.routing.parts import outside, part, servable
from dispatch.routing.solution import Solution, make_solution

ENGINES = ("auto", "ortools", "pyvrp")


def engine_of(name: str) -> Router:
    """The engine of a name in ENGINES.

    Raises:
        ValueError: there is none of that name.
    """
    # Each library takes its time to load, so only the one that is asked for is.
    if name == "ortools":
        from dispatch.routing.engines.ortools_router import OrtoolsRouter  # noqa: PLC0415  # see above

        return OrtoolsRouter()
    if name not in ENGINES:
        raise ValueError(f"engine must be one of {', '.join(ENGINES)}, got {name!r}")
    from dispatch.routing.engines.pyvrp_router import PyvrpRouter  # noqa: PLC0415  # see above

    return PyvrpRouter(recombines=name == "auto")


@dataclass(frozen=True, slots=True)
class Answer:
    """A solution and what the checker says of it.

    Attributes:
        solution: routes, and the clients they leave out.
        verdict: its cost, counted by the checker, and what is wrong with it.
        repeatable: rounds ended the search, not the clock: the same seed gives the same routes.
    """

    solution: Solution
    verdict: Verdict
    repeatable: bool

    @property
    def is_feasible(self) -> bool:
        """Every client is served and no rule is broken."""
        return not self.solution.unserved and not self.verdict.violations


def solve(
    instance: Instance,
    *,
    engine: str = "auto",
    seconds: float = 10.0,
    seed: int = 0,
    threads: int = 1,
    progress: Progress | None = None,
) -> Answer:
    """Find routes and check them.

    Args:
        instance: the problem.
        engine: one of ENGINES.
        seconds: time limit of the search.
        seed: of every random choice.
        threads: processes at most.
        progress: told of improvements.

    Returns:
        The answer; clients that no vehicle could serve even alone are unserved.

    Raises:
        ValueError: `seconds` not above 0, `threads` below 1, an unknown engine.
    """
    if not seconds > 0:
        raise ValueError(f"seconds must be above 0, got {seconds!r}")
    if threads < 1:
        raise ValueError(f"threads must be at least 1, got {threads!r}")
    router = engine_of(engine)
    nodes = servable(instance)
    if not nodes:
        nothing = make_solution(instance, (), "none")
        return Answer(nothing, check_solution(instance, nothing), repeatable=True)
    within = instance if len(nodes) == len(instance.clients) else part(instance, nodes)
    began_at = time.monotonic()
    found = router.solve(within, seconds=seconds, seed=seed, threads=threads, progress=progress)
    solution = make_solution(instance, outside(found.routes, nodes), found.engine)
    by_rounds = threads == 1 and engine != "ortools" and time.monotonic() < began_at + seconds
    return Answer(solution, check_solution(instance, solution), by_rounds)
