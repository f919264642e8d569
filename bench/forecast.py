"""How well the use of herbs is forecast: `python -m bench.forecast [--weeks 156] [--origins 52] [--seed 1]`.

A county's years are drawn (`web.demo.usage`: seasons, growth, festival, waves of colds; nothing is observed),
and each method stands at every week of the last year, knows nothing after it, and says how much of each herb
the next weeks will need. WAPE: grams missed, either way, in every 100 used; too much: net grams forecast
above what was used; short: of herbs and weeks, those where less was forecast than used.
"""

import argparse
import time
from datetime import date

from tcm.demand import METHODS, Use, validate
from tcm.demand.series import WEEK
from tcm.knowledge import load
from web.demo.usage import invented_use

UNTIL = date(2026, 11, 16)
HORIZONS = (1, 2, 4)


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weeks", type=int, default=156)
    parser.add_argument("--origins", type=int, default=52)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    first = UNTIL - asked.weeks * WEEK
    use = Use.of(invented_use(load(), asked.seed, first, asked.weeks), UNTIL)
    print(f"{len(use.herbs)} herbs, {use.weeks} weeks, {use.grams.sum() / 1e6:.1f} t, seed {asked.seed}\n")
    print("| weeks ahead | method | WAPE % | too much % | short % |")
    print("|---:|---|---:|---:|---:|")
    for horizon in HORIZONS:
        began = time.perf_counter()
        found = validate(use, METHODS, horizon=horizon, origins=asked.origins)
        for name, score in found.scores.items():
            figures = (100 * score.wape, 100 * score.bias, 100 * score.short)
            print(f"| {horizon} | {name} | {figures[0]:.1f} | {figures[1]:+.1f} | {figures[2]:.1f} |")
        print(f"<!-- {found.origins} origins, {time.perf_counter() - began:.0f} s -->", flush=True)


if __name__ == "__main__":
    main()
