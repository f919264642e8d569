"""A sign that a doctor sees otherwise than the reader: kept beside the reading, as a label to learn from."""

from tcm.knowledge import Knowledge
from tcm.records.charts import SignCorrection
from tcm.records.clinical import PhotographKind, PhotographState
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.services.access import look_at_encounter
from tcm.store.work import Work


def correct_sign(
    work: Work, actor: Actor, knowledge: Knowledge, photograph_id: int, sign: str, label: str
) -> None:
    """Say what a sign of a tongue is; the reader's own word is corrected back by saying the same.

    Args:
        work: The unit of work.
        actor: The doctor of the visit.
        knowledge: The labels of each sign.
        photograph_id: Which picture.
        sign: Such as body.
        label: Such as pale; what the reader asserted takes a correction back.

    Raises:
        NotFound: When there is no such picture.
        Forbidden: When the visit is another doctor's.
        Invalid: When the picture is no tongue that was read, or the sign has no such label.
    """
    photograph = work.photographs.get(photograph_id)
    encounter = work.encounters.get(photograph.encounter_id)
    look_at_encounter(work, actor, encounter, Action.PRESCRIPTION_WRITE)
    if (photograph.kind, photograph.state) != (PhotographKind.TONGUE, PhotographState.READ):
        raise Invalid(N_("这张照片没有可以改正的舌象。"))
    read = next((each for each in photograph.signs if each.name == sign), None)
    if read is None or (sign, label) not in knowledge.patterns.tongue_terms:
        raise Invalid(N_("没有这个舌象选项。"))
    earlier = work.sign_corrections.of_sign(photograph_id, sign)
    if label == read.label and not read.abstained:
        if earlier is not None:
            work.sign_corrections.drop(earlier)
        return
    if earlier is not None:
        earlier.label, earlier.corrected_by_id, earlier.corrected_at = label, actor.staff_id, work.now
        return
    work.sign_corrections.add(
        SignCorrection(
            photograph_id=photograph_id,
            sign=sign,
            label=label,
            was=read.label,
            model=photograph.model,
            corrected_by_id=actor.staff_id,
            corrected_at=work.now,
        )
    )
