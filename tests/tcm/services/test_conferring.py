"""Consultation: the case travels read-only to the expert who is asked, and the answer comes back."""

from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import text

from tcm.records.errors import Forbidden, IllegalMove, Invalid, NotFound
from tcm.records.together import Answer, AnsweredLine, ConsultationState
from tcm.services import conferring, inboxes
from tcm.services.sharing import CASE_STAYS_OPEN
from tests.tcm.county import COMPLAINT, NAME, County
from tests.tcm.together import OPINION, WORDS, Beyond


def test_a_question_waits_for_the_expert_and_for_nobody_else(county: County) -> None:
    beyond = Beyond(county)
    asked = beyond.asked()
    inbox = county.do(inboxes.open_inbox, beyond.expert)
    assert [one.consultation.id for one in inbox.waiting] == [asked.id]
    assert [one.patient and one.patient.name for one in inbox.waiting] == [county.patient.name]
    assert county.do(inboxes.open_inbox, beyond.other_expert).waiting == []
    assert [one.consultation.id for one in county.do(inboxes.open_inbox, county.doctor).pending] == [asked.id]


def test_the_case_travels_with_its_pictures_and_signed_prescriptions(county: County) -> None:
    beyond = Beyond(county)
    visit = county.visited()
    photograph, signed = county.photographed(visit), county.signed(visit=visit)
    asked = beyond.asked(visit)
    _, case = county.do(conferring.open_case, beyond.expert, asked.key())
    assert (case.encounter.complaint, case.patient.id) == (COMPLAINT, county.patient.id)
    assert [one.id for one in case.photographs] == [photograph.id]
    assert [one.id for one in case.prescriptions] == [signed.id]
    page = (asked.key(), photograph.id or 0)
    assert county.do(conferring.open_picture, beyond.expert, *page, overlay=False) == b"a clean picture"
    looks = beyond.looks("consult.answer")
    assert (beyond.expert.staff_id, "photograph", photograph.id, True) in looks


def test_the_doctor_who_waits_is_told_when_the_expert_first_looked(county: County) -> None:
    beyond = Beyond(county)
    asked = beyond.asked()
    county.do(conferring.note_first_look, beyond.expert, asked.key())
    first = county.watch.now
    county.do(conferring.note_first_look, beyond.expert, asked.key())
    with pytest.raises(Forbidden):
        county.do(conferring.note_first_look, beyond.other_expert, asked.key())
    with county.work() as work:
        assert work.consultations.get(asked.key()).read_at == first


@pytest.mark.parametrize("who", ["other_expert", "foreign_doctor", "pharmacist", "doctor"])
def test_only_the_expert_who_is_asked_sees_the_case_and_refusals_are_on_record(
    county: County, who: str
) -> None:
    beyond = Beyond(county)
    asked = beyond.asked()
    actor = getattr(beyond, who, None) or getattr(county, who)
    with pytest.raises(Forbidden):
        county.do(conferring.open_case, actor, asked.key())
    assert beyond.looks("consult.answer") == [(actor.staff_id, "consultation", asked.id, False)]


def test_a_picture_of_another_visit_does_not_travel(county: County) -> None:
    beyond = Beyond(county)
    other = county.photographed(county.visited())
    asked = beyond.asked()
    with pytest.raises(NotFound, match="没有这张照片"):
        county.do(conferring.open_picture, beyond.expert, asked.key(), other.id or 0, overlay=False)
    assert beyond.looks("consult.answer")[-1] == (beyond.expert.staff_id, "photograph", other.id, False)


def test_an_answer_comes_back_as_written_and_stays_until_it_is_seen(county: County) -> None:
    beyond = Beyond(county)
    answered = beyond.answered()
    assert answered.answer == OPINION
    assert [one.consultation.id for one in county.do(inboxes.open_inbox, county.doctor).answered] == [
        answered.id
    ]
    assert county.do(inboxes.count_news, county.doctor).to_read == 1
    county.do(conferring.acknowledge, county.doctor, answered.key())
    assert county.do(inboxes.open_inbox, county.doctor).answered == []
    assert county.do(inboxes.count_news, county.doctor).count == 0


@pytest.mark.parametrize("herb", ["栀子炭", "鲜石斛", "麻黄绒", "炒白术", "白芍炭"])
def test_an_answer_keeps_how_a_herb_is_processed(county: County, herb: str) -> None:
    answered = Beyond(county).answered(answer=Answer("如下", lines=(AnsweredLine(herb, 6.0),)))
    assert answered.answer is not None
    assert [line.herb for line in answered.answer.lines] == [herb]


