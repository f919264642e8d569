"""The sketch of one courier's route, from what is stored: trips of earlier plans are on it too."""

from itertools import groupby

from dispatch.county import Centre, Vehicle, Village
from dispatch.plan_types import DayPlan, Routes, Schedule, Trip, Visit
from dispatch.plan_types import Stop as PlannedStop
from dispatch.problem import Crew, Day
from dispatch.sketch import vehicle_map_svg
from tcm.records.clock import minute_of
from tcm.records.people import Institution
from tcm.services.delivering import RouteView
from web.papers.route import CLINIC, numbered_stops


def route_map(view: RouteView, centre: Institution) -> str:
    """The way from the centre through the villages and back, stops numbered as on the sheet.

    Args:
        view: The route.
        centre: Where it begins.

    Returns:
        SVG text.
    """
    vehicle_id, day = str(view.vehicle.id), view.route.day
    stops = [stop for _, stop in numbered_stops(view)]
    trips = []
    for number, group in groupby(stops, key=lambda each: each.stop.trip):
        on_trip = [each.stop for each in group]
        visits = tuple(
            Visit(str(stop.id), minute_of(day, stop.arrive_at), minute_of(day, stop.arrive_at))
            for stop in on_trip
        )
        first = on_trip[0]
        trips.append(
            Trip(
                vehicle_id,
                number,
                minute_of(day, first.depart_at),
                minute_of(day, first.return_at),
                visits,
                bags=0,
                volume_ml=0,
                metres=first.trip_metres,
                cost_fen=0,
            )
        )
    villages = {each.village.id: each.village for each in stops}
    drawn = Day(
        orders=(),
        pots=(),
        crew=Crew(0, 0, 0),
        vehicles=(Vehicle(vehicle_id, view.vehicle.name, 0, 0, 0),),
        villages=tuple(
            Village(str(key), village.name.removesuffix(CLINIC), village.lon, village.lat)
            for key, village in villages.items()
        ),
        centre=Centre("centre", centre.name, centre.lon, centre.lat),
        horizon_min=1,
        start_clock_min=0,
    )
    planned = tuple(
        PlannedStop(str(each.stop.id), str(each.stop.village_id), (), 0, 0, 0, 0) for each in stops
    )
    nothing = Schedule((), (), 0, 0, 0, 0, "list", 0.0)
    plan = DayPlan(nothing, planned, Routes(tuple(trips), (), 0, 0, "", 0.0), (), (), 0.0)
    title = f"{view.vehicle.name} · {view.courier.name}"
    return vehicle_map_svg(drawn, plan, vehicle_id, title=title)
