"""The chain of a page of the locked book: whatever is changed in it is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tcm.records.locked_book import BookKind, BookLine, first_break, line_hash

AT = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)


def page() -> list[BookLine]:
    lines: list[BookLine] = []
    for kind, delta_mg in (
        (BookKind.OPENED, 50_000),
        (BookKind.DISPENSED, -3_000),
        (BookKind.COUNTED, 0),
        (BookKind.DESTROYED, -47_000),
    ):
        last = lines[-1] if lines else None
        line = BookLine(
            herb="雄黄",
            seq=len(lines) + 1,
            kind=kind,
            at=AT + timedelta(hours=len(lines)),
            lot_id=1,
            delta_mg=delta_mg,
            balance_mg=(last.balance_mg if last else 0) + delta_mg,
            first_id=7,
            second_id=8,
            **({"prev_hash": last.hash} if last else {}),
        )
        lines.append(replace(line, hash=line_hash(line)))
    return lines


def sealed(line: BookLine, **changes: Any) -> BookLine:
    changed = replace(line, **changes)
    return replace(changed, hash=line_hash(changed))


def test_a_page_that_nobody_touched_holds() -> None:
    assert first_break(page()) is None


@pytest.mark.parametrize(
    "changes", [{"delta_mg": -2_000}, {"second_id": 9}, {"at": AT}, {"note": "?"}, {"prescription_id": 4}]
)
def test_a_line_that_was_altered_is_named(changes: dict[str, Any]) -> None:
    lines = page()
    lines[1] = replace(lines[1], **changes)
    broken = first_break(lines)
    assert broken is not None
    assert (broken.herb, broken.seq, broken.why) == ("雄黄", 2, "the line was altered")


@pytest.mark.parametrize(
    ("number", "changes", "seq", "why"),
    [
        (1, {"delta_mg": -2_000}, 2, "the balance does not follow from the line before"),
        (3, {"second_id": 7}, 4, "one person signed twice"),
        (2, {"prev_hash": "1" * 64}, 3, "the link to the line before is broken"),
        (2, {"seq": 4}, 3, "a line is missing"),
        (1, {"note": "sealed anew"}, 3, "the link to the line before is broken"),
    ],
)
def test_a_line_that_was_sealed_anew_is_found_too(
    number: int, changes: dict[str, Any], seq: int, why: str
) -> None:
    lines = page()
    lines[number] = sealed(lines[number], **changes)
    broken = first_break(lines)
    assert broken is not None
    assert (broken.seq, broken.why) == (seq, why)
