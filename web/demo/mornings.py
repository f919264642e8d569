"""The doctors' hours: patients come, are heard and looked at, and leave with a signed prescription."""

from dataclasses import dataclass

from tcm.diagnosis import Evidence, suggest
from tcm.knowledge.formulas import Formula
from tcm.records.clinical import Encounter, VisitType
from tcm.records.errors import Invalid
from tcm.records.people import Patient, Staff
from tcm.records.roles import Role
from tcm.review import Finding
from tcm.services import charting, prescribing
from tcm.services.charting import PatientDetails, Picture, VisitNotes
from tcm.services.prescribing import ItemDraft, PrescriptionDraft
from tcm.store.work import Work
from web.demo.people import Person, invented_person
from web.demo.photographs import Photographs
from web.demo.town import Town

DOSES = (5, 7, 7, 7, 7, 7, 7, 10)
USAGE = "每日1剂，水煎400mL，分早晚两次温服"
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
        # A picture is read before any transaction is open.
        picture = photographs.take()
        with town.work() as work:
            signed.append(_visit(town, work, doctor, picture, f"{tag}-{number}"))
            work.commit()
        town.clock.tick(VISIT_S)
        town.tell("prescribe", number + 1, count)
    return signed


def _visit(town: Town, work: Work, doctor: Staff, picture: Picture | None, key: str) -> int:
    person = invented_person(town.rng, town.day)
    story = _story(town)
    patient = _register(town, work, doctor, person, key)
    encounter = charting.open_encounter(work, doctor.actor, patient.id or 0, f"{key}-visit")
    notes = VisitNotes(
        complaint="、".join(story.inquiry),
        inquiry=story.inquiry,
        pulse=story.pulse,
        pregnant=person.pregnant,
    )
    charting.write_notes(work, doctor.actor, encounter.id or 0, notes)
    if picture is not None:
        charting.add_photograph(work, doctor.actor, encounter.id or 0, picture, f"{key}-photo")
    return _prescribe(town, work, doctor, encounter, _patterns(town, story, picture), key)


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
    )
    return charting.register_patient(work, doctor.actor, details, f"{key}-patient")


def _patterns(town: Town, story: Story, picture: Picture | None) -> list[tuple[str, Formula]]:
    signs = [sign for sign in picture.signs if not sign.abstained] if picture else []
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
) -> int:
    actor = doctor.actor
    prescription = prescribing.begin(work, actor, encounter.id or 0, f"{key}-prescription")
    for syndrome, formula in choices:
        draft = _draft(town, syndrome, formula)
        prescription = prescribing.save(
            work, actor, town.knowledge, prescription.key(), prescription.version, draft
        )
        found = prescribing.findings(work, actor, town.knowledge, prescription.key())
        if any(finding.severity in ("return", "block") for finding in found):
            continue
        herbs = _unsigned(found)
        if herbs:
            prescription = prescribing.second_sign(
                work, actor, prescription.key(), prescription.version, herbs
            )
        prescribing.sign(work, actor, town.knowledge, prescription.key(), prescription.version)
        return prescription.key()
    raise Invalid("demo: no suggested formula suits this patient")


def _draft(town: Town, syndrome: str, formula: Formula) -> PrescriptionDraft:
    doses_count = town.rng.choice(DOSES)
    return PrescriptionDraft(
        disease="",
        syndrome=syndrome,
        doses_count=doses_count,
        doses_per_day=1,
        usage=USAGE,
        decoction_class=formula.decoction_class,
        visit_type=VisitType.OUTPATIENT,
        extended_supply_reason=CHRONIC if doses_count > LONGEST_WITHOUT_REASON else "",
        urgent=town.rng.randrange(URGENT_ONE_IN) == 0,
        items=tuple(
            ItemDraft(item.herb, item.grams, item.decoction_note, formula.name) for item in formula.items
        ),
    )


def _unsigned(found: tuple[Finding, ...]) -> tuple[str, ...]:
    asked = [finding for finding in found if finding.severity == "sign" and not finding.signed]
    return tuple(sorted({herb for finding in asked for herb in finding.herbs}))
