"""The second look (复核): another person, a pharmacist, at everything that was weighed, before it leaves."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from tcm.knowledge import Knowledge
from tcm.records.clinical import Prescription, ReviewRecord
from tcm.records.dispensing import Dispensing
from tcm.records.errors import N_, Forbidden, IllegalMove, Invalid, NotFound
from tcm.records.lifecycle import State
from tcm.records.people import Institution, Patient
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.moving import hold, move, note
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.services.recalling import snapshot
from tcm.services.reserving import release, take
from tcm.services.reviewing import open_case
from tcm.services.weighing_sheet import TO_DISPENSE, Sheet, demand_begun, sheet_of, told
from tcm.store.work import Work

OUT_OF_STOCK = "out_of_stock"
# What the second person may find wrong.
FAULTS: dict[str, str] = {
    "weight": N_("重量不对"),
    "herb": N_("药味不对"),
    "quality": N_("有霉变、虫蛀或杂质"),
    "apart": N_("先煎、后下、包煎等没有分开"),
    "other": N_("其他"),
}


@dataclass(frozen=True)
class Waiting:
    """A prescription that waits for the second person.

    Args:
        dispensing: Weighed, or stopped for want of an herb.
        prescription: Which.
        village: Where it goes.
        weigher: Name of who began to weigh.
    """

    dispensing: Dispensing
    prescription: Prescription
    village: Institution
    weigher: str


@dataclass(frozen=True)
class Second:
    """What lies before the second person.

    Args:
        sheet: What was weighed.
        patient: For whom.
        village: Where it goes.
        hands: Names of those who weighed, by row of staff.
    """

    sheet: Sheet
    patient: Patient
    village: Institution
    hands: dict[int, str]

    def may_sign(self, actor: Actor) -> bool:
        """Whether it is ready, and none of the hands was this person's."""
        return self.sheet.is_ready and actor.staff_id not in self.sheet.weigher_ids


def waiting(work: Work, actor: Actor) -> list[Waiting]:
    """What waits for a second person, urgent ones first, then the longest waiting.

    Args:
        work: The unit of work.
        actor: A pharmacist.

    Returns:
        The list; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.DISPENSE_CHECK)
    found = [one for one in work.dispensings.all_open().values() if one.ready_at is not None or one.lacking]
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in found)
    villages = work.institutions.by_ids(each.village_id for each in prescriptions.values())
    staff = work.staff.by_ids(each.begun_by_id for each in found)
    rows = [
        Waiting(
            each,
            prescriptions[each.prescription_id],
            villages[prescriptions[each.prescription_id].village_id],
            staff[each.begun_by_id].name,
        )
        for each in found
        if prescriptions[each.prescription_id].state in TO_DISPENSE
    ]
    return sorted(rows, key=lambda row: (not row.prescription.urgent, row.dispensing.id))


def open_second(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> Second:
    """Everything that was weighed, line by line.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.

    Returns:
        What the second person needs; the look is audited.

    Raises:
        NotFound: When there is none.
        IllegalMove: When it is not to be dispensed now, or nobody has begun.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.DISPENSE_CHECK)
    sheet = sheet_of(work, knowledge, prescription)
    demand_begun(sheet)
    return Second(
        sheet=sheet,
        patient=work.patients.get(prescription.patient_id),
        village=work.institutions.get(prescription.village_id),
        hands={row: person.name for row, person in work.staff.by_ids(sheet.weigher_ids).items()},
    )


