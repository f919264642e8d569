"""The papers of a plan that belongs to no stored route: a route sheet for each vehicle, and the pots' day."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dispatch.plan_types import DayPlan, Promise, Visit
from dispatch.plan_types import Stop as PlannedStop
from dispatch.plan_types import Trip as PlannedTrip
from dispatch.problem import Day, Order
from dispatch.sketch import gantt_svg, vehicle_map_svg
from web.prints.paper import route_sheet_pdf
from web.prints.press import press
from web.prints.route import Parcel, RouteSheet, Stop, Trip
from web.prints.validate import CODE, LINE, NAME, PERSON, QR_MAX_BYTES
from web.prints.wording import Language

_COUNTY_ZONE = ZoneInfo("Asia/Shanghai")
# What a day file does not know; the sheet has room to write it in.
_UNKNOWN = "—"
_PARCEL = 20
_MOST_PARCELS = 200


def day_papers(
    day: Day, plan: DayPlan, service_day: date, printed_at: datetime, language: Language = "zh"
) -> Iterator[tuple[str, bytes]]:
    """Every paper of a plan, as file name and PDF bytes.

    Args:
        day: the problem; its minutes count from `start_clock_min` of the service day, county time.
        plan: of that day.
        service_day: the calendar day.
        printed_at: aware UTC.
        language: of the labels.

    Raises:
        ValueError: a name of the day cannot be printed.
    """
    for number, vehicle in enumerate(day.vehicles, start=1):
        sheet = _sheet(day, plan, vehicle.id, service_day, printed_at)
        if sheet is not None:
            yield f"route-{number:02}-{_file_name(vehicle.id)}.pdf", route_sheet_pdf(sheet, language)
    if plan.schedule.jobs:
        svg = gantt_svg(day, plan)
        title = f"{_cut(day.centre.name, NAME)} {service_day.isoformat()}"
        pdf = press("pots_day", {"title": title, "svg": svg}, language=language, printed_at=printed_at)
        yield "pots.pdf", pdf


def _sheet(
    day: Day, plan: DayPlan, vehicle_id: str, service_day: date, printed_at: datetime
) -> RouteSheet | None:
    trips = sorted(
        (each for each in plan.routes.trips if each.vehicle_id == vehicle_id), key=lambda each: each.number
    )
    if not trips:
        return None
    vehicle = next(each for each in day.vehicles if each.id == vehicle_id)
    clerk = _Clerk(day, plan, service_day)
    first = 1
    written = []
    for trip in trips:
        written.append(clerk.trip(trip, first))
        first += len(trip.visits)
    rests = [
        f"{clerk.clock(each.start_min)}–{clerk.clock(each.end_min)}"
        for each in plan.routes.rests
        if each.vehicle_id == vehicle_id
    ]
    return RouteSheet(
        centre=_cut(day.centre.name, NAME),
        centre_phone=_UNKNOWN,
        courier=_cut(vehicle.name, PERSON),
        vehicle=_cut(vehicle.id, CODE),
        service_day=service_day,
        trips=tuple(written),
        distance_m=sum(trip.metres for trip in trips),
        cold_box_note=_cut(f"休息 {'、'.join(rests)}", LINE) if rests else "",
        map_svg=vehicle_map_svg(day, plan, vehicle_id),
        printed_at=printed_at,
    )


class _Clerk:
    """Writes trips and stops of one plan as the sheet has them."""

    def __init__(self, day: Day, plan: DayPlan, service_day: date) -> None:
        start = datetime.combine(service_day, time(), _COUNTY_ZONE) + timedelta(minutes=day.start_clock_min)
        self._start = start.astimezone(UTC)
        self._stops: Mapping[str, PlannedStop] = {each.id: each for each in plan.stops}
        self._promises: Mapping[str, Promise] = {each.order_id: each for each in plan.promises}
        self._orders: Mapping[str, Order] = {each.id: each for each in day.orders}
        self._names = {each.id: each.name for each in day.villages}

    def clock(self, minute: int) -> str:
        """The county's clock at a minute of the plan."""
        return f"{self.at(minute).astimezone(_COUNTY_ZONE):%H:%M}"

    def at(self, minute: int) -> datetime:
        """A minute of the plan as aware UTC."""
        return self._start + timedelta(minutes=minute)

    def trip(self, trip: PlannedTrip, first: int) -> Trip:
        """One trip, its stops numbered from `first`."""
        return Trip(
            departs_at=self.at(trip.depart_min),
            # A sheet refuses a trip of no length at all.
            returns_at=self.at(max(trip.return_min, trip.depart_min + 1)),
            stops=tuple(self._stop(visit, number) for number, visit in enumerate(trip.visits, start=first)),
        )

    def _stop(self, visit: Visit, number: int) -> Stop:
        planned = self._stops[visit.stop_id]
        promise = self._promises[planned.order_ids[0]]
        orders = [self._orders[each] for each in planned.order_ids]
        waits = f"{self.clock(visit.arrive_min + visit.wait_min)} 开门" if visit.wait_min else ""
        return Stop(
            sequence=number,
            planned_at=self.at(visit.arrive_min),
            window_start_at=self.at(promise.from_min),
            window_end_at=self.at(promise.to_min),
            village=_cut(self._names[planned.place_id], NAME),
            place=_cut(planned.place_id, NAME),
            contact=_UNKNOWN,
            phones=(_UNKNOWN,),
            parcels=tuple(_parcel(each) for each in orders[:_MOST_PARCELS]),
            qr_content=_qr(f"{planned.place_id} {','.join(planned.order_ids)}"),
            note=_cut("；".join([*([waits] if waits else []), *_words(orders)]), LINE),
        )


def _words(orders: list[Order]) -> list[str]:
    fragile = [each.id for each in orders if each.fragile]
    return [f"新用药或体弱：{'、'.join(fragile)}"] if fragile else []


def _parcel(order: Order) -> Parcel:
    return Parcel(code=_cut(order.id, _PARCEL), bags=order.bags, recipient=f"{order.volume_ml} mL")


def _cut(text: str, limit: int) -> str:
    """A text as long as the sheet has room for."""
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def _qr(text: str) -> str:
    """What a code can hold, cut between two characters."""
    return text.encode()[:QR_MAX_BYTES].decode(errors="ignore")


def _file_name(id_: str) -> str:
    return re.sub(r"[^\w.-]+", "_", id_)[:40]


__all__ = ["day_papers"]
