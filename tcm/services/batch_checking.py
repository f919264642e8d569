"""The look at a packed batch (质检) before it leaves, by somebody who did not pack it."""

from collections.abc import Collection
from dataclasses import dataclass

from tcm.knowledge.quality import pouch_limits_ml
from tcm.records.clinical import Bag, Prescription
from tcm.records.errors import N_, Forbidden, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.people import Institution
from tcm.records.permissions import Action, demand
from tcm.records.quality import FAULTS, QualityCheck, Verdict
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.flooring import throw_away
from tcm.services.moving import hold, note
from tcm.services.quality_gate import demand_fit
from tcm.store.work import Work

# A code of REASONS[SCRAPPED].
_SCRAPPED_FOR = "quality"
MOST_ML = 2000


@dataclass(frozen=True)
class Waiting:
    """A batch that waits for a look, or to be packed anew.

    Args:
        check: Which look; REPACK where it was looked at and is to be packed anew.
        prescription: Of which; it names no patient.
        packer: Who packed it.
    """

    check: QualityCheck
    prescription: Prescription
    packer: str


@dataclass(frozen=True)
class Look:
    """What lies before whoever looks at a batch.

    Args:
        prescription: Of which.
        village: Where it goes.
        bags: Packed and not scrapped.
        check: The look it waits for, None where it waits for none.
        rounds: Every look at this packing, oldest first.
        people: Names by row of staff.
        low_ml: Least that a pouch may hold.
        high_ml: Most that it may.
        is_own: Whether this person packed it.
    """

    prescription: Prescription
    village: Institution
    bags: list[Bag]
    check: QualityCheck | None
    rounds: list[QualityCheck]
    people: dict[int, str]
    low_ml: int
    high_ml: int
    is_own: bool

    @property
    def target_ml(self) -> int:
        """What each pouch should hold."""
        return self.bags[0].pouch_ml if self.bags else 0

    @property
    def is_open(self) -> bool:
        """Whether somebody who did not pack it is to look at it now."""
        return self.check is not None and self.check.verdict is None

    @property
    def is_to_be_packed_anew(self) -> bool:
        """Whether it was looked at and waits for its packer."""
        return self.check is not None and self.check.verdict is Verdict.REPACK


@dataclass(frozen=True)
class Found:
    """What somebody found who looked.

    Args:
        verdict: Their answer.
        measured_ml: What one pouch held.
        faults: Keys of FAULTS.
        remark: In their own words, perhaps empty.
    """

    verdict: Verdict
    measured_ml: int
    faults: Collection[str] = ()
    remark: str = ""


def waiting(work: Work, actor: Actor) -> list[Waiting]:
    """Batches that may not leave yet: urgent ones first, then the longest waiting.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        The list.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    checks = work.quality_checks.all_open()
    prescriptions = work.prescriptions.by_ids(each.prescription_id for each in checks)
    people = work.staff.by_ids(each.packed_by_id for each in checks)
    rows = [
        Waiting(each, prescriptions[each.prescription_id], people[each.packed_by_id].name) for each in checks
    ]
    return sorted(rows, key=lambda row: (not row.prescription.urgent, row.check.id))


def open_look(work: Work, actor: Actor, prescription_id: int) -> Look:
    """A batch and every look at it.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.
        prescription_id: Of which prescription.

    Returns:
        What the page shows; the look at the prescription is audited.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.QUALITY_READ)
    bags = work.bags.of_prescription(prescription_id)
    first = bags[0].id if bags else None
    looks = work.quality_checks.of_prescriptions([prescription_id]).get(prescription_id, [])
    rounds = [each for each in looks if each.bag_id == first]
    hands = {bag.packed_by_id for bag in bags} | {each.packed_by_id for each in rounds}
    eyes = {each.checked_by_id for each in rounds if each.checked_by_id is not None}
    low_ml, high_ml = pouch_limits_ml(bags[0].pouch_ml) if bags and bags[0].pouch_ml else (0, 0)
    return Look(
        prescription=prescription,
        village=work.institutions.get(prescription.village_id),
        bags=bags,
        check=work.quality_checks.open_of(prescription_id),
        rounds=rounds,
        people={row: person.name for row, person in work.staff.by_ids(hands | eyes).items()},
        low_ml=low_ml,
        high_ml=high_ml,
        is_own=actor.staff_id in hands,
    )


