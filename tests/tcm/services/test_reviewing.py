"""The pharmacist's desk: the claim and its end, who may decide, and what forbids a decision."""

import pytest
from sqlalchemy import text

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, Stale
from tcm.records.governance import FindingDecision, FindingRecord
from tcm.records.lifecycle import REASONS, State
from tcm.records.roles import Actor, Role
from tcm.services import charting, prescribing, queueing, reviewing
from tcm.services.charting import VisitNotes
from tcm.services.prescribing import ItemDraft
from tcm.services.recalling import snapshot
from tcm.services.reviewing import CLAIM_HOLDS, FindingJudgement, Unjudged
from tests.tcm.county import FOUR_GENTLEMEN, County, draft

ACCEPTED = FindingJudgement(FindingDecision.ACCEPTED)
REASON = "地方习用量，患者连服无不适"
OVERRULED = FindingJudgement(FindingDecision.OVERRULED, REASON)
# Dragon bone is no drug of the pharmacopoeia, and so much of it is above the reference dose: two warnings.
TWICE_WARNED = draft([*FOUR_GENTLEMEN, ItemDraft("生龙骨", 40.0, "先煎")])
Words = dict[str, FindingJudgement]


def approve(
    county: County, prescription: Prescription, by: Actor, decisions: Words | None = None
) -> Prescription:
    version = county.now(prescription).version
    return county.do(
        reviewing.approve, by, county.knowledge, prescription.key(), version, decisions=decisions or {}
    )


def send_back(
    county: County,
    prescription: Prescription,
    reason: str = "other",
    herbs: tuple[str, ...] = (),
    decisions: Words | None = None,
) -> Prescription:
    return county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        prescription.key(),
        county.now(prescription).version,
        reason,
        herbs=herbs,
        decisions=decisions or {},
    )


def keys(county: County, prescription: Prescription) -> dict[str, str]:
    """Key of each finding by its rule."""
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, prescription.key())
    return {finding.rule: finding.key for finding in case.findings}


def records(county: County, prescription: Prescription) -> list[FindingRecord]:
    with county.work() as work:
        return work.findings.of_prescription(prescription.key())


