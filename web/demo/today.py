"""Today as far as it has come when the desks open: the morning's round, and the pots on the fire now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from tcm.records.clock import at_minute
from tcm.services import flooring
from web.demo import floor
from web.demo.clock import DayClock
from web.demo.day import PLAN_MIN, Day, Effort
from web.demo.floor import DISPENSE_BEFORE_MIN, Happening, happens
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.pots import HOT_FOR, timetable
from web.demo.reviews import review_all
from web.demo.town import Town
from web.demo.week import PHOTOGRAPH_ONE_IN, PLAN_S, REPLAN_S
from web.machines.playing import play_run
from web.machines.simulated import Fault
from web.planning import LOAD_MIN

# How long before the desks open each batch went into its pot, in minutes.
IN_POTS_FOR_MIN = (2, 8, 14, 21, 30, 38, 45, 54, 75)
SPARE_MIN = 2
WRITTEN_BEFORE = timedelta(hours=5)
# Before the first pot is lit there is nothing to see of a day.
FIRST_SEEN_MIN = PLAN_MIN + 30


def live_until(town: Town, until: datetime, seed: int) -> None:
    """Live today's round as far as it has come.

    Args:
        town: The county today, its patients seen yesterday; its clock stands before dawn.
        until: When the desks open, aware; before `FIRST_SEEN_MIN` nothing happens.
        seed: Of the morning's plan.
    """
    if until < at_minute(town.day, FIRST_SEEN_MIN):
        return
    effort = Effort(PLAN_S, REPLAN_S, threads=1, seed=seed)
    Day(town, effort, f"today-{town.day:%Y%m%d}-{seed}").live_until(until)


def light_pots(town: Town, until: datetime, seed: int) -> None:
    """Let batches be weighed, soaked and boiled besides the round, each as far as its hour says.

    Args:
        town: The county today.
        until: When the desks open, aware.
        seed: Of the patients.
    """
    beside = replace(town, clock=DayClock(until - WRITTEN_BEFORE))
    photographs = Photographs(None, seed, PHOTOGRAPH_ONE_IN)
    rows = write_prescriptions(beside, photographs, len(IN_POTS_FOR_MIN), f"pots-{seed}")
    review_all(beside)
    for happening in sorted(_batches(beside, rows, until)):
        if happening.at < until:
            floor.do(beside, happening)
    _spoil_one(beside, until)


def _batches(town: Town, rows: list[int], until: datetime) -> Iterator[Happening]:
    with town.work() as work:
        taken = {run.pot_id for run in work.pot_runs.held()}
        # The plan fills pots from the first on.
        free = [pot for pot in reversed(work.pots.all()) if pot.active and pot.id not in taken]
        found = work.prescriptions.by_ids(rows)
        for row, minutes in zip(rows, IN_POTS_FOR_MIN, strict=True):
            loaded_at = until - timedelta(minutes=minutes)
            if not found[row].preparation.needs_pot:
                yield happens(loaded_at, "dispense", row)
                continue
            boil = flooring.boil_programme(work, town.knowledge, found[row])
            pot = next((each for each in free if flooring.may_cook(each, boil)), None)
            if pot is None:
                # It waits on the shelf, as it would at the centre.
                continue
            free.remove(pot)
            soaked_at = loaded_at - timedelta(minutes=boil.soak_min + SPARE_MIN)
            yield happens(soaked_at - timedelta(minutes=DISPENSE_BEFORE_MIN), "dispense", row)
            yield happens(soaked_at, "soak", row)
            yield happens(loaded_at, "decoct", row, pot.code)
            boils_at = loaded_at + timedelta(minutes=LOAD_MIN)
            for step, at in timetable(boil, boils_at, stepwise=True):
                yield happens(at, step, row)


def _spoil_one(town: Town, until: datetime) -> None:
    """One of the pots is too hot, and nobody has decided yet what becomes of it."""
    town.clock.to(until)
    with town.work() as work:
        boiling = [run for run in work.pot_runs.held() if run.closed_at is None]
        for run in boiling:
            is_hot = run is boiling[len(boiling) // 2]
            play_run(work, run, fault=Fault.HOT if is_hot else Fault.NONE, fault_at=until - HOT_FOR)
        work.commit()
