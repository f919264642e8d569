"""Whose medicine comes to its end: a list for the doctor who wrote it, and a notice to the patient."""

from dataclasses import dataclass
from datetime import date, timedelta

from tcm.records.aftercare import NoticeKind
from tcm.records.clock import COUNTY_ZONE, county_day
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look
from tcm.services.notifying import queue
from tcm.store.voice_queries import GivenOut, given_out
from tcm.store.work import Work

# On the doctor's list so many days before the last dose, and so many after it.
DAYS_BEFORE, DAYS_AFTER = 2, 14
# A longer supply than any is over by then.
SIGNED_WITHIN = timedelta(days=120)
# Nobody's telephone rings at night.
FIRST_HOUR, LAST_HOUR = 9, 18
MOST_LISTED = 30


@dataclass(frozen=True)
class Due:
    """A patient who should come again.

    Args:
        patient: Who.
        prescription_id: What comes to its end.
        number: What people call it by.
        visit_id: The visit it came of.
        last_day: About when the last dose is taken, counted from the day after it was handed over.
    """

    patient: Patient
    prescription_id: int
    number: str
    visit_id: int
    last_day: date


def last_day_of(given: GivenOut) -> date:
    """About when the last dose is taken.

    Args:
        given: A prescription that was handed over.

    Returns:
        County date; the first dose is counted on the day after.
    """
    days = -(-given.doses_count // max(1, given.doses_per_day))
    return county_day(given.delivered_at) + timedelta(days=days)


def due_back(work: Work, actor: Actor) -> list[Due]:
    """The actor's own patients whose medicine comes or came to its end, and who were not seen since.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        At most `MOST_LISTED`, who ran out first on top.

    Raises:
        Forbidden: For other roles.
    """
    today = county_day(work.now)
    ending = [
        each
        for each in given_out(work.session, work.now - SIGNED_WITHIN, actor.staff_id)
        if last_day_of(each) - timedelta(days=DAYS_BEFORE)
        <= today
        <= last_day_of(each) + timedelta(days=DAYS_AFTER)
    ]
    look_at = sorted(ending, key=lambda each: (last_day_of(each), each.prescription_id))[:MOST_LISTED]
    if not look_at:
        return []
    look(work, actor, Action.PATIENT_READ, "patient", None, institution_id=actor.institution_id)
    patients = work.patients.by_ids(each.patient_id for each in look_at)
    return [
        Due(
            patients[each.patient_id], each.prescription_id, each.number, each.encounter_id, last_day_of(each)
        )
        for each in look_at
    ]


def remind(work: Work) -> int:
    """Tell patients by day that their medicine ends tomorrow or today; nobody asks for it, the worker does.

    Args:
        work: The unit of work.

    Returns:
        How many are newly told.
    """
    if not FIRST_HOUR <= work.now.astimezone(COUNTY_ZONE).hour < LAST_HOUR:
        return 0
    today = county_day(work.now)
    ending = [
        each.prescription_id
        for each in given_out(work.session, work.now - SIGNED_WITHIN)
        if last_day_of(each) - timedelta(days=1) <= today <= last_day_of(each)
    ]
    return queue(work, ending, NoticeKind.FOLLOW_UP) if ending else 0
