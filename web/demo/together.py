"""What the demo's doctors do with other houses: questions, an answer, a referral, a record elsewhere."""

from datetime import date, timedelta

from tcm.records.clinical import Encounter
from tcm.records.clock import county_day
from tcm.records.people import InstitutionKind, Sex, Staff
from tcm.records.roles import Role
from tcm.records.together import Answer, AnsweredLine, ConsentBy, ConsentHow, ReferralLetter
from tcm.services import charting, conferring, consenting, judging, referring
from tcm.services.charting import PatientDetails, VisitNotes
from tcm.services.conferring import Question
from tcm.services.consenting import Given
from tcm.services.judging import Judgement, SymptomNow
from tcm.services.referring import Addressed
from web.demo.town import Town

# A number that nobody has: its area code is not assigned.
ID_NUMBER, BORN_ON = "430699196301010010", date(1963, 1, 1)
PAUSE_S = 30
CONSENT_HOLDS = timedelta(days=30)


def confer(town: Town, key: str) -> None:
    """Questions to the experts, one of them answered; a patient sent up; one person known in two townships.

    Args:
        town: The county on its day, with visits.
        key: Makes the forms' keys of this run its own.
    """
    doctor, colleague, neighbour = town.staff[Role.DOCTOR][:3]
    with town.work() as work:
        experts = [one for one in work.staff.with_role(Role.DOCTOR) if one.expert_in]
        visits = work.encounters.all()
    first, second = (_last_of(visits, one) for one in (doctor, colleague))
    returned = _known_twice(town, doctor, neighbour, key)
    _ask(town, doctor, experts[0], returned, "服药后大便成形，仍乏力，请看方药如何调整。", f"{key}-1")
    _answer(town, experts[0])
    _ask(town, colleague, experts[0], second, "舌象如图，请看辨证是否妥当，是否需要转诊。", f"{key}-2")
    _ask(town, doctor, experts[1], first, "舌象如图，咳喘日久，请看方药如何调整。", f"{key}-3")
    _send_up(town, colleague, second, f"{key}-4")


def _last_of(visits: list[Encounter], doctor: Staff) -> Encounter:
    return [one for one in visits if one.doctor_id == doctor.id][-1]


def _ask(town: Town, doctor: Staff, expert: Staff, visit: Encounter, words: str, key: str) -> None:
    town.clock.tick(PAUSE_S)
    question = Question(expert.id or 0, words, ConsentBy.PATIENT, ConsentHow.WRITTEN)
    with town.work() as work:
        conferring.ask(work, doctor.actor, visit.id or 0, question, key)
        work.commit()


def _answer(town: Town, expert: Staff) -> None:
    town.clock.tick(PAUSE_S)
    answer = Answer(
        opinion="脾虚兼湿，可健脾化湿，少用滋腻。服五剂后复诊，注意大便。",
        syndrome="脾虚湿困证",
        lines=(
            AnsweredLine("党参", 12.0),
            AnsweredLine("白术", 10.0),
            AnsweredLine("茯苓", 15.0),
            AnsweredLine("广藿香", 9.0),
            AnsweredLine("砂仁", 6.0, "后下"),
        ),
        usage="每日1剂，水煎400mL，分早晚两次温服",
    )
    with town.work() as work:
        [asked] = work.consultations.waiting_for(expert.actor.staff_id)
        conferring.note_first_look(work, expert.actor, asked.key())
        conferring.answer(work, expert.actor, town.knowledge, asked.key(), answer)
        work.commit()


def _send_up(town: Town, doctor: Staff, visit: Encounter, key: str) -> None:
    town.clock.tick(PAUSE_S)
    with town.work() as work:
        hospital = work.institutions.of_kind(InstitutionKind.COUNTY_HOSPITAL)[0]
        addressed = Addressed(hospital.id, "", ConsentBy.PATIENT, ConsentHow.WRITTEN)
        letter = ReferralLetter("diagnosis", "诊断待明确，请进一步检查", present=visit.complaint)
        referring.write(work, doctor.actor, visit.id or 0, addressed, letter, key)
        work.commit()


def _known_twice(town: Town, doctor: Staff, neighbour: Staff, key: str) -> Encounter:
    """One person seen in two townships, with a consent in one and a follow-up visit with its outcome."""
    _see(town, neighbour, f"{key}-elsewhere", "咳嗽痰多半月", ("咳嗽", "痰多色白"))
    before = _see(town, doctor, f"{key}-before", "食少便溏一月", ("纳呆", "便溏", "乏力"))
    after = _see(town, doctor, f"{key}-after", "服药后复诊，纳食好转", ("乏力",))
    now = {"纳呆": SymptomNow.GONE, "便溏": SymptomNow.GONE, "乏力": SymptomNow.BETTER}
    town.clock.tick(PAUSE_S)
    until = county_day(town.clock()) + CONSENT_HOLDS
    given = Given(ConsentBy.PATIENT, "", ConsentHow.WRITTEN, until, "复诊参考")
    with town.work() as work:
        consenting.record(work, doctor.actor, after.patient_id, given, f"{key}-consent")
        judgement = Judgement("marked", now, "大便已成形")
        judging.judge(work, doctor.actor, town.knowledge, after.id or 0, before.id or 0, judgement)
        work.commit()
    return after


def _see(town: Town, doctor: Staff, key: str, complaint: str, symptoms: tuple[str, ...]) -> Encounter:
    town.clock.tick(PAUSE_S)
    with town.work() as work:
        township = work.institutions.get(doctor.institution_id).township
        details = PatientDetails(
            name="沈月华",
            sex=Sex.MALE,
            born_on=BORN_ON,
            village_id=town.villages[township][0].id or 0,
            phone="10000000063",
            id_number=ID_NUMBER,
        )
        known = charting.find_patients(work, doctor.actor, ID_NUMBER)
        patient = known[0] if known else charting.register_patient(work, doctor.actor, details, key)
        visit = charting.open_encounter(work, doctor.actor, patient.id or 0, f"{key}-visit")
        notes = VisitNotes(complaint=complaint, inquiry=symptoms)
        charting.write_notes(work, doctor.actor, visit.id or 0, notes)
        work.commit()
    return visit
