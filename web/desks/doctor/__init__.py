"""The doctor's desk: the day, the patient, the visit, the prescription."""

# Importing the modules registers their views.
from web.desks.doctor import (
    appraised,
    arrange,
    constitution,
    corrections,
    drafts,
    followup,
    messages,
    own,
    patients,
    photographs,
    prescription,
    pulse,
    scheme,
    sent,
    suggestions,
    today,
    together,
    visit,
    words,
)
from web.desks.doctor.blueprint import desk

__all__ = [
    "appraised",
    "arrange",
    "constitution",
    "corrections",
    "desk",
    "drafts",
    "followup",
    "messages",
    "own",
    "patients",
    "photographs",
    "prescription",
    "pulse",
    "scheme",
    "sent",
    "suggestions",
    "today",
    "together",
    "visit",
    "words",
]
