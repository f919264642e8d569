"""An outage (停电、断网、系统故障): paper forms printed in advance, and what was signed on them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_
from tcm.records.lifecycle import State
from tcm.records.roles import Role


class PaperKind(StrEnum):
    """What a blank form is for; the value is the letter in its number."""

    PRESCRIPTION = "C"
    REVIEW = "S"
    DECOCTION = "J"
    DELIVERY = "P"


PAPER_TERMS = {
    PaperKind.PRESCRIPTION: N_("空白处方笺"),
    PaperKind.REVIEW: N_("空白审方单"),
    PaperKind.DECOCTION: N_("空白煎药记录单"),
    PaperKind.DELIVERY: N_("空白配送单"),
}


class PaperReason(StrEnum):
    """Why work went on with paper."""

    POWER = "power"
    NETWORK = "network"
    SYSTEM = "system"
    OTHER = "other"


REASON_TERMS = {
    PaperReason.POWER: N_("停电"),
    PaperReason.NETWORK: N_("断网"),
    PaperReason.SYSTEM: N_("系统故障"),
    PaperReason.OTHER: N_("其他"),
}


class PaperStep(StrEnum):
    """What a person signed for on paper."""

    PRESCRIBED = "prescribed"
    REVIEWED = "reviewed"
    DISPENSED = "dispensed"
    DECOCTED = "decocted"
    PACKED = "packed"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class StepRule:
    """What one step on paper is.

    Args:
        term: What it is called, a msgid.
        role: Whose signature it takes.
        kind: The form it is signed on.
        state: The state that the same person's signature in the system leads to.
    """

    term: str
    role: Role
    kind: PaperKind
    state: State


STEPS = {
    PaperStep.PRESCRIBED: StepRule(N_("开方"), Role.DOCTOR, PaperKind.PRESCRIPTION, State.SIGNED),
    PaperStep.REVIEWED: StepRule(N_("审方"), Role.PHARMACIST, PaperKind.REVIEW, State.APPROVED),
    PaperStep.DISPENSED: StepRule(N_("调剂"), Role.FLOOR, PaperKind.DECOCTION, State.DISPENSED),
    PaperStep.DECOCTED: StepRule(N_("煎煮"), Role.FLOOR, PaperKind.DECOCTION, State.DECOCTING),
    PaperStep.PACKED: StepRule(N_("包装"), Role.FLOOR, PaperKind.DECOCTION, State.PACKED),
    PaperStep.DELIVERED: StepRule(N_("送达"), Role.COURIER, PaperKind.DELIVERY, State.DELIVERED),
}


@dataclass(eq=False, kw_only=True)
class PaperBatch:
    """Blank forms that were printed in advance, with numbers that follow one another.

    Args:
        id: Row, None before it is stored.
        institution_id: Whose numbers they are.
        kind: What they are for.
        first_serial: Serial of the first sheet.
        count: How many sheets.
        printed_by_id: Staff row.
        printed_at: Aware UTC.
        request_key: Key of the form that asked for them.
    """

    id: int | None = None
    institution_id: int
    kind: PaperKind
    first_serial: int
    count: int
    printed_by_id: int
    printed_at: datetime
    request_key: str

    def holds(self, serial: int) -> bool:
        """Whether a sheet with this serial is among them."""
        return self.first_serial <= serial < self.first_serial + self.count


@dataclass(eq=False, kw_only=True)
class PaperSignature:
    """A step of a prescription that was signed on paper and entered later (补录).

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        step: What was signed for.
        paper_number: Of the sheet it was signed on.
        signed_by_id: Who signed on paper.
        signed_at: When, as it stands on the paper, aware UTC.
        reason: Why on paper.
        entered_by_id: Who entered it.
        entered_at: When, aware UTC.
    """

    id: int | None = None
    prescription_id: int
    step: PaperStep
    paper_number: str
    signed_by_id: int
    signed_at: datetime
    reason: PaperReason
    entered_by_id: int
    entered_at: datetime


def paper_number(institution_code: str, kind: PaperKind, serial: int) -> str:
    """The number of a blank form, with a check digit, for it is copied by hand.

    Args:
        institution_code: Of the house that prints it, such as T03.
        kind: What it is for.
        serial: From 1.

    Returns:
        Such as T03-C00012-9.
    """
    return f"{institution_code}-{kind.value}{serial:05d}-{_check_digit(serial)}"


def read_paper_number(text: str, institution_code: str, kind: PaperKind) -> int | None:
    """The serial of a blank form of one house, from its number as somebody copied it.

    Args:
        text: As typed.
        institution_code: Of the house.
        kind: What the form is for.

    Returns:
        The serial; None where the text is no number of such a form, a slip of one digit among them.
    """
    prefix = f"{institution_code}-{kind.value}"
    digits = text.strip().upper().removeprefix(prefix.upper()).partition("-")[0]
    if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
        return None
    serial = int(digits)
    return serial if text.strip().upper() == paper_number(institution_code, kind, serial).upper() else None


def _check_digit(serial: int) -> int:
    """ISO/IEC 7064, MOD 11,10: finds every digit mistyped, most that changed places."""
    product = 10
    for digit in f"{serial:05d}":
        product = (((product + int(digit)) % 10 or 10) * 2) % 11
    return (11 - product) % 10
