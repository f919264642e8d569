"""A small day that every test can take apart."""

import pytest

from dispatch.county import Centre, Vehicle, Village
from dispatch.day import plan
from dispatch.plan_types import DayPlan
from dispatch.problem import Crew, Day, Job, Order, Pot


def _job(number: int, **changes: object) -> Job:
    fields: dict[str, object] = {
        "id": f"J{number}",
        "ml": 2800,
        "release_min": 0,
        "soak_min": 30,
        "load_min": 5,
        "cook_min": 60,
        "pack_min": 5,
        "clean_min": 10,
        "due_min": 300,
        "add_at_min": 45 if number % 2 else None,
        "add_min": 5,
    }
    return Job(**(fields | changes))  # type: ignore[arg-type]  # a test may break any field


@pytest.fixture(scope="session")
def make_job():
    """Job number n, with any field changed."""
    return _job


@pytest.fixture(scope="session")
def small_day() -> Day:
    """Eight orders, one toxic and one strong-smelling, four villages, two vehicles."""
    taints = {6: "toxic", 7: "strong"}
    return Day(
        orders=tuple(
            Order(f"O{n}", f"N{n % 4}", 14, 2800, job=_job(n, taint=taints.get(n, "none"))) for n in range(8)
        ),
        pots=(
            Pot("P0", 6000),
            Pot("P1", 6000),
            Pot("P2", 9000),
            Pot("P3", 9000, "toxic"),
            Pot("P4", 9000, "strong"),
        ),
        crew=Crew(packers=1, loaders=1, adders=1),
        vehicles=(
            Vehicle("V0", "一号车", 70, 60, 600, km_cost_fen=100, fixed_cost_fen=5000),
            Vehicle("V1", "二号车", 70, 60, 600, km_cost_fen=120, fixed_cost_fen=5000, speed_factor=0.8),
        ),
        villages=tuple(Village(f"N{n}", f"村{n}", 113.4 + 0.03 * n, 29.4 + 0.02 * n) for n in range(4)),
        centre=Centre("C", "中药房", 113.45, 29.47),
        horizon_min=600,
        waves_min=(200,),
    )


@pytest.fixture(scope="session")
def small_plan(small_day: Day) -> DayPlan:
    """A plan of the small day."""
    return plan(small_day, seconds=1.0, seed=1)
