"""`tangye decoct`: schedule the pots and people of a decoction day."""

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import BinaryIO, NoReturn

import click

from dispatch.check import check_schedule
from dispatch.decoction import schedule
from dispatch.formats import FormatError, decoction_answer, decoction_from_dict
from dispatch.problem import DecoctionProblem, refuse_hopeless

UNUSABLE, FAILED = 2, 1
# Reading, checking and printing happen inside the promised time too; so much of it is kept for them.
_KEPT_SHARE, _KEPT_S = 0.02, 0.2


@click.command()
@click.argument("problem", type=click.File("rb"), metavar="PROBLEM.json")
@click.option("--seconds", type=float, required=True, help="Time limit of the search.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=lambda: min(2, os.cpu_count() or 1),
    show_default="2",
    help="1 counts work instead of time: the same problem and seed give the same plan.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer here.")
def decoct(problem: BinaryIO, seconds: float, seed: int, threads: int, out: Path | None) -> None:
    """Schedule the decoctions of PROBLEM.json (or - for standard input).

    Weighted tardiness first, then makespan; jobs of one recipe share a pot where they fit. Answers one JSON
    document with every job's pot and times, both goals, and bounds that no schedule can beat. Every schedule
    is checked independently before it is printed.
    """
    began = time.perf_counter()
    if not (math.isfinite(seconds) and 0 < seconds <= 86_400):
        _give_up(f"--seconds must be above 0 and at most 86400, got {seconds}")
    asked = _read(problem)
    left = seconds - (time.perf_counter() - began)
    made = schedule(
        asked.jobs,
        asked.pots,
        asked.crew,
        horizon_min=asked.horizon_min,
        grid_min=asked.grid_min,
        now_min=asked.now_min,
        seconds=max(0.05, left * (1 - _KEPT_SHARE) - _KEPT_S),
        seed=seed,
        threads=threads,
        repeatable=threads == 1,
    )
    wrong = check_schedule(asked, made)
    if wrong:
        _give_up(f"the schedule failed its check and is not printed: {wrong[0]}", FAILED)
    text = json.dumps(decoction_answer(made), ensure_ascii=False)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        _give_up(f"--out {out}: {error.strerror or error}", FAILED)


def _read(file: BinaryIO) -> DecoctionProblem:
    try:
        asked = decoction_from_dict(json.loads(file.read().decode("utf-8-sig")))
        refuse_hopeless(asked)
    except UnicodeDecodeError as error:
        _give_up(f"{file.name}: not UTF-8 at byte {error.start}")
    except json.JSONDecodeError as error:
        _give_up(f"{file.name}: no JSON at line {error.lineno}, column {error.colno}: {error.msg}")
    except RecursionError:
        _give_up(f"{file.name}: nested too deeply")
    except FormatError as error:
        _give_up(f"{file.name}: {error}")
    except ValueError as error:
        _give_up(f"{file.name}: problem: {' '.join(str(error).split())}")
    return asked


def _give_up(line: str, code: int = UNUSABLE) -> NoReturn:
    click.echo(f"tangye: {line}", err=True)
    sys.exit(code)
