"""The monthly appraisal of prescriptions (处方点评): a sample, two opinions on each, an appeal, an end."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

OPINIONS_NEEDED = 2
OPINIONS_AT_MOST = 3


class Standing(StrEnum):
    """How far the appraisal of one prescription is."""

    WAITING = "waiting"
    DISPUTED = "disputed"
    CONCLUDED = "concluded"


@dataclass(eq=False, kw_only=True)
class Appraisal:
    """The sample of one month.

    Args:
        id: Row, None before it is stored.
        month: Such as 2026-11.
        population: How many prescriptions were signed in it.
        seed: Of the drawing, so that it can be drawn again just so.
        drawn_by_id: Staff row.
        drawn_at: Aware UTC.
    """

    id: int | None = None
    month: str
    population: int
    seed: int
    drawn_by_id: int
    drawn_at: datetime


@dataclass(eq=False, kw_only=True)
class AppraisedPrescription:
    """One prescription of a sample, with the doctor's appeal where there is one.

    Args:
        id: Row, None before it is stored.
        appraisal_id: Which sample.
        prescription_id: Which prescription.
        appeal: The doctor's words, empty where there is no appeal.
        appealed_at: Aware UTC.
        answer: What was answered.
        upheld: Whether the codes stand after the appeal, None before the answer.
        answered_by_id: Staff row.
        answered_at: Aware UTC.
        opinions: In the order they were given.
    """

    id: int | None = None
    appraisal_id: int
    prescription_id: int
    appeal: str = ""
    appealed_at: datetime | None = None
    answer: str = ""
    upheld: bool | None = None
    answered_by_id: int | None = None
    answered_at: datetime | None = None
    opinions: list["Opinion"] = field(default_factory=list)

    @property
    def standing(self) -> Standing:
        """Two equal opinions conclude; two that differ ask for a third."""
        if len(self.opinions) < OPINIONS_NEEDED:
            return Standing.WAITING
        first, second = (set(opinion.codes) for opinion in self.opinions[:OPINIONS_NEEDED])
        is_settled = first == second or len(self.opinions) == OPINIONS_AT_MOST
        return Standing.CONCLUDED if is_settled else Standing.DISPUTED

    @property
    def is_reasonable(self) -> bool:
        """The verdict, by the opinions or by a successful appeal; False before the end."""
        if self.standing is not Standing.CONCLUDED:
            return False
        return self.upheld is False or is_found_reasonable([opinion.codes for opinion in self.opinions])

    @property
    def codes(self) -> tuple[str, ...]:
        """What stands against the prescription; empty where it is found reasonable or is not concluded."""
        if self.standing is not Standing.CONCLUDED or self.upheld is False:
            return ()
        return agreed_codes([opinion.codes for opinion in self.opinions])


@dataclass(eq=False, kw_only=True)
class Opinion:
    """What one reviewer says of one prescription.

    Args:
        id: Row, None before it is stored.
        reviewer_id: Staff row.
        codes: Faults by code, empty where the prescription is reasonable.
        note: In the reviewer's words.
        given_at: Aware UTC.
    """

    id: int | None = None
    reviewer_id: int
    codes: list[str]
    note: str
    given_at: datetime


def is_found_reasonable(opinions: Sequence[Sequence[str]]) -> bool:
    """Whether enough of the opinions find no fault.

    Args:
        opinions: Codes by reviewer.

    Returns:
        True where at least two name no code.
    """
    return sum(not codes for codes in opinions) >= OPINIONS_NEEDED


def agreed_codes(opinions: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The codes that stand: those that two name, and where faults are found but none is named twice, all.

    Args:
        opinions: Codes by reviewer.

    Returns:
        Codes in the order of the regulation, each once; none where fewer than two found a fault.
    """
    if sum(bool(codes) for codes in opinions) < OPINIONS_NEEDED:
        return ()
    counted = Counter(code for codes in opinions for code in set(codes))
    agreed = [code for code, times in counted.items() if times >= OPINIONS_NEEDED]
    # Two who find different faults do not make it reasonable.
    return tuple(sorted(agreed or counted, key=_place))


def _place(code: str) -> tuple[int, int]:
    kind, _, number = code.partition("-")
    return int(kind), int(number)
