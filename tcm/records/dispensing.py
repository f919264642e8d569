"""Herbs on the scales: what was weighed for a prescription, by whom, and who looked at it again."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_


class Weighing(StrEnum):
    """How the centre keeps what it weighs."""

    # On paper: one person says that it is dispensed.
    OFF = "off"
    # Line by line, read from a scale or typed from its display.
    TYPED = "typed"
    # Line by line, and only what a connected scale says.
    SCALE = "scale"


WEIGHING_TERMS = {
    Weighing.OFF: N_("称量记在纸上，一步完成调剂"),
    Weighing.TYPED: N_("逐味称量上账，可以手填克数"),
    Weighing.SCALE: N_("逐味称量上账，只收电子秤的读数"),
}


@dataclass(eq=False, kw_only=True)
class Dispensing:
    """One time that a prescription is weighed out, from its first line to the second person's signature.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which prescription.
        begun_by_id: Who began to weigh.
        begun_at: Aware UTC.
        lacking: Standard names of herbs that the floor could not find, in the order in which it said so.
        ready_at: Since when it waits for the second person, None while something is still to be done.
        photograph_key: Name of the sealed picture of what lies weighed, empty without one.
        checked_by_id: Who looked at it again and signed, None before.
        checked_at: When, aware UTC.
        closed_at: When it was signed or given up, None while it is open.
    """

    id: int | None = None
    prescription_id: int
    begun_by_id: int
    begun_at: datetime
    lacking: list[str] = field(default_factory=list)
    ready_at: datetime | None = None
    photograph_key: str = ""
    checked_by_id: int | None = None
    checked_at: datetime | None = None
    closed_at: datetime | None = None

    def key(self) -> int:
        """The row's number of a stored dispensing.

        Returns:
            `id`.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the dispensing is not stored yet")
        return self.id


@dataclass(eq=False, kw_only=True)
class Weighed:
    """What a scale said of one herb, all doses together.

    Args:
        id: Row, None before it is stored.
        dispensing_id: Of which dispensing.
        herb: Standard name.
        lot_id: The lot it was taken from, None where no stock is kept on record.
        target_mg: What was to be weighed.
        net_mg: What the scale said.
        scale: Name of the scale, empty where a person typed what its display said.
        weighed_by_id: Whose hands.
        weighed_at: Aware UTC.
        voided_at: When the second person sent it back, None while it counts.
        request_key: Key of the form that brought it.
    """

    id: int | None = None
    dispensing_id: int
    herb: str
    lot_id: int | None
    target_mg: int
    net_mg: int
    scale: str = ""
    weighed_by_id: int
    weighed_at: datetime
    voided_at: datetime | None = None
    request_key: str


@dataclass(eq=False, kw_only=True)
class DispensingSettings:
    """How the centre dispenses; the newest row holds, and without one weighing is kept on paper.

    Args:
        id: Row, None before it is stored.
        weighing: How what is weighed is kept.
        photograph: Whether the second person looks at a picture, without which nothing waits for them.
        set_by_id: Manager.
        set_at: Aware UTC.
    """

    id: int | None = None
    weighing: Weighing
    photograph: bool = False
    set_by_id: int
    set_at: datetime