def test_what_a_colleague_has_is_neither_claimed_nor_decided_nor_put_back(county: County) -> None:
    signed = county.claimed(county.signed(), county.colleague)
    for attempt in (
        lambda: county.claimed(signed),
        lambda: approve(county, signed, county.pharmacist),
        lambda: send_back(county, signed),
        lambda: county.do(reviewing.release, county.pharmacist, signed.key()),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt()
        assert str(refusal.value) == "唐远志正在审核这张处方。"
    assert county.story(signed) == ["signed", "claimed"]


def test_a_claim_holds_twenty_minutes_to_the_second(county: County) -> None:
    signed = county.claimed(county.signed(), county.colleague)
    county.watch.now = (signed.claimed_at or county.watch.now) + CLAIM_HOLDS
    with county.store.work(county.watch) as work:
        assert queueing.queue(work, county.pharmacist, county.knowledge)[0].row.claimed_by == "唐远志"
        with pytest.raises(Invalid, match="唐远志正在审核这张处方"):
            reviewing.claim(work, county.pharmacist, signed.key())
    [waiting] = county.do(queueing.queue, county.pharmacist, county.knowledge)
    assert (waiting.row.claimed_by, waiting.row.claimed_by_id) == (None, None)
    assert county.claimed(signed).claimed_by_id == county.pharmacist.staff_id
    assert approve(county, signed, county.pharmacist).state is State.APPROVED


def test_an_expired_claim_of_ones_own_still_decides_while_nobody_took_it(county: County) -> None:
    signed = county.claimed(county.signed())
    county.watch.pass_(hours=3)
    assert approve(county, signed, county.pharmacist).state is State.APPROVED


def test_a_claim_taken_over_leaves_the_first_pharmacist_without_it(county: County) -> None:
    signed = county.claimed(county.signed(), county.colleague)
    county.watch.pass_(minutes=21)
    county.claimed(signed)
    with pytest.raises(Invalid, match="陈半夏正在审核这张处方"):
        approve(county, signed, county.colleague)


def test_claiming_again_renews_the_claim_and_is_noted_once(county: County) -> None:
    signed = county.claimed(county.signed())
    county.watch.pass_(minutes=15)
    assert county.claimed(signed).claimed_at == county.watch()
    assert county.story(signed) == ["signed", "claimed"]


def test_what_is_put_back_waits_in_the_queue_again(county: County) -> None:
    signed = county.claimed(county.signed())
    county.do(reviewing.release, county.pharmacist, signed.key())
    assert county.now(signed).claimed_by_id is None
    assert county.story(signed) == ["signed", "claimed", "released"]
    assert county.claimed(signed, county.colleague).claimed_by_id == county.colleague.staff_id


def test_what_does_not_wait_any_more_is_not_claimed(county: County) -> None:
    for prescription in (county.drafted(), county.approved()):
        with pytest.raises(IllegalMove, match="这张处方已经不在待审队列里"):
            county.claimed(prescription)


def test_a_decision_needs_a_claim(county: County) -> None:
    signed = county.signed()
    for decide in (lambda: approve(county, signed, county.pharmacist), lambda: send_back(county, signed)):
        with pytest.raises(Invalid, match="请先领取这张处方再作决定"):
            decide()
    assert county.story(signed) == ["signed"]


@pytest.mark.parametrize("who", ["novice", "untrained"])
def test_a_pharmacist_without_the_qualification_decides_nothing(county: County, who: str) -> None:
    actor = getattr(county, who)
    signed = county.claimed(county.signed(), actor)
    for use_case, more in ((reviewing.approve, ()), (reviewing.return_to_doctor, ("other",))):
        with pytest.raises(Forbidden) as refusal:
            county.do(use_case, actor, county.knowledge, signed.key(), signed.version, *more)
        assert str(refusal.value) == "审核处方须为药师以上职称、三年以上调剂经历并经培训考核合格。"
    assert (county.now(signed).state, county.story(signed)) == (State.SIGNED, ["signed", "claimed"])


def test_no_other_role_reviews(county: County) -> None:
    signed = county.signed()
    version = signed.version
    for role, actor in county.actors.items():
        if role is Role.PHARMACIST:
            continue
        for use_case, args in (
            (reviewing.claim, (signed.key(),)),
            (reviewing.release, (signed.key(),)),
            (reviewing.open_case, (county.knowledge, signed.key())),
            (reviewing.approve, (county.knowledge, signed.key(), version)),
            (reviewing.return_to_doctor, (county.knowledge, signed.key(), version, "other")),
        ):
            with pytest.raises(Forbidden, match="您没有这项权限"):
                county.do(use_case, actor, *args)
    assert (county.now(signed).version, county.story(signed)) == (version, ["signed"])


def test_findings_that_came_up_after_the_signature_forbid_approval(county: County) -> None:
    visit = county.visited()
    signed = county.claimed(county.signed(draft([*FOUR_GENTLEMEN, ItemDraft("三棱", 6.0)]), visit))
    notes = VisitNotes(complaint="停经四十天", pregnant=True)
    county.do(charting.write_notes, county.doctor, visit.id or 0, notes)
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, signed.key())
    assert (case.verdict, case.findings[0].rule) == ("block", "preg_forbidden")
    for decisions in ({}, {case.findings[0].key: ACCEPTED}, {case.findings[0].key: OVERRULED}):
        with pytest.raises(Invalid, match="审核提示尚未解决，不能通过"):
            approve(county, signed, county.pharmacist, decisions)
    assert records(county, signed) == []
    assert send_back(county, signed, "pregnancy").state is State.RETURNED


def test_a_stale_page_decides_nothing(county: County) -> None:
    signed = county.signed()
    claimed = county.claimed(signed)
    with pytest.raises(Stale):
        county.do(reviewing.approve, county.pharmacist, county.knowledge, signed.key(), signed.version)
    assert county.now(claimed).state is State.SIGNED


