"""Devices of the centre (设备): cleaned every day, checked in time, out of service while they are broken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tcm.knowledge.quality import quality_rules
from tcm.records.centre import Pot
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, NotFound
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.upkeep import Device, DeviceKind, Standing, Upkeep, UpkeepRecord, due_standing
from tcm.store.work import Work

_SHOWN = 60


@dataclass(frozen=True)
class DeviceRow:
    """A device as the list shows it; a pot that nobody has written anything about yet is there too.

    Args:
        code: Painted on it.
        kind: What sort.
        name: Make and model.
        device_id: Its row, None for such a pot.
        cleaned: Its last cleaning, None before.
        cleaned_by: Who did it, empty before.
        is_clean: Whether that was today.
        standing: How it stands with its check.
        due_on: Last day its check holds, None where it never was checked.
        is_broken: Whether it waits to be repaired.
        active: False once it is gone.
    """

    code: str
    kind: DeviceKind
    name: str
    device_id: int | None
    cleaned: UpkeepRecord | None
    cleaned_by: str
    is_clean: bool
    standing: Standing
    due_on: date | None
    is_broken: bool
    active: bool


@dataclass(frozen=True)
class DevicePage:
    """One device and what was done to it.

    Args:
        row: As in the list.
        records: Newest first.
        people: Names by row of staff.
        next_due_on: Until when a check made today holds.
    """

    row: DeviceRow
    records: list[UpkeepRecord]
    people: dict[int, str]
    next_due_on: date


@dataclass(frozen=True)
class Done:
    """What somebody did to a device.

    Args:
        kind: What.
        passed: False for a check that it failed.
        remark: What was found or changed.
        certificate: Number of the certificate of a calibration.
        holds_until: Last day a check holds, None for the usual time.
    """

    kind: Upkeep
    passed: bool = True
    remark: str = ""
    certificate: str = ""
    holds_until: date | None = None


def list_devices(work: Work, actor: Actor) -> list[DeviceRow]:
    """Every device in use: broken and overdue ones first.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The list.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    rows = [row for row in _rows(work) if row.active]
    worst = (Standing.OVERDUE, Standing.UNFIT, Standing.MISSING, Standing.SOON, Standing.HOLDS)
    return sorted(rows, key=lambda row: (not row.is_broken, worst.index(row.standing), row.kind, row.code))


def open_device(work: Work, actor: Actor, code: str) -> DevicePage:
    """One device.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        code: Painted on it.

    Returns:
        The page.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    row = next((each for each in _rows(work) if each.code == code), None)
    if row is None:
        raise NotFound(N_("没有这台设备。"))
    records = [] if row.device_id is None else work.upkeep_records.of_device(row.device_id, _SHOWN)
    people = work.staff.by_ids(each.done_by_id for each in records)
    return DevicePage(
        row=row,
        records=records,
        people={key: person.name for key, person in people.items()},
        next_due_on=county_day(work.now) + timedelta(days=_check_days(work, row)),
    )


def add_device(work: Work, actor: Actor, code: str, kind: DeviceKind, name: str) -> Device:
    """Write down a device that is no pot.

    Args:
        work: The unit of work.
        actor: A manager.
        code: Painted on it.
        kind: What sort.
        name: Make and model.

    Returns:
        The device.

    Raises:
        Invalid: When the code is taken, or it is a pot.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_SET)
    if kind is DeviceKind.POT:
        raise Invalid(N_("煎药锅已经在这里，不用再添加。"))
    if work.devices.by_code(code) is not None or any(pot.code == code for pot in work.pots.all()):
        raise Invalid(N_("编号 %(code)s 已经有了。"), code=code)
    return work.devices.add(_new(work, code, kind, name))


def set_device_active(work: Work, actor: Actor, code: str, *, active: bool) -> Device:
    """Take a device off the list, or back; its records stay.

    Args:
        work: The unit of work.
        actor: A manager.
        code: Painted on it.
        active: False once it is gone.

    Returns:
        The device.

    Raises:
        Invalid: When it is a pot, which the floor takes out of service.
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_SET)
    device = work.devices.by_code(code)
    if device is None:
        raise NotFound(N_("没有这台设备。"))
    if device.pot_id is not None:
        raise Invalid(N_("煎药锅在“煎药锅”页停用。"))
    device.active = active
    work.session.flush()
    return device


def note_done(work: Work, actor: Actor, code: str, done: Done, request_key: str) -> UpkeepRecord:
    """Sign for something done to a device; a pot that is broken or fails its check is out of service.

    What was repaired is back in service; a check that is passed later puts nothing back by itself.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        code: Painted on it.
        done: What.
        request_key: Key of the form.

    Returns:
        The record; the second submit of one form finds what the first made.

    Raises:
        NotFound: When there is no such device.
        Invalid: When a fault or a failed check has no word on it, or a check holds until a day that is past.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_KEEP)
    before = work.upkeep_records.of_request(request_key)
    if before is not None:
        return before
    passed = done.passed and done.kind is not Upkeep.FAULT
    if not passed and not done.remark.strip():
        raise Invalid(N_("请写明是什么问题。"))
    device = _stored(work, code)
    today = county_day(work.now)
    until = None
    if done.kind is Upkeep.CHECKED and passed:
        until = done.holds_until or today + timedelta(days=device.check_every_days)
        if until < today:
            raise Invalid(N_("有效期要晚于今天。"))
    if device.pot_id is not None and (not passed or done.kind is Upkeep.REPAIRED):
        work.pots.get(device.pot_id).active = passed
    return work.upkeep_records.add(
        UpkeepRecord(
            device_id=device.key(),
            kind=done.kind,
            passed=passed,
            remark=done.remark.strip(),
            certificate=done.certificate.strip() if done.kind is Upkeep.CHECKED else "",
            next_due_on=until,
            done_by_id=actor.staff_id,
            done_at=work.now,
            request_key=request_key,
        )
    )


