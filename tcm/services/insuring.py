"""Which scheme of insurance a patient is in: chosen at registration, changed when it has changed."""

from tcm.records.errors import N_, Invalid
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.records.stock import SELF_PAID
from tcm.services.access import look_at_patient
from tcm.store.work import Work


def schemes_to_choose(work: Work, chosen: str = SELF_PAID) -> list[tuple[str, str]]:
    """What can be chosen for a patient beside paying oneself.

    Args:
        work: The unit of work.
        chosen: What the patient has; listed though it can no longer be chosen for others.

    Returns:
        Code and name, in the order the schemes were first made.
    """
    return [(each.code, each.name) for each in work.schemes.current() if each.active or each.code == chosen]


def demand_scheme(work: Work, scheme: str) -> None:
    """Let a scheme pass that can be chosen.

    Args:
        work: The unit of work.
        scheme: Its code.

    Raises:
        Invalid: When there is none of that code, or it is no longer in use.
    """
    if scheme != SELF_PAID and scheme not in dict(schemes_to_choose(work)):
        raise Invalid(N_("没有这种参保类型，或已停用。"))


def change_scheme(work: Work, actor: Actor, patient_id: int, scheme: str) -> Patient:
    """Write down that a patient's scheme is another.

    Args:
        work: The unit of work.
        actor: A doctor of the patient's house.
        patient_id: Whose.
        scheme: A code, or `self`.

    Returns:
        The patient.

    Raises:
        Invalid: When there is no such scheme.
        NotFound: When there is no such patient.
        Forbidden: For others.
    """
    patient = work.patients.get(patient_id)
    look_at_patient(work, actor, patient, Action.PATIENT_WRITE)
    if scheme != patient.scheme:
        demand_scheme(work, scheme)
        patient.scheme = scheme
        work.session.flush()
    return patient
