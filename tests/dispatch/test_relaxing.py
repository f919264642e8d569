"""What would serve an order that is left out: what is named does serve it once it is done."""

from dataclasses import replace

import pytest

from dispatch.check import check_day
from dispatch.county import Break, Centre, Vehicle, Village
from dispatch.day import plan
from dispatch.plan_types import DayPlan
from dispatch.problem import Crew, Day, Job, Order, Pot
from dispatch.relaxing import relaxations, serving
from dispatch.travel import Travel, great_circle_travel

JOB = Job("R2", 2800, 0, 30, 5, 60, 5, 10, 600)


def _day(**changes: object) -> Day:
    """Two orders: the first packed, the second to be cooked; one van, one pot, villages 7 and 12 km away."""
    day = Day(
        orders=(Order("R1", "N1", 14, 2800, ready_min=0), Order("R2", "N2", 14, 2800, job=JOB)),
        pots=(Pot("P1", 6000),),
        crew=Crew(1, 1, 1),
        vehicles=(Vehicle("V1", "一号车", 60, 60, 600, km_cost_fen=90, max_trips=2),),
        villages=(Village("N1", "近村", 113.45, 29.43), Village("N2", "远村", 113.53, 29.53)),
        centre=Centre("C", "中药房", 113.45, 29.47),
        horizon_min=600,
        start_clock_min=300,
    )
    return replace(day, **changes)  # type: ignore[arg-type]  # any field


def _plan(day: Day, travel: Travel) -> DayPlan:
    return plan(day, seconds=0.3, seed=1, repeatable=True, travel=travel)


def _second(day: Day, **changes: object) -> tuple[Order, ...]:
    return (day.orders[0], replace(day.orders[1], **changes))  # type: ignore[arg-type]  # any field


def _van(**changes: object) -> tuple[Vehicle, ...]:
    return (replace(_day().vehicles[0], **changes),)  # type: ignore[arg-type]  # any field


def _far(**changes: object) -> tuple[Village, ...]:
    return (_day().villages[0], replace(_day().villages[1], **changes))  # type: ignore[arg-type]  # any field


TOXIC = replace(JOB, taint="toxic")
CASES: list[tuple[Day, str, int]] = [
    (_day(vehicles=_van(shift_end_min=140)), "shift_end_later", 30),
    (
        _day(
            villages=_far(windows=((60, 84),)),
            orders=_second(_day(), job=None, ready_min=0),
            vehicles=_van(shift_start_min=61),
        ),
        "shift_start_earlier",
        15,
    ),
    (_day(pots=(Pot("P1", 6000), Pot("P2", 3000)), orders=_second(_day(), job=TOXIC)), "one_more_pot", 1),
    (_day(horizon_min=95), "later_horizon", 15),
    (_day(orders=_second(_day(), longest_box_min=15)), "longer_box", 30),
    (_day(villages=_far(windows=((60, 120),))), "door_later", 15),
    (_day(villages=_far(kinds=("foot",))), "other_kind", 1),
    (
        _day(orders=(replace(_day().orders[0], bags=60), _day().orders[1]), vehicles=_van(max_trips=1)),
        "one_more_trip",
        1,
    ),
    (_day(orders=_second(_day(), job=replace(JOB, ml=7000))), "larger_pot", 7000),
    (
        _day(crew=Crew(1, 1, 0), orders=_second(_day(), job=replace(JOB, add_at_min=50, add_min=5))),
        "one_more_person",
        1,
    ),
    (_day(orders=_second(_day(), bags=61)), "larger_vehicle", 61),
    (_day(villages=_far(has_road=False)), "road_opened", 1),
]


@pytest.mark.parametrize(
    ("day", "code", "amount"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_the_smallest_change_of_one_constraint_is_named(day: Day, code: str, amount: int) -> None:
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    made = _plan(day, travel)
    assert [each.id for each in made.unserved] == ["R2"]
    (found,) = relaxations(day, made, travel, seconds=10)
    assert (found.order_id, found.code, found.amount) == ("R2", code, amount)
    assert str(amount) in found.en or amount == 1


@pytest.mark.parametrize(
    ("day", "code", "amount"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
def test_the_day_so_changed_is_planned_with_every_order(day: Day, code: str, amount: int) -> None:
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    easing = next(iter(serving(day, _plan(day, travel), travel, day.orders[1])))
    assert (easing.code, easing.amount) == (code, amount)
    made = _plan(easing.day, easing.travel)
    assert made.unserved == ()
    assert check_day(easing.day, made, easing.travel) == []


def test_a_break_is_left_out_where_nothing_milder_helps() -> None:
    rests = (Break(60, 100, 500),)
    day = _day(vehicles=_van(breaks=rests, shift_end_min=600))
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    found = {each.code for each in serving(day, _plan(day, travel), travel, day.orders[1])}
    assert "break_left_out" in found


def test_an_order_that_no_single_change_serves_has_none() -> None:
    day = _day(orders=_second(_day(), bags=61, job=replace(JOB, ml=7000)))
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    assert relaxations(day, _plan(day, travel), travel, seconds=10) == ()


def test_an_earlier_order_finds_a_place_in_the_pots() -> None:
    day = _day(horizon_min=600, orders=_second(_day(), job=replace(JOB, release_min=505)))
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    found = [(each.code, each.amount) for each in serving(day, _plan(day, travel), travel, day.orders[1])]
    assert ("order_earlier", 120) in found


def test_everything_served_needs_nothing() -> None:
    day = _day()
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    assert relaxations(day, _plan(day, travel), travel, seconds=10) == ()


def test_the_words_hold_the_names_and_the_clock() -> None:
    day = _day(vehicles=_van(shift_end_min=140))
    travel = great_circle_travel(day.centre, day.villages, day.travel)
    (found,) = relaxations(day, _plan(day, travel), travel, seconds=10)
    assert found.zh == "一号车收班推迟 30 分钟（到 07:50）即可送达"
    assert found.en == "it could be served if 一号车 came back 30 min later, by 07:50"
