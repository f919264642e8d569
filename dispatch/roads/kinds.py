"""How fast and how wide each kind of vehicle is, and which tags of a map are about it: rows of kinds.csv."""

import csv
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dispatch.county import VEHICLE_KINDS, VehicleKind

FOLDER: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class KindRow:
    """One kind of vehicle.

    Attributes:
        mean_speed_kmh, winding_factor: for distances without a map.
        top_speed_kmh: whatever the road allows.
        needs_width_m: of a road.
        maxspeed_share: of the speed on the sign that is driven on average.
        surfaces: whether a bad surface slows it.
        access_keys, oneway_keys: OpenStreetMap keys; the last one that a way has, holds.
    """

    mean_speed_kmh: float
    winding_factor: float
    top_speed_kmh: float
    needs_width_m: float
    maxspeed_share: float
    surfaces: bool
    access_keys: tuple[str, ...]
    oneway_keys: tuple[str, ...]


def rows_of(name: str) -> list[dict[str, str]]:
    """The rows of one of this package's tables."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@functools.cache
def kind_rows() -> Mapping[VehicleKind, KindRow]:
    """Every kind of vehicle with its row."""
    facts = {(row["kind"], row["fact"]): row["value"] for row in rows_of("kinds.csv")}
    return {
        kind: KindRow(
            mean_speed_kmh=float(facts[kind, "mean_speed_kmh"]),
            winding_factor=float(facts[kind, "winding_factor"]),
            top_speed_kmh=float(facts[kind, "top_speed_kmh"]),
            needs_width_m=float(facts[kind, "needs_width_m"]),
            maxspeed_share=float(facts[kind, "maxspeed_share"]),
            surfaces=facts[kind, "surfaces"] == "yes",
            access_keys=tuple(facts[kind, "access_keys"].split()),
            oneway_keys=tuple(facts[kind, "oneway_keys"].split()),
        )
        for kind in VEHICLE_KINDS
    }
