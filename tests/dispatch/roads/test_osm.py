"""Distances from an OpenStreetMap extract."""

import heapq
import itertools
import os
import random
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dispatch.county import VehicleKind
from dispatch.roads import RoadsUnusableError, travel_for
from dispatch.roads.network import Passable
from dispatch.roads.osm import OsmRoads
from dispatch.roads.osm_read import read_network

FLOOD, DRY = date(2026, 7, 1), date(2026, 11, 1)
ROAD = {"highway": "unclassified"}


def _near(matrix: object, expected: list[list[int]]) -> bool:
    """Metres drawn on the grid come back to within 1 in 1000."""
    return matrix == [[pytest.approx(each, rel=1e-3, abs=0.6) for each in row] for row in expected]


def test_metres_and_minutes_follow_the_road_and_its_class(grid) -> None:
    # Ten kilometres east on a van's 40 km/h, then five north on its 15.
    path = grid.write(
        {1: (0, 0), 2: (5000, 0), 3: (10_000, 0), 4: (10_000, 5000)},
        {10: ([1, 2, 3], {"highway": "tertiary"}), 11: ([3, 4], {"highway": "track"})},
    )
    villages = [grid.village("A", (10_000, 0)), grid.village("B", (10_000, 5000))]
    travel = travel_for(OsmRoads(path), grid.centre(), villages)
    assert _near(travel.metres.tolist(), [[0, 10_000, 15_000], [10_000, 0, 5000], [15_000, 5000, 0]])
    assert travel.minutes.tolist() == [[0, 15, 35], [15, 0, 20], [35, 20, 0]]
    # 50 km/h allowed to the motorbike on the first, its 15 on the second; 5 on foot.
    assert travel.of_kind("motorbike").minutes[0].tolist() == [0, 12, 32]
    assert travel.of_kind("foot").minutes[0].tolist() == [0, 120, 180]
    assert travel.source == "© OpenStreetMap contributors (county.osm)"
    assert travel.unreachable == ()


def test_the_fastest_way_is_taken_and_its_metres_are_told(grid) -> None:
    # Straight on a track, or around three sides on a fast road.
    path = grid.write(
        {1: (0, 0), 2: (4000, 0), 3: (0, 1000), 4: (4000, 1000)},
        {10: ([1, 2], {"highway": "track"}), 11: ([1, 3, 4, 2], {"highway": "secondary"})},
    )
    village = grid.village("A", (4000, 0))
    travel = travel_for(OsmRoads(path), grid.centre(), [village])
    assert _near(travel.metres.tolist(), [[0, 6000], [6000, 0]])
    assert _near(travel.of_kind("foot").metres.tolist(), [[0, 4000], [4000, 0]])


def test_a_one_way_street_makes_the_way_back_longer(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (2000, 0), 3: (2000, 2000), 4: (0, 2000)},
        {10: ([1, 2], {**ROAD, "oneway": "yes"}), 11: ([2, 3, 4, 1], ROAD)},
    )
    travel = OsmRoads(path).travel(grid.centre(), [grid.village("A", (2000, 0))])
    assert _near(travel.metres.tolist(), [[0, 2000], [6000, 0]])


def test_of_two_roads_between_the_same_points_the_better_counts(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (3000, 0)},
        {10: ([1, 2], {"highway": "track"}), 11: ([2, 1], {"highway": "secondary"}), 12: ([1, 2], ROAD)},
    )
    travel = OsmRoads(path).travel(grid.centre(), [grid.village("A", (3000, 0))])
    # 3 km at 55 km/h.
    assert travel.minutes.tolist() == [[0, 4], [4, 0]]


def test_two_places_at_one_point_are_no_way_apart(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], ROAD)})
    villages = [grid.village("A", (3000, 100)), grid.village("B", (3000, -100))]
    travel = OsmRoads(path).travel(grid.centre(), villages)
    assert travel.minutes.tolist() == [[0, 8, 8], [8, 0, 0], [8, 0, 0]]


def test_places_that_cannot_be_reached_are_named_with_their_reason(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (3000, 0), 3: (9000, 0), 4: (9500, 0), 5: (0, 4000), 6: (0, 4500), 7: (0, 5000)},
        {
            10: ([1, 2], ROAD),
            11: ([3, 4], ROAD),
            12: ([1, 5], {**ROAD, "ford": "yes"}),
            13: ([5, 6, 7], {**ROAD, "width": "1.2"}),
        },
    )
    villages = [
        grid.village("A", (3000, 500)),
        grid.village("B", (9200, 0)),
        grid.village("D", (3000, 5000)),
        grid.village("E", (3000, 0), has_road=False),
        grid.village("F", (0, 4000)),
        grid.village("G", (0, 5000)),
    ]
    travel = travel_for(OsmRoads(path, snap_m=800), grid.centre(), villages, ("van", "motorbike"), FLOOD)
    assert [(each.place_id, each.code, each.kind) for each in travel.unreachable] == [
        ("B", "cut_off", None),
        ("D", "far_from_road", None),
        ("E", "no_road", None),
        ("F", "closed", None),
        ("G", "far_from_road", "van"),
        ("G", "closed", "motorbike"),
    ]


