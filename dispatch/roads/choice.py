"""Which provider of distances is used, as an operator says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from dispatch.county import VehicleKind
from dispatch.guard import number, whole
from dispatch.roads.cache import Cached, Clock, Warn
from dispatch.roads.great_circle import GreatCircle
from dispatch.roads.osrm import DEFAULT_TABLE_SIZE, DEFAULT_TIMEOUT_S, OsrmServer, refuse_address
from dispatch.roads.provider import DEFAULT_SNAP_M, Provider

GREAT_CIRCLE: Final = "great-circle"


@dataclass(frozen=True, slots=True)
class RoadSettings:
    """What an operator says about distances.

    Attributes:
        travel: "great-circle", "osm:/path/to/extract.osm.pbf" or "osrm:http://server:port".
        max_age_days: kept matrices that are older are made anew.
        snap_m: a place farther than so many metres from a usable road is unreachable.
        closures: path of the county's list of closed roads, "" without one; for a map only.
        winding_factor: of the great circle; None takes that of each kind's row.
        osrm_motorbike, osrm_foot: addresses of those kinds' own servers, "" without one.
        osrm_timeout_s: of one request.
        osrm_table_size: the most places in one request; the server's --max-table-size.

    Raises:
        ValueError: naming what cannot be used.
    """

    travel: str = GREAT_CIRCLE
    max_age_days: int = 7
    snap_m: int = DEFAULT_SNAP_M
    closures: str = ""
    winding_factor: float | None = None
    osrm_motorbike: str = ""
    osrm_foot: str = ""
    osrm_timeout_s: float = DEFAULT_TIMEOUT_S
    osrm_table_size: int = DEFAULT_TABLE_SIZE

    def __post_init__(self) -> None:
        scheme, rest = self._parts
        if self.travel != GREAT_CIRCLE and (scheme not in ("osm", "osrm") or not rest):
            # What stands before an @ may be a password.
            shown = "" if "@" in self.travel else f", got {self.travel!r}"
            raise ValueError(f"travel must be great-circle, osm:PATH or osrm:URL{shown}")
        whole("max_age_days", self.max_age_days, low=0, high=3650)
        whole("snap_m", self.snap_m, low=1, high=50_000)
        whole("osrm_table_size", self.osrm_table_size, low=2, high=10_000)
        number("osrm_timeout_s", self.osrm_timeout_s, low=0.1, high=600)
        if self.winding_factor is not None:
            number("winding_factor", self.winding_factor, low=1, high=10)
        if self.closures and scheme != "osm":
            raise ValueError("closures needs a map: travel must be osm:PATH")
        if scheme == "osrm":
            refuse_address("travel", rest)
        for name in ("osrm_motorbike", "osrm_foot"):
            if url := getattr(self, name):
                if scheme != "osrm":
                    raise ValueError(f"{name} needs a server for vans too: travel must be osrm:URL")
                refuse_address(name, url)

    @property
    def _parts(self) -> tuple[str, str]:
        scheme, _, rest = self.travel.partition(":")
        return scheme, rest

    def provider(self) -> Provider:
        """What the settings name, before anything is kept."""
        scheme, rest = self._parts
        if scheme == "osm":
            # Heavy: scipy's graphs, which only a house with a map needs.
            from dispatch.roads.osm import OsmRoads  # noqa: PLC0415

            closures = Path(self.closures).expanduser() if self.closures else None
            return OsmRoads(Path(rest).expanduser(), closures, self.snap_m)
        if scheme == "osrm":
            urls: dict[VehicleKind, str] = {
                "van": rest,
                "motorbike": self.osrm_motorbike,
                "foot": self.osrm_foot,
            }
            known: Mapping[VehicleKind, str] = {kind: url for kind, url in urls.items() if url}
            return OsrmServer(known, self.snap_m, self.osrm_timeout_s, self.osrm_table_size)
        return GreatCircle(self.winding_factor)


def open_provider(settings: RoadSettings, *, folder: Path | None, now: Clock, warn: Warn) -> Provider:
    """The provider that the settings name.

    Args:
        settings: what the operator said.
        folder: where matrices are kept; None keeps none. Great circles are quicker made than kept.
        now: tells the time, aware; the age of kept matrices is counted from it.
        warn: told one sentence for each thing that people should know.

    Returns:
        The provider; nothing is read before its first `travel`.
    """
    provider = settings.provider()
    if folder is None or settings.travel == GREAT_CIRCLE:
        return provider
    return Cached(provider, folder, timedelta(days=settings.max_age_days), now, warn)
