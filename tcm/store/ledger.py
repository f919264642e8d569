"""The ledger in the database: appending to chains, sealing days, verifying all of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import exists, func, insert, select, text
from sqlalchemy.orm import Session

from tcm.records.clock import county_day
from tcm.records.heads import SealedHead
from tcm.records.ledger import GENESIS, Break, Event, Head, day_head, event_hash, first_break
from tcm.records.lifecycle import State
from tcm.records.roles import Actor
from tcm.store.tables import ledger_events, ledger_heads, prescriptions

_EVENT_COLUMNS = (
    ledger_events.c.prescription_id,
    ledger_events.c.seq,
    ledger_events.c.kind,
    ledger_events.c.source,
    ledger_events.c.target,
    ledger_events.c.actor_id,
    ledger_events.c.actor_role,
    ledger_events.c.at,
    ledger_events.c.payload,
    ledger_events.c.prev_hash,
    ledger_events.c.hash,
)


@dataclass(frozen=True)
class Verified:
    """What a verification of the whole ledger saw.

    Args:
        prescriptions: Chains walked.
        events: Events in them.
        heads: Sealed heads recomputed.
        broken: The first break, None where everything holds.
    """

    prescriptions: int
    events: int
    heads: int
    broken: Break | None


class Ledger:
    """Append-only events of all prescriptions.

    Args:
        session: The session of the unit of work.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(
        self,
        prescription_id: int,
        kind: str,
        actor: Actor,
        at: datetime,
        *,
        source: State,
        target: State,
        payload: Mapping[str, object],
    ) -> Event:
        """Add the next event to a prescription's chain.

        Args:
            prescription_id: Whose chain.
            kind: What happened.
            actor: Who did it.
            at: Aware UTC.
            source: State before.
            target: State after.
            payload: Codes and ids; never a patient's data.

        Returns:
            The event as written.

        Raises:
            sqlalchemy.exc.IntegrityError: When another transaction wrote this `seq` first.
        """
        seq, prev_hash = self._tip(prescription_id)
        draft = Event(
            prescription_id, seq + 1, kind, source, target, actor.staff_id, actor.role, at, payload, prev_hash
        )
        event = replace(draft, hash=event_hash(draft))
        self._session.execute(insert(ledger_events).values(**vars(event)))
        return event

    def events(self, prescription_id: int) -> list[Event]:
        """One prescription's chain, oldest first.

        Args:
            prescription_id: Whose chain.

        Returns:
            Its events.
        """
        return self.chains([prescription_id])[prescription_id]

    def chains(self, prescription_ids: Collection[int]) -> dict[int, list[Event]]:
        """Several prescriptions' chains in one query.

        Args:
            prescription_ids: Whose chains.

        Returns:
            Events by prescription, oldest first; empty where nothing happened yet.
        """
        query = select(*_EVENT_COLUMNS).where(ledger_events.c.prescription_id.in_(set(prescription_ids)))
        chains: dict[int, list[Event]] = {key: [] for key in prescription_ids}
        for row in self._session.execute(query.order_by(ledger_events.c.seq)):
            chains[row.prescription_id].append(Event(*row))
        return chains

    def head_over(self, prescription_id: int) -> Head | None:
        """The head that seals a prescription's last event.

        Args:
            prescription_id: Whose chain.

        Returns:
            The head, None before one is made.
        """
        last = select(func.max(ledger_events.c.id)).where(ledger_events.c.prescription_id == prescription_id)
        heads = ledger_heads.c
        query = select(heads.day, heads.head, heads.events_count, heads.sealed_at)
        query = query.where(heads.last_event_id >= last.scalar_subquery()).order_by(heads.id).limit(1)
        row = self._session.execute(query).one_or_none()
        return Head(*row) if row else None

    def heads(self, *, before: int | None = None, at_most: int | None = None) -> list[SealedHead]:
        """The heads that were sealed.

        Args:
            before: Only those of a smaller number, None for all.
            at_most: The newest so many, None for all.

        Returns:
            Newest first.
        """
        columns = ledger_heads.c
        number = func.row_number().over(order_by=columns.id).label("number")
        query = select(
            number,
            columns.day,
            columns.events_count,
            columns.head,
            columns.prev_head,
            columns.sealed_at,
        ).subquery()
        chosen = select(query).order_by(query.c.number.desc()).limit(at_most)
        if before is not None:
            chosen = chosen.where(query.c.number < before)
        return [SealedHead(*row) for row in self._session.execute(chosen)]

    def seal(self, at: datetime) -> str | None:
        """Seal every event since the last head under a new one.

        Args:
            at: The moment of sealing, aware UTC.

        Returns:
            The new head, or None where nothing happened since the last.
        """
        if self._session.get_bind().dialect.name == "postgresql":
            # Waits for writers in flight, so that no smaller id can be committed after the head.
            self._session.execute(text("LOCK TABLE ledger_events IN EXCLUSIVE MODE"))
        last_id, prev_head = self._last_head()
        rows = self._hashes(last_id)
        if not rows:
            return None
        day = county_day(at)
        head = day_head(day, prev_head, [hash_ for _, hash_ in rows])
        self._session.execute(
            insert(ledger_heads).values(
                day=day,
                last_event_id=rows[-1][0],
                events_count=len(rows),
                head=head,
                prev_head=prev_head,
                sealed_at=at,
            )
        )
        return head

    def seal_daily(self, at: datetime) -> str | None:
        """Seal once a county day, whenever it is first asked for on that day.

        Args:
            at: The moment, aware UTC.

        Returns:
            The new head, or None where this day has one or nothing happened.
        """
        # Of this very day: after a clock that ran ahead a head of a later day is no reason to wait for it.
        return None if self.is_sealed_between(county_day(at), county_day(at)) else self.seal(at)

    def is_sealed_between(self, first: date, last: date) -> bool:
        """Whether a head was made on any of these days.

        Args:
            first: County date.
            last: County date, included.

        Returns:
            True where there is one.
        """
        days = ledger_heads.c.day
        return bool(self._session.scalar(select(exists().where(days >= first, days <= last))))

    def verify(self) -> Verified:
        """Walk every chain and recompute every head.

        Returns:
            Counts, and the first break if there is one.
        """
        chains = events = 0
        for state, chain in self._chains():
            broken = first_break(chain) or _state_break(state, chain)
            if broken:
                return Verified(chains, events, 0, broken)
            chains, events = chains + 1, events + len(chain)
        unwritten = self._unwritten()
        if unwritten:
            return Verified(chains, events, 0, unwritten)
        heads, broken = self._verify_heads()
        return Verified(chains, events, heads, broken)

    def _tip(self, prescription_id: int) -> tuple[int, str]:
        query = select(ledger_events.c.seq, ledger_events.c.hash).where(
            ledger_events.c.prescription_id == prescription_id
        )
        row = self._session.execute(query.order_by(ledger_events.c.seq.desc()).limit(1)).one_or_none()
        return (row.seq, row.hash) if row else (0, GENESIS)

    def _last_head(self) -> tuple[int, str]:
        query = select(ledger_heads.c.last_event_id, ledger_heads.c.head)
        row = self._session.execute(query.order_by(ledger_heads.c.id.desc()).limit(1)).one_or_none()
        return (row.last_event_id, row.head) if row else (0, GENESIS)

    def _hashes(self, after_id: int) -> list[tuple[int, str]]:
        query = select(ledger_events.c.id, ledger_events.c.hash).where(ledger_events.c.id > after_id)
        return [(row.id, row.hash) for row in self._session.execute(query.order_by(ledger_events.c.id))]

    def _chains(self) -> Iterator[tuple[State | None, list[Event]]]:
        # States and events in one statement: read apart, a move committed in between would look like a break.
        query = (
            select(prescriptions.c.state, *_EVENT_COLUMNS)
            .join_from(ledger_events, prescriptions, isouter=True)
            .order_by(ledger_events.c.prescription_id, ledger_events.c.seq)
        )
        stream = self._session.execute(query.execution_options(yield_per=1000))
        rows = ((row[0], Event(*row[1:])) for row in stream)
        for _, chain in groupby(rows, key=lambda row: row[1].prescription_id):
            states, events = zip(*chain, strict=True)
            yield states[0], list(events)

    def _unwritten(self) -> Break | None:
        # NOT EXISTS and not NOT IN: PostgreSQL would read the whole ledger again for every prescription.
        chained = exists().where(ledger_events.c.prescription_id == prescriptions.c.id)
        query = select(func.min(prescriptions.c.id)).where(prescriptions.c.state != State.DRAFT, ~chained)
        orphan = self._session.scalar(query)
        return Break(orphan, None, "the prescription moved without an event") if orphan else None

    def _verify_heads(self) -> tuple[int, Break | None]:
        heads = self._session.execute(select(ledger_heads).order_by(ledger_heads.c.id)).all()
        query = select(ledger_events.c.id, ledger_events.c.hash).order_by(ledger_events.c.id)
        with self._session.execute(query.execution_options(yield_per=1000)) as events:
            event, prev_head = next(events, None), GENESIS
            for count, head in enumerate(heads):
                hashes = []
                while event is not None and event.id <= head.last_event_id:
                    hashes.append(event.hash)
                    event = next(events, None)
                expected = day_head(head.day, prev_head, hashes)
                if (head.prev_head, head.events_count, head.head) != (prev_head, len(hashes), expected):
                    return count, Break(None, None, f"the head of {head.day} does not seal its events")
                prev_head = head.head
        return len(heads), None


def _state_break(state: State | None, chain: list[Event]) -> Break | None:
    last = chain[-1]
    if state is last.target:
        return None
    return Break(last.prescription_id, last.seq, "the prescription's state is not the last event's")
