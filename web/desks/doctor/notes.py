"""From the form of a visit to the notes that are written; a refused field leaves what is on record."""

from collections.abc import Set

from flask import request

from tcm.records.clinical import Encounter
from tcm.services.charting import VisitNotes
from web.desks.doctor.forms import PULSE_PLACES, VisitForm, listed
from web.desks.shown import LAB_TERMS

# Which window writes, and what it knew.
WINDOW_FIELDS = frozenset({"notes_key", "notes_version"})
ALLERGY_FIELDS = frozenset({"allergies", "allergies_seen"})


def notes_of(form: VisitForm, refused: Set[str], encounter: Encounter) -> VisitNotes:
    """What is written of a form.

    Args:
        form: As it was read; what was refused stands at its default there.
        refused: Fields that could not be read.
        encounter: The visit with the notes on record.

    Returns:
        The notes. A refused field keeps what is on record; of phrases, ticked or typed, none is lost that
        either the form or the record holds.
    """
    return VisitNotes(
        complaint=encounter.complaint if "complaint" in refused else form.complaint,
        history=encounter.history if "history" in refused else form.history,
        inquiry=_phrases("inquiry", form, refused, encounter),
        pulse=_phrases("pulse", form, refused, encounter),
        pulse_places=_pulse_places(form, refused, encounter),
        conditions=_phrases("conditions", form, refused, encounter),
        western_drugs=_phrases("western_drugs", form, refused, encounter),
        pregnant=encounter.pregnant if "pregnant" in refused else form.pregnant,
        lactating=encounter.lactating if "lactating" in refused else form.lactating,
        labs=_labs(form, refused, encounter),
        allergies=None if refused & ALLERGY_FIELDS else _allergies(form),
    )


def _phrases(name: str, form: VisitForm, refused: Set[str], encounter: Encounter) -> tuple[str, ...]:
    said = (*getattr(form, name), *listed(getattr(form, f"other_{name}")))
    on_record = getattr(encounter, name) if refused & {name, f"other_{name}"} else ()
    return tuple(dict.fromkeys((*said, *on_record)))


def _pulse_places(form: VisitForm, refused: Set[str], encounter: Encounter) -> dict[str, list[str]]:
    felt = {
        place: encounter.pulse_places.get(place, []) if name in refused else list(listed(getattr(form, name)))
        for name, place in PULSE_PLACES.items()
    }
    return {place: pulses for place, pulses in felt.items() if pulses}


def _labs(form: VisitForm, refused: Set[str], encounter: Encounter) -> dict[str, float]:
    values = {
        test: encounter.labs.get(test) if test in refused else getattr(form, test) for test in LAB_TERMS
    }
    return {test: value for test, value in values.items() if value is not None}


def _allergies(form: VisitForm) -> tuple[str, ...] | None:
    """What the doctor says of allergies, of which an emptied field says that there are none.

    None where the page says nothing new: that leaves on record what another visit has told since.
    """
    told, seen = listed(form.allergies), listed(form.allergies_seen)
    is_unchanged = "allergies_seen" in request.form and told == seen
    return None if is_unchanged or "allergies" not in request.form else told
