"""The project's own form, JSON: everything an Instance holds.

    {"name": "...", "depot": {"x": 0, "y": 0, "window": [0, 480]},
     "clients": [{"id": 1, "x": 3, "y": 4, "demand": [2, 1], "service": 5, "windows": [[60, 120], [300, 360]],
                  "release": 30, "vehicles": ["van"]}],
     "vehicles": [{"name": "van", "count": 2, "capacity": [40, 60], "fixed_cost": 100, "unit_cost": 2,
                   "shift": [0, 480], "max_distance": 900, "max_trips": 3}],
     "distances": [[...]], "durations": [[...]]}

Without matrices the coordinates count, rounded to the nearest whole number; null in a matrix is no road.
"""

import json
from collections import deque
from typing import Annotated, Any

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from dispatch.formats import FormatError
from dispatch.routing.formats.figures import MOST_CLIENTS
from dispatch.routing.instance import (
    ALWAYS,
    MOST,
    NO_LIMIT,
    UNREACHABLE,
    Client,
    Depot,
    Instance,
    Matrix,
    VehicleType,
    euclidean,
)

Whole = Annotated[int, Field(ge=0, le=MOST)]
Coordinate = Annotated[float, Field(ge=-1e6, le=1e6, allow_inf_nan=False)]
Table = list[list[Whole | None]]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class DepotForm(_Strict):
    """The depot as written."""

    x: Coordinate | None = None
    y: Coordinate | None = None
    window: list[Whole] = Field(default=[0, NO_LIMIT], min_length=2, max_length=2)


class ClientForm(_Strict):
    """A client as written."""

    id: Annotated[int, Field(ge=1, le=MOST)]
    x: Coordinate | None = None
    y: Coordinate | None = None
    demand: Whole | list[Whole] = 0
    service: Whole = 0
    windows: list[Annotated[list[Whole], Field(min_length=2, max_length=2)]] | None = None
    release: Whole = 0
    vehicles: list[str] | None = None


class VehicleForm(_Strict):
    """A vehicle type as written."""

    name: str = Field(min_length=1)
    count: Annotated[int, Field(ge=1, le=100_000)]
    capacity: Annotated[int, Field(ge=1, le=MOST)] | list[Annotated[int, Field(ge=1, le=MOST)]]
    fixed_cost: Whole = 0
    unit_cost: Annotated[int, Field(ge=0, le=1_000_000)] = 1
    shift: list[Whole] = Field(default=[0, NO_LIMIT], min_length=2, max_length=2)
    max_distance: Whole | None = None
    max_trips: Annotated[int, Field(ge=1, le=1000)] = 1


class InstanceForm(_Strict):
    """A file as written."""

    name: str | None = None
    depot: DepotForm
    clients: list[ClientForm] = Field(min_length=1, max_length=MOST_CLIENTS)
    vehicles: list[VehicleForm] = Field(min_length=1, max_length=1000)
    distances: Table | None = None
    durations: Table | None = None


def read_json(text: str, name: str) -> Instance:
    """Read an instance.

    Args:
        text: the file.
        name: where it has none.

    Raises:
        FormatError: naming the line of broken JSON, or the field.
    """
    try:
        form = InstanceForm.model_validate(json.loads(text))
    except json.JSONDecodeError as error:
        raise FormatError(f"line {error.lineno}: not JSON, {error.msg}; is the file cut?") from error
    except RecursionError as error:
        raise FormatError("line 1: not an instance, lists within lists without end") from error
    except ValidationError as error:
        raise FormatError(_first_of(error)) from error
    _refuse_twice([each.id for each in form.clients], "clients", "id")
    _refuse_twice([each.name for each in form.vehicles], "vehicles", "name")
    distances, durations = _matrices(form)
    _refuse_cut_off(form, distances, durations)
    types = {each.name: at for at, each in enumerate(form.vehicles)}
    return Instance(
        form.name or name,
        _build("depot", Depot, open_at=form.depot.window[0], close_at=form.depot.window[1]),
        tuple(_client(at, each, types) for at, each in enumerate(form.clients)),
        tuple(_vehicle(at, each) for at, each in enumerate(form.vehicles)),
        distances,
        durations,
        _places(form) or (),
    )


