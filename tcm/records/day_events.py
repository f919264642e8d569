"""What happens to a day after its plan was made: pots fail, roads flood, couriers fall ill."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from tcm.records.errors import N_


class DayEventKind(StrEnum):
    """What happened."""

    POT_DOWN = "pot_down"
    VEHICLE_OUT = "vehicle_out"
    ROAD_CLOSED = "road_closed"
    LATE_ORDERS = "late_orders"
    BAGS_SCRAPPED = "bags_scrapped"
    CREW_CHANGED = "crew_changed"


DAY_EVENT_TERMS = {
    DayEventKind.POT_DOWN: N_("煎药锅坏了"),
    DayEventKind.VEHICLE_OUT: N_("车或配送员不能出"),
    DayEventKind.ROAD_CLOSED: N_("路不通"),
    DayEventKind.LATE_ORDERS: N_("有新处方"),
    DayEventKind.BAGS_SCRAPPED: N_("有药袋报废"),
    DayEventKind.CREW_CHANGED: N_("人手变了"),
}


@dataclass(eq=False, kw_only=True)
class DayEvent:
    """One thing that happened, as a manager reported it.

    Args:
        id: Row, None before it is stored.
        day: County date.
        kind: What happened.
        subject: What it happened to: `{"pot": code}`, `{"vehicle": row}`, `{"villages": [rows]}`,
            `{"prescriptions": [rows]}` or `{"packers": ..., "loaders": ..., "adders": ...}`.
        reported_by_id: Manager.
        reported_at: Aware UTC.
        note: What else there is to say; never a patient's data.
        plan_id: The plan that was asked for because of it.
        over_at: When it was over, such as a road that is open again.
        request_key: Key of the form that reported it.
    """

    id: int | None = None
    day: date
    kind: DayEventKind
    subject: dict[str, object] = field(default_factory=dict)
    reported_by_id: int
    reported_at: datetime
    note: str = ""
    plan_id: int | None = None
    over_at: datetime | None = None
    request_key: str
