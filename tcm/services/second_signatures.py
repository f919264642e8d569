"""What a second signature stands for: the findings that the doctor had before them when they gave it."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from pydantic import TypeAdapter

from tcm.records.clinical import Item
from tcm.review import Answered, Finding

_ANSWERED = TypeAdapter(tuple[Answered, ...])


def asking(written: str, findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings that ask for a second signature above a herb.

    Args:
        written: The herb as written.
        findings: Of its prescription.

    Returns:
        Those of severity `sign` that name it, signed or not, in their order.
    """
    return tuple(found for found in findings if found.severity == "sign" and written in found.herbs)


def tick_of(written: str, dose_g: float, findings: Iterable[Finding]) -> str:
    """The value of the box for a second signature: the herb, its dose, and what is found of it.

    Args:
        written: The herb as written.
        dose_g: Grams a dose.
        findings: Of its prescription.

    Returns:
        The value; empty where nothing asks for a signature.
    """
    asked = asking(written, findings)
    if not asked:
        return ""
    told = sha256(" ".join(sorted(found.key for found in asked)).encode()).hexdigest()[:12]
    return f"{written}|{dose_g:g}|{told}"


def answers_to(written: str, findings: Iterable[Finding]) -> list[dict[str, object]]:
    """The findings that a signature above a herb answers, as they are kept with it.

    Args:
        written: The herb as written.
        findings: Of its prescription.

    Returns:
        One entry a finding.
    """
    answered = tuple(found.answer for found in asking(written, findings))
    kept: list[dict[str, object]] = _ANSWERED.dump_python(answered, mode="json")
    return kept


def answered_of(kept: Sequence[Any]) -> tuple[Answered, ...]:
    """What `answers_to` kept, read back.

    Args:
        kept: As it is stored.

    Returns:
        The findings answered.
    """
    return _ANSWERED.validate_python(kept)


def is_signed_for(item: Item, findings: Iterable[Finding]) -> bool:
    """Whether the second signature above a line stands for all that now asks for one.

    Args:
        item: A line.
        findings: Of its prescription.

    Returns:
        False where there is no signature, or something it was not given for.
    """
    if item.second_signed_by_id is None:
        return False
    if item.second_signed_for is None:
        return True
    answered = answered_of(item.second_signed_for)
    return all(found.is_answered_by(answered) for found in asking(item.written_as, findings))
