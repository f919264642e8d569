"""Moments are aware UTC in and out; terms are members of their enumeration."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, insert, select
from sqlalchemy.exc import StatementError

from tcm.records.clinical import Sign
from tcm.records.lifecycle import State
from tcm.store.engine import Store
from tcm.store.types import SealedSigns, Term, UTCDateTime, keys_of

things = Table(
    "things",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("at", UTCDateTime),
    Column("state", Term(State)),
    Column("signs", SealedSigns("things.signs")),
)


def kept(store: Store, **values: object) -> tuple[object, ...]:
    with store.engine.begin() as connection:
        things.metadata.create_all(connection)
        connection.execute(insert(things).values(**values))
        return tuple(connection.execute(select(things.c.at, things.c.state, things.c.signs)).one())


def test_a_moment_keeps_its_microseconds_and_comes_back_in_utc(store: Store) -> None:
    at = datetime(2026, 11, 21, 7, 59, 59, 123_456, ZoneInfo("Asia/Shanghai"))
    [back, _, _] = kept(store, at=at)
    assert back == at
    assert isinstance(back, datetime)
    assert back.utcoffset() == timedelta(0)


def test_a_naive_moment_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="a moment without a time zone"):
        kept(store, at=datetime(2026, 11, 21, 8, 0))  # noqa: DTZ001 - the very thing that is refused


def test_moments_sort_as_they_happened(store: Store) -> None:
    with store.engine.begin() as connection:
        things.metadata.create_all(connection)
        start = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
        steps = [timedelta(0), timedelta(microseconds=1), timedelta(milliseconds=1), timedelta(seconds=1)]
        for step in reversed(steps):
            connection.execute(insert(things).values(at=start + step))
        back = connection.scalars(select(things.c.at).order_by(things.c.at)).all()
    assert back == [start + step for step in steps]


def test_nothing_stays_nothing(store: Store) -> None:
    assert kept(store, at=None, state=None) == (None, None, [])


def test_a_term_comes_back_as_its_member(store: Store) -> None:
    assert kept(store, state=State.PACKED)[1] is State.PACKED


def test_a_word_that_is_no_term_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="'gone' is not a valid State"):
        kept(store, state="gone")


def test_signs_come_back_as_they_were(store: Store) -> None:
    signs = [Sign("body", "red", "舌红", 0.93, False), Sign("coat", "yellow", "苔黄", 0.41, True)]
    assert kept(store, signs=signs)[2] == signs


def test_an_engine_opened_without_keys_says_so() -> None:
    with pytest.raises(AttributeError):
        keys_of(create_engine("sqlite://").dialect)
