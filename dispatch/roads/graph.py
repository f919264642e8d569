"""Shortest times over a road network: its main component, places put on it, and Dijkstra between them.

Time and length travel through Dijkstra in one float64: milliseconds times 2**24 plus decimetres, both whole.
Sums stay exact below 2**53, that is for 149 hours and 1677 km; the fastest way wins, of equally fast ones the
shortest.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, dijkstra
from scipy.spatial import cKDTree

from dispatch.roads.network import Bools, Floats, Ints, Network, Passable
from dispatch.travel import EARTH_RADIUS_M, UNREACHABLE, Matrices

_LENGTH_BITS: Final = 24
_MS_PER_MIN: Final = 60_000
_DM_PER_M: Final = 10
# So many rows of Dijkstra's answer are held at once: 32 x 500,000 nodes are 128 MB.
_ROWS_AT_ONCE: Final = 32
_NOWHERE: Final = -1


@dataclass(frozen=True, slots=True, eq=False)
class Snapped:
    """Places on a network.

    Attributes:
        node: (places,) the nearest node of the main component, -1 where it is farther than the limit.
        nearest_m: (places,) to the nearest node that the vehicle may use at all.
    """

    node: Ints
    nearest_m: Floats


def main_component(passable: Passable, lon: float, lat: float, limit_m: float) -> Bools:
    """(nodes,) the part of the network that everything is reached in: from each of its nodes to each other.

    Of the parts with a node within the limit of the centre it is the largest, so that a yard beside the
    centre that nothing joins does not count; without such a part no node is in it.

    Args:
        passable: what the vehicle may use.
        lon, lat: of the centre, WGS-84 degrees.
        limit_m: how far the centre may be from a road.
    """
    network, usable = passable.network, passable.usable
    count = len(network.lon)
    near = usable & (_metres_from(network, lon, lat) <= limit_m)
    if not near.any():
        return near
    forward, backward = np.isfinite(passable.forward_ms), np.isfinite(passable.backward_ms)
    rows = np.concatenate([network.tail[forward], network.head[backward]])
    columns = np.concatenate([network.head[forward], network.tail[backward]])
    graph = csr_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(count, count))
    _, label = connected_components(graph, directed=True, connection="strong")
    sizes = np.bincount(label)
    beside = np.unique(label[near])
    return np.asarray(label == beside[sizes[beside].argmax()])


def snap(passable: Passable, main: Bools, lon: Floats, lat: Floats, limit_m: float) -> Snapped:
    """Put places on the nearest node of the main component.

    Args:
        passable: what the vehicle may use.
        main: (nodes,) the main component.
        lon, lat: (places,) WGS-84 degrees.
        limit_m: a place farther from any road stays where it is.
    """
    of_main, metres = _nearest(passable.network, main, lon, lat)
    _, nearest_m = _nearest(passable.network, passable.usable, lon, lat)
    return Snapped(np.where(metres <= limit_m, of_main, _NOWHERE), nearest_m)


def matrices(passable: Passable, main: Bools, nodes: Ints) -> Matrices:
    """Metres and minutes of the fastest ways between nodes.

    Args:
        passable: what the vehicle may use.
        main: (nodes,) the main component.
        nodes: (places,) a node of the main component for each place, -1 for a place that is nowhere.

    Returns:
        (places, places) metres and minutes, UNREACHABLE from and to a place that is nowhere.
    """
    metres = np.full((len(nodes), len(nodes)), UNREACHABLE, dtype=np.int64)
    minutes = metres.copy()
    placed = np.flatnonzero(nodes != _NOWHERE)
    if not len(placed):
        return Matrices(metres, minutes)
    asked, at = np.unique(nodes[placed], return_inverse=True)
    graph, rows = _compact(passable, main, asked)
    packed = np.concatenate(
        [
            dijkstra(graph, indices=rows[start : start + _ROWS_AT_ONCE])[:, rows]
            for start in range(0, len(rows), _ROWS_AT_ONCE)
        ]
    )
    # Inside a strongly connected component every answer is finite.
    whole = packed.astype(np.int64)[np.ix_(at, at)]
    cells = np.ix_(placed, placed)
    metres[cells] = np.rint((whole & ((1 << _LENGTH_BITS) - 1)) / _DM_PER_M).astype(np.int64)
    minutes[cells] = -(-(whole >> _LENGTH_BITS) // _MS_PER_MIN)
    return Matrices(metres, minutes)


def shortest_stretch(network: Network, node_a: int, node_b: int, limit_m: float) -> Bools | None:
    """The segments of the shortest way between two nodes, whoever may use it.

    Args:
        network: the network.
        node_a, node_b: its ends.
        limit_m: a longer way counts as none.

    Returns:
        (segments,) True on the way; None where there is no way within the limit.
    """
    count = len(network.lon)
    low, high = np.minimum(network.tail, network.head), np.maximum(network.tail, network.head)
    graph = _csr(low, high, network.length_m + 1e-3, count)
    _, before = dijkstra(graph, directed=False, indices=node_a, return_predecessors=True, limit=limit_m)
    keys: list[int] = []
    here = node_b
    while here != node_a:
        previous = int(before[here])
        if previous < 0:
            return None
        keys.append(min(here, previous) * count + max(here, previous))
        here = previous
    return np.isin(low * count + high, keys)


def nearest_node(network: Network, lon: float, lat: float) -> tuple[int, float]:
    """The nearest node that any segment ends at, and how many metres it is away."""
    joined = np.zeros(len(network.lon), dtype=bool)
    joined[network.tail] = joined[network.head] = True
    node, metres = _nearest(network, joined, np.array([lon]), np.array([lat]))
    return int(node[0]), float(metres[0])


def _metres_from(network: Network, lon: float, lat: float) -> Floats:
    """(nodes,) metres of every node from a point, on a plane that touches there."""
    north = np.radians(network.lat - lat)
    east = np.radians(network.lon - lon) * np.cos(np.radians(lat))
    return np.asarray(np.hypot(east, north) * EARTH_RADIUS_M, dtype=np.float64)


def _nearest(network: Network, among: Bools, lon: Floats, lat: Floats) -> tuple[Ints, Floats]:
    """The nearest of some nodes to every place, and the metres; inf where there are none to choose from."""
    candidates = np.flatnonzero(among)
    if not len(candidates):
        return np.full(len(lon), _NOWHERE, dtype=np.int64), np.full(len(lon), np.inf)
    # A plane that touches at the places' mean latitude: off by under 1 % over the width of a county.
    shrink = np.cos(np.radians(lat.mean()))
    known = np.radians(np.column_stack([network.lon[candidates] * shrink, network.lat[candidates]]))
    asked = np.radians(np.column_stack([lon * shrink, lat]))
    far, found = cKDTree(known).query(asked)
    return candidates[found], np.asarray(far * EARTH_RADIUS_M, dtype=np.float64)


def _compact(passable: Passable, main: Bools, kept: Ints) -> tuple[csr_array, Ints]:
    """The graph between crossings, dead ends and `kept`; points in mid-road are drawn together.

    Returns:
        The graph with packed weights, and the rows of the kept nodes in it.
    """
    network = passable.network
    inside = np.flatnonzero(passable.used & main[network.tail] & main[network.head])
    tail, head, way = network.tail[inside], network.head[inside], network.way[inside]
    count = len(network.lon)
    degree = np.bincount(tail, minlength=count) + np.bincount(head, minlength=count)
    through = degree == 2
    through[kept] = False
    # A chain goes on while the next segment of the same way begins where this one ends, in mid-road.
    goes_on = (head[:-1] == tail[1:]) & (way[:-1] == way[1:]) & through[head[:-1]]
    first = np.flatnonzero(np.concatenate([[True], ~goes_on])) if len(inside) else np.empty(0, np.int64)
    last = np.append(first[1:], len(inside)) - 1 if len(inside) else first
    length = np.add.reduceat(network.length_m[inside], first) if len(first) else np.empty(0)
    ends, weights = [], []
    for tails, heads, duration in (
        (tail[first], head[last], passable.forward_ms),
        (head[last], tail[first], passable.backward_ms),
    ):
        total = np.add.reduceat(duration[inside], first) if len(first) else np.empty(0)
        open_ = np.isfinite(total)
        ends.append(np.stack([tails[open_], heads[open_]]))
        weights.append(_packed(total[open_], length[open_]))
    nodes = np.unique(np.concatenate([*(end.ravel() for end in ends), kept]))
    rows = [np.searchsorted(nodes, end) for end in ends]
    graph = _csr(
        np.concatenate([row[0] for row in rows]),
        np.concatenate([row[1] for row in rows]),
        np.concatenate(weights),
        len(nodes),
    )
    return graph, np.searchsorted(nodes, kept)


def _packed(duration_ms: Floats, length_m: Floats) -> Floats:
    # At least a millisecond: csgraph takes an edge of weight 0 for none.
    return np.asarray(
        np.maximum(1.0, np.rint(duration_ms)) * 2**_LENGTH_BITS + np.rint(length_m * _DM_PER_M),
        dtype=np.float64,
    )


def _csr(rows: Ints, columns: Ints, weights: Floats, count: int) -> csr_array:
    """A sparse graph in which of parallel roads the lightest counts (scipy would add them up)."""
    order = np.lexsort((weights, columns, rows))
    rows, columns, weights = rows[order], columns[order], weights[order]
    first = np.ones(len(rows), dtype=bool)
    first[1:] = (rows[1:] != rows[:-1]) | (columns[1:] != columns[:-1])
    return csr_array((weights[first], (rows[first], columns[first])), shape=(count, count))
