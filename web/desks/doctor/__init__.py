"""The doctor's desk: the day, the patient, the visit, the prescription."""

# Importing the modules registers their views.
from web.desks.doctor import (
    appraised,
    constitution,
    corrections,
    drafts,
    followup,
    patients,
    photographs,
    prescription,
    pulse,
    scheme,
    suggestions,
    today,
    visit,
    words,
)
from web.desks.doctor.blueprint import desk

__all__ = [
    "appraised",
    "constitution",
    "corrections",
    "desk",
    "drafts",
    "followup",
    "patients",
    "photographs",
    "prescription",
    "pulse",
    "scheme",
    "suggestions",
    "today",
    "visit",
    "words",
]
