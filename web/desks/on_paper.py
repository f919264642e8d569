"""What several desks show of a prescription first written on paper, and times as fields hold them."""

from datetime import UTC, datetime

from tcm.records.clinical import Prescription
from tcm.records.clock import COUNTY_ZONE
from tcm.records.outage import REASON_TERMS, STEPS
from tcm.services.outages import signed_on_paper
from tcm.store.work import Work


def signed_values(open_work: Work, prescription: Prescription | None) -> dict[str, object]:
    """Who signed a prescription on paper; the caller has looked at it.

    Args:
        open_work: The work.
        prescription: Which, or None.

    Returns:
        Values for `outage/_signed.html`; an ordinary prescription costs no statement.
    """
    if prescription is None or prescription.paper_number is None:
        return {"on_paper": []}
    signed = signed_on_paper(open_work, [prescription.key()]).get(prescription.key(), [])
    return {
        "on_paper": signed,
        "paper_staff": open_work.staff.by_ids(each.signed_by_id for each in signed),
        "paper_rules": STEPS,
        "paper_reason_terms": REASON_TERMS,
    }


def from_county(at: datetime) -> datetime:
    """A moment as a browser's field gives it, without a zone, in county time.

    Args:
        at: From the door.

    Returns:
        Aware UTC.
    """
    return (at.replace(tzinfo=COUNTY_ZONE) if at.tzinfo is None else at).astimezone(UTC)


def in_county(at: datetime) -> str:
    """A moment as a browser's field takes it.

    Args:
        at: Aware.

    Returns:
        Such as 2026-11-22T09:10.
    """
    return f"{at.astimezone(COUNTY_ZONE):%Y-%m-%dT%H:%M}"
