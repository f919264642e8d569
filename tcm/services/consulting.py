"""Before a decision: the doctor is called, or the prescription is handed to another pharmacist."""

from tcm.records.clinical import Prescription, ReviewRecord
from tcm.records.errors import N_, Invalid
from tcm.records.roles import Actor
from tcm.services.handing import HAND_REASONS, HANDED
from tcm.services.moving import note
from tcm.services.reviewing import hold_own_claim
from tcm.store.repositories.clinical import CALLED
from tcm.store.work import Work

LEAST_AGREED, MOST_AGREED = 2, 500


def call_doctor(work: Work, actor: Actor, prescription_id: int, agreed: str) -> ReviewRecord:
    """Keep that the doctor was called, and what was agreed; nothing is decided by it.

    The words are sealed with the reviews; the ledger's event names their row.

    Args:
        work: The unit of work.
        actor: The pharmacist who has claimed it.
        prescription_id: Which.
        agreed: What was agreed.

    Returns:
        The record.

    Raises:
        IllegalMove: When it does not wait for review any more.
        Invalid: When nothing or too much is written, or it is not on the actor's desk.
    """
    prescription = hold_own_claim(work, actor, prescription_id)
    agreed = agreed.strip()
    if not LEAST_AGREED <= len(agreed) <= MOST_AGREED:
        sentence = N_("请写明与医师商定的内容，至少 %(least)s 个字，最多 %(most)s 个字。")
        raise Invalid(sentence, least=LEAST_AGREED, most=MOST_AGREED)
    record = work.reviews.add(
        ReviewRecord(
            prescription_id=prescription_id,
            pharmacist_id=actor.staff_id,
            decided_at=work.now,
            decision=CALLED,
            note=agreed,
            verdict="",
        )
    )
    note(work, actor, prescription, CALLED, {"review": record.id})
    return record


def hand_over(work: Work, actor: Actor, prescription_id: int, reason_code: str) -> Prescription:
    """Put a prescription back into the queue for another qualified pharmacist.

    Args:
        work: The unit of work.
        actor: The pharmacist who has claimed it.
        prescription_id: Which.
        reason_code: A key of HAND_REASONS.

    Returns:
        The prescription, claimed by nobody.

    Raises:
        IllegalMove: When it does not wait for review any more.
        Invalid: When the reason is missing, or it is not on the actor's desk.
    """
    prescription = hold_own_claim(work, actor, prescription_id)
    if reason_code not in HAND_REASONS:
        raise Invalid(N_("请选择原因。"))
    note(work, actor, prescription, HANDED, {"reason": reason_code})
    prescription.claimed_by_id = prescription.claimed_at = None
    work.session.flush()
    return prescription
