"""`tangye roads`: asks the chosen source of road distances about a county's places, and says what it is."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatch.county import VEHICLE_KINDS, Centre, VehicleKind, Village
from dispatch.roads import RoadsUnusableError, open_provider, travel_for
from dispatch.roads.gcj02 import Crs, to_wgs84
from dispatch.travel import UNREACHABLE, IntMatrix, Travel, great_circle_m
from tcm.records.clock import county_day, utc_now
from tcm.records.people import Institution, InstitutionKind
from tcm.store.engine import open_store
from web.cli.doors import ready_store, settings_or_give_up
from web.cli.refusal import give_up
from web.settings import Settings

# Below this a detour says more about where a house stands than about the road.
_LEAST_LINE_M: Final = 500.0


class PlaceRow(BaseModel):
    """One row of a file of places; other columns are passed over."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field(min_length=1)
    lon: float = Field(ge=-180, le=180, allow_inf_nan=False)
    lat: float = Field(ge=-90, le=90, allow_inf_nan=False)
    crs: Crs = "WGS-84"


@click.command()
@click.argument("places", type=click.File("rb"), required=False, metavar="[PLACES.csv]")
@click.option(
    "--day", type=click.DateTime(["%Y-%m-%d"]), help="County date of the closures; today by default."
)
@click.option(
    "--kind", "kinds", type=click.Choice(VEHICLE_KINDS), multiple=True, help="Of vehicle; all by default."
)
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the matrices in this folder."
)
def roads(
    places: BinaryIO | None, day: datetime | None, kinds: tuple[VehicleKind, ...], keep: Path | None
) -> None:
    """Check the road distances that TANGYE_TRAVEL chooses, and print one JSON document.

    PLACES.csv (or - for standard input) has the columns name, lon, lat and perhaps crs (WGS-84 or GCJ-02);
    its first row is the centre. Without a file the places are the database's centre and village clinics, and
    the matrices are kept where the planning finds them.

    \b
    TANGYE_TRAVEL=great-circle        distances without a map (default)
    TANGYE_TRAVEL=osm:FILE.osm.pbf    an OpenStreetMap extract; TANGYE_TRAVEL_CLOSURES=FILE.csv closes roads
    TANGYE_TRAVEL=osrm:http://HOST    a server that speaks OSRM's interface
    """
    settings = settings_or_give_up()
    if places is None:
        centre, villages, home = _of_database()
        keep = keep or home / "travel"
    else:
        centre, villages = _of_file(places)
    warnings: list[str] = []
    on = day.date() if day is not None else county_day(utc_now())
    try:
        provider = open_provider(settings.roads, folder=keep, now=utc_now, warn=warnings.append)
        travel = travel_for(provider, centre, villages, kinds or VEHICLE_KINDS, on)
    except RoadsUnusableError as error:
        give_up(str(error))
    answer = _answer(travel, [centre, *villages], kinds or VEHICLE_KINDS, on, settings)
    click.echo(json.dumps(answer | {"warnings": warnings}, ensure_ascii=False))


def _answer(
    travel: Travel,
    places: list[Centre | Village],
    kinds: tuple[VehicleKind, ...],
    day: date,
    settings: Settings,
) -> dict[str, Any]:
    age = None if travel.made_at is None else (utc_now() - travel.made_at).total_seconds() / 86_400
    return {
        "travel": settings.travel,
        "source": travel.source,
        "day": day.isoformat(),
        "made_at": travel.made_at.isoformat() if travel.made_at is not None else None,
        "age_days": None if age is None else round(age, 2),
        "places": len(places),
        "kinds": {kind: _of_kind(travel, places, kind) for kind in kinds},
        "unreachable": [
            {
                "id": each.place_id,
                "name": each.name,
                "kind": each.kind,
                "code": each.code,
                "why": each.en,
                "why_zh": each.zh,
            }
            for each in travel.unreachable
        ],
    }


def _of_kind(travel: Travel, places: list[Centre | Village], kind: VehicleKind) -> dict[str, Any]:
    matrices = travel.of_kind(kind)
    reached = [row for row in range(1, len(places)) if matrices.connected(row)]
    farthest = max(reached, key=lambda row: int(matrices.minutes[0, row]), default=None)
    return {
        "reached": len(reached),
        "farthest": None
        if farthest is None
        else {"name": places[farthest].name, "minutes": int(matrices.minutes[0, farthest])},
        "worst_detour": _worst_detour(matrices.metres, places),
    }


def _worst_detour(metres: IntMatrix, places: list[Centre | Village]) -> dict[str, Any] | None:
    """The pair whose road is longest for its straight line."""
    worst: dict[str, Any] | None = None
    for a, here in enumerate(places):
        for b, there in enumerate(places):
            line_m = great_circle_m(here.lon, here.lat, there.lon, there.lat)
            if metres[a, b] == UNREACHABLE or line_m < _LEAST_LINE_M:
                continue
            ratio = round(float(metres[a, b]) / line_m, 2)
            if worst is None or ratio > worst["ratio"]:
                worst = {"from": here.name, "to": there.name, "metres": int(metres[a, b]), "ratio": ratio}
    return worst


def _of_database() -> tuple[Centre, list[Village], Path]:
    store = ready_store(open_store, migrate=False)
    with store.work() as work:
        centres = work.institutions.of_kind(InstitutionKind.CENTRE)
        clinics = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)
    home = store.home
    store.close()
    if not centres:
        give_up("the database has no decoction centre yet")
    return _centre(centres[0]), [_village(clinic) for clinic in clinics], home


def _centre(place: Institution) -> Centre:
    return Centre(f"centre-{place.id}", place.name, place.lon, place.lat)


def _village(place: Institution) -> Village:
    return Village(str(place.id), place.name, place.lon, place.lat, place.has_road)


def _of_file(file: BinaryIO) -> tuple[Centre, list[Village]]:
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        give_up(f"{file.name}: not UTF-8 at byte {error.start}")
    reader = csv.DictReader(io.StringIO(text, newline=""))
    rows: list[PlaceRow] = []
    try:
        for row in reader:
            rows.append(_row(row, f"{file.name}, line {reader.line_num}"))
    except csv.Error as error:
        give_up(f"{file.name}, line {reader.line_num}: {error}")
    if not rows:
        give_up(f"{file.name}: no place in it")
    spots = [to_wgs84(row.lon, row.lat, row.crs) for row in rows]
    villages = [
        Village(str(number), row.name, *spot)
        for number, (row, spot) in enumerate(zip(rows[1:], spots[1:], strict=True), start=1)
    ]
    return Centre("centre", rows[0].name, *spots[0]), villages


def _row(row: Mapping[str, str | None], where: str) -> PlaceRow:
    given = {key: value for key, value in row.items() if key in PlaceRow.model_fields and value}
    try:
        return PlaceRow.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        give_up(f"{where}: {first['loc'][0]}: {first['msg']}")
