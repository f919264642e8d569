"""Workers as processes of their own, over a house that can be on either database."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tcm.store.engine import Store


@pytest.fixture(params=["sqlite", "postgresql"])
def environ(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The environment of web and worker, once on each database."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("TANGYE_")}
    mine |= {"TANGYE_HOME": str(tmp_path / "home"), "TANGYE_WORKER_ID": "worker-1"}
    if request.param == "postgresql":
        postgres: Store = request.getfixturevalue("postgres_store")
        mine["TANGYE_DATABASE_URL"] = postgres.engine.url.render_as_string(hide_password=False)
    return mine


@pytest.fixture
def start_worker(environ: dict[str, str]) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts workers, with more in their environment where a test says so, and ends those that are left."""
    workers: list[subprocess.Popen[bytes]] = []

    def start(**more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "web.cli", "worker"]
        workers.append(subprocess.Popen(command, env=environ | more))
        return workers[-1]

    yield start
    for worker in workers:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(20)
