"""Distances from a server that speaks OSRM's HTTP interface: GET /table/v1/{profile}/{lon,lat;...}.

Source: "Table service" in OSRM's API documentation (project-osrm.org, v5). A server holds one profile, so
each kind of vehicle has an address of its own; a kind without one takes the van's road metres at its mean
speed.
"""

import http.client
import itertools
import json
import math
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
import numpy.typing as npt

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads.kinds import kind_rows
from dispatch.roads.provider import DEFAULT_SNAP_M, RoadsUnusableError
from dispatch.roads.reasons import unreachable
from dispatch.travel import UNREACHABLE, Travel, Unreachable

DEFAULT_TIMEOUT_S: Final = 20.0
# What osrm-routed allows unless it is told otherwise (--max-table-size).
DEFAULT_TABLE_SIZE: Final = 100
_PROFILES: Final[Mapping[VehicleKind, str]] = {"van": "driving", "motorbike": "driving", "foot": "foot"}
_MOST_BYTES: Final = 64 * 2**20
# Longer than any way in a country; a larger figure is a mistake of the server.
_MOST: Final = 1e8

Floats = npt.NDArray[np.float64]


def refuse_address(field_name: str, url: str) -> None:
    """Refuse what is no plain address of a server.

    Raises:
        ValueError: naming the field; the address itself is not repeated where it may hold a password.
    """
    try:
        parts = urlsplit(url)
        port_is_wrong = parts.port == 0
    except ValueError:
        raise ValueError(f"{field_name} must be an address such as http://127.0.0.1:5000") from None
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{field_name} must not hold a user name or password")
    if parts.scheme not in ("http", "https") or not parts.hostname or port_is_wrong:
        raise ValueError(f"{field_name} must begin with http:// or https:// and name a server, got {url!r}")
    if parts.query or parts.fragment or any(each.isspace() or not each.isascii() for each in url):
        raise ValueError(f"{field_name} must be an address without ? or # or blanks, got {url!r}")


