"""Whatever is done to a chain after it was written, the walk along it notices."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import assume, given
from hypothesis import strategies as st

from tcm.records.ledger import GENESIS, Event, canonical, day_head, event_hash, first_break
from tcm.records.lifecycle import State
from tcm.records.roles import Role

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
PAYLOADS = st.dictionaries(st.text(max_size=4), JSON_VALUES, max_size=3)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
FACTS = st.tuples(st.text(max_size=8), st.sampled_from(State), st.integers(1, 99), MOMENTS, PAYLOADS)


def written(facts: list[tuple[str, State, int, datetime, dict[str, object]]]) -> list[Event]:
    """The chain that these facts make."""
    chain: list[Event] = []
    source, prev_hash = State.DRAFT, GENESIS
    for seq, (kind, target, actor_id, at, payload) in enumerate(facts, start=1):
        draft = Event(1, seq, kind, source, target, actor_id, Role.FLOOR, at, payload, prev_hash)
        chain.append(replace(draft, hash=event_hash(draft)))
        source, prev_hash = target, chain[-1].hash
    return chain


CHAINS = st.lists(FACTS, min_size=1, max_size=6).map(written)


@given(CHAINS)
def test_a_chain_holds_as_written_and_so_does_each_beginning_of_it(chain: list[Event]) -> None:
    assert [first_break(chain[:length]) for length in range(len(chain) + 1)] == [None] * (len(chain) + 1)


@given(CHAINS, st.data())
def test_no_event_can_be_taken_out_but_the_last(chain: list[Event], data: st.DataObject) -> None:
    assume(len(chain) > 1)
    gone = data.draw(st.integers(0, len(chain) - 2))
    broken = first_break(chain[:gone] + chain[gone + 1 :])
    assert broken is not None
    assert broken.seq == gone + 1


@given(CHAINS, FACTS, st.data())
def test_no_fact_of_an_event_can_be_changed(
    chain: list[Event], fact: tuple[str, State, int, datetime, dict[str, object]], data: st.DataObject
) -> None:
    position = data.draw(st.integers(0, len(chain) - 1))
    kind, target, actor_id, at, payload = fact
    event = chain[position]
    changed = replace(event, kind=kind, target=target, actor_id=actor_id, at=at, payload=payload)
    assume(changed != event)
    broken = first_break([*chain[:position], changed, *chain[position + 1 :]])
    assert broken is not None
    assert broken.seq == position + 1


@given(CHAINS, st.randoms(use_true_random=False))
def test_no_two_events_can_change_places(chain: list[Event], chance: object) -> None:
    shuffled = list(chain)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert (first_break(shuffled) is None) == (shuffled == chain)


@given(JSON_VALUES, JSON_VALUES)
def test_equal_bytes_mean_equal_values(one: object, other: object) -> None:
    # True == 1 in Python but not in JSON, so values are compared as JSON writes them.
    assert (canonical(one) == canonical(other)) == (repr_json(one) == repr_json(other))


def repr_json(value: object) -> object:
    """The value with every number and truth value told apart, keys in any order."""
    if isinstance(value, dict):
        return frozenset((key, repr_json(each)) for key, each in value.items())
    if isinstance(value, list):
        return tuple(repr_json(each) for each in value)
    return type(value), value


@given(st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=5), st.data())
def test_a_head_seals_every_hash_in_its_place(hashes: list[str], data: st.DataObject) -> None:
    other = data.draw(st.permutations(hashes) | st.just([*hashes, "0" * 64]) | st.just(hashes[:-1]))
    day = date(2026, 11, 21)
    same = day_head(day, GENESIS, hashes) == day_head(day, GENESIS, other)
    assert same == (hashes == other)
