"""The pharmacists' morning: every prescription is claimed and decided by a named person."""

from tcm.records.governance import FindingDecision
from tcm.records.people import Staff
from tcm.records.roles import Role
from tcm.services import prescribing, queueing, reviewing
from tcm.services.reviewing import FindingJudgement, ReviewCase
from web.demo.stock import bring_what_lacks
from web.demo.town import Town

# One in so many is sent back for a better diagnosis, as a busy pharmacist would.
RETURN_ONE_IN = 40
REVIEW_S = 25
# Most findings are right; one in so many does not fit the patient, and the pharmacist says why.
OVERRULE_ONE_IN = 12
REASONS = (
    "已电话核对病情，此提示在该患者不成立。",
    "病情需要，已与开方医师核对。",
    "患者既往同法服用，无不适。",
)


def review_all(town: Town) -> int:
    """Decide everything in the queue; what is sent back is answered by its doctor and decided again.

    Args:
        town: The county today.

    Returns:
        How many were approved.
    """
    pharmacists = town.staff[Role.PHARMACIST]
    approved = 0
    while waiting := _queue(town, pharmacists[0]):
        for number, prescription_id in enumerate(waiting):
            pharmacist = pharmacists[number % len(pharmacists)]
            approved += _decide(town, pharmacist, prescription_id)
            town.tell("review", number + 1, len(waiting))
    return approved


def _queue(town: Town, pharmacist: Staff) -> list[int]:
    with town.work() as work:
        return [each.row.prescription_id for each in queueing.queue(work, pharmacist.actor, town.knowledge)]


def _decide(town: Town, pharmacist: Staff, prescription_id: int) -> int:
    town.clock.tick(REVIEW_S)
    bring_what_lacks(town, prescription_id)
    actor = pharmacist.actor
    with town.work() as work:
        prescription = reviewing.claim(work, actor, prescription_id)
        case = reviewing.open_case(work, actor, town.knowledge, prescription_id)
        send_back = not case.decisions and town.rng.randrange(RETURN_ONE_IN) == 0
        if send_back:
            reviewing.return_to_doctor(
                work,
                actor,
                town.knowledge,
                prescription_id,
                prescription.version,
                "diagnosis",
                remark="请核对证型后再签名。",
            )
        else:
            reviewing.approve(
                work,
                actor,
                town.knowledge,
                prescription_id,
                prescription.version,
                decisions=_words(town, case),
            )
        work.commit()
    if send_back:
        _answer(town, prescription_id)
    return 0 if send_back else 1


def _words(town: Town, case: ReviewCase) -> dict[str, FindingJudgement]:
    """The pharmacist's word on each finding."""
    return {finding.key: _word(town) for finding in case.findings}


def _word(town: Town) -> FindingJudgement:
    if town.rng.randrange(OVERRULE_ONE_IN):
        return FindingJudgement(FindingDecision.ACCEPTED)
    return FindingJudgement(FindingDecision.OVERRULED, town.rng.choice(REASONS))


def _answer(town: Town, prescription_id: int) -> None:
    town.clock.tick(REVIEW_S)
    with town.work() as work:
        prescription = work.prescriptions.get(prescription_id)
        doctor = work.staff.get(prescription.doctor_id).actor
        prescribing.sign(work, doctor, town.knowledge, prescription_id, prescription.version)
        work.commit()
