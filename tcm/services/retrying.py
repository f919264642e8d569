"""What could not be handed over: when it goes out again, and when the manager has to decide."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.permissions import Action, demand
from tcm.records.road import NO_SECOND_TRY, DeliveryAttempt
from tcm.records.roles import Actor
from tcm.services.handing_over import settings_of
from tcm.services.moving import hold, note
from tcm.store.work import Work

# A decoction keeps for days, not for months.
MOST_DAYS_AHEAD = 28


class Wait(StrEnum):
    """Why a failed delivery is not planned."""

    LATER = "later"
    TOO_OFTEN = "too_often"
    NO_SECOND_TRY = "no_second_try"


@dataclass(frozen=True)
class HeldBack:
    """A failed delivery that does not go out by itself.

    Args:
        prescription: Which.
        attempts: All its tries, oldest first.
        why: What it waits for.
    """

    prescription: Prescription
    attempts: list[DeliveryAttempt]
    why: Wait


def held_back(work: Work, prescriptions: Collection[Prescription], day: date) -> dict[int, HeldBack]:
    """Failed deliveries that a plan of a day leaves out.

    Args:
        work: The unit of work.
        prescriptions: In any state.
        day: County date of the plan.

    Returns:
        By prescription.
    """
    failed = {each.key(): each for each in prescriptions if each.state is State.FAILED}
    if not failed:
        return {}
    most = settings_of(work).attempts_most
    found = {}
    for key, attempts in work.delivery_attempts.of_prescriptions(failed).items():
        why = _why(attempts, most, day)
        if why is not None:
            found[key] = HeldBack(failed[key], attempts, why)
    return found


def send_again(work: Work, actor: Actor, prescription_id: int, next_on: date) -> Prescription:
    """Let a failed delivery go out once more.

    Args:
        work: The unit of work.
        actor: A manager.
        prescription_id: Which.
        next_on: County date from which it is planned.

    Returns:
        The prescription.

    Raises:
        IllegalMove: When it is not a failed delivery.
        Invalid: When the date is past.
        Forbidden: For other roles.
    """
    demand(actor, Action.ROAD_DECIDE)
    prescription = hold(work, prescription_id)
    attempts = work.delivery_attempts.of_prescriptions([prescription_id]).get(prescription_id, [])
    if prescription.state is not State.FAILED or not attempts:
        raise IllegalMove(N_("这张处方不是未送达，不用再排。"))
    demand_not_past(work, next_on)
    last = attempts[-1]
    last.next_on, last.released_by_id, last.released_at = next_on, actor.staff_id, work.now
    note(work, actor, prescription, "sent_again", {"next_on": next_on.isoformat()})
    work.session.flush()
    return prescription


def demand_not_past(work: Work, next_on: date) -> None:
    """Let a date of a next try pass.

    Args:
        work: The unit of work.
        next_on: County date.

    Raises:
        Invalid: When it is past, or more than four weeks ahead.
    """
    ahead = (next_on - county_day(work.now)).days
    if not 0 <= ahead <= MOST_DAYS_AHEAD:
        raise Invalid(N_("下次配送的日期要在今天到 %(days)s 天内。"), days=MOST_DAYS_AHEAD)


def _why(attempts: list[DeliveryAttempt], most: int, day: date) -> Wait | None:
    last = attempts[-1]
    if last.next_on is not None and last.next_on > day:
        return Wait.LATER
    if last.released_at is not None:
        return None
    if last.reason_code in NO_SECOND_TRY:
        return Wait.NO_SECOND_TRY
    return Wait.TOO_OFTEN if len(attempts) >= most else None
