"""The courier's sheet."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from tcm.records.errors import N_, Invalid
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.services.delivering import Parcel as ViewedParcel
from tcm.services.delivering import RouteView, StopView
from tcm.services.packing import bags_of
from web.papers.common import phone_of
from web.prints import Parcel, RouteSheet, Stop, Trip
from web.scan import stop_url

# Clinics are called after their villages.
CLINIC = "卫生室"
COLD_BOX = "药袋密封直立，避免日晒；当日送完，未送达的带回中心冷藏"


def route_sheet(
    view: RouteView, centre: Institution, public_url: str, printed_at: datetime, map_svg: str = ""
) -> RouteSheet:
    """A courier's day on paper.

    Args:
        view: The route with its stops and parcels.
        centre: Where every trip begins.
        public_url: Where the house is reached, for the QR code of each stop.
        printed_at: Aware UTC.
        map_svg: Sketch of the route, empty for none; see `route_map`.

    Returns:
        The sheet.

    Raises:
        Invalid: When nothing is left to hand over on this route.
        ValueError: When a text is longer than the sheet has room for.
    """
    trips = tuple(
        _trip(list(stops), centre, public_url)
        for _, stops in groupby(numbered_stops(view), key=lambda pair: pair[1].stop.trip)
    )
    if not trips:
        raise Invalid(N_("这条路线上没有要送的药。"))
    return RouteSheet(
        centre=centre.name,
        centre_phone=phone_of(centre),
        courier=view.courier.name,
        vehicle=view.vehicle.name,
        service_day=view.route.day,
        trips=trips,
        distance_m=view.route.metres,
        cold_box_note=f"{COLD_BOX}；箱温：{view.box.term}",
        map_svg=map_svg,
        printed_at=printed_at,
    )


def numbered_stops(view: RouteView) -> list[tuple[int, StopView]]:
    """The stops where something is handed over, numbered as page, paper and map show them.

    Args:
        view: The route.

    Returns:
        Number from 1 over the whole day, and the stop without prescriptions that were cancelled since.
    """
    stops = (
        replace(stop, parcels=[each for each in stop.parcels if _is_wanted(each)]) for stop in view.stops
    )
    return list(enumerate((stop for stop in stops if stop.parcels), start=1))


def _is_wanted(parcel: ViewedParcel) -> bool:
    return parcel.prescription.state is not State.CANCELLED


def _trip(numbered: Sequence[tuple[int, StopView]], centre: Institution, public_url: str) -> Trip:
    first = numbered[0][1].stop
    return Trip(
        departs_at=first.depart_at,
        returns_at=first.return_at,
        stops=tuple(_stop(number, stop, centre, public_url) for number, stop in numbered),
    )


def _stop(number: int, view: StopView, centre: Institution, public_url: str) -> Stop:
    stop, village = view.stop, view.village
    urgent = [parcel.prescription.number for parcel in view.parcels if parcel.prescription.urgent]
    return Stop(
        sequence=number,
        planned_at=stop.arrive_at,
        window_start_at=stop.promised_from_at,
        window_end_at=stop.promised_to_at,
        village=village.name.removesuffix(CLINIC),
        place=village.township,
        contact=village.name,
        phones=(village.phone or phone_of(centre),),
        parcels=tuple(_parcels(view)),
        qr_content=stop_url(public_url, stop.id or 0),
        note=f"加急：{'、'.join(filter(None, urgent))}" if urgent else "",
    )


def _parcels(view: StopView) -> Iterator[Parcel]:
    for parcel in view.parcels:
        yield Parcel(
            code=parcel.prescription.number or "",
            bags=len(parcel.bags) or bags_of(parcel.prescription),
            recipient=parcel.patient.name,
            cash_fen=parcel.due_fen,
        )
