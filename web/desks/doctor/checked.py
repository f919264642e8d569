"""The form as it stands, with all that is said of it: findings, doses, prices, the last prescription."""

from tcm.records.clinical import Encounter, Prescription
from tcm.services.prescribing import preview
from tcm.services.second_signatures import is_signed_for
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.again import LastShown, difference_now, show_last
from web.desks.doctor.pen import price_of
from web.desks.doctor.sheet import Beside, Sheet, loose_draft, make_sheet
from web.door import Typed
from web.house import current_house


def sheet_of(
    open_work: Work, visit_id: int, typed: Typed, stored: Prescription | None, *, as_posted: bool = False
) -> Sheet:
    """The form with what review says of what stands in it.

    Args:
        open_work: The work.
        visit_id: Which visit.
        typed: The values.
        stored: The prescription that is kept, whose second signatures stand.
        as_posted: True for exactly the lines that the page has, which is open and being typed in.

    Returns:
        The sheet.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
    """
    knowledge = current_house().knowledge
    draft = loose_draft(typed, knowledge, typing=as_posted)
    kept = stored.items if stored else []
    found = preview(
        open_work,
        current_actor(),
        knowledge,
        visit_id,
        draft,
        frozenset(typed.all("second_sign")),
        kept=kept,
        on_record=not as_posted,
    )
    signed = frozenset((item.written_as, item.dose_g) for item in kept if is_signed_for(item, found.findings))
    encounter = open_work.encounters.get(visit_id)
    beside = Beside(
        found.age_doses,
        price_of(open_work, encounter, draft),
        difference_now(open_work, encounter, draft),
    )
    return make_sheet(typed, found.findings, knowledge, signed, as_posted=as_posted, beside=beside)


def last_of(open_work: Work, encounter: Encounter, sheet: Sheet) -> LastShown | None:
    """The patient's last prescription beside the form.

    Args:
        open_work: The work.
        encounter: The visit of the doctor who looks.
        sheet: The form as it stands.

    Returns:
        The last prescription, None where the house wrote none before.
    """
    return show_last(open_work, encounter, loose_draft(sheet.typed, current_house().knowledge, typing=False))
