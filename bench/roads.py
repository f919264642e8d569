"""How long a map takes: a generated road network is written as .osm.pbf, read, and asked for matrices.

    python -m bench.roads [--nodes 500000] [--places 180] [--seed 1]

The network is generated, seeded, and no real county: crossings on a jittered grid, each road between two of
them drawn by several points, a third of the roads left out, a tenth one-way, speeds by class. Prints one JSON
document with process seconds of each step.
"""

import argparse
import json
import os
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import osmium
from osmium.osm import mutable

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads import Cached
from dispatch.roads.osm import OsmRoads

# Between two crossings; about what mapped rural roads have.
POINTS_PER_ROAD = 6
STEP_DEG = 0.004
WEST, SOUTH = 113.2, 29.2
CLASSES = ("tertiary", "unclassified", "unclassified", "residential", "track")
KINDS: tuple[VehicleKind, ...] = ("van", "motorbike", "foot")


def write_network(path: Path, nodes: int, seed: int) -> int:
    """Write a generated road network.

    Args:
        path: of the .osm.pbf, which must not exist.
        nodes: about how many.
        seed: of the generator.

    Returns:
        How many nodes it has.
    """
    draw = np.random.default_rng(seed)
    side = max(2, round((nodes / (1 + 2 * POINTS_PER_ROAD * 2 / 3)) ** 0.5))
    ways: list[list[int]] = []
    number = side * side
    with osmium.SimpleWriter(str(path)) as writer:
        place = [
            (WEST + (at % side + draw.uniform(-0.3, 0.3)) * STEP_DEG, SOUTH + (at // side) * STEP_DEG)
            for at in range(side * side)
        ]
        for at, location in enumerate(place):
            writer.add_node(mutable.Node(id=at + 1, location=location))
        for at in range(side * side):
            for other in ([at + 1] if (at + 1) % side else []) + ([at + side] if at + side < side**2 else []):
                if float(draw.random()) < 1 / 3:
                    continue
                (lon_a, lat_a), (lon_b, lat_b) = place[at], place[other]
                refs = [at + 1]
                for point in range(1, POINTS_PER_ROAD + 1):
                    share = point / (POINTS_PER_ROAD + 1)
                    number += 1
                    lon = lon_a + (lon_b - lon_a) * share + draw.uniform(-0.1, 0.1) * STEP_DEG
                    lat = lat_a + (lat_b - lat_a) * share + draw.uniform(-0.1, 0.1) * STEP_DEG
                    writer.add_node(mutable.Node(id=number, location=(lon, lat)))
                    refs.append(number)
                ways.append([*refs, other + 1])
        for row, refs in enumerate(ways):
            tags = {"highway": CLASSES[int(draw.integers(len(CLASSES)))]}
            if draw.random() < 0.1:
                tags["oneway"] = "yes"
            writer.add_way(mutable.Way(id=row + 1, nodes=refs, tags=tags))
    return number


def main() -> None:
    """Generate, read, ask, and print how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, default=500_000)
    parser.add_argument("--places", type=int, default=180)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    figures: dict[str, object] = {"asked_nodes": asked.nodes, "places": asked.places, "seed": asked.seed}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "county.osm.pbf"
        figures["nodes"] = write_network(path, asked.nodes, asked.seed)
        figures["file_kib"] = path.stat().st_size // 1024
        roads = OsmRoads(path)
        began = time.process_time()
        network = roads.network()
        figures["read_s"] = round(time.process_time() - began, 2)
        figures["segments"] = len(network.tail)
        east, north = float(network.lon.max()), float(network.lat.max())
        draw = np.random.default_rng(asked.seed)
        spots = [
            (draw.uniform(WEST + 0.05, east - 0.05), draw.uniform(SOUTH + 0.05, north - 0.05))
            for _ in range(asked.places)
        ]
        centre = Centre("C", "centre", (WEST + east) / 2, (SOUTH + north) / 2)
        villages = [Village(f"V{row}", f"village {row}", *spot) for row, spot in enumerate(spots)]
        day = date(2026, 7, 1)
        for kind in KINDS:
            began = time.process_time()
            travel = roads.travel(centre, villages, kind, day)
            figures[f"{kind}_s"] = round(time.process_time() - began, 2)
            figures[f"{kind}_unreachable"] = len(travel.unreachable)
            figures[f"{kind}_farthest_min"] = int(travel.minutes.max())
        kept = Cached(roads, Path(folder) / "kept", timedelta(days=7), lambda: datetime.now(UTC), print)
        kept.travel(centre, villages, "van", day)
        began = time.process_time()
        kept.travel(centre, villages, "van", day)
        figures["van_again_from_files_s"] = round(time.process_time() - began, 2)
    figures["load_average"] = round(os.getloadavg()[0], 1)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
