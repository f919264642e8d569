"""Before a decision: calls to the doctor, and a prescription handed to another pharmacist."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.services import consulting, prescribing, reviewing
from tcm.services.handing import HAND_REASONS, standing_handing
from tests.tcm.county import County

AGREED = "医师同意白术减至九克，明日复诊"


def test_a_call_is_kept_with_time_and_words_and_decides_nothing(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.call_doctor, county.pharmacist, claimed.key(), f" {AGREED} ")
    with county.work() as work:
        [call] = work.reviews.calls_about(claimed.key())
        assert work.reviews.of_prescription(claimed.key()) == []
    assert (call.note, call.pharmacist_id) == (AGREED, county.pharmacist.staff_id)
    event = county.events(claimed)[-1]
    assert (event.kind, event.source, event.target) == ("called", State.SIGNED, State.SIGNED)
    assert (event.at, event.payload) == (call.decided_at, {"review": call.id})
    assert county.now(claimed).version == claimed.version
    assert county.approve(claimed).state is State.APPROVED


def test_what_was_agreed_is_sealed(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.call_doctor, county.pharmacist, claimed.key(), AGREED)
    with county.store.engine.connect() as connection:
        [sealed] = [bytes(value) for value in connection.execute(text("SELECT note FROM reviews")).scalars()]
    assert AGREED.encode() not in sealed


@pytest.mark.parametrize("agreed", ["", "  ", "好", "长" * 501])
def test_a_call_tells_what_was_agreed(county: County, agreed: str) -> None:
    claimed = county.claimed(county.signed())
    with pytest.raises(Invalid, match="请写明与医师商定的内容，至少 2 个字，最多 500 个字。"):
        county.do(consulting.call_doctor, county.pharmacist, claimed.key(), agreed)
    assert county.story(claimed) == ["signed", "claimed"]


def test_a_call_is_no_review_in_the_months_indicators(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.call_doctor, county.pharmacist, claimed.key(), AGREED)
    since, until = county.watch.now - timedelta(days=1), county.watch.now + timedelta(days=1)
    with county.work() as work:
        assert work.appraisals.review_counts(since, until) == (0, 0)
    county.approve(claimed)
    with county.work() as work:
        assert work.appraisals.review_counts(since, until) == (1, 0)


def test_what_is_handed_on_waits_for_another_qualified_pharmacist(county: County) -> None:
    claimed = county.claimed(county.signed())
    handed = county.do(consulting.hand_over, county.pharmacist, claimed.key(), "beyond_experience")
    assert (handed.state, handed.claimed_by_id) == (State.SIGNED, None)
    event = county.events(handed)[-1]
    assert (event.kind, event.payload) == ("handed", {"reason": "beyond_experience"})
    with pytest.raises(Invalid, match="这张处方由您转交，请由另一位审方药师领取。"):
        county.claimed(handed)
    for unfit in (county.novice, county.untrained):
        with pytest.raises(Forbidden, match="审核处方须为药师以上职称"):
            county.claimed(handed, unfit)
    taken = county.claimed(handed, county.colleague)
    county.approve_as(county.colleague, taken.key(), taken.version)
    assert county.story(taken) == ["signed", "claimed", "handed", "claimed", "approved"]


def test_a_novice_may_hand_on_what_they_may_not_decide(county: County) -> None:
    claimed = county.claimed(county.signed(), county.novice)
    county.do(consulting.hand_over, county.novice, claimed.key(), "special_patient")
    assert county.claimed(claimed).claimed_by_id == county.pharmacist.staff_id


def test_who_took_it_may_hand_it_back(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.hand_over, county.pharmacist, claimed.key(), "other")
    county.claimed(claimed, county.colleague)
    county.do(consulting.hand_over, county.colleague, claimed.key(), "other")
    assert county.claimed(claimed).claimed_by_id == county.pharmacist.staff_id


def test_a_new_signature_ends_the_handing(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.hand_over, county.pharmacist, claimed.key(), "doctor_disagrees")
    taken = county.claimed(claimed, county.colleague)
    county.do(
        reviewing.return_to_doctor, county.colleague, county.knowledge, taken.key(), taken.version, "dose"
    )
    answered = county.sign(county.now(taken))
    with county.work() as work:
        assert standing_handing(work, answered) is None
    assert county.claimed(answered).claimed_by_id == county.pharmacist.staff_id


@pytest.mark.parametrize("reason", ["", "dose", "no such reason"])
def test_handing_on_says_why(county: County, reason: str) -> None:
    claimed = county.claimed(county.signed())
    with pytest.raises(Invalid, match="请选择原因"):
        county.do(consulting.hand_over, county.pharmacist, claimed.key(), reason)
    assert county.now(claimed).claimed_by_id == county.pharmacist.staff_id


def test_every_reason_to_hand_on_is_taken(county: County) -> None:
    for reason in HAND_REASONS:
        claimed = county.claimed(county.signed())
        county.do(consulting.hand_over, county.pharmacist, claimed.key(), reason)
        assert county.events(claimed)[-1].payload == {"reason": reason}


ATTEMPTS: tuple[Callable[..., object], ...] = (
    lambda county, actor, key: county.do(consulting.call_doctor, actor, key, AGREED),
    lambda county, actor, key: county.do(consulting.hand_over, actor, key, "other"),
)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_both_need_ones_own_claim_on_what_still_waits(county: County, attempt: Callable[..., object]) -> None:
    free, colleagues = county.signed(), county.claimed(county.signed(), county.colleague)
    with pytest.raises(Invalid, match="请先领取这张处方再作决定"):
        attempt(county, county.pharmacist, free.key())
    with pytest.raises(Invalid, match="唐远志正在审核这张处方"):
        attempt(county, county.pharmacist, colleagues.key())
    with pytest.raises(IllegalMove, match="这张处方已经不在待审队列里"):
        attempt(county, county.pharmacist, county.approved().key())
    for role, actor in county.actors.items():
        if role is not Role.PHARMACIST:
            with pytest.raises(Forbidden, match="您没有这项权限"):
                attempt(county, actor, free.key())
    assert (county.story(free), county.story(colleagues)) == (["signed"], ["signed", "claimed"])


def test_one_herb_alone_is_asked_for_and_the_doctor_signs_above_it(county: County) -> None:
    claimed = county.claimed(county.signed())
    page = (county.knowledge, claimed.key(), claimed.version)
    returned = county.do(
        reviewing.return_to_doctor, county.pharmacist, *page, reviewing.SECOND_SIGNATURE, herbs=("茯苓",)
    )
    with county.work() as work:
        [decision] = work.reviews.of_prescription(returned.key())
    assert (decision.reason_code, decision.herbs) == ("second_signature", ["茯苓"])
    county.do(
        prescribing.second_sign, county.doctor, county.knowledge, returned.key(), returned.version, ("茯苓",)
    )
    signed = county.sign(county.now(returned))
    assert [item.written_as for item in signed.items if item.second_signed_at] == ["茯苓"]
