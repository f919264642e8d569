"""One county day from the first patient to the last door, by the same services as the web."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path

from tcm.knowledge import load
from tcm.records.clock import at_minute, minute_of
from tcm.records.ledger import Event
from tcm.records.lifecycle import OPEN_STATES, State
from tcm.records.plans import PlanState, Route
from tcm.records.roles import Role
from tcm.services import delivering, planning
from tcm.store.engine import Store
from tcm.store.queries import newest_day
from web.demo import floor
from web.demo.aftercare import hear_patients
from web.demo.clock import DayClock
from web.demo.faults import SECOND_TRY_MIN, faults_of_day
from web.demo.mornings import write_prescriptions
from web.demo.photographs import Photographs
from web.demo.prints import write_prints
from web.demo.reviews import review_all
from web.demo.town import Tell, Town
from web.jobs.planning import Planner
from web.planning import GRID_MIN

# Patients are seen the afternoon before; the centre cooks from early morning.
VISITS_MIN = 13 * 60 + 30
PLAN_MIN = 6 * 60 - 15
FIRST_MIN = 6 * 60
CLOSING_MIN = 20 * 60
PLAN_S = 20.0
REPLAN_S = 12.0


@dataclass(frozen=True)
class Order:
    """What one demo day is asked to be.

    Args:
        prescriptions: How many patients.
        seed: Of everything drawn by lot.
        today: The real county date.
        photos: Folder of tongue photographs, None for drawn ones.
        faults: Whether things go wrong.
        public_url: What QR codes begin with.
        out: Where the prints go.
        threads: Of the schedule's search.
    """

    prescriptions: int
    seed: int
    today: date
    photos: Path | None
    faults: bool
    public_url: str
    out: Path
    threads: int = 2


@dataclass
class Summary:
    """What `summary.json` says of a day; see docs of the command."""

    day: str = ""
    prescriptions: int = 0
    delivered: int = 0
    failed: int = 0
    cancelled: int = 0
    scrapped: int = 0
    lost: int = 0
    late: int = 0
    waiting: list[dict[str, str]] = field(default_factory=list)
    plans_checked: int = 0
    plans_failed: int = 0
    photographs_refused: int = 0
    scrapped_batches: int = 0
    failed_deliveries: int = 0
    doses: int = 0
    prints: int = 0
    seconds: float = 0.0
    sample_bag: str = ""

    def to_dict(self) -> dict[str, object]:
        """For JSON."""
        return asdict(self)


def run_day(store: Store, order: Order, tell: Tell) -> Summary:
    """Run a county day in the store.

    Args:
        store: Set up by `web.demo.county.set_up`; earlier days may lie in it.
        order: What the day is asked to be.
        tell: Told the stage, how many are done, and of how many.

    Returns:
        What came of it; `seconds` is left for the caller to fill.

    Raises:
        FileNotFoundError: When the folder of photographs is empty.
    """
    visits_on = _first_free_day(store, order.today)
    clock = DayClock(at_minute(visits_on, VISITS_MIN))
    rng = random.Random(f"{order.seed}/{visits_on}")  # noqa: S311 - an invented day, not a secret
    town = Town(store, clock, load(), rng, visits_on + timedelta(days=1), tell)
    town.meet()
    photographs = Photographs(order.photos, rng.randrange(2**31))
    tag = f"demo-{town.day:%Y%m%d}-{order.seed}"
    signed = write_prescriptions(town, photographs, order.prescriptions, tag)
    review_all(town)
    summary = Summary(day=town.day.isoformat())
    clock.to(at_minute(town.day, PLAN_MIN))
    _plan(town, order, summary, FIRST_MIN, PLAN_S, f"{tag}-plan")
    signed += _live(town, order, summary, photographs, tag)
    hear_patients(town, signed, tag)
    clock.to(at_minute(town.day, CLOSING_MIN))
    with town.work() as work:
        work.ledger.seal(work.now)
        work.commit()
    summary.photographs_refused = photographs.refused
    summary.prints = write_prints(town, signed, order.public_url, order.out)
    _count(town, signed, summary)
    return summary


def _first_free_day(store: Store, today: date) -> date:
    with store.work() as work:
        newest = newest_day(work.session)
    return today if newest is None else max(today, newest + timedelta(days=1))


def _live(town: Town, order: Order, summary: Summary, photographs: Photographs, tag: str) -> list[int]:
    late: list[int] = []
    absent = _absent(town) if order.faults else set()
    for fault in faults_of_day(photographs, order.prescriptions, tag) if order.faults else []:
        at = at_minute(town.day, fault.minute)
        for happening in floor.due(town):
            if happening.at < at:
                _do(town, happening, absent)
        town.clock.to(at)
        late += fault.strike(town)
        from_minute = minute_of(town.day, town.clock()) // GRID_MIN * GRID_MIN + GRID_MIN
        _plan(town, order, summary, from_minute, REPLAN_S, f"{tag}-{fault.minute}")
    left = floor.due(town)
    for number, happening in enumerate(left, start=1):
        _do(town, happening, absent)
        town.tell("live", number, len(left))
    return late


def _do(town: Town, happening: floor.Happening, absent: set[int]) -> None:
    if happening.what != "deliver" or happening.subject_id not in absent:
        floor.do(town, happening)
        return
    # At the second try they are at home.
    absent.remove(happening.subject_id)
    town.clock.to(happening.at)
    with town.work() as work:
        prescription = work.prescriptions.get(happening.subject_id)
        route = work.routes.carrying([happening.subject_id])[happening.subject_id]
        courier = work.staff.get(route.courier_id).actor
        delivering.fail(work, courier, prescription.key(), prescription.version, "not_home")
        work.commit()


def _absent(town: Town) -> set[int]:
    early = at_minute(town.day, SECOND_TRY_MIN)
    doors = [each for each in floor.due(town) if each.what == "deliver" and each.at < early]
    return {each.subject_id for each in doors[:1]}


def _plan(town: Town, order: Order, summary: Summary, from_minute: int, seconds: float, key: str) -> None:
    manager = town.staff[Role.MANAGER][0].actor
    with town.work() as work:
        if not work.prescriptions.in_states(OPEN_STATES - {State.LOADED}):
            # On a small day everything is at its door before the last fault: nothing is left to plan.
            return
        plan = planning.ask_plan(
            work,
            manager,
            town.day,
            from_minute=from_minute,
            seconds=seconds,
            seed=order.seed,
            request_key=key,
            enqueue=_planned_here,
        )
        work.commit()
    planner = Planner(town.store, town.clock, town.knowledge, threads=order.threads)
    planner.run(plan.id or 0, lambda fraction, stage: town.tell(f"plan: {stage}", int(fraction * 100), 100))
    with town.work() as work:
        made = work.plans.get(plan.id or 0)
    summary.plans_checked += 1
    if made.state is not PlanState.DONE:
        summary.plans_failed += 1


def _planned_here(_work: object, _plan_id: int) -> None:
    # The demo plans in its own process, so that no worker is needed.
    return


def _count(town: Town, signed: list[int], summary: Summary) -> None:
    with town.work() as work:
        prescriptions = list(work.prescriptions.by_ids(signed).values())
        states = Counter(each.state for each in prescriptions)
        plan = work.plans.in_force(town.day)
        why = {int(str(each["id"])): str(each["zh"]) for each in plan.unserved} if plan is not None else {}
        bags = work.bags.of_prescriptions(signed)
        chains = work.ledger.chains(signed)
        kinds = Counter(event.target for chain in chains.values() for event in chain if event.kind == "move")
        carrying = work.routes.carrying(signed)
    summary.late = sum(_is_late(chains[key], key, route) for key, route in carrying.items())
    final = (State.DELIVERED, State.FAILED, State.CANCELLED, State.SCRAPPED)
    unfinished = [each for each in prescriptions if each.state not in final]
    summary.prescriptions = len(signed)
    summary.doses = sum(each.doses_count for each in prescriptions)
    summary.delivered, summary.failed = states[State.DELIVERED], states[State.FAILED]
    summary.cancelled, summary.scrapped = states[State.CANCELLED], states[State.SCRAPPED]
    summary.waiting = [
        {"number": each.number or "", "why": why[each.key()]} for each in unfinished if each.key() in why
    ]
    summary.lost = len(signed) - len(prescriptions) + len(unfinished) - len(summary.waiting)
    summary.scrapped_batches, summary.failed_deliveries = kinds[State.SCRAPPED], kinds[State.FAILED]
    summary.sample_bag = next((each[0].code for _, each in sorted(bags.items())), "")


def _is_late(chain: Sequence[Event], prescription_id: int, route: Route) -> bool:
    promised_to_at = max(
        stop.promised_to_at
        for stop in route.stops
        if prescription_id in {delivery.prescription_id for delivery in stop.deliveries}
    )
    return any(event.target is State.DELIVERED and event.at > promised_to_at for event in chain)
