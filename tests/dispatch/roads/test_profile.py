"""What a way's tags mean for a van, a motorbike and somebody on foot."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.county import VEHICLE_KINDS
from dispatch.roads.kinds import kind_rows, rows_of
from dispatch.roads.profile import conditions_passed_over, node_keys, passes_node, speeds_kmh, way_keys

FLOOD, DRY = date(2026, 7, 1), date(2026, 11, 1)
BOTH_25 = (25.0, 25.0)
SHUT = (0.0, 0.0)


def _all(tags: dict[str, str], day: date | None = DRY) -> list[tuple[float, float]]:
    return [speeds_kmh({"highway": "unclassified", **tags}, kind, day) for kind in VEHICLE_KINDS]


@pytest.mark.parametrize(
    ("tags", "van", "motorbike", "foot"),
    [
        ({}, 25, 30, 5),
        ({"highway": "trunk"}, 85, 50, 5),
        ({"highway": "motorway_link"}, 75, 0, 0),
        ({"highway": "path"}, 0, 0, 5),
        ({"highway": "path", "motorcycle": "yes"}, 0, 10, 5),
        ({"highway": "path", "access": "no", "foot": "yes"}, 0, 0, 5),
        ({"highway": "steps"}, 0, 0, 5),
        ({"highway": "proposed"}, 0, 0, 0),
        ({"area": "yes"}, 0, 0, 0),
        ({"access": "no"}, 0, 0, 0),
        ({"access": "no", "motor_vehicle": "yes"}, 25, 30, 0),
        ({"motor_vehicle": "no"}, 0, 0, 5),
        ({"motor_vehicle": "private", "motorcycle": "yes"}, 0, 30, 5),
        ({"motor_vehicle": "destination"}, 25, 30, 5),
        ({"motor_vehicle": "some_new_value"}, 25, 30, 5),
        ({"motor_vehicle": "agricultural;forestry"}, 0, 0, 5),
        ({"motor_vehicle": "agricultural; delivery"}, 25, 30, 5),
        ({"width": "1.5"}, 0, 30, 5),
        ({"maxwidth": "0.9 m"}, 0, 0, 5),
        ({"width": "narrow"}, 25, 30, 5),
        ({"maxspeed": "60"}, 54, 50, 5),
        ({"maxspeed": "20 mph"}, 28.968192, 28.968192, 5),
        ({"maxspeed": "walk"}, 25, 30, 5),
        ({"maxspeed": "0"}, 25, 30, 5),
        ({"surface": "mud"}, 15, 15, 5),
        ({"highway": "secondary", "surface": "gravel", "smoothness": "very_bad"}, 15, 15, 5),
        ({"smoothness": "impassable"}, 0, 0, 5),
    ],
)
def test_speeds_by_class_permission_width_sign_and_surface(
    tags: dict[str, str], van: float, motorbike: float, foot: float
) -> None:
    expected = [(van, van), (motorbike, motorbike), (foot, foot)]
    assert _all(tags) == [pytest.approx(pair) for pair in expected]


@pytest.mark.parametrize(
    ("tags", "van", "foot"),
    [
        ({"oneway": "yes"}, (25, 0), (5, 5)),
        ({"oneway": "-1"}, (0, 25), (5, 5)),
        ({"oneway": "reversible"}, (0, 0), (5, 5)),
        ({"oneway": "yes", "oneway:motorcar": "no"}, (25, 25), (5, 5)),
        ({"junction": "roundabout"}, (25, 0), (5, 5)),
        ({"junction": "roundabout", "oneway": "no"}, (25, 25), (5, 5)),
        ({"oneway:foot": "yes"}, (25, 25), (5, 0)),
        ({"maxspeed:backward": "10"}, (25, 9), (5, 5)),
    ],
)
def test_directions(tags: dict[str, str], van: tuple[float, float], foot: tuple[float, float]) -> None:
    assert (_all(tags)[0], _all(tags)[2]) == (van, foot)


@pytest.mark.parametrize(
    ("tags", "in_flood", "in_dry", "without_day"),
    [
        ({"ford": "yes"}, SHUT, BOTH_25, BOTH_25),
        ({"flood_prone": "yes"}, SHUT, BOTH_25, BOTH_25),
        ({"ford": "no"}, BOTH_25, BOTH_25, BOTH_25),
        ({"seasonal": "dry_season"}, SHUT, BOTH_25, BOTH_25),
        ({"seasonal": "yes"}, SHUT, BOTH_25, BOTH_25),
        ({"seasonal": "summer;autumn"}, BOTH_25, BOTH_25, BOTH_25),
        ({"seasonal": "winter"}, SHUT, SHUT, BOTH_25),
        ({"seasonal": "no"}, BOTH_25, BOTH_25, BOTH_25),
        ({"access:conditional": "no @ (Jun-Sep)"}, SHUT, BOTH_25, BOTH_25),
        ({"motor_vehicle:conditional": "no @ (Oct 15-Mar 31)"}, BOTH_25, SHUT, BOTH_25),
        ({"access": "no", "access:conditional": "yes @ (Apr-Sep)"}, BOTH_25, SHUT, SHUT),
        ({"access:conditional": "no @ (22:00-06:00)"}, BOTH_25, BOTH_25, BOTH_25),
        ({"access:conditional": "no @ (Jun-Sep)", "motor_vehicle": "yes"}, BOTH_25, BOTH_25, BOTH_25),
    ],
)
def test_seasons_close_and_open_a_road(
    tags: dict[str, str],
    in_flood: tuple[float, float],
    in_dry: tuple[float, float],
    without_day: tuple[float, float],
) -> None:
    assert [_all(tags, day)[0] for day in (FLOOD, DRY, None)] == [in_flood, in_dry, without_day]


@pytest.mark.parametrize(
    ("tags", "passes"),
    [
        ({"barrier": "gate"}, [True, True, True]),
        ({"barrier": "gate", "access": "private"}, [False, False, False]),
        ({"barrier": "bollard"}, [False, True, True]),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, [True, True, True]),
        ({"barrier": "stile"}, [False, False, True]),
        ({"barrier": "some_new_barrier"}, [False, True, True]),
        ({"ford": "yes"}, [True, True, True]),
    ],
)
def test_barriers(tags: dict[str, str], passes: list[bool]) -> None:
    assert [passes_node(tags, kind, DRY) for kind in VEHICLE_KINDS] == passes


def test_a_ford_that_is_a_point_is_under_water_in_the_flood_season() -> None:
    assert [passes_node({"ford": "yes"}, "van", day) for day in (FLOOD, DRY, None)] == [False, True, True]


_VALUES = st.one_of(
    st.text(max_size=12), st.sampled_from(["yes", "no", "-1", "9" * 400, "no @ (Jun 99-Jan)", "@", ";"])
)


@given(
    st.dictionaries(st.sampled_from(sorted(way_keys() - {"highway"})), _VALUES),
    st.sampled_from(["tertiary", "track", "path", "motorway"]),
    st.dates(date(2024, 1, 1), date(2030, 1, 1)) | st.none(),
)
def test_whatever_a_map_says_a_speed_comes_out_between_0_and_the_vehicles_own(
    tags: dict[str, str], highway: str, day: date | None
) -> None:
    for kind in VEHICLE_KINDS:
        forward, backward = speeds_kmh({**tags, "highway": highway}, kind, day)
        assert 0 <= forward <= kind_rows()[kind].top_speed_kmh
        assert 0 <= backward <= kind_rows()[kind].top_speed_kmh
        passes_node(tags, kind, day)


def test_conditions_that_are_about_hours_or_weather_are_counted() -> None:
    tags = {"access:conditional": "no @ (22:00-06:00); no @ (Jun-Sep)", "vehicle:conditional": "no @ wet"}
    assert conditions_passed_over(tags) == 2


def test_every_key_that_matters_is_kept_when_a_map_is_read() -> None:
    assert {
        "highway",
        "motorcycle",
        "foot:conditional",
        "surface",
        "oneway:foot",
        "ford",
    } - way_keys() == set()
    assert {"barrier", "ford", "access", "motorcar:conditional"} - node_keys() == set()


@pytest.mark.parametrize("table", ["kinds", "highways", "surfaces", "access", "barriers", "seasons"])
def test_every_row_of_a_table_has_its_source(table: str) -> None:
    rows = rows_of(f"{table}.csv")
    assert [row for row in rows if not row["source"].strip()] == []
    keys = [tuple(row.values())[:2] for row in rows]
    assert len(keys) == len(set(keys))
