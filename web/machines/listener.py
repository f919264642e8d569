"""Listens to the machines: fetched, validated, stored in one transaction, and only then acknowledged."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from functools import partial

import paho.mqtt.client as mqtt
from sqlalchemy.exc import SQLAlchemyError

from tcm.records.clock import Clock, county_day
from tcm.records.errors import Stale
from tcm.records.machines import Deviation, Reading, RefusedBecause
from tcm.services import metering
from tcm.store.engine import Store
from web.machines.address import Broker
from web.machines.broker import client_for
from web.machines.payload import NotAReading, reading_in, topic_of

# So many messages are stored at once, and so long the first of them waits for the others.
_MOST_AT_ONCE = 100
_GATHER_S = 0.5
# Silence is looked for this often.
_WATCH_S = 15.0
# After a store that failed.
_RETRY_S = 2.0


class Listener:
    """One house's ear at the broker.

    Args:
        store: Where readings go.
        clock: Tells the time.
        broker: Where machines publish.
        tell: Says one line to whoever runs the house; no line carries a payload or a password.
    """

    def __init__(self, store: Store, clock: Clock, broker: Broker, tell: Callable[[str], None]) -> None:
        self._store, self._clock = store, clock
        self._broker, self._tell = broker, tell
        self._waiting: queue.SimpleQueue[mqtt.MQTTMessage] = queue.SimpleQueue()
        self._client = client_for(broker, broker.client_id, keeps_session=True)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_connect_fail = self._on_connect_fail
        self._client.on_message = self._on_message

    def run(self, until: threading.Event) -> None:
        """Listen, store and watch until told to stop; what is not stored by then the broker sends again.

        Args:
            until: Set to stop.
        """
        self._client.loop_start()
        watch_at, day = time.monotonic(), None
        try:
            while not until.is_set():
                messages = self._gather()
                if messages:
                    self._until_done(until, partial(self._store_messages, messages))
                if time.monotonic() >= watch_at:
                    self._until_done(until, self._watch)
                    watch_at = time.monotonic() + _WATCH_S
                if day != (today := county_day(self._clock())):
                    self._until_done(until, self._thin)
                    day = today
        finally:
            self._client.disconnect()
            self._client.loop_stop()

    def _gather(self) -> list[mqtt.MQTTMessage]:
        try:
            messages = [self._waiting.get(timeout=_GATHER_S)]
        except queue.Empty:
            return []
        while len(messages) < _MOST_AT_ONCE:
            try:
                messages.append(self._waiting.get_nowait())
            except queue.Empty:
                break
        return messages

    def _until_done(self, until: threading.Event, act: Callable[[], None]) -> None:
        """Try again while the database cannot: the messages stay at the broker meanwhile."""
        while not until.is_set():
            try:
                act()
            except Stale:
                continue
            except (SQLAlchemyError, OSError) as error:
                self._tell(f"readings cannot be stored now ({type(error).__name__}); trying again")
                until.wait(_RETRY_S)
            else:
                return

    def _store_messages(self, messages: Sequence[mqtt.MQTTMessage]) -> None:
        readings: list[Reading] = []
        refused: list[tuple[RefusedBecause, str]] = []
        for message in messages:
            try:
                reading = reading_in(message.topic, bytes(message.payload))
            except NotAReading as error:
                refused.append((RefusedBecause.GARBAGE, error.pot_code))
                continue
            # What the broker keeps for newcomers is not what a pot says now.
            if message.retain:
                refused.append((RefusedBecause.RETAINED, reading.pot_code))
            else:
                readings.append(reading)
        with self._store.work(self._clock) as work:
            ours = {pot.code for pot in work.pots.all()} if refused else set()
            for reason, pot_code in refused:
                metering.refuse(work, reason, pot_code if pot_code in ours else "")
            batch = metering.take_readings(work, readings)
            work.commit()
        for message in messages:
            self._client.ack(message.mid, message.qos)
        self._tell_of(batch.deviations)

    def _watch(self) -> None:
        with self._store.work(self._clock) as work:
            found = metering.watch_all(work)
            work.commit()
        self._tell_of(found)

    def _thin(self) -> None:
        with self._store.work(self._clock) as work:
            metering.thin_old(work)
            work.commit()

    def _tell_of(self, found: Sequence[Deviation]) -> None:
        for each in found:
            self._tell(f"{each.kind.value} in the pot of run {each.run_id}")

    def _on_connect(
        self, client: mqtt.Client, _data: object, _flags: object, reason: object, _properties: object
    ) -> None:
        if getattr(reason, "is_failure", False):
            self._tell(f"the broker {self._broker.shown} refuses: {reason}")
            return
        client.subscribe(topic_of(self._broker.prefix, "+"), qos=1)
        self._tell(f"listening at {self._broker.shown}")

    def _on_disconnect(
        self, _client: mqtt.Client, _data: object, _flags: object, reason: object, _properties: object
    ) -> None:
        if getattr(reason, "is_failure", False):
            self._tell(f"the line to {self._broker.shown} is lost: {reason}")

    def _on_connect_fail(self, _client: mqtt.Client, _data: object) -> None:
        self._tell(f"{self._broker.shown} cannot be reached; trying again")

    def _on_message(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self._waiting.put(message)
