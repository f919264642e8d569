"""Weekly use: any day of a week counts to its Monday, gaps are weeks in which nothing was used."""

from datetime import date

from tcm.demand.series import Use, week_of

MONDAY = date(2026, 11, 2)


def test_a_week_begins_on_its_monday() -> None:
    assert [week_of(date(2026, 11, day)) for day in (1, 2, 8, 9)] == [
        date(2026, 10, 26),
        MONDAY,
        MONDAY,
        date(2026, 11, 9),
    ]


def test_days_of_a_week_add_up_and_weeks_without_use_are_nothing() -> None:
    rows = [
        ("茯苓", date(2026, 11, 4), 10.0),
        ("茯苓", date(2026, 11, 8), 5.0),
        ("党参", date(2026, 11, 17), 7.0),
    ]
    use = Use.of([*rows, ("党参", date(2026, 11, 24), 99.0)], until=date(2026, 11, 23))
    assert (use.first, use.until, use.herbs) == (MONDAY, date(2026, 11, 23), ("党参", "茯苓"))
    assert use.grams.tolist() == [[0.0, 0.0, 7.0], [15.0, 0.0, 0.0]]


def test_more_put_back_than_taken_is_nothing_used() -> None:
    assert Use.of([("党参", MONDAY, -3.0)], until=date(2026, 11, 9)).grams.tolist() == [[0.0]]


def test_without_a_record_there_are_no_weeks() -> None:
    assert Use.of([], until=MONDAY).weeks == 0
