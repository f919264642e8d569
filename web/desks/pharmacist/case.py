"""One case side by side, and what a pharmacist can do with it."""

from collections.abc import Callable, Collection

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.records.clinical import Prescription
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid, Refused
from tcm.records.governance import FindingDecision, FindingRecord
from tcm.records.lifecycle import REASONS, State
from tcm.records.stock import Keeping
from tcm.services import consulting, recalling, reviewing
from tcm.services.handing import HAND_REASONS, standing_handing
from tcm.services.inboxes import answered_about
from tcm.services.reserving import keeping_of, lacking_now
from tcm.services.reviewing import (
    CLAIM_HOLDS,
    SECOND_SIGNATURE,
    FindingJudgement,
    ReviewCase,
    Unjudged,
)
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.on_paper import signed_values
from web.desks.pharmacist.blueprint import desk
from web.desks.pharmacist.forms import ApproveForm, CallForm, HandForm, OneHerbForm, ReturnForm
from web.desks.pharmacist.queue import take_next, waiting_text
from web.desks.shown import (
    SEVERITY_TERMS,
    SEVERITY_TONES,
    age_text,
    picture_response,
    rule_title,
    show_findings,
    show_labs,
    version_text,
)
from web.door import Typed, clean, parse, typed_in
from web.errors import status_of
from web.house import current_house, work
from web.i18n import say

# With one of these the service refuses approval; the page says so before.
UNAPPROVABLE = ("return", "sign", "block")
APPROVED, RETURNED, HANDED = "approved", "returned", "handed"
_GONE = {
    APPROVED: N_("%(number)s 已通过。"),
    RETURNED: N_("%(number)s 已退回医师。"),
    HANDED: N_("%(number)s 已转交，等另一位审方药师领取。"),
}
_STATE_AFTER = {APPROVED: State.APPROVED, RETURNED: State.RETURNED}
# The case page has two choices and a reason for each finding; the finding's key ends the field's name.
JUDGE, WHY = "judge-", "why-"
WORD_TERMS: dict[FindingDecision, str] = {
    FindingDecision.ACCEPTED: N_("认可"),
    FindingDecision.OVERRULED: N_("不认可"),
    FindingDecision.UNDECIDED: N_("未表态"),
}
CHOICES = (FindingDecision.ACCEPTED, FindingDecision.OVERRULED)


@desk.post("/<int:prescription_id>/claim")
def claim(prescription_id: int) -> Response:
    """Take a prescription onto one's desk."""
    return _do(prescription_id, lambda w: reviewing.claim(w, current_actor(), prescription_id))


@desk.post("/<int:prescription_id>/release")
def release(prescription_id: int) -> Response:
    """Put it back undecided."""
    try:
        with work() as open_work:
            reviewing.release(open_work, current_actor(), prescription_id)
            open_work.commit()
    except Refused as refusal:
        return _case_again(prescription_id, refusal)
    return redirect(url_for("pharmacist.index"), 303)


@desk.get("/<int:prescription_id>")
def case(prescription_id: int) -> Response:
    """Prescription, patient and findings side by side."""
    with work() as open_work:
        return _page(open_work, prescription_id, Typed())


@desk.post("/<int:prescription_id>/approve")
def approve(prescription_id: int) -> Response:
    """Answer for the prescription by name, with a word on each finding."""

    def act(open_work: Work) -> Prescription:
        form = parse(ApproveForm, request.form)
        return reviewing.approve(
            open_work,
            current_actor(),
            current_house().knowledge,
            prescription_id,
            form.version,
            form.remark,
            decisions=_words(),
        )

    return _do(prescription_id, act, APPROVED)


@desk.post("/<int:prescription_id>/return")
def return_to_doctor(prescription_id: int) -> Response:
    """Send it back with a coded reason, or ask for a second signature above the ticked herbs."""

    def act(open_work: Work) -> Prescription:
        form = parse(ReturnForm, request.form)
        return _send_back(
            open_work, prescription_id, form.version, form.reason_code, form.to_doctor, form.herbs
        )

    return _do(prescription_id, act, RETURNED)


