"""Problems and plans as JSON-able dicts, and the decoction problem of the command line.

The field names are those of the dataclasses in dispatch.problem and dispatch.plan_types. Reading is strict:
an unknown field, a missing one or a wrong type raises FormatError, which says where.
"""

import dataclasses
import functools
import types
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dispatch.plan_types import DayPlan, Schedule, ScheduledJob
from dispatch.problem import Day, DecoctionProblem, Job, Pot

T = TypeVar("T")


class FormatError(ValueError):
    """Input that cannot be read; the message names the place and what is wrong there."""


def to_dict(value: object) -> Any:
    """A dataclass as dicts, lists and plain values; fields keep their names."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_dict(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [to_dict(each) for each in value]
    return value


def day_from_dict(data: object) -> Day:
    """Read a day.

    Raises: FormatError naming the field.
    """
    return read(Day, data, "day")


def plan_from_dict(data: object) -> DayPlan:
    """Read a day plan.

    Raises: FormatError naming the field.
    """
    return read(DayPlan, data, "plan")


def decoction_from_dict(data: object) -> DecoctionProblem:
    """Read the problem of `tangye decoct`: people stand beside jobs and pots, other fields are passed over.

    Raises: FormatError naming the field.
    """
    problem = _mapping(data, "problem")
    crew = {role: problem[role] for role in ("packers", "loaders", "adders") if role in problem}
    ours = {"crew": crew} | {
        each: problem[each] for each in ("horizon_min", "grid_min", "now_min") if each in problem
    }
    for name, kind in (("jobs", Job), ("pots", Pot)):
        if name not in problem:
            raise FormatError(f"problem: field {name!r} is missing")
        rows = problem[name]
        if not isinstance(rows, list):
            raise FormatError(f"problem.{name}: a list is expected")
        known = {field.name for field in dataclasses.fields(kind)}
        ours[name] = [
            {key: row[key] for key in row if key in known} if isinstance(row, Mapping) else row
            for row in rows
        ]
    return read(DecoctionProblem, ours, "problem")


def decoction_answer(schedule: Schedule) -> dict[str, Any]:
    """What `tangye decoct` prints for a schedule."""
    return {
        "feasible": not schedule.unscheduled,
        "makespan_min": schedule.makespan_min,
        "weighted_tardiness": schedule.weighted_tardiness,
        "lower_bound_min": schedule.lower_bound_min,
        "lower_bound_tardiness": schedule.lower_bound_tardiness,
        "seconds": round(schedule.seconds, 3),
        "engine": schedule.engine,
        "jobs": [scheduled_row(each) for each in schedule.jobs],
        "unscheduled": [
            {"id": each.id, "why": each.en, "why_zh": each.zh, "code": each.code}
            for each in schedule.unscheduled
        ],
    }


def scheduled_row(each: ScheduledJob) -> dict[str, Any]:
    """One job as `tangye decoct` and `tangye plan` print it."""
    return {
        "id": each.job_id,
        "pot": each.pot_id,
        "soak_at": each.soak_at_min,
        "load_at": each.load_at_min,
        "cook_at": each.cook_at_min,
        "pack_at": each.pack_at_min,
    }


def read(kind: type[T], data: object, where: str) -> T:
    """Read one dataclass.

    Args:
        kind: the dataclass.
        data: what json.loads returned.
        where: the name of the place, for messages.

    Raises: FormatError naming the field.
    """
    given = _mapping(data, where)
    fields = {field.name: field for field in dataclasses.fields(cast(Any, kind))}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        raise FormatError(f"{where}: unknown field {unknown[0]!r}")
    values: dict[str, Any] = {}
    for name, field in fields.items():
        if name in given:
            values[name] = _value(_hints(cast(Any, kind))[name], given[name], f"{where}.{name}")
        elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
            raise FormatError(f"{where}: field {name!r} is missing")
    try:
        return kind(**values)
    except FormatError:
        raise
    except ValueError as error:
        raise FormatError(f"{where}: {error}") from error


def _mapping(data: object, where: str) -> Mapping[str, Any]:
    if not isinstance(data, Mapping) or not all(isinstance(key, str) for key in data):
        raise FormatError(f"{where}: an object is expected, got {type(data).__name__}")
    return data


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _value(hint: Any, data: object, where: str) -> Any:
    origin = get_origin(hint)
    if origin in (Union, types.UnionType):
        if data is None and type(None) in get_args(hint):
            return None
        return _value(next(each for each in get_args(hint) if each is not type(None)), data, where)
    if origin is tuple:
        if not isinstance(data, list):
            raise FormatError(f"{where}: a list is expected, got {type(data).__name__}")
        inner = get_args(hint)[0]
        return tuple(_value(inner, each, f"{where}[{number}]") for number, each in enumerate(data))
    if origin is Literal:
        if data not in get_args(hint):
            raise FormatError(f"{where}: one of {', '.join(get_args(hint))} is expected, got {data!r}")
        return data
    if dataclasses.is_dataclass(hint):
        return read(cast(type, hint), data, where)
    if hint is float and isinstance(data, int) and not isinstance(data, bool):
        return float(data)
    if type(data) is not hint:
        raise FormatError(f"{where}: {hint.__name__} is expected, got {data!r}")
    return data
