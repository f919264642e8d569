"""Reads an OpenStreetMap extract (.osm.pbf, .osm, .osm.bz2, ...) into a Network, by pyosmium."""

from array import array
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import osmium

from dispatch.roads.network import Network, segment_lengths_m
from dispatch.roads.profile import GATES, node_keys, way_keys
from dispatch.roads.provider import RoadsUnusableError

# Stands between two ways, or where a way leaves the extract and its node is not in the file.
_GAP = -(2**62)


@dataclass(slots=True)
class _Gathered:
    """What is read, way after way: a node's id and place for every step, _GAP where the line breaks off."""

    refs: "array[int]" = field(default_factory=lambda: array("q"))
    lon: "array[float]" = field(default_factory=lambda: array("d"))
    lat: "array[float]" = field(default_factory=lambda: array("d"))
    ways: "array[int]" = field(default_factory=lambda: array("q"))
    way_ids: "array[int]" = field(default_factory=lambda: array("q"))
    way_tags: "array[int]" = field(default_factory=lambda: array("q"))
    tags: dict[tuple[tuple[str, str], ...], int] = field(default_factory=dict)
    gates: dict[int, Mapping[str, str]] = field(default_factory=dict)

    def step(self, ref: int, lon: float, lat: float) -> None:
        self.refs.append(ref)
        self.lon.append(lon)
        self.lat.append(lat)
        self.ways.append(len(self.way_ids) - 1)


def read_network(path: Path) -> Network:
    """Read the roads of an extract.

    Args:
        path: of the file; its name says its format.

    Returns:
        All ways with a highway tag, whoever may use them.

    Raises:
        RoadsUnusableError: when the file is missing, broken, no regular file or holds no road.
    """
    try:
        file = _regular(path)
        gathered = _gather(file)
        data_of = _data_of(file)
    except (RuntimeError, OSError) as error:
        # pyosmium raises RuntimeError for whatever is wrong with a file, UnicodeDecodeError aside.
        why = " ".join(str(error).split())
        raise RoadsUnusableError(f"the map {path} cannot be read: {why}") from None
    except UnicodeDecodeError:
        raise RoadsUnusableError(f"the map {path} cannot be read: a tag is not UTF-8") from None
    network = _network(gathered, data_of)
    if not len(network.tail):
        raise RoadsUnusableError(f"the map {path} holds no road")
    return network


def _regular(path: Path) -> Path:
    # libosmium fetches what looks like an address and reads its standard input for "-"; what begins with /
    # is a file to it.
    try:
        found = path.resolve(strict=True)
    except OSError as error:
        raise OSError(error.strerror or error) from None
    except ValueError:
        raise OSError("its name is no name of a file") from None
    if not found.is_file():
        raise OSError("it is no regular file")
    return found


def _gather(path: Path) -> _Gathered:
    found = _Gathered()
    wanted, of_node = way_keys(), node_keys()
    roads, points = osmium.filter.KeyFilter("highway"), osmium.filter.KeyFilter(*GATES)
    roads.enable_for(osmium.osm.WAY)
    points.enable_for(osmium.osm.NODE)
    entities = osmium.osm.NODE | osmium.osm.WAY
    reader = osmium.FileProcessor(str(path), entities).with_locations().with_filter(roads).with_filter(points)
    for item in reader:
        if isinstance(item, osmium.osm.Node):
            found.gates[item.id] = {tag.k: tag.v for tag in item.tags if tag.k in of_node}
        elif isinstance(item, osmium.osm.Way):
            tags = tuple(sorted((tag.k, tag.v) for tag in item.tags if tag.k in wanted))
            found.way_ids.append(item.id)
            found.way_tags.append(found.tags.setdefault(tags, len(found.tags)))
            for node in item.nodes:
                if node.location.valid():
                    found.step(node.ref, node.lon, node.lat)
                else:
                    found.step(_GAP, 0.0, 0.0)
            found.step(_GAP, 0.0, 0.0)
    return found


def _data_of(path: Path) -> str:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        return str(reader.header().get("osmosis_replication_timestamp", ""))[:10]


def _network(found: _Gathered, data_of: str) -> Network:
    refs = np.frombuffer(found.refs, dtype=np.int64) if found.refs else np.empty(0, np.int64)
    ways = np.frombuffer(found.ways, dtype=np.int64) if found.ways else np.empty(0, np.int64)
    ids, first, node = np.unique(refs, return_index=True, return_inverse=True)
    joined = (refs[:-1] != _GAP) & (refs[1:] != _GAP) & (refs[:-1] != refs[1:])
    lon = np.asarray(found.lon, dtype=np.float64)[first]
    lat = np.asarray(found.lat, dtype=np.float64)[first]
    tail, head = node[:-1][joined], node[1:][joined]
    gate_ids = np.fromiter(found.gates, dtype=np.int64, count=len(found.gates))
    on_road = np.isin(gate_ids, ids)
    rows = np.searchsorted(ids, gate_ids[on_road])
    return Network(
        lon=lon,
        lat=lat,
        tail=tail,
        head=head,
        length_m=segment_lengths_m(lon, lat, tail, head),
        way=ways[:-1][joined],
        way_ids=np.asarray(found.way_ids, dtype=np.int64),
        way_tags=np.asarray(found.way_tags, dtype=np.int64),
        tags=tuple(dict(each) for each in found.tags),
        gates={int(row): found.gates[int(ref)] for row, ref in zip(rows, gate_ids[on_road], strict=True)},
        data_of=data_of,
    )
