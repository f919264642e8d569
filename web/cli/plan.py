"""`tangye plan`: pots and roads of one day as one plan."""

import json
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from web.cli.refusal import give_up
from web.cli.started import process_start

if TYPE_CHECKING:
    from dispatch.day_file import DayForm
    from dispatch.plan_types import DayPlan
    from dispatch.problem import Day
    from dispatch.travel import Travel

_COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
# The contract allows 3 s besides the search.
_BESIDES_SECONDS = 2.5
_LEAST_SECONDS = 0.3
# Starting takes so long on a core of its own, and longer on a busy one.
_QUIET_START_SECONDS = 1.2


def _print_example(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from dispatch.day_file import example_text  # noqa: PLC0415  # pydantic and numpy take a while

        click.echo(example_text())
        ctx.exit()


def _print_schema(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from dispatch.day_file import DayForm  # noqa: PLC0415  # as above

        click.echo(json.dumps(DayForm.model_json_schema(), ensure_ascii=False, indent=1))
        ctx.exit()


@click.command()
@click.argument("day", metavar="DAY.json")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True, max=86_400), required=True)
@click.option("--seed", type=click.IntRange(min=0, max=2**31 - 1), default=0, show_default=True)
@click.option(
    "--threads",
    type=click.IntRange(min=1, max=64),
    default=lambda: min(2, os.cpu_count() or 1),
    show_default="2",
    help="1 counts work instead of time: the same day and seed give the same plan.",
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer here instead.")
@click.option(
    "--sheets",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write a route sheet for each vehicle and the pots' day here, as PDF.",
)
@click.option(
    "--example",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_example,
    help="Print an example.",
)
@click.option(
    "--schema",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_schema,
    help="Print the JSON schema.",
)
def plan(day: str, seconds: float, seed: int, threads: int, out: Path | None, sheets: Path | None) -> None:
    """Plan the pots and the roads of a day file, or - for standard input, as one plan.

    Writes {"feasible", "cost": parts and total in fen, "lower_bound", "gap_percent", "made_by", "engine",
    "seconds", "schedule", "routes", "orders": each with its promised window, "unserved": each with why and
    the one constraint to relax, "violations"}. docs/day-file.md describes every field. An independent checker
    goes through every plan before it is printed; a broken rule is exit 1. Progress goes to standard error.

    The command ends within SECONDS and 3 more.
    """
    if not seconds > 0:
        # A range lets NaN through.
        raise click.BadParameter("a number of seconds is expected", param_hint="'--seconds'")
    began = process_start()
    form, problem, travel = _read(day)
    from dispatch.check import check_day  # noqa: PLC0415  # the solvers take half a second
    from dispatch.day import plan as plan_day  # noqa: PLC0415  # as above
    from dispatch.day_file import answer  # noqa: PLC0415  # as above

    closing = _closing_seconds(problem, is_printed=sheets is not None)
    left = _seconds_left(seconds, time.time() - began, closing)
    made = plan_day(
        problem,
        # Work that is counted must not depend on how fast the machine is.
        seconds=seconds if threads == 1 else left,
        seed=seed,
        threads=threads,
        repeatable=threads == 1,
        travel=travel,
        on_progress=_Telling(),
    )
    wrong = check_day(problem, made, travel)
    for violation in wrong:
        click.echo(f"{violation.kind} {violation.what}: {violation.detail}", err=True)
    text = json.dumps(answer(problem, made, wrong, seconds=time.time() - began), ensure_ascii=False)
    if out is None:
        click.echo(text)
    else:
        _write(out, text)
    if wrong:
        raise click.exceptions.Exit(1)
    if sheets is not None:
        _write_sheets(sheets, form, problem, made)


class _Telling:
    """Progress on standard error: a line for each stage and each tenth."""

    def __init__(self) -> None:
        self._began = time.perf_counter()
        self._told: tuple[int, str] = (-1, "")

    def __call__(self, fraction: float, stage: str, *_more: Any) -> None:
        step = (int(fraction * 10), stage)
        if step != self._told:
            self._told = step
            click.echo(f"{time.perf_counter() - self._began:.1f} s: {fraction:.0%} {stage}", err=True)


def _seconds_left(seconds: float, started: float, closing: float) -> float:
    """What the search may take: the start says how fast the machine is, and so how long the end will take."""
    closing *= max(1.0, started / _QUIET_START_SECONDS)
    return max(_LEAST_SECONDS, min(seconds, seconds + _BESIDES_SECONDS - started - closing))


def _closing_seconds(day: "Day", *, is_printed: bool) -> float:
    """What the bound, the relaxations, the check, the writing and the sheets take on a core of their own."""
    sheets = 0.5 + 0.3 * len(day.vehicles) if is_printed else 0.0
    return 0.4 + len(day.orders) / 1000 + sheets


def _read(day: str) -> "tuple[DayForm, Day, Travel]":
    try:
        data = sys.stdin.buffer.read() if day == "-" else Path(day).read_bytes()
    except OSError as error:
        give_up(f"{day}: {error.strerror or error}")
    from dispatch.day_file import read_form, to_day, travel_of  # noqa: PLC0415  # as above
    from dispatch.formats import FormatError  # noqa: PLC0415  # as above

    try:
        form = read_form(data)
        problem = to_day(form)
        return form, problem, travel_of(form, problem, Path() if day == "-" else Path(day).parent)
    except FormatError as error:
        give_up(f"{day}: {error}")


def _write_sheets(folder: Path, form: "DayForm", day: "Day", made: "DayPlan") -> None:
    from web.prints.day import day_papers  # noqa: PLC0415  # the press is needed for the sheets alone

    now = datetime.now(UTC)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, pdf in day_papers(day, made, form.date or now.astimezone(_COUNTY_ZONE).date(), now):
            (folder / name).write_bytes(pdf)
    except OSError as error:
        give_up(f"--sheets {folder}: {error.strerror or error}", code=1)
    except ValueError as error:
        give_up(f"--sheets: {error}", code=1)


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text + "\n", "utf-8")
    except OSError as error:
        give_up(f"{out}: {error.strerror or error}", code=1)
