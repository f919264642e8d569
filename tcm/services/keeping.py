"""Forms that are not finished: what a doctor has typed is kept for them, whatever happens to the page."""

from tcm.records.charts import FormDraft
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look_at_encounter
from tcm.store.work import Work

Values = dict[str, list[str]]


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
    encounter = work.encounters.get(encounter_id)
    scope = {"institution_id": encounter.institution_id, "assigned_to_id": encounter.doctor_id}
    # Sent after every pause in a chart whose opening is on record already: only refusals are added.
    if not allows(actor, Action.PRESCRIPTION_WRITE, **scope):
        look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    stored = work.prescriptions.of_request(form_key)
    if stored is not None:
        demand_same_form(made_there=stored.encounter_id == encounter_id)
        if stored.version != version:
            return False
    draft = work.form_drafts.of_form(encounter_id, actor.staff_id, form_key)
    if draft is not None:
        draft.values, draft.kept_at = values, work.now
        return True
    work.form_drafts.add(
        FormDraft(
            encounter_id=encounter_id,
            staff_id=actor.staff_id,
            form_key=form_key,
            values=values,
            kept_at=work.now,
        )
    )
    return True


def drafts_of(work: Work, actor: Actor, encounter_id: int) -> list[FormDraft]:
    """What the actor left unfinished at a visit; the caller has looked at the visit.

    Args:
        work: The unit of work.
        actor: The doctor.
        encounter_id: Which visit.

    Returns:
        The drafts, one for each form, newest first.
    """
    return work.form_drafts.of(encounter_id, actor.staff_id)


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
