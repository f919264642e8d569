"""GCJ-02 against pairs that others have published."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.roads.gcj02 import from_wgs84, to_wgs84
from dispatch.travel import great_circle_m

# (WGS-84 lon, lat), (GCJ-02 lon, lat).
# Source: googollee/eviltransform, python/test.py (MIT): Shanghai, Shenzhen, Beijing;
# wandergis/coordtransform, test/app.js (MIT): Beijing.
PUBLISHED = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),
]


@pytest.mark.parametrize(("wgs84", "gcj02"), PUBLISHED)
def test_published_pairs_are_met_to_a_centimetre_one_way_and_half_a_metre_back(
    wgs84: tuple[float, float], gcj02: tuple[float, float]
) -> None:
    assert great_circle_m(*from_wgs84(*wgs84), *gcj02) < 0.01
    assert great_circle_m(*to_wgs84(*gcj02), *wgs84) < 0.5


@given(st.floats(98, 122, allow_nan=False), st.floats(22, 45, allow_nan=False))
def test_there_and_back_ends_within_half_a_metre(lon: float, lat: float) -> None:
    assert great_circle_m(*to_wgs84(*from_wgs84(lon, lat)), lon, lat) < 0.5


def test_the_offset_in_a_county_of_hunan_is_some_hundreds_of_metres() -> None:
    assert 300 < great_circle_m(*from_wgs84(113.45, 29.47), 113.45, 29.47) < 800


def test_what_is_wgs_84_already_stays_and_so_does_a_place_abroad() -> None:
    assert to_wgs84(113.45, 29.47, "WGS-84") == (113.45, 29.47)
    assert to_wgs84(2.35, 48.85) == (2.35, 48.85)


@pytest.mark.parametrize(
    ("lon", "lat"), [(181.0, 0.0), (0.0, -91.0), (float("nan"), 1.0), (1.0, float("inf"))]
)
def test_degrees_that_are_on_no_globe_are_refused(lon: float, lat: float) -> None:
    with pytest.raises(ValueError, match=r"is no place on the globe$"):
        to_wgs84(lon, lat)
    with pytest.raises(ValueError, match=r"is no place on the globe$"):
        from_wgs84(lon, lat)
