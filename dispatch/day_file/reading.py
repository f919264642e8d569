"""From a day file to a Day: one clear sentence for whatever cannot be used."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pydantic import ValidationError

from dispatch.county import Break, Centre, TravelSettings, Vehicle, Village
from dispatch.day_file.forms import (
    BoilForm,
    DayForm,
    GreatCircleForm,
    OrderForm,
    PlaceForm,
    VehicleForm,
)
from dispatch.formats import FormatError
from dispatch.problem import Crew, Day, Job, Order, Pot, refuse_hopeless
from dispatch.roads.gcj02 import to_wgs84

T = TypeVar("T")


def read_form(data: bytes) -> DayForm:
    """Read the fields of a day file, and refuse what no plan could be meant for.

    Args:
        data: the file.

    Raises:
        FormatError: naming the field, or the place where the file is cut.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FormatError(f"byte {error.start}: the file is not UTF-8 text") from error
    if not text.strip():
        raise FormatError("line 1: the file is empty")
    try:
        form = DayForm.model_validate_json(text)
    except ValidationError as error:
        raise FormatError(_sentence(error)) from error
    _refuse_twice(form)
    _refuse_unknown(form)
    for at, order in enumerate(form.orders):
        _refuse_order(f"orders[{at}]", order, form.clock.now_min)
    return form


def to_day(form: DayForm) -> Day:
    """The planner's problem of a day file.

    Raises:
        FormatError: naming the field: no pot of a duty, a job larger than any pot, nobody of a role that is
            needed, due before release, breaks or windows out of order.
    """
    start_clock_min = int(form.clock.start[:2]) * 60 + int(form.clock.start[3:])
    settings = TravelSettings()
    if isinstance(form.travel, GreatCircleForm):
        settings = TravelSettings(form.travel.winding_factor, form.travel.mean_speed_kmh)
    handling, prices, limits = form.handling, form.prices, form.limits
    is_gcj02 = form.coordinates == "gcj02"
    lon, lat = _wgs84(form.centre.lon, form.centre.lat, is_gcj02=is_gcj02)
    try:
        day = Day(
            orders=tuple(_order(form, each) for each in form.orders),
            pots=tuple(Pot(each.id, each.max_ml, each.duty) for each in form.pots),
            crew=Crew(form.crew.packers, form.crew.loaders, form.crew.adders),
            vehicles=tuple(_vehicle(at, each) for at, each in enumerate(form.vehicles)),
            villages=tuple(_village(at, each, is_gcj02=is_gcj02) for at, each in enumerate(form.places)),
            centre=Centre(form.centre.id, form.centre.name, lon, lat),
            horizon_min=form.clock.horizon_min,
            grid_min=form.clock.grid_min,
            now_min=form.clock.now_min,
            start_clock_min=start_clock_min,
            service_min=handling.service_min,
            service_order_min=handling.service_order_min,
            loading_min=handling.loading_min,
            waves_min=tuple(form.waves_min),
            wait_fen_per_hour=prices.wait_fen_per_hour,
            promise_early_min=form.promise.early_min,
            promise_late_min=form.promise.late_min,
            travel=settings,
            buffer_min=handling.buffer_min,
            late_fen_per_hour=prices.late_fen_per_hour,
            strange_stop_fen=prices.strange_stop_fen,
            uneven_fen=prices.uneven_fen,
            longest_box_min=limits.longest_box_min,
            fragile_box_min=limits.fragile_box_min,
            fragile_factor=limits.fragile_factor,
        )
        refuse_hopeless(day.decoction())
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError(" ".join(str(error).split())) from error
    return day


def _sentence(error: ValidationError) -> str:
    """The first thing that is wrong, with its place as it is written in the file."""
    first = error.errors(include_url=False)[0]
    if first["type"] == "json_invalid":
        return f"not JSON, {first['ctx']['error']}; is the file cut?"
    # The discriminator of `travel` is part of the place in pydantic's words, and no part of the file.
    tags = {"great_circle", "osm", "osrm", "matrix"}
    at = [part for part in first["loc"] if part not in tags]
    where = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in at).lstrip(".")
    return f"{where or 'day'}: {_told(first['type'], first['msg'], first.get('input'))}"


def _told(kind: str, message: str, value: Any) -> str:
    if kind == "missing":
        return "it is missing"
    if kind == "extra_forbidden":
        return "there is no such field"
    shown = "" if isinstance(value, dict | list) else f", got {value!r}"
    return f"{message[:1].lower()}{message[1:]}{shown}"


def _refuse_twice(form: DayForm) -> None:
    lists: dict[str, Iterable[str]] = {
        "orders": (each.id for each in form.orders),
        "pots": (each.id for each in form.pots),
        "vehicles": (each.id for each in form.vehicles),
        "places": (each.id for each in form.places),
    }
    for where, ids in lists.items():
        seen: dict[str, int] = {}
        for at, each in enumerate(ids):
            if each in seen:
                raise FormatError(f"{where}[{at}].id: {each!r} is that of {where}[{seen[each]}] already")
            seen[each] = at
    for at, place in enumerate(form.places):
        if place.id == form.centre.id:
            raise FormatError(f"places[{at}].id: {place.id!r} is that of the centre already")


