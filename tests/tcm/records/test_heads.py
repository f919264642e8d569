"""A published head can be checked by anyone, and shows when the ledger behind it was rewritten."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.heads import (
    HeadUnusableError,
    Seal,
    SealedHead,
    changed_since,
    gap_between,
    read_published,
)
from tcm.records.ledger import GENESIS

SEAL, OTHER = Seal(bytes(range(32))), Seal(bytes(range(1, 33)))
AT = datetime(2026, 11, 21, 16, 0, tzinfo=UTC)
FIRST = SealedHead(1, date(2026, 11, 21), 12, "a" * 64, GENESIS, AT)
SECOND = SealedHead(2, date(2026, 11, 22), 40, "b" * 64, "a" * 64, AT.replace(day=22))
THIRD = SealedHead(3, date(2026, 11, 23), 7, "c" * 64, "b" * 64, AT.replace(day=23))
ALL = (FIRST, SECOND, THIRD)


def texts(*heads: SealedHead, seal: Seal = SEAL) -> list[tuple[str, str]]:
    return [(f"head-{each.number}", seal.publish(each)) for each in heads]


@pytest.mark.parametrize("sealed", ALL)
def test_what_is_published_is_read_back_and_is_always_the_same(sealed: SealedHead) -> None:
    text = SEAL.publish(sealed)
    assert (read_published(text).sealed, read_published(text).key) == (sealed, SEAL.key)
    assert SEAL.publish(sealed) == text
    assert read_published(text.replace("\n", "\r\n")).sealed == sealed


@given(st.integers(0, len(SEAL.publish(SECOND)) - 1), st.sampled_from("0a9Z+ \n"))
def test_one_changed_letter_is_no_head_any_more(place: int, letter: str) -> None:
    text = SEAL.publish(SECOND)
    changed = text[:place] + letter + text[place + 1 :]
    if changed == text:
        return
    with pytest.raises(HeadUnusableError):
        read_published(changed)


def test_heads_that_follow_one_another_have_no_gap_wherever_one_begins() -> None:
    read = [read_published(SEAL.publish(each)) for each in ALL]
    assert [gap_between(read), gap_between(read[1:]), gap_between([read[0], read[2]])] == ["", "", ""]


@pytest.mark.parametrize(
    ("heads", "why"),
    [
        ((FIRST, replace(SECOND, prev_head="d" * 64)), "head 2 of 2026-11-22 does not follow head 1"),
        ((FIRST, replace(FIRST, head="d" * 64)), "there are two heads 1"),
        ((replace(FIRST, prev_head="d" * 64),), "head 1 of 2026-11-21 is not the first"),
    ],
)
def test_heads_that_do_not_fit_together_are_named(heads: tuple[SealedHead, ...], why: str) -> None:
    assert gap_between([read_published(SEAL.publish(each)) for each in heads]) == why


def test_two_keys_are_not_one_house() -> None:
    read = [read_published(SEAL.publish(FIRST)), read_published(OTHER.publish(SECOND))]
    assert gap_between(read) == "they are signed with different keys"


def test_a_ledger_that_holds_everything_published_was_not_changed() -> None:
    assert changed_since(texts(FIRST, THIRD), ALL, SEAL.key) is None


@pytest.mark.parametrize(
    ("published", "now", "why"),
    [
        (
            texts(*ALL),
            (FIRST, replace(SECOND, head="d" * 64), THIRD),
            "the head of 2026-11-22 was changed after it was published",
        ),
        (texts(*ALL), (FIRST, SECOND), "the head of 2026-11-23 was published and is gone"),
        (
            texts(FIRST, seal=OTHER),
            ALL,
            "the published head head-1 is not signed by this house",
        ),
        (
            [("head-1", "hello")],
            ALL,
            "the published head head-1 cannot be used: it is no published head",
        ),
    ],
)
def test_a_ledger_that_was_rewritten_is_found(
    published: list[tuple[str, str]], now: tuple[SealedHead, ...], why: str
) -> None:
    broken = changed_since(published, now, SEAL.key)
    assert broken is not None
    assert broken.why == why
