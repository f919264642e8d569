"""What is kept beside a visit: unfinished forms, signs a doctor corrected, forms of the constitution."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False, kw_only=True)
class FormDraft:
    """What a doctor has typed into the prescription form of a visit and not kept yet.

    Args:
        id: Row, None before it is stored.
        encounter_id: Which visit.
        staff_id: Who typed.
        form_key: The form's own key, which its prescription keeps as `request_key`.
        values: Every field's values in order, as the form sends them.
        kept_at: When, aware UTC.
    """

    id: int | None = None
    encounter_id: int
    staff_id: int
    form_key: str
    values: dict[str, list[str]]
    kept_at: datetime


@dataclass(eq=False, kw_only=True)
class SignCorrection:
    """A sign of a photograph as a doctor saw it, where the reader said otherwise or would not say.

    Args:
        id: Row, None before it is stored.
        photograph_id: Which picture.
        sign: Its name, such as body.
        label: What the doctor says, such as pale.
        was: What the reader said.
        model: Which reader.
        corrected_by_id: Staff row.
        corrected_at: Aware UTC.
    """

    id: int | None = None
    photograph_id: int
    sign: str
    label: str
    was: str
    model: str
    corrected_by_id: int
    corrected_at: datetime


@dataclass(eq=False, kw_only=True)
class ConstitutionRecord:
    """A filled constitution form (体质) and what it came to.

    Args:
        id: Row, None before it is stored.
        encounter_id: At which visit.
        patient_id: Whose.
        answers: Number of the question, as text, to 1 .. 5.
        scores: One for each type: constitution, raw, converted, verdict.
        judged_by_id: Staff row of the doctor who asked.
        judged_at: Aware UTC.
        request_key: The form's own key.
    """

    id: int | None = None
    encounter_id: int
    patient_id: int
    answers: dict[str, int]
    scores: list[dict[str, object]]
    judged_by_id: int
    judged_at: datetime
    request_key: str


@dataclass(eq=False, kw_only=True)
class PulseRecording:
    """A pulse wave that was recorded at a visit, and what was told from it.

    Args:
        id: Row, None before it is stored.
        encounter_id: At which visit.
        samples: The wave, thinned for the eye, from 0 to 1000.
        seconds: How long it is.
        rate_bpm: Beats a minute, None where that cannot be told.
        variation: Coefficient of variation of the beats' intervals without pauses, None likewise.
        rhythm: `regular`, `pauses_regular`, `pauses_irregular`, `uneven` or `unclear`.
        quality: 0 to 1, how alike the waves are.
        beats_s: When each beat peaks, seconds.
        pauses: Places of the beats that a pause follows.
        candidates: Pulses that rate and rhythm suggest.
        recorded_by_id: Staff row of who brought the file.
        kept_at: Aware UTC.
        request_key: The form's own key.
    """

    id: int | None = None
    encounter_id: int
    samples: list[int]
    seconds: float
    rate_bpm: float | None
    variation: float | None
    rhythm: str
    quality: float
    beats_s: list[float] = field(default_factory=list)
    pauses: list[int] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    recorded_by_id: int
    kept_at: datetime
    request_key: str
