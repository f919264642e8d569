"""Forms that are not finished: what a doctor has typed is kept for them, whatever happens to the page."""

from datetime import timedelta

from tcm.records.charts import FormDraft
from tcm.records.clock import county_day
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look_at_encounter
from tcm.store.work import Work

Values = dict[str, list[str]]
# The notes of a visit are one form; a prescription's form has a key of its own, longer than this.
NOTES = "notes"
# Nobody comes back to what was left lying for a month; it tells of patients.
KEPT_FOR = timedelta(days=30)
SETTLED_DAYS = 7


def keep_draft(
    work: Work, actor: Actor, encounter_id: int, form_key: str, version: int | None, values: Values
) -> bool:
    """Keep what stands in a prescription form of a visit; it replaces what was kept of this form before.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        encounter_id: Which visit.
        form_key: The form's own key.
        version: Of the prescription that the form changes; None where it is to begin one.
        values: Every field's values in order.

    Returns:
        False where the form was saved since by another window, or by a request that overtook this one:
        then nothing is kept, for the draft would stand above what was saved.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
        Invalid: When the form is another visit's.
    """
    _demand(work, actor, encounter_id, Action.PRESCRIPTION_WRITE)
    stored = work.prescriptions.of_request(form_key)
    if stored is not None:
        demand_same_form(made_there=stored.encounter_id == encounter_id)
        if stored.version != version:
            return False
    _keep(work, actor, encounter_id, form_key, values)
    return True


def keep_notes(work: Work, actor: Actor, encounter_id: int, values: Values) -> None:
    """Keep what stands in the notes of a visit, where they cannot be written as they stand.

    Args:
        work: The unit of work.
        actor: Who types.
        encounter_id: Which visit.
        values: Every field's values in order.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    _demand(work, actor, encounter_id, Action.PATIENT_WRITE)
    _keep(work, actor, encounter_id, NOTES, values)


def notes_left(work: Work, actor: Actor, encounter_id: int) -> FormDraft | None:
    """What the actor typed into the notes and could not write; the caller has looked at the visit.

    Args:
        work: The unit of work.
        actor: Who typed.
        encounter_id: Which visit.

    Returns:
        The draft, or None.
    """
    return work.form_drafts.of_form(encounter_id, actor.staff_id, NOTES)


def drafts_of(work: Work, actor: Actor, encounter_id: int) -> list[FormDraft]:
    """What the actor left unfinished at a visit; the caller has looked at the visit.

    Args:
        work: The unit of work.
        actor: The doctor.
        encounter_id: Which visit.

    Returns:
        The drafts of prescriptions, one for each form, newest first.
    """
    drafts = work.form_drafts.of(encounter_id, actor.staff_id)
    return [draft for draft in drafts if draft.form_key != NOTES]


def drop_draft(work: Work, actor: Actor, encounter_id: int, form_key: str) -> None:
    """Forget what the actor left unfinished in one form, where there is anything.

    Args:
        work: The unit of work.
        actor: The doctor; drafts of others stay.
        encounter_id: Which visit.
        form_key: The form's own key; drafts of the visit's other forms stay.
    """
    draft = work.form_drafts.of_form(encounter_id, actor.staff_id, form_key)
    if draft is not None:
        work.form_drafts.drop(draft)


def clear_old(work: Work) -> int:
    """Forget what was left lying for `KEPT_FOR`; nobody asks for it, the worker does.

    Args:
        work: The unit of work.

    Returns:
        How many drafts went; none while the clock is not settled.
    """
    return work.form_drafts.drop_before(work.now - KEPT_FOR) if is_clock_settled(work) else 0


def is_clock_settled(work: Work) -> bool:
    """Whether the house has worked by this clock for a day; what is thrown away for its age asks first.

    A clock that jumps a year ahead would make everything old at once. The ledger's daily heads tell: one of
    the days just past was sealed.

    Args:
        work: The unit of work.

    Returns:
        False on the first day, after a jump, and after more than SETTLED_DAYS without work.
    """
    today = county_day(work.now)
    return work.ledger.is_sealed_between(today - timedelta(days=SETTLED_DAYS), today - timedelta(days=1))


def _demand(work: Work, actor: Actor, encounter_id: int, action: Action) -> None:
    encounter = work.encounters.get(encounter_id)
    scope = {"institution_id": encounter.institution_id, "assigned_to_id": encounter.doctor_id}
    # Sent after every pause in a chart whose opening is on record already: only refusals are added.
    if not allows(actor, action, **scope):
        look_at_encounter(work, actor, encounter, action)


def _keep(work: Work, actor: Actor, encounter_id: int, form_key: str, values: Values) -> None:
    draft = work.form_drafts.of_form(encounter_id, actor.staff_id, form_key)
    if draft is not None:
        draft.values, draft.kept_at = values, work.now
        return
    work.form_drafts.add(
        FormDraft(
            encounter_id=encounter_id,
            staff_id=actor.staff_id,
            form_key=form_key,
            values=values,
            kept_at=work.now,
        )
    )
