"""GCJ-02, the offset coordinates of maps sold in China (Amap, Tencent), to WGS-84 and back.

By the library geocoordinates-rs; the algorithm is the one published as eviltransform. Outside its rectangle
around China both are the same. BD-09 (Baidu) is not read.
"""

from typing import Literal, get_args

import geocoordinates_ffi

Crs = Literal["WGS-84", "GCJ-02"]
CRS: tuple[Crs, ...] = get_args(Crs)


def to_wgs84(lon: float, lat: float, crs: Crs = "GCJ-02") -> tuple[float, float]:
    """A place in WGS-84 degrees, within 0.5 m of where GCJ-02 means it.

    Args:
        lon, lat: degrees, in `crs`.
        crs: what they are; WGS-84 stays as it is.

    Returns:
        (lon, lat) in WGS-84.

    Raises:
        ValueError: for degrees that are on no globe.
    """
    _refuse(lon, lat)
    if crs == "WGS-84":
        return lon, lat
    found = geocoordinates_ffi.gcj02_to_wgs84_refined(geocoordinates_ffi.Gcj02(lat=lat, lon=lon))
    return found.lon, found.lat


def from_wgs84(lon: float, lat: float) -> tuple[float, float]:
    """A place in GCJ-02 degrees, to be shown on a map that uses them.

    Args:
        lon, lat: WGS-84 degrees.

    Returns:
        (lon, lat) in GCJ-02.

    Raises:
        ValueError: for degrees that are on no globe.
    """
    _refuse(lon, lat)
    found = geocoordinates_ffi.wgs84_to_gcj02(geocoordinates_ffi.Wgs84(lat=lat, lon=lon))
    return found.lon, found.lat


def _refuse(lon: float, lat: float) -> None:
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"lon {lon:g}, lat {lat:g} is no place on the globe")
