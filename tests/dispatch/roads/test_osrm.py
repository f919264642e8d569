"""Distances from a server that speaks OSRM's interface; the server here is a real one over a small graph."""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from dispatch.county import Centre, Village
from dispatch.roads import OsrmServer, RoadsUnusableError, travel_for
from dispatch.roads.osrm import refuse_address
from dispatch.travel import great_circle_m

# The graph of the server: crossings along one road, 1000 m apart; the way east takes 60 s each, back 90 s.
WEST, LAT, STEP = 113.40, 29.40, 0.01
CENTRE = Centre("C", "中药房", WEST, LAT)


def village(number: int, *, off: float = 0.0, **more: Any) -> Village:
    return Village(f"V{number}", f"{number}号村", WEST + number * STEP, LAT + off, **more)


class Road(BaseHTTPRequestHandler):
    """Answers /table/v1/ as OSRM does, or as `change` makes of it."""

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        _, _, _, profile, spots = unquote(parts.path).split("/")
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        places = [tuple(map(float, spot.split(","))) for spot in spots.split(";")]
        self.server.requests.append((profile, len(places)))
        if len(places) > self.server.most:
            self.send(400, {"code": "TooBig", "message": "Too many table coordinates"})
            return
        if len(places) < 2:
            self.send(
                400, {"code": "InvalidOptions", "message": "Number of coordinates needs to be at least two."}
            )
            return
        nodes = [round((lon - WEST) / STEP) for lon, _ in places]
        moved = [
            great_circle_m(lon, lat, WEST + node * STEP, LAT)
            for (lon, lat), node in zip(places, nodes, strict=True)
        ]
        rows = [int(each) for each in asked["sources"].split(";")]
        columns = [int(each) for each in asked["destinations"].split(";")]
        answer = {
            "code": "Ok",
            "durations": [[self.seconds(nodes[a], nodes[b]) for b in columns] for a in rows],
            "distances": [[self.metres(nodes[a], nodes[b]) for b in columns] for a in rows],
            "sources": [{"distance": moved[row], "name": "", "location": places[row]} for row in rows],
            "destinations": [
                {"distance": moved[row], "name": "", "location": places[row]} for row in columns
            ],
        }
        self.send(200, self.server.change(answer))

    def seconds(self, a: int, b: int) -> float | None:
        if self.server.island in (a, b) and a != b:
            return None
        return (b - a) * 60.0 if b > a else (a - b) * 90.0

    def metres(self, a: int, b: int) -> float | None:
        return None if self.server.island in (a, b) and a != b else abs(a - b) * 1000.0

    def send(self, status: int, answer: object) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        # A test that does not wait has hung up.
        with contextlib.suppress(BrokenPipeError):
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


class Server(ThreadingHTTPServer):
    """The server with what a test may set."""

    daemon_threads = True
    most = 100
    island: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Road)
        self.requests: list[tuple[str, int]] = []
        self.change: Callable[[dict[str, Any]], object] = lambda answer: answer

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join(5)


def test_both_directions_come_back_in_metres_and_minutes(server: Server) -> None:
    travel = OsrmServer({"van": server.url}).travel(CENTRE, [village(3), village(10)])
    assert travel.metres.tolist() == [[0, 3000, 10_000], [3000, 0, 7000], [10_000, 7000, 0]]
    assert travel.minutes.tolist() == [[0, 3, 10], [5, 0, 7], [15, 11, 0]]
    assert travel.source == f"OSRM {server.url}"
    assert server.requests == [("driving", 3)]


def test_a_large_day_is_asked_in_parts_that_the_server_takes(server: Server) -> None:
    server.most = 10
    villages = [village(number) for number in range(1, 24)]
    travel = OsrmServer({"van": server.url}, table_size=10).travel(CENTRE, villages)
    assert travel.metres.tolist() == [[abs(a - b) * 1000 for b in range(24)] for a in range(24)]
    # Five parts of five places: five squares and twenty pairs.
    assert (len(server.requests), max(places for _, places in server.requests)) == (25, 10)


def test_a_part_of_one_place_is_not_asked_by_itself(server: Server) -> None:
    villages = [village(number) for number in range(1, 11)]
    travel = OsrmServer({"van": server.url}, table_size=10).travel(CENTRE, villages)
    assert travel.metres.tolist() == [[abs(a - b) * 1000 for b in range(11)] for a in range(11)]
    assert OsrmServer({"van": server.url}).travel(CENTRE, []).minutes.tolist() == [[0]]


def test_null_is_no_way_and_the_village_is_named(server: Server) -> None:
    server.island = 3
    travel = OsrmServer({"van": server.url}).travel(CENTRE, [village(3), village(10)])
    assert travel.minutes[0].tolist() == [0, -1, 10]
    assert [(each.place_id, each.code, each.zh) for each in travel.unreachable] == [
        ("V3", "no_way", "地图服务找不到往返3号村的路")
    ]


def test_a_village_that_the_server_moves_too_far_is_named(server: Server) -> None:
    villages = [village(3, off=0.02), village(4), village(5, has_road=False)]
    travel = OsrmServer({"van": server.url}, snap_m=1000).travel(CENTRE, villages)
    assert [(each.place_id, each.code) for each in travel.unreachable] == [
        ("V3", "far_from_road"),
        ("V5", "no_road"),
    ]
    assert travel.minutes[0].tolist() == [0, -1, 4, -1]


