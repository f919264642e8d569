"""The doctors' hours: patients come, are heard and looked at, and leave with a signed prescription."""

from dataclasses import dataclass
from datetime import date

from tcm.diagnosis import Evidence, suggest
from tcm.knowledge.formulas import Formula
from tcm.records.clinical import Encounter, Photograph, PhotographState, Preparation, VisitType
from tcm.records.errors import Invalid
from tcm.records.people import Patient, Sex, Staff
from tcm.records.roles import Role
from tcm.review import Finding
from tcm.services import charting, photographing, prescribing
from tcm.services.charting import PatientDetails, VisitNotes
from tcm.services.photographing import Upload
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.store.work import Work
from web.demo.people import Person, invented_name, invented_person
from web.demo.photographs import Photographs
from web.demo.stock import scheme_of
from web.demo.town import Town
from web.jobs.reading import PhotographReader

DOSES = (5, 7, 7, 7, 7, 7, 7, 10)
USAGE = "每日1剂，水煎400mL，分早晚两次温服"
# How each preparation is taken.
USAGES = {
    Preparation.DECOCTED: USAGE,
    Preparation.GRANULES: "每日1剂，每剂分两袋，早晚各一袋开水冲服",
    Preparation.OWN_COOKING: "每日1剂，自煎两次合并，分早晚两次温服",
}
# Of twelve visits one leaves with granules and one with herbs to be cooked at home.
PREPARATIONS = {5: Preparation.GRANULES, 9: Preparation.OWN_COOKING}
PREPARATIONS_OF = 12
CHRONIC = "慢性病，病情稳定，酌情延长用量"
LONGEST_WITHOUT_REASON = 7
URGENT_ONE_IN = 40
VISIT_S = 60


@dataclass(frozen=True)
class Story:
    """What a patient tells.

    Args:
        syndrome: What ails them, as the demo has it; the doctor finds it or something near.
        inquiry: Terms of the ten questions.
        pulse: Terms of the pulse.
    """

    syndrome: str
    inquiry: tuple[str, ...]
    pulse: tuple[str, ...]


# It holds 川贝母, which this house calls precious. The number is in a range that is not assigned.
PRECIOUS_FORMULA = "百合固金汤"
PRECIOUS_FOR = Story("肺阴虚证", ("干咳少痰", "口鼻咽干", "盗汗"), ("脉细数",))
PRECIOUS_BORN_ON, PRECIOUS_PHONE = date(1968, 4, 2), "10000000068"


def write_prescriptions(town: Town, photographs: Photographs, count: int, tag: str) -> list[int]:
    """See so many patients, one after another among the county's doctors.

    Args:
        town: The county.
        photographs: One for each visit.
        count: How many patients.
        tag: Makes the forms' keys of this run its own.

    Returns:
        The signed prescriptions.
    """
    doctors = town.staff[Role.DOCTOR]
    signed = []
    for number in range(count):
        doctor = doctors[number % len(doctors)]
        signed.append(_visit(town, doctor, photographs, f"{tag}-{number}"))
        town.clock.tick(VISIT_S)
        town.tell("prescribe", number + 1, count)
    return signed


def give_precious(town: Town, tag: str) -> int:
    """See one patient whose formula holds an herb of the double-locked book; the dice seldom draw one.

    Statutory toxic herbs and narcotics are on that book too, but no review lets one be decocted.

    Args:
        town: The county, its clock in the doctors' hours.
        tag: Makes the forms' keys of this run its own.

    Returns:
        The signed prescription.
    """
    doctor = town.staff[Role.DOCTOR][0]
    person = Person(invented_name(town.rng), Sex.FEMALE, PRECIOUS_BORN_ON, PRECIOUS_PHONE, pregnant=False)
    choices = [(PRECIOUS_FOR.syndrome, town.knowledge.formulas[PRECIOUS_FORMULA])]
    with town.work() as work:
        encounter = _receive(town, work, doctor, person, PRECIOUS_FOR, tag)
        signed = _prescribe(town, work, doctor, encounter, choices, tag, Preparation.DECOCTED)
        work.commit()
    return signed


def _visit(town: Town, doctor: Staff, photographs: Photographs, key: str) -> int:
    # A picture is decoded, and read, while no transaction is open.
    upload = photographs.take()
    person = invented_person(town.rng, town.day)
    story = _story(town)
    with town.work() as work:
        encounter = _receive(town, work, doctor, person, story, key)
        kept = _keep(work, doctor, encounter, upload, key) if upload else None
        work.commit()
    read = _read(town, kept) if kept else None
    if kept and read is None:
        photographs.refused += 1
    with town.work() as work:
        choices = _patterns(town, story, read)
        prescription_id = _prescribe(town, work, doctor, encounter, choices, key, _preparation(encounter))
        work.commit()
    return prescription_id


