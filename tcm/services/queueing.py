"""The pharmacists' queue: what waits, in which order, against which target; and one's own thirty days."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tcm.knowledge import Knowledge
from tcm.records.clock import age_years, county_day
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.review.dose_rules import POISONOUS
from tcm.services.reviewing import CLAIM_HOLDS
from tcm.store.queries import QueueRow, review_queue
from tcm.store.review_queries import ReviewFigures, review_figures
from tcm.store.work import Work

FIGURES_DAYS = 30


@dataclass(frozen=True)
class Waiting:
    """A prescription in the queue.

    Args:
        row: What is known of it; it names no patient.
        child: Whether the patient is below the age of children.
        target_min: Minutes from signature to decision that it is to be decided in.
        due_at: When these are over, aware UTC.
    """

    row: QueueRow
    child: bool
    target_min: int
    due_at: datetime


def queue(work: Work, actor: Actor, knowledge: Knowledge) -> list[Waiting]:
    """Signed prescriptions that wait for a pharmacist.

    Urgent ones go first, by the time that is left to them; then those of children, then those with poisonous
    herbs, then the others; each by how long they have waited.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: Targets, and which herbs are poisonous.

    Returns:
        The queue; it names no patient.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.REVIEW_QUEUE)
    poisonous = {name for name, herb in knowledge.herbs.items() if herb.toxicity in POISONOUS}
    rows = review_queue(
        work.session,
        claims_since=work.now - CLAIM_HOLDS,
        claims_until=work.now + CLAIM_HOLDS,
        toxic_herbs=poisonous,
    )
    return sorted((_waiting(work, knowledge, row) for row in rows), key=_rank)


def own_figures(work: Work, actor: Actor) -> ReviewFigures:
    """What a pharmacist decided in the last thirty days.

    Args:
        work: The unit of work.
        actor: A pharmacist.

    Returns:
        Counts, and the median wait.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.REVIEW_QUEUE)
    return review_figures(work.session, actor.staff_id, since=work.now - timedelta(days=FIGURES_DAYS))


def _waiting(work: Work, knowledge: Knowledge, row: QueueRow) -> Waiting:
    targets = knowledge.review_targets
    target_min = targets.urgent_min if row.urgent else targets.ordinary_min
    age = age_years(row.born_on, county_day(work.now))
    return Waiting(
        row=row,
        child=age < targets.child_under_years,
        target_min=target_min,
        due_at=row.signed_at + timedelta(minutes=target_min),
    )


def _rank(waiting: Waiting) -> tuple[bool, bool, bool, datetime, int]:
    row = waiting.row
    if row.urgent:
        # By the time left alone: urgent is urgent, whoever it is for.
        return False, False, False, waiting.due_at, row.prescription_id
    return True, not waiting.child, not row.toxic, row.signed_at, row.prescription_id
