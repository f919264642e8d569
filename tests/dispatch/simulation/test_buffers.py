"""Buffers: more of them is more on time, and the cheapest that is enough is chosen."""

from dataclasses import replace

import pytest

from dispatch.day import plan
from dispatch.outcomes import parts_from_packing
from dispatch.problem import Day
from dispatch.sample import synthetic_day
from dispatch.simulation import BufferCandidate, simulate, usual_spread
from dispatch.simulation.buffers import choice_of, choose_buffer
from dispatch.travel import great_circle_travel

# Twice as restless as the usual day, so that a small one has something to protect itself from.
RESTLESS = replace(usual_spread(), late_share=0.3, boil_sigma=0.12, trip_sigma=0.16, arc_sigma=0.3)
HOW = {"seconds": 0.1, "seed": 1, "draws": 300, "spread": RESTLESS, "threads": 1, "repeatable": True}


@pytest.fixture(scope="module")
def day() -> Day:
    """Twenty orders of eight villages."""
    return synthetic_day(seed=4, orders=20, villages=8, pots=14, vehicles=2)


@pytest.fixture(scope="module")
def choice(day: Day):
    """Two buffers and three widths of promise."""
    return choose_buffer(day, None, buffers_min=(0, 30), promises_min=(15, 45, 120), **HOW)


def test_every_pair_is_a_candidate(choice) -> None:
    pairs = [(each.buffer_min, each.promise_late_min) for each in choice.candidates]
    assert pairs == [(0, 15), (0, 45), (0, 120), (30, 15), (30, 45), (30, 120)]


def test_a_wider_promise_is_kept_more_often_and_costs_more_for_its_width_alone(choice) -> None:
    for three in (choice.candidates[:3], choice.candidates[3:]):
        assert sorted(three, key=lambda each: each.on_time) == list(three)
        assert len({(each.plan_fen, each.metres) for each in three}) == 1
        # 20 orders of priority 1, 30 min wider, at 100 fen an hour.
        assert three[1].promise_fen - three[0].promise_fen == 1000


def test_what_the_day_is_given_reaches_the_target_with_all_that_have_more(choice) -> None:
    chosen = choice.chosen
    more = [
        each
        for each in choice.candidates
        if each.buffer_min >= chosen.buffer_min and each.promise_late_min >= chosen.promise_late_min
    ]
    assert min(each.at_least for each in more) >= 0.95
    assert sum(each.at_least < 0.95 for each in choice.candidates) > 0


def _candidate(buffer_min: int, promise_late_min: int, total_fen: int, at_least: float) -> BufferCandidate:
    return BufferCandidate(buffer_min, promise_late_min, total_fen, 0, at_least + 0.01, 0, 0, at_least)


def test_the_cheapest_that_reaches_the_target_is_chosen() -> None:
    found = [
        _candidate(0, 30, 10, 0.90),
        _candidate(0, 60, 30, 0.96),
        _candidate(20, 30, 20, 0.95),
        _candidate(20, 60, 40, 0.99),
    ]
    assert choice_of(found, 0.95, 100).chosen == found[2]
    # The mean of the draws is not enough.
    assert choice_of([_candidate(0, 30, 10, 0.945)], 0.95, 100).chosen is None


def test_a_short_buffer_that_is_better_than_a_longer_one_was_lucky() -> None:
    found = [_candidate(0, 30, 10, 0.96), _candidate(10, 30, 20, 0.94), _candidate(20, 30, 30, 0.97)]
    assert choice_of(found, 0.95, 100).chosen == found[2]
    assert choice_of(found[:2], 0.95, 100).chosen is None
    assert choice_of(found[:2], 0.95, 100).closest == found[0]


def test_where_none_is_enough_it_is_said_and_the_closest_is_named(day: Day) -> None:
    found = choose_buffer(day, None, target=1.0, buffers_min=(0,), promises_min=(5, 15), **HOW)
    assert found.chosen is None
    assert (found.closest.buffer_min, found.closest.promise_late_min) == (0, 15)


def test_a_candidate_is_as_often_on_time_as_the_day_planned_and_simulated_so(day: Day, choice) -> None:
    asked = replace(day, buffer_min=30, promise_late_min=15)
    roads = great_circle_travel(day.centre, day.villages, day.travel)
    made = plan(asked, seconds=0.1, seed=1, threads=1, repeatable=True, travel=roads)
    found = simulate(asked, made, roads, draws=300, seed=1, spread=RESTLESS, causes=False)
    assert choice.candidates[3] == BufferCandidate(
        buffer_min=30,
        promise_late_min=15,
        plan_fen=parts_from_packing(asked, made).total_fen,
        promise_fen=choice.candidates[3].promise_fen,
        on_time=found.overall.on_time,
        unserved=len(made.unserved),
        metres=made.routes.metres,
        at_least=choice.candidates[3].at_least,
    )


def test_more_buffer_is_more_on_time_on_average() -> None:
    shares = {0: 0.0, 20: 0.0, 40: 0.0}
    for seed in range(4):
        day = synthetic_day(seed=seed, orders=20, villages=8, pots=14, vehicles=2)
        roads = great_circle_travel(day.centre, day.villages, day.travel)
        for buffer_min in shares:
            asked = replace(day, buffer_min=buffer_min, promise_late_min=15)
            made = plan(asked, seconds=0.1, seed=seed, threads=1, repeatable=True, travel=roads)
            # Only the floor varies: that is what the buffer is for.
            floor = replace(RESTLESS, weather_sigma=0.0, trip_sigma=0.0, arc_sigma=0.0, door_sigma=0.0)
            found = simulate(asked, made, roads, draws=200, seed=seed, spread=floor, causes=False)
            shares[buffer_min] += found.overall.on_time / 4
    assert shares[0] < shares[20] <= shares[40]


def test_bad_questions_are_refused(day: Day) -> None:
    with pytest.raises(ValueError, match="target must be between 0 and 1"):
        choose_buffer(day, None, target=1.5, seconds=0.1, seed=1)
    with pytest.raises(ValueError, match="need a candidate each"):
        choose_buffer(day, None, seconds=0.1, seed=1, buffers_min=())
