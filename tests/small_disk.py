"""A small disk of its own that a test fills."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Disk:
    """A small disk.

    Args:
        folder: Where it is mounted.
    """

    folder: Path

    def fill(self, *, but_bytes: int = 0) -> None:
        """Write until nothing goes any more, and give so much back."""
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            with suppress(OSError):
                while True:
                    ballast.write(bytes(4096))
            ballast.truncate(ballast.tell() - but_bytes)

    def clear(self) -> None:
        """Make room."""
        (self.folder / "ballast").unlink()


@contextmanager
def small_disk(size_mb: int) -> Iterator[Disk]:
    """Mount a disk that lies in memory, where whoever runs the tests may; else the test is skipped.

    Args:
        size_mb: What fits on it.
    """
    # Not below pytest's own folder, which other users such as PostgreSQL's may not enter.
    folder = Path(tempfile.mkdtemp(prefix="tangye-disk-"))
    folder.chmod(0o755)
    command = ["mount", "-t", "tmpfs", "-o", f"size={size_mb}m,mode=0777", "tmpfs", str(folder)]
    try:
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("only root may mount a small disk")
        try:
            yield Disk(folder)
        finally:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)
    finally:
        shutil.rmtree(folder)
