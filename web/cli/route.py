"""`tangye route`: routes for one instance file."""

import json
import os
import sys
import time
from concurrent.futures import BrokenExecutor
from pathlib import Path

import click

from web.cli.refusal import give_up
from web.cli.started import process_start

# The contract allows 3 s besides the search; on a busy machine starting and ending may double.
_BESIDES_SECONDS = 1.5
_LEAST_SECONDS = 0.2


@click.command()
@click.argument("instance", metavar="INSTANCE")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True, max=86_400), required=True)
@click.option("--seed", type=click.IntRange(min=0, max=2**31 - 1), default=0, show_default=True)
@click.option("--engine", type=click.Choice(["auto", "ortools", "pyvrp"]), default="auto", show_default=True)
@click.option(
    "--threads", type=click.IntRange(min=1, max=64), default=None, help="Default: the cores, 2 at most."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer here instead.")
def route(
    instance: str, seconds: float, seed: int, engine: str, threads: int | None, out: Path | None
) -> None:
    """Find cheap routes for a file, or - for standard input: Solomon .txt, VRPLIB .vrp (CVRP, VRPTW, mixed
    fleets, several trips with release times) or own JSON (dispatch/routing/formats/own.py shows it).

    VRPTW: distances floor(10 x euclid), times x 10. CVRP and mixed fleets: rounded to nearest, in the file's
    units.

    Writes {"cost", "feasible", "engine", "seconds", "routes": [{"vehicle": type, "visits": [client, ..., 0,
    client, ...]}], "unserved", "repeatable"}: clients as numbered in the file, depot 0, a 0 inside is a
    reload. An independent checker counts the cost of every answer. With --threads 1, auto and pyvrp count
    rounds instead of seconds: the same seed gives the same routes, as long as "repeatable" is true.

    The command ends within SECONDS and 3 more.
    """
    if not seconds > 0:
        # A range lets NaN through.
        raise click.BadParameter("a number of seconds is expected", param_hint="'--seconds'")
    began_at = process_start()
    data = _read(instance)
    import dispatch.routing.formats as formats  # noqa: PLC0415  # numpy and the solvers take half a second

    try:
        problem = formats.read_instance(data, "stdin" if instance == "-" else Path(instance).stem)
    except formats.FormatError as error:
        give_up(f"{instance}: {error}")
    from dispatch.routing.solution import answer  # noqa: PLC0415  # as above
    from dispatch.routing.solve import solve  # noqa: PLC0415  # as above

    late = time.time() - began_at + _closing_seconds(len(problem.clients)) - _BESIDES_SECONDS
    try:
        found = solve(
            problem,
            engine=engine,
            seconds=max(_LEAST_SECONDS, seconds - max(0.0, late)),
            seed=seed,
            threads=threads or min(2, os.cpu_count() or 1),
            progress=_tell,
        )
    except BrokenExecutor:
        give_up("a process of the search was ended from outside, perhaps for want of memory", code=1)
    for violation in found.verdict.violations:
        click.echo(f"{violation.kind} {violation.what}: {violation.detail}", err=True)
    written = answer(
        problem,
        found.solution,
        cost=found.verdict.cost,
        feasible=found.is_feasible,
        seconds=time.time() - began_at,
    )
    text = json.dumps({**written, "repeatable": found.repeatable}, ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        _write(out, text)
    if found.verdict.violations:
        raise click.exceptions.Exit(1)


def _closing_seconds(clients: int) -> float:
    """What is kept back for the last merge, the check and the writing."""
    return 0.1 + clients / 2000


def _read(instance: str) -> bytes:
    try:
        if instance == "-":
            return sys.stdin.buffer.read()
        return Path(instance).read_bytes()
    except OSError as error:
        give_up(f"{instance}: {error.strerror or error}")


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        give_up(f"{out}: {error.strerror or error}", code=1)


def _tell(seconds: float, left_out: int, cost: int) -> None:
    click.echo(
        f"{seconds:.1f} s: cost {cost}" + (f", {left_out} clients left out" if left_out else ""), err=True
    )