def decide(work: Work, actor: Actor, prescription_id: int, version: int, found: Found) -> Prescription:
    """Somebody who did not pack it says by name what becomes of a batch.

    Args:
        work: The unit of work.
        actor: Floor staff or a pharmacist.
        prescription_id: Of which.
        version: What the page knew.
        found: What they found.

    Returns:
        The prescription: packed still, or scrapped. Sent again by the same person it changes nothing.

    Raises:
        Stale: When it was moved since the page was opened.
        IllegalMove: When it waits for no look, or is to be packed anew first.
        Invalid: When verdict, faults and volume contradict one another.
        Forbidden: For other roles, and for whoever packed it.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.QUALITY_CHECK)
    if _is_sent_again(work, actor, prescription, found):
        return prescription
    prescription = hold(work, prescription_id, version)
    demand_fit(work, actor)
    bags = work.bags.of_prescription(prescription_id)
    check = _waiting_check(work, prescription)
    if check.verdict is not None:
        raise IllegalMove(N_("这一批等着重新包装，包好再检。"))
    if actor.staff_id in _packers(work, prescription_id, bags):
        raise Forbidden(N_("这一批是您包装的，须由另一位同事质检。"))
    _demand_sound(found, bags[0].pouch_ml)
    check.verdict, check.faults, check.measured_ml = found.verdict, sorted(found.faults), found.measured_ml
    check.remark, check.checked_by_id, check.checked_at = found.remark.strip(), actor.staff_id, work.now
    note(
        work,
        actor,
        prescription,
        "quality_checked",
        {
            "check": check.id,
            "verdict": found.verdict.value,
            "faults": check.faults,
            "ml": found.measured_ml,
        },
    )
    if found.verdict is not Verdict.REPACK:
        check.closed_at = work.now
    if found.verdict is Verdict.SCRAP:
        work.session.flush()
        throw_away(work, actor, prescription, _SCRAPPED_FOR)
    work.session.flush()
    return prescription


def pack_anew(work: Work, actor: Actor, prescription_id: int, version: int) -> QualityCheck:
    """A batch was opened, filled and sealed anew; its bags keep their codes, and it is looked at again.

    Args:
        work: The unit of work.
        actor: Floor staff.
        prescription_id: Of which.
        version: What the page knew.

    Returns:
        The look it waits for now.

    Raises:
        Stale: When it was moved since the page was opened.
        IllegalMove: When nobody asked for that.
        Forbidden: For other roles.
    """
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.FLOOR_MOVE)
    demand_fit(work, actor)
    before = _waiting_check(work, prescription)
    if before.verdict is not Verdict.REPACK:
        raise IllegalMove(N_("没有人要求重新包装这一批。"))
    before.repacked_by_id, before.repacked_at, before.closed_at = actor.staff_id, work.now, work.now
    note(work, actor, prescription, "packed_anew", {"check": before.id})
    # The closed one first: a batch waits for one look at a time.
    work.session.flush()
    return work.quality_checks.add(
        QualityCheck(
            prescription_id=prescription_id,
            bag_id=before.bag_id,
            round=before.round + 1,
            packed_by_id=actor.staff_id,
            drawn_at=work.now,
        )
    )


def _waiting_check(work: Work, prescription: Prescription) -> QualityCheck:
    check = work.quality_checks.open_of(prescription.key())
    if check is None or prescription.state is not State.PACKED:
        raise IllegalMove(N_("这张处方没有等待质检的药。"))
    return check


def _is_sent_again(work: Work, actor: Actor, prescription: Prescription, found: Found) -> bool:
    looks = work.quality_checks.of_prescriptions([prescription.key()]).get(prescription.key(), [])
    return (
        bool(looks)
        and looks[-1].closed_at is not None
        and (looks[-1].checked_by_id, looks[-1].verdict) == (actor.staff_id, found.verdict)
    )


def _packers(work: Work, prescription_id: int, bags: Collection[Bag]) -> set[int]:
    looks = work.quality_checks.of_prescriptions([prescription_id]).get(prescription_id, [])
    firsts = {bag.id for bag in bags}
    return {bag.packed_by_id for bag in bags} | {each.packed_by_id for each in looks if each.bag_id in firsts}


def _demand_sound(found: Found, target_ml: int) -> None:
    """Refuse a verdict that does not follow from what was found."""
    if any(code not in FAULTS for code in found.faults):
        raise Invalid(N_("请从列出的问题中选择。"))
    if not 0 < found.measured_ml <= MOST_ML:
        raise Invalid(N_("请量一袋，填写毫升数。"))
    low_ml, high_ml = pouch_limits_ml(target_ml)
    if found.verdict is Verdict.PASSED:
        if found.faults:
            raise Invalid(N_("选了问题就不能放行；没有问题请把勾去掉。"))
        if not low_ml <= found.measured_ml <= high_ml:
            raise Invalid(
                N_("每袋应装 %(target)s 毫升（%(low)s–%(high)s），量到 %(ml)s 毫升，不能放行。"),
                target=target_ml,
                low=low_ml,
                high=high_ml,
                ml=found.measured_ml,
            )
        return
    if not found.faults:
        raise Invalid(N_("请选出不合格的地方。"))
    spoilt = [code for code in found.faults if not FAULTS[code].packs_anew]
    if found.verdict is Verdict.REPACK and spoilt:
        raise Invalid(N_("药液本身不合格，重新包装没有用，请选“报废重煎”。"))
