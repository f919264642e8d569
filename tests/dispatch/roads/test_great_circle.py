"""Distances without a map."""

from datetime import date

from dispatch.county import Centre, Village
from dispatch.roads import GreatCircle, travel_for

CENTRE = Centre("C", "中药房", 113.45, 29.47)
NORTH = Village("N", "北村", 113.45, 29.57)
ISLAND = Village("I", "洲上村", 113.5, 29.47, has_road=False)


def test_each_kind_goes_at_its_own_speed_over_the_same_winding_road() -> None:
    travel = travel_for(GreatCircle(), CENTRE, [NORTH], ("motorbike", "foot"))
    metres = [travel.of_kind(kind).metres[0, 1] for kind in ("van", "motorbike", "foot")]
    minutes = [travel.of_kind(kind).minutes[0, 1] for kind in ("van", "motorbike", "foot")]
    # 0.1 degrees of a meridian are 11 119.5 m.
    assert metres == [15011, 15011, 15011]
    assert minutes == [23, 26, 181]
    assert travel.source == "great circle x 1.35"


def test_only_the_kinds_of_the_day_have_matrices_of_their_own() -> None:
    assert set(travel_for(GreatCircle(), CENTRE, [NORTH], ("van",)).by_kind) == set()
    assert set(travel_for(GreatCircle(), CENTRE, [NORTH], ("foot",)).by_kind) == {"foot"}


def test_a_village_without_a_road_is_named_once_for_all_kinds() -> None:
    travel = travel_for(GreatCircle(), CENTRE, [NORTH, ISLAND], day=date(2026, 7, 1))
    named = [(each.place_id, each.name, each.code, each.kind, each.zh) for each in travel.unreachable]
    assert named == [("I", "洲上村", "no_road", None, "洲上村登记为不通车")]


def test_a_winding_factor_that_is_given_counts_for_every_kind() -> None:
    travel = travel_for(GreatCircle(2.0), CENTRE, [NORTH], ("foot",))
    assert (travel.metres[0, 1], travel.of_kind("foot").metres[0, 1]) == (22239, 22239)
