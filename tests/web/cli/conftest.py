"""The `tangye` command as a user has it: a process of its own over a home of its own."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Tangye:
    """The installed command.

    Args:
        home: Its instance folder.
        environ: Its environment.
    """

    home: Path
    environ: Mapping[str, str]

    @property
    def path(self) -> str:
        """Where it lies."""
        return str(Path(sys.executable).with_name("tangye"))

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end.

        Args:
            arguments: As on the command line.
            more: Further environment variables.

        Returns:
            Exit status and what it wrote.
        """
        return subprocess.run(
            [self.path, *arguments],
            env={**self.environ, **more},
            cwd=self.home.parent,
            capture_output=True,
            text=True,
            timeout=240,
            check=False,
        )


@pytest.fixture
def tangye(tmp_path: Path) -> Tangye:
    """The command with an empty home; a password hash costs a millisecond."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TANGYE_")}
    environ |= {
        "TANGYE_HOME": str(tmp_path / "instance"),
        "TANGYE_DEMO_PASSWORD": "dangshen-baizhu-9",
        "TANGYE_ARGON2_TIME_COST": "1",
        "TANGYE_ARGON2_MEMORY_KIB": "8",
        "TANGYE_ARGON2_PARALLELISM": "1",
    }
    return Tangye(tmp_path / "instance", environ)
