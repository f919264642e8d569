"""The pharmacist's desk: the queue, the claim and its end, who may decide, and what forbids a decision."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, Stale
from tcm.records.lifecycle import REASONS, State
from tcm.records.roles import Actor, Role
from tcm.services import charting, prescribing, reviewing
from tcm.services.charting import VisitNotes
from tcm.services.prescribing import ItemDraft
from tcm.services.reviewing import CLAIM_HOLDS
from tests.tcm.county import FOUR_GENTLEMEN, County, draft


def approve(county: County, prescription: Prescription, by: Actor) -> Prescription:
    version = county.now(prescription).version
    return county.do(reviewing.approve, by, county.knowledge, prescription.key(), version)


def send_back(
    county: County, prescription: Prescription, reason: str = "other", herbs: tuple[str, ...] = ()
) -> Prescription:
    return county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        prescription.key(),
        county.now(prescription).version,
        reason,
        herbs=herbs,
    )


def numbers(county: County) -> list[int]:
    return [row.prescription_id for row in county.do(reviewing.queue, county.pharmacist)]


def test_the_queue_shows_the_urgent_first_then_the_longest_waiting(county: County) -> None:
    first, second = county.signed(), county.signed()
    urgent = county.signed(draft(urgent=True))
    county.drafted()
    county.approved()
    assert numbers(county) == [urgent.key(), first.key(), second.key()]


def test_a_row_of_the_queue_names_no_patient(county: County) -> None:
    prescription = county.claimed(county.signed(), county.colleague)
    [row] = county.do(reviewing.queue, county.pharmacist)
    assert vars(row) == {
        "prescription_id": prescription.key(),
        "number": prescription.number,
        "institution": "詹桥镇卫生院",
        "doctor": "李春生",
        "sex": county.patient.sex,
        "born_on": county.patient.born_on,
        "syndrome": "脾胃气虚证",
        "herbs_count": 4,
        "doses_count": 7,
        "urgent": False,
        "signed_at": prescription.signed_at,
        "claimed_by": "唐远志",
        "claimed_by_id": county.colleague.staff_id,
    }


def test_only_pharmacists_see_the_queue(county: County) -> None:
    for role, actor in county.actors.items():
        if role is not Role.PHARMACIST:
            with pytest.raises(Forbidden):
                county.do(reviewing.queue, actor)


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
        assert reviewing.queue(work, county.pharmacist)[0].claimed_by == "唐远志"
        with pytest.raises(Invalid, match="唐远志正在审核这张处方"):
            reviewing.claim(work, county.pharmacist, signed.key())
    [row] = county.do(reviewing.queue, county.pharmacist)
    assert (row.claimed_by, row.claimed_by_id) == (None, None)
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
    with pytest.raises(Invalid, match="审核提示尚未解决，不能通过"):
        approve(county, signed, county.pharmacist)
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
    assert county.events(returned)[-1].payload == {"verdict": "none", "herbs": [], "reason": reason}


def test_a_second_signature_is_asked_for_above_named_herbs(county: County) -> None:
    claimed = county.claimed(county.signed())
    returned = send_back(county, claimed, "second_signature", ("白术", "茯苓"))
    assert county.events(returned)[-1].payload == {
        "verdict": "none",
        "herbs": ["白术", "茯苓"],
        "reason": "second_signature",
    }
    county.do(prescribing.second_sign, county.doctor, returned.key(), returned.version, ("白术", "茯苓"))
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
