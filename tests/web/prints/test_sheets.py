from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from web.prints import HerbLine, Parcel, PotStep, Signature, StepKind, Trip

NAIVE = datetime(2026, 11, 20, 1, 5)  # noqa: DTZ001 - the case under test
LOCAL = datetime(2026, 11, 20, 9, 5, tzinfo=timezone(timedelta(hours=8)))
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"herbs": ()}, "number of herbs is 0, outside 1 to 60"),
        ({"doses": 0}, "doses is 0, outside 1 to 99"),
        ({"doses": 7.0}, "doses must be a whole number, not 7.0"),
        ({"doses": True}, "doses must be a whole number, not True"),
        ({"syndrome": ""}, "syndrome must not be blank"),
        ({"patient_name": "  "}, "patient_name must not be blank"),
        ({"patient_name": None}, "patient_name must be text, not NoneType"),
        ({"patient_name": "张\x00兰"}, r"patient_name holds U\+0000, which cannot be printed"),
        ({"patient_name": "张\n兰"}, r"patient_name holds U\+000A"),
        ({"patient_name": "张\ue000"}, r"patient_name holds U\+E000"),
        ({"number": "\u202e710"}, r"number holds U\+202E"),
        ({"pharmacist_note": "\ud800"}, r"pharmacist_note holds U\+D800"),
        ({"usage": "服" * 121}, "usage has 121 characters, more than the 120 that fit"),
        ({"prescribed_at": NAIVE}, "prescribed_at must be an aware UTC time"),
        ({"printed_at": LOCAL}, "printed_at must be an aware UTC time"),
        ({"valid_days": 4}, "valid_days is 4, outside 1 to 3"),
        ({"price_fen": -1}, "price_fen is -1, outside 0"),
        ({"verification_hash": "3f9a"}, "verification_hash must be at least 16 lowercase hex digits"),
        ({"verification_hash": "Z" * 64}, "verification_hash must be at least 16 lowercase hex digits"),
        ({"trace_url": "x" * 107}, "trace_url has 107 characters, more than the 106 that fit"),
        ({"trace_url": "溯" * 36}, "trace_url has 108 bytes, more than the 106 of a readable code"),
    ],
)
def test_a_prescription_refuses(make_prescription: Callable, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_prescription(**changes)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": "", "dose_g": 3}, "herb name must not be blank"),
        ({"name": "细辛", "dose_g": 0}, "dose_g of 细辛 is 0, not between 0 and 1000 g"),
        ({"name": "细辛", "dose_g": float("nan")}, "dose_g of 细辛 is nan"),
        ({"name": "细辛", "dose_g": float("inf")}, "dose_g of 细辛 is inf"),
        ({"name": "细辛", "dose_g": "3"}, "dose_g of 细辛 must be a number of grams, not '3'"),
        (
            {"name": "细辛", "dose_g": 3, "second_signature_reason": "阳虚"},
            "细辛 gives a reason for a second signature",
        ),
    ],
)
def test_a_herb_line_refuses(fields: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        HerbLine(**fields)


def test_a_signature_needs_an_aware_time() -> None:
    with pytest.raises(ValueError, match="signed_at must be an aware UTC time"):
        Signature(name="李文斌", signed_at=NAIVE)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"steps": ()}, "number of pot steps is 0, outside 1 to 8"),
        ({"water_ml": 0}, "water_ml is 0, outside 1"),
        ({"pot": "1234567"}, "pot has 7 characters, more than the 6 that fit"),
        (
            {
                "steps": (
                    PotStep(kind=StepKind.FIRST_BOIL, planned_start_at=NOON, minutes=30),
                    PotStep(kind=StepKind.SOAK, planned_start_at=NOON - timedelta(hours=1), minutes=40),
                )
            },
            "steps of pot 07 are not in time order",
        ),
    ],
)
def test_a_pot_label_refuses(make_pot: Callable, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_pot(**changes)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"bag_index": 15}, "bag_index is 15, outside 1 to 14"),
        ({"bag_index": 0}, "bag_index is 0, outside 1 to 14"),
        ({"use_before": NOON}, "use_before must be a calendar day"),
        ({"bag_code": "A" * 21}, "bag_code has 21 characters, more than the 20 that fit"),
    ],
)
def test_a_bag_label_refuses(make_bag: Callable, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_bag(**changes)


def test_a_trip_returns_after_it_departs(make_stop: Callable) -> None:
    with pytest.raises(ValueError, match="a trip returns before it departs"):
        Trip(departs_at=NOON, returns_at=NOON, stops=(make_stop(1),))


def test_a_parcel_collects_no_negative_cash() -> None:
    with pytest.raises(ValueError, match="cash_fen of P1 is -1, outside 0"):
        Parcel(code="P1", bags=1, recipient="张*", cash_fen=-1)


def test_a_route_refuses_overlapping_trips_and_repeated_stops(make_route: Callable) -> None:
    first, second = make_route(4).trips
    with pytest.raises(ValueError, match="a trip departs before the one before it returns"):
        make_route(trips=(second, first))
    later = Trip(departs_at=second.departs_at, returns_at=second.returns_at, stops=first.stops)
    with pytest.raises(ValueError, match="stops are not numbered upwards over the day, each once"):
        make_route(trips=(first, later))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trips": ()}, "trips is 0, outside 1 to 12"),
        ({"map_svg": "hello"}, "map_svg is not an SVG document"),
        ({"service_day": NOON}, "service_day must be a calendar day"),
        ({"distance_m": -5}, "distance_m is -5, outside 0"),
    ],
)
def test_a_route_sheet_refuses(make_route: Callable, changes: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        make_route(**changes)
