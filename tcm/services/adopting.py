"""What a doctor takes over from what the software shows: noted in the ledger, line by line."""

from dataclasses import dataclass

from tcm.records.clinical import Prescription
from tcm.records.roles import Actor
from tcm.services.moving import note
from tcm.store.work import Work

# The origin of a line that nothing suggested.
TYPED = "typed"
LINES_ADOPTED, DOSES_ADOPTED = "adopted", "dose_adopted"


@dataclass(frozen=True)
class AdoptedDose:
    """A dose that the doctor took over from what was proposed for the patient's age.

    Args:
        herb: As written.
        adult_g: Grams that stood there.
        part: The part of an adult's dose that was proposed.
        dose_g: Grams that stand there now.
    """

    herb: str
    adult_g: float
    part: float
    dose_g: float


def note_adopted(work: Work, actor: Actor, prescription: Prescription, before: set[tuple[str, str]]) -> None:
    """Note the lines that were adopted since the last time.

    Args:
        work: The unit of work.
        actor: The doctor.
        prescription: With its new lines.
        before: Herb as written and origin of the lines that stood there.
    """
    adopted = [
        {"herb": item.herb, "origin": item.origin}
        for item in prescription.items
        if item.origin != TYPED and (item.written_as, item.origin) not in before
    ]
    if adopted:
        note(work, actor, prescription, LINES_ADOPTED, {"lines": adopted})


def note_doses(
    work: Work, actor: Actor, prescription: Prescription, adopted: tuple[AdoptedDose, ...]
) -> None:
    """Note the doses that were taken over for the patient's age, each once.

    Args:
        work: The unit of work.
        actor: The doctor.
        prescription: Stored.
        adopted: As the form brings them, at every save again.
    """
    if not adopted:
        return
    noted: list[object] = []
    for event in work.ledger.events(prescription.key()):
        lines = event.payload.get("lines") if event.kind == DOSES_ADOPTED else None
        noted += lines if isinstance(lines, list) else []
    new = [line for line in (dict(vars(one)) for one in adopted) if line not in noted]
    if new:
        note(work, actor, prescription, DOSES_ADOPTED, {"lines": new})
