"""Distances and times between places."""

from datetime import datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.county import Centre, TravelSettings, Vehicle, Village
from dispatch.travel import (
    UNREACHABLE,
    Matrices,
    Travel,
    drive_minutes,
    great_circle_m,
    great_circle_travel,
    villages_without_road,
)

CENTRE = Centre("C", "中药房", 113.45, 29.47)
degrees = st.floats(-60, 60, allow_nan=False)


def test_a_degree_of_a_meridian_is_111_195_metres() -> None:
    assert round(great_circle_m(113, 29, 113, 30)) == 111_195


@given(degrees, degrees, degrees, degrees)
def test_the_way_back_is_as_long(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> None:
    there = great_circle_m(lon_a, lat_a, lon_b, lat_b)
    assert there == pytest.approx(great_circle_m(lon_b, lat_b, lon_a, lat_a), abs=1e-6)
    assert there >= 0


def test_a_road_is_the_line_times_the_winding_factor_at_the_mean_speed() -> None:
    village = Village("N", "村", 113.45, 30.47)
    travel = great_circle_travel(CENTRE, [village], TravelSettings(winding_factor=2.0, mean_speed_kmh=60))
    assert travel.metres.tolist() == [[0, 222_390], [222_390, 0]]
    assert travel.minutes.tolist() == [[0, 223], [223, 0]]


def test_a_village_without_a_road_is_marked_from_and_to_everywhere_and_named() -> None:
    villages = [Village("A", "甲村", 113.5, 29.5), Village("B", "乙村", 113.6, 29.5, has_road=False)]
    travel = great_circle_travel(CENTRE, villages)
    assert villages_without_road(travel) == ("B",)
    assert set(travel.minutes[2].tolist()) | set(travel.metres[:, 2].tolist()) == {UNREACHABLE}


def test_a_slow_vehicle_needs_longer_and_an_exact_quotient_stays_exact() -> None:
    minutes = np.array([[0, 9], [-1, 10]])
    assert drive_minutes(minutes, 0.9).tolist() == [[0, 10], [-1, 12]]


def test_matrices_that_disagree_on_a_road_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^travel metres and minutes disagree on which pairs have no road$"):
        Travel(("C", "A"), np.array([[0, -1], [1, 0]]), np.array([[0, 1], [1, 0]]))


def test_a_matrix_of_the_wrong_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^travel metres must be whole numbers of shape \(1, 1\)"):
        Travel(("C",), np.zeros((2, 2), dtype=np.int64), np.zeros((1, 1), dtype=np.int64))


def _travel_with_a_footpath() -> Travel:
    van = np.array([[0, 9, -1], [9, 0, -1], [-1, -1, 0]])
    foot = np.array([[0, 40, 20], [41, 0, 60], [20, 60, 0]])
    van_m = np.array([[0, 900, -1], [900, 0, -1], [-1, -1, 0]])
    return Travel(("C", "A", "B"), van_m, van, by_kind={"foot": Matrices(foot * 80, foot)})


def test_a_kind_with_matrices_of_its_own_uses_them_at_the_vehicles_speed() -> None:
    travel = _travel_with_a_footpath()
    walker = Vehicle("f", "步行", 5, 0, 600, kind="foot", speed_factor=0.8)
    assert travel.metres_of(walker).tolist() == [[0, 3200, 1600], [3280, 0, 4800], [1600, 4800, 0]]
    assert travel.minutes_of(walker).tolist() == [[0, 50, 25], [52, 0, 75], [25, 75, 0]]


def test_a_kind_without_matrices_of_its_own_travels_as_the_van_does() -> None:
    travel = _travel_with_a_footpath()
    rider = Vehicle("m", "摩托", 5, 0, 600, kind="motorbike", speed_factor=0.9)
    assert travel.metres_of(rider).tolist() == [[0, 900, -1], [900, 0, -1], [-1, -1, 0]]
    assert travel.minutes_of(rider).tolist() == [[0, 10, -1], [10, 0, -1], [-1, -1, 0]]


def test_a_place_that_one_can_only_walk_to_is_connected_for_those_on_foot() -> None:
    travel = _travel_with_a_footpath()
    assert [travel.connected(2, kind) for kind in ("van", "motorbike", "foot", None)] == [
        False,
        False,
        True,
        True,
    ]
    assert villages_without_road(travel) == ()


def test_a_closed_place_and_a_closed_pair_are_lost_for_every_kind() -> None:
    travel = _travel_with_a_footpath()
    walker = Vehicle("f", "步行", 5, 0, 600, kind="foot")
    assert villages_without_road(travel.closed(["A"])) == ("A",)
    assert travel.closed(["A"]).minutes_of(walker).tolist() == [[0, -1, 20], [-1, -1, -1], [20, -1, 0]]
    assert travel.closed(pairs=[("B", "A")]).metres_of(walker).tolist() == [
        [0, 3200, 1600],
        [3280, 0, -1],
        [1600, -1, 0],
    ]
    with pytest.raises(ValueError, match=r"^travel has no place 'X'$"):
        travel.closed(["X"])


def test_matrices_of_a_kind_have_the_places_of_the_travel() -> None:
    one, two = np.zeros((1, 1), dtype=np.int64), np.zeros((2, 2), dtype=np.int64)
    with pytest.raises(ValueError, match=r"^travel metres must be whole numbers of shape \(1, 1\)"):
        Travel(("C",), one, one, by_kind={"foot": Matrices(two, two)})


def test_a_moment_without_a_time_zone_is_refused() -> None:
    one = np.zeros((1, 1), dtype=np.int64)
    with pytest.raises(ValueError, match=r"^travel made_at must say its time zone$"):
        Travel(("C",), one, one, made_at=datetime.fromisoformat("2026-11-22T08:00"))
