"""The ledger in the database: append-only, one writer a step, and whatever is tampered with is found."""

import threading
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tcm.records.clinical import Prescription
from tcm.records.errors import Stale
from tcm.records.ledger import GENESIS, Break, first_break
from tcm.services import prescribing, reviewing
from tcm.services.moving import note
from tcm.store.engine import Store
from tcm.store.ledger import Verified
from tests.tcm.county import County, draft

APPEND_ONLY = ("ledger_events", "ledger_heads", "access_log")


def seal(county: County) -> str | None:
    with county.work() as work:
        head = work.ledger.seal(work.now)
        work.commit()
    return head


def verified(county: County) -> Verified:
    with county.work() as work:
        return work.ledger.verify()


def tamper(store: Store, *statements: str) -> None:
    """Change the database as its owner could: triggers dropped first."""
    with store.engine.begin() as connection:
        for table in APPEND_ONLY:
            if store.engine.dialect.name == "sqlite":
                for verb in ("update", "delete"):
                    connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
            else:
                connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}"))
        for statement in statements:
            connection.execute(text(statement))


@pytest.fixture
def written(county: County) -> tuple[County, Prescription, Prescription]:
    """Two approved prescriptions, sealed, with one look on record."""
    pair = county.approved(), county.approved()
    seal(county)
    return county, *pair


@pytest.fixture
def tampered(fragile_county: County) -> tuple[County, Prescription, Prescription]:
    """The same in a database whose triggers may be dropped."""
    pair = fragile_county.approved(), fragile_county.approved()
    seal(fragile_county)
    return fragile_county, *pair


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_happened_is_neither_changed_nor_deleted(
    written: tuple[County, Prescription, Prescription], table: str, statement: str
) -> None:
    with (
        pytest.raises(DBAPIError, match="this table is append-only"),
        written[0].store.engine.begin() as connection,
    ):
        connection.execute(text(statement.format(table)))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_postgresql_does_not_truncate_what_happened(postgres_county: County, table: str) -> None:
    with (
        pytest.raises(DBAPIError, match="this table is append-only"),
        postgres_county.store.engine.begin() as connection,
    ):
        connection.execute(text(f"TRUNCATE {table} CASCADE"))


