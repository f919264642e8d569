"""A hospital's own system in the demo: its key, its codes, and a prescription that waits for its doctor."""

from tcm.records.clinical import Preparation, VisitType
from tcm.records.clock import county_day, day_start
from tcm.records.people import Staff
from tcm.records.roles import Role
from tcm.records.systems import Caller, Right
from tcm.services import coding, connecting, receiving
from tcm.services.connecting import KeyDetails
from tcm.services.sent import Sent, SentLine, SentPatient
from tcm.store.queries import visits_of_doctor
from web.demo.town import Town

# What the hospital calls its herbs by; of the last its code alone says which one is meant.
CODES = (("Y0007", "党参"), ("Y0031", "麸炒白术"), ("Y0018", "茯苓"), ("Y0044", "炙甘草"), ("Y0052", "白芍"))
LINES = (
    SentLine("Y0007", "党参", 12.0, ""),
    SentLine("Y0031", "麸炒白术", 9.0, ""),
    SentLine("Y0018", "茯苓", 12.0, ""),
    SentLine("Y0044", "炙甘草", 6.0, ""),
    SentLine("Y0052", "芍药", 9.0, ""),
)
KEY_DAYS = 365


def connect_hospital(town: Town, tag: str) -> None:
    """Connect the first doctor's hospital and let its system send a prescription for a visit of today.

    Args:
        town: The county today; where that doctor saw nobody yet, nothing is sent.
        tag: Begins the number that the hospital's system gives it.
    """
    doctor = town.staff[Role.DOCTOR][0]
    caller = _connected(town, doctor)
    with town.work() as work:
        visits = visits_of_doctor(work.session, doctor.id or 0, day_start(county_day(work.now)), 1)
        if not visits:
            return
        patient = work.patients.get(visits[0].patient_id)
        sent = Sent(
            number=f"{tag}-0001",
            doctor=doctor.username,
            patient=SentPatient(patient.name, patient.sex, None, patient.phone),
            disease="泄泻",
            doses_count=7,
            usage="水煎服，一日2次",
            preparation=Preparation.DECOCTED,
            visit_type=VisitType.OUTPATIENT,
            lines=LINES,
        )
        receiving.receive(work, caller, town.knowledge, sent)
        work.commit()


def _connected(town: Town, doctor: Staff) -> Caller:
    admin, pharmacist = town.staff[Role.ADMIN][0].actor, town.staff[Role.PHARMACIST][0].actor
    with town.work() as work:
        house = work.institutions.get(doctor.institution_id)
        details = KeyDetails(doctor.institution_id, f"{house.name} HIS", tuple(Right), KEY_DAYS)
        pepper = town.store.keys.derive(connecting.PEPPER_PURPOSE)
        # Nobody is told the secret: whoever tries the API makes a key of their own.
        key, _ = connecting.make_key(work, admin, details, pepper)
        coding.set_codes(work, pharmacist, town.knowledge, doctor.institution_id, CODES)
        work.commit()
        return key.caller
