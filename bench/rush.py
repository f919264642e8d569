"""Fifty hands at once: `python -m bench.rush --home FOLDER [--postgres FOLDER]`.

A thousand signed prescriptions, a shelf that holds nine tenths of what they ask for, 24 pots. Fifty workers
take whatever step is next of whatever they come across, several of them the same one at the same moment:
claim, approve, weigh line by line, sign, soak, fill a pot, draw off, pack, load the trip, deliver. Printed:
how often each step was done (again, which changes nothing, for a trip or a door) and refused, and how long it
took; then what does not hold, by `bench.rush_checks`.
"""

import argparse
import multiprocessing
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from bench.fifty_thousand import environment
from bench.rush_checks import faults
from bench.rush_house import House, found
from tcm.knowledge import Knowledge, load
from tcm.records.clinical import Prescription
from tcm.records.errors import Refused
from tcm.records.governance import FindingDecision
from tcm.records.lifecycle import State
from tcm.services import checking, delivering, flooring, reviewing, weighing
from tcm.services.reserving import Lacking
from tcm.services.reviewing import FindingJudgement
from tcm.services.weighing_sheet import sheet_of
from tcm.store.engine import Store, open_engine, open_store
from tcm.store.troubles import trouble_of
from tcm.store.work import Work
from web.cli.doors import ready_store

WORKERS, PROCESSES, ORDERS, LIMIT_S = 50, 5, 1_000, 1_800.0
DONE = "done"
MOST_SHOWN = 20
ALL_WELL = "no lot negative, no bag twice, each state reached once, the ledger verifies"
_OVER = frozenset({State.DELIVERED, State.RETURNED})
_FLOOR = {
    State.DISPENSED: State.SOAKING,
    State.SOAKING: State.DECOCTING,
    State.DECOCTING: State.PACKED,
}

Act = Callable[[Work], object]


@dataclass(frozen=True)
class Try:
    """One step that a worker tried.

    Args:
        step: Which.
        outcome: `done`, the kind of the refusal, or `busy` where the database gave up waiting.
        ms: How long it took.
    """

    step: str
    outcome: str
    ms: float


