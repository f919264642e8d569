"""Where a prescription from another system belongs: its doctor, today's visit, and what its herbs mean."""

from collections.abc import Sequence

from tcm.knowledge import Knowledge, Resolution
from tcm.records.clinical import Encounter
from tcm.records.clock import age_years, county_day, day_start
from tcm.records.errors import N_, Invalid
from tcm.records.people import Patient, Staff
from tcm.records.roles import Role
from tcm.records.systems import Caller
from tcm.services.sent import SentLine, SentPatient, ages_agree, digits_of, joined_name
from tcm.store.work import Work

_NAMESAKES_AT_MOST = 100


def herbs_of(work: Work, caller: Caller, knowledge: Knowledge, lines: Sequence[SentLine]) -> list[str]:
    """What each line will be written as.

    The name decides; a code only says which one of several herbs an ambiguous name means. What the name and
    the code say must be the same.

    Args:
        work: The unit of work.
        caller: The system that sends it.
        knowledge: Resolves the names.
        lines: As sent.

    Returns:
        Herbs in order.

    Raises:
        Invalid: When a name is unknown or ambiguous, or its code says otherwise; all such are named.
    """
    names = knowledge.names
    by_code = work.herb_codes.herbs_of(caller.institution_id, {line.code for line in lines if line.code})
    unclear, contrary, resolved = [], [], list[str]()
    for line in lines:
        coded, named = by_code.get(line.code), names.resolve(line.name)
        meant = names.resolve(coded) if coded else None
        if named.name is None and (meant is None or named.status == "unknown" or names.is_joint(line.name)):
            unclear.append(line.name)
        elif meant is not None and not _agree(meant, named):
            contrary.append(f"{line.code} {coded} / {line.name}")
        # A name that is clear stays as written: it may say how the herb was processed.
        resolved.append(line.name if named.name else coded or "")
    if unclear:
        raise Invalid(
            N_("这些药认不准，处方没有收下：%(herbs)s。请改用药典名；名称有几种意思的，请药师登记编码。"),
            herbs="、".join(unclear),
        )
    if contrary:
        raise Invalid(
            N_("这些药的编码与名称不是同一味，处方没有收下：%(herbs)s。"), herbs="、".join(contrary)
        )
    return resolved


def _agree(coded: Resolution, named: Resolution) -> bool:
    if named.name is None:
        return coded.name in named.candidates and named.form in ("", coded.form)
    # A code that names the herb alone leaves the processing to the name.
    return coded.name == named.name and coded.form in ("", named.form)


def doctor_of(work: Work, caller: Caller, said: str) -> Staff:
    """The doctor who must look.

    Args:
        work: The unit of work.
        caller: The system that sends it.
        said: Log-in name or name.

    Raises:
        Invalid: When the house has no such doctor, or several.
    """
    doctors = [
        each
        for each in work.staff.with_role(Role.DOCTOR)
        if each.institution_id == caller.institution_id and said in (each.username, each.name)
    ]
    if len(doctors) != 1:
        raise Invalid(N_("本院没有这位医师，或有同名的。请写登录名。"))
    return doctors[0]


def visit_of(work: Work, caller: Caller, doctor: Staff, said: SentPatient) -> Encounter:
    """Today's visit of that patient to that doctor, the newest where there are several.

    Who was seen today does not tell namesakes apart: the prescription may be the other one's.

    Args:
        work: The unit of work.
        caller: The system that sends it.
        doctor: From `doctor_of`.
        said: Who it is for.

    Raises:
        Invalid: When it may be for several people of the house, or the doctor did not see them today.
    """
    today = county_day(work.now)
    namesakes = work.patients.matching(said.name, caller.institution_id, _NAMESAKES_AT_MOST)
    fitting = [each for each in namesakes if _fits(each, said, age_years(each.born_on, today))]
    # Of namesakes, the one whose phone is on record is meant rather than one without any.
    phone = digits_of(said.phone)
    told_apart = [each for each in fitting if phone and digits_of(each.phone) == phone] or fitting
    if len(told_apart) > 1:
        raise Invalid(N_("本院有不止一位这样的患者。请带上电话和年龄再送。"))
    ids = [each.id or 0 for each in told_apart]
    visits = work.encounters.with_doctor_since(doctor.id or 0, ids, day_start(today))
    if not visits:
        raise Invalid(N_("这位医师今天没有接诊这位患者。请先在接诊页打开就诊，再送处方。"))
    return visits[0]


def _fits(patient: Patient, said: SentPatient, age: int) -> bool:
    # `matching` also finds phones and identity numbers.
    same_name = joined_name(patient.name) == joined_name(said.name)
    on_record, phone = digits_of(patient.phone), digits_of(said.phone)
    may_have = not phone or not on_record or phone == on_record
    return same_name and may_have and ages_agree(said.age_years, age) and patient.sex is said.sex
