"""Forms that are not finished: what a doctor has typed is kept for them, whatever happens to the page."""

from tcm.records.charts import FormDraft
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_encounter
from tcm.store.work import Work

Values = dict[str, list[str]]


def keep_draft(work: Work, actor: Actor, encounter_id: int, values: Values) -> None:
    """Keep what stands in the prescription form of a visit; it replaces what was kept before.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        encounter_id: Which visit.
        values: Every field's values in order.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it is another doctor's.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    draft = work.form_drafts.of(encounter_id, actor.staff_id)
    if draft is None:
        draft = FormDraft(encounter_id=encounter_id, staff_id=actor.staff_id, values=values, kept_at=work.now)
        work.form_drafts.add(draft)
        return
    draft.values, draft.kept_at = values, work.now


def draft_of(work: Work, actor: Actor, encounter_id: int) -> FormDraft | None:
    """What the actor left unfinished at a visit; the caller has looked at the visit.

    Args:
        work: The unit of work.
        actor: The doctor.
        encounter_id: Which visit.

    Returns:
        The draft, or None.
    """
    return work.form_drafts.of(encounter_id, actor.staff_id)


def drop_draft(work: Work, actor: Actor, encounter_id: int) -> None:
    """Forget what the actor left unfinished at a visit, where there is anything.

    Args:
        work: The unit of work.
        actor: The doctor; drafts of others stay.
        encounter_id: Which visit.
    """
    draft = work.form_drafts.of(encounter_id, actor.staff_id)
    if draft is not None:
        work.form_drafts.drop(draft)
