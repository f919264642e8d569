"""How long a map takes, and whether its distances are those of OSRM.

    python -m bench.roads [--nodes 500000] [--places 180] [--seed 1] [--map FILE.osm.pbf] [--osrm URL]

A road network is generated (seeded, no real county: crossings on a jittered grid, each road between two of
them drawn by several points, a third of the roads left out, a tenth one-way, speeds by class), written as
.osm.pbf, read, and asked for matrices. Prints one JSON document with process seconds of each step.

`--map` keeps the file, and uses it where it is there already. `--osrm` asks a server made from that file too
(osrm-extract -p car.lua, osrm-partition, osrm-customize, osrm-routed) and says how far its van is from ours.
"""

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import osmium
from osmium.osm import mutable

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads import Cached, OsrmServer
from dispatch.roads.network import Network
from dispatch.roads.osm import OsmRoads
from dispatch.travel import UNREACHABLE, Travel

# Between two crossings; about what mapped rural roads have.
POINTS_PER_ROAD = 6
STEP_DEG = 0.004
WEST, SOUTH = 113.2, 29.2
# Classes to which OSRM's car.lua and our rows give the same speed.
CLASSES = ("secondary", "tertiary", "unclassified", "unclassified", "residential")
KINDS: tuple[VehicleKind, ...] = ("van", "motorbike", "foot")
DAY = date(2026, 7, 1)


def write_network(path: Path, nodes: int, seed: int) -> None:
    """Write a generated road network.

    Args:
        path: of the .osm.pbf, which must not exist.
        nodes: about how many.
        seed: of the generator.
    """
    draw = np.random.default_rng(seed)
    side = max(2, round((nodes / (1 + 2 * POINTS_PER_ROAD * 2 / 3)) ** 0.5))
    crossings = side * side
    place = [
        (WEST + (at % side + draw.uniform(-0.3, 0.3)) * STEP_DEG, SOUTH + (at // side) * STEP_DEG)
        for at in range(crossings)
    ]
    ways: list[list[int]] = []
    number = crossings
    with osmium.SimpleWriter(str(path)) as writer:
        for at, location in enumerate(place):
            writer.add_node(mutable.Node(id=at + 1, location=location))
        for at in range(crossings):
            beside = [at + 1] if (at + 1) % side else []
            beside += [at + side] if at + side < crossings else []
            for other in beside:
                if float(draw.random()) < 1 / 3:
                    continue
                inner = []
                for location in _between(place[at], place[other], draw):
                    number += 1
                    writer.add_node(mutable.Node(id=number, location=location))
                    inner.append(number)
                ways.append([at + 1, *inner, other + 1])
        for row, refs in enumerate(ways):
            tags = {"highway": CLASSES[int(draw.integers(len(CLASSES)))]}
            if draw.random() < 0.1:
                tags["oneway"] = "yes"
            writer.add_way(mutable.Way(id=row + 1, nodes=refs, tags=tags))


def _between(
    start: tuple[float, float], end: tuple[float, float], draw: np.random.Generator
) -> list[tuple[float, float]]:
    shares = [point / (POINTS_PER_ROAD + 1) for point in range(1, POINTS_PER_ROAD + 1)]
    return [
        (
            start[0] + (end[0] - start[0]) * share + draw.uniform(-0.1, 0.1) * STEP_DEG,
            start[1] + (end[1] - start[1]) * share + draw.uniform(-0.1, 0.1) * STEP_DEG,
        )
        for share in shares
    ]


def places_of(network: Network, count: int, seed: int) -> tuple[Centre, list[Village]]:
    """A centre and villages at crossings, so that no server can put them on another road than we do."""
    degree = np.bincount(np.concatenate([network.tail, network.head]), minlength=len(network.lon))
    chosen = np.random.default_rng(seed).choice(np.flatnonzero(degree >= 3), count + 1, replace=False)
    spots = [(float(network.lon[node]), float(network.lat[node])) for node in chosen]
    villages = [Village(f"V{row}", f"village {row}", *spot) for row, spot in enumerate(spots[1:])]
    return Centre("C", "centre", *spots[0]), villages


def against(ours: Travel, theirs: Travel) -> dict[str, Any]:
    """How far two travels of the same places are apart."""
    both = (ours.minutes > 0) & (theirs.minutes > 0)
    apart = np.abs(theirs.metres[both] - ours.metres[both]) / ours.metres[both]
    ratio = theirs.minutes[both] / ours.minutes[both]
    return {
        "pairs": int(both.sum()),
        "pairs_only_one_reaches": int(
            ((ours.minutes == UNREACHABLE) != (theirs.minutes == UNREACHABLE)).sum()
        ),
        "metres_within_1_percent": round(float((apart < 0.01).mean()), 4),
        "minutes_ratio_5_50_95_percent": np.percentile(ratio, [5, 50, 95]).round(3).tolist(),
    }


def measured(path: Path, asked: argparse.Namespace, kept_in: Path) -> dict[str, Any]:
    """Read the map and ask it, with process seconds of each step."""
    roads = OsmRoads(path)
    began = time.process_time()
    network = roads.network()
    figures: dict[str, Any] = {"read_s": round(time.process_time() - began, 2)}
    figures |= {"nodes": len(network.lon), "segments": len(network.tail)}
    centre, villages = places_of(network, asked.places, asked.seed)
    for kind in KINDS:
        began = time.process_time()
        travel = roads.travel(centre, villages, kind, DAY)
        figures[kind] = {
            "s": round(time.process_time() - began, 2),
            "unreachable": len(travel.unreachable),
            "farthest_min": int(travel.minutes.max()),
        }
    kept = Cached(roads, kept_in, timedelta(days=7), lambda: datetime.now(UTC), print)
    ours = kept.travel(centre, villages, "van", DAY)
    began = time.process_time()
    kept.travel(centre, villages, "van", DAY)
    figures["van_again_from_files_s"] = round(time.process_time() - began, 3)
    if asked.osrm:
        theirs = OsrmServer({"van": asked.osrm}).travel(centre, villages, "van", DAY)
        figures["osrm"] = against(ours, theirs)
    return figures


def main() -> None:
    """Generate, read, ask, and print how long it took."""
    parser = argparse.ArgumentParser(description="how long a map takes")
    parser.add_argument("--nodes", type=int, default=500_000)
    parser.add_argument("--places", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--map", type=Path)
    parser.add_argument("--osrm")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = asked.map or Path(folder) / "county.osm.pbf"
        if not path.exists():
            write_network(path, asked.nodes, asked.seed)
        figures = {"seed": asked.seed, "places": asked.places, "file_kib": path.stat().st_size // 1024}
        figures |= measured(path, asked, Path(folder) / "kept")
    print(json.dumps(figures | {"load_average": round(os.getloadavg()[0], 1)}))


if __name__ == "__main__":
    main()
