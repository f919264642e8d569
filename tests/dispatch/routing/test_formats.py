"""Instance files are read as the published conventions say, and refused in one line."""

import contextlib
import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.routing.formats import FormatError, read_instance
from dispatch.routing.instance import Instance, VehicleType, euclidean
from tests.dispatch.routing.conftest import MIXED, OWN, SOLOMON, TRIPS


def _refusal(text: str | bytes) -> str:
    data = text if isinstance(text, bytes) else text.encode()
    with pytest.raises(FormatError) as caught:
        read_instance(data, "file")
    return str(caught.value)


def test_solomon_times_are_tenfold_and_distances_rounded_down(six: Instance) -> None:
    client = six.client(1)
    assert (client.windows, client.service, client.demand) == (((100, 200),), 10, (4,))
    assert (six.distances[0, 1], six.distances[0, 2]) == (50, 58)  # 5 and 5.83
    assert (six.depot.close_at, six.vehicle_types) == (600, (VehicleType("vehicle", 3, (10,)),))


def test_trips_have_releases_and_reload(trips: Instance) -> None:
    assert [trips.client(node).release for node in trips.nodes] == [0, 200, 50]
    assert (trips.vehicle_types[0].max_trips, trips.vehicle_types[0].count) == (3, 1)
    assert [trips.client(node).service for node in trips.nodes] == [20, 20, 20]


def test_vehicles_that_are_alike_are_one_type_in_the_order_of_the_file(mixed: Instance) -> None:
    assert [(t.count, t.capacity, t.fixed_cost, t.unit_cost) for t in mixed.vehicle_types] == [
        (2, (5,), 100, 2),
        (1, (10,), 150, 3),
    ]
    assert mixed.distances.tolist()[0] == [0, 10, 20, 30]


def test_capacitated_instances_round_to_the_nearest_and_have_a_vehicle_a_client() -> None:
    text = MIXED[: MIXED.index("CAPACITY_SECTION")] + "DEPOT_SECTION\n1\n-1\nEOF\n"
    text = text.replace("VEHICLES : 3", "CAPACITY : 9").replace("2 0 10", "2 5 7")
    instance = read_instance(text.encode(), "x")
    assert instance.distances[0, 1] == 9  # 8.6
    assert (instance.vehicle_types[0].count, instance.vehicle_types[0].capacity) == (3, (9,))


def test_the_own_form_keeps_ids_windows_and_vehicles(own: Instance) -> None:
    assert [client.number for client in own.clients] == [7, 3]
    assert own.client(1).windows == ((60, 70), (100, 200))
    assert own.client(2).vehicle_types == frozenset({1})
    assert (own.vehicle_types[1].start_at, own.vehicle_types[1].max_trips) == (30, 2)
    assert own.distances.tolist() == [[0, 50, 58], [50, 0, 10], [58, 10, 0]]


def test_windows_line_ends_and_byte_order_mark_do_not_matter(six: Instance) -> None:
    again = read_instance(b"\xef\xbb\xbf" + SOLOMON.replace("\n", "\r\n").encode(), "six")
    assert (again.clients, again.distances.tolist()) == (six.clients, six.distances.tolist())


def test_square_roots_of_squares_are_exact() -> None:
    apart = euclidean([(0, 0), *((float(k), 0.0) for k in range(1, 400))], scale=10, nearest=False)
    assert apart[0].tolist() == [10 * k for k in range(400)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  3         10", "  0         10", "line 5: VEHICLE NUMBER: at least 1 is expected, got 0"),
        ("  3         10", "  3", "line 5: VEHICLE: number and capacity are expected"),
        ("    2      3  ", "    1      3  ", "line 12: CUST NO.: 1 stands on line 11 already"),
        ("    6      1  ", "    7      1  ", "line 16: CUST NO.: 6 is expected, got 7"),
        (
            "3          4          4 ",
            "nan        4          4 ",
            "line 11: XCOORD.: a number is expected, got 'nan'",
        ),
        (
            "-5          4         30",
            "-5         -4         30",
            "line 15: DEMAND: at least 0 is expected, got -4",
        ),
        ("30         40", "50         40", "line 15: DUE DATE: 40 is before READY TIME 50"),
        ("CUSTOMER\n", "", "line 15: CUSTOMER: the heading is missing, is the file cut?"),
        ("SIX", "R101", None),
        ("1e2", "1e2", None),
    ],
)
def test_a_broken_solomon_file_names_line_and_field(old: str, new: str, message: str | None) -> None:
    text = SOLOMON.replace(old, new)
    if message is None:
        assert len(read_instance(text.encode(), "x").clients) == 6
    else:
        assert _refusal(text) == message


