"""Small maps in OpenStreetMap's XML, drawn on a metre grid around a centre."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

import pytest

from dispatch.county import Centre, Village
from dispatch.travel import EARTH_RADIUS_M

Point = tuple[float, float]
Tags = Mapping[str, str]

METRES_NORTH = math.radians(1) * EARTH_RADIUS_M


@dataclass(frozen=True)
class Grid:
    """Places and map files by metres east and north of a centre, right to 1 in 2000 within 10 km."""

    folder: Path
    lon: float = 113.45
    lat: float = 29.47

    def spot(self, point: Point) -> tuple[float, float]:
        metres_east = METRES_NORTH * math.cos(math.radians(self.lat))
        return self.lon + point[0] / metres_east, self.lat + point[1] / METRES_NORTH

    def centre(self, point: Point = (0, 0)) -> Centre:
        return Centre("C", "中药房", *self.spot(point))

    def village(self, id_: str, point: Point, *, has_road: bool = True) -> Village:
        return Village(id_, f"{id_}村", *self.spot(point), has_road)

    def write(
        self,
        points: Mapping[int, Point],
        ways: Mapping[int, tuple[Sequence[int], Tags]],
        node_tags: Mapping[int, Tags] | None = None,
        name: str = "county.osm",
    ) -> Path:
        """Write points and ways as an .osm file; a way may name points that are not in the file."""
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<osm version="0.6">']
        for id_, point in points.items():
            lon, lat = self.spot(point)
            lines.append(f'<node id="{id_}" version="1" lon="{lon:.7f}" lat="{lat:.7f}">')
            lines += [_tag(key, value) for key, value in (node_tags or {}).get(id_, {}).items()] + ["</node>"]
        for id_, (refs, tags) in ways.items():
            lines.append(f'<way id="{id_}" version="1">')
            lines += [f'<nd ref="{ref}"/>' for ref in refs]
            lines += [_tag(key, value) for key, value in tags.items()] + ["</way>"]
        path = self.folder / name
        path.write_text("\n".join([*lines, "</osm>"]), "utf-8")
        return path


def _tag(key: str, value: str) -> str:
    return f"<tag k={quoteattr(key)} v={quoteattr(value)}/>"


@pytest.fixture
def grid(tmp_path: Path) -> Grid:
    """Draws maps into this test's folder."""
    return Grid(tmp_path)