@desk.post("/<int:prescription_id>/second-signature")
def ask_second_signature(prescription_id: int) -> Response:
    """Send it back for a second signature above one herb."""

    def act(open_work: Work) -> Prescription:
        form = parse(OneHerbForm, request.form)
        herbs = [form.herb] if form.herb else []
        return _send_back(open_work, prescription_id, form.version, SECOND_SIGNATURE, form.to_doctor, herbs)

    return _do(prescription_id, act, RETURNED)


def _send_back(
    open_work: Work, prescription_id: int, version: int, reason_code: str, to_doctor: str, herbs: list[str]
) -> Prescription:
    """Return a prescription with the words on its findings that the form holds."""
    return reviewing.return_to_doctor(
        open_work,
        current_actor(),
        current_house().knowledge,
        prescription_id,
        version,
        reason_code,
        remark=to_doctor,
        herbs=tuple(herbs),
        decisions=_words(),
    )


@desk.post("/<int:prescription_id>/call")
def call(prescription_id: int) -> Response:
    """Keep what was agreed with the doctor on the telephone."""

    def act(open_work: Work) -> Prescription:
        form = parse(CallForm, request.form)
        consulting.call_doctor(open_work, current_actor(), prescription_id, form.agreed)
        return open_work.prescriptions.get(prescription_id)

    return _do(prescription_id, act)


@desk.post("/<int:prescription_id>/hand")
def hand(prescription_id: int) -> Response:
    """Put it back for another qualified pharmacist."""

    def act(open_work: Work) -> Prescription:
        form = parse(HandForm, request.form)
        return consulting.hand_over(open_work, current_actor(), prescription_id, form.hand_reason)

    return _do(prescription_id, act, HANDED)


@desk.get("/photographs/<int:photograph_id>/<any(picture, overlay):kind>")
def photograph(photograph_id: int, kind: str) -> Response:
    """A picture of the visit."""
    return picture_response(photograph_id, overlay=kind == "overlay")


def _words() -> dict[str, FindingJudgement]:
    """What the form says of each finding; a word that is not offered is none."""
    said = {name.removeprefix(JUDGE): word for name, word in request.form.items() if name.startswith(JUDGE)}
    return {
        key: FindingJudgement(FindingDecision(word), clean(request.form.get(WHY + key, "")))
        for key, word in said.items()
        if word in CHOICES
    }


def _do(prescription_id: int, act: Callable[[Work], Prescription], decision: str = "") -> Response:
    """One use case in one transaction; a refusal shows the case again with what was typed."""
    try:
        with work() as open_work:
            prescription = act(open_work)
            open_work.commit()
            number = prescription.number
    except Refused as refusal:
        return _case_again(prescription_id, refusal, decision)
    return _gone(number, decision) if decision else _to_case(prescription_id)


def _gone(number: str | None, decision: str) -> Response:
    flash(gettext(_GONE[decision], number=number), "good")
    following = take_next() if decision == APPROVED else None
    return redirect(url_for("pharmacist.index"), 303) if following is None else _to_case(following)


def _to_case(prescription_id: int) -> Response:
    return redirect(url_for("pharmacist.case", prescription_id=prescription_id), 303)


def _case_again(prescription_id: int, refusal: Refused, decision: str = "") -> Response:
    typed = Typed(typed_in(request.form))
    with work() as open_work:
        prescription = open_work.prescriptions.get(prescription_id)
        if not _decided_already(open_work, prescription, decision):
            # Somebody else's move is a conflict, whatever the service calls it.
            held = isinstance(refusal, Invalid) and _holder(open_work, prescription) not in (None, "me")
            return _page(
                open_work,
                prescription_id,
                typed,
                sentence=say(refusal),
                status=409 if held else status_of(refusal),
                lacking=refusal.keys if isinstance(refusal, Unjudged) else (),
            )
    # The same form sent twice: it has done its work.
    return _gone(prescription.number, decision)


def _decided_already(open_work: Work, prescription: Prescription, decision: str) -> bool:
    newest = next(iter(open_work.reviews.of_prescription(prescription.key())), None)
    return newest is not None and (newest.pharmacist_id, newest.decision, prescription.state) == (
        current_actor().staff_id,
        decision,
        _STATE_AFTER.get(decision),
    )