def test_the_reasons_are_sentences_with_the_villages_name(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], ROAD)})
    travel = OsmRoads(path, snap_m=500).travel(grid.centre(), [grid.village("D", (3000, 2000))])
    (why,) = travel.unreachable
    assert (why.name, why.zh, why.en) == (
        "D村",
        "D村周围 500 米内没有可走的路（最近的在 2000 米外）",
        "D村 has no usable road within 500 m (the nearest is 2000 m away)",
    )
    assert travel.minutes.tolist() == [[0, -1], [-1, -1]]


def test_a_ford_closes_the_short_way_in_the_flood_season_only(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (2000, 0), 3: (0, 3000), 4: (2000, 3000)},
        {10: ([1, 2], {**ROAD, "ford": "yes"}), 11: ([1, 3, 4, 2], ROAD)},
    )
    roads, village = OsmRoads(path), grid.village("A", (2000, 0))
    metres = [roads.travel(grid.centre(), [village], "van", day).metres[0, 1] for day in (FLOOD, DRY, None)]
    assert metres == [pytest.approx(each, rel=1e-3) for each in (8000, 2000, 2000)]
    assert roads.identity("van", FLOOD) != roads.identity("van", DRY)
    assert roads.identity("van", FLOOD) == roads.identity("van", date(2026, 8, 1))


def test_a_bollard_stops_the_van_and_not_the_motorbike(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (1000, 0), 3: (1010, 0), 4: (1020, 0), 5: (2000, 0), 6: (-500, 0)},
        {10: ([6, 1, 2, 3, 4, 5], ROAD)},
        {3: {"barrier": "bollard"}},
    )
    travel = travel_for(OsmRoads(path, snap_m=100), grid.centre(), [grid.village("A", (2000, 0))])
    assert [(each.place_id, each.code, each.kind) for each in travel.unreachable] == [("A", "cut_off", "van")]
    assert travel.of_kind("motorbike").minutes.tolist() == [[0, 4], [4, 0]]


def test_a_way_that_leaves_the_extract_is_broken_there(grid) -> None:
    path = grid.write(
        {1: (0, 0), 2: (1000, 0), 4: (3000, 0), 5: (4000, 0), 6: (0, 1000)},
        {10: ([1, 2, 3, 4, 5], ROAD), 11: ([1, 6], ROAD)},
    )
    travel = OsmRoads(path, snap_m=100).travel(grid.centre(), [grid.village("A", (4000, 0))])
    assert [each.code for each in travel.unreachable] == ["cut_off"]


def test_a_map_that_is_replaced_is_read_again(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], ROAD)})
    roads, village = OsmRoads(path), grid.village("A", (3000, 0))
    first = roads.identity("van", None)
    assert roads.travel(grid.centre(), [village]).minutes[0, 1] == 8
    grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], {"highway": "secondary"})})
    os.utime(path, ns=(1, 1))
    assert roads.travel(grid.centre(), [village]).minutes[0, 1] == 4
    assert roads.identity("van", None) != first


def test_an_extract_of_another_region_is_refused_and_says_where_it_lies(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], ROAD)})
    with pytest.raises(RoadsUnusableError) as refused:
        OsmRoads(path).travel(grid.centre((90_000, 0)), [grid.village("A", (95_000, 0))])
    assert str(refused.value) == (
        f"the map {path} has no usable road within 1000 m of centre or villages; "
        "its roads lie 113.45 to 113.48 E, 29.47 to 29.47 N"
    )


