"""What a manager could relax for an order that is left out: one constraint at a time, by rising amounts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dispatch.county import VEHICLE_KINDS, Vehicle, VehicleKind, Window
from dispatch.problem import DUTY_FOR, LONGEST_DAY_MIN, Day, Order, Pot
from dispatch.reasons import clock
from dispatch.travel import Matrices, Travel, great_circle_travel

# Minutes by which times are moved, the smallest first.
STEPS_MIN = (15, 30, 60, 120)
# Tried last of all: a day that needs them was planned for other hours.
LARGE_STEPS_MIN = (240, 480)


@dataclass(frozen=True, slots=True)
class Easing:
    """A day with one constraint relaxed.

    Attributes:
        code: of dispatch.reasons.RELAXATIONS.
        amount: by how much; minutes, millilitres, bags or pieces, as the code says.
        day: the changed day.
        travel: the matrices of the changed day.
        order: the order, as it is in the changed day.
        facts: for the sentences.
    """

    code: str
    amount: int
    day: Day
    travel: Travel
    order: Order
    facts: Mapping[str, object] = field(default_factory=dict)


def easings(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    """Every constraint that may be relaxed for an order, the ones a manager would rather relax first.

    A vehicle's shift, one more trip, a pot more, a longer horizon, a longer time in the box, the door, the
    kinds of vehicle on the road, a vehicle more, a larger pot; then what is harder to have: a person more,
    an order that comes earlier, a courier without a break, a larger vehicle, an open road; last of all,
    hours quite different from the day's. Smaller amounts of one kind of change come before larger ones,
    whatever the vehicle.

    Args:
        day: the problem.
        travel: its matrices.
        order: of the day.
    """
    yield from _shifts(day, travel, order, STEPS_MIN)
    yield from _trips(day, travel, order)
    yield from _pots(day, travel, order)
    yield from _horizons(day, travel, order, STEPS_MIN)
    yield from _boxes(day, travel, order, STEPS_MIN)
    yield from _doors(day, travel, order, STEPS_MIN)
    yield from _kinds(day, travel, order)
    yield from _vehicles(day, travel, order)
    yield from _larger_pots(day, travel, order)
    yield from _people(day, travel, order)
    yield from _earlier(day, travel, order)
    yield from _breaks(day, travel, order)
    yield from _larger_vehicles(day, travel, order)
    yield from _roads(day, travel, order)
    yield from _shifts(day, travel, order, LARGE_STEPS_MIN)
    yield from _horizons(day, travel, order, LARGE_STEPS_MIN)
    yield from _boxes(day, travel, order, LARGE_STEPS_MIN)
    yield from _doors(day, travel, order, LARGE_STEPS_MIN)


def _shifts(day: Day, travel: Travel, order: Order, steps: Sequence[int]) -> Iterator[Easing]:
    for step in steps:
        for vehicle in day.vehicles:
            end = vehicle.shift_end_min + step
            longer = _with_vehicle(day, replace(vehicle, shift_end_min=end))
            facts = {"vehicle": vehicle.name, "clock": clock(end, day.start_clock_min)}
            yield Easing("shift_end_later", step, longer, travel, order, facts)
        for vehicle in day.vehicles:
            start = vehicle.shift_start_min - step
            if start >= day.now_min and not vehicle.trips_done:
                longer = _with_vehicle(day, replace(vehicle, shift_start_min=start))
                facts = {"vehicle": vehicle.name, "clock": clock(start, day.start_clock_min)}
                yield Easing("shift_start_earlier", step, longer, travel, order, facts)


def _trips(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    for vehicle in day.vehicles:
        if vehicle.max_trips < 20:
            more = _with_vehicle(day, replace(vehicle, max_trips=vehicle.max_trips + 1))
            yield Easing("one_more_trip", 1, more, travel, order, {"vehicle": vehicle.name})


def _pots(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    """One more pot as large as the largest of its duty; where there is none, large enough."""
    if order.job is None:
        return
    duty = DUTY_FOR[order.job.taint]
    sizes = [pot.max_ml for pot in day.pots if pot.duty == duty]
    ml = max(sizes, default=max([order.job.ml, *(pot.max_ml for pot in day.pots)]))
    pot = Pot(_new_id("pot", {each.id for each in day.pots}), ml, duty)
    facts = {"duty": duty, "ml": ml}
    yield Easing("one_more_pot", 1, replace(day, pots=(*day.pots, pot)), travel, order, facts)


def _horizons(day: Day, travel: Travel, order: Order, steps: Sequence[int]) -> Iterator[Easing]:
    for step in steps:
        end = day.horizon_min + step
        if order.job is not None and end <= LONGEST_DAY_MIN:
            longer = replace(day, horizon_min=end)
            facts = {"clock": clock(end, day.start_clock_min)}
            yield Easing("later_horizon", step, longer, travel, order, facts)


def _boxes(day: Day, travel: Travel, order: Order, steps: Sequence[int]) -> Iterator[Easing]:
    """A longer time in the box, for this order alone."""
    limit = day.longest_box_of(order)
    if limit is None:
        return
    # The day's limits are written into every other order, so that they hold for those as before.
    others = tuple(replace(each, longest_box_min=day.longest_box_of(each)) for each in day.orders)
    free = replace(day, orders=others, longest_box_min=None, fragile_box_min=None)
    for step in steps:
        eased = replace(order, longest_box_min=limit + step)
        yield Easing("longer_box", step, _with_order(free, eased), travel, eased)


def _doors(day: Day, travel: Travel, order: Order, steps: Sequence[int]) -> Iterator[Easing]:
    village = next(each for each in day.villages if each.id == order.village_id)
    for step in steps if village.windows else ():
        for code, sign in (("door_later", 1), ("door_earlier", -1)):
            windows = _moved(village.windows, step * sign)
            if windows is None:
                continue
            villages = tuple(
                replace(each, windows=windows) if each.id == village.id else each for each in day.villages
            )
            minute = windows[-1][1] if sign > 0 else windows[0][0]
            facts = {"place": village.name, "clock": clock(minute, day.start_clock_min)}
            yield Easing(code, step, replace(day, villages=villages), travel, order, facts)


def _moved(windows: tuple[Window, ...], by_min: int) -> tuple[Window, ...] | None:
    """Doors open longer at the end of the day, or from earlier at its beginning."""
    (first, until), (since, last) = windows[0], windows[-1]
    if by_min > 0:
        return (*windows[:-1], (since, last + by_min))
    if first + by_min < 0:
        return None
    return ((first + by_min, until), *windows[1:])


def _kinds(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    village = next(each for each in day.villages if each.id == order.village_id)
    here = {vehicle.kind for vehicle in day.vehicles}
    for kind in VEHICLE_KINDS:
        if kind in here and kind not in village.kinds:
            villages = tuple(
                replace(each, kinds=(*each.kinds, kind)) if each.id == village.id else each
                for each in day.villages
            )
            facts = {"place": village.name, "kind": kind}
            yield Easing("other_kind", 1, replace(day, villages=villages), travel, order, facts)


def _vehicles(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    """One more of each sort of vehicle there is, fresh for its whole shift."""
    seen: set[tuple[VehicleKind, int, int | None]] = set()
    for vehicle in day.vehicles:
        sort = (vehicle.kind, vehicle.capacity_bags, vehicle.capacity_ml)
        if sort not in seen:
            seen.add(sort)
            id_ = _new_id("vehicle", {each.id for each in day.vehicles})
            more = replace(day, vehicles=(*day.vehicles, replace(vehicle, id=id_, trips_done=0)))
            yield Easing("one_more_vehicle", 1, more, travel, order, {"vehicle": vehicle.name})


def _larger_pots(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    if order.job is None:
        return
    duty, ml = DUTY_FOR[order.job.taint], order.job.ml
    for pot in day.pots:
        if pot.duty == duty and pot.max_ml < ml:
            larger = tuple(replace(each, max_ml=ml) if each.id == pot.id else each for each in day.pots)
            yield Easing("larger_pot", ml, replace(day, pots=larger), travel, order, {"duty": duty})


def _people(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    for role in ("loader", "packer", "adder") if order.job is not None else ():
        crew = replace(day.crew, **{f"{role}s": getattr(day.crew, f"{role}s") + 1})
        yield Easing("one_more_person", 1, replace(day, crew=crew), travel, order, {"role": role})


def _earlier(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    job = order.job
    if job is None or job.started is not None:
        return
    for step in STEPS_MIN:
        if job.release_min - step >= day.now_min:
            sooner = replace(order, job=replace(job, release_min=job.release_min - step))
            yield Easing("order_earlier", step, _with_order(day, sooner), travel, sooner)


def _breaks(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    for vehicle in day.vehicles:
        for rest in vehicle.breaks:
            kept = tuple(each for each in vehicle.breaks if each != rest)
            facts = {"vehicle": vehicle.name, "clock": clock(rest.earliest_min, day.start_clock_min)}
            without = _with_vehicle(day, replace(vehicle, breaks=kept))
            yield Easing("break_left_out", rest.length_min, without, travel, order, facts)


def _larger_vehicles(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    for vehicle in sorted(day.vehicles, key=lambda each: -each.capacity_bags):
        bags, ml = max(order.bags, vehicle.capacity_bags), vehicle.capacity_ml
        ml = None if ml is None else max(order.volume_ml, ml)
        if (bags, ml) != (vehicle.capacity_bags, vehicle.capacity_ml):
            larger = _with_vehicle(day, replace(vehicle, capacity_bags=bags, capacity_ml=ml))
            facts = {"vehicle": vehicle.name, "ml": order.volume_ml}
            yield Easing("larger_vehicle", bags, larger, travel, order, facts)


def _roads(day: Day, travel: Travel, order: Order) -> Iterator[Easing]:
    """The road to the village opened, its length estimated from coordinates: nothing else knows it."""
    row = travel.index()[order.village_id]
    if travel.connected(row):
        return
    villages = tuple(
        replace(each, has_road=True) if each.id == order.village_id else each for each in day.villages
    )
    village = next(each for each in villages if each.id == order.village_id)
    opened = replace(day, villages=villages)
    straight = great_circle_travel(day.centre, (village,), day.travel)
    metres, minutes = travel.metres.copy(), travel.minutes.copy()
    # There and back from the centre alone is enough to try a trip of its own.
    metres[0, row] = metres[row, 0] = straight.metres[0, 1]
    minutes[0, row] = minutes[row, 0] = straight.minutes[0, 1]
    metres[row, row] = minutes[row, row] = 0
    open_road = Matrices(metres, minutes)
    roads = replace(travel, metres=metres, minutes=minutes, by_kind=dict.fromkeys(travel.by_kind, open_road))
    yield Easing("road_opened", 1, opened, roads, order, {"place": village.name})


def _with_vehicle(day: Day, vehicle: Vehicle) -> Day:
    return replace(day, vehicles=tuple(vehicle if each.id == vehicle.id else each for each in day.vehicles))


def _with_order(day: Day, order: Order) -> Day:
    return replace(day, orders=tuple(order if each.id == order.id else each for each in day.orders))


def _new_id(kind: str, taken: set[str]) -> str:
    return next(name for number in range(len(taken) + 1) if (name := f"{kind} +{number + 1}") not in taken)
