"""The day at a glance: what stands where, which pots and vehicles there are, what the plan says."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from tcm.records.centre import Pot, Vehicle
from tcm.records.clock import day_start
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action, demand, may
from tcm.records.plans import Plan, Route, RouteStop
from tcm.records.roles import Actor
from tcm.store.queries import Standing, count_by_state, standings
from tcm.store.work import Work


@dataclass(frozen=True)
class PotPlace:
    """A pot and what it holds now.

    Args:
        pot: The pot.
        prescription_id: What is in it, None where it is free.
        number: What people call that prescription by.
        is_unclean: Whether it is empty and still to be cleaned.
    """

    pot: Pot
    prescription_id: int | None = None
    number: str = ""
    is_unclean: bool = False


@dataclass(frozen=True)
class StopBrief:
    """One stop of a route without any patient's data.

    Args:
        stop: Place and times.
        village: The village clinic.
        parcels: The prescriptions handed over there.
    """

    stop: RouteStop
    village: Institution
    parcels: list[Standing]


@dataclass(frozen=True)
class RouteBrief:
    """A route as the manager's table shows it.

    Args:
        route: The route.
        vehicle: The vehicle.
        courier: Who drives.
        stops: In driving order.
    """

    route: Route
    vehicle: Vehicle
    courier: Staff
    stops: list[StopBrief]

    @property
    def departures(self) -> list[datetime]:
        """When each trip leaves the centre."""
        return list(dict.fromkeys(brief.stop.depart_at for brief in self.stops))


@dataclass(frozen=True)
class DayView:
    """A county day as its manager sees it.

    Args:
        day: County date.
        moved: Count by state of the prescriptions something happened to that day.
        pots: The pots and what they hold.
        vehicles: All of them, out of service too.
        couriers: Those who drive them, by row.
        newest: The plan last asked for, whatever became of it.
        in_force: The plan that is followed.
        routes: Of the plan in force.
        numbers: Number of each prescription in one of the two plans, by row.
    """

    day: date
    moved: dict[State, int]
    pots: list[PotPlace]
    vehicles: list[Vehicle]
    couriers: dict[int, Staff]
    newest: Plan | None
    in_force: Plan | None
    routes: list[RouteBrief]
    numbers: dict[int, str]


def day_view(work: Work, actor: Actor, day: date) -> DayView:
    """The day at a glance.

    Args:
        work: The unit of work.
        actor: A manager.
        day: County date.

    Returns:
        The day; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    newest, in_force = work.plans.newest(day), work.plans.in_force(day)
    vehicles = work.vehicles.all()
    couriers = work.staff.by_ids(vehicle.courier_id for vehicle in vehicles)
    named = standings(work.session, _orders_of(newest) | _orders_of(in_force))
    return DayView(
        day=day,
        moved=count_by_state(work.session, day_start(day)),
        pots=pot_places(work, actor),
        vehicles=vehicles,
        couriers=couriers,
        newest=newest,
        in_force=in_force,
        routes=_routes(work, in_force, {vehicle.id: vehicle for vehicle in vehicles}, couriers),
        numbers={key: standing.number for key, standing in named.items()},
    )


def look_at_plan(work: Work, actor: Actor, plan_id: int) -> Plan:
    """One plan, such as to see how far it is.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        plan_id: Which.

    Returns:
        The plan.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_READ)
    return work.plans.get(plan_id)


def numbers_of(work: Work, actor: Actor, prescription_ids: Collection[int]) -> dict[int, str]:
    """What people call prescriptions by.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        prescription_ids: Which.

    Returns:
        Number by row.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_READ)
    return {key: each.number for key, each in standings(work.session, prescription_ids).items()}


def pot_places(work: Work, actor: Actor) -> list[PotPlace]:
    """The centre's pots and what each holds.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.

    Returns:
        The pots by code.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.FLOOR_BOARD)
    held = {
        prescription.pot_id: prescription for prescription in work.prescriptions.in_states([State.DECOCTING])
    }
    unclean = {run.pot_id for run in work.pot_runs.held() if run.closed_at is not None}
    places = []
    for pot in sorted(work.pots.all(), key=lambda pot: pot.code):
        inside = held.get(pot.id)
        if inside is None:
            places.append(PotPlace(pot, is_unclean=pot.id in unclean))
        else:
            places.append(PotPlace(pot, inside.key(), inside.number or ""))
    return places


def day_at_work(work: Work, actor: Actor, today: date) -> date:
    """The day that floor and couriers work for: today, or the next planned one where today has no plan.

    Args:
        work: The unit of work.
        actor: Floor staff, a courier or a manager.
        today: County date.

    Returns:
        County date.

    Raises:
        Forbidden: For roles that follow no plan.
    """
    if not may(actor, Action.PLAN_READ):
        demand(actor, Action.ROUTE_READ, assigned_to_id=actor.staff_id)
    plan = work.plans.next_in_force(today)
    return today if plan is None else plan.day


def plan_in_force(work: Work, actor: Actor, day: date) -> Plan | None:
    """The plan that the floor follows on a day.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        day: County date.

    Returns:
        The plan, or None before one is made.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_READ)
    return work.plans.in_force(day)


def _orders_of(plan: Plan | None) -> set[int]:
    if plan is None:
        return set()
    orders = plan.problem.get("orders", [])
    # The problem is JSON that `web.planning` wrote; ids of orders are rows of prescriptions.
    return {int(order["id"]) for order in orders}  # type: ignore[attr-defined]


def _routes(
    work: Work, plan: Plan | None, vehicles: dict[int | None, Vehicle], couriers: dict[int, Staff]
) -> list[RouteBrief]:
    if plan is None or plan.id is None:
        return []
    routes = work.routes.of_plan(plan.id)
    stops = [stop for route in routes for stop in route.stops]
    villages = work.institutions.by_ids(stop.village_id for stop in stops)
    parcels = standings(work.session, [d.prescription_id for stop in stops for d in stop.deliveries])

    def brief(stop: RouteStop) -> StopBrief:
        handed_over = [parcels[delivery.prescription_id] for delivery in stop.deliveries]
        return StopBrief(stop, villages[stop.village_id], handed_over)

    return [
        RouteBrief(
            route,
            vehicles[route.vehicle_id],
            couriers[route.courier_id],
            [brief(stop) for stop in route.stops],
        )
        for route in routes
    ]
