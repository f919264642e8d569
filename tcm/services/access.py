"""The gate in front of patient data: permission asked, and the look put on record, allowed or not."""

from tcm.records.clinical import Encounter, Prescription
from tcm.records.errors import N_, Invalid
from tcm.records.people import Patient
from tcm.records.permissions import Action, allows, demand
from tcm.records.roles import Actor
from tcm.store.work import Work


def look(
    work: Work,
    actor: Actor,
    action: Action,
    subject_kind: str,
    subject_id: int | None,
    *,
    institution_id: int | None = None,
    assigned_to_id: int | None = None,
) -> None:
    """Let the actor look at a patient's data, or refuse; both are audited.

    Args:
        work: The unit of work.
        actor: Who looks.
        action: What they want to do.
        subject_kind: What they look at, such as `prescription`.
        subject_id: Which one, None for a list.
        institution_id: Where it belongs.
        assigned_to_id: Whose it is.

    Raises:
        Forbidden: When the permission table says no.
    """
    scope = {"institution_id": institution_id, "assigned_to_id": assigned_to_id}
    allowed = allows(actor, action, **scope)
    work.audit(actor, action.value, subject_kind, subject_id, allowed=allowed)
    demand(actor, action, **scope)


def look_at_patient(work: Work, actor: Actor, patient: Patient, action: Action = Action.PATIENT_READ) -> None:
    """Let the actor look at a patient, or refuse.

    Args:
        work: The unit of work.
        actor: Who looks.
        patient: At whom.
        action: What they want to do.

    Raises:
        Forbidden: When the permission table says no.
    """
    look(work, actor, action, "patient", patient.id, institution_id=patient.institution_id)


def look_at_encounter(work: Work, actor: Actor, encounter: Encounter, action: Action) -> None:
    """Let the actor look at a visit, or refuse.

    Args:
        work: The unit of work.
        actor: Who looks.
        encounter: At which visit.
        action: What they want to do.

    Raises:
        Forbidden: When the permission table says no.
    """
    look(
        work,
        actor,
        action,
        "encounter",
        encounter.id,
        institution_id=encounter.institution_id,
        assigned_to_id=encounter.doctor_id,
    )


def look_at_prescription(
    work: Work, actor: Actor, prescription: Prescription, action: Action = Action.PRESCRIPTION_READ
) -> None:
    """Let the actor look at a prescription, or refuse.

    Args:
        work: The unit of work.
        actor: Who looks.
        prescription: At which.
        action: What they want to do.

    Raises:
        Forbidden: When the permission table says no.
    """
    look(
        work,
        actor,
        action,
        "prescription",
        prescription.id,
        institution_id=prescription.institution_id,
        assigned_to_id=prescription.doctor_id,
    )


def demand_same_form(*, made_there: bool) -> None:
    """Let a form that is sent twice find what it made, and nothing that another form made elsewhere.

    Args:
        made_there: Whether what the key made belongs where the form is sent now.

    Raises:
        Invalid: When it does not.
    """
    if not made_there:
        raise Invalid(N_("这张表单已经用在别处，请刷新页面后再填。"))
