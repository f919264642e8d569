"""Figures of the simulation: how fast it is, how robust synthetic days are, and which buffers are enough.

    python -m bench.robust [--days 3] [--seed 1] [--seconds 10] [--draws 1000] [--target 0.95] [--repeatable]
    python -m bench.robust --what-if [--days 1] [--seed 1] [--seconds 10] [--repeatable]

Every day is planned and simulated as it is, with the processor time of the simulation; then its buffers are
chosen, and the choice is simulated again with random numbers that the choice has not seen. `--what-if` prints
a table of changes and a curve over pots instead.
"""

import argparse
import os
import time
from dataclasses import replace
from typing import Any

from dispatch.check import check_day
from dispatch.day import plan
from dispatch.outcomes import Change, Outcome
from dispatch.problem import Day
from dispatch.sample import synthetic_day
from dispatch.simulation import BufferCandidate, Robustness, simulate
from dispatch.simulation.buffers import choose_buffer
from dispatch.travel import Travel, great_circle_travel
from dispatch.whatif import curve, table

_FRESH = 1_000_003
_CHANGES = (
    Change("vehicles", 1),
    Change("pots", 10),
    Change("packers", 1),
    Change("loaders", 1),
    Change("shift_min", 60),
    Change("cut_off_min", 180),
    Change("buffer_min", 15),
)
_POTS = (0, 5, 10, 15)


def main() -> None:
    """Read the arguments and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--target", type=float, default=0.95)
    parser.add_argument("--orders", type=int, default=170)
    parser.add_argument("--repeatable", action="store_true")
    parser.add_argument("--what-if", action="store_true")
    options = parser.parse_args()
    print(f"{options.draws} draws, plans of {options.seconds:g} s, load average {os.getloadavg()[0]:.1f}")
    for seed in range(options.seed, options.seed + options.days):
        day = synthetic_day(seed=seed, orders=options.orders)
        roads = great_circle_travel(day.centre, day.villages, day.travel)
        how = {
            "seconds": options.seconds,
            "seed": seed,
            "repeatable": options.repeatable,
            # Two threads find different plans from run to run.
            "threads": 1 if options.repeatable else 2,
        }
        if options.what_if:
            _what_if(day, roads, seed, how)
        else:
            _as_it_is(day, roads, how, options.draws)
            _buffers(day, roads, how, options)


def _as_it_is(day: Day, roads: Travel, how: dict[str, Any], draws: int) -> None:
    seed = how["seed"]
    made = plan(day, travel=roads, **how)
    wrong = check_day(day, made, roads)
    began = time.process_time()
    simulate(day, made, roads, draws=draws, seed=seed, causes=False)
    once = time.process_time() - began
    found = simulate(day, made, roads, draws=draws, seed=seed)
    both = time.process_time() - began - once
    print(
        f"\nday {seed}: {len(day.orders)} orders, {len(made.routes.trips)} trips, {found.unserved} left out, "
        f"{len(wrong)} violations, {made.routes.parts.total_fen / 100:.2f} yuan ({made.made_by})"
    )
    print(f"  simulated in {once:.2f} s of one core, with the causes {both:.2f} s")
    _tell(found)


def _tell(found: Robustness) -> None:
    waves = ", ".join(f"wave {each.id} {each.on_time:.1%}" for each in found.waves)
    print(
        f"  on time {found.overall.on_time:.1%} (worst of twenty days {found.overall.bad_day:.1%}); {waves}"
    )
    late = ", ".join(f"{each.share:.0%} within {each.late_min:.0f} min" for each in found.quantiles)
    print(f"  lateness: {late}")
    causes = ", ".join(f"{each.resource} {each.on_time:.1%}" for each in found.causes)
    print(f"  if one did not vary: {causes}")


def _buffers(day: Day, roads: Travel, how: dict[str, Any], options: argparse.Namespace) -> None:
    choice = choose_buffer(day, roads, target=options.target, draws=options.draws, **how)
    promises = sorted({each.promise_late_min for each in choice.candidates})
    print(f"  {'on time with promise':>22}: " + "".join(f"{each:>8} min" for each in promises))
    for buffer_min in sorted({each.buffer_min for each in choice.candidates}):
        row = [each for each in choice.candidates if each.buffer_min == buffer_min]
        shares = "".join(f"{each.on_time:>12.1%}" for each in row)
        print(f"  {'buffer ' + str(buffer_min) + ' min':>22}: {shares}   {row[0].plan_fen / 100:.2f} yuan")
    if choice.chosen is None:
        print(f"  none reaches {options.target:.0%}; the closest is {_words(choice.closest)}")
        return
    chosen = choice.chosen
    asked = replace(day, buffer_min=chosen.buffer_min, promise_late_min=chosen.promise_late_min)
    made = plan(asked, travel=roads, **how)
    fresh = simulate(asked, made, roads, draws=options.draws, seed=how["seed"] + _FRESH, causes=False)
    print(f"  chosen: {_words(chosen)}; planned again, on fresh draws {fresh.overall.on_time:.1%}")


def _what_if(day: Day, roads: Travel, seed: int, how: dict[str, Any]) -> None:
    print(f"\nday {seed}: {len(day.orders)} orders")
    print("                 yuan  vehicles     km  left out  late  next day  h to door  packed by")
    for each in table(day, roads, _CHANGES, **how):
        _row(f"{each.change.amount} {each.change.kind}" if each.change else "as it is", each)
    for more, each in zip(_POTS, curve(day, roads, "pots", _POTS, **how).outcomes, strict=True):
        _row(f"pots + {more}", each)


def _row(name: str, each: Outcome) -> None:
    print(
        f"{name:<16}{each.cost_fen / 100:>7.0f}{each.vehicles:>9}{each.metres / 1000:>8.0f}{each.unserved:>9}"
        f"{each.late:>7}{each.deferred:>9}{each.hours_to_door:>10.1f}{each.makespan_min:>11}"
        + ("  (the plan of less)" if each.is_kept else "")
    )


def _words(each: BufferCandidate) -> str:
    return (
        f"buffer {each.buffer_min} min, promise {each.promise_late_min} min, {each.on_time:.1%} on time, "
        f"{each.total_fen / 100:.2f} yuan with {each.promise_fen / 100:.2f} for the promises' width"
    )


if __name__ == "__main__":
    main()
