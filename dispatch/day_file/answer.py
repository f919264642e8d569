"""A day plan as `tangye plan` prints it."""

import dataclasses
from typing import Any

from dispatch.check.violation import Violation
from dispatch.formats import scheduled_row
from dispatch.plan_types import CostParts, DayPlan, Promise, Relaxation, Trip, Unserved
from dispatch.problem import Day
from dispatch.reasons import clock


def answer(day: Day, plan: DayPlan, violations: list[Violation], *, seconds: float) -> dict[str, Any]:
    """The document of a plan.

    Args:
        day: the problem.
        plan: of that day.
        violations: what the checker found.
        seconds: wall time of the command so far.
    """
    total, bound = plan.routes.parts.total_fen, plan.lower_bound_fen
    relaxed = {each.order_id: each for each in plan.relaxations}
    return {
        "feasible": not plan.unserved and not violations,
        "cost": _cost(plan.routes.parts),
        "lower_bound": bound,
        "gap_percent": _gap_percent(total, bound),
        "made_by": plan.made_by,
        "engine": {"schedule": plan.schedule.engine, "routes": plan.routes.engine},
        "seconds": round(seconds, 3),
        "makespan_min": plan.schedule.makespan_min,
        "metres": plan.routes.metres,
        "schedule": [scheduled_row(each) for each in plan.schedule.jobs],
        "routes": _routes(day, plan),
        "orders": [_order(day, each) for each in _in_order(day, plan)],
        "unserved": [_unserved(each, relaxed.get(each.id)) for each in plan.unserved],
        "violations": [dataclasses.asdict(each) for each in violations],
    }


def _gap_percent(total: int, bound: int) -> float | None:
    """How far above the bound; None where nothing is known."""
    if total <= bound:
        return 0.0
    return round(100 * (total - bound) / bound, 2) if bound > 0 else None


def _cost(parts: CostParts) -> dict[str, int]:
    return dataclasses.asdict(parts) | {"total_fen": parts.total_fen}


def _in_order(day: Day, plan: DayPlan) -> list[Promise]:
    promised = {each.order_id: each for each in plan.promises}
    return [promised[order.id] for order in day.orders if order.id in promised]


def _routes(day: Day, plan: DayPlan) -> list[dict[str, Any]]:
    stops = {stop.id: stop for stop in plan.stops}
    found: list[dict[str, Any]] = []
    for vehicle in day.vehicles:
        trips = sorted(
            (each for each in plan.routes.trips if each.vehicle_id == vehicle.id),
            key=lambda each: each.number,
        )
        if trips:
            found.append(
                {
                    "vehicle": vehicle.id,
                    "kind": vehicle.kind,
                    "trips": [_trip(each, stops) for each in trips],
                    "rests": [
                        {"start": each.start_min, "end": each.end_min}
                        for each in plan.routes.rests
                        if each.vehicle_id == vehicle.id
                    ],
                }
            )
    return found


def _trip(trip: Trip, stops: dict[str, Any]) -> dict[str, Any]:
    return {
        "depart": trip.depart_min,
        "return": trip.return_min,
        "metres": trip.metres,
        "bags": trip.bags,
        "ml": trip.volume_ml,
        "stops": [
            {
                "village": stops[visit.stop_id].place_id,
                "orders": list(stops[visit.stop_id].order_ids),
                "arrive": visit.arrive_min,
                "wait": visit.wait_min,
                "leave": visit.leave_min,
            }
            for visit in trip.visits
        ],
    }


def _order(day: Day, promise: Promise) -> dict[str, Any]:
    minutes = {
        "ready": promise.ready_min,
        "arrive": promise.arrive_min,
        "promised_from": promise.from_min,
        "promised_to": promise.to_min,
    }
    clocks = {f"{name}_clock": clock(minute, day.start_clock_min) for name, minute in minutes.items()}
    return {
        "id": promise.order_id,
        "village": promise.village_id,
        "vehicle": promise.vehicle_id,
        "trip": promise.trip,
        **minutes,
        **clocks,
    }


def _unserved(each: Unserved, relax: Relaxation | None) -> dict[str, Any]:
    return {
        "id": each.id,
        "why": each.en,
        "why_zh": each.zh,
        "code": each.code,
        "relax": None
        if relax is None
        else {"code": relax.code, "amount": relax.amount, "why": relax.en, "why_zh": relax.zh},
    }
