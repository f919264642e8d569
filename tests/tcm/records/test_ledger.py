"""The hash chain shows any event that was altered, taken out, put in or moved."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

import pytest

from tcm.records.ledger import GENESIS, Break, Event, canonical, day_head, event_hash, first_break
from tcm.records.lifecycle import State
from tcm.records.roles import Role

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
WAY = [
    ("move", State.DRAFT, State.SIGNED, Role.DOCTOR),
    ("claimed", State.SIGNED, State.SIGNED, Role.PHARMACIST),
    ("move", State.SIGNED, State.APPROVED, Role.PHARMACIST),
    ("move", State.APPROVED, State.DISPENSED, Role.FLOOR),
]


def chain(prescription_id: int = 7) -> list[Event]:
    """A whole chain of four events."""
    events: list[Event] = []
    for seq, (kind, source, target, role) in enumerate(WAY, start=1):
        prev_hash = events[-1].hash if events else GENESIS
        at = START + timedelta(minutes=seq)
        draft = Event(prescription_id, seq, kind, source, target, seq, role, at, {"n": seq}, prev_hash)
        events.append(replace(draft, hash=event_hash(draft)))
    return events


def test_a_whole_chain_holds() -> None:
    assert first_break(chain()) is None


def test_an_empty_chain_holds() -> None:
    assert first_break([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "released"},
        {"target": State.RETURNED},
        {"actor_id": 99},
        {"actor_role": Role.ADMIN},
        {"at": START},
        {"payload": {"n": 4}},
        {"payload": {}},
        {"prescription_id": 8},
        {"hash": "f" * 64},
    ],
    ids=str,
)
def test_an_altered_event_is_found(change: dict[str, object]) -> None:
    events = chain()
    events[2] = replace(events[2], **change)  # type: ignore[arg-type]
    assert first_break(events) == Break(events[2].prescription_id, 3, "the event was altered")


def test_an_event_altered_together_with_its_hash_breaks_the_next_link() -> None:
    events = chain()
    forged = replace(events[1], actor_id=99)
    events[1] = replace(forged, hash=event_hash(forged))
    assert first_break(events) == Break(7, 3, "the link to the event before is broken")


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_missing_event_is_found(gone: int) -> None:
    events = chain()
    del events[gone]
    assert first_break(events) == Break(7, gone + 1, "an event is missing")


def test_a_missing_event_is_found_even_when_the_rest_is_numbered_anew() -> None:
    events = chain()
    del events[1]
    renumbered = [replace(event, seq=seq) for seq, event in enumerate(events, start=1)]
    assert first_break(renumbered) == Break(7, 2, "the link to the event before is broken")


def test_swapped_events_are_found() -> None:
    events = chain()
    events[1], events[2] = replace(events[2], seq=2), replace(events[1], seq=3)
    assert first_break(events) == Break(7, 2, "the link to the event before is broken")


def test_an_event_of_another_chain_does_not_fit_in() -> None:
    events = chain()
    events[0] = replace(chain(8)[0], prescription_id=7)
    assert first_break(events) == Break(7, 1, "the event was altered")


def test_a_chain_that_does_not_begin_as_a_draft_is_found() -> None:
    only = replace(chain()[2], seq=1, prev_hash=GENESIS)
    assert first_break([replace(only, hash=event_hash(only))]) == Break(
        7, 1, "the event does not start where the last one ended"
    )


def test_canonical_bytes_do_not_depend_on_the_order_of_keys() -> None:
    assert (
        canonical({"b": [1, {"d": 2, "c": 3}], "a": "附子"}) == '{"a":"附子","b":[1,{"c":3,"d":2}]}'.encode()
    )
    assert canonical({"a": 1, "b": 2}) == canonical({"b": 2, "a": 1})


def test_what_is_hashed_is_written_here_so_that_old_chains_verify_with_later_editions() -> None:
    event = (
        f'["{GENESIS}",7,1,"move","draft","signed",1,"doctor","2026-11-21T01:01:00.000000+00:00",{{"n":1}}]'
    )
    assert event_hash(chain()[0]) == sha256(event.encode()).hexdigest()
    head = f'["{GENESIS}","2026-11-21","{"a" * 64}","{"b" * 64}"]'
    assert day_head(date(2026, 11, 21), GENESIS, ["a" * 64, "b" * 64]) == sha256(head.encode()).hexdigest()


def test_a_hash_does_not_depend_on_the_zone_a_moment_is_written_in() -> None:
    event = chain()[0]
    in_county = replace(event, at=event.at.astimezone(ZoneInfo("Asia/Shanghai")))
    assert event_hash(in_county) == event.hash


def test_a_head_depends_on_day_head_before_and_every_hash_in_order() -> None:
    day, hashes = date(2026, 11, 21), ["a" * 64, "b" * 64]
    heads = {
        day_head(day, GENESIS, hashes),
        day_head(day + timedelta(days=1), GENESIS, hashes),
        day_head(day, "1" * 64, hashes),
        day_head(day, GENESIS, hashes[::-1]),
        day_head(day, GENESIS, hashes[:1]),
        day_head(day, GENESIS, []),
    }
    assert len(heads) == 6
