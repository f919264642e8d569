"""Distances and driving times between places."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatch.county import Centre, TravelSettings, Village

EARTH_RADIUS_M = 6_371_008.8
UNREACHABLE = -1

IntMatrix = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Square matrices over `place_ids`, the centre first.

    Attributes:
        place_ids: the n places, in the order of the rows and columns.
        metres: (n, n) int64, road metres, UNREACHABLE (-1) where there is no road.
        minutes: (n, n) int64, minutes rounded up, UNREACHABLE in the same cells.
    """

    place_ids: tuple[str, ...]
    metres: IntMatrix
    minutes: IntMatrix

    def __post_init__(self) -> None:
        shape = (len(self.place_ids), len(self.place_ids))
        for field, matrix in (("metres", self.metres), ("minutes", self.minutes)):
            if matrix.shape != shape or not np.issubdtype(matrix.dtype, np.integer):
                raise ValueError(f"travel {field} must be whole numbers of shape {shape}, got {matrix.shape}")
            if (matrix < UNREACHABLE).any():
                raise ValueError(f"travel {field} holds a negative value that is not {UNREACHABLE}")
        if ((self.metres == UNREACHABLE) != (self.minutes == UNREACHABLE)).any():
            raise ValueError("travel metres and minutes disagree on which pairs have no road")
        if len(set(self.place_ids)) != len(self.place_ids):
            raise ValueError("travel place_ids holds a place twice")

    def index(self) -> dict[str, int]:
        """Row of every place."""
        return {place: row for row, place in enumerate(self.place_ids)}

    def connected(self, row: int) -> bool:
        """Whether one can drive from the centre to the place and back."""
        return bool(self.minutes[0, row] != UNREACHABLE and self.minutes[row, 0] != UNREACHABLE)


def drive_minutes(minutes: IntMatrix, speed_factor: float) -> IntMatrix:
    """Minutes of one vehicle: the matrix divided by its speed factor, rounded up; UNREACHABLE stays.

    Args:
        minutes: any shape, minutes.
        speed_factor: 1.0 is the matrix' own speed.
    """
    # The small subtraction keeps an exact quotient such as 9 / 0.9 from being rounded up to 11.
    scaled = np.ceil(minutes / speed_factor - 1e-9).astype(np.int64)
    return np.where(minutes == UNREACHABLE, UNREACHABLE, scaled)


def great_circle_m(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Metres between two points on the mean sphere (haversine; Sinnott, Sky & Telescope 68(2), 1984)."""
    half_lat = math.radians(lat_b - lat_a) / 2
    half_lon = math.radians(lon_b - lon_a) / 2
    root = math.sin(half_lat) ** 2
    root += math.cos(math.radians(lat_a)) * math.cos(math.radians(lat_b)) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(root)))


def great_circle_travel(
    centre: Centre, villages: Sequence[Village], settings: TravelSettings | None = None
) -> Travel:
    """Travel estimated from coordinates: great circle times the winding factor, at the mean speed.

    Args:
        centre: becomes row 0.
        villages: rows 1.., a village without a road is UNREACHABLE from and to everywhere.
        settings: winding factor (1.35 by default, a usual figure for hilly rural roads, not measured in the
            county) and mean speed (km/h).
    """
    settings = settings or TravelSettings()
    places: list[Centre | Village] = [centre, *villages]
    lon = np.radians(np.array([place.lon for place in places], dtype=np.float64))
    lat = np.radians(np.array([place.lat for place in places], dtype=np.float64))
    root = np.sin((lat[:, None] - lat[None, :]) / 2) ** 2
    root += np.cos(lat)[:, None] * np.cos(lat)[None, :] * np.sin((lon[:, None] - lon[None, :]) / 2) ** 2
    line_m = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(root)))
    metres = np.rint(line_m * settings.winding_factor).astype(np.int64)
    minutes = np.ceil(metres * 60 / (settings.mean_speed_kmh * 1000) - 1e-9).astype(np.int64)
    cut_off = np.array([not getattr(place, "has_road", True) for place in places], dtype=bool)
    lost = cut_off[:, None] | cut_off[None, :]
    metres[lost] = UNREACHABLE
    minutes[lost] = UNREACHABLE
    return Travel(place_ids=tuple(place.id for place in places), metres=metres, minutes=minutes)


def villages_without_road(travel: Travel) -> tuple[str, ...]:
    """Ids of the places that cannot be reached from the centre and left again."""
    return tuple(place for row, place in enumerate(travel.place_ids) if row and not travel.connected(row))
