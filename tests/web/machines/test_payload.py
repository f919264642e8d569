"""What a machine publishes: read where it keeps the contract (docs/machines.md), else refused."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.machines import Reading
from web.machines.payload import NotAReading, message_of, reading_in, topic_of

TOPIC = topic_of("tangye", "P01")
SOUND = {"sequence": 7, "at": "2026-11-22T05:12:30+08:00", "temperature_c": 99.2}


def payload(**changes: Any) -> bytes:
    return json.dumps({**SOUND, **changes}).encode()


def test_the_example_of_the_contract_is_read() -> None:
    reading = reading_in(
        TOPIC, payload(boot="2026-11-21", lid="closed", heater="on", level_ml=2850, firmware="1.4")
    )
    assert reading == Reading(
        pot_code="P01",
        boot="2026-11-21",
        sequence=7,
        at=datetime(2026, 11, 21, 21, 12, 30, tzinfo=UTC),
        temperature_c=99.2,
        lid_closed=True,
        heater_on=True,
        level_ml=2850,
    )


def test_what_a_machine_does_not_know_it_leaves_out() -> None:
    reading = reading_in(TOPIC, payload())
    assert (reading.boot, reading.lid_closed, reading.heater_on, reading.level_ml) == ("", None, None, None)


def test_a_pot_on_a_scale_says_its_weight() -> None:
    assert reading_in(TOPIC, payload(weight_g=2850.4)).level_ml == 2850


@pytest.mark.parametrize(
    "bad",
    [
        {"sequence": -1},
        {"sequence": "7"},
        {"sequence": 2**40},
        {"at": "2026-11-22T05:12:30"},
        {"at": "yesterday"},
        {"at": "9999-12-31T23:59:59-12:00"},
        {"temperature_c": "99"},
        {"temperature_c": 1e9},
        {"temperature_c": None},
        {"boot": "a b"},
        {"lid": "ajar"},
        {"level_ml": -5},
    ],
    ids=str,
)
def test_what_breaks_the_contract_is_no_reading(bad: dict[str, Any]) -> None:
    with pytest.raises(NotAReading) as refused:
        reading_in(TOPIC, payload(**bad))
    assert refused.value.pot_code == "P01"


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe", b"[]", b"99.2", b'{"temperature_c": NaN}', payload(note="x" * 3000)]
)
def test_nor_is_what_is_no_json_of_that_shape_or_too_long(raw: bytes) -> None:
    with pytest.raises(NotAReading):
        reading_in(TOPIC, raw)


@pytest.mark.parametrize(
    "topic", ["tangye/pots/P01", "tangye/pots/李四/reading", "pots/P01/reading", "tangye/pots/P01/reading/x"]
)
def test_a_topic_that_names_no_pot_names_none(topic: str) -> None:
    with pytest.raises(NotAReading) as refused:
        reading_in(topic, payload())
    assert refused.value.pot_code == ""


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with pytest.raises(NotAReading):
        reading_in(TOPIC, raw)


@given(
    st.integers(0, 2**31 - 1),
    st.floats(-40, 400).map(lambda c: round(c, 2)),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.integers(0, 200_000)),
)
def test_what_is_published_is_what_is_read(
    sequence: int, temperature_c: float, lid_closed: bool | None, level_ml: int | None
) -> None:
    said = Reading(
        pot_code="P01",
        boot="b1",
        sequence=sequence,
        at=datetime(2026, 11, 21, 21, 12, 30, tzinfo=UTC),
        temperature_c=temperature_c,
        lid_closed=lid_closed,
        level_ml=level_ml,
    )
    assert reading_in(TOPIC, message_of(said)) == said