class Rush:
    """The workers of one process.

    Args:
        store: How the house is reached; every worker opens a connection of its own.
        house: Who and what takes part.
        knowledge: The facts.
        seed: What the workers come across.
        limit_s: When they give up.
    """

    def __init__(self, store: Store, house: House, knowledge: Knowledge, seed: int, limit_s: float) -> None:
        self._store, self._house, self._knowledge = store, house, knowledge
        self._seed, self._until_s = seed, time.monotonic() + limit_s
        self._open = list(house.orders)
        self._lock = threading.Lock()

    def run(self, workers: int, near: int) -> list[Try]:
        """Work until nothing is left to do, or the time is over.

        Args:
            workers: How many at once.
            near: Among how many prescriptions they choose: as many as there are hands in all, so that they
                come across one another's.

        Returns:
            Everything that was tried.
        """
        tries: list[Try] = []
        broke: list[BaseException] = []

        def live(number: int) -> None:
            try:
                tries.extend(self._live(number, near))
            except BaseException as error:  # told to the caller below
                broke.append(error)
                self._until_s = 0.0

        threads = [threading.Thread(target=live, args=(number,)) for number in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if broke:
            raise broke[0]
        return tries

    def _live(self, number: int, near: int) -> list[Try]:
        rng = random.Random(f"{self._seed}/{number}")  # noqa: S311 - an invented rush, not a secret
        engine = open_engine(self._store.engine.url.render_as_string(hide_password=False), self._store.keys)
        store = Store(engine, self._store.keys, self._store.blobs, self._store.home)
        tries = []
        try:
            while time.monotonic() < self._until_s:
                with self._lock:
                    open_now = self._open[:near]
                if not open_now:
                    break
                tries.append(self._step(store, rng.choice(open_now), rng))
        finally:
            store.close()
        return tries

    def _step(self, store: Store, row: int, rng: random.Random) -> Try:
        with store.work(reads_only=True) as work:
            prescription = work.prescriptions.get(row)
            if prescription.state in _OVER:
                with self._lock:
                    if row in self._open:
                        self._open.remove(row)
                return Try("look", DONE, 0.0)
            step, act = self._next(work, prescription, rng)
        began_s, outcome = time.perf_counter(), DONE
        try:
            with store.work() as work:
                act(work)
                work.commit()
        except Lacking:
            return self._send_back(store, row, began_s)
        except Refused as refusal:
            outcome = type(refusal).__name__
        except DBAPIError as error:
            trouble = trouble_of(error)
            if trouble is None:
                raise
            outcome = trouble.value
        return Try(step, outcome, 1000 * (time.perf_counter() - began_s))

    def _next(self, work: Work, prescription: Prescription, rng: random.Random) -> tuple[str, Act]:
        row, version, house = prescription.key(), prescription.version, self._house
        hand, place = rng.choice(house.floor), house.places[row]
        if prescription.state is State.SIGNED:
            return self._review(prescription)
        if prescription.state is State.APPROVED:
            return self._dispense(work, prescription, rng)
        if prescription.state is State.DECOCTING and prescription.pot_id is not None:
            return "draw off", lambda work: flooring.draw_off(work, hand, row, version)
        if prescription.state is State.PACKED:
            trip = (place.courier, place.route_id, place.trip)
            return "load", lambda work: delivering.load_trip(work, *trip)
        if prescription.state is State.LOADED:
            return "deliver", lambda work: delivering.deliver(work, place.courier, row, version)
        target = _FLOOR[prescription.state]
        pot = rng.choice(house.pots) if target is State.DECOCTING else None
        return (
            {State.SOAKING: "soak", State.DECOCTING: "fill a pot", State.PACKED: "pack"}[target],
            lambda work: flooring.advance(work, hand, self._knowledge, row, version, target, pot_code=pot),
        )

    def _review(self, prescription: Prescription) -> tuple[str, Act]:
        row = prescription.key()
        pharmacist = self._house.pharmacists[row % len(self._house.pharmacists)]
        if prescription.claimed_by_id is None:
            return "claim", lambda work: reviewing.claim(work, pharmacist, row)
        page = (pharmacist, self._knowledge, row)

        def approve(work: Work) -> object:
            said = reviewing.open_case(work, *page).findings
            words = {each.key: FindingJudgement(FindingDecision.ACCEPTED) for each in said}
            return reviewing.approve(work, *page, prescription.version, decisions=words)

        return "approve", approve

    def _dispense(self, work: Work, prescription: Prescription, rng: random.Random) -> tuple[str, Act]:
        row, version = prescription.key(), prescription.version
        sheet = sheet_of(work, self._knowledge, prescription)
        hand = rng.choice(self._house.floor)
        if sheet.dispensing is None:
            return "begin to weigh", lambda work: weighing.begin(work, hand, self._knowledge, row)
        page = (self._knowledge, row)
        line = next((each for each in sheet.lines if each.weighed is None), None)
        if line is not None:
            key = f"rush-{row}-{line.lot_id}"
            code, net_mg = line.lot_number, line.target_mg
            return "weigh a line", lambda work: weighing.weigh(
                work, hand, *page, code, net_mg, scale="", request_key=key
            )
        second = rng.choice(self._house.pharmacists)
        return "sign for the weights", lambda work: checking.sign(work, second, *page, version)

    def _send_back(self, store: Store, row: int, began_s: float) -> Try:
        outcome = DONE
        try:
            with store.work() as work:
                now = work.prescriptions.get(row)
                pharmacist = self._house.pharmacists[row % len(self._house.pharmacists)]
                reviewing.return_to_doctor(
                    work, pharmacist, self._knowledge, row, now.version, checking.OUT_OF_STOCK
                )
                work.commit()
        except Refused as refusal:
            outcome = type(refusal).__name__
        return Try("send back for want", outcome, 1000 * (time.perf_counter() - began_s))


def table(tries: Iterable[Try]) -> list[str]:
    """What was tried, a line a step.

    Args:
        tries: All of them.

    Returns:
        Lines of text.
    """
    steps: dict[str, list[Try]] = {}
    for each in tries:
        if each.step != "look":
            steps.setdefault(each.step, []).append(each)
    lines = [f"{'step':<22}{'done':>7}{'refused':>9}{'busy':>6}{'median ms':>11}{'p95 ms':>9}  refusals"]
    for step, of in sorted(steps.items(), key=lambda each: -len(each[1])):
        outcomes = Counter(each.outcome for each in of)
        done, busy = outcomes.pop(DONE, 0), outcomes.pop("busy", 0)
        ms = [each.ms for each in of]
        p95 = statistics.quantiles(ms, n=20)[-1] if len(ms) > 1 else ms[0]
        refusals = " ".join(f"{kind} {count}" for kind, count in outcomes.most_common())
        figures = f"{statistics.median(ms):>11.1f}{p95:>9.1f}"
        lines.append(f"{step:<22}{done:>7}{outcomes.total():>9}{busy:>6}{figures}  {refusals}")
    return lines


def _one_process(house: House, environ: dict[str, str], workers: int, near: int, seed: int) -> list[Try]:
    return Rush(open_store(environ), house, load(), seed, LIMIT_S).run(workers, near)


def _in_processes(
    house: House, environ: dict[str, str], workers: int, processes: int, seed: int
) -> list[Try]:
    task = partial(_one_process, house, environ, workers // processes, workers)
    # Forked: the facts are loaded once. Nothing is open here, and there are no threads yet.
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        tries = pool.map(task, range(seed, seed + processes), chunksize=1)
    return [each for of in tries for each in of]


def main(arguments: Sequence[str] | None = None) -> int:
    """Found the house, let them rush, and look.

    Returns:
        1 where something does not hold.
    """
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--postgres", type=Path)
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    environ, knowledge = dict(environment(asked.home, asked.postgres)), load()
    store = ready_store(lambda: open_store(environ))
    began_s = time.monotonic()
    house = found(store, knowledge, asked.orders, asked.seed)
    store.engine.dispose()
    print(f"load average {os.getloadavg()[0]:.1f}; founded in {time.monotonic() - began_s:.0f} s", flush=True)
    began_s = time.monotonic()
    tries = _in_processes(house, environ, asked.workers, asked.processes, asked.seed)
    rushed_s = time.monotonic() - began_s
    print("\n".join(table(tries)))
    wrong = faults(store, knowledge, house.orders)
    with store.work() as work:
        states = Counter(each.state for each in work.prescriptions.by_ids(house.orders).values())
    told = ", ".join(f"{count} {state.value}" for state, count in states.most_common())
    print(f"{store.engine.dialect.name}: {asked.workers} workers, {rushed_s:.0f} s: {told}")
    print("\n".join([f"{len(wrong)} faults", *wrong[:MOST_SHOWN]]) if wrong else ALL_WELL)
    store.close()
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
