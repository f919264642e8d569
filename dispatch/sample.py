"""A made-up county day: for benchmarks, tests and the published example. Places and orders are invented."""

import math
import random
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Literal, get_args

from dispatch.county import Break, Centre, Vehicle, Village
from dispatch.problem import Crew, Day, Job, Order, Pot, Taint
from dispatch.travel import great_circle_m

_SURNAMES = "张王李赵陈杨黄周吴徐孙马朱胡林郭何高罗郑"
_LANDS = ["家湾", "家冲", "家坳", "家桥", "家坪", "家岭", "家塘", "家垄", "家畈", "家铺"]


# What a day may have besides pots, vans and villages.
Extra = Literal["mixed", "windows", "breaks", "fragile", "boxes", "due"]
EXTRAS: tuple[Extra, ...] = get_args(Extra)

# Clinics are open from 08:00 to 12:00 and from 14:00 to 17:30; couriers rest half an hour around noon.
_OPEN = ((180, 420), (540, 750))
_LUNCH = Break(360, 480, 30)


def synthetic_day(
    *,
    seed: int = 1,
    orders: int = 170,
    villages: int = 161,
    pots: int = 30,
    vehicles: int = 6,
    extras: Collection[Extra] = (),
) -> Day:
    """A county day from 05:00: orders of 14 bags, two waves, shifts from 08:00 to 18:30.

    Two of thirty pots serve toxic and four strong-smelling recipes, as many as a few per cent of the orders
    need; villages lie scattered within 24 km of the centre. Orders of far villages are due an hour earlier,
    so that they are cooked first.

    Args:
        seed: of places and orders.
        orders, villages, pots, vehicles: how many of each.
        extras: "mixed": half as many motorbikes as vans, and a village in twenty that lets no van through;
            "windows": a village in four has its clinic's hours; "breaks": couriers rest at noon; "fragile":
            an order in twelve is a frail patient's, at most five hours in the box; "boxes": eight hours for
            all; "due": an order in ten is wanted by noon. The rest of the day is the same without them.
    """
    day = _plain(seed, orders, villages, pots, vehicles)
    for extra in EXTRAS:
        if extra in extras:
            # Each draws by itself, so that one extra does not change another.
            day = _WITH[extra](day, random.Random(f"{seed} {extra}"))  # noqa: S311 (invented data)
    return day


def _plain(seed: int, orders: int, villages: int, pots: int, vehicles: int) -> Day:
    rng = random.Random(seed)  # noqa: S311 (invented data, not a secret)
    centre = Centre("C", "共享中药房", 113.45, 29.47)
    places = tuple(_village(rng, centre, number) for number in range(villages))
    return Day(
        orders=tuple(_order(rng, number, centre, places) for number in range(orders)) if places else (),
        pots=tuple(_pot(number, pots) for number in range(pots)),
        crew=Crew(packers=3, loaders=3, adders=2),
        vehicles=tuple(
            Vehicle(
                id=f"V{number + 1}",
                name=f"{number + 1}号车",
                capacity_bags=600,
                shift_start_min=180,
                shift_end_min=810,
                km_cost_fen=90,
                fixed_cost_fen=8000,
            )
            for number in range(vehicles)
        ),
        villages=places,
        centre=centre,
        horizon_min=780,
        start_clock_min=300,
        waves_min=(330, 510),
    )


def _mixed(day: Day, rng: random.Random) -> Day:
    bikes = tuple(
        Vehicle(
            id=f"M{number + 1}",
            name=f"{number + 1}号摩托",
            capacity_bags=80,
            shift_start_min=180,
            shift_end_min=810,
            km_cost_fen=30,
            fixed_cost_fen=4000,
            kind="motorbike",
        )
        for number in range(len(day.vehicles) // 2)
    )
    if not bikes:
        return day
    villages = tuple(
        replace(village, kinds=("motorbike", "foot")) if rng.random() < 0.05 else village
        for village in day.villages
    )
    return replace(day, vehicles=(*day.vehicles, *bikes), villages=villages)


def _windows(day: Day, rng: random.Random) -> Day:
    villages = tuple(
        replace(village, windows=_OPEN) if rng.random() < 0.25 else village for village in day.villages
    )
    return replace(day, villages=villages)


def _breaks(day: Day, _rng: random.Random) -> Day:
    return replace(day, vehicles=tuple(replace(vehicle, breaks=(_LUNCH,)) for vehicle in day.vehicles))


def _fragile(day: Day, rng: random.Random) -> Day:
    orders = tuple(replace(order, fragile=rng.random() < 1 / 12) for order in day.orders)
    return replace(day, orders=orders, fragile_box_min=300)


def _boxes(day: Day, _rng: random.Random) -> Day:
    return replace(day, longest_box_min=480)


def _due(day: Day, rng: random.Random) -> Day:
    orders = tuple(replace(order, due_min=420) if rng.random() < 0.1 else order for order in day.orders)
    return replace(day, orders=orders)


_WITH: dict[Extra, Callable[[Day, random.Random], Day]] = {
    "mixed": _mixed,
    "windows": _windows,
    "breaks": _breaks,
    "fragile": _fragile,
    "boxes": _boxes,
    "due": _due,
}


def _village(rng: random.Random, centre: Centre, number: int) -> Village:
    # Square root: as many villages on each square kilometre of the disc.
    distance_km, angle = 24 * math.sqrt(rng.random()), rng.uniform(0, 2 * math.pi)
    name = rng.choice(_SURNAMES) + rng.choice(_LANDS)
    km_a_degree = 111.32 * math.cos(math.radians(centre.lat))
    return Village(
        id=f"N{number + 1:03}",
        name=f"{name}村",
        lon=round(centre.lon + distance_km * math.sin(angle) / km_a_degree, 5),
        lat=round(centre.lat + distance_km * math.cos(angle) / 110.57, 5),
    )


def _pot(number: int, pots: int) -> Pot:
    if number < max(1, pots // 15):
        return Pot(f"P{number + 1:02}", 15_000, "toxic")
    if number < max(1, pots // 15) + max(1, pots // 7):
        return Pot(f"P{number + 1:02}", 15_000, "strong")
    return Pot(f"P{number + 1:02}", (6_000, 6_000, 9_000, 15_000)[number % 4])


def _order(rng: random.Random, number: int, centre: Centre, villages: tuple[Village, ...]) -> Order:
    bags = rng.choice((10, 14, 14, 14, 20, 28))
    draw = rng.random()
    taint: Taint = "toxic" if draw < 0.02 else "strong" if draw < 0.08 else "none"
    # Nearly half of the prescriptions come in overnight, the others through the morning.
    release = 15 if rng.random() < 0.45 else 15 + 5 * rng.randrange(48)
    cook = rng.choice((50, 60, 60, 60, 75, 95))
    village = rng.choice(villages)
    is_far = great_circle_m(centre.lon, centre.lat, village.lon, village.lat) > 15_000
    return Order(
        id=f"R{number + 1:03}",
        village_id=village.id,
        bags=bags,
        volume_ml=bags * 200,
        job=Job(
            id=f"R{number + 1:03}",
            ml=bags * 200,
            taint=taint,
            release_min=release,
            soak_min=30,
            load_min=5,
            cook_min=cook,
            add_at_min=cook - 10 if rng.random() < 0.35 else None,
            add_min=5,
            pack_min=5,
            clean_min=20 if taint != "none" else 10,
            due_min=(380 if release < 60 else 560) - (60 if is_far else 0),
        ),
    )
