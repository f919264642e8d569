"""Every field at the most it may hold: the paper shows all of it or refuses by name, never cuts."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from web.prints import HerbLine, Parcel, Stop, bag_label_pdf, pot_label_pdf, prescription_pdf, route_sheet_pdf

# The widest letter without a place to break, and the widest that breaks anywhere.
FILLINGS = ["W", "酸"]


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_prescription_full_to_the_brim_loses_nothing(
    make_prescription: Callable, read: Any, filling: str
) -> None:
    herb = HerbLine(
        name=filling * 24,
        dose_g=999.5,
        handling=filling * 24,
        second_signature=filling * 30,
        second_signature_reason=filling * 120,
    )
    lengths = {
        "institution": 40,
        "number": 24,
        "patient_name": 30,
        "sex": 8,
        "age": 16,
        "department": 24,
        "phone": 24,
    }
    lengths |= {
        "disease": 40,
        "syndrome": 40,
        "address": 120,
        "usage": 120,
        "pharmacist_note": 400,
        "category": 8,
    }
    fields: dict[str, Any] = {field: filling * length for field, length in lengths.items()}
    signed = replace(make_prescription().doctor, name=filling * 30)
    paper = read(prescription_pdf(make_prescription(herbs=(herb,) * 40, doctor=signed, **fields)))
    running_heads = (len(paper.pages) - 1) * (40 + 24 + 30)
    herbs = 40 * (24 + 24 + 30) + 40 * (24 + 30 + 120)
    assert paper.text().count(filling) == sum(lengths.values()) + 30 + herbs + running_heads
    assert paper.outside() == []


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_route_sheet_full_to_the_brim_loses_nothing(
    make_route: Callable, make_stop: Callable, read: Any, filling: str
) -> None:
    parcel = Parcel(code=filling * 20, bags=999, recipient=filling * 30, cash_fen=100_000_000)
    stop: Stop = replace(
        make_stop(1),
        village=filling * 40,
        place=filling * 40,
        contact=filling * 30,
        phones=(filling * 24,) * 4,
        parcels=(parcel,) * 24,
        note=filling * 120,
    )
    sheet = make_route(2)
    trip = replace(sheet.trips[0], stops=(stop,), load_note=filling * 120)
    head = {
        "centre": filling * 40,
        "centre_phone": filling * 24,
        "courier": filling * 30,
        "vehicle": filling * 24,
    }
    paper = read(route_sheet_pdf(replace(sheet, trips=(trip,), cold_box_note=filling * 120, **head)))
    first_page = 40 + 24 + 30 + 24 + 120
    feet_and_heads = 40 * len(paper.pages) + (24 + 30 + 24) * (len(paper.pages) - 1)
    the_trip = 120 + 40 + 40 + 30 + 4 * 24 + 24 * 50 + 120
    assert paper.text().count(filling) == first_page + feet_and_heads + the_trip
    assert paper.outside() == []


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_bag_label_is_whole_or_refused_by_name(make_bag: Callable, read: Any, filling: str) -> None:
    fields = {"village": filling * 16, "institution": filling * 24, "prescription_number": filling * 20}
    fields |= {"how_to_take": filling * 30, "how_to_keep": filling * 30, "bag_code": filling * 12}
    paper = read(bag_label_pdf([make_bag(**fields)]))
    assert paper.text().count(filling) == 16 + 24 + 20 + 2 * 30 + 12
    assert (len(paper.pages), paper.outside()) == (1, [])


@pytest.mark.parametrize("filling", FILLINGS)
def test_a_pot_label_is_whole_or_refused_by_name(make_pot: Callable, read: Any, filling: str) -> None:
    fields = {"institution": filling * 24, "prescription_number": filling * 24, "toxic_warning": filling * 40}
    paper = read(pot_label_pdf([make_pot(scan_code="W" * 24, pot="W" * 3, **fields)]))
    latin = 27 if filling == "W" else 0
    assert paper.text().count(filling) == 2 * 24 + 40 + latin
    assert (len(paper.pages), paper.outside()) == (1, [])
