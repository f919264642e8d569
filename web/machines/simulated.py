"""Machines that are none: the curve of a boil as it should be, and faults on demand."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from tcm.records.boils import PotRun, Step
from tcm.records.machines import Reading
from web.machines.payload import message_of

ROOM_C, SIMMER_C, REFILLED_C = 25.0, 98.5, 60.0
# Where nobody says when it began to boil, it was filled with what had been heated already.
_HEATED_C = 97.0
_NOISE_C = 0.3
_REFILL = timedelta(minutes=1)
_COOLS_C_PER_MIN = 1.5
_DRIES_C_PER_MIN, _DRIEST_C = 8.0, 150.0
_TOO_HOT_C, _TOO_COLD_C = 4.5, 84.0
_SILENT = timedelta(minutes=10)
_CLOCK_OFF = timedelta(hours=1)
# What the kettle loses while it simmers, as in boil_rules.csv.
_EVAPORATES_ML_PER_MIN = 10.0


class Fault(StrEnum):
    """What may go wrong with a machine or its pot."""

    NONE = "none"
    # The water is gone, the pot is not off.
    DRY = "dry"
    # A few degrees hotter than water can be.
    HOT = "hot"
    # It never comes to a boil.
    COLD = "cold"
    # It says nothing for ten minutes.
    SILENT = "silent"
    # Its clock is an hour ahead.
    CLOCK = "clock"
    # Every message twice.
    TWICE = "twice"
    # Something that is no reading.
    GARBAGE = "garbage"


@dataclass(frozen=True)
class SimulatedMachine:
    """A machine on a pot whose temperature follows a line through corners.

    Args:
        pot_code: On which pot.
        corners: Moments and degrees, the first when the pot was filled.
        water_ml: What was filled in.
        fault: What goes wrong.
        fault_at: From when on.
        seed: Of the noise.
        boot: What it calls this time that it was switched on.
    """

    pot_code: str
    corners: Sequence[tuple[datetime, float]]
    water_ml: int = 3000
    fault: Fault = Fault.NONE
    fault_at: datetime | None = None
    seed: int = 0
    boot: str = ""

    def reading(self, sequence: int, at: datetime) -> Reading | None:
        """What it says at a moment.

        Args:
            sequence: Number of the message; with the seed it makes the noise.
            at: Aware UTC.

        Returns:
            The reading, None while it says nothing.
        """
        fault_at = self.fault_at or self.corners[0][0]
        since = at - fault_at if self.fault is not Fault.NONE else -timedelta(1)
        if self.fault is Fault.SILENT and timedelta() <= since < _SILENT:
            return None
        simmering = max(timedelta(), at - self.corners[0][0]) / timedelta(minutes=1)
        noise_c = random.Random(f"{self.seed}/{self.pot_code}/{sequence}").uniform(-_NOISE_C, _NOISE_C)  # noqa: S311
        sound = Reading(
            pot_code=self.pot_code,
            boot=self.boot,
            sequence=sequence,
            at=at,
            temperature_c=round(self._line_c(at) + noise_c, 2),
            lid_closed=True,
            heater_on=at < self.corners[-1][0],
            level_ml=max(0, round(self.water_ml - _EVAPORATES_ML_PER_MIN * simmering)),
        )
        return self._spoilt(sound, since) if since >= timedelta() else sound

    def messages(self, sequence: int, at: datetime) -> Iterator[bytes]:
        """What it publishes at a moment.

        Args:
            sequence: Number of the message.
            at: Aware UTC.

        Yields:
            Payloads; none while it says nothing.
        """
        reading = self.reading(sequence, at)
        if reading is None:
            return
        is_faulty = self.fault_at is None or at >= self.fault_at
        if self.fault is Fault.GARBAGE and is_faulty:
            yield b'{"temperature_c": "hot"'
            return
        yield message_of(reading)
        if self.fault is Fault.TWICE and is_faulty:
            yield message_of(reading)

    def _line_c(self, at: datetime) -> float:
        if at <= self.corners[0][0]:
            return self.corners[0][1]
        for (from_at, from_c), (to_at, to_c) in pairwise(self.corners):
            if at <= to_at:
                return from_c + (to_c - from_c) * ((at - from_at) / (to_at - from_at))
        last_at, last_c = self.corners[-1]
        return max(ROOM_C, last_c - _COOLS_C_PER_MIN * ((at - last_at) / timedelta(minutes=1)))

    def _spoilt(self, sound: Reading, since: timedelta) -> Reading:
        match self.fault:
            case Fault.DRY:
                hotter_c = _DRIES_C_PER_MIN * (since / timedelta(minutes=1))
                return replace(
                    sound, temperature_c=round(min(_DRIEST_C, sound.temperature_c + hotter_c), 2), level_ml=0
                )
            case Fault.HOT:
                return replace(sound, temperature_c=round(sound.temperature_c + _TOO_HOT_C, 2))
            case Fault.COLD:
                return replace(sound, temperature_c=min(sound.temperature_c, _TOO_COLD_C))
            case Fault.CLOCK:
                return replace(sound, at=sound.at + _CLOCK_OFF)
        return sound


def corners_of_boils(
    began_at: datetime, boils_min: Sequence[float], heat_up_min: float
) -> list[tuple[datetime, float]]:
    """A pot that is filled, boiled, drawn and filled again as often as it is boiled.

    Args:
        began_at: When it is filled first.
        boils_min: How long each boil lasts from boiling on.
        heat_up_min: From filling to boiling.

    Returns:
        Moments and degrees; the last is the end of the last boil.
    """
    corners, at, filled_c = [], began_at, ROOM_C
    for boil_min in boils_min:
        boiling_at = at + timedelta(minutes=heat_up_min)
        drawn_at = boiling_at + timedelta(minutes=boil_min)
        corners += [(at, filled_c), (boiling_at, SIMMER_C), (drawn_at, SIMMER_C)]
        at, filled_c = drawn_at + _REFILL, REFILLED_C
    return corners


def corners_of_run(
    run: PotRun, done: Mapping[Step, datetime], until: datetime
) -> list[tuple[datetime, float]]:
    """What a pot went through by the steps that hands took.

    Args:
        run: Which boil.
        done: Its steps, with their moments.
        until: As far as it is asked for, aware UTC.

    Returns:
        Moments and degrees, in order of time.
    """
    drawn_at = done.get(Step.DRAWN_OFF, run.closed_at or until)
    if Step.FIRST_BOIL not in done:
        heating = [(run.opened_at, ROOM_C if run.stepwise else _HEATED_C)]
        simmer = [] if run.stepwise else [(run.opened_at + timedelta(seconds=30), SIMMER_C)]
        corners = heating + simmer + [(drawn_at, 80.0 if run.stepwise else SIMMER_C)]
    elif Step.FIRST_DRAWN not in done:
        corners = [(run.opened_at, ROOM_C), (done[Step.FIRST_BOIL], SIMMER_C), (drawn_at, SIMMER_C)]
    else:
        first_drawn = done[Step.FIRST_DRAWN]
        corners = [(run.opened_at, ROOM_C), (done[Step.FIRST_BOIL], SIMMER_C), (first_drawn, SIMMER_C)]
        corners.append((first_drawn + _REFILL, REFILLED_C))
        if Step.SECOND_BOIL in done:
            corners.append((done[Step.SECOND_BOIL], SIMMER_C))
        corners.append((drawn_at, SIMMER_C if Step.SECOND_BOIL in done else 90.0))
    in_order = [corners[0]]
    for at, temperature_c in corners[1:]:
        # Two steps of one moment are one corner.
        if at > in_order[-1][0]:
            in_order.append((at, temperature_c))
    return in_order


def readings_of_run(
    run: PotRun,
    pot_code: str,
    done: Mapping[Step, datetime],
    from_at: datetime,
    until: datetime,
    *,
    fault: Fault = Fault.NONE,
    fault_at: datetime | None = None,
    seed: int = 0,
    every_s: int = 30,
) -> list[Reading]:
    """What a machine on a run's pot would have said, the same whenever it is asked.

    Args:
        run: Which boil.
        pot_code: Of its pot.
        done: Its steps, with their moments.
        from_at: Aware UTC; what was said before it is left out.
        until: Aware UTC; the last moment.
        fault: What goes wrong.
        fault_at: From when on.
        seed: Of the noise.
        every_s: How often it speaks.

    Returns:
        Readings in order; numbered by the seconds since the pot was filled, so that none is taken twice.
    """
    corners = corners_of_run(run, done, until)
    water_ml = run.boil.first_water_ml
    machine = SimulatedMachine(pot_code, corners, water_ml, fault, fault_at, seed, boot=f"run{run.key()}")
    end = min(until, run.closed_at or until)
    readings, number = [], 0
    while (at := run.opened_at + timedelta(seconds=every_s * number)) <= end:
        number += 1
        reading = machine.reading(number, at) if at >= from_at else None
        if reading is not None:
            readings.append(reading)
    return readings