def test_question_and_answer_are_sealed(county: County) -> None:
    Beyond(county).answered()
    with county.store.engine.connect() as connection:
        [row] = connection.execute(text("SELECT question, answer FROM consultations")).all()
    assert WORDS.encode() not in bytes(row[0])
    assert OPINION.opinion.encode() not in bytes(row[1])


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ((AnsweredLine("不知名草", 9.0),), "这些药名认不出，或者有几种意思：不知名草。"),
        ((AnsweredLine("黄芪", 9.0), AnsweredLine("生黄芪", 9.0)), "这些药味写了两次：黄芪。"),
        (
            (AnsweredLine("甘草", 3.0, "钱"), AnsweredLine("附子", 9.0, "先煎30分钟")),
            "这些药味的剂量或脚注看不懂，请只写克数和先煎、后下等脚注：甘草 3 钱。",
        ),
        (
            (AnsweredLine("朱砂", 500.0, "mg"),),
            "这些药味的剂量或脚注看不懂，请只写克数和先煎、后下等脚注：朱砂 500 mg。",
        ),
    ],
)
def test_herbs_that_cannot_be_told_are_refused_by_name(
    county: County, lines: tuple[AnsweredLine, ...], sentence: str
) -> None:
    beyond = Beyond(county)
    asked = beyond.asked()
    with pytest.raises(Invalid) as refusal:
        county.do(
            conferring.answer, beyond.expert, county.knowledge, asked.key(), Answer("如下", lines=lines)
        )
    assert str(refusal.value) == sentence


def test_a_question_is_closed_once(county: County) -> None:
    beyond = Beyond(county)
    answered = beyond.answered()
    for use_case, actor in ((conferring.withdraw, county.doctor),):
        with pytest.raises(IllegalMove, match="已经结束"):
            county.do(use_case, actor, answered.key())
    with pytest.raises(IllegalMove, match="已经结束"):
        county.do(conferring.decline, beyond.expert, answered.key(), "不妥")
    with pytest.raises(IllegalMove, match="已经结束"):
        county.do(conferring.answer, beyond.expert, county.knowledge, answered.key(), OPINION)


def test_what_is_withdrawn_or_declined_closes_the_case(county: County) -> None:
    beyond = Beyond(county)
    withdrawn, declined = beyond.asked(), beyond.asked()
    county.do(conferring.withdraw, county.doctor, withdrawn.key())
    county.do(conferring.decline, beyond.expert, declined.key(), "请补拍舌象")
    for one in (withdrawn, declined):
        with pytest.raises(Forbidden):
            county.do(conferring.open_case, beyond.expert, one.key())
    [news] = county.do(inboxes.open_inbox, county.doctor).answered
    assert (news.consultation.id, news.consultation.reason) == (declined.id, "请补拍舌象")


def test_the_case_stays_open_for_a_month_after_the_answer(county: County) -> None:
    beyond = Beyond(county)
    answered = beyond.answered()
    county.watch.now += CASE_STAYS_OPEN - timedelta(minutes=1)
    county.do(conferring.open_case, beyond.expert, answered.key())
    county.watch.now += timedelta(minutes=2)
    with pytest.raises(Forbidden):
        county.do(conferring.open_case, beyond.expert, answered.key())


def test_one_expert_is_asked_once_at_a_time_and_a_form_sent_twice_asks_once(county: County) -> None:
    beyond = Beyond(county)
    visit, key = county.visited(), county.new_key()
    first, again = (
        county.do(conferring.ask, county.doctor, visit.id or 0, beyond.question(), key) for _ in range(2)
    )
    assert first.id == again.id
    with pytest.raises(Invalid, match="已经请这位专家会诊"):
        beyond.asked(visit)
    other = beyond.asked(visit, expert_id=beyond.other_expert.staff_id)
    assert other.state is ConsultationState.WAITING


def test_of_two_windows_that_ask_one_expert_at_once_one_asks(postgres_county: County) -> None:
    county = postgres_county
    beyond, visit = Beyond(county), county.visited()
    with ThreadPoolExecutor(1) as elsewhere:
        with county.work() as first:
            conferring.ask(first, county.doctor, visit.id or 0, beyond.question(), county.new_key())
            second = elsewhere.submit(beyond.asked, visit)
            assert wait([second], timeout=0.5).done == set()
            first.commit()
        with pytest.raises(Invalid, match="已经请这位专家会诊"):
            second.result(timeout=20)


def test_no_name_stands_in_the_inbox_of_the_expert_once_the_case_is_closed(county: County) -> None:
    beyond = Beyond(county)
    answered, declined = beyond.answered(), beyond.asked()
    county.do(conferring.decline, beyond.expert, declined.key(), "请补拍舌象")

    def names() -> dict[int, str]:
        closed = county.do(inboxes.open_inbox, beyond.expert).closed
        return {one.consultation.key(): one.patient.name if one.patient else "" for one in closed}

    assert names() == {answered.key(): NAME, declined.key(): ""}
    county.watch.now += CASE_STAYS_OPEN + timedelta(minutes=1)
    assert names() == {answered.key(): "", declined.key(): ""}


def test_only_experts_are_asked_and_only_by_the_visits_doctor(county: County) -> None:
    beyond = Beyond(county)
    with pytest.raises(Invalid, match="请选择一位会诊专家"):
        beyond.asked(expert_id=county.foreign_doctor.staff_id)
    visit = county.visited()
    with pytest.raises(Forbidden):
        county.do(conferring.ask, county.other_doctor, visit.id or 0, beyond.question(), county.new_key())


def test_the_inbox_costs_as_much_for_three_as_for_one(county: County) -> None:
    beyond = Beyond(county)
    beyond.asked()
    beyond.referred()

    def cost() -> int:
        with county.counted() as sent:
            county.do(inboxes.open_inbox, beyond.expert)
            county.do(inboxes.open_inbox, county.doctor)
        return len(sent)

    one = cost()
    for _ in range(2):
        beyond.asked()
        beyond.referred()
    assert cost() == one