def test_a_centre_off_the_road_is_refused(grid) -> None:
    path = grid.write({1: (0, 0), 2: (3000, 0)}, {10: ([1, 2], ROAD)})
    with pytest.raises(RoadsUnusableError) as refused:
        OsmRoads(path).travel(grid.centre((0, 1500)), [grid.village("A", (3000, 0))])
    assert str(refused.value) == (
        f"中药房 is 1500 m from the nearest usable road of the map {path}, more than 1000 m"
    )


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.osm.pbf", b"this is no map", r"cannot be read: PBF error"),
        ("a.osm", b"<osm><node", r"cannot be read: .*version"),
        ("a.osm", b"", r"cannot be read: XML parsing error"),
        ("a.osm", b'<?xml version="1.0"?><osm version="0.6"></osm>', r"holds no road$"),
        ("a.txt", b"x", r"cannot be read: Could not detect file format"),
        (
            "a.osm",
            b'<osm version="0.6"><node id="1" version="1" lon="1" lat="1"/></osm>',
            r"holds no road$",
        ),
    ],
)
def test_a_broken_or_empty_map_is_one_sentence(
    grid, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(RoadsUnusableError, match=why) as refused:
        OsmRoads(path).travel(grid.centre(), [])
    assert str(refused.value).splitlines() == [str(refused.value)]


def test_a_map_that_is_missing_is_one_sentence(grid, tmp_path: Path) -> None:
    with pytest.raises(
        RoadsUnusableError, match=r"none\.osm\.pbf cannot be read: No such file or directory$"
    ):
        OsmRoads(tmp_path / "none.osm.pbf").travel(grid.centre(), [])


def _plain_dijkstra(passable: Passable, start: int) -> dict[int, float]:
    """Milliseconds from one node to all others, the textbook's way."""
    network = passable.network
    steps: dict[int, list[tuple[int, float]]] = {}
    for tail, head, there, back in zip(
        network.tail.tolist(),
        network.head.tolist(),
        passable.forward_ms.tolist(),
        passable.backward_ms.tolist(),
        strict=True,
    ):
        steps.setdefault(tail, []).append((head, there))
        steps.setdefault(head, []).append((tail, back))
    best: dict[int, float] = {}
    queue = [(0.0, start)]
    while queue:
        far, node = heapq.heappop(queue)
        if node in best or far == float("inf"):
            continue
        best[node] = far
        for other, more in steps.get(node, ()):
            heapq.heappush(queue, (far + more, other))
    return best


def test_an_address_is_never_fetched_but_taken_as_the_name_of_a_file(
    grid, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = Path("http://127.0.0.1:9/county.osm")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RoadsUnusableError, match=r"county\.osm cannot be read: No such file or directory$"):
        read_network(address)
    made = grid.write({1: (0, 0), 2: (5000, 0)}, {10: ([1, 2], ROAD)})
    address.parent.mkdir(parents=True)
    made.rename(address)
    assert len(read_network(address).tail) == 1


def test_only_a_regular_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder, pipe, round_ = tmp_path / "a.osm", tmp_path / "b.osm", tmp_path / "c.osm"
    folder.mkdir()
    os.mkfifo(pipe)
    round_.symlink_to(round_)
    for path in (folder, pipe):
        with pytest.raises(RoadsUnusableError, match=r"\.osm cannot be read: it is no regular file$"):
            read_network(path)
    for path in (round_, Path("-"), Path("a\0.osm")):
        with pytest.raises(RoadsUnusableError, match="cannot be read: "):
            read_network(path)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 10**6), kind=st.sampled_from(["van", "foot"]))
def test_on_random_maps_the_answer_is_that_of_a_plain_dijkstra(grid, seed: int, kind: VehicleKind) -> None:
    draw = random.Random(seed)
    size = 5
    points = {
        1 + x + size * y: (x * 900 + draw.uniform(-300, 300), y * 900 + draw.uniform(-300, 300))
        for x, y in itertools.product(range(size), repeat=2)
    }
    ways = {}
    for number in range(14):
        at = draw.choice(sorted(points))
        refs = [at]
        for _ in range(draw.randint(1, 5)):
            beside = [each for each in (at - 1, at + 1, at - size, at + size) if each in points]
            at = draw.choice(beside)
            refs.append(at)
        tags = {"highway": draw.choice(["tertiary", "track", "residential"])}
        ways[number + 1] = (refs, tags | draw.choice([{}, {}, {"oneway": "yes"}]))
    roads = OsmRoads(grid.write(points, ways), snap_m=1)
    network = roads.network()
    passable = network.passable(kind, None)
    ids = sorted({ref for refs, _ in ways.values() for ref in refs})
    villages = [grid.village(str(each), points[each]) for each in ids]
    start = villages[draw.randrange(len(villages))]
    others = [each for each in villages if each.id != start.id]
    travel = roads.travel(grid.centre(points[int(start.id)]), others, kind)
    node = {
        each.id: int(((network.lon - each.lon) ** 2 + (network.lat - each.lat) ** 2).argmin())
        for each in villages
    }
    lost = {each.place_id for each in travel.unreachable}
    best = _plain_dijkstra(passable, node[start.id])
    for row, each in enumerate(others, start=1):
        if each.id in lost:
            back = _plain_dijkstra(passable, node[each.id])
            assert node[each.id] not in best or node[start.id] not in back
        else:
            assert travel.minutes[0, row] == pytest.approx(best[node[each.id]] / 60_000, abs=1)
            assert travel.minutes[0, row] >= best[node[each.id]] / 60_000 - 1e-3