def open_picture(work: Work, actor: Actor, prescription_id: int) -> bytes:
    """The picture of what lies weighed.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        prescription_id: Which.

    Returns:
        JPEG bytes.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.DISPENSE_CHECK)
    newest = work.dispensings.open_of(prescription_id) or work.dispensings.last_of(prescription_id)
    if newest is None or not newest.photograph_key:
        raise NotFound(N_("没有这张照片。"))
    return work.blobs.get(newest.photograph_key)


def sign(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    *,
    toxic: Collection[str] = (),
) -> Prescription:
    """The second person answers by name for what was weighed; it is dispensed, and its herbs leave the shelf.

    Args:
        work: The unit of work.
        actor: A pharmacist whose hands it was not.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.
        version: What the page knew.
        toxic: Herbs of the regulation on toxic medicines that are signed for one by one.

    Returns:
        The dispensed prescription.

    Raises:
        Stale: When it was changed since the page was opened.
        IllegalMove: When something is still to be weighed, or to be photographed.
        Invalid: When a toxic herb is not signed for, or a lot was locked since it was weighed.
        Forbidden: For other roles, and for whoever weighed any of it.
    """
    prescription, before = _hold(work, actor, knowledge, prescription_id, version)
    dispensing = demand_begun(before)
    if actor.staff_id in before.weigher_ids:
        raise Forbidden(N_("您称过这张处方的药，须由另一位药师复核。"))
    if not before.is_ready:
        raise IllegalMove(N_("还没有称完，不能复核。"))
    unsigned = [line.herb for line in before.lines if line.is_toxic and line.herb not in toxic]
    if unsigned:
        raise Invalid(N_("毒性药要逐味复核签名：%(herbs)s。"), herbs="、".join(dict.fromkeys(unsigned)))
    weigher = work.staff.get(dispensing.begun_by_id).actor
    hands = {line.lot_id: line.weighed.weighed_by_id for line in before.lines if line.lot_id and line.weighed}
    lots = take(work, weigher, knowledge, prescription, weighers=hands, second=actor)
    weighed = sorted((line.lot_id, line.target_mg) for line in before.lines if line.lot_id is not None)
    if sorted(lots) != weighed:
        raise Invalid(N_("有批号在称量之后被锁定或用完，请退回重称。"))
    payload: dict[str, object] = {"dispensing": dispensing.key(), **told(before)}
    payload |= {"lots_mg": {str(lot): mg for lot, mg in lots}} if lots else {}
    if toxic:
        payload["toxic"] = sorted({line.herb for line in before.lines if line.is_toxic})
    move(work, actor, prescription, State.DISPENSED, payload=payload)
    dispensing.checked_by_id, dispensing.checked_at, dispensing.closed_at = actor.staff_id, work.now, work.now
    work.session.flush()
    return prescription


def send_back(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    herbs: Collection[str],
    fault: str,
) -> Prescription:
    """What the second person finds wrong is weighed again.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: Says what is dispensed for a name.
        prescription_id: Which.
        version: What the page knew.
        herbs: Standard names, at least one; none for granules, which are counted out and not weighed.
        fault: A key of FAULTS.

    Returns:
        The prescription, which stays where it stands.

    Raises:
        Stale: When it was changed since the page was opened.
        Invalid: When the fault or the herbs are missing.
        Forbidden: For other roles.
    """
    prescription, sheet = _hold(work, actor, knowledge, prescription_id, version)
    dispensing = demand_begun(sheet)
    chosen = [line for line in sheet.lines if line.herb in herbs and line.weighed is not None]
    if fault not in FAULTS or (sheet.lines and not chosen):
        raise Invalid(N_("请选出要重称的药味和原因。"))
    rows = {line.herb for line in chosen}
    for each in work.weighed.of_dispensing(dispensing.key()):
        if each.herb in rows:
            each.voided_at = work.now
    dispensing.ready_at, dispensing.photograph_key = None, ""
    note(work, actor, prescription, "check_refused", {"herbs": sorted(rows), "reason": fault})
    work.session.flush()
    return prescription


def return_for_want(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    remark: str = "",
) -> Prescription:
    """What cannot be supplied goes back to the doctor with the herbs named; nothing is put in their place.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist.
        knowledge: The rules' facts.
        prescription_id: Which.
        version: What the page knew.
        remark: Words to the doctor.

    Returns:
        The returned prescription; what was set aside for it is free again.

    Raises:
        Stale: When it was changed since the page was opened.
        Invalid: When the floor misses nothing.
        Forbidden: For other roles, or without the qualification.
    """
    prescription, sheet = _hold(work, actor, knowledge, prescription_id, version)
    demand_qualified_reviewer(work, actor)
    lacking = lacking_of(sheet)
    if not lacking:
        raise Invalid(N_("这张处方没有报缺的药。"))
    case = open_case(work, actor, knowledge, prescription_id)
    names = "、".join(lacking)
    work.reviews.add(
        ReviewRecord(
            prescription_id=prescription_id,
            pharmacist_id=actor.staff_id,
            decided_at=work.now,
            decision="returned",
            reason_code=OUT_OF_STOCK,
            note=f"缺药：{names}。{remark.strip()}",
            herbs=lacking,
            verdict=case.verdict,
            rules_version=case.rules_version,
            findings=[asdict(finding) for finding in case.findings],
        )
    )
    payload = {"verdict": case.verdict, "herbs": lacking, **snapshot(prescription)}
    move(work, actor, prescription, State.RETURNED, reason_code=OUT_OF_STOCK, payload=payload)
    prescription.reviewed_by_id = prescription.reviewed_at = None
    release(work, prescription)
    work.session.flush()
    return prescription


def lacking_of(sheet: Sheet) -> list[str]:
    """What cannot be supplied: what the floor missed, and what no lot can give.

    Args:
        sheet: Of the prescription.

    Returns:
        Standard names.
    """
    missed = sheet.dispensing.lacking if sheet.dispensing else []
    gone = [line.herb for line in sheet.lines if line.weighed is None and not line.can_be_taken]
    return list(dict.fromkeys([*missed, *gone]))


def _hold(
    work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int, version: int
) -> tuple[Prescription, Sheet]:
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.DISPENSE_CHECK)
    return prescription, sheet_of(work, knowledge, prescription)