def demand_sound(work: Work, code: str) -> None:
    """Let a device be used that is neither broken nor failed its last check, or has no records here.

    Args:
        work: The unit of work.
        code: Painted on it.

    Raises:
        Invalid: When it is not to be used.
    """
    device = work.devices.by_code(code)
    if device is None:
        return
    newest = work.upkeep_records.newest()
    of_kind = {kind: newest.get((device.key(), kind)) for kind in Upkeep}
    checked = of_kind[Upkeep.CHECKED]
    if _is_broken(of_kind) or (checked is not None and not checked.passed):
        raise Invalid(N_("%(code)s 已报修或检查不合格，不能用，请换一台。"), code=code)


def note_cleaned(work: Work, actor: Actor, codes: Sequence[str], request_key: str) -> int:
    """Sign that devices and rooms were cleaned; those cleaned today already are passed over.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        codes: Which.
        request_key: Key of the form; each record adds its device.

    Returns:
        How many were signed for.

    Raises:
        Invalid: When none is chosen.
        NotFound: When one is not there.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_KEEP)
    if not codes:
        raise Invalid(N_("请先勾选清洁过的设备。"))
    clean = {row.code for row in _rows(work) if row.is_clean}
    wanted = [code for code in dict.fromkeys(codes) if code not in clean]
    for place, code in enumerate(wanted):
        note_done(work, actor, code, Done(Upkeep.CLEANED), f"{request_key}-{place}")
    return len(wanted)


def _rows(work: Work) -> list[DeviceRow]:
    devices, pots = work.devices.all(), {pot.id: pot for pot in work.pots.all()}
    written = {device.pot_id for device in devices}
    unwritten = [
        _new(work, pot.code, DeviceKind.POT, "", pot) for pot in pots.values() if pot.id not in written
    ]
    newest = work.upkeep_records.newest()
    hands = {each.done_by_id for (_, kind), each in newest.items() if kind is Upkeep.CLEANED}
    people = {row: person.name for row, person in work.staff.by_ids(hands).items()}
    today = county_day(work.now)
    rows = []
    for device in [*devices, *unwritten]:
        of_kind = {kind: newest.get((device.id or 0, kind)) for kind in Upkeep}
        cleaned, checked = of_kind[Upkeep.CLEANED], of_kind[Upkeep.CHECKED]
        rows.append(
            DeviceRow(
                code=device.code,
                kind=device.kind,
                name=device.name,
                device_id=device.id,
                cleaned=cleaned,
                cleaned_by=people.get(cleaned.done_by_id, "") if cleaned else "",
                is_clean=cleaned is not None and county_day(cleaned.done_at) == today,
                standing=_standing(checked, today),
                due_on=checked.next_due_on if checked else None,
                is_broken=_is_broken(of_kind),
                active=device.active,
            )
        )
    return rows


def _standing(checked: UpkeepRecord | None, today: date) -> Standing:
    if checked is not None and not checked.passed:
        return Standing.UNFIT
    until = checked.next_due_on if checked is not None else None
    return due_standing(until, today, quality_rules()["check_soon_days"])


def _is_broken(of_kind: dict[Upkeep, UpkeepRecord | None]) -> bool:
    fault, repaired = of_kind[Upkeep.FAULT], of_kind[Upkeep.REPAIRED]
    return fault is not None and (repaired is None or (repaired.id or 0) < (fault.id or 0))


def _stored(work: Work, code: str) -> Device:
    device = work.devices.by_code(code)
    if device is not None:
        return device
    pot = work.pots.by_code(code)
    return work.devices.add(_new(work, code, DeviceKind.POT, "", pot))


def _check_days(work: Work, row: DeviceRow) -> int:
    if row.device_id is not None:
        return work.devices.get(row.device_id).check_every_days
    return quality_rules()[f"check_every_days:{row.kind.value}"]


def _new(work: Work, code: str, kind: DeviceKind, name: str, pot: Pot | None = None) -> Device:
    return Device(
        code=code,
        kind=kind,
        name=name.strip(),
        pot_id=pot.id if pot else None,
        check_every_days=quality_rules()[f"check_every_days:{kind.value}"],
        added_at=work.now,
    )
