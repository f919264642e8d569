"""The hash chain: each event of a prescription carries the hash of the one before it."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from tcm.records.lifecycle import State
from tcm.records.roles import Role

GENESIS = "0" * 64


@dataclass(frozen=True)
class Event:
    """One thing that happened to one prescription.

    Args:
        prescription_id: Whose chain this is.
        seq: 1, 2, 3 ... without a gap; also the optimistic lock.
        kind: `move`, or what else was done (`claimed`, `adopted`, `second_signed`, `planned`).
        source: State before.
        target: State after; equal to `source` where the state did not change.
        actor_id: Staff who did it.
        actor_role: The role they acted in.
        at: Aware UTC.
        payload: What else must be known later: codes, ids, pots. Never a patient's data.
        prev_hash: Hash of the event before, `GENESIS` for the first.
        hash: SHA-256 over all of the above, hexadecimal.
    """

    prescription_id: int
    seq: int
    kind: str
    source: State
    target: State
    actor_id: int
    actor_role: Role
    at: datetime
    payload: Mapping[str, object] = field(default_factory=dict)
    prev_hash: str = GENESIS
    hash: str = ""


@dataclass(frozen=True)
class Head:
    """What seals a run of events of all prescriptions.

    Args:
        day: County date.
        head: Hash over the head before and the hashes of the events, hexadecimal.
        events_count: How many events it seals.
        sealed_at: Aware UTC.
    """

    day: date
    head: str
    events_count: int
    sealed_at: datetime


@dataclass(frozen=True)
class Break:
    """The first place where a chain or a head does not hold.

    Args:
        prescription_id: Whose chain, None where a daily head is broken.
        seq: The event, None where a whole chain or head is meant.
        why: What is wrong, for an inspector.
    """

    prescription_id: int | None
    seq: int | None
    why: str


def canonical(value: object) -> bytes:
    """Bytes of a JSON value that are the same wherever they are made: sorted keys, no spaces, UTF-8.

    Args:
        value: Something JSON can hold.

    Returns:
        The bytes that are hashed.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def event_hash(event: Event) -> str:
    """The hash an event must carry.

    Args:
        event: The event; its own `hash` is not read.

    Returns:
        64 hexadecimal digits.
    """
    body = [
        event.prev_hash,
        event.prescription_id,
        event.seq,
        event.kind,
        event.source.value,
        event.target.value,
        event.actor_id,
        event.actor_role.value,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        dict(event.payload),
    ]
    return hashlib.sha256(canonical(body)).hexdigest()


def first_break(events: Sequence[Event]) -> Break | None:
    """Walk one prescription's chain and stop at the first event that does not hold.

    Args:
        events: All events of one prescription, by rising `seq`.

    Returns:
        The break, or None where the chain is whole.
    """
    prev_hash, state = GENESIS, State.DRAFT
    for number, event in enumerate(events, start=1):
        if event.seq != number:
            return Break(event.prescription_id, number, "an event is missing")
        if event.prev_hash != prev_hash:
            return Break(event.prescription_id, number, "the link to the event before is broken")
        if event_hash(event) != event.hash:
            return Break(event.prescription_id, number, "the event was altered")
        if event.source is not state:
            return Break(event.prescription_id, number, "the event does not start where the last one ended")
        prev_hash, state = event.hash, event.target
    return None


def day_head(day: date, prev_head: str, hashes: Iterable[str]) -> str:
    """The hash that seals all events of a county day, in the order they were written.

    Args:
        day: The day.
        prev_head: Head of the sealed day before, `GENESIS` for the first.
        hashes: Hashes of the day's events.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(canonical([prev_head, day.isoformat(), *hashes])).hexdigest()
