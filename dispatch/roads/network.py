"""A road network as arrays, as it is read once, and what of it a kind of vehicle may use on a day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from dispatch.county import VehicleKind
from dispatch.roads.profile import passes_node, speeds_kmh
from dispatch.travel import EARTH_RADIUS_M

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Metres at 1 km/h take so many milliseconds each.
_MS_AT_1_KMH: Final = 3600.0


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """Points joined by straight segments; the segments of one way lie one after the other, in its direction.

    Attributes:
        lon, lat: (nodes,) WGS-84 degrees.
        tail, head: (segments,) indices of nodes; the way runs from tail to head.
        length_m: (segments,) metres.
        way: (segments,) index into way_ids and way_tags.
        way_ids: (ways,) OpenStreetMap ids.
        way_tags: (ways,) index into tags; ways with equal tags share one.
        tags: what profile.way_keys says of ways.
        gates: index of a node to its tags, for barriers and fords.
        data_of: the day of the map's data as the file says it, "" where it does not.
    """

    lon: Floats
    lat: Floats
    tail: Ints
    head: Ints
    length_m: Floats
    way: Ints
    way_ids: Ints
    way_tags: Ints
    tags: tuple[Mapping[str, str], ...]
    gates: Mapping[int, Mapping[str, str]]
    data_of: str = ""

    def passable(self, kind: VehicleKind, day: date | None, closed: Bools | None = None) -> "Passable":
        """What a kind of vehicle may use.

        Args:
            kind: of vehicle.
            day: the county date; None passes every season over.
            closed: (segments,) True where the county itself has closed the road.
        """
        speeds = np.array([speeds_kmh(each, kind, day) for each in self.tags], dtype=np.float64)
        of_segment = speeds.reshape(-1, 2)[self.way_tags[self.way]]
        shut = np.zeros(len(self.lon), dtype=bool)
        for node, tags in self.gates.items():
            shut[node] = not passes_node(tags, kind, day)
        # A road that ends at a shut gate is lost up to its next point, a few metres on most maps.
        lost = shut[self.tail] | shut[self.head]
        if closed is not None:
            lost |= closed
        of_segment[lost] = 0.0
        duration_ms = np.full(of_segment.shape, np.inf)
        at_1_kmh = self.length_m[:, None] * _MS_AT_1_KMH
        np.divide(at_1_kmh, of_segment, out=duration_ms, where=of_segment > 0)
        return Passable(self, duration_ms[:, 0], duration_ms[:, 1])


@dataclass(frozen=True, slots=True, eq=False)
class Passable:
    """The network as one kind of vehicle finds it on one day.

    Attributes:
        network: the network.
        forward_ms, backward_ms: (segments,) milliseconds along and against the way, inf where it may not go.
    """

    network: Network
    forward_ms: Floats
    backward_ms: Floats

    @property
    def used(self) -> Bools:
        """(segments,) whether a segment can be used in either direction."""
        return np.isfinite(self.forward_ms) | np.isfinite(self.backward_ms)

    @property
    def usable(self) -> Bools:
        """(nodes,) whether a segment that can be used ends at a node."""
        found = np.zeros(len(self.network.lon), dtype=bool)
        found[self.network.tail[self.used]] = found[self.network.head[self.used]] = True
        return found


def segment_lengths_m(lon: Floats, lat: Floats, tail: Ints, head: Ints) -> Floats:
    """Great-circle metres of every segment (haversine)."""
    phi, lam = np.radians(lat), np.radians(lon)
    root = np.sin((phi[head] - phi[tail]) / 2) ** 2
    root += np.cos(phi[tail]) * np.cos(phi[head]) * np.sin((lam[head] - lam[tail]) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(root))), dtype=np.float64)
