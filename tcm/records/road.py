"""What a courier brings back besides the empty van: proofs, tries, temperatures, cash and bags."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from tcm.records.errors import N_


class HandingWay(StrEnum):
    """What shows that a prescription was handed over."""

    SIGNATURE = "signature"
    CODE = "code"
    CLINIC = "clinic"
    PAPER = "paper"


HANDING_TERMS = {
    HandingWay.SIGNATURE: N_("屏上签名"),
    HandingWay.CODE: N_("取药码"),
    HandingWay.CLINIC: N_("村卫生室代收"),
    HandingWay.PAPER: N_("纸上签收"),
}

# Trying once more does not help: somebody at the centre decides what becomes of the bag.
NO_SECOND_TRY = frozenset({"refused", "damaged", "recalled"})


class ActKind(StrEnum):
    """What a phone may send later than it was done."""

    LOADED = "loaded"
    DELIVERED = "delivered"
    FAILED = "failed"
    TEMPERATURE = "temperature"


ACT_TERMS = {
    ActKind.LOADED: N_("装车"),
    ActKind.DELIVERED: N_("送达"),
    ActKind.FAILED: N_("未送达"),
    ActKind.TEMPERATURE: N_("箱温"),
}


@dataclass(frozen=True)
class PhoneTime:
    """When something was done by the clock of a phone, which nobody believes.

    Args:
        at: What the phone's clock showed then, aware UTC.
        skew_s: Seconds by which the house's clock was ahead of the phone's when the phone sent it.
    """

    at: datetime
    skew_s: int

    def happened_at(self, received_at: datetime) -> datetime:
        """The likely moment: the phone's clock set right, and never later than it was told.

        Args:
            received_at: When the house heard of it, aware UTC.

        Returns:
            Aware UTC.
        """
        return min(self.at + timedelta(seconds=self.skew_s), received_at)


@dataclass(frozen=True)
class Proof:
    """What a courier has to show for a hand-over.

    Args:
        way: Which kind.
        received_by: Who took it: name of the clinic's staff or of a relative; may be empty otherwise.
        code: The pick-up code as typed, for CODE.
        signature_png: A picture that was decoded and made anew at the door, for SIGNATURE.
    """

    way: HandingWay = HandingWay.PAPER
    received_by: str = ""
    code: str = ""
    signature_png: bytes = b""


@dataclass(eq=False, kw_only=True)
class Handover:
    """How one prescription was handed over.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        courier_id: By whom.
        way: What shows it.
        received_by: Who took it, sealed; may be empty.
        signature_key: Name of the sealed picture, empty without one.
        phone_at: By the phone's clock, None where it was told at once by a page.
        phone_skew_s: See `PhoneTime`.
        received_at: When the house heard of it, aware UTC.
    """

    id: int | None = None
    prescription_id: int
    courier_id: int
    way: HandingWay
    received_by: str = ""
    signature_key: str = ""
    phone_at: datetime | None = None
    phone_skew_s: int | None = None
    received_at: datetime

    @property
    def happened_at(self) -> datetime:
        """The likely moment of the hand-over, aware UTC."""
        if self.phone_at is None:
            return self.received_at
        return PhoneTime(self.phone_at, self.phone_skew_s or 0).happened_at(self.received_at)


@dataclass(eq=False, kw_only=True)
class PickupCode:
    """Four digits that the patient is told when the van leaves; whoever says them gets the bag.

    Args:
        id: Row, None before it is stored.
        prescription_id: For which.
        code: The digits, sealed.
        made_at: Aware UTC.
    """

    id: int | None = None
    prescription_id: int
    code: str
    made_at: datetime


@dataclass(eq=False, kw_only=True)
class DeliveryAttempt:
    """One time that a prescription could not be handed over.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        courier_id: Who tried.
        reason_code: A key of REASONS[FAILED].
        next_on: County date of the next try, None where nobody said.
        phone_at: By the phone's clock, None where it was told at once by a page.
        phone_skew_s: See `PhoneTime`.
        received_at: Aware UTC.
        released_by_id: Manager who sent it out again although it had stopped, None before.
        released_at: When, aware UTC.
    """

    id: int | None = None
    prescription_id: int
    courier_id: int
    reason_code: str
    next_on: date | None = None
    phone_at: datetime | None = None
    phone_skew_s: int | None = None
    received_at: datetime
    released_by_id: int | None = None
    released_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class BagReturn:
    """Bags that could not be handed over, signed in at the centre by another person.

    Args:
        id: Row, None before it is stored.
        attempt_id: The try after which they came back.
        prescription_id: Whose bags.
        expected_bags: That left with the courier.
        counted_bags: That came back.
        note: Why the two differ, empty where they do not.
        received_by_id: Who counted.
        received_at: Aware UTC.
    """

    id: int | None = None
    attempt_id: int
    prescription_id: int
    expected_bags: int
    counted_bags: int
    note: str = ""
    received_by_id: int
    received_at: datetime


@dataclass(eq=False, kw_only=True)
class BoxReading:
    """What a courier read from the thermometer of the box.

    Args:
        id: Row, None before it is stored.
        route_id: On which route.
        trip: On which trip of it.
        courier_id: Who read it.
        box: Code of the limits that held.
        temp_c: Degrees Celsius.
        is_outside: Whether that was outside the limits.
        note: What was done about it.
        phone_at: By the phone's clock, None where it was told at once by a page.
        phone_skew_s: See `PhoneTime`.
        received_at: Aware UTC.
        seen_by_id: Manager who has seen that it was outside, None before.
        seen_at: When, aware UTC.
    """

    id: int | None = None
    route_id: int
    trip: int
    courier_id: int
    box: str
    temp_c: float
    is_outside: bool
    note: str = ""
    phone_at: datetime | None = None
    phone_skew_s: int | None = None
    received_at: datetime
    seen_by_id: int | None = None
    seen_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class CashDue:
    """What is to be collected at the door for one prescription.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which.
        due_fen: Fen.
        set_by_id: Manager.
        set_at: Aware UTC.
        settled_at: When there was a receipt for it, also for nothing; None before.
    """

    id: int | None = None
    prescription_id: int
    due_fen: int
    set_by_id: int
    set_at: datetime
    settled_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class CashReceipt:
    """What was collected at the door; its row is the number of the receipt.

    Args:
        id: Row, None before it is stored.
        prescription_id: For which.
        courier_id: Who collected it.
        due_fen: What was to be collected.
        paid_fen: What was paid.
        received_at: When the house heard of it, aware UTC.
        hand_in_id: With which hand-in it came to the centre, None while the courier has it.
    """

    id: int | None = None
    prescription_id: int
    courier_id: int
    due_fen: int
    paid_fen: int
    received_at: datetime
    hand_in_id: int | None = None


@dataclass(eq=False, kw_only=True)
class CashHandIn:
    """A courier's cash, counted at the centre by another person.

    Args:
        id: Row, None before it is stored.
        courier_id: Whose.
        expected_fen: The sum of the receipts that it is for.
        counted_fen: What was counted.
        note: Why the two differ, empty where they do not.
        received_by_id: Who counted.
        received_at: Aware UTC.
        request_key: Key of the form that brought it.
    """

    id: int | None = None
    courier_id: int
    expected_fen: int
    counted_fen: int
    note: str = ""
    received_by_id: int
    received_at: datetime
    request_key: str


@dataclass(eq=False, kw_only=True)
class CourierAct:
    """Something a phone sent, answered once: sent again it gets the same answer.

    Args:
        id: Row, None before it is stored.
        request_key: Made by the phone.
        courier_id: Whose phone.
        kind: What it was.
        subject_id: Prescription, or route for what concerns a trip.
        refusal: Msgid of the sentence with which it was refused, empty where it was done.
        refusal_values: What fills that sentence's places: codes and numbers only.
        phone_at: By the phone's clock, aware UTC.
        phone_skew_s: See `PhoneTime`.
        received_at: Aware UTC.
        seen_by_id: Manager who has seen the refusal, None before.
        seen_at: When, aware UTC.
    """

    id: int | None = None
    request_key: str
    courier_id: int
    kind: ActKind
    subject_id: int
    refusal: str = ""
    refusal_values: dict[str, object] = field(default_factory=dict)
    phone_at: datetime
    phone_skew_s: int
    received_at: datetime
    seen_by_id: int | None = None
    seen_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class CourierSettings:
    """How the centre delivers; the newest row holds.

    Args:
        id: Row, None before it is stored.
        paper_enough: Whether a signature on the printed sheet is proof enough.
        attempts_most: After so many tries in vain the manager decides.
        box: Code of the limits that the cold box has to keep, a row of box_limits.csv.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    paper_enough: bool = True
    attempts_most: int = 3
    box: str = "cool"
    set_by_id: int
    set_at: datetime
