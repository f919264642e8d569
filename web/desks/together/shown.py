"""What several of these pages show alike: a case, terms, pictures."""

from collections.abc import Callable
from typing import TypeVar

from flask import make_response
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.records.errors import N_
from tcm.records.together import (
    CONSENT_BY_TERMS,
    CONSENT_HOW_TERMS,
    CONSULTATION_TERMS,
    DIRECTION_TERMS,
    REFERRAL_TERMS,
    ConsultationState,
    ReferralState,
)
from tcm.services.judging import SYMPTOM_TERMS
from tcm.services.referring import REASONS
from tcm.services.sharing import SharedCase
from tcm.store.work import Work
from web.desks.doctor.pulse import RHYTHMS
from web.desks.shown import age_text, show_labs
from web.house import current_house

Key = TypeVar("Key")
# The terms of outcomes.csv, for the catalogue of translations.
GRADE_TERMS = (N_("临床痊愈"), N_("显效"), N_("有效"), N_("无效"))
CONSULTATION_TONES = {
    ConsultationState.WAITING: "wait",
    ConsultationState.ANSWERED: "good",
    ConsultationState.DECLINED: "warn",
    ConsultationState.WITHDRAWN: "quiet",
}
REFERRAL_TONES = {
    ReferralState.SENT: "wait",
    ReferralState.RECEIVED: "work",
    ReferralState.REPLIED: "good",
    ReferralState.WITHDRAWN: "quiet",
}


def terms() -> dict[str, object]:
    """Names of states, of who agreed and how, of grades, for the templates.

    Returns:
        Values for a template; terms are msgids, grades are rows with their source.
    """
    return {
        "consultation_terms": CONSULTATION_TERMS,
        "consultation_tones": CONSULTATION_TONES,
        "referral_terms": REFERRAL_TERMS,
        "referral_tones": REFERRAL_TONES,
        "direction_terms": DIRECTION_TERMS,
        "refer_reasons": REASONS,
        "by_terms": CONSENT_BY_TERMS,
        "how_terms": CONSENT_HOW_TERMS,
        "symptom_terms": SYMPTOM_TERMS,
        "grades": {grade.grade: grade for grade in current_house().knowledge.outcome_grades},
    }


def options(named: dict[Key, str]) -> list[tuple[Key, str]]:
    """Terms as a choice offers them.

    Args:
        named: Msgid by value.

    Returns:
        Value and translated term, in order.
    """
    return [(value, str(gettext(term))) for value, term in named.items()]


def case_values(
    open_work: Work, case: SharedCase, picture_at: Callable[[int, str], str]
) -> dict[str, object]:
    """What the page shows of a shared visit.

    Args:
        open_work: The work.
        case: The visit.
        picture_at: The address of a picture, by its row and kind.

    Returns:
        Values for `together/case.html`.
    """
    return {
        "case": case,
        "age": age_text(case.patient.born_on, county_day(open_work.now)),
        "labs": show_labs(case.encounter.labs),
        "rhythms": RHYTHMS,
        "picture_at": picture_at,
    }


def picture(data: bytes) -> Response:
    """A picture's response; no cache keeps it.

    Args:
        data: A JPEG.

    Returns:
        The response.
    """
    response = make_response(data)
    response.headers["Content-Type"] = "image/jpeg"
    response.headers["Cache-Control"] = "private, no-store"
    return response