@dataclass(frozen=True, slots=True)
class OsrmServer:
    """The provider that asks servers.

    Attributes:
        urls: the address of each kind's server; a van's must be there.
        snap_m: a place that the server moves farther than this to the nearest road is unreachable.
        timeout_s: of one request.
        table_size: the most places in one request.

    Raises:
        ValueError: naming what cannot be used.
    """

    urls: Mapping[VehicleKind, str]
    snap_m: float = DEFAULT_SNAP_M
    timeout_s: float = DEFAULT_TIMEOUT_S
    table_size: int = DEFAULT_TABLE_SIZE
    _open: urllib.request.OpenerDirector = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if "van" not in self.urls:
            raise ValueError("osrm needs the address of the van's server")
        for kind, url in self.urls.items():
            refuse_address(f"osrm address of {kind}", url)
        if self.table_size < 2:
            raise ValueError(f"osrm table_size must be at least 2, got {self.table_size}")
        # No proxy and no redirect: where people live goes to the named server and nowhere else.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect())
        object.__setattr__(self, "_open", opener)

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        """Distances and times as the server knows them; it is not told the day.

        Args:
            centre: becomes row 0.
            villages: rows 1..
            kind: of vehicle.
            day: not used: a server has its own closures or none.

        Raises:
            RoadsUnusableError: when the server does not answer, or not as OSRM does.
        """
        places: list[Centre | Village] = [centre, *villages]
        asked_kind: VehicleKind = kind if kind in self.urls else "van"
        table = _Table.empty(len(places))
        for rows, columns in _blocks(len(places), self.table_size):
            self._fill(table, places, rows, columns, asked_kind)
        too_far = table.moved_m > self.snap_m
        if too_far[0]:
            raise RoadsUnusableError(
                f"{centre.name} is {table.moved_m[0]:.0f} m from the roads of the map server "
                f"{self.urls[asked_kind]}, more than {self.snap_m:g} m: is it of another region?"
            )
        shut = too_far | np.array([not getattr(place, "has_road", True) for place in places], dtype=bool)
        lost = np.isnan(table.seconds) | np.isnan(table.metres) | shut[:, None] | shut[None, :]
        metres = np.where(lost, UNREACHABLE, np.rint(np.nan_to_num(table.metres))).astype(np.int64)
        seconds = table.seconds
        if asked_kind != kind:
            seconds = table.metres * 3.6 / kind_rows()[kind].mean_speed_kmh
        minutes = np.where(lost, UNREACHABLE, np.ceil(np.nan_to_num(seconds) / 60 - 1e-9)).astype(np.int64)
        return Travel(
            place_ids=tuple(place.id for place in places),
            metres=metres,
            minutes=minutes,
            source=f"OSRM {self.urls[asked_kind]}",
            unreachable=self._unreachable(places, minutes, table.moved_m),
        )

    def identity(self, kind: VehicleKind, day: date | None) -> Mapping[str, str]:
        """The address, and the kind's speed where it has no server of its own."""
        own = kind in self.urls
        return {
            "provider": "osrm",
            "url": self.urls[kind] if own else self.urls["van"],
            "mean_speed_kmh": "" if own else repr(kind_rows()[kind].mean_speed_kmh),
            "snap_m": repr(self.snap_m),
        }

    def _unreachable(
        self, places: Sequence[Centre | Village], minutes: npt.NDArray[np.int64], moved_m: Floats
    ) -> tuple[Unreachable, ...]:
        found: list[Unreachable] = []
        for row in range(1, len(places)):
            if minutes[0, row] != UNREACHABLE and minutes[row, 0] != UNREACHABLE:
                continue
            place = places[row]
            if not getattr(place, "has_road", True):
                found.append(unreachable(place, "no_road"))
            elif moved_m[row] > self.snap_m:
                facts = {"metres": round(float(moved_m[row])), "limit_m": f"{self.snap_m:g}"}
                found.append(unreachable(place, "far_from_road", **facts))
            else:
                found.append(unreachable(place, "no_way"))
        return tuple(found)

    def _fill(
        self,
        table: "_Table",
        places: Sequence[Centre | Village],
        rows: Sequence[int],
        columns: Sequence[int],
        kind: VehicleKind,
    ) -> None:
        asked = sorted({*rows, *columns})
        at = {row: number for number, row in enumerate(asked)}
        spots = ";".join(f"{places[row].lon:.6f},{places[row].lat:.6f}" for row in asked)
        sources = ";".join(str(at[row]) for row in rows)
        destinations = ";".join(str(at[column]) for column in columns)
        url = (
            f"{self.urls[kind].rstrip('/')}/table/v1/{_PROFILES[kind]}/{spots}"
            f"?annotations=duration,distance&sources={sources}&destinations={destinations}"
        )
        answer = self._ask(url, self.urls[kind])
        shape = (len(rows), len(columns))
        cells = np.ix_(rows, columns)
        table.seconds[cells] = _numbers(answer, "durations", shape, self.urls[kind])
        table.metres[cells] = _numbers(answer, "distances", shape, self.urls[kind])
        for key, of in (("sources", rows), ("destinations", columns)):
            for row, moved in zip(of, _moved(answer, key), strict=False):
                table.moved_m[row] = moved

    def _ask(self, url: str, server: str) -> Mapping[str, Any]:
        # The scheme was checked on construction.
        request = urllib.request.Request(url, headers={"Accept": "application/json"})  # noqa: S310
        try:
            with self._open.open(request, timeout=self.timeout_s) as response:
                content: bytes = response.read(_MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            with error:
                content, status = error.read(_MOST_BYTES), error.code
            raise RoadsUnusableError(_refusal(server, status, content)) from None
        except TimeoutError:
            raise RoadsUnusableError(
                f"the map server {server} did not answer within {self.timeout_s:g} s"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", error)
            if isinstance(reason, TimeoutError):
                why = f"the map server {server} did not answer within {self.timeout_s:g} s"
                raise RoadsUnusableError(why) from None
            why = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
            raise RoadsUnusableError(f"the map server {server} cannot be reached: {why}") from None
        if len(content) > _MOST_BYTES:
            raise RoadsUnusableError(f"the map server {server} answered with more than 64 MiB")
        answer = _json(content)
        if answer is None or answer.get("code") != "Ok":
            raise RoadsUnusableError(_refusal(server, 200, content))
        return answer


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """What the server has said so far: seconds and metres, NaN for null; how far it moved the places."""

    seconds: Floats
    metres: Floats
    moved_m: Floats

    @classmethod
    def empty(cls, places: int) -> "_Table":
        return cls(np.zeros((places, places)), np.zeros((places, places)), np.zeros(places))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Follow no redirect: the answer is then the server's refusal."""


def _blocks(places: int, table_size: int) -> list[tuple[range, range]]:
    """Rows and columns of each request: at most as many places as the server takes, and never one alone.

    OSRM refuses a single place ("Number of coordinates needs to be at least two"); its way to itself is 0.
    """
    if places <= table_size:
        parts = [range(places)]
    else:
        half = table_size // 2
        parts = [range(start, min(start + half, places)) for start in range(0, places, half)]
    return [pair for pair in itertools.product(parts, parts) if pair[0] != pair[1] or len(pair[0]) > 1]


def _json(content: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None


def _refusal(server: str, status: int, content: bytes) -> str:
    answer = _json(content)
    if answer is None or not isinstance(answer.get("code"), str):
        return f"the map server {server} answered {status} and no JSON of OSRM"
    words = " ".join(str(answer.get("message", "")).split())[:200]
    return f"the map server {server} refused: {answer['code'][:40]}{f' ({words})' if words else ''}"


def _numbers(answer: Mapping[str, Any], key: str, shape: tuple[int, int], server: str) -> Floats:
    """A matrix of an answer, NaN for null.

    Raises:
        RoadsUnusableError: when it is missing, of another size, or holds what is no distance.
    """
    rows = answer.get(key)
    if not isinstance(rows, list) or len(rows) != shape[0]:
        raise RoadsUnusableError(f"the map server {server} answered without {key} for {shape[0]} places")
    found = np.empty(shape)
    for number, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != shape[1]:
            raise RoadsUnusableError(f"the map server {server} answered {key} of another size than asked for")
        for column, value in enumerate(row):
            if value is None:
                found[number, column] = np.nan
            elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _MOST:
                shown = "a text" if isinstance(value, str) else f"{value!r:.20}"
                raise RoadsUnusableError(f"the map server {server} answered {key} with {shown}")
            else:
                found[number, column] = value
    return found


def _moved(answer: Mapping[str, Any], key: str) -> list[float]:
    """How far the server moved each place to its nearest road; 0 where it does not say."""
    listed = answer.get(key)
    if not isinstance(listed, list):
        return []
    said = [each.get("distance") if isinstance(each, dict) else None for each in listed]
    return [
        float(each)
        if isinstance(each, int | float) and not isinstance(each, bool) and math.isfinite(each)
        else 0.0
        for each in said
    ]
