"""What the demo's patients say once their medicine has come: two feel worse and are answered; ratings."""

from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.services import hearing
from web.demo.town import Town

PAUSE_S, ANSWERED_AFTER_S = 40, 420
# Sign, words, answer.
_SAID = (
    ("呼吸困难", "喝完半小时胸口发紧", "先停药，马上到卫生院来，让家人陪着；我在诊室等。"),
    ("拉肚子", "一天三次", "先少喝一半，饭后温服；明天还这样就停药来看。"),
)
# Of so many ratings one is low and says why.
_LOW_ONE_IN, _PLACES_A_DAY = 6, 7
_LOW = (
    (2, "说上午送到，下午四点才来。"),
    (3, "有一袋封口渗了一点，冰箱里都是药味。"),
    (3, "比上次苦，老人喝了两口就不肯喝。"),
    (1, "打了两次电话没人接，不知道药到哪儿了。"),
    (3, "袋上的字太小，看不清怎么热。"),
    (2, "少给了一天的量，后来补送了。"),
    (3, "药是好的，就是送来时袋子已经不冰了。"),
)
_GOOD = (5, 5, 4)


def hear_patients(town: Town, signed: list[int], key: str, *, one_waits: bool = True) -> None:
    """Let patients whose medicine has come be heard.

    Args:
        town: The county at the end of its day.
        signed: The day's prescriptions.
        key: Makes the forms' keys of this run its own.
        one_waits: Whether the first who feels worse still waits on the doctor's page.
    """
    with town.work() as work:
        found = work.prescriptions.by_ids(signed)
    come = [found[row] for row in signed if found[row].state is State.DELIVERED]
    for number, prescription in enumerate(come[: len(_SAID)]):
        message_id = _say_worse(town, prescription, number, f"{key}-said-{number}")
        if number or not one_waits:
            _answer(town, prescription, message_id, _SAID[number][2])
    # Days differ in which of their ratings is a low one, and in what it says.
    day = town.day.toordinal()
    with town.work() as work:
        for number, prescription in enumerate(come[len(_SAID) :]):
            place = day * _PLACES_A_DAY + number
            stars, words = _GOOD[place % len(_GOOD)], ""
            if place % _LOW_ONE_IN == 0:
                stars, words = _LOW[(day + number // _LOW_ONE_IN) % len(_LOW)]
            hearing.rate(work, prescription.key(), stars, words)
        work.commit()


def _say_worse(town: Town, prescription: Prescription, number: int, key: str) -> int:
    town.clock.tick(PAUSE_S)
    sign, words, _ = _SAID[number]
    with town.work() as work:
        message = hearing.say_worse(
            work, town.knowledge, prescription.key(), signs=(sign,), words=words, request_key=key
        )
        work.commit()
        return message.id or 0


def _answer(town: Town, prescription: Prescription, message_id: int, words: str) -> None:
    town.clock.tick(ANSWERED_AFTER_S)
    with town.work() as work:
        doctor = work.staff.get(prescription.doctor_id).actor
        hearing.answer(work, doctor, message_id, words)
        work.commit()
