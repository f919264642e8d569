"""The provider as an operator says it."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dispatch.roads import Cached, GreatCircle, OsrmServer, RoadSettings, open_provider
from dispatch.roads.osm import OsmRoads


def _opened(settings: RoadSettings, folder: Path | None) -> object:
    return open_provider(settings, folder=folder, now=lambda: datetime(2026, 7, 1, tzinfo=UTC), warn=print)


def test_without_a_word_it_is_the_great_circle_which_is_not_kept(tmp_path: Path) -> None:
    assert _opened(RoadSettings(), tmp_path) == GreatCircle()
    assert _opened(RoadSettings(winding_factor=1.5), None) == GreatCircle(1.5)


def test_a_map_is_opened_with_its_closures_and_kept_where_there_is_a_folder(tmp_path: Path) -> None:
    settings = RoadSettings("osm:/srv/county.osm.pbf", closures="/srv/closures.csv", snap_m=500)
    bare = _opened(settings, None)
    assert isinstance(bare, OsmRoads)
    assert (bare.path, bare.closures, bare.snap_m) == (
        Path("/srv/county.osm.pbf"),
        Path("/srv/closures.csv"),
        500,
    )
    kept = _opened(settings, tmp_path)
    assert isinstance(kept, Cached)
    assert (kept.folder, kept.max_age.days, type(kept.inner)) == (tmp_path, 7, OsmRoads)


def test_servers_are_opened_for_the_kinds_that_have_one() -> None:
    settings = RoadSettings(
        "osrm:http://a:5000", osrm_foot="https://b/foot", osrm_timeout_s=3, osrm_table_size=50
    )
    server = _opened(settings, None)
    assert isinstance(server, OsrmServer)
    assert dict(server.urls) == {"van": "http://a:5000", "foot": "https://b/foot"}
    assert (server.timeout_s, server.table_size) == (3, 50)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"travel": "google"}, r"^travel must be great-circle, osm:PATH or osrm:URL, got 'google'$"),
        ({"travel": "http://me:secret@a"}, r"^travel must be great-circle, osm:PATH or osrm:URL$"),
        ({"travel": "osm:"}, r"^travel must be great-circle, osm:PATH or osrm:URL, got 'osm:'$"),
        ({"travel": "osrm:ftp://a"}, r"^travel must begin with http:// or https://"),
        ({"travel": "osrm:http://me:secret@a"}, r"^travel must not hold a user name or password$"),
        ({"travel": "osrm:http://a", "osrm_foot": "b"}, r"^osrm_foot must begin with http:// or https://"),
        ({"osrm_foot": "http://b"}, r"^osrm_foot needs a server for vans too: travel must be osrm:URL$"),
        ({"closures": "/x.csv"}, r"^closures needs a map: travel must be osm:PATH$"),
        ({"max_age_days": -1}, r"^max_age_days must be between 0 and 3650, got -1$"),
        ({"snap_m": 0}, r"^snap_m must be between 1 and 50000, got 0$"),
        ({"osrm_table_size": 1}, r"^osrm_table_size must be between 2 and 10000, got 1$"),
        ({"osrm_timeout_s": float("nan")}, r"^osrm_timeout_s must be a finite number, got nan$"),
        ({"winding_factor": 0.5}, r"^winding_factor must be between 1 and 10, got 0\.5$"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(fields: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        RoadSettings(**fields)  # type: ignore[arg-type]  # a test may break any field
