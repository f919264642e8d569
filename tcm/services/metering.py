"""What decoction machines say is taken onto the curve of the boil they tell of, and watched."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from tcm.knowledge.machines import DeviationRule, MachineLimits, deviation_rules, machine_limits
from tcm.records.boils import Outcome, PotRun, PotStep, Step
from tcm.records.centre import Pot
from tcm.records.clock import county_day
from tcm.records.machines import (
    Deviation,
    Machine,
    MachineReading,
    MachineRefusal,
    Reading,
    RefusedBecause,
)
from tcm.records.watching import Found, corners, is_kept, watch
from tcm.services.keeping import is_clock_settled
from tcm.store.work import Work

# Curves are thinned day by day; a process that was away for longer leaves them as they are.
_THIN_DAYS = 7


class Taken(StrEnum):
    """What became of a reading."""

    # A new point of a curve.
    KEPT = "kept"
    # Taken, and the curve is none the poorer without a point.
    PASSED = "passed"
    # The pot boils nothing that is on record.
    IDLE = "idle"
    # Not taken, and counted.
    REFUSED = "refused"


@dataclass
class Batch:
    """What became of some readings.

    Args:
        taken: One for each reading, in order.
        deviations: What was found by them and was not known before.
    """

    taken: list[Taken] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)


def take_reading(work: Work, reading: Reading) -> Taken:
    """Take what a machine says of its pot.

    Args:
        work: The unit of work.
        reading: Validated at the door.

    Returns:
        What became of it; a deviation that it shows is on record afterwards.
    """
    return take_readings(work, [reading]).taken[0]


def take_readings(work: Work, readings: Sequence[Reading]) -> Batch:
    """Take what machines say, in the order in which it came; each boil is watched once.

    Args:
        work: The unit of work.
        readings: Validated at the door.

    Returns:
        What became of each, and the deviations found.
    """
    batch, touched = Batch(), dict[int, PotRun]()
    pots = {pot.code: pot for pot in work.pots.all()}
    # Two works that hold several machines hold them in the same order.
    held = {
        code: work.machines.held(pots[code].id or 0)
        for code in sorted({each.pot_code for each in readings} & pots.keys())
    }
    for reading in readings:
        pot = pots.get(reading.pot_code)
        if pot is None:
            refuse(work, RefusedBecause.FOREIGN, "")
            batch.taken.append(Taken.REFUSED)
            continue
        if _is_repeated(held[pot.code], reading):
            refuse(work, RefusedBecause.REPEATED, pot.code)
            batch.taken.append(Taken.REFUSED)
            continue
        before = held[pot.code]
        machine = held[pot.code] = _hear(work, pot, before, reading)
        taken, run = _keep(work, pot, machine, reading)
        batch.taken.append(taken)
        if run is not None and taken is Taken.KEPT:
            touched[run.key()] = run
    work.session.flush()
    batch.deviations = watch_runs(work, list(touched.values()))
    return batch


def refuse(work: Work, reason: RefusedBecause, pot_code: str) -> None:
    """Count a message that is not taken.

    Args:
        work: The unit of work.
        reason: Why.
        pot_code: Of which pot, empty where it names none of ours.
    """
    day = county_day(work.now)
    counted = work.machine_refusals.held(day, pot_code, reason)
    if counted is None:
        work.machine_refusals.add(
            MachineRefusal(day=day, pot_code=pot_code, reason=reason, count=1, last_at=work.now)
        )
        return
    counted.count += 1
    counted.last_at = work.now


def watch_all(work: Work) -> list[Deviation]:
    """Look at every boil that is under way: silence comes without a reading.

    Args:
        work: The unit of work.

    Returns:
        Deviations that were not known before.
    """
    return watch_runs(work, [run for run in work.pot_runs.held() if run.closed_at is None])


def watch_runs(work: Work, runs: Sequence[PotRun]) -> list[Deviation]:
    """Hold the curves of some boils against their programmes and the limits.

    Args:
        work: The unit of work.
        runs: Which.

    Returns:
        Deviations that were not known before; what was known is brought up to date.
    """
    if not runs:
        return []
    limits, keys = machine_limits(), [run.key() for run in runs]
    curves, known = work.machine_readings.of_runs(keys), work.deviations.of_runs(keys)
    steps, machines = work.pot_steps.of_runs(keys), work.machines.of_pots(run.pot_id for run in runs)
    new = []
    for run in runs:
        curve, earlier = curves[run.key()], known[run.key()]
        found = watch(
            run.boil,
            _done(run, steps.get(run.key(), ())),
            curve,
            # A clock that was set back does not make undone what was seen already.
            max([work.now, *(each.at for each in curve[-1:]), *(each.found_at for each in earlier)]),
            limits,
            is_metered=_is_metered(machines.get(run.pot_id), run, limits),
            closed_at=run.closed_at,
        )
        new += _bring_up_to_date(work, run, found, earlier)
    work.session.flush()
    return new


def thin_old(work: Work) -> int:
    """Leave the corners of curves that are older than anybody looks at closely.

    Args:
        work: The unit of work.

    Returns:
        How many points went; none while the clock may have jumped.
    """
    if not is_clock_settled(work):
        return 0
    limits = machine_limits()
    before = work.now - timedelta(days=limits.thin_after_days)
    runs = work.machine_readings.to_thin(before, before - timedelta(days=_THIN_DAYS))
    gone = 0
    for run_id in runs:
        points = work.machine_readings.of_runs([run_id])[run_id]
        kept = corners(points, limits.thin_within_c)
        away = [point.id or 0 for place, point in enumerate(points) if place not in kept]
        work.machine_readings.remove(away)
        gone += len(away)
    return gone


def _is_repeated(machine: Machine | None, reading: Reading) -> bool:
    if machine is None:
        return False
    if reading.boot == machine.boot:
        return reading.sequence <= machine.sequence
    # What is sent again from before it was switched off and on is not the newest.
    return reading.boot == machine.previous_boot


def _hear(work: Work, pot: Pot, machine: Machine | None, reading: Reading) -> Machine:
    at, is_wrong = _moment(machine, reading, work.now)
    said = {
        "boot": reading.boot,
        "sequence": reading.sequence,
        "at": at,
        "received_at": work.now,
        "is_clock_wrong": is_wrong,
        "temperature_c": reading.temperature_c,
        "lid_closed": reading.lid_closed,
        "heater_on": reading.heater_on,
        "level_ml": reading.level_ml,
    }
    if machine is None:
        return work.machines.add(Machine(pot_id=pot.id or 0, **said))  # type: ignore[arg-type]
    before = machine.lid_closed, machine.heater_on, machine.is_clock_wrong
    if before != (reading.lid_closed, reading.heater_on, is_wrong):
        # A lid that is lifted is seen on the curve.
        machine.kept_at = None
    if machine.boot != reading.boot:
        machine.previous_boot = machine.boot
    for name, value in said.items():
        setattr(machine, name, value)
    return machine


def _moment(machine: Machine | None, reading: Reading, now: datetime) -> tuple[datetime, bool]:
    """When a reading was made, and whether the machine's clock was not to be believed for it.

    A pot that burns is watched whatever its clock says: the moment it came then stands for when it was made.
    """
    limits = machine_limits()
    off = timedelta(seconds=limits.clock_ahead_s)
    if machine is not None and not machine.is_clock_wrong and now + off < machine.at <= reading.at:
        # It is our clock that was set back: the machine's was right so far, and the boil goes on.
        return reading.at, False
    too_new = reading.at > now + off
    too_old = reading.at < now - timedelta(hours=limits.late_max_h)
    went_back = machine is not None and reading.at < machine.at - off
    if too_new or too_old or went_back:
        return now, True
    at = min(reading.at, now)
    return (at if machine is None else max(at, machine.at)), False


def _keep(work: Work, pot: Pot, machine: Machine, reading: Reading) -> tuple[Taken, PotRun | None]:
    run = work.pot_runs.covering(pot.id or 0, machine.at)
    if run is None:
        return Taken.IDLE, None
    last = None
    if machine.kept_run_id == run.id and machine.kept_at is not None and machine.kept_c is not None:
        last = machine.kept_at, machine.kept_c
    if not is_kept(last, machine.at, reading.temperature_c, machine_limits()):
        return Taken.PASSED, run
    machine.kept_run_id, machine.kept_at, machine.kept_c = run.id, machine.at, reading.temperature_c
    work.session.add(
        MachineReading(
            run_id=run.key(),
            sequence=reading.sequence,
            at=machine.at,
            temperature_c=reading.temperature_c,
            lid_closed=reading.lid_closed,
            heater_on=reading.heater_on,
            level_ml=reading.level_ml,
            is_clock_wrong=machine.is_clock_wrong,
        )
    )
    return Taken.KEPT, run


def _done(run: PotRun, steps: Iterable[PotStep]) -> dict[Step, datetime]:
    return {Step.LOADED: run.opened_at, **{each.step: each.at for each in steps}}


def _is_metered(machine: Machine | None, run: PotRun, limits: MachineLimits) -> bool:
    since = run.opened_at - timedelta(hours=limits.metered_within_h)
    return machine is not None and machine.received_at >= since


def _bring_up_to_date(
    work: Work, run: PotRun, found: Sequence[Found], known: Sequence[Deviation]
) -> list[Deviation]:
    by_name = {(each.kind, each.began_at): each for each in known}
    new = []
    for each in found:
        rule = deviation_rules()[each.kind]
        row = by_name.pop((each.kind, each.began_at), None)
        if row is None:
            row = work.deviations.add(
                Deviation(
                    run_id=run.key(),
                    prescription_id=run.prescription_id,
                    pot_id=run.pot_id,
                    kind=each.kind,
                    stops=_stops(run, rule),
                    began_at=each.began_at,
                    found_at=work.now,
                )
            )
            new.append(row)
        if row.verdict is None and (row.over_at, row.measured) != (each.over_at, dict(each.measured)):
            # What was taken back and is seen again stops again.
            row.over_at, row.measured, row.stops = each.over_at, dict(each.measured), _stops(run, rule)
    for row in by_name.values():
        # A step was taken back, or readings that came late told what was missing.
        if row.verdict is None and row.over_at is None:
            row.over_at, row.stops = work.now, False
    return new


def _stops(run: PotRun, rule: DeviationRule) -> bool:
    """Whether somebody has to decide; of a batch that was thrown away nobody does."""
    return rule.stops and run.outcome is not Outcome.SCRAPPED