def test_a_chain_is_read_back_as_it_was_written(county: County) -> None:
    prescription = county.approved()
    events = county.events(prescription)
    assert [(event.seq, event.kind, event.source.value, event.target.value) for event in events] == [
        (1, "move", "draft", "signed"),
        (2, "claimed", "signed", "signed"),
        (3, "move", "signed", "approved"),
    ]
    assert [event.actor_id for event in events] == [
        county.doctor.staff_id,
        county.pharmacist.staff_id,
        county.pharmacist.staff_id,
    ]
    assert events[0].prev_hash == GENESIS
    assert first_break(events) is None


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("附子ab", max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(payload=st.dictionaries(st.text("医a", max_size=3), JSON_VALUES, max_size=4))
def test_any_payload_hashes_the_same_after_a_round_trip(county: County, payload: dict[str, object]) -> None:
    with county.work() as work:
        [prescription, *_] = work.prescriptions.all() or [None]
    prescription = prescription or county.drafted()
    with county.work() as work:
        written = note(work, county.doctor, prescription, "noted", payload)
        work.commit()
    events = county.events(prescription)
    assert events[-1] == written
    assert first_break(events) is None


def test_an_empty_ledger_verifies(county: County) -> None:
    assert verified(county) == Verified(0, 0, 0, None)


def test_a_draft_needs_no_event(county: County) -> None:
    county.drafted()
    assert verified(county) == Verified(0, 0, 0, None)


def test_an_untouched_ledger_verifies_with_its_counts(
    written: tuple[County, Prescription, Prescription],
) -> None:
    assert verified(written[0]) == Verified(2, 6, 1, None)


def test_events_after_the_last_head_verify_too(written: tuple[County, Prescription, Prescription]) -> None:
    county, first, _ = written
    county.do(prescribing.cancel, county.doctor, first.key(), county.now(first).version, "other")
    assert verified(county) == Verified(2, 7, 1, None)


def test_heads_follow_one_another_across_days(county: County) -> None:
    heads = []
    for _ in range(3):
        county.signed()
        county.signed()
        heads.append(seal(county))
        county.watch.pass_(days=1)
    assert len(set(heads)) == 3
    assert None not in heads
    assert verified(county) == Verified(6, 6, 3, None)


def test_two_heads_of_one_day_verify(county: County) -> None:
    for _ in range(2):
        county.signed()
        seal(county)
    assert verified(county) == Verified(2, 2, 2, None)


def test_a_quiet_day_has_no_head(written: tuple[County, Prescription, Prescription]) -> None:
    assert seal(written[0]) is None
    assert verified(written[0]).heads == 1


TAMPERINGS: list[tuple[str, str, Callable[[int], Break]]] = [
    (
        "a payload is altered",
        "UPDATE ledger_events SET payload = '{}' WHERE prescription_id = :p AND seq = 1",
        lambda p: Break(p, 1, "the event was altered"),
    ),
    (
        "another hand is put under the approval",
        "UPDATE ledger_events SET actor_id = actor_id + 1 WHERE prescription_id = :p AND seq = 3",
        lambda p: Break(p, 3, "the event was altered"),
    ),
    (
        "an event in the middle is taken out",
        "DELETE FROM ledger_events WHERE prescription_id = :p AND seq = 2",
        lambda p: Break(p, 2, "an event is missing"),
    ),
    (
        "the last event is taken out",
        "DELETE FROM ledger_events WHERE prescription_id = :p AND seq = 3",
        lambda p: Break(p, 2, "the prescription's state is not the last event's"),
    ),
    (
        "the whole chain is taken out",
        "DELETE FROM ledger_events WHERE prescription_id = :p",
        lambda p: Break(p, None, "the prescription moved without an event"),
    ),
    (
        "the state is changed behind the ledger",
        "UPDATE prescriptions SET state = 'dispensed' WHERE id = :p",
        lambda p: Break(p, 3, "the prescription's state is not the last event's"),
    ),
    (
        "a head is altered",
        "UPDATE ledger_heads SET head = prev_head",
        lambda _: Break(None, None, "the head of 2026-11-21 does not seal its events"),
    ),
    (
        "a head is made to cover less",
        "UPDATE ledger_heads SET events_count = events_count - 1",
        lambda _: Break(None, None, "the head of 2026-11-21 does not seal its events"),
    ),
    (
        "a head is put on another day",
        "UPDATE ledger_heads SET day = '2026-11-20'",
        lambda _: Break(None, None, "the head of 2026-11-20 does not seal its events"),
    ),
]


@pytest.mark.parametrize(("statement", "broken"), [pytest.param(s, b, id=name) for name, s, b in TAMPERINGS])
def test_tampering_is_found_and_named(
    tampered: tuple[County, Prescription, Prescription], statement: str, broken: Callable[[int], Break]
) -> None:
    county, _, second = tampered
    tamper(county.store, statement.replace(":p", str(second.key())))
    assert verified(county).broken == broken(second.key())


def test_a_tail_taken_out_with_its_state_put_back_breaks_the_head(
    tampered: tuple[County, Prescription, Prescription],
) -> None:
    county, _, second = tampered
    tamper(
        county.store,
        "DELETE FROM ledger_events WHERE prescription_id = :p AND seq = 3".replace(":p", str(second.key())),
        "UPDATE prescriptions SET state = 'signed' WHERE id = :p".replace(":p", str(second.key())),
    )
    assert verified(county) == Verified(
        2, 5, 0, Break(None, None, "the head of 2026-11-21 does not seal its events")
    )


def test_a_head_taken_out_breaks_the_next(fragile_county: County) -> None:
    county = fragile_county
    for _ in range(2):
        county.signed()
        seal(county)
        county.watch.pass_(days=1)
    tamper(county.store, "DELETE FROM ledger_heads WHERE id = (SELECT min(id) FROM ledger_heads)")
    assert verified(county).broken == Break(None, None, "the head of 2026-11-22 does not seal its events")


def race(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """Run two things at once, each in its own thread and connection.

    Args:
        first: One.
        second: The other.

    Returns:
        `won` or the kind of refusal of each, sorted.
    """
    barrier, outcomes = threading.Barrier(2), []

    def run(task: Callable[[], object]) -> None:
        barrier.wait(timeout=20)
        try:
            task()
            outcomes.append("won")
        except Stale:
            outcomes.append("stale")

    threads = [threading.Thread(target=run, args=(task,)) for task in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return sorted(outcomes)


def test_of_two_decisions_at_once_one_stands_and_the_other_is_stale(county: County) -> None:
    prescription = county.claimed(county.signed())
    decide = (county.pharmacist, county.knowledge, prescription.key(), prescription.version)
    outcomes = race(
        lambda: county.do(reviewing.approve, *decide),
        lambda: county.do(reviewing.return_to_doctor, *decide, "other"),
    )
    assert outcomes == ["stale", "won"]
    assert len(county.events(prescription)) == 3
    assert verified(county).broken is None


def test_of_two_saves_at_once_one_stands_and_the_other_is_stale(county: County) -> None:
    prescription = county.drafted()
    outcomes = race(
        lambda: county.saved(prescription, draft(usage="早服")),
        lambda: county.saved(prescription, draft(usage="晚服")),
    )
    assert outcomes == ["stale", "won"]
    now = county.now(prescription)
    assert (now.version, now.usage in ("早服", "晚服"), len(now.items)) == (prescription.version + 1, True, 4)


def test_of_two_submits_of_one_form_at_once_one_patient_is_made(county: County) -> None:
    key = county.new_key()
    county.new_key = lambda: key  # type: ignore[method-assign]
    made = []
    outcomes = race(lambda: made.append(county.registered().id), lambda: made.append(county.registered().id))
    assert len(set(made)) == 1
    assert outcomes.count("won") == len(made)


def test_two_writers_who_read_the_same_tip_do_not_both_write(postgres_county: County) -> None:
    # On SQLite the second writer waits at BEGIN and reads the tip that the first one left.
    county = postgres_county
    prescription = county.drafted()
    outcomes: list[str] = []

    def write_second() -> None:
        try:
            with county.work() as work:
                note(work, county.doctor, prescription, "noted", {})
                work.commit()
            outcomes.append("won")
        except Stale:
            outcomes.append("stale")

    second = threading.Thread(target=write_second)
    with county.work() as work:
        note(work, county.doctor, prescription, "noted", {})
        second.start()
        # The second has read the same tip, and waits for what becomes of the first one's step.
        until_somebody_waits(county)
        work.commit()
    second.join(timeout=60)
    assert outcomes == ["stale"]
    assert [event.seq for event in county.events(prescription)] == [1]


def until_somebody_waits(county: County) -> None:
    """Return when a transaction waits for another's lock."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with county.store.engine.connect() as connection:
            if connection.scalar(waiting):
                return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_a_step_written_twice_is_refused_by_the_database(county: County) -> None:
    prescription = county.signed()
    copy = (
        "INSERT INTO ledger_events (prescription_id, seq, kind, source, target, actor_id, actor_role, at,"
        " payload, prev_hash, hash) SELECT prescription_id, seq, kind, source, target, actor_id, actor_role,"
        " at, payload, prev_hash, hash FROM ledger_events"
    )
    with pytest.raises(Stale), county.work() as work:
        work.session.execute(text(copy))
    assert len(county.events(prescription)) == 1


def test_sealing_waits_for_a_writer_so_that_no_event_slips_under_a_head(postgres_county: County) -> None:
    county = postgres_county
    county.signed()
    late = county.drafted()
    appended, sealed = threading.Event(), []

    def write() -> None:
        with county.work() as work:
            note(work, county.doctor, late, "noted", {})
            appended.set()
            sealing.join(timeout=0.5)
            sealed.append(not sealing.is_alive())
            work.commit()

    sealing = threading.Thread(target=lambda: (appended.wait(20), seal(county)))
    sealing.start()
    write()
    sealing.join(timeout=20)
    assert sealed == [False]
    assert verified(county).heads == 1
    with county.work() as work:
        assert work.ledger.seal(work.now) is None


@pytest.mark.parametrize("how_many", [1, 3])
def test_verifying_takes_as_many_statements_for_three_chains_as_for_one(
    county: County, how_many: int
) -> None:
    for _ in range(how_many):
        county.signed()
    seal(county)
    with county.work() as work, county.counted() as statements:
        work.ledger.verify()
    assert len([each for each in statements if each.lstrip().startswith("SELECT")]) == 4


def test_the_day_of_a_head_is_the_countys(county: County) -> None:
    county.watch.pass_(hours=17)
    county.signed()
    seal(county)
    with county.store.engine.connect() as connection:
        assert [str(day) for day in connection.scalars(text("SELECT day FROM ledger_heads"))] == [
            "2026-11-22"
        ]
