"""A pot's machine in a test: it says what it is told to say, second by second of the county's clock."""

from datetime import datetime
from typing import Any

from tcm.records.machines import Deviation, MachineReading, Reading
from tcm.services import metering
from tcm.services.metering import Batch, Taken
from tests.tcm.county import County


class Machine:
    """A machine that counts its messages.

    Args:
        county: Where its pot is.
        pot_code: Which pot.
        boot: What it calls this time that it was switched on.
    """

    def __init__(self, county: County, pot_code: str = "P01", boot: str = "a") -> None:
        self.county, self.pot_code, self.boot = county, pot_code, boot
        self.sequence = 0

    def reading(self, temperature_c: float, **said: Any) -> Reading:
        """A reading of now, not said yet."""
        self.sequence += 1
        fields: dict[str, Any] = {
            "pot_code": self.pot_code,
            "boot": self.boot,
            "sequence": self.sequence,
            "at": self.county.watch.now,
            "temperature_c": temperature_c,
        }
        return Reading(**{**fields, **said})

    def says(self, temperature_c: float, **said: Any) -> Taken:
        """It says how hot it is now."""
        return self.sends(self.reading(temperature_c, **said)).taken[0]

    def sends(self, *readings: Reading) -> Batch:
        """Readings arrive together."""
        with self.county.work() as work:
            batch = metering.take_readings(work, readings)
            work.commit()
        return batch

    def boils(self, minutes: float, temperature_c: float = 99.0, every_s: int = 30) -> None:
        """Time passes, and every so often it says the same."""
        for _ in range(round(60 * minutes / every_s)):
            self.county.watch.pass_(seconds=every_s - 1)
            self.says(temperature_c)


def curve_of(county: County, run_id: int) -> list[MachineReading]:
    """What is kept of a run's curve."""
    with county.work() as work:
        return work.machine_readings.of_runs([run_id])[run_id]


def deviations_of(county: County, run_id: int) -> list[Deviation]:
    """What was found of a run."""
    with county.work() as work:
        return work.deviations.of_runs([run_id])[run_id]


def kinds_of(county: County, run_id: int) -> list[str]:
    """Only how."""
    return [each.kind.value for each in deviations_of(county, run_id)]


def refused(county: County, day: Any) -> list[tuple[str, str, int]]:
    """Pot, reason and count of what was not taken on a day."""
    with county.work() as work:
        return [(each.pot_code, each.reason.value, each.count) for each in work.machine_refusals.of_day(day)]


def moments(points: list[MachineReading]) -> list[datetime]:
    """When its points were."""
    return [each.at for each in points]
