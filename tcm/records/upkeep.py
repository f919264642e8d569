"""The centre's own papers: devices and upkeep, the quarter's review, health checks, records put away."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from tcm.records.errors import N_


class DeviceKind(StrEnum):
    """What sort of thing is kept clean, in order and checked."""

    POT = "pot"
    SCALE = "scale"
    PACKER = "packer"
    ROOM = "room"
    OTHER = "other"


DEVICE_TERMS = {
    DeviceKind.POT: N_("煎药锅"),
    DeviceKind.SCALE: N_("秤"),
    DeviceKind.PACKER: N_("包装机"),
    DeviceKind.ROOM: N_("场地"),
    DeviceKind.OTHER: N_("其他设备"),
}


class Upkeep(StrEnum):
    """What was done to a device."""

    CLEANED = "cleaned"
    CHECKED = "checked"
    FAULT = "fault"
    REPAIRED = "repaired"


UPKEEP_TERMS = {
    Upkeep.CLEANED: N_("清洁消毒"),
    Upkeep.CHECKED: N_("检查或检定"),
    Upkeep.FAULT: N_("报修停用"),
    Upkeep.REPAIRED: N_("修好启用"),
}


@dataclass(eq=False, kw_only=True)
class Device:
    """A pot, a scale, a packing machine or a room that has records of its own.

    Args:
        id: Row, None before it is stored.
        code: Painted on it; that of a pot is the pot's.
        kind: What sort.
        name: Make and model, empty for pots.
        pot_id: The pot it is, None for anything else.
        check_every_days: How often it is checked or calibrated.
        active: False once it is gone.
        added_at: Aware UTC.
    """

    id: int | None = None
    code: str
    kind: DeviceKind
    name: str = ""
    pot_id: int | None = None
    check_every_days: int
    active: bool = True
    added_at: datetime

    def key(self) -> int:
        """The row's number of a stored device.

        Returns:
            `id`.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the device is not stored yet")
        return self.id


@dataclass(eq=False, kw_only=True)
class UpkeepRecord:
    """Something done to a device, signed by who did it.

    Args:
        id: Row, None before it is stored.
        device_id: Which.
        kind: What was done.
        passed: False for a check that it failed, and for a fault.
        remark: What was found or changed.
        certificate: Number of the certificate of a calibration, or empty.
        next_due_on: Until when a check holds, None for anything else.
        done_by_id: Who signs.
        done_at: Aware UTC.
        request_key: Key of the form that brought it, with the device where one form holds several.
    """

    id: int | None = None
    device_id: int
    kind: Upkeep
    passed: bool = True
    remark: str = ""
    certificate: str = ""
    next_due_on: date | None = None
    done_by_id: int
    done_at: datetime
    request_key: str


@dataclass(eq=False, kw_only=True)
class QualityReview:
    """The quarter's look at the work of the floor (质量评估), with the figures as they were at its signature.

    Args:
        id: Row, None before it is stored.
        quarter: Such as 2026Q4.
        figures: Counts by name.
        opinions: What staff and patients say, sealed.
        findings: What was found, sealed.
        measures: What will be done about it, sealed.
        held_by_id: Who signs.
        held_at: Aware UTC.
        request_key: Key of the form.
    """

    id: int | None = None
    quarter: str
    figures: dict[str, int] = field(default_factory=dict)
    opinions: str = ""
    findings: str
    measures: str
    held_by_id: int
    held_at: datetime
    request_key: str


@dataclass(eq=False, kw_only=True)
class HealthCheck:
    """A person's health check as far as it bears on their work: fit or not, and until when; no diagnosis.

    Args:
        id: Row, None before it is stored.
        staff_id: Whose.
        examined_on: County date.
        valid_until: Last day it holds.
        outcome: `fit` and the `certificate` number, sealed.
        entered_by_id: Manager.
        entered_at: Aware UTC.
        request_key: Key of the form.
    """

    id: int | None = None
    staff_id: int
    examined_on: date
    valid_until: date
    outcome: dict[str, object]
    entered_by_id: int
    entered_at: datetime
    request_key: str

    @property
    def fit(self) -> bool:
        """Whether they may work with medicine."""
        return bool(self.outcome.get("fit"))

    @property
    def certificate(self) -> str:
        """Number of the certificate, or empty."""
        return str(self.outcome.get("certificate", ""))


class Standing(StrEnum):
    """How it stands with something that has to be done anew before a day: a health check, a calibration."""

    HOLDS = "holds"
    SOON = "soon"
    OVERDUE = "overdue"
    UNFIT = "unfit"
    MISSING = "missing"

    @property
    def holds(self) -> bool:
        """Whether work may go on."""
        return self in (Standing.HOLDS, Standing.SOON)


STANDING_TERMS = {
    Standing.HOLDS: N_("有效"),
    Standing.SOON: N_("快到期"),
    Standing.OVERDUE: N_("已过期"),
    Standing.UNFIT: N_("不合格"),
    Standing.MISSING: N_("没有记录"),
}


def standing_of(check: HealthCheck | None, today: date, soon_days: int = 0) -> Standing:
    """How it stands with a person's health check.

    Args:
        check: Their last one, None without any.
        today: County date.
        soon_days: So many days before its end it is called for.

    Returns:
        The standing.
    """
    if check is None:
        return Standing.MISSING
    return due_standing(check.valid_until, today, soon_days) if check.fit else Standing.UNFIT


def due_standing(until: date | None, today: date, soon_days: int) -> Standing:
    """How it stands with something that holds until a day.

    Args:
        until: Last day it holds, None where it never was done.
        today: County date.
        soon_days: So many days before its end it is called for.

    Returns:
        HOLDS, SOON, OVERDUE or MISSING.
    """
    if until is None:
        return Standing.MISSING
    if until < today:
        return Standing.OVERDUE
    return Standing.SOON if until < today + timedelta(days=soon_days) else Standing.HOLDS


@dataclass(eq=False, kw_only=True)
class RecordArchive:
    """The decoction records of a day as one PDF, as they were when they were put away.

    Args:
        id: Row, None before it is stored.
        day: County date.
        records_count: How many records it holds.
        sha256: Of the PDF, hexadecimal.
        blob_key: Name of the sealed PDF in the blob store.
        kept_by_id: Who put it away.
        kept_at: Aware UTC.
    """

    id: int | None = None
    day: date
    records_count: int
    sha256: str
    blob_key: str
    kept_by_id: int
    kept_at: datetime
