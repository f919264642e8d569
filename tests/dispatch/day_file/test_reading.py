"""The day file: what is read, what every bad file is told, and that its page tells the truth."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatch.day_file import example, example_text, read_form, to_day, travel_of
from dispatch.day_file.describe import page
from dispatch.formats import FormatError
from dispatch.problem import Day
from dispatch.roads.gcj02 import from_wgs84
from dispatch.travel import UNREACHABLE, Travel, great_circle_m

Change = Callable[[dict[str, Any]], object]


def _read(file: dict[str, Any]) -> tuple[Day, Travel]:
    form = read_form(json.dumps(file).encode())
    day = to_day(form)
    return day, travel_of(form, day, Path())


def test_the_example_is_read_field_by_field() -> None:
    day, travel = _read(example())
    first, toxic, fragile, urgent = day.orders[:4]
    assert (len(day.orders), day.start_clock_min, day.waves_min) == (14, 300, (240, 420))
    assert (first.job, first.ready_min, first.due_min) == (None, 0, 360)
    assert toxic.job is not None
    assert (toxic.job.taint, toxic.job.soak_min, toxic.job.clean_min) == ("toxic", 60, 20)
    assert (fragile.fragile, urgent.priority, urgent.due_min) == (True, 5, 300)
    assert day.vehicles[0].capacity_ml == 40_000
    assert day.villages[3].kinds == ("motorbike", "foot")
    assert (travel.place_ids[0], len(travel.place_ids)) == ("C", 7)


def test_what_a_file_leaves_out_is_what_its_page_says() -> None:
    file = {
        "clock": {"horizon_min": 600},
        "centre": {"lon": 113.45, "lat": 29.47},
        "places": [{"id": "N", "lon": 113.5, "lat": 29.5}],
        "pots": [{"id": "P", "max_ml": 6000}],
        "crew": {"packers": 1, "loaders": 1},
        "vehicles": [{"id": "V", "capacity_bags": 60, "shift_start_min": 0, "shift_end_min": 600}],
        "orders": [{"id": "R", "village": "N", "bags": 14, "ml": 2800, "due_min": 400}],
    }
    day, _ = _read(file)
    (order,) = day.orders
    assert order.job is not None
    figures = (
        order.job.release_min,
        order.job.soak_min,
        order.job.cook_min,
        order.job.due_min,
        order.job.add_min,
    )
    assert figures == (0, 30, 60, 390, 0)
    assert (day.vehicles[0].name, day.villages[0].name, day.grid_min) == ("V", "N", 5)


BAD: list[tuple[Change, str]] = [
    (lambda f: f.update(pots=[]), "pots: list should have at least 1 item after validation, not 0"),
    (lambda f: f.update(vehicles=[]), "vehicles: list should have at least 1 item after validation, not 0"),
    (
        lambda f: f["orders"][4].update(ml=9001),
        "job R05: ml 9001 is more than any pot of duty any holds (9000)",
    ),
    (
        lambda f: f["orders"][3].update(due_min=44),
        "orders[3].due_min: 44 lies before the order's release at 45",
    ),
    (
        lambda f: f["orders"][3].update(ml=-1),
        "orders[3].ml: input should be greater than or equal to 1, got -1",
    ),
    (
        lambda f: f["orders"][3].update(ml=float("nan")),
        "orders[3].ml: input should be a valid integer, got nan",
    ),
    (lambda f: f["centre"].update(lat=float("nan")), "centre.lat: input should be a finite number"),
    (lambda f: f["orders"][3].update(id="R03"), "orders[3].id: 'R03' is that of orders[2] already"),
    (lambda f: f["pots"][1].update(id="P1"), "pots[1].id: 'P1' is that of pots[0] already"),
    (lambda f: f["vehicles"][1].update(id="V1"), "vehicles[1].id: 'V1' is that of vehicles[0] already"),
    (lambda f: f["places"][1].update(id="C"), "places[1].id: 'C' is that of the centre already"),
    (lambda f: f["orders"][5].update(village="N99"), "orders[5].village: there is no place 'N99'"),
    (lambda f: f["vehicles"][0].update(familiar=["N9"]), "vehicles[0].familiar: there is no place 'N9'"),
    (lambda f: f["crew"].update(packers=0), "packers is 0, and there are jobs that need one"),
    (
        lambda f: f["orders"][0].update(boil={}),
        "orders[0].boil: not for an order that is packed already (ready_min)",
    ),
    (lambda f: f["orders"][3].pop("bags"), "orders[3].bags: it is missing"),
    (lambda f: f.update(pot=[]), "pot: there is no such field"),
    (lambda f: f["travel"].update(winding_factor=0.5), "travel.winding_factor: input should be greater than"),
    (lambda f: f["clock"].update(start="25:00"), "clock.start: string should match pattern"),
    (
        lambda f: f["vehicles"][0]["breaks"][0].update(latest_min=1),
        "vehicles[0].breaks[0]: break latest_min lies before earliest_min",
    ),
    (
        lambda f: [each.update(road=False) for each in f["places"]],
        "places: not one place that an order goes to has a road",
    ),
    (
        lambda f: f.update(travel={"provider": "matrix", "metres": [[0]], "minutes": [[0]]}),
        "travel.metres: 7 rows are expected (the centre first), 1 are here",
    ),
]


@pytest.mark.parametrize(("change", "why"), BAD)
def test_a_day_that_cannot_be_meant_is_one_sentence_with_the_field(change: Change, why: str) -> None:
    file = example()
    change(file)
    with pytest.raises(FormatError) as refused:
        _read(file)
    assert str(refused.value).startswith(why)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (example_text().encode()[:1500], "not JSON, EOF while parsing"),
        (b"", "line 1: the file is empty"),
        (b"\xff\xfe{}", "byte 0: the file is not UTF-8 text"),
        (b"[" * 100_000, "not JSON, recursion limit exceeded"),
        (b"[]", "day: input should be an object"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(data: bytes, why: str) -> None:
    with pytest.raises(FormatError) as refused:
        read_form(data)
    assert str(refused.value).startswith(why)
    assert "\n" not in str(refused.value)


def _with_tables(*, cut_off: bool) -> dict[str, Any]:
    size = 7
    rows: list[list[int | None]] = [[0 if a == b else 10 for b in range(size)] for a in range(size)]
    if cut_off:
        for at in range(size):
            if at != 3:
                rows[3][at] = rows[at][3] = None
    return example() | {
        "travel": {
            "provider": "matrix",
            "metres": [[None if each is None else each * 700 for each in row] for row in rows],
            "minutes": rows,
        }
    }


def test_tables_of_roads_are_taken_as_they_are() -> None:
    _, travel = _read(_with_tables(cut_off=False))
    assert (travel.metres[0, 1], travel.minutes[0, 1], travel.minutes[2, 2]) == (7000, 10, 0)


def test_roads_that_do_not_reach_a_village_with_orders_are_refused_by_its_name() -> None:
    with pytest.raises(FormatError, match=r"places\[2\]: no road leads from the centre to 'N03' and back"):
        _read(_with_tables(cut_off=True))


def test_a_village_without_a_road_by_its_own_word_is_no_fault_of_the_file() -> None:
    file = _with_tables(cut_off=True)
    file["places"][2]["road"] = False
    _, travel = _read(file)
    assert (travel.minutes[0, 3], travel.minutes[3, 0]) == (UNREACHABLE, UNREACHABLE)


def test_gcj02_is_converted_at_the_door() -> None:
    file = example()
    file["coordinates"] = "gcj02"
    for place in (file["centre"], *file["places"]):
        place["lon"], place["lat"] = from_wgs84(place["lon"], place["lat"])
    day, _ = _read(file)
    plain, _ = _read(example())
    for moved, meant in zip((day.centre, *day.villages), (plain.centre, *plain.villages), strict=True):
        assert great_circle_m(moved.lon, moved.lat, meant.lon, meant.lat) < 0.5


@pytest.mark.parametrize(
    ("travel", "why"),
    [
        ({"provider": "osm", "file": "none.osm.pbf"}, "travel: "),
        ({"provider": "osrm", "url": "http://127.0.0.1:9"}, "travel: "),
        ({"provider": "osrm", "url": "127.0.0.1"}, "travel.url: string should match pattern"),
        ({"provider": "horse"}, "travel: input tag 'horse' found using 'provider' does not match"),
    ],
)
def test_roads_that_are_not_to_be_had_are_one_sentence(travel: dict[str, Any], why: str) -> None:
    with pytest.raises(FormatError) as refused:
        _read(example() | {"travel": travel})
    assert str(refused.value).startswith(why)
    assert "\n" not in str(refused.value)


def test_the_page_is_made_from_the_schema() -> None:
    written = Path(__file__).resolve().parents[3] / "docs" / "day-file.md"
    assert written.read_text("utf-8") == page()
