"""The courier's day: own routes, loading, handing over, and what could not be handed over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tcm.knowledge.box_limits import BoxLimits
from tcm.records.aftercare import NoticeKind
from tcm.records.centre import Vehicle
from tcm.records.clinical import Bag, Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Patient, Staff
from tcm.records.permissions import Action, demand
from tcm.records.plans import Route, RouteStop
from tcm.records.road import DeliveryAttempt, Handover, PhoneTime, Proof
from tcm.records.roles import Actor
from tcm.services.access import look
from tcm.services.cashing import collect
from tcm.services.cooling import limits_of
from tcm.services.halting import is_halted
from tcm.services.handing_over import keep_proof, make_codes
from tcm.services.loading import READY, Loaded, left_behind
from tcm.services.moving import hold, move
from tcm.services.notifying import queue
from tcm.services.retrying import demand_not_past
from tcm.store.trace_queries import recalled_prescriptions
from tcm.store.work import Work

ON_PAPER = Proof()


@dataclass(frozen=True)
class Parcel:
    """What one patient gets at one stop.

    Args:
        prescription: Which.
        patient: For whom; the courier must hand it to the right person.
        bags: The bags, empty until they are packed.
        due_fen: To be collected at the door, 0 for nothing.
        handover: How it was handed over, None before.
    """

    prescription: Prescription
    patient: Patient
    bags: list[Bag]
    due_fen: int = 0
    handover: Handover | None = None


@dataclass(frozen=True)
class StopView:
    """One stop of a route with all that is handed over there.

    Args:
        stop: Place and times.
        village: The village clinic.
        parcels: In the order of their numbers.
    """

    stop: RouteStop
    village: Institution
    parcels: list[Parcel]


@dataclass(frozen=True)
class RouteView:
    """A courier's route as page and paper show it.

    Args:
        route: The route.
        vehicle: The vehicle.
        courier: Who drives.
        stops: In driving order.
        box: How warm the box on the vehicle may be.
    """

    route: Route
    vehicle: Vehicle
    courier: Staff
    stops: list[StopView]
    box: BoxLimits


@dataclass(frozen=True)
class StopPage:
    """One stop and the route it belongs to.

    Args:
        view: The route.
        stop: The stop.
        in_force: False where the route was planned anew since.
    """

    view: RouteView
    stop: StopView
    in_force: bool


def my_routes(work: Work, actor: Actor, day: date) -> list[RouteView]:
    """A courier's routes of a day.

    Args:
        work: The unit of work.
        actor: The courier.
        day: County date.

    Returns:
        The routes under the plan in force.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.ROUTE_READ, assigned_to_id=actor.staff_id)
    routes = work.routes.of_courier(actor.staff_id, day)
    return [_view(work, actor, route) for route in routes]


def open_route(work: Work, actor: Actor, route_id: int) -> RouteView:
    """One route with its stops and parcels.

    Args:
        work: The unit of work.
        actor: Its courier or a manager.
        route_id: Which.

    Returns:
        The route.

    Raises:
        NotFound: When there is no such route.
        Forbidden: When it is another courier's.
    """
    return _view(work, actor, work.routes.get(route_id))


def open_stop(work: Work, actor: Actor, stop_id: int) -> StopPage:
    """One stop of a route, as the QR code on the sheet leads to it.

    Args:
        work: The unit of work.
        actor: The courier of the route, or a manager.
        stop_id: Row of the stop; stops of plans no longer followed can still be opened, since sheets on
            paper outlive them.

    Returns:
        The stop with its route.

    Raises:
        NotFound: When there is no such stop.
        Forbidden: When it is on another courier's route.
    """
    route = work.routes.of_stop(stop_id)
    view = _view(work, actor, route)
    stop = next(each for each in view.stops if each.stop.id == stop_id)
    return StopPage(view, stop, in_force=work.plans.get(route.plan_id).in_force)


