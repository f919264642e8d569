"""The routing problem: whole numbers only, so that every engine and the checker count the same."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.guard import whole

Matrix = npt.NDArray[np.int64]

# Figures of a file, after scaling. Sums over a thousand clients at the dearest rate stay inside 64 bits.
MOST = 10**8
# An arc no vehicle can take: longer than any horizon, and never part of a checked answer.
UNREACHABLE = 10**9
# The end of a window that has none: figures from here on are no limit.
NO_LIMIT = MOST
ALWAYS = ((0, NO_LIMIT),)


@dataclass(frozen=True, slots=True)
class Depot:
    """Where every trip begins and ends.

    Attributes:
        open_at: the first departure.
        close_at: the last return.
    """

    open_at: int = 0
    close_at: int = NO_LIMIT

    def __post_init__(self) -> None:
        whole("depot window", self.open_at, high=MOST)
        whole("depot window", self.close_at, high=MOST)
        if self.close_at < self.open_at:
            raise ValueError(f"depot window ends at {self.close_at}, before it begins at {self.open_at}")


@dataclass(frozen=True, slots=True)
class Client:
    """One place to visit once.

    Attributes:
        number: as in the file; the depot is 0.
        demand: one figure for each capacity of the vehicles (bags, litres).
        service: how long a visit takes.
        windows: (first, last) start of service; in order, apart from one another.
        release: a trip with this client does not leave the depot before.
        vehicle_types: indices of the types that reach it; None is all.
    """

    number: int
    demand: tuple[int, ...]
    service: int = 0
    windows: tuple[tuple[int, int], ...] = ALWAYS
    release: int = 0
    vehicle_types: frozenset[int] | None = None

    def __post_init__(self) -> None:
        whole("number", self.number, low=1, high=MOST)
        for amount in self.demand:
            whole("demand", amount, high=MOST)
        whole("service", self.service, high=MOST)
        whole("release", self.release, high=MOST)
        if not self.windows:
            raise ValueError("windows must hold at least one")
        before = -1
        for first, last in self.windows:
            whole("window", first, high=MOST)
            whole("window", last, high=MOST)
            if last < first:
                raise ValueError(f"window ends at {last}, before it begins at {first}")
            if first <= before:
                raise ValueError(f"windows must be in order and apart, {first} comes after {before}")
            before = last


@dataclass(frozen=True, slots=True)
class VehicleType:
    """Vehicles that are alike.

    Attributes:
        name: for people.
        count: how many there are.
        capacity: one figure for each figure of a demand.
        fixed_cost: of each vehicle that leaves the depot.
        unit_cost: of each unit of distance.
        start_at, end_at: its shift, within the depot's window.
        max_distance: over all trips of a vehicle; None is without limit.
        max_trips: how often a vehicle may leave the depot.
    """

    name: str
    count: int
    capacity: tuple[int, ...]
    fixed_cost: int = 0
    unit_cost: int = 1
    start_at: int = 0
    end_at: int = NO_LIMIT
    max_distance: int | None = None
    max_trips: int = 1

    def __post_init__(self) -> None:
        whole("count", self.count, low=1, high=100_000)
        for amount in self.capacity:
            whole("capacity", amount, low=1, high=MOST)
        whole("fixed_cost", self.fixed_cost, high=MOST)
        whole("unit_cost", self.unit_cost, high=1_000_000)
        whole("shift", self.start_at, high=MOST)
        whole("shift", self.end_at, high=MOST)
        if self.end_at < self.start_at:
            raise ValueError(f"shift ends at {self.end_at}, before it begins at {self.start_at}")
        if self.max_distance is not None:
            whole("max_distance", self.max_distance, high=MOST)
        whole("max_trips", self.max_trips, low=1, high=1000)


@dataclass(frozen=True, slots=True, eq=False)
class Instance:
    """A routing problem. Node 0 is the depot, node k the k-th client.

    Attributes:
        name: of the file.
        depot: its window.
        clients: the visits.
        vehicle_types: the fleet.
        distances: int64 (n + 1, n + 1), what is paid for.
        durations: int64 (n + 1, n + 1), what takes time; often the same matrix.
        places: (x, y) of each node, or empty; used to divide large instances, never for costs.
    """

    name: str
    depot: Depot
    clients: tuple[Client, ...]
    vehicle_types: tuple[VehicleType, ...]
    distances: Matrix
    durations: Matrix
    places: tuple[tuple[float, float], ...] = ()

    def __post_init__(self) -> None:
        if not self.clients:
            raise ValueError("clients must hold at least one")
        if not self.vehicle_types:
            raise ValueError("vehicle types must hold at least one")
        size = len(self.clients) + 1
        for name, matrix in (("distances", self.distances), ("durations", self.durations)):
            if matrix.shape != (size, size):
                raise ValueError(f"{name} must be {size} x {size}, is {' x '.join(map(str, matrix.shape))}")
        widths = {len(each.demand) for each in self.clients}
        widths |= {len(each.capacity) for each in self.vehicle_types}
        if len(widths) != 1:
            raise ValueError("every demand and every capacity must have the same number of figures")

    @property
    def nodes(self) -> range:
        """Nodes of the clients."""
        return range(1, len(self.clients) + 1)

    @property
    def has_trips(self) -> bool:
        """Whether a vehicle may come back and leave again."""
        return any(each.max_trips > 1 for each in self.vehicle_types)

    def client(self, node: int) -> Client:
        """The client at a node."""
        return self.clients[node - 1]

    def may_visit(self, vehicle_type: int, node: int) -> bool:
        """Whether vehicles of a type reach a client at all."""
        allowed = self.client(node).vehicle_types
        return allowed is None or vehicle_type in allowed


def euclidean(places: Sequence[tuple[float, float]], *, scale: int, nearest: bool) -> Matrix:
    """Distances between points in the plane.

    Args:
        places: coordinates.
        scale: multiplied before rounding.
        nearest: round to the nearest whole number (half up, as VRPLIB's nint), else down.

    Returns:
        int64 (n, n).
    """
    points = np.asarray(places, dtype=np.float64)
    apart = np.hypot(*(points[:, None, axis] - points[None, :, axis] for axis in (0, 1))) * scale
    # Python's floor of an exact root: 10 x sqrt(k) for a square k must not lose one to rounding.
    return np.floor(apart + (0.5 if nearest else 1e-9)).astype(np.int64)


def scaled(value: float, scale: int) -> int:
    """A figure of a file in whole units, rounded down.

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"a finite number is expected, got {value!r}")
    return math.floor(value * scale + 1e-9)
