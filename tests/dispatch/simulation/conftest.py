"""Tiny days whose minutes can be counted by hand."""

from dataclasses import replace

import numpy as np
import pytest

from dispatch.county import Centre, Vehicle, Village
from dispatch.plan_types import DayPlan, Promise, Routes, Schedule, ScheduledJob, Stop, Trip, Visit
from dispatch.problem import Crew, Day, Job, Order, Pot
from dispatch.travel import Travel


@pytest.fixture(scope="session")
def roads() -> Travel:
    """Centre and two villages, ten minutes apart each from each."""
    minutes = np.full((3, 3), 10)
    np.fill_diagonal(minutes, 0)
    return Travel(("C", "N0", "N1"), minutes * 700, minutes)


def _job(number: int, **changes: object) -> Job:
    fields: dict[str, object] = {
        **{"id": f"J{number}", "ml": 2800, "release_min": 10, "soak_min": 30, "load_min": 5},
        **{"cook_min": 60, "pack_min": 5, "clean_min": 10, "due_min": 300},
    }
    return Job(**(fields | changes))  # type: ignore[arg-type]  # a test may change any field


@pytest.fixture(scope="session")
def tiny() -> tuple[Day, DayPlan]:
    """Two jobs one after the other in one pot, a stop each on one trip.

    J0 is soaked at 10, loaded at 40, cooked 45 to 105, packed to 110, cleaned to 115; J1 is soaked at 30 and
    loaded at 115, cooked 120 to 180, packed to 185. The trip leaves at 195 and hands over at 205 and 221.
    """
    day = Day(
        orders=(Order("O0", "N0", 10, 2800, job=_job(0)), Order("O1", "N1", 30, 2800, job=_job(1))),
        pots=(Pot("P0", 6000),),
        crew=Crew(packers=1, loaders=1, adders=1),
        vehicles=(Vehicle("V0", "一号车", 100, 60, 600),),
        villages=(Village("N0", "村0", 113.4, 29.4), Village("N1", "村1", 113.5, 29.5)),
        centre=Centre("C", "中药房", 113.45, 29.47),
        horizon_min=600,
        waves_min=(200,),
    )
    jobs = (
        ScheduledJob("J0", "P0", 10, 40, 45, None, 105, 105, 110, 115),
        ScheduledJob("J1", "P0", 30, 115, 120, None, 180, 180, 185, 190),
    )
    stops = (
        Stop("S0", "N0", ("O0",), 10, 2800, 110, 6),
        Stop("S1", "N1", ("O1",), 30, 2800, 185, 6),
    )
    visits = (Visit("S0", 205, 211), Visit("S1", 221, 227))
    trip = Trip("V0", 1, 195, 237, visits, 40, 5600, 21000, 0)
    promises = (
        Promise("O0", "N0", "V0", 1, 110, 205, 190, 250),
        Promise("O1", "N1", "V0", 1, 185, 221, 206, 266),
    )
    return day, DayPlan(
        Schedule(jobs, (), 185, 0, 185, 0, "list", 0.0),
        stops,
        Routes((trip,), (), 21000, 0, "insertion", 0.0),
        promises,
        (),
        0.0,
    )


@pytest.fixture(scope="session")
def with_jobs():
    """The same day with fields of both jobs changed."""

    def change(day: Day, **changes: object) -> Day:
        orders = (
            replace(order, job=replace(order.job, **changes)) for order in day.orders if order.job is not None
        )
        return replace(day, orders=tuple(orders))

    return change