def load_trip(
    work: Work, actor: Actor, route_id: int, trip: int, *, phone: PhoneTime | None = None
) -> Loaded:
    """Put everything packed for a trip onto the vehicle.

    Args:
        work: The unit of work.
        actor: The courier of the route.
        route_id: Which route.
        trip: Which trip of it.
        phone: When it was by the phone's clock, None where a page tells it at once; what was packed since
            stands at the centre.

    Returns:
        What is on the vehicle now and what was not packed yet.

    Raises:
        NotFound: When the route has no such trip.
        Forbidden: When it is another courier's.
    """
    route = _own_route(work, actor, work.routes.get(route_id))
    stops = [stop for stop in route.stops if stop.trip == trip]
    if not stops:
        raise NotFound(N_("这条路线没有这一趟。"))
    ids = sorted(d.prescription_id for stop in stops for d in stop.deliveries)
    # Held is only what may leave, for the floor goes on with the rest; its state is looked at again then.
    known = work.prescriptions.by_ids(ids)
    known |= {each: hold(work, each) for each in ids if known[each].state in READY}
    behind = left_behind(work, route, [known[each] for each in ids if known[each].state in READY], phone)
    sorted_out: dict[str, list[str]] = {}
    left = []
    for each in ids:
        prescription = known[each]
        if prescription.state in READY:
            where = behind.get(each, "loaded")
            if where == "loaded":
                move(work, actor, prescription, State.LOADED, payload={"route": route_id, "trip": trip})
                left.append(each)
        elif prescription.state not in (State.LOADED, State.DELIVERED, State.CANCELLED):
            where = "missing"
        else:
            continue
        sorted_out.setdefault(where, []).append(prescription.number or "")
    work.session.flush()
    # Before the notice, which tells the code.
    make_codes(work, left)
    queue(work, left, NoticeKind.LEFT)
    return Loaded(**{where: tuple(numbers) for where, numbers in sorted_out.items()})


def deliver(
    work: Work,
    actor: Actor,
    prescription_id: int,
    version: int | None,
    *,
    bag_codes: Sequence[str] = (),
    proof: Proof = ON_PAPER,
    paid_fen: int | None = None,
    phone: PhoneTime | None = None,
) -> Prescription:
    """Hand a prescription over.

    Args:
        work: The unit of work.
        actor: The courier who carries it.
        prescription_id: Which.
        version: What the page knew; None for a scan.
        bag_codes: Bags scanned at the door; each must belong to the prescription.
        proof: What shows that it was handed over; by default a signature on the printed sheet.
        paid_fen: What was collected, None where nobody said.
        phone: When it was by the phone's clock, None where a page tells it at once.

    Returns:
        The delivered prescription; delivering it again changes nothing.

    Raises:
        Stale: When it was moved since the page was opened.
        Invalid: When a scanned bag is another patient's; when proof or cash is not as it must be.
        IllegalMove: When a lot in it is called back, or its boil went another way and nobody has decided.
        Forbidden: When another courier carries it, or the pick-up code is wrong.
    """
    prescription = _carried(work, actor, prescription_id, version)
    own = {bag.code for bag in work.bags.of_prescription(prescription_id)}
    if not set(bag_codes) <= own:
        raise Invalid(N_("扫到的袋子不是这张处方的，请核对。"))
    if prescription.state is not State.DELIVERED:
        if recalled_prescriptions(work.session, [prescription_id]):
            raise IllegalMove(N_("这张处方里有召回的批次，不要交给患者；请选“未送达：批次召回”，带回中心。"))
        if is_halted(work, prescription):
            # What a machine sent late may tell only now that it burnt.
            raise IllegalMove(
                N_("这一批的煎煮有异常，不要交给患者；请选“未送达：其他”，带回中心等药师决定。")
            )
        keep_proof(work, actor, prescription, proof, phone)
        receipt = collect(work, actor, prescription, paid_fen)
        paid = {"due_fen": receipt.due_fen, "paid_fen": receipt.paid_fen} if receipt else {}
        payload = {"bags": sorted(own), "way": proof.way.value, **_by_phone(phone), **paid}
        move(work, actor, prescription, State.DELIVERED, payload=payload)
        work.session.flush()
        queue(work, [prescription_id], NoticeKind.ARRIVED)
    return prescription


