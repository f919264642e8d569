"""The problem types refuse what cannot be meant, and name the field."""

import dataclasses

import pytest

from dispatch.county import TravelSettings, Vehicle, Village
from dispatch.problem import Crew, Day, DecoctionProblem, Job, Order, Pot, Started


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cook_min", 0),
        ("cook_min", float("nan")),
        ("cook_min", 60.0),
        ("cook_min", True),
        ("soak_min", -1),
        ("ml", 0),
        ("due_min", "300"),
        ("taint", "any"),
        ("add_at_min", 61),
        ("recipe", " "),
        ("weight", 10**7),
    ],
)
def test_a_job_with_a_wrong_figure_is_refused_by_name(make_job, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^job J1: {field} "):
        make_job(1, **{field: value})


@pytest.mark.parametrize("lon", [float("nan"), float("inf"), 181, "113"])
def test_a_village_off_the_globe_is_refused(lon: object) -> None:
    with pytest.raises(ValueError, match=r"^village N1: lon "):
        Village("N1", "村", lon, 29.4)  # type: ignore[arg-type]


def test_a_pot_of_an_unknown_duty_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^pot P1: duty must be one of any, toxic, strong, got 'none'$"):
        Pot("P1", 6000, "none")  # type: ignore[arg-type]


def test_a_negative_crew_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^crew loaders must be between 0"):
        Crew(packers=1, loaders=-1, adders=1)


def test_a_shift_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^vehicle V: shift_end_min lies before shift_start_min$"):
        Vehicle("V", "车", 10, 600, 60)


def test_a_speed_factor_of_nan_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^vehicle V: speed_factor must be a finite number, got nan$"):
        Vehicle("V", "车", 10, 0, 60, speed_factor=float("nan"))


def test_a_winding_factor_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^travel winding_factor must be between 1 and 10"):
        TravelSettings(winding_factor=0.9)


@pytest.mark.parametrize("both", [{"job": None, "ready_min": None}, {"ready_min": 10}])
def test_an_order_is_either_cooked_or_ready(make_job, both: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"^order O: either job or ready_min must be given, and not both$"):
        Order("O", "N", 1, 200, **({"job": make_job(1)} | both))


def test_ids_that_occur_twice_are_refused(make_job) -> None:
    with pytest.raises(ValueError, match=r"^jobs holds the id 'J1' twice$"):
        DecoctionProblem((make_job(1), make_job(1)), (), Crew(1, 1, 1), 600)


def test_a_job_cannot_have_started_in_the_future(make_job) -> None:
    job: Job = make_job(1, started=Started(soak_at_min=50))
    with pytest.raises(ValueError, match=r"^job J1: started lies after now_min 40$"):
        DecoctionProblem((job,), (), Crew(1, 1, 1), 600, now_min=40)


def test_a_pot_is_started_together_with_its_time() -> None:
    with pytest.raises(ValueError, match=r"^started pot_id and load_at_min are given together"):
        Started(soak_at_min=0, pot_id="P1")


def test_an_order_for_nowhere_is_refused(small_day) -> None:
    stray = dataclasses.replace(small_day.orders[0], village_id="X")
    with pytest.raises(ValueError, match=r"^order O0: village_id 'X' is no village of the day$"):
        dataclasses.replace(small_day, orders=(stray,))


def test_a_day_lists_each_order_once(small_day) -> None:
    with pytest.raises(ValueError, match=r"^orders holds the id 'O0' twice$"):
        dataclasses.replace(small_day, orders=(small_day.orders[0], small_day.orders[0]))


def test_waves_have_to_rise(small_day) -> None:
    with pytest.raises(ValueError, match=r"^waves_min must rise$"):
        dataclasses.replace(small_day, waves_min=(300, 200))


def test_what_keeps_has_no_limit_in_the_insulated_box(small_day: Day) -> None:
    day = dataclasses.replace(small_day, longest_box_min=300, fragile_box_min=120)
    order = dataclasses.replace(day.orders[0], fragile=True, longest_box_min=200)
    kept = dataclasses.replace(order, keeps=True)
    assert (day.longest_box_of(order), day.longest_box_of(kept)) == (120, None)
    with pytest.raises(ValueError, match="keeps must be true or false"):
        dataclasses.replace(order, keeps=1)  # type: ignore[arg-type]
