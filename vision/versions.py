"""Which models were ever shipped, told from the files at hand and from models/versions.csv.

A reading keeps the name of its model: with the photograph and the files of that name it can be computed
again.
"""

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MODELS: Final = Path(__file__).parent / "models"
# Digits of a file's SHA-256 in the name of a model.
NAMED_DIGITS: Final = 8


@dataclass(frozen=True)
class ModelFile:
    """One file of a version: its SHA-256, its key figures and what changed in it."""

    file: str
    sha256: str
    figures: str
    change: str


@dataclass(frozen=True)
class Version:
    """A version of the tongue reader, dated by the day it was shipped (ISO 8601)."""

    version: str
    date: str
    files: tuple[ModelFile, ...]

    @property
    def name(self) -> str:
        """The name that readings of this version carry."""
        digests = (one.sha256[:NAMED_DIGITS] for one in sorted(self.files, key=lambda one: one.file))
        return f"{self.version}+{'.'.join(digests)}"

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 by file."""
        return {one.file: one.sha256 for one in self.files}


def known(folder: Path = MODELS) -> tuple[Version, ...]:
    """Every version that was shipped, the oldest first.

    Args:
        folder: Holds versions.csv: version, date, file, sha256, figures, change; a row for each file.

    Returns:
        The versions in the order of the file.
    """
    rows: dict[tuple[str, str], list[ModelFile]] = {}
    with (folder / "versions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            found = ModelFile(row["file"], row["sha256"], row["figures"], row["change"])
            rows.setdefault((row["version"], row["date"]), []).append(found)
    return tuple(Version(version, date, tuple(files)) for (version, date), files in rows.items())


def at_hand(folder: Path = MODELS) -> dict[str, str]:
    """SHA-256 of the files of the tongue reader as they lie there.

    Args:
        folder: Of the models.

    Returns:
        By file name.
    """
    files = sorted(path for path in folder.glob("tongue_*") if path.suffix != ".md")
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def listed(digests: Mapping[str, str], folder: Path = MODELS) -> Version | None:
    """The version that consists of just these files.

    Args:
        digests: SHA-256 by file.
        folder: Holds versions.csv.

    Returns:
        The version, or None where it is not on the list: a clinic's own, trained again.
    """
    return next((one for one in reversed(known(folder)) if one.digests == dict(digests)), None)
