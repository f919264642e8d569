"""The style sheets by themselves."""

import re
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).resolve().parents[2] / "web/static/css").glob("*.css"))
_STILL = re.compile(r"@media \(prefers-reduced-motion: no-preference\) \{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_MOVES = re.compile(r"(?:transition|animation)[\w-]*:[^;}]+|scroll-behavior: smooth")


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_nothing_moves_for_readers_who_asked_for_stillness(sheet: Path) -> None:
    assert _MOVES.findall(_STILL.sub("", sheet.read_text(encoding="utf-8"))) == []


def test_a_movement_outside_is_found() -> None:
    moving = ".a { transition: color 1s; }"
    assert _MOVES.findall(moving) == ["transition: color 1s"]
    assert _STILL.sub("", f"@media (prefers-reduced-motion: no-preference) {{ {moving} }}") == ""
