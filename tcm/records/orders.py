"""What the centre orders and hands on: purchases from suppliers, requisitions of townships (按需申领)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_


class PurchaseState(StrEnum):
    """How far a purchase order is."""

    DRAFT = "draft"
    # Goods in may be received against it.
    APPROVED = "approved"
    CLOSED = "closed"
    CANCELLED = "cancelled"


PURCHASE_STATE_TERMS = {
    PurchaseState.DRAFT: N_("待批准"),
    PurchaseState.APPROVED: N_("已批准，等到货"),
    PurchaseState.CLOSED: N_("已结清"),
    PurchaseState.CANCELLED: N_("已作废"),
}


class RequisitionState(StrEnum):
    """How far a requisition is."""

    ASKED = "asked"
    SENT = "sent"
    RECEIVED = "received"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


REQUISITION_STATE_TERMS = {
    RequisitionState.ASKED: N_("待发货"),
    RequisitionState.SENT: N_("已发出，等签收"),
    RequisitionState.RECEIVED: N_("已签收"),
    RequisitionState.REFUSED: N_("不予发货"),
    RequisitionState.WITHDRAWN: N_("已撤回"),
}


@dataclass(eq=False, kw_only=True)
class PurchaseLine:
    """One herb of a purchase order.

    Args:
        id: Row, None before it is stored.
        purchase_id: Of which order; set as the order is stored.
        herb: Standard name.
        wanted_mg: How much was ordered.
        fen_per_kg: The price agreed upon.
    """

    id: int | None = None
    purchase_id: int | None = None
    herb: str
    wanted_mg: int
    fen_per_kg: int


@dataclass(eq=False, kw_only=True)
class Purchase:
    """An order to a supplier.

    Args:
        id: Row, None before it is stored.
        supplier_id: Whom it is sent to.
        state: How far it is.
        note: Of who drafted it, or empty.
        made_by_id: Who drafted it.
        made_at: Aware UTC.
        decided_by_id: Who approved or cancelled it, None before.
        decided_at: Aware UTC, None before.
        ended_note: Why it was cancelled, or closed though what came is not what was ordered.
        request_key: Key of the form that drafted it.
        lines: In the order they were written.
    """

    id: int | None = None
    supplier_id: int
    state: PurchaseState = PurchaseState.DRAFT
    note: str = ""
    made_by_id: int
    made_at: datetime
    decided_by_id: int | None = None
    decided_at: datetime | None = None
    ended_note: str = ""
    request_key: str
    lines: list[PurchaseLine] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class PurchaseReceipt:
    """A lot that came against a line of an order.

    Args:
        id: Row, None before it is stored.
        line_id: Which line.
        lot_id: Which lot; a lot comes against one line at most.
    """

    id: int | None = None
    line_id: int
    lot_id: int


@dataclass(eq=False, kw_only=True)
class RequisitionLine:
    """One herb of a requisition.

    Args:
        id: Row, None before it is stored.
        requisition_id: Of which requisition; set as it is stored.
        herb: Standard name.
        asked_mg: How much the township asks for.
        sent_mg: How much the centre sent, None before.
        received_mg: How much arrived, None before.
    """

    id: int | None = None
    requisition_id: int | None = None
    herb: str
    asked_mg: int
    sent_mg: int | None = None
    received_mg: int | None = None


@dataclass(eq=False, kw_only=True)
class Requisition:
    """What a township asks the centre for.

    Args:
        id: Row, None before it is stored.
        institution_id: Who asks.
        state: How far it is.
        note: What it is for.
        asked_by_id: Doctor.
        asked_at: Aware UTC.
        answered_by_id: Who sent or refused it, None before.
        answered_at: Aware UTC, None before.
        answer: Why it was refused, or what is said of what was sent.
        received_by_id: Who received it, None before.
        received_at: Aware UTC, None before.
        difference: What is said of what arrived where it is not what was sent.
        request_key: Key of the form that asked.
        lines: In the order they were written.
    """

    id: int | None = None
    institution_id: int
    state: RequisitionState = RequisitionState.ASKED
    note: str = ""
    asked_by_id: int
    asked_at: datetime
    answered_by_id: int | None = None
    answered_at: datetime | None = None
    answer: str = ""
    received_by_id: int | None = None
    received_at: datetime | None = None
    difference: str = ""
    request_key: str
    lines: list[RequisitionLine] = field(default_factory=list)


@dataclass(eq=False, kw_only=True)
class RequisitionLot:
    """Grams of a lot that went to a township.

    Args:
        id: Row, None before it is stored.
        line_id: For which line.
        lot_id: Of which lot.
        amount_mg: How much.
    """

    id: int | None = None
    line_id: int
    lot_id: int
    amount_mg: int