def test_a_centre_that_the_server_moves_too_far_means_another_region(server: Server) -> None:
    far = Centre("C", "中药房", WEST, LAT + 2)
    with pytest.raises(RoadsUnusableError) as refused:
        OsrmServer({"van": server.url}).travel(far, [village(3)])
    assert str(refused.value) == (
        f"中药房 is 222390 m from the roads of the map server {server.url}, more than 1000 m: "
        "is it of another region?"
    )


def test_each_kind_asks_its_own_server_and_others_take_the_vans_roads_at_their_speed(server: Server) -> None:
    provider = OsrmServer({"van": server.url, "foot": f"{server.url}/"})
    travel = travel_for(provider, CENTRE, [village(7)])
    assert [profile for profile, _ in server.requests] == ["driving", "driving", "foot"]
    # 7 km at the motorbike's 35 km/h.
    assert travel.of_kind("motorbike").minutes.tolist() == [[0, 12], [12, 0]]
    assert travel.of_kind("foot").minutes.tolist() == [[0, 7], [11, 0]]
    assert provider.identity("motorbike", None) != provider.identity("van", None)


def _answering(server: Server, change: Callable[[dict[str, Any]], object]) -> str:
    server.change = change
    with pytest.raises(RoadsUnusableError) as refused:
        OsrmServer({"van": server.url}).travel(CENTRE, [village(3)])
    return str(refused.value).removeprefix(f"the map server {server.url} ")


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda _: b"<html>Welcome to nginx</html>", "answered 200 and no JSON of OSRM"),
        (lambda _: b"[" * 100_000, "answered 200 and no JSON of OSRM"),
        (lambda _: [1, 2], "answered 200 and no JSON of OSRM"),
        (lambda _: {"code": "NoTable", "message": "No table\nfound"}, "refused: NoTable (No table found)"),
        (lambda answer: answer | {"durations": [[0, 1]]}, "answered without durations for 2 places"),
        (lambda answer: answer | {"distances": None}, "answered without distances for 2 places"),
        (
            lambda answer: answer | {"durations": [[0], [1]]},
            "answered durations of another size than asked for",
        ),
        (lambda answer: answer | {"durations": [[0, -5], [1, 0]]}, "answered durations with -5"),
        (lambda answer: answer | {"distances": [[0, "x"], [1, 0]]}, "answered distances with a text"),
        (lambda answer: answer | {"distances": [[0, True], [1, 0]]}, "answered distances with True"),
        (lambda answer: answer | {"durations": [[0, float("nan")], [1, 0]]}, "answered durations with nan"),
        (lambda answer: answer | {"durations": [[0, 1e300], [1, 0]]}, "answered durations with 1e+300"),
    ],
)
def test_an_answer_that_is_not_osrms_is_one_sentence(
    server: Server, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    assert _answering(server, change) == why


def test_a_server_that_takes_fewer_places_says_so(server: Server) -> None:
    server.most = 5
    with pytest.raises(RoadsUnusableError, match=r"refused: TooBig \(Too many table coordinates\)$"):
        OsrmServer({"van": server.url}).travel(CENTRE, [village(number) for number in range(1, 10)])


def test_a_server_without_distances_to_the_road_moves_nobody(server: Server) -> None:
    def without(answer: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in answer.items() if key not in ("sources", "destinations")}

    server.change = without
    travel = OsrmServer({"van": server.url}).travel(CENTRE, [village(3, off=0.02)])
    assert travel.unreachable == ()


def test_a_server_that_is_down_is_one_sentence() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(RoadsUnusableError) as refused:
        OsrmServer({"van": url}, timeout_s=1).travel(CENTRE, [village(3)])
    assert str(refused.value) == f"the map server {url} cannot be reached: Connection refused"


def test_a_server_that_does_not_answer_in_time_is_one_sentence(server: Server) -> None:
    def slow(answer: dict[str, Any]) -> dict[str, Any]:
        time.sleep(0.6)
        return answer

    assert _after(server, slow) == f"the map server {server.url} did not answer within 0.2 s"


def _after(server: Server, change: Callable[[dict[str, Any]], object]) -> str:
    server.change = change
    with pytest.raises(RoadsUnusableError) as refused:
        OsrmServer({"van": server.url}, timeout_s=0.2).travel(CENTRE, [village(3)])
    return str(refused.value)


class Redirecting(BaseHTTPRequestHandler):
    """Sends every question elsewhere."""

    def do_GET(self) -> None:
        self.send_response(302)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


def test_a_redirect_is_not_followed() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirecting) as running:
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        url = f"http://127.0.0.1:{running.server_port}"
        with pytest.raises(RoadsUnusableError, match=r"answered 302 and no JSON of OSRM$"):
            OsrmServer({"van": url}).travel(CENTRE, [village(3)])
        running.shutdown()
        thread.join(5)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://host", r"^travel must begin with http:// or https:// and name a server, got 'ftp://host'$"),
        ("file:///etc/passwd", r"^travel must begin with http:// or https://"),
        ("host:5000", r"^travel must begin with http:// or https://"),
        ("http://", r"^travel must begin with http:// or https://"),
        ("http://host:99999", r"^travel must be an address such as http://127\.0\.0\.1:5000$"),
        ("http://[::1", r"^travel must be an address such as http://127\.0\.0\.1:5000$"),
        ("http://host/?key=1", r"^travel must be an address without \? or # or blanks"),
        ("http://ho st", r"^travel must be an address without \? or # or blanks"),
        ("http://用户.cn", r"^travel must be an address without \? or # or blanks"),
    ],
)
def test_what_is_no_address_is_refused(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        refuse_address("travel", url)


def test_a_password_in_an_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(ValueError, match=r"^travel must not hold a user name or password$"):
        refuse_address("travel", "http://me:secret@host")
