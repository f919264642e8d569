"""A centre in mid-morning, served from this process by a clock that a test moves: an hour costs nothing."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

from werkzeug.serving import make_server

from tcm.knowledge import load
from tcm.records.clock import county_day
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tcm.store.keys import KeyRing
from tests.journeys.windows import House
from tests.tcm.county import Watch
from tests.web.desks.hands import FAST, PASSWORD
from web.app import create_app
from web.demo import habits
from web.demo.clock import DayClock
from web.demo.start import found_county
from web.demo.today import light_pots
from web.demo.town import Town
from web.machines.playing import play_open_runs
from web.settings import Settings

# Ten past ten in the county: seven pots on the fire, one of them too hot.
NOW = datetime(2026, 11, 20, 2, 10, tzinfo=UTC)
_FOUNDED = NOW - timedelta(hours=9)
_SEED = 5


@dataclass(frozen=True)
class Morning:
    """The demo's county at work.

    Args:
        house: Where its pages are.
        store: Where it is kept.
        watch: Its clock.
    """

    house: House
    store: Store
    watch: Watch

    def pass_(self, minutes: float) -> None:
        """Let time pass at the pots; their machines say what they would have said.

        Args:
            minutes: How long.
        """
        self.watch.pass_(minutes=minutes)
        with self.store.work(self.watch) as work:
            play_open_runs(work)
            work.commit()


@contextmanager
def served_morning(home: Path, migrated_sqlite: Path) -> Iterator[Morning]:
    """Set it up and serve it.

    Args:
        home: An empty folder.
        migrated_sqlite: An empty migrated database, to copy.
    """
    path, keys, watch = home / "tangye.sqlite", KeyRing(bytes(range(32))), Watch(NOW)
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(open_engine(f"sqlite:///{path}", keys), keys, Blobs(str(home / "blobs"), keys), home)
    settings = Settings(**FAST, insecure_cookies=True)
    found_county(store, settings, PASSWORD, _SEED, _FOUNDED)
    rng = random.Random(_SEED)
    town = Town(store, DayClock(_FOUNDED), load(), rng, county_day(NOW), lambda *_: None)
    town.meet()
    habits.take_up(town)
    light_pots(town, NOW, _SEED)
    server = make_server("127.0.0.1", 0, create_app(store, settings, watch), threaded=True)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Morning(House(f"http://127.0.0.1:{server.server_port}", PASSWORD, "", {}), store, watch)
    server.shutdown()
    server.server_close()
    store.close()
