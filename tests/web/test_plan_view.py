"""A stored plan as pictures: in the reader's words, safe to inline, and brought back from what is stored."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from xml.etree import ElementTree

import pytest
from flask import Flask
from markupsafe import Markup

from dispatch.day import plan as solve
from dispatch.formats import day_from_dict, plan_from_dict, read, to_dict
from dispatch.outcomes import KINDS, Change, Curve, Outcome
from dispatch.plan_types import CostParts
from dispatch.sample import synthetic_day
from dispatch.simulation import Robustness, simulate
from tcm.records.plans import Plan
from web.plan_view import (
    bottleneck_name,
    change_name,
    county_map,
    jobs_of,
    kind_name,
    load_chart,
    pots_chart,
    resource_name,
    robust_chart,
    whatif_chart,
)


@pytest.fixture(scope="module")
def stored() -> Plan:
    """A plan of eight prescriptions as it lies in the database."""
    day = synthetic_day(seed=2, orders=8, villages=4, pots=14, vehicles=2)
    numbered = tuple(
        replace(order, id=str(n), job=replace(order.job, id=str(n)))
        for n, order in enumerate(day.orders, 1)
        if order.job is not None
    )
    day = replace(day, orders=numbered)
    made = solve(day, seconds=0.1, seed=1, threads=1, repeatable=True)
    return Plan(
        day=date(2026, 11, 21),
        asked_by_id=1,
        asked_at=datetime(2026, 11, 21, 1, tzinfo=UTC),
        from_minute=0,
        seconds=1.0,
        seed=1,
        request_key="k",
        problem=_through_json(day),
        result=_through_json(made),
    )


def _through_json(value: object) -> dict[str, object]:
    told: dict[str, object] = json.loads(json.dumps(to_dict(value)))
    return told


def _texts(picture: Markup) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(picture).iter()]  # noqa: S314


def test_the_chart_calls_a_prescription_by_the_end_of_its_number(app: Flask, stored: Plan) -> None:
    numbers = {number: f"20261121-{number:05}" for number in jobs_of(stored)}
    with app.test_request_context():
        shown = _texts(pots_chart(stored, numbers, now_min=300))
    assert {"00001", "00008", "一天的日程", "现在 10:00"} <= {each.strip("毒气·") for each in shown}


def test_two_prescriptions_with_one_ending_are_told_apart(app: Flask, stored: Plan) -> None:
    numbers = {number: f"2026112{number}-00001" for number in jobs_of(stored)}
    with app.test_request_context():
        shown = _texts(pots_chart(stored, numbers))
    called = {each.split("  ")[0] for each in shown}
    assert {f"2026112{number}-00001" for number in range(1, 9)} <= called


def test_every_picture_of_a_plan_is_one_that_can_be_inlined(app: Flask, stored: Plan) -> None:
    with app.test_request_context():
        for picture in (pots_chart(stored, {}), load_chart(stored, now_min=300), county_map(stored)):
            assert isinstance(picture, Markup)
            assert ElementTree.fromstring(picture).tag.endswith("svg")  # noqa: S314
        assert bottleneck_name(stored) in _texts(load_chart(stored))


def test_a_curve_that_was_stored_is_drawn_with_its_quantity(app: Flask) -> None:
    outcomes = tuple(
        Outcome(Change("pots", more), CostParts(500), 2, 0, 8, 0, 0, 0, 1.5, 600) for more in (0, 10)
    )
    curve = Curve("pots", (0, 10), outcomes)
    back = read(Curve, _through_json(curve), "curve")
    assert back == curve
    with app.test_request_context():
        assert _texts(whatif_chart(back))[1] == "如果改变：多几口锅"


def test_robustness_that_was_stored_is_drawn_with_the_vehicles_names(app: Flask, stored: Plan) -> None:
    day = day_from_dict(stored.problem)
    made = plan_from_dict(stored.result)
    robust = simulate(day, made, draws=50, seed=1)
    assert read(Robustness, _through_json(robust), "robustness") == robust
    with app.test_request_context():
        shown = _texts(robust_chart(robust, day))
    used = {trip.vehicle_id for trip in made.routes.trips}
    assert {vehicle.name for vehicle in day.vehicles if vehicle.id in used} <= set(shown)


def test_every_change_and_every_quantity_has_a_name_of_its_own(app: Flask) -> None:
    with app.test_request_context():
        assert len({kind_name(kind) for kind in KINDS}) == len(KINDS)
        names = [change_name(None), *(change_name(Change(kind, 60), start_clock_min=360) for kind in KINDS)]
        assert len(set(names)) == len(KINDS) + 1
        assert "07:00 截单，之后的次日煎" in names
        assert resource_name("roads") == "路上"
