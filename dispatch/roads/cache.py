"""Matrices kept as files, so that a day does not wait for a map: one .npz and one .json for each question.

The .json is written last and holds the SHA-256 of the .npz; a pair that does not fit together is made anew.
"""

import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads.provider import Provider, RoadsUnusableError
from dispatch.travel import Travel, Unreachable

# So long after they are too old to be used without a warning, files are removed.
_FORGOTTEN_AFTER: Final = timedelta(days=60)
# Raised when the files or the meaning of the matrices change: older files are then made anew.
FORMAT: Final = 1

Clock = Callable[[], datetime]
Warn = Callable[[str], None]


class _DamagedError(Exception):
    """A file of the cache that cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Cached:
    """A provider whose matrices are kept in a folder and made anew when they are too old.

    Attributes:
        inner: makes the matrices.
        folder: where they are kept; made when it is not there.
        max_age: older matrices are made anew; where that fails they are used all the same, with a warning.
        now: tells the time, aware.
        warn: told one sentence for each thing that people should know.
    """

    inner: Provider
    folder: Path
    max_age: timedelta
    now: Clock
    warn: Warn

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        """Distances and times, from the folder where they are there and young enough.

        Args:
            centre: becomes row 0.
            villages: rows 1..
            kind: of vehicle.
            day: the county date whose closed roads count.

        Returns:
            Travel whose `made_at` says how old it is.

        Raises:
            RoadsUnusableError: when there is nothing in the folder and the provider has nothing either.
        """
        name = self._name(centre, villages, kind, day)
        kept = self._kept(name)
        if kept is not None and self._age(kept) <= self.max_age:
            return kept
        try:
            made = replace(self.inner.travel(centre, villages, kind, day), made_at=self.now().astimezone(UTC))
        except RoadsUnusableError as error:
            if kept is None:
                raise
            days = self._age(kept).days
            self.warn(f"travel of {days} days ago is used, for a new one cannot be made: {error}")
            return kept
        self._keep(name, made)
        return made

    def identity(self, kind: VehicleKind, day: date | None) -> Mapping[str, str]:
        """That of the provider inside."""
        return self.inner.identity(kind, day)

    def _age(self, travel: Travel) -> timedelta:
        return self.now() - travel.made_at if travel.made_at is not None else timedelta.max

    def _name(self, centre: Centre, villages: Sequence[Village], kind: VehicleKind, day: date | None) -> str:
        places: list[Centre | Village] = [centre, *villages]
        question = {
            "format": FORMAT,
            "kind": kind,
            "identity": dict(self.inner.identity(kind, day)),
            "places": [
                [place.id, place.name, place.lon, place.lat, getattr(place, "has_road", True)]
                for place in places
            ],
        }
        return hashlib.sha256(json.dumps(question, sort_keys=True).encode()).hexdigest()[:32]

    def _kept(self, name: str) -> Travel | None:
        note = self.folder / f"{name}.json"
        try:
            return _read(note, self.folder / f"{name}.npz")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (_DamagedError, OSError) as error:
            self.warn(f"the kept travel {note} is damaged and is made anew: {error}")
            return None

    def _keep(self, name: str, travel: Travel) -> None:
        packed = io.BytesIO()
        np.savez_compressed(packed, metres=travel.metres, minutes=travel.minutes)
        note = {
            "sha256": hashlib.sha256(packed.getvalue()).hexdigest(),
            "made_at": travel.made_at.isoformat() if travel.made_at is not None else None,
            "source": travel.source,
            "place_ids": travel.place_ids,
            "unreachable": [asdict(each) for each in travel.unreachable],
        }
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            _write(self.folder / f"{name}.npz", packed.getvalue())
            _write(self.folder / f"{name}.json", json.dumps(note, ensure_ascii=False, indent=1).encode())
            self._forget()
        except OSError as error:
            self.warn(f"the travel cannot be kept in {self.folder}: {error.strerror or error}")

    def _forget(self) -> None:
        oldest = (self.now() - self.max_age - _FORGOTTEN_AFTER).timestamp()
        for suffix in (".json", ".npz"):
            for path in self.folder.glob(f"*{suffix}"):
                if path.stat().st_mtime < oldest:
                    path.unlink(missing_ok=True)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the new one and nothing between."""
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=path.name, suffix=".part", delete=False) as part:
        try:
            part.write(content)
            part.flush()
            os.fsync(part.fileno())
            os.replace(part.name, path)
        except OSError:
            Path(part.name).unlink(missing_ok=True)
            raise


def _read(note_path: Path, matrices_path: Path) -> Travel:
    """Read a kept travel.

    Raises:
        FileNotFoundError: when there is none.
        _DamagedError: when its files do not fit together.
    """
    try:
        note: Any = json.loads(note_path.read_text("utf-8"))
    except ValueError as error:
        raise _DamagedError("its note is no JSON") from error
    if not isinstance(note, dict) or not isinstance(note.get("sha256"), str):
        raise _DamagedError("its note says no SHA-256")
    try:
        packed = matrices_path.read_bytes()
    except FileNotFoundError as error:
        raise _DamagedError("its matrices are missing") from error
    if hashlib.sha256(packed).hexdigest() != note["sha256"]:
        raise _DamagedError("its matrices are not those of its note")
    try:
        with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
            return Travel(
                place_ids=tuple(note["place_ids"]),
                metres=arrays["metres"],
                minutes=arrays["minutes"],
                made_at=datetime.fromisoformat(note["made_at"]),
                source=str(note["source"]),
                unreachable=tuple(Unreachable(**each) for each in note["unreachable"]),
            )
    except (KeyError, TypeError, ValueError) as error:
        raise _DamagedError(f"its note lacks something: {error}") from error