def _receive(town: Town, work: Work, doctor: Staff, person: Person, story: Story, key: str) -> Encounter:
    patient = _register(town, work, doctor, person, key)
    encounter = charting.open_encounter(work, doctor.actor, patient.id or 0, f"{key}-visit")
    notes = VisitNotes(
        complaint="、".join(story.inquiry),
        inquiry=story.inquiry,
        pulse=story.pulse,
        pregnant=person.pregnant,
    )
    return charting.write_notes(work, doctor.actor, encounter.id or 0, notes)


def _keep(work: Work, doctor: Staff, encounter: Encounter, upload: Upload, key: str) -> int:
    photograph = photographing.keep_upload(
        work, doctor.actor, encounter.id or 0, upload, f"{key}-photo", enqueue=_read_here
    )
    return photograph.id or 0


def _read_here(_work: Work, _photograph_id: int) -> None:
    """The demo reads in its own process instead of leaving it to a worker."""


def _read(town: Town, photograph_id: int) -> Photograph | None:
    """The photograph as the worker reads it, None where it refused to."""
    PhotographReader(town.store, town.clock).run(photograph_id)
    with town.work() as work:
        photograph = work.photographs.get(photograph_id)
    return photograph if photograph.state is PhotographState.READ else None


def _story(town: Town) -> Story:
    patterns = town.knowledge.patterns
    pattern = town.rng.choice(patterns.patterns)
    rows = [row for row in patterns.evidence[pattern.name] if row.weight > 0]
    said = [row.value for row in rows if row.axis == "inquiry"]
    felt = [row.value for row in rows if row.axis == "pulse"]
    told = town.rng.sample(said, min(len(said), 5))
    return Story(pattern.name, tuple(told), tuple(felt[:1]))


def _register(town: Town, work: Work, doctor: Staff, person: Person, key: str) -> Patient:
    township = work.institutions.get(doctor.institution_id).township
    details = PatientDetails(
        name=person.name,
        sex=person.sex,
        born_on=person.born_on,
        village_id=town.rng.choice(town.villages[township]).id or 0,
        phone=person.phone,
        scheme=scheme_of(work, key),
    )
    return charting.register_patient(work, doctor.actor, details, f"{key}-patient")


def _patterns(town: Town, story: Story, read: Photograph | None) -> list[tuple[str, Formula]]:
    signs = [sign for sign in read.readings if not sign.abstained] if read else []
    evidence = Evidence(
        tongue={sign.name: sign.label for sign in signs},
        confidence={sign.name: sign.probability for sign in signs},
        inquiry=frozenset(story.inquiry),
        pulse=frozenset(story.pulse),
    )
    return [
        (pattern.name, town.knowledge.formulas[name])
        for pattern in suggest(evidence, town.knowledge)
        for name in pattern.formulas
    ]


def _prescribe(
    town: Town,
    work: Work,
    doctor: Staff,
    encounter: Encounter,
    choices: list[tuple[str, Formula]],
    key: str,
    preparation: Preparation,
) -> int:
    actor = doctor.actor
    prescription = prescribing.begin(work, actor, encounter.id or 0, f"{key}-prescription")
    for syndrome, formula in choices:
        draft = _draft(town, syndrome, formula, preparation)
        prescription = prescribing.save(
            work, actor, town.knowledge, prescription.key(), prescription.version, draft
        )
        found = prescribing.findings(work, actor, town.knowledge, prescription.key())
        if any(finding.severity in ("return", "block") for finding in found):
            continue
        herbs = _unsigned(found)
        if herbs:
            prescription = prescribing.second_sign(
                work, actor, town.knowledge, prescription.key(), prescription.version, herbs
            )
        prescribing.sign(work, actor, town.knowledge, prescription.key(), prescription.version)
        return prescription.key()
    raise Invalid("demo: no suggested formula suits this patient")


def _preparation(encounter: Encounter) -> Preparation:
    return PREPARATIONS.get((encounter.id or 0) % PREPARATIONS_OF, Preparation.DECOCTED)


def _draft(town: Town, syndrome: str, formula: Formula, preparation: Preparation) -> PrescriptionDraft:
    doses_count = town.rng.choice(DOSES)
    return PrescriptionDraft(
        disease="",
        syndrome=syndrome,
        doses_count=doses_count,
        doses_per_day=1,
        usage=USAGES[preparation],
        decoction_class=formula.decoction_class,
        visit_type=VisitType.OUTPATIENT,
        extended_supply_reason=CHRONIC if doses_count > LONGEST_WITHOUT_REASON else "",
        urgent=town.rng.randrange(URGENT_ONE_IN) == 0,
        items=tuple(
            ItemDraft(item.herb, item.grams, item.decoction_note, formula.name) for item in formula.items
        ),
        preparation=preparation,
    )


def _unsigned(found: tuple[Finding, ...]) -> tuple[str, ...]:
    asked = [finding for finding in found if finding.severity == "sign" and not finding.signed]
    return tuple(sorted({herb for finding in asked for herb in finding.herbs}))
