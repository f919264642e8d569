"""The county's own list of closed roads."""

from datetime import date
from pathlib import Path

import pytest

from dispatch.roads import RoadsUnusableError
from dispatch.roads.closures import read_closures
from dispatch.roads.gcj02 import from_wgs84
from dispatch.roads.osm import OsmRoads
from dispatch.roads.seasons import Span

ROAD = {"highway": "unclassified"}
JULY = date(2026, 7, 10)
HEAD = "way,lon_a,lat_a,lon_b,lat_b,from,to,kinds,reason\n"


@pytest.fixture
def ring(grid) -> Path:
    """A short way to the village by the water, and a long one around."""
    return grid.write(
        {1: (0, 0), 2: (700, 0), 3: (1300, 0), 4: (2000, 0), 5: (0, 3000), 6: (2000, 3000)},
        {10: ([1, 2], ROAD), 11: ([2, 3, 4], ROAD), 12: ([1, 5, 6, 4], ROAD)},
    )


def _listed(path: Path, *rows: str, head: str = HEAD) -> Path:
    file = path.with_name("closures.csv")
    file.write_text(head + "".join(f"{row}\n" for row in rows), "utf-8")
    return file


def _metres(grid, ring: Path, *rows: str, kind: str = "van", day: date | None = JULY) -> int:
    roads = OsmRoads(ring, _listed(ring, *rows))
    return int(roads.travel(grid.centre(), [grid.village("A", (2000, 0))], kind, day).metres[0, 1])


def test_a_closed_way_is_driven_around_on_its_days_and_by_its_kinds_only(grid, ring: Path) -> None:
    row = "11,,,,,2026-07-01,2026-07-31,van,洪水漫桥"
    assert _metres(grid, ring, row) == pytest.approx(8000, rel=1e-3)
    assert _metres(grid, ring, row, kind="motorbike") == pytest.approx(2000, rel=1e-3)
    for day in (date(2026, 6, 30), date(2026, 8, 1), date(2027, 7, 10), None):
        assert _metres(grid, ring, row, day=day) == pytest.approx(2000, rel=1e-3)


def test_a_closure_of_every_year_needs_no_year(grid, ring: Path) -> None:
    row = "11,,,,,12-15,02-15,,结冰"
    metres = [_metres(grid, ring, row, day=date(2027, month, 20)) for month in (12, 1, 2)]
    assert metres == [pytest.approx(each, rel=1e-3) for each in (8000, 8000, 2000)]


def test_the_road_between_two_points_is_closed_also_where_it_changes_its_name(grid, ring: Path) -> None:
    (lon_a, lat_a), (lon_b, lat_b) = grid.spot((690, 20)), grid.spot((1310, -20))
    row = f",{lon_a},{lat_a},{lon_b},{lat_b},2026-07-01,2026-07-31,,塌方"
    assert _metres(grid, ring, row) == pytest.approx(8000, rel=1e-3)


def test_points_in_gcj_02_mean_the_same_road(grid, ring: Path) -> None:
    (lon_a, lat_a), (lon_b, lat_b) = from_wgs84(*grid.spot((700, 0))), from_wgs84(*grid.spot((1300, 0)))
    head = HEAD.replace("way", "crs,way")
    file = _listed(ring, f"GCJ-02,,{lon_a},{lat_a},{lon_b},{lat_b},07-01,07-31,,塌方", head=head)
    travel = OsmRoads(ring, file, snap_m=5).travel(grid.centre(), [grid.village("A", (2000, 0))], "van", JULY)
    assert travel.metres[0, 1] == pytest.approx(8000, rel=1e-3)


def test_a_closure_is_another_identity_and_an_edit_counts_at_once(grid, ring: Path) -> None:
    roads = OsmRoads(ring, _listed(ring, "11,,,,,07-01,07-31,,水"))
    flooded, dry = roads.identity("van", JULY), roads.identity("van", date(2026, 9, 1))
    _listed(ring)
    assert roads.identity("van", JULY) == dry
    assert flooded != dry


