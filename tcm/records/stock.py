"""The centre's herbs and what they cost: suppliers, bins, lots, what is set aside, prices, schemes."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from tcm.records.errors import N_
from tcm.records.locked_book import LockedKind

# The scheme everybody has who has no other: the patient pays all of it.
SELF_PAID = "self"
SELF_PAID_TERM = N_("自费")
MG_PER_G = 1000
MG_PER_KG = 1_000_000


class Keeping(StrEnum):
    """What the stock on record means for an approval."""

    # Stock is not on record: nothing is set aside, nothing is refused.
    OFF = "off"
    # A prescription that the shelf cannot fill is not approved.
    REFUSE = "refuse"
    # It is approved; what is missing is owed, and it is not dispensed before it has come.
    BACK_ORDER = "back_order"


KEEPING_TERMS = {
    Keeping.OFF: N_("不记库存"),
    Keeping.REFUSE: N_("缺药不能通过审核"),
    Keeping.BACK_ORDER: N_("缺药可通过，到货再调剂"),
}


class LotState(StrEnum):
    """Whether a lot may be dispensed."""

    WAITING = "waiting"
    PASSED = "passed"
    REFUSED = "refused"
    # Passed once and locked since, such as for a recall.
    BLOCKED = "blocked"


LOT_STATE_TERMS = {
    LotState.WAITING: N_("待验收"),
    LotState.PASSED: N_("可用"),
    LotState.REFUSED: N_("验收不合格"),
    LotState.BLOCKED: N_("已锁定"),
}


class StockKind(StrEnum):
    """Why the grams of a lot changed."""

    RECEIVED = "received"
    DISPENSED = "dispensed"
    PUT_BACK = "put_back"
    COUNTED = "counted"
    SENT = "sent"
    DESTROYED = "destroyed"
    RETURNED = "returned"


STOCK_KIND_TERMS = {
    StockKind.RECEIVED: N_("入库"),
    StockKind.DISPENSED: N_("调剂"),
    StockKind.PUT_BACK: N_("退回"),
    StockKind.COUNTED: N_("盘点"),
    StockKind.SENT: N_("调拨"),
    StockKind.DESTROYED: N_("销毁"),
    StockKind.RETURNED: N_("退给供应商"),
}

COUNT_REASONS = {
    "natural_loss": N_("自然损耗"),
    "damaged": N_("霉变、虫蛀或破损"),
    "expired": N_("过期销毁"),
    "returned": N_("退给供应商"),
    "weighing": N_("称量误差"),
    "found": N_("盘盈"),
}


@dataclass(eq=False, kw_only=True)
class Supplier:
    """Who sells herbs to the centre.

    Args:
        id: Row, None before it is stored.
        name: Full name, unique.
        licence: Number of the licence to trade in medicines.
        phone: Or empty.
        active: False once nothing is bought there any more.
    """

    id: int | None = None
    name: str
    licence: str
    phone: str = ""
    active: bool = True


@dataclass(eq=False, kw_only=True)
class Bin:
    """A place where lots lie.

    Args:
        id: Row, None before it is stored.
        code: Painted on it, such as A03-2.
        herb: The one herb a drawer is for, empty for a shelf that takes closed packages of any.
        locked: Whether it is in the double-locked cabinet, which takes what is on the locked book alone.
    """

    id: int | None = None
    code: str
    herb: str = ""
    locked: bool = False


@dataclass(eq=False, kw_only=True)
class Lot:
    """One batch of one herb from one supplier.

    Args:
        id: Row, None before it is stored.
        herb: Standard name.
        supplier_id: From whom.
        lot_number: 批号, as on the package.
        origin: 产地.
        expires_on: Last day on which it may be dispensed.
        bin_id: Where it lies.
        fen_per_kg: What it was bought for.
        received_mg: What came.
        on_hand_mg: What is there now.
        reserved_mg: Of that, what is set aside for approved prescriptions.
        state: Whether it may be dispensed.
        received_by_id: Who took it in.
        received_at: Aware UTC.
        inspected_by_id: The pharmacist who passed or refused it, None before.
        inspected_at: Aware UTC, None before.
        note: What the inspection saw, or why it is blocked.
        locked_as: Why it is on the locked book, None where it is not.
        request_key: Key of the form that brought it, with the number of the line.
    """

    id: int | None = None
    herb: str
    supplier_id: int
    lot_number: str
    origin: str
    expires_on: date
    bin_id: int
    fen_per_kg: int
    received_mg: int
    on_hand_mg: int
    reserved_mg: int = 0
    state: LotState = LotState.WAITING
    received_by_id: int
    received_at: datetime
    inspected_by_id: int | None = None
    inspected_at: datetime | None = None
    note: str = ""
    locked_as: LockedKind | None = None
    request_key: str

    @property
    def free_mg(self) -> int:
        """What nobody has a claim on."""
        return max(self.on_hand_mg - self.reserved_mg, 0)

    def may_be_dispensed(self, day: date) -> bool:
        """Whether it passed, is not blocked, and has not expired.

        Args:
            day: County date.

        Returns:
            True where it may.
        """
        return self.state is LotState.PASSED and self.expires_on >= day


@dataclass(eq=False, kw_only=True)
class StockMove:
    """A change of the grams of a lot; the sum of a lot's changes is what is there. Append-only.

    Args:
        id: Row, None before it is stored.
        lot_id: Of which lot.
        kind: Why.
        delta_mg: More or less than before.
        at: Aware UTC.
        actor_id: By whom.
        prescription_id: For which prescription, None where for none.
        reason: A key of COUNT_REASONS, for a count, or of the locked book's reasons.
    """

    id: int | None = None
    lot_id: int
    kind: StockKind
    delta_mg: int
    at: datetime
    actor_id: int
    prescription_id: int | None = None
    reason: str = ""


@dataclass(eq=False, kw_only=True)
class Reservation:
    """Grams of a lot that a prescription has a claim on.

    Args:
        id: Row, None before it is stored.
        prescription_id: Whose.
        lot_id: Of which lot.
        herb: Of that lot.
        amount_mg: For all its doses.
        used_at: When it was dispensed, None while it is held.
    """

    id: int | None = None
    prescription_id: int
    lot_id: int
    herb: str
    amount_mg: int
    used_at: datetime | None = None


@dataclass(eq=False, kw_only=True)
class Shortage:
    """What an approved prescription still lacks of a herb.

    Args:
        id: Row, None before it is stored.
        prescription_id: Whose.
        herb: Standard name.
        missing_mg: For all its doses.
        since: Aware UTC.
    """

    id: int | None = None
    prescription_id: int
    herb: str
    missing_mg: int
    since: datetime


@dataclass(eq=False, kw_only=True)
class HerbListing:
    """What the centre's list says of a herb; the newest row of a herb holds.

    Args:
        id: Row, None before it is stored.
        herb: Standard name.
        fen_per_kg: What patients are asked for it, None where it is not sold.
        low_mg: Below this it is to be bought again.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    herb: str
    fen_per_kg: int | None
    low_mg: int = 0
    set_by_id: int
    set_at: datetime


@dataclass(eq=False, kw_only=True)
class Scheme:
    """A scheme of insurance; the newest row of a code holds.

    Args:
        id: Row, None before it is stored.
        code: What patients' rows name it by.
        name: As people call it.
        patient_percent: The patient's share of what it covers.
        active: False once it can no longer be chosen.
        source: The document that says so.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    code: str
    name: str
    patient_percent: int
    active: bool = True
    source: str
    set_by_id: int
    set_at: datetime


@dataclass(eq=False, kw_only=True)
class StockSettings:
    """How the centre keeps its stock; the newest row holds, and without one it keeps none on record.

    Args:
        id: Row, None before it is stored.
        keeping: What a shortage means for an approval.
        near_expiry_days: A lot that expires within so many days is listed.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    keeping: Keeping
    near_expiry_days: int = 90
    set_by_id: int
    set_at: datetime