def _page(
    open_work: Work,
    prescription_id: int,
    typed: Typed,
    *,
    sentence: str = "",
    status: int = 200,
    lacking: Collection[str] = (),
) -> Response:
    actor = current_actor()
    found = reviewing.open_case(open_work, actor, current_house().knowledge, prescription_id)
    prescription = found.prescription
    recalled = recalling.recall(open_work, actor, current_house().knowledge, prescription)
    holder = _holder(open_work, prescription)
    handed = standing_handing(open_work, prescription)
    calls = open_work.reviews.calls_about(prescription_id)
    staff = open_work.staff.by_ids(
        {*_people_in(found), *(each.pharmacist_id for each in calls), *([handed.actor_id] if handed else [])}
    )
    places = open_work.institutions.by_ids([prescription.institution_id, prescription.village_id])
    findings = show_findings(found.findings, found.rules_version)
    page = render_template(
        "pharmacist/case.html",
        case=found,
        recalled=recalled,
        handed=handed,
        handed_by_me=handed is not None and handed.actor_id == actor.staff_id,
        hand_reasons=HAND_REASONS,
        calls=calls,
        opinions=answered_about(open_work, prescription.encounter_id),
        most_agreed=consulting.MOST_AGREED,
        prescription=prescription,
        age=age_text(found.patient.born_on, county_day(open_work.now)),
        doctor=staff[prescription.doctor_id],
        staff=staff,
        institution=places[prescription.institution_id],
        village=places[prescription.village_id],
        labs=show_labs(found.encounter.labs),
        findings=findings,
        choices=[(word.value, gettext(WORD_TERMS[word])) for word in CHOICES],
        lacking=lacking,
        words=_words_shown(found),
        word_terms=WORD_TERMS,
        signed_under=version_text(prescription.rules_version),
        checked_with=version_text(found.rules_version),
        flagged={herb for shown in findings for herb in shown.herbs},
        to_sign={
            herb for shown in findings if shown.severity == "sign" and shown.open for herb in shown.herbs
        },
        verdict=gettext(SEVERITY_TERMS[found.verdict]),
        verdict_tone=SEVERITY_TONES[found.verdict],
        approvable=found.verdict not in UNAPPROVABLE,
        waiting=prescription.state is State.SIGNED,
        mine=holder == "me",
        holder=holder,
        waited=waiting_text(prescription.signed_at, open_work.now) if prescription.signed_at else "",
        reasons=REASONS[State.RETURNED],
        typed=typed,
        sentence=sentence,
        **_shelf(open_work, prescription),
        **signed_values(open_work, prescription),
    )
    return make_response(page, status)


def _shelf(open_work: Work, prescription: Prescription) -> dict[str, object]:
    """What the shelf lacks for a prescription that waits, and whether that stops it."""
    waits = prescription.state is State.SIGNED
    return {
        "lacking_mg": lacking_now(open_work, current_house().knowledge, prescription) if waits else {},
        "shelf_refuses": waits and keeping_of(open_work) is Keeping.REFUSE,
    }


def _holder(open_work: Work, prescription: Prescription) -> str | None:
    """`me`, a colleague's name, or None where nobody has it now."""
    holder_id, since = prescription.claimed_by_id, prescription.claimed_at
    if holder_id is None or since is None:
        return None
    if holder_id == current_actor().staff_id:
        return "me"
    return open_work.staff.get(holder_id).name if abs(open_work.now - since) <= CLAIM_HOLDS else None


def _words_shown(found: ReviewCase) -> dict[int, list[tuple[str, FindingRecord]]]:
    """Each earlier word on a finding with the title of its rule, by the decision's row."""
    return {
        review_id: [(rule_title(record.rule), record) for record in records]
        for review_id, records in found.judged.items()
    }


def _people_in(found: ReviewCase) -> set[int]:
    return {found.prescription.doctor_id, *(decision.pharmacist_id for decision in found.decisions)}
