"""Photographs of a visit: kept at once, read by the worker, shown; a refused one leaves no pixels behind."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from tcm.records.clinical import (
    Encounter,
    Photograph,
    PhotographKind,
    PhotographState,
    Reading,
    Sign,
)
from tcm.records.errors import N_, NotFound
from tcm.records.permissions import Action, allows
from tcm.records.roles import Actor
from tcm.services.access import demand_same_form, look, look_at_encounter
from tcm.store.work import Work

# The reading itself went wrong; the other codes are the readers' own.
FAILED = "failed"

Enqueue = Callable[[Work, int], None]


@dataclass(frozen=True)
class Upload:
    """A photograph that was decoded safely and nothing more.

    Args:
        clean: The bytes of a picture without metadata.
        kind: What it is said to show.
        drawn: True for a drawn tongue.
    """

    clean: bytes
    kind: PhotographKind = PhotographKind.TONGUE
    drawn: bool = False


@dataclass(frozen=True)
class Waiting:
    """A photograph that is to be read.

    Args:
        kind: What it is said to show.
        clean: As it was uploaded.
    """

    kind: PhotographKind
    clean: bytes


@dataclass(frozen=True)
class Outcome:
    """What came of reading a photograph.

    Args:
        model: Version of the model.
        reading: What was measured.
        signs: What was read, empty where it was refused.
        overlay: The picture with what was found drawn in, empty where it was refused.
        refusal: Code of why it was refused, empty where it was read.
    """

    model: str
    reading: Reading
    signs: tuple[Sign, ...] = ()
    overlay: bytes = b""
    refusal: str = ""


def keep_upload(
    work: Work, actor: Actor, encounter_id: int, upload: Upload, request_key: str, enqueue: Enqueue
) -> Photograph:
    """Keep a picture with a visit and ask for its reading, both or neither.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        encounter_id: Which visit.
        upload: Already decoded and cleaned.
        request_key: The form's own key.
        enqueue: Enqueues the reading in this work's transaction; given the photograph's row.

    Returns:
        The photograph, waiting; for a key used before, the one that it made.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
        Invalid: When the key brought a picture to another visit.
    """
    encounter = work.encounters.get(encounter_id)
    look_at_encounter(work, actor, encounter, Action.PATIENT_WRITE)
    earlier = work.photographs.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.encounter_id == encounter_id)
        return earlier
    photograph = work.photographs.add(
        Photograph(
            encounter_id=encounter_id,
            kind=upload.kind,
            taken_at=work.now,
            blob_key=work.put_blob(upload.clean),
            sha256=hashlib.sha256(upload.clean).hexdigest(),
            drawn=upload.drawn,
            request_key=request_key,
        )
    )
    enqueue(work, photograph.id or 0)
    return photograph


def to_read(work: Work, photograph_id: int) -> Waiting | None:
    """What the worker is to read; no person sees it, so it is no look.

    Args:
        work: The unit of work.
        photograph_id: Which.

    Returns:
        The picture, or None where it has been read or refused already.

    Raises:
        NotFound: When there is no such photograph.
    """
    photograph = work.photographs.get(photograph_id)
    if photograph.state is not PhotographState.WAITING:
        return None
    return Waiting(photograph.kind, work.blobs.get(photograph.blob_key))


def keep_outcome(work: Work, photograph_id: int, outcome: Outcome) -> None:
    """Keep what came of a reading; a photograph that has one already is left as it is.

    Args:
        work: The unit of work.
        photograph_id: Which.
        outcome: Signs and overlay, or a refusal.

    Raises:
        NotFound: When there is no such photograph.
    """
    photograph = work.photographs.locked(photograph_id)
    if photograph.state is not PhotographState.WAITING:
        return
    photograph.model, photograph.reading = outcome.model, outcome.reading
    if outcome.refusal:
        photograph.state, photograph.refusal = PhotographState.REFUSED, outcome.refusal
        return
    photograph.state, photograph.signs = PhotographState.READ, list(outcome.signs)
    photograph.overlay_key = work.put_blob(outcome.overlay)


def fail_reading(work: Work, photograph_id: int) -> None:
    """Say that a reading went wrong, so that the doctor does not wait for it.

    Args:
        work: The unit of work.
        photograph_id: Which.

    Raises:
        NotFound: When there is no such photograph.
    """
    photograph = work.photographs.locked(photograph_id)
    if photograph.state is PhotographState.WAITING:
        photograph.state, photograph.refusal = PhotographState.REFUSED, FAILED


def drop_refused(work: Work, photograph_id: int) -> None:
    """Forget the pixels of a refused photograph, after the refusal itself has been committed.

    Doing it again changes nothing; a photograph that was not refused is left as it is.

    Args:
        work: The unit of work.
        photograph_id: Which.

    Raises:
        NotFound: When there is no such photograph.
    """
    photograph = work.photographs.locked(photograph_id)
    if photograph.state in (PhotographState.REFUSED, PhotographState.DISMISSED) and photograph.blob_key:
        # First the file: a row without a key could not tell which one is left over.
        work.blobs.remove(photograph.blob_key)
        photograph.blob_key = ""


def dismiss(work: Work, actor: Actor, photograph_id: int) -> Photograph:
    """Put the sentence of a refused photograph away.

    Args:
        work: The unit of work.
        actor: A doctor of the house.
        photograph_id: Which.

    Returns:
        The photograph; one that was not refused is as it was.

    Raises:
        NotFound: When there is no such photograph.
        Forbidden: When it belongs to another house.
    """
    photograph = work.photographs.locked(photograph_id)
    look_at_encounter(work, actor, work.encounters.get(photograph.encounter_id), Action.PATIENT_WRITE)
    if photograph.state is PhotographState.REFUSED:
        photograph.state = PhotographState.DISMISSED
    return photograph


def glance(work: Work, actor: Actor, encounter_id: int) -> tuple[Encounter, list[Photograph]]:
    """How far the readings of a visit are, for a page that is open and asks every moment.

    Opening the page was the look on record; showing what was read since is another, and the caller's.

    Args:
        work: The unit of work.
        actor: Who looks.
        encounter_id: Which visit.

    Returns:
        The visit, and its photographs, newest first.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    encounter = work.encounters.get(encounter_id)
    scope = {"institution_id": encounter.institution_id, "assigned_to_id": encounter.doctor_id}
    if not allows(actor, Action.PATIENT_READ, **scope):
        # Nobody who may not look has the page open: this one is put on record, and refused.
        look_at_encounter(work, actor, encounter, Action.PATIENT_READ)
    return encounter, work.photographs.of_encounter(encounter_id)


def open_photograph(work: Work, actor: Actor, photograph_id: int, *, overlay: bool) -> bytes:
    """The bytes of a picture.

    Args:
        work: The unit of work.
        actor: Who looks.
        photograph_id: Which.
        overlay: True for the picture with the findings drawn in.

    Returns:
        Image bytes.

    Raises:
        NotFound: When there is no such photograph, or none any more, or no overlay yet.
        Forbidden: When it belongs to another house.
    """
    photograph = work.photographs.get(photograph_id)
    encounter = work.encounters.get(photograph.encounter_id)
    look(
        work,
        actor,
        Action.PHOTOGRAPH_READ,
        "photograph",
        photograph_id,
        institution_id=encounter.institution_id,
    )
    key = photograph.overlay_key if overlay else photograph.blob_key
    # A refused one is on its way out: its file may be gone before its key.
    if not key or photograph.refusal:
        raise NotFound(N_("没有这张照片。"))
    return work.blobs.get(key)
