"""Orders gathered into stops: what one visit brings to one place."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatch.plan_types import Schedule, Stop
from dispatch.problem import Day, Order


def ready_times(day: Day, made: Schedule) -> dict[str, int]:
    """When the bags of every order are packed, for the orders that will be."""
    packed = {each.job_id: each.pack_end_min for each in made.jobs}
    ready: dict[str, int] = {}
    for order in day.orders:
        if order.ready_min is not None:
            ready[order.id] = order.ready_min
        elif order.job is not None and order.job.id in packed:
            ready[order.id] = packed[order.job.id]
    return ready


def make_stops(day: Day, ready: Mapping[str, int]) -> tuple[Stop, ...]:
    """Gather the orders into stops: one for each village and wave, more where no vehicle holds them together.

    Args:
        day: villages, waves, vehicles.
        ready: packing end of each order; orders without one are left out.
    """
    groups: dict[tuple[str, int], list[Order]] = defaultdict(list)
    for order in day.orders:
        if order.id in ready:
            groups[order.village_id, _wave(day, ready[order.id])].append(order)
    stops: list[Stop] = []
    for (village, wave), orders in groups.items():
        for number, part in enumerate(parts_that_fit(day, orders)):
            stops.append(make_stop(day, f"{village}/{wave + 1}/{number + 1}", part, ready))
    return tuple(stops)


def parts_that_fit(day: Day, orders: Sequence[Order]) -> list[list[Order]]:
    """Orders of one village in as few parts as the largest vehicle needs to hold each (first fit).

    Args:
        day: its vehicles.
        orders: of one village; the largest go first.
    """
    bags = max((vehicle.capacity_bags for vehicle in day.vehicles), default=0)
    volumes = [vehicle.capacity_ml for vehicle in day.vehicles]
    volume_ml = None if None in volumes else max((each for each in volumes if each is not None), default=0)
    parts: list[list[Order]] = []
    for order in sorted(orders, key=lambda each: (-each.bags, each.id)):
        for part in parts:
            fits = sum(each.bags for each in [*part, order]) <= bags
            if fits and (volume_ml is None or sum(each.volume_ml for each in [*part, order]) <= volume_ml):
                part.append(order)
                break
        else:
            parts.append([order])
    return parts


def make_stop(day: Day, stop_id: str, orders: Sequence[Order], ready: Mapping[str, int]) -> Stop:
    """The stop of some orders of one village.

    Args:
        day: villages, service times, limits in the box.
        stop_id: of the stop.
        orders: at least one.
        ready: packing end of each of them.
    """
    village = next(each for each in day.villages if each.id == orders[0].village_id)
    limits = [(order, day.longest_box_of(order)) for order in orders]
    return Stop(
        id=stop_id,
        place_id=village.id,
        order_ids=tuple(order.id for order in orders),
        bags=sum(order.bags for order in orders),
        volume_ml=sum(order.volume_ml for order in orders),
        ready_min=max(ready[order.id] for order in orders) + day.buffer_min,
        service_min=day.service_min + day.service_order_min * len(orders),
        priority=max(day.priority_of(order) for order in orders),
        windows=village.windows,
        kinds=village.kinds,
        latest_min=min((ready[order.id] + box for order, box in limits if box is not None), default=None),
        due_min=min((order.due_min for order in orders if order.due_min is not None), default=None),
    )


def _wave(day: Day, ready_min: int) -> int:
    """Index of the first wave the bags can still be loaded for; after the last one, one more."""
    loaded = ready_min + day.loading_min
    return sum(wave < loaded for wave in day.waves_min)
