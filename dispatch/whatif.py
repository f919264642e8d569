"""What if: the day planned again with one thing changed, so that plans can be held against one another."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

from dispatch.county import Vehicle
from dispatch.day import plan
from dispatch.outcomes import Change, Curve, Kind, Outcome, parts_from_packing
from dispatch.plan_types import DayPlan
from dispatch.problem import Day, Order, Pot
from dispatch.travel import Travel, great_circle_travel

Progress = Callable[[float, str], None]

# More of these, and every plan of the day as it was is still a plan of the changed day.
_RELAXING: frozenset[Kind] = frozenset({"vehicles", "pots", "packers", "loaders", "adders", "shift_min"})
_ROLES: tuple[Kind, ...] = ("packers", "loaders", "adders")


def table(
    day: Day,
    travel: Travel | None,
    changes: Sequence[Change],
    *,
    seconds: float,
    seed: int,
    threads: int = 2,
    repeatable: bool = False,
    on_progress: Progress | None = None,
) -> tuple[Outcome, ...]:
    """Plan the day as it is, then with each change, always with the same seconds and seed.

    Args:
        day: as it is.
        travel: matrices; great circle times winding from the day's coordinates where None.
        changes: each by itself, not one upon the other.
        seconds: for each plan.
        seed, threads, repeatable: of each plan.
        on_progress: told a fraction 0..1 and "whatif", then "done".

    Returns:
        The day as it is, then one outcome for each change in order. More vehicles, pots, people or hours
        never come out dearer than the day as it is: its plan is then kept, and marked so.

    Raises:
        ValueError: more vehicles or pots of a day that has none to copy; as `dispatch.day.plan`.
    """
    asked = _Asked(day, travel, seconds, seed, threads, repeatable, on_progress, 1 + len(changes))
    first = asked.outcome(None)
    rows = [first]
    rows += [_no_dearer(asked.outcome(change), first) for change in changes]
    asked.finish()
    return tuple(rows)


def curve(
    day: Day,
    travel: Travel | None,
    kind: Kind,
    amounts: Sequence[int],
    *,
    seconds: float,
    seed: int,
    threads: int = 2,
    repeatable: bool = False,
    on_progress: Progress | None = None,
) -> Curve:
    """Plan the day with one quantity in rising steps.

    Args:
        day, travel: as in `table`.
        kind: the quantity.
        amounts: as of Change, rising; 0 of vehicles, pots, people or hours is the day as it is.
        seconds, seed, threads, repeatable, on_progress: as in `table`.

    Raises:
        ValueError: amounts that do not rise; otherwise as in `table`.
    """
    if list(amounts) != sorted(set(amounts)):
        raise ValueError("amounts must rise")
    asked = _Asked(day, travel, seconds, seed, threads, repeatable, on_progress, len(amounts))
    outcomes: list[Outcome] = []
    for amount in amounts:
        found = asked.outcome(Change(kind, amount))
        outcomes.append(_no_dearer(found, outcomes[-1]) if outcomes else found)
    asked.finish()
    return Curve(kind, tuple(amounts), tuple(outcomes))


def changed(day: Day, change: Change) -> Day:
    """The day with the change.

    A new vehicle is like the van that holds most, a new pot of the size and duty that is most frequent.

    Raises:
        ValueError: more vehicles or pots of a day that has none to copy.
    """
    kind, amount = change.kind, change.amount
    if kind == "vehicles":
        return replace(day, vehicles=(*day.vehicles, *_more_vehicles(day, amount)))
    if kind == "pots":
        return replace(day, pots=(*day.pots, *_more_pots(day, amount)))
    if kind in _ROLES:
        return replace(day, crew=replace(day.crew, **{kind: getattr(day.crew, kind) + amount}))
    if kind == "shift_min":
        longer = (replace(each, shift_end_min=each.shift_end_min + amount) for each in day.vehicles)
        return replace(day, vehicles=tuple(longer), horizon_min=day.horizon_min + amount)
    if kind == "cut_off_min":
        return replace(day, orders=tuple(order for order in day.orders if _is_in_by(order, amount)))
    return replace(day, buffer_min=amount)


def outcome_of(day: Day, made: DayPlan, change: Change | None = None, *, deferred: int = 0) -> Outcome:
    """The figures of a plan.

    Args:
        day: what was planned.
        made: its plan.
        change: what is different in it.
        deferred: orders that the change left for the next day.
    """
    packed = {each.job_id: each.pack_end_min for each in made.schedule.jobs}
    arrive = {each.order_id: each.arrive_min for each in made.promises}
    served = [order for order in day.orders if order.id in arrive]
    waits = [arrive[order.id] - _begins_min(order) for order in served]
    return Outcome(
        change=change,
        parts=parts_from_packing(day, made),
        vehicles=len({trip.vehicle_id for trip in made.routes.trips}),
        metres=made.routes.metres,
        orders=len(day.orders),
        deferred=deferred,
        unserved=len(made.unserved),
        late=sum(_is_late(order, arrive[order.id], packed) for order in served),
        hours_to_door=sum(waits) / 60 / max(1, len(waits)),
        makespan_min=made.schedule.makespan_min,
    )


class _Asked:
    """One way of planning for all rows, and how far they are."""

    def __init__(
        self,
        day: Day,
        travel: Travel | None,
        seconds: float,
        seed: int,
        threads: int,
        repeatable: bool,
        on_progress: Progress | None,
        rows: int,
    ) -> None:
        self.day, self.rows, self.done = day, rows, 0
        self.travel = travel or great_circle_travel(day.centre, day.villages, day.travel)
        self.how = {"seconds": seconds, "seed": seed, "threads": threads, "repeatable": repeatable}
        self.tell = on_progress or (lambda _fraction, _stage: None)

    def outcome(self, change: Change | None) -> Outcome:
        """Plan one row."""
        day = changed(self.day, change) if change else self.day
        made = plan(
            day,
            travel=self.travel,
            on_progress=lambda part, _stage: self.tell((self.done + part) / self.rows, "whatif"),
            **self.how,  # type: ignore[arg-type]  # one dict for arguments of several types
        )
        self.done += 1
        return outcome_of(day, made, change, deferred=len(self.day.orders) - len(day.orders))

    def finish(self) -> None:
        """Say that all rows are there."""
        self.tell(1.0, "done")


def _no_dearer(found: Outcome, of_less: Outcome) -> Outcome:
    """The plan of less, where more of the same was planned dearer: a search is no proof."""
    change = found.change
    if change is None or change.kind not in _RELAXING or found.parts.total_fen <= of_less.parts.total_fen:
        return found
    return replace(of_less, change=change, is_kept=True)


def _more_vehicles(day: Day, count: int) -> list[Vehicle]:
    if not day.vehicles:
        raise ValueError("vehicles is empty: there is none to be copied")
    vans = [vehicle for vehicle in day.vehicles if vehicle.kind == "van"] or list(day.vehicles)
    pattern = max(vans, key=lambda vehicle: vehicle.capacity_bags)
    start = min(vehicle.shift_start_min for vehicle in vans)
    taken = {vehicle.id for vehicle in day.vehicles}
    return [
        replace(
            pattern,
            id=id_,
            name=f"{pattern.name}+{number}",
            # The pattern may be out already: then its shift begins when it is back, and its use is paid.
            shift_start_min=start if pattern.trips_done else pattern.shift_start_min,
            fixed_cost_fen=max(vehicle.fixed_cost_fen for vehicle in vans),
            trips_done=0,
            familiar=(),
        )
        for number, id_ in enumerate(_new_ids(f"{pattern.id}+", taken, count), 1)
    ]


def _more_pots(day: Day, count: int) -> list[Pot]:
    if not day.pots:
        raise ValueError("pots is empty: there is none to be copied")
    sizes = Counter((pot.duty, pot.max_ml) for pot in day.pots)
    duty, max_ml = max(sizes, key=lambda each: (sizes[each], each))
    return [Pot(id_, max_ml, duty) for id_ in _new_ids("P+", {pot.id for pot in day.pots}, count)]


def _new_ids(stem: str, taken: set[str], count: int) -> list[str]:
    possible = (f"{stem}{number}" for number in range(1, len(taken) + count + 1))
    return [each for each in possible if each not in taken][:count]


def _is_in_by(order: Order, minute: int) -> bool:
    return order.job is None or order.job.started is not None or order.job.release_min <= minute


def _begins_min(order: Order) -> int:
    return order.job.release_min if order.job is not None else order.ready_min or 0


def _is_late(order: Order, arrive_min: int, packed: dict[str, int]) -> bool:
    if order.due_min is not None:
        return arrive_min > order.due_min
    return order.job is not None and packed[order.job.id] > order.job.due_min
