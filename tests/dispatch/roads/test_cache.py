"""Matrices kept as files: their age, what makes them new, and what damage does."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from dispatch.county import Centre, VehicleKind, Village
from dispatch.roads import Cached, GreatCircle, RoadsUnusableError
from dispatch.travel import Travel

CENTRE = Centre("C", "中药房", 113.45, 29.47)
VILLAGES = [Village("N", "北村", 113.45, 29.57), Village("I", "洲上村", 113.5, 29.47, has_road=False)]
NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@dataclass
class Roads:
    """A provider of the outside world: it counts its questions and may be out of order."""

    winding_factor: float = 1.35
    asked: int = 0
    down: bool = False

    def travel(
        self, centre: Centre, villages: Sequence[Village], kind: VehicleKind = "van", day: date | None = None
    ) -> Travel:
        self.asked += 1
        if self.down:
            raise RoadsUnusableError("the server does not answer")
        return GreatCircle(self.winding_factor).travel(centre, villages, kind, day)

    def identity(self, kind: VehicleKind, day: date | None) -> dict[str, str]:
        return {"winding": str(self.winding_factor), "season": "flood" if day and day.month < 10 else "dry"}


@dataclass
class House:
    """A cache at a moment, and what it warned of."""

    folder: Path
    roads: Roads = field(default_factory=Roads)
    now: datetime = NOON
    warnings: list[str] = field(default_factory=list)

    def travel(
        self,
        villages: Sequence[Village] = VILLAGES,
        kind: VehicleKind = "van",
        day: date | None = date(2026, 7, 1),
    ) -> Travel:
        kept = Cached(self.roads, self.folder, timedelta(days=7), lambda: self.now, self.warnings.append)
        return kept.travel(CENTRE, villages, kind, day)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "travel")


def test_a_second_question_is_answered_from_the_folder_with_the_first_ones_age(house: House) -> None:
    first = house.travel()
    house.now += timedelta(days=3)
    second = house.travel()
    assert house.roads.asked == 1
    assert second.made_at == first.made_at == NOON
    assert (second.place_ids, second.source, second.unreachable) == (
        first.place_ids,
        first.source,
        first.unreachable,
    )
    assert second.metres.tolist() == first.metres.tolist()
    assert second.minutes.tolist() == first.minutes.tolist()
    assert house.warnings == []


def test_matrices_older_than_the_limit_are_made_anew(house: House) -> None:
    house.travel()
    house.now += timedelta(days=7, seconds=1)
    assert house.travel().made_at == house.now
    assert house.roads.asked == 2


def test_another_kind_season_setting_or_place_is_another_question(house: House) -> None:
    house.travel()
    house.travel(kind="foot")
    house.travel(day=date(2026, 11, 1))
    house.travel(villages=[replace(VILLAGES[0], lat=29.58)])
    house.roads.winding_factor = 1.4
    house.travel()
    assert house.roads.asked == 5
    house.travel(day=date(2026, 6, 30))
    assert house.roads.asked == 5


def test_old_matrices_are_used_with_a_warning_while_the_roads_cannot_be_asked(house: House) -> None:
    house.travel()
    house.now += timedelta(days=9)
    house.roads.down = True
    assert house.travel().made_at == NOON
    assert house.warnings == [
        "travel of 9 days ago is used, for a new one cannot be made: the server does not answer"
    ]


def test_with_nothing_kept_the_providers_sentence_comes_through(house: House) -> None:
    house.roads.down = True
    with pytest.raises(RoadsUnusableError, match=r"^the server does not answer$"):
        house.travel()


@pytest.mark.parametrize(
    ("suffix", "content", "why"),
    [
        (".json", b"{", "its note is no JSON"),
        (".json", b"\xff\xfe", "its note is no JSON"),
        (".json", b"[]", "its note says no SHA-256"),
        (".npz", b"PK not at all", "its matrices are not those of its note"),
        (".npz", None, "its matrices are missing"),
    ],
)
def test_a_damaged_file_is_made_anew_with_a_warning(
    house: House, suffix: str, content: bytes | None, why: str
) -> None:
    house.travel()
    (path,) = house.folder.glob(f"*{suffix}")
    (note,) = house.folder.glob("*.json")
    if content is None:
        path.unlink()
    else:
        path.write_bytes(content)
    assert house.travel().metres.tolist() == house.travel().metres.tolist()
    assert house.roads.asked == 2
    assert house.warnings == [f"the kept travel {note} is damaged and is made anew: {why}"]


def test_a_note_that_lacks_a_field_is_damaged_too(house: House) -> None:
    house.travel()
    (note,) = house.folder.glob("*.json")
    told = json.loads(note.read_text("utf-8"))
    del told["made_at"]
    note.write_text(json.dumps(told), "utf-8")
    house.travel()
    assert house.warnings == [
        f"the kept travel {note} is damaged and is made anew: its note lacks something: 'made_at'"
    ]


def test_a_folder_that_cannot_be_written_costs_a_warning_and_no_plan(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", "utf-8")
    house = House(blocked / "travel")
    assert house.travel().made_at == NOON
    assert house.warnings == [f"the travel cannot be kept in {blocked / 'travel'}: Not a directory"]


def test_files_that_nobody_has_renewed_for_months_are_removed(house: House) -> None:
    house.travel(kind="foot")
    for path in house.folder.iterdir():
        os.utime(path, (NOON.timestamp(), NOON.timestamp()))
    house.now += timedelta(days=66)
    house.travel()
    assert len(list(house.folder.iterdir())) == 4
    house.now += timedelta(days=2)
    house.travel(day=None)
    # The van's two questions are left, the walker's is gone.
    assert len(list(house.folder.iterdir())) == 4


def test_no_half_written_file_is_left(house: House) -> None:
    house.travel()
    assert sorted(path.suffix for path in house.folder.iterdir()) == [".json", ".npz"]
