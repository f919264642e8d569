"""Small instances, written out in each of the forms or made at random."""

import json
import random
from collections.abc import Callable

import pytest

from dispatch.routing.formats import read_instance
from dispatch.routing.instance import Client, Depot, Instance, VehicleType, euclidean

SOLOMON = """SIX

VEHICLE
NUMBER     CAPACITY
  3         10

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0          0          0          0         60         0
    1      3          4          4         10         20         1
    2      3          5          4          0         60         1
    3     -3          4          4          0         30         1
    4     -3          5          4          0         60         1
    5      0         -5          4         30         40         1
    6      1         -5          4          0         60         1
"""

TRIPS = """NAME: TRIPS
TYPE: MTVRPTWR
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 1
CAPACITY: 10
SERVICE_TIME: 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 0 5
4 6 8
DEMAND_SECTION
1 0
2 6
3 6
4 4
TIME_WINDOW_SECTION
1 0 100
2 0 90
3 0 90
4 0 90
RELEASE_TIME_SECTION
1 0
2 0
3 20
4 5
VEHICLES_RELOAD_DEPOT_SECTION
1 1
DEPOT_SECTION
1
-1
EOF
"""

MIXED = """NAME : MIXED
TYPE : HFVRP
DIMENSION : 4
VEHICLES : 3
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 0 10
3 0 20
4 30 0
DEMAND_SECTION
1 0
2 5
3 5
4 5
CAPACITY_SECTION
1 5
2 10
3 5
VEHICLES_FIXED_COST_SECTION
1 100
2 150
3 100
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 2
2 3
3 2
DEPOT_SECTION
1
EOF
"""

OWN = {
    "name": "village",
    "depot": {"x": 0, "y": 0, "window": [0, 480]},
    "clients": [
        {"id": 7, "x": 30, "y": 40, "demand": [2, 1], "service": 5, "windows": [[60, 70], [100, 200]]},
        {"id": 3, "x": 30, "y": 50, "demand": [1, 3], "release": 90, "vehicles": ["bike"]},
    ],
    "vehicles": [
        {"name": "van", "count": 1, "capacity": [4, 9], "fixed_cost": 500, "unit_cost": 3},
        {"name": "bike", "count": 2, "capacity": [2, 3], "shift": [30, 400], "max_trips": 2},
    ],
}


@pytest.fixture
def six() -> Instance:
    """Six clients, three vehicles, windows."""
    return read_instance(SOLOMON.encode(), "six")


@pytest.fixture
def trips() -> Instance:
    """Three clients, one vehicle that must come home for the second."""
    return read_instance(TRIPS.encode(), "trips")


@pytest.fixture
def mixed() -> Instance:
    """Three clients, two types of vehicles."""
    return read_instance(MIXED.encode(), "mixed")


@pytest.fixture
def own() -> Instance:
    """Two clients with everything the own form has."""
    return read_instance(json.dumps(OWN).encode(), "own")


def random_instance(
    seed: int, clients: int = 12, *, several_trips: bool = False, tight: bool = False
) -> Instance:
    """Clients about a depot; every field of a client and a vehicle occurs."""
    chance = random.Random(seed)
    places = [(0.0, 0.0), *((chance.uniform(-60, 60), chance.uniform(-60, 60)) for _ in range(clients))]
    matrix = euclidean(places, scale=1, nearest=True)
    made = []
    for number in range(1, clients + 1):
        begin = chance.randrange(0, 300)
        windows = ((begin, begin + chance.randrange(40, 200)),)
        if chance.random() < 0.3:
            windows += ((windows[0][1] + 20, windows[0][1] + 90),)
        made.append(
            Client(
                number,
                (chance.randrange(1, 6), chance.randrange(0, 4)),
                service=chance.randrange(0, 10),
                windows=windows,
                release=chance.choice((0, 0, chance.randrange(0, 150))),
                vehicle_types=frozenset({1}) if chance.random() < 0.15 else None,
            )
        )
    count = 1 if tight else clients
    fleet = (
        VehicleType("van", count, (12, 9), fixed_cost=40, unit_cost=2, max_trips=3 if several_trips else 1),
        VehicleType("bike", count, (7, 5), start_at=20, end_at=600, max_distance=400),
    )
    return Instance(f"random {seed}", Depot(0, 700), tuple(made), fleet, matrix, matrix, tuple(places))


@pytest.fixture
def make_random() -> Callable[..., Instance]:
    """See random_instance."""
    return random_instance