def _refuse_unknown(form: DayForm) -> None:
    known = {each.id for each in form.places}
    for at, order in enumerate(form.orders):
        if order.village not in known:
            raise FormatError(f"orders[{at}].village: there is no place {order.village!r}")
    for at, vehicle in enumerate(form.vehicles):
        for each in vehicle.familiar:
            if each not in known:
                raise FormatError(f"vehicles[{at}].familiar: there is no place {each!r}")
    wanted = {order.village for order in form.orders}
    if wanted and not any(each.road for each in form.places if each.id in wanted):
        raise FormatError("places: not one place that an order goes to has a road")


def _refuse_order(where: str, order: OrderForm, now_min: int) -> None:
    if order.ready_min is not None:
        given = [
            each for each in ("boil", "release_min", "packed_by_min") if getattr(order, each) is not None
        ]
        if given:
            raise FormatError(f"{where}.{given[0]}: not for an order that is packed already (ready_min)")
    release = order.release_min if order.release_min is not None else order.ready_min
    for field in ("packed_by_min", "due_min"):
        due = getattr(order, field)
        if due is not None and release is not None and due < release:
            raise FormatError(f"{where}.{field}: {due} lies before the order's release at {release}")


def _order(form: DayForm, order: OrderForm) -> Order:
    return Order(
        id=order.id,
        village_id=order.village,
        bags=order.bags,
        volume_ml=order.ml,
        job=_job(form, order) if order.ready_min is None else None,
        ready_min=order.ready_min,
        priority=order.priority,
        due_min=order.due_min,
        longest_box_min=order.longest_box_min,
        fragile=order.fragile,
    )


def _job(form: DayForm, order: OrderForm) -> Job:
    boil = order.boil or BoilForm()
    release = form.clock.now_min if order.release_min is None else order.release_min
    if boil.add_at_min is not None and boil.add_at_min > boil.cook_min:
        raise FormatError(
            f"order {order.id}: boil.add_at_min {boil.add_at_min} lies after cooking ({boil.cook_min})"
        )
    return Job(
        id=order.id,
        ml=order.ml,
        release_min=release,
        soak_min=boil.soak_min,
        load_min=boil.load_min,
        cook_min=boil.cook_min,
        pack_min=boil.pack_min,
        clean_min=boil.clean_min,
        due_min=_packed_by_min(form, order, release),
        taint=order.taint,
        add_at_min=boil.add_at_min,
        add_min=boil.add_min if boil.add_at_min is not None else 0,
        weight=order.priority,
        recipe=order.recipe,
    )


def _packed_by_min(form: DayForm, order: OrderForm, release: int) -> int:
    """What the schedule aims at where the file does not say it."""
    if order.packed_by_min is not None:
        return order.packed_by_min
    loading = form.handling.loading_min
    aims = [form.clock.horizon_min]
    aims += [order.due_min - loading] if order.due_min is not None else []
    aims += [form.waves_min[-1] - loading] if form.waves_min else []
    return max(release, min(aims))


def _village(at: int, place: PlaceForm, *, is_gcj02: bool) -> Village:
    lon, lat = _wgs84(place.lon, place.lat, is_gcj02=is_gcj02)
    windows = tuple((first, last) for first, last in place.windows_min)
    return _built(
        f"places[{at}]",
        Village,
        id=place.id,
        name=place.name or place.id,
        lon=lon,
        lat=lat,
        has_road=place.road,
        windows=windows,
        kinds=tuple(place.kinds),
    )


def _vehicle(at: int, vehicle: VehicleForm) -> Vehicle:
    litres = vehicle.capacity_litres
    return _built(
        f"vehicles[{at}]",
        Vehicle,
        id=vehicle.id,
        name=vehicle.name or vehicle.id,
        capacity_bags=vehicle.capacity_bags,
        shift_start_min=vehicle.shift_start_min,
        shift_end_min=vehicle.shift_end_min,
        km_cost_fen=vehicle.km_cost_fen,
        fixed_cost_fen=vehicle.fixed_cost_fen,
        capacity_ml=None if litres is None else round(litres * 1000),
        speed_factor=vehicle.speed_factor,
        max_trips=vehicle.max_trips,
        kind=vehicle.kind,
        breaks=tuple(
            _built(f"vehicles[{at}].breaks[{number}]", Break, **each.model_dump())
            for number, each in enumerate(vehicle.breaks)
        ),
        familiar=tuple(vehicle.familiar),
    )


def _built(where: str, made: Callable[..., T], /, **values: Any) -> T:
    try:
        return made(**values)
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from error


def _wgs84(lon: float, lat: float, *, is_gcj02: bool) -> tuple[float, float]:
    return to_wgs84(lon, lat) if is_gcj02 else (lon, lat)
