"""The checker finds every kind of mistake in the answer to an instance."""

from dataclasses import replace

import pytest

from dispatch.check import check_solution
from dispatch.routing.instance import UNREACHABLE, Instance
from dispatch.routing.solution import Route, Solution, answer, make_solution


def _solution(instance: Instance, *routes: tuple[int, tuple[tuple[int, ...], ...]]) -> Solution:
    return make_solution(instance, [Route(kind, trips) for kind, trips in routes], "hand")


def _kinds(instance: Instance, solution: Solution) -> list[str]:
    return [each.kind for each in check_solution(instance, solution).violations]


@pytest.fixture
def right(six: Instance) -> Solution:
    """Three routes of two clients."""
    return _solution(six, (0, ((1, 2),)), (0, ((3, 4),)), (0, ((5, 6),)))


def test_a_right_answer_costs_its_distances(six: Instance, right: Solution) -> None:
    verdict = check_solution(six, right)
    assert (verdict.cost, verdict.violations) == ((50 + 10 + 58) * 2 + 50 + 10 + 50, ())


def test_fixed_costs_and_rates_of_a_mixed_fleet_count(mixed: Instance) -> None:
    verdict = check_solution(mixed, _solution(mixed, (1, ((1, 2),)), (0, ((3,),))))
    assert (verdict.cost, verdict.violations) == (150 + 3 * 40 + 100 + 2 * 60, ())


def test_a_client_left_out_without_a_word_is_found(six: Instance, right: Solution) -> None:
    assert _kinds(six, replace(right, routes=right.routes[:2])) == ["client_missing", "client_missing"]


def test_a_client_named_as_unserved_is_no_violation(six: Instance) -> None:
    partly = _solution(six, (0, ((1, 2),)))
    assert (partly.unserved, _kinds(six, partly)) == ((3, 4, 5, 6), [])


def test_a_client_visited_twice_is_found(six: Instance) -> None:
    assert _kinds(six, _solution(six, (0, ((1, 2),)), (0, ((3, 1),)), (0, ((5, 6),)))) == ["client_twice"]


def test_a_client_that_does_not_exist_is_found(six: Instance, right: Solution) -> None:
    assert "client_unknown" in _kinds(six, replace(right, routes=(*right.routes[:2], Route(0, ((5, 6, 9),)))))


def test_a_vehicle_that_does_not_exist_is_found(six: Instance) -> None:
    assert _kinds(six, _solution(six, (1, ((1, 2),)))) == ["vehicle_unknown"]


def test_too_many_vehicles_are_found(six: Instance) -> None:
    routes = [(0, ((node,),)) for node in (1, 2, 3, 4)]
    assert _kinds(six, _solution(six, *routes)) == ["vehicle_count"]


def test_too_much_in_a_vehicle_is_found(six: Instance) -> None:
    assert _kinds(six, _solution(six, (0, ((1, 2, 4),)))) == ["capacity"]


def test_a_window_that_is_over_is_found(six: Instance) -> None:
    assert _kinds(six, _solution(six, (0, ((6, 5, 1),)))) == ["capacity", "window"]


def test_coming_home_too_late_is_found(six: Instance) -> None:
    early = replace(six, depot=replace(six.depot, close_at=379))
    assert _kinds(early, _solution(early, (0, ((5, 6),)))) == ["shift"]


def test_a_trip_waits_for_the_last_release_of_its_clients(trips: Instance) -> None:
    # Out at 0 for client 1, back at 120; client 2 is released at 200, there at 250, home from 3 at 457.
    day = _solution(trips, (0, ((1,), (2, 3))))
    assert _kinds(trips, day) == []
    short = replace(trips, depot=replace(trips.depot, close_at=420))
    assert _kinds(short, day) == ["shift"]
    assert _kinds(short, _solution(short, (0, ((1, 3), (2,))))) == []


def test_more_trips_than_allowed_and_empty_ones_are_found(trips: Instance) -> None:
    once = replace(trips, vehicle_types=(replace(trips.vehicle_types[0], max_trips=1),))
    assert _kinds(once, Solution((Route(0, ((1,), ())),), (2, 3), "hand")) == ["trip_count", "empty_trip"]


def test_the_second_figure_of_a_load_counts_too(own: Instance) -> None:
    assert _kinds(own, _solution(own, (1, ((1,), (2,))))) == []
    assert _kinds(own, _solution(own, (1, ((1, 2),)))) == ["capacity", "capacity"]


def test_a_vehicle_that_does_not_reach_a_client_is_found(own: Instance) -> None:
    assert _kinds(own, _solution(own, (0, ((2,),)))) == ["vehicle_type"]


def test_between_two_windows_the_vehicle_waits_for_the_second(own: Instance) -> None:
    late = replace(own, depot=replace(own.depot, open_at=25, close_at=155))
    assert _kinds(late, _solution(late, (0, ((1,),)))) == []  # there at 75, served at 100, home at 155
    assert _kinds(replace(late, depot=replace(late.depot, close_at=154)), _solution(late, (0, ((1,),)))) == [
        "shift"
    ]


def test_a_longest_distance_is_kept(mixed: Instance) -> None:
    types = tuple(replace(kind, max_distance=39) for kind in mixed.vehicle_types)
    near = replace(mixed, vehicle_types=types)
    assert _kinds(near, _solution(near, (1, ((1, 2),)))) == ["distance"]


def test_an_arc_without_a_road_is_found(mixed: Instance) -> None:
    distances = mixed.distances.copy()
    distances[1, 2] = UNREACHABLE
    cut = replace(mixed, distances=distances)
    assert "no_road" in _kinds(cut, _solution(cut, (1, ((1, 2),))))


def test_the_answer_carries_the_numbers_of_the_file(own: Instance) -> None:
    day = _solution(own, (1, ((1,), (2,))))
    written = answer(own, day, cost=5, feasible=True, seconds=1.23456)
    assert written == {
        "cost": 5,
        "feasible": True,
        "engine": "hand",
        "seconds": 1.235,
        "routes": [{"vehicle": 1, "visits": [7, 0, 3]}],
        "unserved": [],
    }
