"""Every page of the house as an address to ask for: the url map, its blanks filled from a store."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.routing.converters import AnyConverter

from tcm.records.clinical import PhotographState
from tcm.records.clock import county_day
from tcm.records.lifecycle import State
from tcm.records.roles import Actor, Role
from tcm.store import tables as t
from tcm.store.mapping import metadata
from web.security import is_open_to_all

# Beside the page itself: what people ask of it.
ASKED = {
    "admin.audit": ("refused=1", "day={day}", "who={somebody}&kind=patient", "kind=prescription&number=1"),
    "pharmacist.index": ("show=toxic",),
    "pharmacist.queue": ("show=children",),
    "floor.scan": ("code={number}",),
    "courier.scan": ("code={bag}",),
    "doctor.visit": ("new=1",),
    "doctor.herbs": ("herb=hq",),
    "doctor.formulas": ("formula=lwdh",),
    "doctor.syndromes": ("syndrome=shen",),
    "doctor.villages": ("township={township}",),
    "formulary.herbs": ("herb=hq",),
    "formulary.syndromes": ("syndrome=shen",),
    "herbs.index": ("q=huangqi", "page=9"),
    "herbs.found": ("q=huangqi",),
    "herbs.formulas_found": ("q=liuwei",),
    "manager.equipment": ("township={township}",),
    "stock.index": ("show=near", "q=ds", "page=9"),
    "stock.herb": ("name=党参",),
    "rules.statistics": ("since=2024-11-01&until=2026-11-20",),
}
# Known names of things that are facts, not rows.
NAMED = {"name": ("甘草", "六味地黄汤")}
# Where a blank is not called after its table.
TABLES = {"formula": "agreed_formulas", "appraised": "appraised_prescriptions", "replay": "rule_replays"}
TRIES = 12


@dataclass(frozen=True)
class Address:
    """One page for one person.

    Args:
        pattern: As the url map writes it, with what is asked of it.
        paths: Addresses that may be that page; the first that answers is taken.
    """

    pattern: str
    paths: tuple[str, ...]


def addresses(app: Flask, session: Session, actor: Actor, *, open_to_all: bool) -> Iterator[Address]:
    """Every address that is asked for with GET.

    Args:
        app: The application.
        session: Of a store with a county at work.
        actor: Who asks; rows are those that concern them.
        open_to_all: Whether pages are wanted that need no log-in.

    Yields:
        The addresses in the order of the url map; one whose blanks cannot be filled has no paths.
    """
    adapter = app.url_map.bind("localhost")
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule):
        if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
            continue
        if is_open_to_all(app.view_functions[rule.endpoint]) is not open_to_all:
            continue
        filled = tuple(adapter.build(rule.endpoint, values) for values in _fillings(rule, session, actor))
        yield Address(rule.rule, filled)
        for query in ASKED.get(rule.endpoint, ()):
            asked = query.format(**_words(session))
            yield Address(f"{rule.rule}?{query}", tuple(f"{path}?{asked}" for path in filled))


def _fillings(rule: Rule, session: Session, actor: Actor) -> list[dict[str, object]]:
    names = sorted(rule.arguments)
    choices = [list(_choices(rule, name, session, actor)) for name in names]
    return [dict(zip(names, values, strict=True)) for values in islice(product(*choices), TRIES)]


def _choices(rule: Rule, name: str, session: Session, actor: Actor) -> Iterable[object]:
    converter = rule._converters[name]
    if isinstance(converter, AnyConverter):
        return sorted(converter.items)[-1:]
    if name in NAMED:
        return NAMED[name]
    query = _ROWS[name](actor) if name in _ROWS else _newest(name)
    return [] if query is None else session.scalars(query).all()


def _newest(name: str) -> Select[Any] | None:
    stem = name.removesuffix("_id")
    likely = (TABLES.get(stem), f"{stem}s", f"{stem}es")
    table = next((each for each in likely if each in metadata.tables), None)
    if table is None:
        return None
    return select(metadata.tables[table].c.id).order_by(metadata.tables[table].c.id.desc()).limit(3)


def _visits(actor: Actor) -> Select[Any]:
    visits = t.encounters.c
    query = select(visits.id).order_by(visits.id.desc()).limit(2)
    return query.where(visits.doctor_id == actor.staff_id) if actor.role is Role.DOCTOR else query


def _earlier_visits(actor: Actor) -> Select[Any]:
    now, earlier, pictures = t.encounters.alias(), t.encounters.alias(), t.photographs.c
    return (
        select(earlier.c.id)
        .join(now, now.c.patient_id == earlier.c.patient_id)
        .join(t.photographs, pictures.encounter_id == earlier.c.id)
        .where(now.c.id == _visits(actor).limit(1).scalar_subquery(), earlier.c.id < now.c.id)
        .where(pictures.state == PhotographState.READ)
        .order_by(earlier.c.id.desc())
        .limit(2)
    )


def _photographs(actor: Actor) -> Select[Any]:
    pictures = t.photographs.c
    query = select(pictures.id).where(pictures.state == PhotographState.READ)
    if actor.role is Role.DOCTOR:
        query = query.where(pictures.encounter_id.in_(_visits(actor)))
    else:
        waiting = select(t.prescriptions.c.encounter_id).where(t.prescriptions.c.state == State.SIGNED)
        query = query.where(pictures.encounter_id.in_(waiting))
    return query.order_by(pictures.id.desc()).limit(2)


def _prescriptions(actor: Actor) -> Select[Any]:
    states = {
        Role.DOCTOR: (State.DRAFT, State.SIGNED, State.DELIVERED),
        Role.PHARMACIST: (State.SIGNED,),
        Role.FLOOR: (State.DECOCTING, State.SOAKING, State.PACKED),
    }.get(actor.role, (State.PACKED, State.LOADED, State.DELIVERED))
    rows = t.prescriptions.c
    query = select(rows.id).where(rows.state.in_(states)).order_by(rows.id.desc()).limit(4)
    return query.where(rows.doctor_id == actor.staff_id) if actor.role is Role.DOCTOR else query


def _stops(actor: Actor) -> Select[Any]:
    query = select(t.route_stops.c.id).join(t.routes, t.routes.c.id == t.route_stops.c.route_id)
    if actor.role is Role.COURIER:
        query = query.where(t.routes.c.courier_id == actor.staff_id)
    return query.order_by(t.route_stops.c.id.desc()).limit(2)


def _codes(_actor: Actor) -> Select[Any]:
    return select(t.bags.c.code).order_by(t.bags.c.id.desc()).limit(1)


_ROWS = {
    "code": _codes,
    "earlier_id": _earlier_visits,
    "photograph_id": _photographs,
    "prescription_id": _prescriptions,
    "stop_id": _stops,
    "visit_id": _visits,
}


def _words(session: Session) -> dict[str, object]:
    rows = t.prescriptions.c
    on_floor = select(rows.number).where(rows.state == State.PACKED).order_by(rows.id.desc()).limit(1)
    first_event = session.scalar(select(t.ledger_events.c.at).order_by(t.ledger_events.c.id).limit(1))
    return {
        "day": county_day(first_event) if first_event else "",
        "somebody": session.scalar(select(t.staff.c.id).where(t.staff.c.role == Role.DOCTOR).limit(1)),
        "number": session.scalar(on_floor),
        "bag": session.scalar(_codes(Actor(0, Role.COURIER, 0))),
        "township": session.scalar(select(t.institutions.c.township).limit(1)),
    }