def test_a_solomon_file_cut_between_two_lines_is_known_by_its_name() -> None:
    rows = "".join(f"{n} {n} 0 1 0 90 1\n" for n in range(1, 41))
    head = SOLOMON[: SOLOMON.index("    1 ")].replace("SIX", "R112")
    assert _refusal(head + rows) == "line 50: CUSTOMER: R112 has 25 or 50 or 100 clients, 40 are here"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("DIMENSION: 4", "DIMENSION: 5", "line 12: NODE_COORD_SECTION: 5 lines are expected, 4 are here"),
        ("DIMENSION: 4\n", "", "line 32: DIMENSION: the field is missing"),
        ("VEHICLES: 1", "VEHICLES: 0", "line 5: VEHICLES: at least 1 is expected, got 0"),
        ("CAPACITY: 10\n", "", "line 32: CAPACITY: the field is missing"),
        ("EUC_2D", "EXPLICIT", "line 3: EDGE_WEIGHT_TYPE: EUC_2D is expected, got 'EXPLICIT'"),
        ("2 6\n3 6", "2 6\n2 6", "line 16: DEMAND_SECTION node: 2 stands on line 15 already"),
        ("3 20\n", "3 -20\n", "line 26: RELEASE_TIME_SECTION: at least 0 is expected, got -20"),
        ("3 20\n", "3 inf\n", "line 26: RELEASE_TIME_SECTION: a number is expected, got 'inf'"),
        ("2 3 4\n", "2 3\n", "line 10: NODE_COORD_SECTION: 3 figures are expected, got 2"),
        ("2 6\n", "2 6.5\n", "line 15: DEMAND_SECTION: a whole number is expected, got 6.5"),
        ("2 0 90", "2 95 90", "line 20: TIME_WINDOW_SECTION: 90 is before 95"),
        ("RELEASE_TIME", "BACKHAUL", "line 23: BACKHAUL_SECTION: this section is not supported"),
        ("SERVICE_TIME: 2", "DISTANCE: 2", "line 7: DISTANCE: this field is not supported"),
        (
            "DEPOT_SECTION\n1\n-1\n",
            "DEPOT_SECTION\n2\n",
            "line 31: DEPOT_SECTION: one depot, node 1, is expected",
        ),
        ("EOF\n", "", "line 32: EOF: the file ends before it, is it cut?"),
    ],
)
def test_a_broken_vrplib_file_names_line_and_field(old: str, new: str, message: str) -> None:
    assert _refusal(TRIPS.replace(old, new)) == message


@pytest.mark.parametrize("text", [SOLOMON, TRIPS, MIXED, json.dumps(OWN, indent=1)])
@given(share=st.floats(0, 0.97))
def test_a_file_cut_anywhere_is_refused_in_one_line(text: str, share: float) -> None:
    cut = text[: int(len(text) * share)]
    last = (cut.rstrip().splitlines() or [""])[-1]
    if text is SOLOMON and last in SOLOMON.splitlines()[10:]:
        return  # whole lines: a Solomon file does not say how many customers follow
    said = _refusal(cut)
    assert "\n" not in said


@given(st.binary(max_size=300))
def test_any_bytes_are_an_instance_or_a_refusal(data: bytes) -> None:
    with contextlib.suppress(FormatError):
        assert read_instance(data, "any").clients


def _changed(path: tuple[Any, ...], value: Any) -> str:
    changed: Any = copy.deepcopy(OWN)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return json.dumps(changed)


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("vehicles",), [], "vehicles: List should have at least 1 item after validation, not 0"),
        (("clients", 1, "id"), 7, "clients[1].id: 7 is that of clients[0] already"),
        (("vehicles", 0, "count"), 0, "vehicles[0].count: Input should be greater than or equal to 1"),
        (("clients", 0, "x"), float("nan"), "clients[0].x: Input should be a finite number"),
        (("clients", 0, "service"), -1, "clients[0].service: Input should be greater than or equal to 0"),
        (
            ("clients", 0, "demand"),
            [-1, 1],
            "clients[0].demand[0]: Input should be greater than or equal to 0",
        ),
        (("clients", 0, "demand"), "two", "clients[0].demand: Input should be a valid integer"),
        (("clients", 0), 7, "clients[0]: an object in braces is expected"),
        (("clients", 0, "colour"), "red", "clients[0].colour: Extra inputs are not permitted"),
        (("clients", 1, "vehicles"), ["boat"], "clients[1].vehicles: there is no vehicle 'boat'"),
        (("clients", 0, "windows"), [[9, 3]], "clients[0]: window ends at 3, before it begins at 9"),
        (
            ("clients", 0, "windows"),
            [[1, 5], [4, 8]],
            "clients[0]: windows must be in order and apart, 4 comes after 5",
        ),
        (("clients", 0, "demand"), 3, "every demand and every capacity must have the same number of figures"),
        (("clients", 0, "x"), None, "clients[0]: x and y are needed where there are no distances"),
        (("distances",), [[0, 1], [1, 0]], "distances: 3 rows are expected (the depot first), 2 are here"),
        (("distances",), [[0, 1, None], [1, 0, None], [2, 2, 0]], "clients[1]: no road leads to client 3"),
        (
            ("distances",),
            [[0, 1, 2], [1, 0, 2], [None, None, 0]],
            "clients[1]: no road leads back from client 3",
        ),
    ],
)
def test_a_broken_own_file_names_the_field(path: tuple[Any, ...], value: Any, message: str) -> None:
    assert _refusal(_changed(path, value)) == message


def test_broken_json_names_the_line() -> None:
    assert _refusal('{"name": 1,\n "depot": ') == "line 2: not JSON, Expecting value; is the file cut?"


@pytest.mark.parametrize("data", [b"", b"  \n\n", b"\xff\xfe\x00"])
def test_nothing_to_read_is_said(data: bytes) -> None:
    assert _refusal(data) in ("line 1: the file is empty", "byte 0: the file is not UTF-8 text")
