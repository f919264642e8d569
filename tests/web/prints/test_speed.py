"""The runs behind the figures of docs/decisions/0008-paper.md; read them with --durations=0.

The limits are far above what was measured: they catch a paper that became unusable, not a busy machine.
"""

from collections.abc import Callable
from time import perf_counter

from web.prints import HerbLine, bag_label_pdf, pot_label_pdf, prescription_pdf, route_sheet_pdf


def test_fifty_prescriptions_of_forty_herbs(
    make_prescription: Callable, forty_herbs: tuple[HerbLine, ...]
) -> None:
    started = perf_counter()
    papers = {
        prescription_pdf(make_prescription(number=f"N{index}", herbs=forty_herbs)) for index in range(50)
    }
    assert len(papers) == 50
    assert perf_counter() - started < 25


def test_a_hundred_and_seventy_bag_labels(make_bag: Callable) -> None:
    labels = [
        make_bag(bag_code=f"QX-{index:04d}", trace_url=f"https://tcm.qingxi.example/t/{index}")
        for index in range(170)
    ]
    started = perf_counter()
    assert bag_label_pdf(labels).startswith(b"%PDF-")
    assert perf_counter() - started < 30


def test_a_hundred_and_seventy_pot_labels(make_pot: Callable) -> None:
    labels = [make_pot(pot=f"{index}", scan_code=f"POT-{index}") for index in range(170)]
    started = perf_counter()
    assert pot_label_pdf(labels).startswith(b"%PDF-")
    assert perf_counter() - started < 30


def test_a_route_sheet_of_thirty_stops(make_route: Callable) -> None:
    started = perf_counter()
    assert route_sheet_pdf(make_route(30)).startswith(b"%PDF-")
    assert perf_counter() - started < 10