def test_approving_twice_is_stale_and_approves_once(county: County) -> None:
    claimed = county.claimed(county.signed())
    page = (county.pharmacist, county.knowledge, claimed.key(), claimed.version)
    county.do(reviewing.approve, *page)
    with pytest.raises(Stale):
        county.do(reviewing.approve, *page)
    with county.work() as work:
        assert len(work.reviews.of_prescriptions([claimed.key()])[claimed.key()]) == 1


def test_an_approved_prescription_is_not_decided_again(county: County) -> None:
    approved = county.approved()
    for decide in (lambda: approve(county, approved, county.pharmacist), lambda: send_back(county, approved)):
        with pytest.raises(IllegalMove):
            decide()
    with county.work() as work:
        assert len(work.reviews.of_prescriptions([approved.key()])[approved.key()]) == 1


@pytest.mark.parametrize("reason", ["", "burnt", "no such reason"])
def test_a_return_says_why(county: County, reason: str) -> None:
    claimed = county.claimed(county.signed())
    with pytest.raises(Invalid, match="请选择原因"):
        send_back(county, claimed, reason)
    assert county.now(claimed).state is State.SIGNED
    with county.work() as work:
        assert work.reviews.all() == []


@pytest.mark.parametrize("reason", sorted(set(REASONS[State.RETURNED]) - {"second_signature"}))
def test_every_reason_to_return_is_taken(county: County, reason: str) -> None:
    returned = send_back(county, county.claimed(county.signed()), reason)
    assert returned.state is State.RETURNED
    assert county.events(returned)[-1].payload == {
        "verdict": "none",
        "herbs": [],
        "reason": reason,
        **snapshot(returned),
    }


def test_a_second_signature_is_asked_for_above_named_herbs(county: County) -> None:
    claimed = county.claimed(county.signed())
    returned = send_back(county, claimed, "second_signature", ("白术", "茯苓"))
    assert county.events(returned)[-1].payload == {
        "verdict": "none",
        "herbs": ["白术", "茯苓"],
        "reason": "second_signature",
        **snapshot(returned),
    }
    county.do(
        prescribing.second_sign,
        county.doctor,
        county.knowledge,
        returned.key(),
        returned.version,
        ("白术", "茯苓"),
    )
    approved = county.approve(county.sign(county.now(returned)))
    assert county.story(approved)[2:] == ["returned", "second_signed", "signed", "claimed", "approved"]


@pytest.mark.parametrize("herbs", [(), ("附子",), ("白术", "附子")])
def test_a_second_signature_is_asked_for_above_herbs_that_are_there(
    county: County, herbs: tuple[str, ...]
) -> None:
    claimed = county.claimed(county.signed())
    with pytest.raises(Invalid, match="请选出需要医师再次签名的药味"):
        send_back(county, claimed, "second_signature", herbs)
    assert county.now(claimed).state is State.SIGNED


def test_the_case_shows_everything_the_decision_needs(county: County) -> None:
    visit = county.visited(history="慢性胃炎")
    signed = county.claimed(county.signed(visit=visit))
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, signed.key())
    assert (case.prescription.id, case.patient.id, case.encounter.id) == (
        signed.id,
        county.patient.id,
        visit.id,
    )
    assert (case.encounter.history, case.photographs, case.findings, case.verdict, case.decisions) == (
        "慢性胃炎",
        [],
        (),
        "none",
        [],
    )