def _first_of(error: ValidationError) -> str:
    """The first wrong field; where a figure or a list may stand, what is wrong with the one that does."""
    every = error.errors(include_url=False)
    field = every[0]["loc"][:-1]
    worst = max(
        (each for each in every if each["loc"][: len(field)] == field), key=lambda each: len(each["loc"])
    )
    # Pydantic names the form too, such as list[constrained-int]; people do not.
    parts = [at for at in worst["loc"] if isinstance(at, int) or at.isidentifier()]
    where = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in parts).lstrip(".")
    said = "an object in braces is expected" if worst["type"] == "model_type" else worst["msg"]
    return f"{where or 'instance'}: {said}"


def _build(where: str, kind: Any, **values: Any) -> Any:
    try:
        return kind(**values)
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from error


def _refuse_twice(values: list[Any], where: str, field: str) -> None:
    seen: dict[Any, int] = {}
    for at, value in enumerate(values):
        if value in seen:
            raise FormatError(f"{where}[{at}].{field}: {value!r} is that of {where}[{seen[value]}] already")
        seen[value] = at


def _client(at: int, form: ClientForm, types: dict[str, int]) -> Client:
    for name in form.vehicles or ():
        if name not in types:
            raise FormatError(f"clients[{at}].vehicles: there is no vehicle {name!r}")
    client: Client = _build(
        f"clients[{at}]",
        Client,
        number=form.id,
        demand=tuple(form.demand) if isinstance(form.demand, list) else (form.demand,),
        service=form.service,
        windows=ALWAYS if form.windows is None else tuple((first, last) for first, last in form.windows),
        release=form.release,
        vehicle_types=None if form.vehicles is None else frozenset(types[name] for name in form.vehicles),
    )
    return client


def _vehicle(at: int, form: VehicleForm) -> VehicleType:
    kind: VehicleType = _build(
        f"vehicles[{at}]",
        VehicleType,
        name=form.name,
        count=form.count,
        capacity=tuple(form.capacity) if isinstance(form.capacity, list) else (form.capacity,),
        fixed_cost=form.fixed_cost,
        unit_cost=form.unit_cost,
        start_at=form.shift[0],
        end_at=form.shift[1],
        max_distance=form.max_distance,
        max_trips=form.max_trips,
    )
    return kind


def _places(form: InstanceForm) -> tuple[tuple[float, float], ...] | None:
    found = _coordinates(form)
    placed = tuple((x, y) for x, y in found if x is not None and y is not None)
    return placed if len(placed) == len(found) else None


def _coordinates(form: InstanceForm) -> list[tuple[float | None, float | None]]:
    return [(form.depot.x, form.depot.y), *((each.x, each.y) for each in form.clients)]


def _matrices(form: InstanceForm) -> tuple[Matrix, Matrix]:
    tables = {
        name: _matrix(name, table, len(form.clients) + 1)
        for name, table in (("distances", form.distances), ("durations", form.durations))
        if table is not None
    }
    if not tables:
        places = _places(form)
        if places is None:
            at = next(at for at, place in enumerate(_coordinates(form)) if None in place)
            where = f"clients[{at - 1}]" if at else "depot"
            raise FormatError(f"{where}: x and y are needed where there are no distances")
        matrix = euclidean(places, scale=1, nearest=True)
        return matrix, matrix
    distances = tables.get("distances", tables.get("durations"))
    durations = tables.get("durations", distances)
    if distances is None or durations is None:
        raise AssertionError("one of two tables is there")
    return distances, durations


def _matrix(name: str, table: Table, size: int) -> Matrix:
    if len(table) != size:
        raise FormatError(f"{name}: {size} rows are expected (the depot first), {len(table)} are here")
    for at, row in enumerate(table):
        if len(row) != size:
            raise FormatError(f"{name}[{at}]: {size} figures are expected, {len(row)} are here")
    values = [[UNREACHABLE if cell is None else cell for cell in row] for row in table]
    matrix = np.array(values, dtype=np.int64)
    np.fill_diagonal(matrix, 0)
    return matrix


def _refuse_cut_off(form: InstanceForm, distances: Matrix, durations: Matrix) -> None:
    """Refuse clients that no road leads to or back from."""
    open_road = (distances < UNREACHABLE) & (durations < UNREACHABLE)
    for roads, way in ((open_road, "to"), (open_road.T, "back from")):
        seen, queue = {0}, deque([0])
        while queue:
            reached = {int(node) for node in np.flatnonzero(roads[queue.popleft()])} - seen
            seen |= reached
            queue.extend(reached)
        for at, each in enumerate(form.clients):
            if at + 1 not in seen:
                raise FormatError(f"clients[{at}]: no road leads {way} client {each.id}")
