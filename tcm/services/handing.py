"""Handing a prescription to another pharmacist: who handed it, and who may take it then."""

from tcm.records.clinical import Prescription
from tcm.records.errors import N_, Invalid
from tcm.records.ledger import Event
from tcm.records.lifecycle import State
from tcm.records.roles import Actor
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.store.work import Work

HANDED = "handed"
HAND_REASONS: dict[str, str] = {
    "beyond_experience": N_("超出本人经验"),
    "toxic_or_narcotic": N_("毒性药或麻醉药"),
    "special_patient": N_("儿童、孕产妇或脏器功能不全"),
    "doctor_disagrees": N_("与医师意见不一致"),
    "other": N_("其他"),
}


def standing_handing(work: Work, prescription: Prescription) -> Event | None:
    """The event that handed a waiting prescription on, if one did since it was last signed.

    Args:
        work: The unit of work.
        prescription: Which.

    Returns:
        The newest such event, or None.
    """
    if prescription.state is not State.SIGNED:
        return None
    for event in reversed(work.ledger.events(prescription.key())):
        if event.kind == HANDED:
            return event
        if event.kind == "move":
            return None
    return None


def refuse_unfit_taker(work: Work, actor: Actor, prescription: Prescription) -> None:
    """Refuse who may not take a prescription that was handed on.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        prescription: Which.

    Raises:
        Invalid: When the actor handed it on.
        Forbidden: When the actor lacks the reviewer's qualification.
    """
    handed = standing_handing(work, prescription)
    if handed is None:
        return
    if handed.actor_id == actor.staff_id:
        raise Invalid(N_("这张处方由您转交，请由另一位审方药师领取。"))
    demand_qualified_reviewer(work, actor)
