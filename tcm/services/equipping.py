"""What vehicles, couriers and village roads can do, as the manager knows them."""

from dataclasses import dataclass

from tcm.records.centre import VEHICLE_KINDS, Vehicle
from tcm.records.errors import N_, Invalid
from tcm.records.people import Institution, InstitutionKind, Staff
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.store.work import Work


@dataclass(frozen=True)
class VehicleDetails:
    """What the vehicle form asks.

    Args:
        kind: `van`, `motorbike` or `foot`.
        capacity_bags: Bags it can carry at once.
        capacity_ml: Millilitres it can carry at once, None where bags alone count.
        shift_start_min: Minutes after midnight.
        shift_end_min: Minutes after midnight.
        breaks: The courier's rests: earliest and latest begin, length in minutes.
        max_trips: Trips a day at most.
        speed_factor: 0.8 means a fifth slower than its kind usually is.
        active: False while it is out of service.
    """

    kind: str
    capacity_bags: int
    capacity_ml: int | None
    shift_start_min: int
    shift_end_min: int
    breaks: tuple[tuple[int, int, int], ...]
    max_trips: int
    speed_factor: float
    active: bool


@dataclass(frozen=True)
class Equipment:
    """Vehicles with who drives them, and the villages of one township.

    Args:
        vehicles: All of them, out of service too.
        townships: Of the village clinics, in order.
        township: The one whose villages are shown, empty where there is none.
        villages: Its village clinics.
    """

    vehicles: list[tuple[Vehicle, Staff]]
    townships: list[str]
    township: str
    villages: list[Institution]


def equipment(work: Work, actor: Actor, township: str) -> Equipment:
    """Vehicles, and the villages of a township.

    Args:
        work: The unit of work.
        actor: A manager.
        township: Which; the first where it has no village.

    Returns:
        The equipment.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    vehicles = work.vehicles.all()
    couriers = work.staff.by_ids(vehicle.courier_id for vehicle in vehicles)
    villages = work.institutions.of_kind(InstitutionKind.VILLAGE_CLINIC)
    townships = sorted({village.township for village in villages})
    shown = township if township in townships else next(iter(townships), "")
    return Equipment(
        vehicles=[(vehicle, couriers[vehicle.courier_id]) for vehicle in vehicles],
        townships=townships,
        township=shown,
        villages=[village for village in villages if village.township == shown],
    )


def change_vehicle(work: Work, actor: Actor, vehicle_id: int, details: VehicleDetails) -> Vehicle:
    """Write down what a vehicle and its courier can do; the next plan keeps it.

    Args:
        work: The unit of work.
        actor: A manager.
        vehicle_id: Which.
        details: What the form says.

    Returns:
        The vehicle.

    Raises:
        Invalid: When a shift or rest ends before it begins.
        NotFound: When there is no such vehicle.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    if details.kind not in VEHICLE_KINDS:
        raise Invalid(N_("请选面包车、摩托车或步行。"))
    if details.shift_end_min <= details.shift_start_min:
        raise Invalid(N_("下班要晚于上班。"))
    if any(latest < earliest for earliest, latest, _ in details.breaks):
        raise Invalid(N_("休息最晚开始要晚于最早开始。"))
    vehicle = work.vehicles.get(vehicle_id)
    for name, value in vars(details).items():
        setattr(vehicle, name, [list(rest) for rest in value] if name == "breaks" else value)
    return vehicle


def change_village(
    work: Work,
    actor: Actor,
    village_id: int,
    *,
    has_road: bool,
    vehicle_kinds: tuple[str, ...],
    door_windows: tuple[tuple[int, int], ...],
) -> Institution:
    """Write down what a village's road lets through and when somebody is at its door.

    Args:
        work: The unit of work.
        actor: A manager.
        village_id: A village clinic.
        has_road: Whether any vehicle can reach it.
        vehicle_kinds: Which kinds can.
        door_windows: First and last minute after midnight; any time where empty.

    Returns:
        The village clinic.

    Raises:
        Invalid: When it is no village clinic, no kind can reach it, or windows overlap.
        NotFound: When there is no such house.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    village = work.institutions.get(village_id)
    if village.kind is not InstitutionKind.VILLAGE_CLINIC:
        raise Invalid(N_("这不是村卫生室。"))
    if has_road and not set(vehicle_kinds) & set(VEHICLE_KINDS):
        raise Invalid(N_("至少选一种能到的车；都到不了就去掉“通车”。"))
    ends = [minute for window in door_windows for minute in window]
    if ends != sorted(set(ends)):
        raise Invalid(N_("收药时段要先后分开，结束晚于开始。"))
    village.has_road = has_road
    # Without a road no kind is asked for; what was there stays for the day it is opened.
    village.vehicle_kinds = [kind for kind in VEHICLE_KINDS if kind in vehicle_kinds] or village.vehicle_kinds
    village.door_windows = [list(window) for window in door_windows]  # type: ignore[misc]
    return village