def test_an_approval_needs_a_word_on_every_finding(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    by_rule = keys(county, claimed)
    assert set(by_rule) == {"not_in_pharmacopoeia", "overdose_unverified"}
    undecided = FindingJudgement(FindingDecision.UNDECIDED)
    for decisions, left in (
        ({}, set(by_rule.values())),
        ({by_rule["overdose_unverified"]: ACCEPTED}, {by_rule["not_in_pharmacopoeia"]}),
        (dict.fromkeys(by_rule.values(), undecided), set(by_rule.values())),
        ({"no such key": ACCEPTED}, set(by_rule.values())),
    ):
        with pytest.raises(Unjudged) as refusal:
            approve(county, claimed, county.pharmacist, decisions)
        assert str(refusal.value) == f"还有 {len(left)} 条审核提示没有表态，请逐条选“认可”或“不认可”。"
        assert refusal.value.keys == left
    assert (county.now(claimed).state, records(county, claimed)) == (State.SIGNED, [])
    with county.work() as work:
        assert work.reviews.all() == []


@pytest.mark.parametrize("reason", ["", "  ", "否", " 否 ", "长" * 201])
def test_who_overrules_a_finding_says_why(county: County, reason: str) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    by_rule = keys(county, claimed)
    vague = FindingJudgement(FindingDecision.OVERRULED, reason)
    decisions = {by_rule["not_in_pharmacopoeia"]: ACCEPTED, by_rule["overdose_unverified"]: vague}
    for decide in (
        lambda: approve(county, claimed, county.pharmacist, decisions),
        lambda: send_back(county, claimed, "dose", decisions=decisions),
    ):
        with pytest.raises(Unjudged) as refusal:
            decide()
        assert str(refusal.value) == "选“不认可”要写明理由，至少 2 个字，最多 200 个字。"
        assert refusal.value.keys == {by_rule["overdose_unverified"]}
    assert (county.now(claimed).state, records(county, claimed)) == (State.SIGNED, [])


def test_the_word_on_each_finding_is_kept_with_the_approval(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    by_rule = keys(county, claimed)
    decisions = {
        by_rule["not_in_pharmacopoeia"]: FindingJudgement(FindingDecision.ACCEPTED, "not kept"),
        by_rule["overdose_unverified"]: FindingJudgement(FindingDecision.OVERRULED, f" {REASON} "),
    }
    approved = approve(county, claimed, county.pharmacist, decisions)
    with county.work() as work:
        [review] = work.reviews.of_prescription(approved.key())
    shared = {
        "review_id": review.id,
        "prescription_id": approved.key(),
        "pharmacist_id": county.pharmacist.staff_id,
        "decided_at": review.decided_at,
        "rules_version": "shipped",
        "severity": "warn",
        # The standard name: 生龙骨 is how it was written.
        "herbs": ["龙骨"],
        "signed": False,
    }
    kept = [{k: v for k, v in vars(record).items() if k[0] != "_"} for record in records(county, approved)]
    assert [{k: v for k, v in record.items() if k != "id"} for record in kept] == [
        {
            **shared,
            "rule": "not_in_pharmacopoeia",
            "kind": "not_in_pharmacopoeia",
            "decision": FindingDecision.ACCEPTED,
            "reason": "",
        },
        {
            **shared,
            "rule": "overdose_unverified",
            "kind": "overdose",
            "decision": FindingDecision.OVERRULED,
            "reason": REASON,
        },
    ]


def test_the_ledger_counts_the_words_and_holds_none_of_them(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    by_rule = keys(county, claimed)
    decisions = {by_rule["not_in_pharmacopoeia"]: ACCEPTED, by_rule["overdose_unverified"]: OVERRULED}
    returned = send_back(county, claimed, "dose", decisions=decisions)
    assert county.events(returned)[-1].payload == {
        "verdict": "warn",
        "herbs": [],
        "accepted": 1,
        "overruled": 1,
        "reason": "dose",
        **snapshot(returned),
    }
    claimed = county.claimed(county.sign(county.now(returned)))
    approved = approve(county, claimed, county.pharmacist, dict.fromkeys(by_rule.values(), ACCEPTED))
    assert county.events(approved)[-1].payload == {
        "verdict": "warn",
        "rules": "shipped",
        "accepted": 2,
        "overruled": 0,
    }


def test_the_reason_is_sealed(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    approve(county, claimed, county.pharmacist, dict.fromkeys(keys(county, claimed).values(), OVERRULED))
    with county.store.engine.connect() as connection:
        sealed = [
            bytes(value) for value in connection.execute(text("SELECT reason FROM finding_records")).scalars()
        ]
    assert len(sealed) == 2
    assert [value for value in sealed if REASON.encode() in value] == []


def test_a_return_keeps_the_words_given_and_leaves_the_others_undecided(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    decisions = {keys(county, claimed)["overdose_unverified"]: OVERRULED}
    returned = send_back(county, claimed, "dose", decisions=decisions)
    assert [(record.rule, record.decision, record.reason) for record in records(county, returned)] == [
        ("not_in_pharmacopoeia", FindingDecision.UNDECIDED, ""),
        ("overdose_unverified", FindingDecision.OVERRULED, REASON),
    ]


def test_a_finding_that_is_signed_still_needs_a_word(county: County) -> None:
    drafted = county.drafted(draft([*FOUR_GENTLEMEN[:1], ItemDraft("白术", 20.0)]))
    county.do(
        prescribing.second_sign, county.doctor, county.knowledge, drafted.key(), drafted.version, ("白术",)
    )
    claimed = county.claimed(county.sign(county.now(drafted)))
    with pytest.raises(Unjudged):
        approve(county, claimed, county.pharmacist)
    approved = approve(county, claimed, county.pharmacist, {keys(county, claimed)["overdose"]: ACCEPTED})
    [record] = records(county, approved)
    assert (record.severity, record.signed, record.decision) == ("sign", True, FindingDecision.ACCEPTED)


def test_a_finding_told_twice_is_answered_and_kept_once(county: County) -> None:
    county.rules_in_force("milder", {"duplicate": {"severity": "warn"}})
    twice = [ItemDraft("鱼腥草", 5.0), ItemDraft("鱼腥草", 6.0)]
    claimed = county.claimed(county.signed(draft([*FOUR_GENTLEMEN, *twice])))
    words = dict.fromkeys(keys(county, claimed).values(), ACCEPTED)
    approved = approve(county, claimed, county.pharmacist, words)
    assert [(record.rule, record.herbs) for record in records(county, approved)] == [
        ("duplicate", ["鱼腥草"]),
        ("missing_decoction_note", ["鱼腥草"]),
    ]
    assert county.events(approved)[-1].payload["accepted"] == 2


def test_a_finding_of_rules_put_in_force_meanwhile_needs_its_word_too(county: County) -> None:
    claimed = county.claimed(county.signed(draft([*TWICE_WARNED.items, ItemDraft("陈皮", 6.0)])))
    words = dict.fromkeys(keys(county, claimed).values(), ACCEPTED)
    county.rules_in_force("stricter", {"herb_count": {"parameters": {"most_herbs": 5}}})
    with pytest.raises(Unjudged) as refusal:
        approve(county, claimed, county.pharmacist, words)
    by_rule = keys(county, claimed)
    assert refusal.value.keys == {by_rule["herb_count"]}
    approved = approve(county, claimed, county.pharmacist, {**words, by_rule["herb_count"]: OVERRULED})
    assert (approved.rules_version, {record.rules_version for record in records(county, approved)}) == (
        "shipped",
        {"stricter"},
    )


def test_the_case_shows_the_word_on_each_finding_under_each_decision(county: County) -> None:
    claimed = county.claimed(county.signed(TWICE_WARNED))
    assert county.do(reviewing.open_case, county.pharmacist, county.knowledge, claimed.key()).judged == {}
    send_back(county, claimed, "dose", decisions={keys(county, claimed)["overdose_unverified"]: OVERRULED})
    claimed = county.claimed(county.sign(county.now(claimed)))
    approve(county, claimed, county.pharmacist, dict.fromkeys(keys(county, claimed).values(), ACCEPTED))
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, claimed.key())
    assert [
        (review.decision, [record.decision.value for record in case.judged[review.id or 0]])
        for review in case.decisions
    ] == [("approved", ["accepted", "accepted"]), ("returned", ["undecided", "overruled"])]


def test_the_case_knows_laboratory_values_and_what_the_patient_still_has(county: County) -> None:
    county.approved()
    visit = county.visited(labs={"creatinine_umol_l": 300.0})
    signed = county.signed(draft([*FOUR_GENTLEMEN, ItemDraft("陈皮", 6.0)]), visit)
    case = county.do(reviewing.open_case, county.pharmacist, county.knowledge, signed.key())
    assert case.encounter.labs == {"creatinine_umol_l": 300.0}
    assert {finding.rule for finding in case.findings} == {"cumulative_dose", "repeated_supply"}