def fail(
    work: Work,
    actor: Actor,
    prescription_id: int,
    version: int | None,
    reason_code: str,
    *,
    next_on: date | None = None,
    phone: PhoneTime | None = None,
) -> Prescription:
    """A prescription could not be handed over.

    Args:
        work: The unit of work.
        actor: The courier who carries it.
        prescription_id: Which.
        version: What the page knew; None for a scan.
        reason_code: A key of REASONS[FAILED].
        next_on: County date of the next try; where nobody says, the next plan has it.
        phone: When it was by the phone's clock, None where a page tells it at once.

    Returns:
        The prescription, to be loaded again or scrapped.

    Raises:
        Stale: When it was moved since the page was opened.
        Invalid: When the reason is missing, or the date is past.
        Forbidden: When another courier carries it.
    """
    prescription = _carried(work, actor, prescription_id, version)
    if next_on is not None:
        if phone is not None:
            # What was said days ago may be past by now: it goes out with the next plan.
            next_on = max(next_on, county_day(work.now))
        demand_not_past(work, next_on)
    payload = {"next_on": next_on.isoformat()} if next_on else {}
    move(work, actor, prescription, State.FAILED, reason_code=reason_code, payload=payload | _by_phone(phone))
    work.delivery_attempts.add(
        DeliveryAttempt(
            prescription_id=prescription_id,
            courier_id=actor.staff_id,
            reason_code=reason_code,
            next_on=next_on,
            phone_at=phone.at if phone else None,
            phone_skew_s=phone.skew_s if phone else None,
            received_at=work.now,
        )
    )
    return prescription


def find_by_scan(work: Work, actor: Actor, code: str) -> Prescription:
    """The prescription of a scanned bag on one's own vehicle.

    Args:
        work: The unit of work.
        actor: The courier.
        code: A bag code.

    Returns:
        The prescription.

    Raises:
        NotFound: When the code is foreign.
        Forbidden: When another courier carries it.
    """
    bag = work.bags.by_code(code)
    return _carried(work, actor, bag.prescription_id, None)


def _carried(work: Work, actor: Actor, prescription_id: int, version: int | None) -> Prescription:
    route = work.routes.carrying([prescription_id]).get(prescription_id)
    courier_id = route.courier_id if route is not None else None
    look(work, actor, Action.ROUTE_DELIVER, "prescription", prescription_id, assigned_to_id=courier_id)
    prescription = hold(work, prescription_id)
    # A second tap on "delivered" finds its own work done and is no clash.
    if version is not None and prescription.state is not State.DELIVERED:
        prescription = hold(work, prescription_id, version)
    if prescription.state not in (State.LOADED, State.DELIVERED):
        raise IllegalMove(N_("这张处方不在车上。"))
    return prescription


def _by_phone(phone: PhoneTime | None) -> dict[str, str]:
    return {"phone_at": phone.at.isoformat()} if phone else {}


def _own_route(work: Work, actor: Actor, route: Route) -> Route:
    look(work, actor, Action.ROUTE_DELIVER, "route", route.id, assigned_to_id=route.courier_id)
    return route


def _view(work: Work, actor: Actor, route: Route) -> RouteView:
    look(work, actor, Action.ROUTE_READ, "route", route.id, assigned_to_id=route.courier_id)
    ids = [d.prescription_id for stop in route.stops for d in stop.deliveries]
    prescriptions = work.prescriptions.by_ids(ids)
    patients = work.patients.by_ids(p.patient_id for p in prescriptions.values())
    bags = work.bags.of_prescriptions(ids)
    villages = work.institutions.by_ids(stop.village_id for stop in route.stops)
    dues = work.cash_dues.of_prescriptions(ids)
    handovers = work.handovers.of_prescriptions(ids)

    def parcel(prescription_id: int) -> Parcel:
        prescription, due = prescriptions[prescription_id], dues.get(prescription_id)
        return Parcel(
            prescription,
            patients[prescription.patient_id],
            bags.get(prescription_id, []),
            due.due_fen if due else 0,
            handovers.get(prescription_id),
        )

    stops = [
        StopView(stop, villages[stop.village_id], [parcel(d.prescription_id) for d in stop.deliveries])
        for stop in route.stops
    ]
    vehicle, courier = work.vehicles.get(route.vehicle_id), work.staff.get(route.courier_id)
    return RouteView(route, vehicle, courier, stops, limits_of(work))
