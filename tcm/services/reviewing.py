"""The pharmacist's desk: a claim, a case side by side, a decision with a name under it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from types import MappingProxyType

from tcm.knowledge import Knowledge
from tcm.records.clinical import Encounter, Photograph, Prescription, ReviewRecord
from tcm.records.errors import N_, IllegalMove, Invalid
from tcm.records.governance import FindingDecision, FindingRecord
from tcm.records.lifecycle import STATE_TERMS, State
from tcm.records.people import Patient
from tcm.records.permissions import Action
from tcm.records.roles import Actor
from tcm.review import Finding, check, verdict
from tcm.services.access import look_at_prescription
from tcm.services.cases import case_today
from tcm.services.handing import refuse_unfit_taker
from tcm.services.moving import hold, move, note
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.services.recalling import snapshot
from tcm.services.reserving import reserve
from tcm.services.ruling import rules_for
from tcm.store.work import Work

# A claim that is not followed by a decision falls back into the queue.
CLAIM_HOLDS = timedelta(minutes=20)
SECOND_SIGNATURE = "second_signature"
LEAST_REASON, MOST_REASON = 2, 200
_CLAIM_FIRST = N_("请先领取这张处方再作决定。")


@dataclass(frozen=True)
class FindingJudgement:
    """A pharmacist's word on one finding.

    Args:
        decision: Accepted or overruled; undecided is no word.
        reason: Why it is overruled; of no other decision is it kept.
    """

    decision: FindingDecision
    reason: str = ""


_NO_WORD = FindingJudgement(FindingDecision.UNDECIDED)
_NOTHING_SAID: Mapping[str, FindingJudgement] = MappingProxyType({})


class Unjudged(Invalid):
    """Some findings lack the pharmacist's word, or the reason of one.

    Args:
        msgid: As for Refused.
        keys: Of those findings.
        values: As for Refused.
    """

    def __init__(self, msgid: str, keys: Iterable[str], **values: object) -> None:
        super().__init__(msgid, **values)
        self.keys = frozenset(keys)


@dataclass(frozen=True)
class ReviewCase:
    """What lies before the pharmacist, side by side.

    Args:
        prescription: Under review.
        patient: For whom.
        encounter: The visit.
        photographs: Its tongues that have been read, newest first.
        corrections: By picture, what the doctor said of its signs.
        findings: What the engine says now.
        verdict: Its strictest word.
        rules_version: Version of the rules it was held against.
        decisions: Earlier decisions on this prescription, newest first.
        judged: The findings of each of them with the word on it, by the decision's row.
    """

    prescription: Prescription
    patient: Patient
    encounter: Encounter
    photographs: list[Photograph]
    corrections: dict[int, dict[str, str]]
    findings: tuple[Finding, ...]
    verdict: str
    rules_version: str
    decisions: list[ReviewRecord]
    judged: dict[int, list[FindingRecord]]


def claim(work: Work, actor: Actor, prescription_id: int) -> Prescription:
    """Take a prescription onto one's desk, so that no two pharmacists work on it.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        prescription_id: Which.

    Returns:
        The claimed prescription; claiming it again only renews the claim.

    Raises:
        IllegalMove: When it does not wait for review any more.
        Invalid: When a colleague has it, or the actor handed it to another.
        Forbidden: When it was handed on and the actor lacks the qualification.
    """
    prescription = _hold_waiting(work, actor, prescription_id)
    if prescription.claimed_by_id != actor.staff_id:
        refuse_unfit_taker(work, actor, prescription)
        note(work, actor, prescription, "claimed", {})
    prescription.claimed_by_id, prescription.claimed_at = actor.staff_id, work.now
    work.session.flush()
    return prescription


def release(work: Work, actor: Actor, prescription_id: int) -> None:
    """Put a claimed prescription back into the queue undecided.

    Args:
        work: The unit of work.
        actor: The pharmacist who claimed it.
        prescription_id: Which.

    Raises:
        Invalid: When a colleague has it.
    """
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.REVIEW_DECIDE)
    _refuse_colleagues_claim(work, actor, prescription)
    if prescription.claimed_by_id is not None:
        note(work, actor, prescription, "released", {})
        prescription.claimed_by_id = prescription.claimed_at = None


def open_case(work: Work, actor: Actor, knowledge: Knowledge, prescription_id: int) -> ReviewCase:
    """Everything about a prescription that the decision needs.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: The rules' facts.
        prescription_id: Which.

    Returns:
        The case.

    Raises:
        NotFound: When there is no such prescription.
        Forbidden: For other roles.
    """
    prescription = work.prescriptions.get(prescription_id)
    look_at_prescription(work, actor, prescription, Action.REVIEW_DECIDE)
    patient = work.patients.get(prescription.patient_id)
    encounter = work.encounters.get(prescription.encounter_id)
    rules = rules_for(work, prescription.institution_id)
    case = case_today(work, actor, prescription, patient, encounter, on_record=True)
    found = check(case, knowledge, rules)
    photographs = work.photographs.read_of_encounter(prescription.encounter_id)
    judged: dict[int, list[FindingRecord]] = {}
    for record in work.findings.of_prescription(prescription_id):
        judged.setdefault(record.review_id, []).append(record)
    return ReviewCase(
        prescription=prescription,
        patient=patient,
        encounter=encounter,
        photographs=photographs,
        corrections=work.sign_corrections.of_photographs(one.id or 0 for one in photographs),
        findings=found,
        verdict=verdict(found),
        rules_version=rules.version,
        decisions=work.reviews.of_prescription(prescription_id),
        judged=judged,
    )


def approve(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    remark: str = "",
    *,
    decisions: Mapping[str, FindingJudgement] = _NOTHING_SAID,
) -> Prescription:
    """The pharmacist answers for the prescription by name; it may now be dispensed.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist who has claimed it.
        knowledge: The rules' facts.
        prescription_id: Which.
        version: What the page knew.
        remark: Free words, kept with the decision.
        decisions: The word on each finding by its key; none may lack one.

    Returns:
        The approved prescription.

    Raises:
        Stale: When it was changed since the page was opened.
        Forbidden: When the pharmacist lacks the qualification.
        Invalid: When a colleague has it, or findings forbid approval, whatever is said of them.
        Unjudged: When a finding lacks a word, or one that is overruled a reason.
        Lacking: When the shelf cannot fill it and the centre does not approve what it cannot fill.
    """
    prescription = _hold_claimed(work, actor, prescription_id, version)
    case = open_case(work, actor, knowledge, prescription_id)
    if case.verdict in ("return", "sign", "block"):
        raise Invalid(N_("审核提示尚未解决，不能通过；请退回医师修改或要求再次签名。"))
    words = _words_on(case, decisions)
    silent = [key for key, word in words.items() if word.decision is FindingDecision.UNDECIDED]
    if silent:
        sentence = N_("还有 %(count)s 条审核提示没有表态，请逐条选“认可”或“不认可”。")
        raise Unjudged(sentence, silent, count=len(silent))
    owed_mg = reserve(work, knowledge, prescription)
    _decide(work, actor, case, words, decision="approved", remark=remark)
    payload = {"verdict": case.verdict, "rules": case.rules_version, **_counts(words)}
    if owed_mg:
        payload["owed_mg"] = owed_mg
    move(work, actor, prescription, State.APPROVED, payload=payload)
    prescription.reviewed_by_id, prescription.reviewed_at = actor.staff_id, work.now
    prescription.claimed_by_id = prescription.claimed_at = None
    work.session.flush()
    return prescription


def return_to_doctor(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    prescription_id: int,
    version: int,
    reason_code: str,
    *,
    remark: str = "",
    herbs: Sequence[str] = (),
    decisions: Mapping[str, FindingJudgement] = _NOTHING_SAID,
) -> Prescription:
    """Send a prescription back with a coded reason, or ask for a second signature above some herbs.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist who has claimed it.
        knowledge: The rules' facts.
        prescription_id: Which.
        version: What the page knew.
        reason_code: A key of REASONS[RETURNED].
        remark: Words to the doctor.
        herbs: Names as written, for `second_signature`.
        decisions: The word on each finding by its key; those without one stay undecided.

    Returns:
        The returned prescription.

    Raises:
        Stale: When it was changed since the page was opened.
        Forbidden: When the pharmacist lacks the qualification.
        Invalid: When the reason is missing, a named herb is not there, or none is named for a second
            signature.
        Unjudged: When a finding is overruled without a reason.
    """
    prescription = _hold_claimed(work, actor, prescription_id, version)
    chosen = [item for item in prescription.items if item.written_as in herbs]
    named = [item.herb for item in chosen]
    if {item.written_as for item in chosen} != set(herbs) or (reason_code == SECOND_SIGNATURE and not named):
        raise Invalid(N_("请选出需要医师再次签名的药味。"))
    case = open_case(work, actor, knowledge, prescription_id)
    words = _words_on(case, decisions)
    _decide(
        work, actor, case, words, decision="returned", reason_code=reason_code, remark=remark, herbs=herbs
    )
    payload = {"verdict": case.verdict, "herbs": named, **snapshot(prescription), **_counts(words)}
    move(work, actor, prescription, State.RETURNED, reason_code=reason_code, payload=payload)
    prescription.claimed_by_id = prescription.claimed_at = None
    work.session.flush()
    return prescription


def hold_own_claim(work: Work, actor: Actor, prescription_id: int) -> Prescription:
    """A waiting prescription on the actor's own desk, held for this work.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        prescription_id: Which.

    Returns:
        The prescription.

    Raises:
        IllegalMove: When it does not wait for review any more.
        Invalid: When a colleague has it, or nobody.
    """
    prescription = _hold_waiting(work, actor, prescription_id)
    if prescription.claimed_by_id != actor.staff_id:
        raise Invalid(_CLAIM_FIRST)
    return prescription


def _hold_waiting(work: Work, actor: Actor, prescription_id: int) -> Prescription:
    prescription = hold(work, prescription_id)
    look_at_prescription(work, actor, prescription, Action.REVIEW_DECIDE)
    if prescription.state is not State.SIGNED:
        raise IllegalMove(N_("这张处方已经不在待审队列里。"))
    _refuse_colleagues_claim(work, actor, prescription)
    return prescription


def _hold_claimed(work: Work, actor: Actor, prescription_id: int, version: int) -> Prescription:
    prescription = hold(work, prescription_id, version)
    look_at_prescription(work, actor, prescription, Action.REVIEW_DECIDE)
    demand_qualified_reviewer(work, actor)
    _refuse_colleagues_claim(work, actor, prescription)
    if prescription.state is not State.SIGNED:
        # What is approved goes back to the doctor from the dispensing, with what lacks, and not by a review.
        raise IllegalMove(N_("处方现在是“%(state)s”，不能再审核。"), state=STATE_TERMS[prescription.state])
    if prescription.claimed_by_id != actor.staff_id:
        raise Invalid(_CLAIM_FIRST)
    return prescription


def _refuse_colleagues_claim(work: Work, actor: Actor, prescription: Prescription) -> None:
    holder, since = prescription.claimed_by_id, prescription.claimed_at
    # By the clock's distance: one that ran ahead and was put back must not keep a claim until then.
    if holder is None or since is None or holder == actor.staff_id or abs(work.now - since) > CLAIM_HOLDS:
        return
    raise Invalid(N_("%(name)s正在审核这张处方。"), name=work.staff.get(holder).name)


def _words_on(case: ReviewCase, decisions: Mapping[str, FindingJudgement]) -> dict[str, FindingJudgement]:
    """The word on each finding that is there; words on others, of an older page, are passed over."""
    words = {finding.key: _told(decisions.get(finding.key, _NO_WORD)) for finding in case.findings}
    overruled = {key: word for key, word in words.items() if word.decision is FindingDecision.OVERRULED}
    vague = [key for key, word in overruled.items() if not LEAST_REASON <= len(word.reason) <= MOST_REASON]
    if vague:
        sentence = N_("选“不认可”要写明理由，至少 %(least)s 个字，最多 %(most)s 个字。")
        raise Unjudged(sentence, vague, least=LEAST_REASON, most=MOST_REASON)
    return words


def _told(word: FindingJudgement) -> FindingJudgement:
    reason = word.reason.strip() if word.decision is FindingDecision.OVERRULED else ""
    return replace(word, reason=reason)


def _counts(words: Mapping[str, FindingJudgement]) -> dict[str, int]:
    """What the ledger tells of the words; nothing where there was no finding."""
    said = [word.decision for word in words.values()]
    told = (FindingDecision.ACCEPTED, FindingDecision.OVERRULED)
    return {decision.value: said.count(decision) for decision in told} if said else {}


def _decide(
    work: Work,
    actor: Actor,
    case: ReviewCase,
    words: Mapping[str, FindingJudgement],
    *,
    decision: str,
    reason_code: str = "",
    remark: str = "",
    herbs: Sequence[str] = (),
) -> None:
    review = work.reviews.add(
        ReviewRecord(
            prescription_id=case.prescription.key(),
            pharmacist_id=actor.staff_id,
            decided_at=work.now,
            decision=decision,
            reason_code=reason_code,
            note=remark,
            herbs=list(herbs),
            verdict=case.verdict,
            rules_version=case.rules_version,
            findings=[asdict(finding) for finding in case.findings],
        )
    )
    standard = {item.written_as: item.herb for item in case.prescription.items}
    for finding in case.findings:
        work.findings.add(_record(review, finding, words[finding.key], standard))


def _record(
    review: ReviewRecord, finding: Finding, word: FindingJudgement, standard: Mapping[str, str]
) -> FindingRecord:
    return FindingRecord(
        review_id=review.id or 0,
        prescription_id=review.prescription_id,
        pharmacist_id=review.pharmacist_id,
        decided_at=review.decided_at,
        rules_version=review.rules_version,
        rule=finding.rule,
        kind=finding.kind,
        severity=finding.severity,
        herbs=list(dict.fromkeys(standard.get(written, written) for written in finding.herbs)),
        signed=finding.signed,
        decision=word.decision,
        reason=word.reason,
    )
