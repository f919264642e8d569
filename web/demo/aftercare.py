"""What the demo's patients say once their medicine has come: two feel worse, one is answered; ratings."""

from tcm.records.lifecycle import State
from tcm.services import hearing
from web.demo.town import Town

PAUSE_S = 40
# Sign, words, answer; the first waits on the doctor's page.
_SAID = (
    ("呼吸困难", "喝完半小时胸口发紧", ""),
    ("拉肚子", "一天三次", "先少喝一半，饭后温服；明天还这样就停药来看。"),
)
_STARS = (5, 5, 4, 5, 3)


def hear_patients(town: Town, signed: list[int], key: str) -> None:
    """Let patients whose medicine has come be heard.

    Args:
        town: The county at the end of its day.
        signed: The day's prescriptions.
        key: Makes the forms' keys of this run its own.
    """
    with town.work() as work:
        found = work.prescriptions.by_ids(signed)
    come = [found[row] for row in signed if found[row].state is State.DELIVERED]
    for number, (sign, words, answer) in enumerate(_SAID[: len(come)]):
        town.clock.tick(PAUSE_S)
        prescription = come[number]
        with town.work() as work:
            message = hearing.say_worse(
                work,
                town.knowledge,
                prescription.key(),
                signs=(sign,),
                words=words,
                request_key=f"{key}-said-{number}",
            )
            if answer:
                doctor = work.staff.get(prescription.doctor_id).actor
                hearing.answer(work, doctor, message.id or 0, answer)
            work.commit()
    with town.work() as work:
        for prescription, stars in zip(come[len(_SAID) :], _STARS, strict=False):
            hearing.rate(work, prescription.key(), stars, "")
        work.commit()
