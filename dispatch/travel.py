"""Distances and driving times between places."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from dispatch.county import VEHICLE_KINDS, Centre, TravelSettings, Vehicle, VehicleKind, Village

EARTH_RADIUS_M = 6_371_008.8
UNREACHABLE = -1

IntMatrix = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A place that one cannot drive to and back from, and why.

    Attributes:
        place_id, name: the village.
        code: of dispatch.roads.reasons, "no_road" for instance.
        zh, en: the reason as one sentence.
        kind: the vehicles it holds for, None for all of them.
    """

    place_id: str
    name: str
    code: str
    zh: str
    en: str
    kind: VehicleKind | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Matrices:
    """Metres and minutes between all places, for one kind of vehicle.

    Attributes:
        metres: (n, n) int64, road metres, UNREACHABLE (-1) where there is no road.
        minutes: (n, n) int64, minutes rounded up, UNREACHABLE in the same cells.
    """

    metres: IntMatrix
    minutes: IntMatrix

    def __post_init__(self) -> None:
        _refuse_unless_of(len(self.metres), self.metres, self.minutes)

    def connected(self, row: int) -> bool:
        """Whether one can drive from the centre to the place and back."""
        return bool(self.minutes[0, row] != UNREACHABLE and self.minutes[row, 0] != UNREACHABLE)


@dataclass(frozen=True, slots=True, eq=False)
class Travel:
    """Square matrices over `place_ids`, the centre first.

    Attributes:
        place_ids: the n places, in the order of the rows and columns.
        metres: (n, n) int64, road metres, UNREACHABLE (-1) where there is no road; a van's.
        minutes: (n, n) int64, minutes rounded up, UNREACHABLE in the same cells; a van's.
        by_kind: the matrices of kinds that do not travel as a van does.
        made_at: aware UTC, when the distances were made; None for those made on the spot.
        source: where they come from, in words for people.
        unreachable: the places without a way, and why.
    """

    place_ids: tuple[str, ...]
    metres: IntMatrix
    minutes: IntMatrix
    by_kind: Mapping[VehicleKind, Matrices] = field(default_factory=dict)
    made_at: datetime | None = None
    source: str = ""
    unreachable: tuple[Unreachable, ...] = ()

    def __post_init__(self) -> None:
        places = len(self.place_ids)
        _refuse_unless_of(places, self.metres, self.minutes)
        for each in self.by_kind.values():
            _refuse_unless_of(places, each.metres, each.minutes)
        if unknown := sorted(set(self.by_kind) - set(VEHICLE_KINDS)):
            raise ValueError(f"travel by_kind holds no kind of vehicle: {unknown[0]!r}")
        if len(set(self.place_ids)) != len(self.place_ids):
            raise ValueError("travel place_ids holds a place twice")
        if self.made_at is not None and self.made_at.tzinfo is None:
            raise ValueError("travel made_at must say its time zone")

    def index(self) -> dict[str, int]:
        """Row of every place."""
        return {place: row for row, place in enumerate(self.place_ids)}

    def of_kind(self, kind: VehicleKind) -> Matrices:
        """The matrices of a kind of vehicle, before any vehicle's own speed_factor."""
        return self.by_kind.get(kind) or Matrices(self.metres, self.minutes)

    def metres_of(self, vehicle: Vehicle) -> IntMatrix:
        """Road metres for one vehicle: (n, n) int64, UNREACHABLE where its kind finds no road."""
        return self.of_kind(vehicle.kind).metres.astype(np.int64, copy=False)

    def minutes_of(self, vehicle: Vehicle) -> IntMatrix:
        """Minutes of one vehicle: (n, n) int64, those of its kind divided by its speed_factor, rounded up."""
        return drive_minutes(self.of_kind(vehicle.kind).minutes, vehicle.speed_factor)

    def connected(self, row: int, kind: VehicleKind | None = None) -> bool:
        """Whether one can drive from the centre to the place and back.

        Args:
            row: of the place.
            kind: of vehicle; None asks whether any kind can.
        """
        kinds = VEHICLE_KINDS if kind is None else (kind,)
        return any(self.of_kind(each).connected(row) for each in kinds)

    def closed(self, place_ids: Collection[str] = (), pairs: Collection[tuple[str, str]] = ()) -> "Travel":
        """The same roads with places cut off, or single pairs of places, for every kind of vehicle.

        Args:
            place_ids: UNREACHABLE from and to everywhere.
            pairs: UNREACHABLE from the first to the second and back; others are not led around by it, since
                the matrices do not say which roads a way takes.

        Raises:
            ValueError: naming a place that has no row.
        """
        rows = self.index()
        unknown = sorted({*place_ids, *(place for pair in pairs for place in pair)} - set(rows))
        if unknown:
            raise ValueError(f"travel has no place {unknown[0]!r}")
        lost = np.zeros(self.metres.shape, dtype=bool)
        for place in place_ids:
            lost[rows[place], :] = lost[:, rows[place]] = True
        for one, other in pairs:
            lost[rows[one], rows[other]] = lost[rows[other], rows[one]] = True
        own = _without(Matrices(self.metres, self.minutes), lost)
        return replace(
            self,
            metres=own.metres,
            minutes=own.minutes,
            by_kind={kind: _without(each, lost) for kind, each in self.by_kind.items()},
        )


def _refuse_unless_of(places: int, metres: IntMatrix, minutes: IntMatrix) -> None:
    shape = (places, places)
    for name, matrix in (("metres", metres), ("minutes", minutes)):
        if matrix.shape != shape or not np.issubdtype(matrix.dtype, np.integer):
            raise ValueError(f"travel {name} must be whole numbers of shape {shape}, got {matrix.shape}")
        if (matrix < UNREACHABLE).any():
            raise ValueError(f"travel {name} holds a negative value that is not {UNREACHABLE}")
    if ((metres == UNREACHABLE) != (minutes == UNREACHABLE)).any():
        raise ValueError("travel metres and minutes disagree on which pairs have no road")


def _without(matrices: Matrices, lost: npt.NDArray[np.bool_]) -> Matrices:
    return Matrices(
        np.where(lost, UNREACHABLE, matrices.metres), np.where(lost, UNREACHABLE, matrices.minutes)
    )


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