def test_a_village_behind_a_closed_road_is_named_with_the_day(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0), 3: (6000, 0)}, {10: ([1, 2], ROAD), 11: ([2, 3], ROAD)})
    roads = OsmRoads(path, _listed(path, "11,,,,,07-01,07-31,,水"))
    travel = roads.travel(grid.centre(), [grid.village("A", (6000, 0))], "van", JULY)
    assert [(each.code, each.en) for each in travel.unreachable] == [
        ("closed", "the roads to A村 are closed on 2026-07-10")
    ]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("99,,,,,07-01,07-31,,水", r"line 2: way 99 is no road of the map$"),
        ("x,,,,,07-01,07-31,,水", r"line 2: way must be the number of a way, got 'x'$"),
        (
            ",,,,,07-01,07-31,,水",
            r"line 2: either way or lon_a, lat_a, lon_b, lat_b must be given, and not both$",
        ),
        (",113,29,,,07-01,07-31,,水", r"line 2: lon_a, lat_a, lon_b, lat_b must be four numbers$"),
        (",113,29,nan,29,07-01,07-31,,水", r"line 2: lon nan, lat 29 is no place on the globe$"),
        (
            ",113,29,113.45,29.47,07-01,07-31,,水",
            r"line 2: point a lies \d+ m from any road, more than 1000 m$",
        ),
        ("11,,,,,07-01,2026-07-31,,水", r"line 2: from and to must both have a year or both have none$"),
        ("11,,,,,2026-07-02,2026-07-01,,水", r"line 2: to lies before from$"),
        ("11,,,,,02-30,07-31,,水", r"line 2: from is no day: '02-30'$"),
        ("11,,,,,July,07-31,,水", r"line 2: from must be YYYY-MM-DD or MM-DD, got 'July'$"),
        ("11,,,,,07-01,07-31,lorry,水", r"line 2: kinds must be of van, motorbike, foot, got 'lorry'$"),
        ("11,,,,,07-01,07-31,,", r"line 2: reason is empty$"),
        ("11", r"line 2: reason is empty$"),
    ],
)
def test_a_line_that_makes_no_sense_is_refused_by_its_number(grid, ring: Path, row: str, why: str) -> None:
    with pytest.raises(RoadsUnusableError, match=why):
        _metres(grid, ring, row)


def test_two_points_on_roads_that_do_not_meet_are_refused(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (3000, 0), 3: (0, 500), 4: (3000, 500)}, {10: ([1, 2], ROAD), 11: ([3, 4], ROAD)}
    )
    (lon_a, lat_a), (lon_b, lat_b) = grid.spot((0, 0)), grid.spot((3000, 500))
    file = _listed(path, f",{lon_a},{lat_a},{lon_b},{lat_b},07-01,07-31,,水")
    with pytest.raises(RoadsUnusableError, match=r"line 2: the two points do not lie on one road$"):
        OsmRoads(path, file).travel(grid.centre(), [], "van", JULY)


def test_two_points_at_one_crossing_are_refused(grid, ring: Path) -> None:
    lon, lat = grid.spot((700, 0))
    with pytest.raises(RoadsUnusableError, match=r"line 2: both points lie at the same point of a road$"):
        _metres(grid, ring, f",{lon},{lat},{lon},{lat},07-01,07-31,,水")


def test_a_list_without_a_column_or_not_utf_8_or_missing_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "closures.csv"
    path.write_text("way,from,to\n", "utf-8")
    with pytest.raises(RoadsUnusableError, match=r"closures\.csv have no column reason$"):
        read_closures(path)
    path.write_bytes("way,reason\n1,洪水漫桥".encode("gb18030"))
    with pytest.raises(RoadsUnusableError, match=r"closures\.csv are not UTF-8 at byte \d+$"):
        read_closures(path)
    path.unlink()
    with pytest.raises(RoadsUnusableError, match=r"closures\.csv cannot be read: No such file or directory$"):
        read_closures(path)


def test_a_file_saved_by_a_spreadsheet_with_a_byte_order_mark_is_read(ring: Path) -> None:
    file = ring.with_name("closures.csv")
    file.write_text(HEAD + "11,,,,,07-01,07-31,motorbike foot,水\n", "utf-8-sig")
    (closure,) = read_closures(file).closures
    assert (closure.way_id, closure.kinds, closure.span) == (11, ("motorbike", "foot"), Span((7, 1), (7, 31)))
