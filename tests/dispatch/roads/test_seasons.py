"""Seasons and the dates of conditional tags."""

from datetime import date

import pytest

from dispatch.roads.seasons import Clause, Span, clauses, seasons


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no @ (Jun-Sep)", [Clause("no", (Span((6, 1), (9, 31)),))]),
        ("no @ Jun-Sep", [Clause("no", (Span((6, 1), (9, 31)),))]),
        ("no @ (Jun 15-Sep 10)", [Clause("no", (Span((6, 15), (9, 10)),))]),
        ("no @ (Jul 1-15)", [Clause("no", (Span((7, 1), (7, 15)),))]),
        ("no @ (Jul)", [Clause("no", (Span((7, 1), (7, 31)),))]),
        ("no @ (Nov - Mar)", [Clause("no", (Span((11, 1), (3, 31)),))]),
        ("no @ (Jun,Aug)", [Clause("no", (Span((6, 1), (6, 31)), Span((8, 1), (8, 31))))]),
        ("no @ (winter)", [Clause("no", (seasons()["winter"],))]),
        ("no @ (2026 Jul 01-2026 Aug 31)", [Clause("no", (Span((2026, 7, 1), (2026, 8, 31)),))]),
        ("no @ (22:00-06:00)", [Clause("no", ())]),
        ("no @ (Jun-Sep 08:00-18:00)", [Clause("no", ())]),
        (
            "no @ (wet); destination @ (Dec)",
            [Clause("no", ()), Clause("destination", (Span((12, 1), (12, 31)),))],
        ),
        ("no", []),
        ("", []),
    ],
)
def test_a_conditional_tag_is_read_into_values_and_days(text: str, expected: list[Clause]) -> None:
    assert list(clauses(text)) == expected


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        (Span((6, 1), (9, 31)), ["06-01", "09-30"], ["05-31", "10-01"]),
        (Span((11, 15), (3, 31)), ["11-15", "12-31", "01-01", "03-31"], ["11-14", "04-01"]),
    ],
)
def test_a_span_of_every_year_runs_over_its_turn(span: Span, inside: list[str], outside: list[str]) -> None:
    assert [span.covers(date.fromisoformat(f"2026-{day}")) for day in inside] == [True] * len(inside)
    assert [span.covers(date.fromisoformat(f"2026-{day}")) for day in outside] == [False] * len(outside)


def test_a_span_of_one_year_is_over_in_the_next() -> None:
    span = Span((2026, 7, 1), (2026, 8, 31))
    days = [date(2026, 6, 30), date(2026, 7, 1), date(2026, 8, 31), date(2027, 7, 15)]
    assert [span.covers(day) for day in days] == [False, True, True, False]


def test_flood_and_dry_season_are_the_whole_year_and_never_both() -> None:
    wet, dry = seasons()["wet_season"], seasons()["dry_season"]
    days = [date.fromordinal(date(2028, 1, 1).toordinal() + each) for each in range(366)]
    assert [wet.covers(day) for day in days] == [not dry.covers(day) for day in days]
