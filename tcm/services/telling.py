"""What a proposed plan changes, with the names people use, and who has to be told of it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tcm.records.centre import Vehicle
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action, demand
from tcm.records.plans import Plan
from tcm.records.roles import Actor
from tcm.services.reporting import EventView, events_seen
from tcm.store.queries import standings
from tcm.store.work import Work

# The planner's difference is JSON here: see `dispatch.difference.Difference` for its fields.
Difference = Mapping[str, Any]


@dataclass(frozen=True)
class ToTell:
    """Somebody who has to be told something.

    Args:
        key: By which it is noted that they know.
        who: `courier`, `floor`, `village` or `doctor`.
        code: What they have to be told, as the planner says it.
        name: A person, a house, or the vehicle and its courier; empty for the floor.
        phone: Of the house, empty where unknown.
        numbers: Of the prescriptions it is about.
        windows: The windows promised from now on, first and last minute of the day, each once.
        is_told: Whether it was noted.
    """

    key: str
    who: str
    code: str
    name: str
    phone: str
    numbers: list[str]
    windows: list[tuple[int, int]]
    is_told: bool


@dataclass(frozen=True)
class ProposalView:
    """A plan after events, before the manager's word or after it.

    Args:
        plan: The plan.
        before: The plan it changes, None where it was not found.
        events: What it answers, as the page says it.
        to_tell: Who has to be told.
        numbers: Number by prescription.
        villages: House by row.
        vehicles: Vehicle by row.
    """

    plan: Plan
    before: Plan | None
    events: list[EventView]
    to_tell: list[ToTell]
    numbers: dict[int, str]
    villages: dict[int, Institution]
    vehicles: dict[int, Vehicle]


def proposal_view(work: Work, actor: Actor, plan_id: int) -> ProposalView:
    """What a plan after events changes, and who has to be told.

    Args:
        work: The unit of work.
        actor: A manager.
        plan_id: Which plan; one that is still being computed changes nothing yet.

    Returns:
        The view; it names no patient.

    Raises:
        NotFound: When there is no such plan.
        Forbidden: For other roles.
    """
    demand(actor, Action.PLAN_MAKE)
    plan = work.plans.get(plan_id)
    difference = plan.difference
    prescription_ids = _orders_of(difference)
    numbers = {key: each.number for key, each in standings(work.session, prescription_ids).items()}
    villages = work.institutions.by_ids(_villages_of(difference))
    vehicles = {vehicle.id or 0: vehicle for vehicle in work.vehicles.all()}
    before = difference.get("before")
    return ProposalView(
        plan=plan,
        before=work.plans.by_ids([before]).get(before) if isinstance(before, int) else None,
        events=events_seen(work, work.day_events.of_plan(plan_id), vehicles),
        to_tell=_to_tell(work, plan, numbers, villages, vehicles),
        numbers=numbers,
        villages=villages,
        vehicles=vehicles,
    )


def _to_tell(
    work: Work,
    plan: Plan,
    numbers: Mapping[int, str],
    villages: Mapping[int, Institution],
    vehicles: Mapping[int, Vehicle],
) -> list[ToTell]:
    notices: Sequence[Mapping[str, Any]] = plan.difference.get("notices", [])  # type: ignore[assignment]
    windows: Mapping[str, Sequence[int]] = plan.difference.get("windows", {})  # type: ignore[assignment]
    told = {each["key"] for each in plan.told}
    couriers = work.staff.by_ids(vehicle.courier_id for vehicle in vehicles.values())
    found: list[ToTell] = []

    def add(who: str, key: str, code: str, name: str, phone: str, ids: Iterable[str]) -> None:
        ordered = sorted(set(ids), key=int)
        named = [numbers.get(int(each), each) for each in ordered]
        promised = sorted({(windows[each][0], windows[each][1]) for each in ordered if each in windows})
        full_key = f"{who}:{key}:{code}"
        found.append(ToTell(full_key, who, code, name, phone, named, promised, full_key in told))

    for notice in (each for each in notices if each["who"] == "courier"):
        vehicle = vehicles[int(notice["id"])]
        name = f"{vehicle.name} {couriers[vehicle.courier_id].name}"
        add("courier", notice["id"], notice["code"], name, "", notice["ids"])
    # The floor is told once of all its pots.
    floor: dict[str, list[str]] = defaultdict(list)
    for notice in (each for each in notices if each["who"] == "floor"):
        floor[notice["code"]] += notice["ids"]
    for code, ids in floor.items():
        add("floor", "", code, "", "", ids)
    for notice in (each for each in notices if each["who"] == "village"):
        house = villages[int(notice["id"])]
        add("village", notice["id"], notice["code"], house.name, house.phone, notice["ids"])
    for notice in (each for each in notices if each["who"] == "doctor"):
        for doctor, house, ids in _by_doctor(work, notice["ids"]):
            name = f"{house.name} {doctor.name}"
            add("doctor", str(doctor.id), notice["code"], name, house.phone, ids)
    return found


def _by_doctor(work: Work, order_ids: Sequence[str]) -> list[tuple[Staff, Institution, list[str]]]:
    written = work.prescriptions.by_ids(int(each) for each in order_ids)
    groups: dict[int, list[str]] = defaultdict(list)
    for key, prescription in sorted(written.items()):
        groups[prescription.doctor_id].append(str(key))
    doctors = work.staff.by_ids(groups)
    houses = work.institutions.by_ids(doctor.institution_id for doctor in doctors.values())
    return [(doctors[key], houses[doctors[key].institution_id], ids) for key, ids in groups.items()]


def _orders_of(difference: Difference) -> set[int]:
    keys = {key for notice in difference.get("notices", []) for key in notice["ids"]}
    keys |= {each["order_id"] for each in (*difference.get("orders", []), *difference.get("stranded", []))}
    keys |= {each["job_id"] for each in difference.get("jobs", [])}
    keys |= {each["id"] for each in difference.get("newly_unserved", [])}
    for name in ("new_jobs", "lost_jobs", "newly_served", "returning"):
        keys |= set(difference.get(name, []))
    return {int(key) for key in keys}


def _villages_of(difference: Difference) -> set[int]:
    keys = {each["id"] for each in difference.get("notices", []) if each["who"] == "village"}
    keys |= {each["village_id"] for each in (*difference.get("orders", []), *difference.get("stranded", []))}
    return {int(key) for key in keys}
