"""What a visit shows of other houses: questions to experts with their answers, referrals, what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from tcm.records.clinical import Encounter
from tcm.records.permissions import Action
from tcm.records.together import ConsultationState
from tcm.services.access import look_at_encounter
from tcm.services.charting import Chart
from tcm.services.inboxes import (
    ListedConsultation,
    ListedReferral,
    consultations_of,
    is_news,
    referrals_of,
)
from tcm.services.judging import MOST_NOTE, Judgement, SymptomNow, judge
from tcm.services.photographing import glance
from tcm.store.together_queries import News
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.blueprint import desk
from web.desks.doctor.consulted import offer_of
from web.desks.doctor.offers import Offer
from web.desks.together.shown import terms
from web.door import Form, RowId, parse
from web.house import current_house, work
from web.polling import fresh, if_none_match, tag_of

# The symptoms of the earlier visit come as `symptom-0`, `symptom-1` ... in their order.
_SYMPTOM = "symptom-{place}"


class OutcomeForm(Form):
    """What came of the treatment of an earlier visit."""

    of_visit_id: RowId
    grade: str = Field(min_length=1, max_length=24)
    note: str = Field("", max_length=MOST_NOTE)


@dataclass(frozen=True)
class Together:
    """What a visit has to do with other houses.

    Args:
        consultations: Newest first.
        referrals: The one that led here, then those written here, newest first.
        offers: What experts answered, to be adopted, by consultation.
    """

    consultations: list[ListedConsultation]
    referrals: list[ListedReferral]
    offers: Mapping[int, Offer]

    @property
    def facts(self) -> tuple[object, ...]:
        """All that a page which polls waits for."""
        asked = ((one.consultation, is_news(one.consultation)) for one in self.consultations)
        stands = ((one.id, one.state, one.read_at, news) for one, news in asked)
        sent = ((one.referral.id, one.referral.state) for one in self.referrals)
        return (*stands, *sent)

    @property
    def is_waiting(self) -> bool:
        """Whether an expert is still to answer."""
        return any(one.consultation.state is ConsultationState.WAITING for one in self.consultations)

    @property
    def asks(self) -> str:
        """The attribute by which the page asks only for what is new."""
        return if_none_match(tag_of(self.facts))


def together_of(open_work: Work, encounter: Encounter) -> Together:
    """What a visit has to do with other houses; the caller has looked at it.

    Args:
        open_work: The work.
        encounter: The visit.

    Returns:
        The lists.
    """
    visit_id = encounter.id or 0
    asked = consultations_of(open_work, visit_id)
    offers = {one.consultation.key(): offer for one in asked if (offer := offer_of(one)) is not None}
    return Together(asked, referrals_of(open_work, visit_id), offers)


def together_values(open_work: Work, chart: Chart) -> dict[str, object]:
    """What the visit's page shows of other houses, and of what came of earlier visits.

    Args:
        open_work: The work.
        chart: The visit.

    Returns:
        Values for `doctor/_together.html`.
    """
    return {
        "together": together_of(open_work, chart.encounter),
        "outcomes": open_work.outcomes.of_visits(one.id or 0 for one in chart.earlier),
        **terms(),
    }


@desk.get("/visits/<int:visit_id>/together")
def together_part(visit_id: int) -> Response:
    """What became of the visit's questions; 304 while it is as the page has it."""
    with work() as open_work:
        encounter, _ = glance(open_work, current_actor(), visit_id)
        shown = together_of(open_work, encounter)
        is_own = encounter.doctor_id == current_actor().staff_id
        response = fresh(
            shown.facts,
            lambda _tag: render_template(
                "doctor/_together.html",
                visit_id=visit_id,
                encounter=encounter,
                together=shown,
                mine=is_own,
                editable=is_own and "adopt" in request.args,
                **terms(),
            ),
        )
        if response.status_code != 304:
            look_at_encounter(open_work, current_actor(), encounter, Action.PATIENT_READ)
    return response


@desk.post("/visits/<int:visit_id>/outcome")
def keep_outcome(visit_id: int) -> Response:
    """Say what came of an earlier visit's treatment."""
    form = parse(OutcomeForm, request.form)
    with work() as open_work:
        symptoms = open_work.encounters.get(form.of_visit_id).inquiry
        said = {
            symptom: SymptomNow(request.form[_SYMPTOM.format(place=place)])
            for place, symptom in enumerate(symptoms)
            if request.form.get(_SYMPTOM.format(place=place)) in set(SymptomNow)
        }
        judgement = Judgement(form.grade, said, form.note)
        judge(open_work, current_actor(), current_house().knowledge, visit_id, form.of_visit_id, judgement)
        open_work.commit()
    # `with` is a word of Python's own.
    chosen: dict[str, Any] = {"with": form.of_visit_id}
    return redirect(url_for("doctor.followup", visit_id=visit_id, _anchor="outcome", **chosen), 303)


def news_asks(news: News) -> str:
    """The attribute by which the day's page asks for news only where there are other ones.

    Args:
        news: As the page shows them.

    Returns:
        An `hx-headers` attribute.
    """
    return if_none_match(tag_of(news))
