"""The demo's machines: no broker, the curves that boils should have go straight to the service."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tcm.records.boils import PotRun, Step
from tcm.services.metering import Batch, take_readings
from tcm.store.work import Work
from web.machines.simulated import Fault, readings_of_run

# A boil that was forgotten is not played for days, one that somebody only tries out not at all.
_LONGEST, _TRIED_OUT = timedelta(hours=12), timedelta(minutes=10)


def play_run(
    work: Work, run: PotRun, *, fault: Fault = Fault.NONE, fault_at: datetime | None = None, seed: int = 0
) -> Batch:
    """Let the machine on a run's pot say what it would have said up to now.

    Args:
        work: The unit of work.
        run: Which boil; asked again it goes on where it stopped.
        fault: What goes wrong.
        fault_at: From when on; the filling of the pot unless told.
        seed: Of the noise.

    Returns:
        What became of the readings, and the deviations they show.
    """
    steps = {run.key(): {each.step: each.at for each in work.pot_steps.of_run(run.key())}}
    return _play(work, [run], steps, fault, fault_at, seed)


def play_open_runs(work: Work, *, seed: int = 0) -> Batch:
    """Let the machines on pots that have been boiling for a while say what they would have said up to now.

    Args:
        work: The unit of work.
        seed: Of the noise.

    Returns:
        What became of the readings.
    """
    oldest, newest = work.now - _LONGEST, work.now - _TRIED_OUT
    runs = [
        each for each in work.pot_runs.held() if each.closed_at is None and oldest < each.opened_at <= newest
    ]
    kept = work.pot_steps.of_runs(run.key() for run in runs)
    steps = {key: {each.step: each.at for each in taken} for key, taken in kept.items()}
    return _play(work, runs, steps, Fault.NONE, None, seed)


def _play(
    work: Work,
    runs: list[PotRun],
    steps: Mapping[int, Mapping[Step, datetime]],
    fault: Fault,
    fault_at: datetime | None,
    seed: int,
) -> Batch:
    pots = work.pots.by_ids(run.pot_id for run in runs)
    heard = work.machines.of_pots(run.pot_id for run in runs)
    readings = []
    for run in runs:
        machine = heard.get(run.pot_id)
        since = run.opened_at
        if machine is not None and machine.boot == f"run{run.key()}":
            since = machine.at + timedelta(seconds=1)
        readings += readings_of_run(
            run,
            pots[run.pot_id].code,
            steps.get(run.key(), {}),
            since,
            work.now,
            fault=fault,
            fault_at=fault_at,
            seed=seed,
        )
    return take_readings(work, readings)
