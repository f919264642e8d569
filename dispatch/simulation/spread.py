"""How much a day differs from its plan: parameters of distributions, and the numbers drawn from them."""

import csv
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from dispatch.guard import number

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Spread:
    """What is drawn. All zero: the day goes exactly as planned.

    Attributes:
        late_share: of the prescriptions not yet here when the plan is made, how many come late.
        late_mean_min: by how much those come late, in the mean (exponential).
        load_sigma, boil_sigma, pack_sigma: loading a pot, boiling, packing.
        dock_sigma: loading a vehicle.
        door_sigma: handing over at a stop.
        weather_sigma: all roads of a day together.
        trip_sigma: all roads of one trip together.
        arc_sigma: one way between two stops.

    Every sigma is that of the logarithm of a lognormal factor whose median is 1: sigma 0.15 makes one way in
    six at least 16 % longer than planned, and as many as much shorter.
    """

    late_share: float = 0.0
    late_mean_min: float = 0.0
    load_sigma: float = 0.0
    boil_sigma: float = 0.0
    pack_sigma: float = 0.0
    dock_sigma: float = 0.0
    door_sigma: float = 0.0
    weather_sigma: float = 0.0
    trip_sigma: float = 0.0
    arc_sigma: float = 0.0

    def __post_init__(self) -> None:
        number("spread late_share", self.late_share, low=0, high=1)
        number("spread late_mean_min", self.late_mean_min, low=0, high=1440)
        for field in fields(self)[2:]:
            number(f"spread {field.name}", getattr(self, field.name), low=0, high=2)


@cache
def usual_spread() -> Spread:
    """The spread of spread.csv, where each figure has its source or is marked as assumed."""
    text = files("dispatch.simulation").joinpath("spread.csv").read_text("utf-8")
    return Spread(**{row["parameter"]: float(row["value"]) for row in csv.DictReader(text.splitlines())})


@dataclass(frozen=True, slots=True, eq=False)
class Draws:
    """Random numbers behind the days, before any spread: the same for every spread and plan of their size.

    Attributes:
        late, late_by: (draws, jobs) uniform in 0..1, and exponential with mean 1.
        load, boil, pack: (draws, jobs) standard normal.
        dock, trip: (draws, trips) standard normal.
        door, arc: (draws, legs) standard normal; a leg is a way to a stop, or home.
        weather: (draws,) standard normal.
    """

    late: Floats
    late_by: Floats
    load: Floats
    boil: Floats
    pack: Floats
    dock: Floats
    trip: Floats
    door: Floats
    arc: Floats
    weather: Floats

    @property
    def count(self) -> int:
        """How many days are drawn."""
        return len(self.weather)


def draw(*, draws: int, jobs: int, trips: int, legs: int, seed: int) -> Draws:
    """Draw the random numbers of `draws` days.

    Each kind comes from a generator of its own: another number of trips leaves the jobs' numbers alone.
    """
    streams = iter(np.random.default_rng(each) for each in np.random.SeedSequence(seed).spawn(10))

    def normal(columns: int) -> Floats:
        return next(streams).standard_normal((columns, draws)).T

    return Draws(
        late=next(streams).random((jobs, draws)).T,
        late_by=next(streams).exponential(size=(jobs, draws)).T,
        load=normal(jobs),
        boil=normal(jobs),
        pack=normal(jobs),
        dock=normal(trips),
        trip=normal(trips),
        door=normal(legs),
        arc=normal(legs),
        weather=next(streams).standard_normal(draws),
    )


def factor(sigma: float, normal: Floats) -> Floats:
    """Lognormal factors of median 1; exactly 1 where sigma is 0."""
    return np.asarray(np.exp(sigma * normal), dtype=np.float64)


def late_minutes(spread: Spread, draws: Draws) -> Floats:
    """(draws, jobs) minutes by which each prescription comes late."""
    return np.where(draws.late < spread.late_share, spread.late_mean_min * draws.late_by, 0.0)
