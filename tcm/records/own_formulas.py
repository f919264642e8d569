"""What a doctor keeps for their own pen: recipes under names of their own (我的方)."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False, kw_only=True)
class OwnFormula:
    """A recipe that one doctor keeps for themselves, one version of it.

    Args:
        id: Row, None before it is stored.
        owner_id: Staff row of the doctor; nobody else is offered it.
        name: As its owner looks for it.
        version: 1, 2 ... of that owner and name.
        items: [{"herb", "dose_g", "decoction_note"}] in order; herb as written.
        syndrome: 证型 it was kept for, may be empty.
        decoction_class: 解表, 一般 or 滋补.
        usage: How to take it, may be empty.
        kept_at: Aware UTC.
        put_away_at: When its owner put it away or replaced it; None while it is offered.
        request_key: Key of the form that kept it.
    """

    id: int | None = None
    owner_id: int
    name: str
    version: int
    items: list[dict[str, object]] = field(default_factory=list)
    syndrome: str = ""
    decoction_class: str = "一般"
    usage: str = ""
    kept_at: datetime
    put_away_at: datetime | None = None
    request_key: str
