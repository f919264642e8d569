"""What patients say in figures: by week, with the words of the discontented, without a name."""

from datetime import date

import pytest

from tcm.records.errors import Forbidden
from tcm.services import hearing, listening
from tests.tcm.centre import packed
from tests.tcm.county import NAME, County


def rated(county: County, *stars: int, words: str = "") -> None:
    for each in stars:
        prescription = packed(county)
        with county.work() as work:
            hearing.rate(work, prescription.key(), each, words)
            work.commit()


def heard(county: County) -> listening.Voices:
    with county.work() as work:
        return listening.voices(work, county.manager)


def test_stars_are_counted_by_number_and_by_week(county: County) -> None:
    rated(county, 5, 2, words="味道苦")
    county.watch.pass_(days=7)
    rated(county, 4)
    seen = heard(county)
    assert (seen.by_stars, seen.ratings) == ({5: 1, 4: 1, 3: 0, 2: 1, 1: 0}, 3)
    assert seen.mean_stars == pytest.approx(11 / 3)
    assert [(week.begins_on, week.ratings, week.mean_stars) for week in seen.weeks[-2:]] == [
        (date(2026, 11, 16), 2, 3.5),
        (date(2026, 11, 23), 1, 4.0),
    ]
    [low] = seen.low
    assert (low.stars, low.words, low.village) == (2, "味道苦", "白石村卫生室")
    assert NAME not in str(seen)


def test_messages_are_counted_with_how_soon_they_were_answered(county: County) -> None:
    prescription = packed(county)
    for sign in ("呼吸困难", "头晕"):
        with county.work() as work:
            message = hearing.say_worse(
                work,
                county.knowledge,
                prescription.key(),
                signs=[sign],
                words="",
                request_key=county.new_key(),
            )
            work.commit()
    county.watch.pass_(minutes=12)
    county.do(hearing.answer, county.doctor, message.id or 0, "先停药。")
    seen = heard(county)
    assert (seen.said, seen.urgent, seen.waiting, seen.answer_min) == (2, 1, 1, 12)


def test_a_house_that_heard_nothing_shows_nothing(county: County) -> None:
    seen = heard(county)
    assert (seen.ratings, seen.mean_stars, seen.answer_min, seen.low) == (0, None, None, [])


def test_only_a_manager_looks_and_every_look_is_on_record(county: County) -> None:
    heard(county)
    assert county.looks()[-1][1:] == ("voices.read", "rating", None, True)
    with pytest.raises(Forbidden), county.work() as work:
        listening.voices(work, county.doctor)


def test_the_page_asks_as_much_for_three_as_for_one(county: County) -> None:
    rated(county, 1)
    with county.counted() as for_one:
        heard(county)
    rated(county, 1, 2)
    with county.counted() as for_three:
        heard(county)
    assert len(for_three) == len(for_one)
