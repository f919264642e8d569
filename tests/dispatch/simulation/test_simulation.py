"""The simulator: nothing drawn is the plan itself, and tiny days are as counted by hand."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.day import plan
from dispatch.plan_types import DayPlan, Rest
from dispatch.problem import Crew, Day, Pot
from dispatch.remaining import rest_of_day
from dispatch.sample import EXTRAS, synthetic_day
from dispatch.simulation import Spread, simulate, usual_spread
from dispatch.simulation.days import Days, carry_out, wave_groups
from dispatch.simulation.floor import packed
from dispatch.simulation.monte_carlo import Drawn
from dispatch.simulation.spread import Draws, draw
from dispatch.travel import Travel, great_circle_travel

NOTHING = Spread()
DayAndPlan = tuple[Day, DayPlan]


def _one(**changes: object) -> Draws:
    """One day in which every random number is its median, but for those given."""
    none = {
        **{"late": np.ones((1, 2)), "late_by": np.zeros((1, 2))},
        **{name: np.zeros((1, 2)) for name in ("load", "boil", "pack")},
        **{"dock": np.zeros((1, 1)), "trip": np.zeros((1, 1)), "weather": np.zeros(1)},
        **{"door": np.zeros((1, 3)), "arc": np.zeros((1, 3))},
    }
    return Draws(**(none | changes))  # type: ignore[arg-type]  # a test may change any of them


def _run(given: DayAndPlan, roads: Travel, spread: Spread, hold_min: int = 30, **changes: object) -> Days:
    return carry_out(*given, roads, spread, _one(**changes), hold_min=hold_min)


def _doubled(columns: int, *places: int) -> np.ndarray:
    """Normal numbers that make a factor of 2 out of a sigma of 1, at some columns."""
    numbers = np.zeros((1, columns))
    numbers[0, list(places)] = np.log(2)
    return numbers


def _assert_as_planned(day: Day, made: DayPlan, travel: Travel, days: Days) -> None:
    stops = {stop.id: stop for stop in made.stops}
    for each in days.driven:
        assert set(each.depart) == {each.trip.depart_min}
        begins = [visit.leave_min - stops[visit.stop_id].service_min for visit in each.trip.visits]
        assert [set(begin) for begin in each.begins] == [{begin} for begin in begins]
        assert set(each.back) == {each.trip.return_min}
    assert not days.left_behind.any()
    draws = draw(draws=2, jobs=len(made.schedule.jobs), trips=0, legs=0, seed=1)
    ends = packed(day, made.schedule, NOTHING, draws)
    assert {id_: set(end) for id_, end in ends.items()} == {
        each.job_id: {each.pack_end_min} for each in made.schedule.jobs
    }


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    orders=st.integers(0, 16),
    pots=st.integers(1, 16),
    vehicles=st.integers(1, 3),
    now_min=st.integers(0, 600),
)
def test_with_no_spread_the_minutes_are_the_plans(
    seed: int, orders: int, pots: int, vehicles: int, now_min: int
) -> None:
    day = synthetic_day(seed=seed, orders=orders, villages=6, pots=pots, vehicles=vehicles, extras=EXTRAS)
    roads = great_circle_travel(day.centre, day.villages, day.travel)
    made = plan(day, seconds=0.05, seed=seed, threads=1, repeatable=True)
    _assert_as_planned(day, made, roads, Drawn(day, made, roads, draws=2, seed=seed).days(NOTHING))
    assert simulate(day, made, roads, draws=2, spread=NOTHING).overall.on_time == 1
    # What is left of the day has jobs in their pots and vehicles out.
    left = rest_of_day(day, made, now_min=now_min)
    again = plan(left, seconds=0.05, seed=seed, threads=1, repeatable=True)
    _assert_as_planned(left, again, roads, Drawn(left, again, roads, draws=2, seed=seed).days(NOTHING))


def test_the_day_of_the_fixture_goes_as_it_says(tiny: DayAndPlan, roads: Travel) -> None:
    days = _run(tiny, roads, NOTHING)
    assert days.begins.tolist() == [[205, 221]]
    assert days.driven[0].back.tolist() == [237]


def test_a_late_prescription_delays_its_pot_its_packing_and_its_trip(tiny: DayAndPlan, roads: Travel) -> None:
    # J0 comes 40 late: soaked from 50, loaded at 80, cooked until 145, cleaned until 155; J1 is loaded then,
    # cooked until 220, packed by 225, so that the trip leaves at 235 instead of 195: 40 later.
    spread = Spread(late_share=0.5, late_mean_min=40)
    late = {"late": np.array([[0.0, 1.0]]), "late_by": np.array([[1.0, 0.0]])}
    assert _run(tiny, roads, spread, hold_min=40, **late).begins.tolist() == [[245, 261]]
    # A trip that waits no longer than 30 leaves at once: J1 goes the next day with the same trip.
    days = _run(tiny, roads, spread, **late)
    assert days.begins.tolist() == [[205, 221 + 1440]]
    assert days.left_behind.tolist() == [[False, True]]
    assert days.late().tolist() == [[0, 1440 + 221 - 266]]


def test_what_is_here_already_cannot_come_late(tiny: DayAndPlan, roads: Travel, with_jobs) -> None:
    day, made = tiny
    here = with_jobs(day, release_min=0)
    spread = Spread(late_share=1, late_mean_min=40)
    late = {"late": np.zeros((1, 2)), "late_by": np.ones((1, 2))}
    assert _run((here, made), roads, spread, **late).begins.tolist() == [[205, 221]]


def test_a_slow_boil_passes_on_to_the_next_of_the_pot_and_to_the_trip(
    tiny: DayAndPlan, roads: Travel
) -> None:
    # J0 cooks 120 instead of 60: J1 is loaded at 175, cooked until 240, packed until 245, and left behind.
    slow = {"boil": _doubled(2, 0)}
    spread = Spread(boil_sigma=1)
    assert _run(tiny, roads, spread, **slow).left_behind.tolist() == [[False, True]]
    assert _run(tiny, roads, spread, hold_min=60, **slow).begins.tolist() == [[265, 281]]
    # A quick boil brings nothing forward: nothing begins before its planned minute.
    quick = {"boil": -_doubled(2, 0, 1)}
    assert _run(tiny, roads, spread, **quick).begins.tolist() == [[205, 221]]


def test_herbs_added_late_boil_as_long_as_they_must(tiny: DayAndPlan, roads: Travel, with_jobs) -> None:
    # Both pots are ready for the one adder at 85; she needs 20 min, so the second is added to at 105 instead
    # of 85 and cooks 20 min longer: until 125, packed until 130. Both were to be packed by 110 and 115.
    day, made = tiny
    day = replace(with_jobs(day, add_at_min=40, add_min=20), pots=(Pot("P0", 6000), Pot("P1", 6000)))
    first = made.schedule.jobs[0]
    jobs = (
        replace(first, add_at_min=85),
        replace(first, job_id="J1", pot_id="P1", add_at_min=85, pack_at_min=110, pack_end_min=115),
    )
    ends = packed(day, replace(made.schedule, jobs=jobs), NOTHING, _one())
    assert {id_: end.tolist() for id_, end in ends.items()} == {"J0": [110], "J1": [130]}


def test_who_comes_first_is_packed_first(tiny: DayAndPlan, with_jobs) -> None:
    # J0 was to be packed at 105, before J1 at 110; it boils until 125 and finds the packer at work until 128.
    day, made = tiny
    day = replace(with_jobs(day, pack_min=9), pots=(Pot("P0", 6000), Pot("P1", 6000)), crew=Crew(1, 2, 0))
    first = made.schedule.jobs[0]
    jobs = (first, replace(first, job_id="J1", pot_id="P1", pack_at_min=119, pack_end_min=128))
    boil = np.array([[np.log(80 / 60), 0.0]])
    ends = packed(day, replace(made.schedule, jobs=jobs), Spread(boil_sigma=1), _one(boil=boil))
    assert {id_: end.tolist() for id_, end in ends.items()} == {"J0": [137], "J1": [128]}


def test_jobs_that_share_a_pot_wait_for_the_last_of_them(tiny: DayAndPlan, with_jobs) -> None:
    day, made = tiny
    day = with_jobs(day, recipe="R")
    first = made.schedule.jobs[0]
    jobs = (first, replace(first, job_id="J1", pack_at_min=110, pack_end_min=115))
    late = {"late": np.array([[1.0, 0.0]]), "late_by": np.array([[0.0, 1.0]])}
    spread = Spread(late_share=0.5, late_mean_min=20)
    ends = packed(day, replace(made.schedule, jobs=jobs), spread, _one(**late))
    # J1 comes 20 late: both are loaded at 60 and have cooked at 125.
    assert {id_: end.tolist() for id_, end in ends.items()} == {"J0": [130], "J1": [135]}


def test_roads_and_doors_move_what_comes_after_them(tiny: DayAndPlan, roads: Travel) -> None:
    weather = _run(tiny, roads, Spread(weather_sigma=1), weather=np.array([np.log(2)]))
    assert weather.begins.tolist() == [[215, 241]]
    assert weather.driven[0].back.tolist() == [267]
    trip = _run(tiny, roads, Spread(trip_sigma=1), trip=_doubled(1, 0))
    assert trip.begins.tolist() == [[215, 241]]
    arc = _run(tiny, roads, Spread(arc_sigma=1), arc=_doubled(3, 1))
    assert arc.begins.tolist() == [[205, 231]]
    door = _run(tiny, roads, Spread(door_sigma=1), door=_doubled(3, 0))
    assert door.begins.tolist() == [[205, 227]]
    dock = _run(tiny, roads, Spread(dock_sigma=1), dock=_doubled(1, 0))
    assert dock.begins.tolist() == [[215, 231]]


def test_a_vehicle_that_is_back_late_leaves_late(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    first = made.routes.trips[0]
    second = replace(first.visits[1], arrive_min=271, leave_min=277)
    trips = (
        replace(first, visits=first.visits[:1], return_min=221),
        replace(first, number=2, depart_min=261, return_min=287, visits=(second,)),
    )
    rests = (Rest("V0", 221, 251),)
    made = replace(made, routes=replace(made.routes, trips=trips, rests=rests))
    draws = _one(dock=np.zeros((1, 2)), trip=_doubled(2, 0), door=np.zeros((1, 4)), arc=np.zeros((1, 4)))
    days = carry_out(day, made, roads, Spread(trip_sigma=1), draws, hold_min=30)
    # Back at 241 instead of 221; half an hour of rest and ten minutes of loading later it leaves.
    assert [each.depart.tolist() for each in days.driven] == [[195], [281]]
    assert days.begins.tolist() == [[215, 291]]


def test_doors_open_when_their_windows_do(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    stops = (replace(made.stops[0], windows=((204, 206), (230, 240))), made.stops[1])
    made = replace(made, stops=stops)
    late = {"arc": _doubled(3, 0)}
    spread = Spread(arc_sigma=1)
    assert _run((day, made), roads, NOTHING).begins.tolist() == [[205, 221]]
    assert _run((day, made), roads, spread, **late).begins.tolist() == [[230, 246]]
    # After the last window somebody has to come out.
    later = {"arc": _doubled(3, 0) * 3}
    assert _run((day, made), roads, spread, **later).begins.tolist() == [[275, 291]]


def test_a_rest_on_the_way_is_taken_at_its_full_length(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    first = made.routes.trips[0]
    visits = (first.visits[0], replace(first.visits[1], arrive_min=241, leave_min=247))
    rests = (Rest("V0", 215, 235),)
    trips = (replace(first, visits=visits, return_min=257),)
    made = replace(made, routes=replace(made.routes, trips=trips, rests=rests))
    assert _run((day, made), roads, NOTHING).begins.tolist() == [[205, 241]]
    late = _run((day, made), roads, Spread(arc_sigma=1), arc=_doubled(3, 0))
    assert late.begins.tolist() == [[215, 251]]


def test_bags_are_counted_by_wave_by_vehicle_and_together(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    # The second door is reached too late in half of the days: its 30 of 40 bags.
    numbers = np.zeros((2, 3))
    numbers[1, 1] = np.log(6)
    draws = Draws(
        *(np.ones((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2)), np.zeros((2, 2))),
        *(np.zeros((2, 1)), np.zeros((2, 1)), np.zeros((2, 3)), numbers, np.zeros(2)),
    )
    days = carry_out(day, made, roads, Spread(arc_sigma=1), draws, hold_min=30)
    assert days.late().tolist() == [[0, 0], [0, pytest.approx(221 + 50 - 266)]]
    assert days.on_time() == (40 + 10) / 80
    assert days.on_time(wider_min=6) == 1
    # All bags on one day, a quarter on the other: 3/8 is the standard deviation, of two days.
    assert days.shares().tolist() == [1, 0.25]
    assert days.at_least() == pytest.approx(50 / 80 - 1.645 * 0.375 / 2**0.5)
    assert [(each.id, each.at_min, each.bags, each.on_time) for each in wave_groups(day, days)] == [
        ("1", 200, 40, 50 / 80)
    ]
    hours = wave_groups(replace(day, waves_min=(), start_clock_min=370), days)
    # It leaves at 195 + 370 min, 09:25; the hour of the clock is 09:00.
    assert [each.at_min for each in hours] == [170]


def test_the_riskiest_come_first_and_causes_say_what_each_resource_costs(
    tiny: DayAndPlan, roads: Travel
) -> None:
    only_roads = simulate(*tiny, roads, draws=400, seed=3, spread=Spread(trip_sigma=1.0))
    assert [each.order_id for each in only_roads.riskiest] == ["O1", "O0"]
    assert only_roads.worst_resource == "roads"
    gains = {cause.resource: cause.gain for cause in only_roads.causes}
    assert gains.pop("roads") == pytest.approx(1 - only_roads.overall.on_time)
    assert set(gains.values()) == {0.0}
    calm = simulate(*tiny, roads, draws=5, spread=NOTHING)
    assert (calm.worst_resource, calm.riskiest, calm.overall.bad_day) == (None, (), 1.0)
    assert {each.late_min for each in calm.quantiles} == {0.0}


def test_one_seed_gives_one_answer_and_another_seed_another(tiny: DayAndPlan, roads: Travel) -> None:
    wide = replace(usual_spread(), trip_sigma=0.8)
    found = [simulate(*tiny, roads, draws=200, seed=seed, spread=wide) for seed in (1, 1, 2)]
    assert found[0] == found[1]
    assert found[0].overall.on_time != found[2].overall.on_time


def test_more_jobs_and_trips_leave_the_random_numbers_of_the_others_alone() -> None:
    small = draw(draws=3, jobs=2, trips=1, legs=2, seed=5)
    large = draw(draws=3, jobs=4, trips=2, legs=9, seed=5)
    for field in fields(Draws):
        one, many = getattr(small, field.name), getattr(large, field.name)
        assert (one == (many if one.ndim == 1 else many[:, : one.shape[1]])).all()


def test_a_plan_of_another_day_and_no_draws_are_refused(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    with pytest.raises(ValueError, match="draws must be between 1 and"):
        simulate(day, made, roads, draws=0)
    with pytest.raises(ValueError, match="order O1 is no order of the day"):
        simulate(replace(day, orders=day.orders[:1]), made, roads)


def test_an_empty_plan_is_on_time(tiny: DayAndPlan, roads: Travel) -> None:
    day, made = tiny
    nothing = replace(
        made,
        schedule=replace(made.schedule, jobs=()),
        stops=(),
        promises=(),
        routes=replace(made.routes, trips=()),
    )
    found = simulate(replace(day, orders=()), nothing, roads, draws=3)
    assert (found.overall.on_time, found.waves, found.vehicles) == (1.0, (), ())


def test_every_parameter_of_the_usual_spread_has_a_row_and_no_sigma_is_negative() -> None:
    assert all(getattr(usual_spread(), field.name) > 0 for field in fields(Spread))
    with pytest.raises(ValueError, match="spread arc_sigma must be between 0 and 2"):
        Spread(arc_sigma=-0.1)
