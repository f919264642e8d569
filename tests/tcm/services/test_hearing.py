"""A patient who feels worse reaches the house that prescribed; a rating is kept once."""

import pytest

from tcm.records.aftercare import NoticeKind, PatientMessage
from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid
from tcm.records.roles import Role
from tcm.services import hearing
from tests.tcm.centre import packed
from tests.tcm.county import NAME, County


def said(
    county: County, prescription: Prescription, *signs: str, words: str = "", key: str = ""
) -> PatientMessage:
    with county.work() as work:
        message = hearing.say_worse(
            work,
            county.knowledge,
            prescription.key(),
            signs=signs,
            words=words,
            request_key=key or county.new_key(),
        )
        work.commit()
    return message


def waiting(county: County) -> list[hearing.WaitingMessage]:
    with county.work() as work:
        return hearing.waiting_messages(work, county.doctor)


@pytest.mark.parametrize(
    ("signs", "words", "urgent", "flags"),
    [
        (("呼吸困难",), "", True, ["呼吸困难"]),
        (("皮肤痒",), "吃了两次", False, []),
        ((), "昨晚吐血一次", True, ["呕血或黑便"]),
        ((), "没有呼吸困难，就是拉肚子", False, []),
    ],
)
def test_urgency_comes_from_what_is_ticked_and_what_is_written(
    county: County, signs: tuple[str, ...], words: str, urgent: bool, flags: list[str]
) -> None:
    said(county, packed(county), *signs, words=words)
    [one] = waiting(county)
    assert (one.message.urgent, one.message.flags, one.patient.name) == (urgent, flags, NAME)


def test_urgent_ones_come_first_then_ones_own_and_every_look_is_on_record(county: County) -> None:
    first, second = packed(county), packed(county)
    said(county, first, "头晕")
    said(county, second, "抽搐")
    looks = len(county.looks())
    assert [(each.prescription.id, each.is_mine) for each in waiting(county)] == [
        (second.id, True),
        (first.id, True),
    ]
    assert [look[1:] for look in county.looks()[looks:]] == [("message.answer", "message", None, True)]


def test_a_doctor_of_the_house_answers_once_and_the_patient_is_told(county: County) -> None:
    prescription = packed(county)
    message = said(county, prescription, "恶心呕吐")
    answered = county.do(hearing.answer, county.other_doctor, message.id or 0, "先停一天，饭后再服。")
    assert (answered.answered_by_id, answered.answer) == (
        county.other_doctor.staff_id,
        "先停一天，饭后再服。",
    )
    assert waiting(county) == []
    with county.work() as work:
        [notice] = work.notices.all()
        assert (notice.prescription_id, notice.kind) == (prescription.id, NoticeKind.ANSWERED)
    with pytest.raises(Invalid):
        county.do(hearing.answer, county.doctor, message.id or 0, "再说一遍")


def test_other_houses_and_roles_answer_nothing(county: County) -> None:
    message = said(county, packed(county), "头晕")
    strangers = [actor for role, actor in county.actors.items() if role is not Role.DOCTOR]
    for actor in (*strangers, county.foreign_doctor):
        with pytest.raises(Forbidden):
            county.do(hearing.answer, actor, message.id or 0, "好的")
    assert [each.message.id for each in waiting(county)] == [message.id]


def test_one_form_makes_one_message_and_five_that_wait_are_enough(county: County) -> None:
    prescription, key = packed(county), county.new_key()
    assert said(county, prescription, "头晕", key=key).id == said(county, prescription, "头晕", key=key).id
    for _ in range(4):
        said(county, prescription, "头晕")
    with pytest.raises(Invalid):
        said(county, prescription, "头晕")


@pytest.mark.parametrize(("signs", "words"), [((), " "), (("没有的项",), ""), ((), "很" * 301)])
def test_what_says_nothing_or_too_much_is_refused(county: County, signs: tuple[str, ...], words: str) -> None:
    with pytest.raises(Invalid):
        said(county, packed(county), *signs, words=words)


def test_a_prescription_is_rated_once_and_the_rating_can_change(county: County) -> None:
    prescription = packed(county)
    for stars in (2, 5):
        with county.work() as work:
            hearing.rate(work, prescription.key(), stars, "送得快")
            work.commit()
    with county.work() as work:
        assert [(each.stars, each.words) for each in work.ratings.all()] == [(5, "送得快")]
        assert work.ratings.counts_since(county.watch.now.replace(year=2020)) == {5: 1}
        for stars in (0, 6):
            with pytest.raises(Invalid):
                hearing.rate(work, prescription.key(), stars, "")


def test_messages_are_read_in_as_many_questions_for_one_as_for_three(county: County) -> None:
    counts = []
    for _ in range(3):
        said(county, packed(county), "头晕")
        with county.work() as work, county.counted() as statements:
            hearing.waiting_messages(work, county.doctor)
        counts.append(len(statements))
    assert counts[0] == counts[2]
