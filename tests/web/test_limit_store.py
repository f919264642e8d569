"""Requests are counted once for all processes of a machine, and pages go on where they cannot be."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from limits import parse
from limits.storage import storage_from_string
from limits.strategies import MovingWindowRateLimiter

from tcm.store.engine import Store
from tests.web.desks.hands import Web
from web import limit_store
from web.app import create_app
from web.limit_store import FILE, SharedStorage, storage_uri

SECRET = "00" * 32
RACER = """
import sys
from limits import parse
from limits.strategies import MovingWindowRateLimiter
from web.limit_store import SharedStorage

limiter = MovingWindowRateLimiter(SharedStorage(sys.argv[1], secret="00" * 32))
print(sum(limiter.hit(parse("50 per hour"), "address 10.0.0.1") for _ in range(40)))
"""


def opened(home: Path) -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(storage_from_string(storage_uri(home), secret=SECRET))


def test_two_processes_at_once_let_through_what_one_may(tmp_path: Path) -> None:
    command = [sys.executable, "-c", RACER, storage_uri(tmp_path)]
    racers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    passed = [int(racer.communicate(timeout=60)[0]) for racer in racers]
    assert sum(passed) == 50


def test_two_web_processes_share_the_tries_at_a_pin(sqlite_store: Store) -> None:
    web = Web(sqlite_store, pin_limit="4 per minute")
    first = web.anyone()
    web.app = create_app(sqlite_store, web.app.extensions["tangye"].settings, web.county.watch)
    second = web.anyone()
    tried = [browser.post("/t/NOSUCHBAG/open", pin="1234").status_code for browser in (first, second) * 3]
    assert tried == [404, 404, 404, 404, 429, 429]


def test_keys_are_counted_apart_and_only_for_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter = opened(tmp_path)
    minute = parse("2 per minute")
    assert [limiter.hit(minute, who) for who in ("a", "a", "a", "b")] == [True, True, False, True]
    assert limiter.get_window_stats(minute, "a")[1] == 0
    limiter.clear(minute, "b")
    assert limiter.get_window_stats(minute, "b")[1] == 2
    later = time.time() + 61
    monkeypatch.setattr(limit_store.time, "time", lambda: later)
    assert limiter.hit(minute, "a")


def test_a_clock_that_was_set_back_locks_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    limiter, hour = opened(tmp_path), parse("1 per minute")
    now = time.time()
    monkeypatch.setattr(limit_store.time, "time", lambda: now + 3600)
    assert [limiter.hit(hour, "a"), limiter.hit(hour, "a")] == [True, False]
    monkeypatch.setattr(limit_store.time, "time", lambda: now)
    assert limiter.hit(hour, "a")


def test_a_file_that_cannot_be_used_leaves_each_process_counting_alone(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    limiter, minute = opened(tmp_path), parse("2 per minute")
    assert [limiter.hit(minute, "a") for _ in range(3)] == [True, True, False]


def test_the_file_holds_no_address_and_is_nobody_elses(tmp_path: Path) -> None:
    limiter = opened(tmp_path)
    limiter.hit(parse("2 per minute"), "203.0.113.77")
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"203.0.113.77" not in held


def test_counting_outside_a_window_holds_too(tmp_path: Path) -> None:
    storage = SharedStorage(storage_uri(tmp_path), secret=SECRET)
    assert [storage.incr("a", 60), storage.incr("a", 60, 2), storage.get("a"), storage.check()] == [
        1,
        3,
        3,
        True,
    ]
    assert storage.get_expiry("a") > time.time() + 50
    assert (storage.reset(), storage.get("a")) == (3, 0)
