"""Distances from an OpenStreetMap extract, with the county's own list of closed roads."""

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads.closures import ClosureList, closed_segments, read_closures
from dispatch.roads.graph import Snapped, main_component, matrices, snap
from dispatch.roads.kinds import FOLDER
from dispatch.roads.network import Bools, Network, Passable
from dispatch.roads.provider import DEFAULT_SNAP_M, RoadsUnusableError
from dispatch.roads.reasons import unreachable
from dispatch.travel import Travel, Unreachable


@dataclass(frozen=True, slots=True)
class _Read:
    """A map that has been read, and which file it was."""

    stamp: tuple[int, int]
    sha256: str
    network: Network


@dataclass(slots=True)
class OsmRoads:
    """The provider that reads a map; it is read at the first question, and again when the file has changed.

    Attributes:
        path: of the extract (.osm.pbf, .osm, ...).
        closures: of the county's list of closed roads, None without one; read for every question.
        snap_m: a place farther than so many metres from a usable road is unreachable.
    """

    path: Path
    closures: Path | None = None
    snap_m: float = DEFAULT_SNAP_M
    _read: _Read | None = field(default=None, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        """Distances and times on the fastest way that a kind of vehicle may take on a day.

        Args:
            centre: becomes row 0.
            villages: rows 1..; one on record as without a road is taken at that word.
            kind: of vehicle.
            day: the county date; None passes every closure and season over.

        Raises:
            RoadsUnusableError: when map or list cannot be used, or the centre lies on no road of the map.
        """
        network = self._map().network
        places: list[Centre | Village] = [centre, *villages]
        passable = self._passable(network, kind, day)
        main, found = self._snap(passable, places)
        if found.node[0] < 0:
            raise RoadsUnusableError(self._without_centre(found, centre, network))
        nodes = found.node.copy()
        nodes[[not getattr(place, "has_road", True) for place in places]] = -1
        made = matrices(passable, main, nodes)
        return Travel(
            place_ids=tuple(place.id for place in places),
            metres=made.metres,
            minutes=made.minutes,
            source=self._source(network),
            unreachable=self._unreachable(places, nodes, found, kind, day),
        )

    def identity(self, kind: VehicleKind, day: date | None) -> Mapping[str, str]:
        """The map, the rules, and what is closed for the kind on that day.

        Raises:
            RoadsUnusableError: when map or list cannot be used.
        """
        read = self._map()
        passable = self._passable(read.network, kind, day)
        open_ = np.isfinite(np.stack([passable.forward_ms, passable.backward_ms]))
        return {
            "provider": "osm",
            "map": read.sha256,
            "rules": _rules_sha256(),
            "snap_m": repr(self.snap_m),
            "open": hashlib.sha256(np.packbits(open_).tobytes()).hexdigest(),
        }

    def network(self) -> Network:
        """The map as it is now.

        Raises:
            RoadsUnusableError: when it cannot be used.
        """
        return self._map().network

    def _map(self) -> _Read:
        # pyosmium is an extra, and a house without a map does not have it.
        try:
            from dispatch.roads.osm_read import read_network  # noqa: PLC0415
        except ModuleNotFoundError as error:
            raise RoadsUnusableError(
                f"a map needs {error.name}, which is not installed; run: pip install tangye[roads]"
            ) from None
        with self._lock:
            try:
                status = self.path.stat()
            except OSError as error:
                why = error.strerror or error
                raise RoadsUnusableError(f"the map {self.path} cannot be read: {why}") from None
            stamp = (status.st_size, status.st_mtime_ns)
            if self._read is None or self._read.stamp != stamp:
                network = read_network(self.path)
                with self.path.open("rb") as file:
                    sha256 = hashlib.file_digest(file, "sha256").hexdigest()
                self._read = _Read(stamp, sha256, network)
            return self._read

    def _passable(self, network: Network, kind: VehicleKind, day: date | None) -> Passable:
        listed = read_closures(self.closures) if self.closures is not None else ClosureList()
        in_force = listed.on(kind, day)
        closed: Bools | None = closed_segments(network, in_force, self.snap_m) if in_force else None
        return network.passable(kind, day, closed)

    def _snap(self, passable: Passable, places: Sequence[Centre | Village]) -> tuple[Bools, Snapped]:
        main = main_component(passable, places[0].lon, places[0].lat, self.snap_m)
        lon = np.array([place.lon for place in places], dtype=np.float64)
        lat = np.array([place.lat for place in places], dtype=np.float64)
        return main, snap(passable, main, lon, lat, self.snap_m)

    def _unreachable(
        self,
        places: Sequence[Centre | Village],
        nodes: np.ndarray[tuple[int, ...], np.dtype[np.int64]],
        found: Snapped,
        kind: VehicleKind,
        day: date | None,
    ) -> tuple[Unreachable, ...]:
        lost = [row for row in range(len(places)) if nodes[row] < 0]
        if not lost:
            return ()
        dry = self._reached_without_closures(places, kind) if day is not None else set()
        return tuple(self._why(places[row], row, row in dry, found, day) for row in lost)

    def _reached_without_closures(self, places: Sequence[Centre | Village], kind: VehicleKind) -> set[int]:
        passable = self._passable(self._map().network, kind, None)
        _, found = self._snap(passable, places)
        return set(np.flatnonzero(found.node >= 0).tolist())

    def _why(
        self, place: Centre | Village, row: int, dry: bool, found: Snapped, day: date | None
    ) -> Unreachable:
        if not getattr(place, "has_road", True):
            return unreachable(place, "no_road")
        if dry:
            return unreachable(place, "closed", day=day)
        if found.nearest_m[row] <= self.snap_m:
            return unreachable(place, "cut_off")
        metres = round(float(found.nearest_m[row]))
        return unreachable(place, "far_from_road", metres=metres, limit_m=f"{self.snap_m:g}")

    def _without_centre(self, found: Snapped, centre: Centre, network: Network) -> str:
        if (found.nearest_m > self.snap_m).all():
            used = np.concatenate([network.tail, network.head])
            lon, lat = network.lon[used], network.lat[used]
            return (
                f"the map {self.path} has no usable road within {self.snap_m:g} m of centre or villages; "
                f"its roads lie {lon.min():.2f} to {lon.max():.2f} E, {lat.min():.2f} to {lat.max():.2f} N"
            )
        return (
            f"{centre.name} is {found.nearest_m[0]:.0f} m from the nearest usable road of the map "
            f"{self.path}, more than {self.snap_m:g} m"
        )

    def _source(self, network: Network) -> str:
        data_of = f", {network.data_of}" if network.data_of else ""
        return f"© OpenStreetMap contributors ({self.path.name}{data_of})"


def _rules_sha256() -> str:
    digest = hashlib.sha256()
    for table in sorted(FOLDER.glob("*.csv")):
        digest.update(table.read_bytes())
    return digest.hexdigest()
