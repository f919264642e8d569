"""What the other rooms ask of quality: is a packed batch drawn, does it wait, may this person work."""

from collections.abc import Collection

from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove
from tcm.records.quality import HealthRule, QualityCheck, QualitySettings
from tcm.records.roles import Actor, Role
from tcm.records.upkeep import Standing, standing_of
from tcm.store.quality_queries import packings_after
from tcm.store.work import Work

# Whose hands are on the medicine (直接接触药品的人员).
EXAMINED_ROLES = frozenset({Role.FLOOR, Role.PHARMACIST})


def settings_of(work: Work) -> QualitySettings:
    """What the centre asks of itself.

    Args:
        work: The unit of work.

    Returns:
        The newest decision; before the first one that asks for nothing and is not stored.
    """
    return work.quality_settings.current() or QualitySettings(set_by_id=0, set_at=work.now)


def draw(work: Work, prescription: Prescription) -> QualityCheck | None:
    """A batch was packed: where it is the nth, or all are looked at, it waits for a look.

    Args:
        work: The unit of work.
        prescription: Held for this work, its bags packed by it.

    Returns:
        The look it waits for, or None where it may leave; what the centre does not decoct is never drawn.
    """
    if not prescription.preparation.needs_pot:
        return None
    every = settings_of(work).check_every
    if not every:
        return None
    first = work.bags.of_prescription(prescription.key())[0]
    # Counted from the last that was drawn: two packed at one moment can delay the next draw, never skip it.
    # Where all are drawn nothing is counted: a later one may have been drawn first.
    if every > 1 and packings_after(work.session, work.quality_checks.last_drawn_bag()) < every:
        return None
    return work.quality_checks.add(
        QualityCheck(
            prescription_id=prescription.key(),
            bag_id=first.id or 0,
            packed_by_id=first.packed_by_id,
            drawn_at=work.now,
        )
    )


def held_back(work: Work, prescription_ids: Collection[int]) -> set[int]:
    """Those of some prescriptions that may not leave before somebody has looked at them.

    Args:
        work: The unit of work.
        prescription_ids: Which.

    Returns:
        Rows of prescriptions.
    """
    return work.quality_checks.held_back(prescription_ids)


def close(work: Work, prescription_id: int) -> None:
    """A batch was scrapped: nobody need look at it any more.

    Args:
        work: The unit of work.
        prescription_id: Of which prescription.
    """
    waiting = work.quality_checks.open_of(prescription_id)
    if waiting is not None:
        waiting.closed_at = work.now


def demand_fit(work: Work, actor: Actor) -> None:
    """Let a person work with medicine, unless the centre keeps those out whose health check does not hold.

    Args:
        work: The unit of work.
        actor: Who would.

    Raises:
        IllegalMove: When the check is missing, overdue, or found them unfit, and the setting blocks.
    """
    if actor.role not in EXAMINED_ROLES or settings_of(work).health is not HealthRule.BLOCK:
        return
    standing = standing_of(work.health_checks.newest_of(actor.staff_id), county_day(work.now))
    if not standing.holds:
        raise IllegalMove(_WHY_NOT[standing])


_WHY_NOT = {
    Standing.MISSING: N_("系统里没有您的健康检查记录，按中心规定不能操作煎药，请找主管登记。"),
    Standing.OVERDUE: N_("您的健康检查已过期，按中心规定不能操作煎药，请先体检并找主管登记。"),
    Standing.UNFIT: N_("您现在不宜接触药品，按中心规定不能操作煎药，请找主管。"),
}
