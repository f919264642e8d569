"""The administrator's desk: houses, staff, equipment, and who looked at what."""

from dataclasses import dataclass

from tcm.records.centre import Crew, Pot, Vehicle
from tcm.records.errors import N_, Invalid
from tcm.records.people import Institution, Staff
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor, Role
from tcm.store.ledger import Verified
from tcm.store.queries import EVERY_ACCESS, AccessAsked, AccessRow, newest_accesses
from tcm.store.work import Work


@dataclass(frozen=True)
class StaffDetails:
    """What the staff form asks.

    Args:
        institution_id: Where they work.
        username: Lower case, unique.
        name: As it is signed.
        role: What they do.
        title: Professional title.
        dispensing_years: Years of dispensing.
        reviewer_trained: Whether the reviewer's examination is passed.
        expert_in: What they are consulted about by doctors of other houses, empty for those who are not.
    """

    institution_id: int
    username: str
    name: str
    role: Role
    title: str = ""
    dispensing_years: int = 0
    reviewer_trained: bool = False
    expert_in: str = ""


def found(work: Work, centre: Institution, admin: Staff) -> tuple[Institution, Staff]:
    """The first house and its administrator, in an empty database; afterwards only `add_staff` adds people.

    Args:
        work: The unit of work.
        centre: The decoction centre.
        admin: Its administrator; the institution is filled in here.

    Returns:
        Both, stored.

    Raises:
        Invalid: When there is staff already.
    """
    if work.staff.all():
        raise Invalid(N_("系统已经初始化过了。"))
    stored = work.institutions.add(centre)
    admin.institution_id = stored.id or 0
    return stored, work.staff.add(admin)


def list_staff(work: Work, actor: Actor) -> list[Staff]:
    """Everyone who can log in.

    Args:
        work: The unit of work.
        actor: An administrator.

    Returns:
        Staff by row.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    return work.staff.all()


def list_institutions(work: Work, actor: Actor) -> list[Institution]:
    """Every house of the county's pharmacy.

    Args:
        work: The unit of work.
        actor: An administrator.

    Returns:
        Houses by row.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    return work.institutions.all()


def add_staff(work: Work, actor: Actor, details: StaffDetails, password_hash: str) -> Staff:
    """Give somebody a log-in.

    Args:
        work: The unit of work.
        actor: An administrator.
        details: What the form says.
        password_hash: Argon2id of the first password.

    Returns:
        The new member of staff.

    Raises:
        Invalid: When the log-in name is taken, or somebody who is no doctor is to be an expert.
        NotFound: When the house does not exist.
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    work.institutions.get(details.institution_id)
    if work.staff.by_username(details.username) is not None:
        raise Invalid(N_("这个登录名已经有人用了。"))
    if details.expert_in and details.role is not Role.DOCTOR:
        raise Invalid(N_("只有医师可以登记为会诊专家。"))
    return work.staff.add(Staff(password_hash=password_hash, **vars(details)))


def set_staff_active(work: Work, actor: Actor, staff_id: int, *, active: bool) -> Staff:
    """Let somebody log in, or no longer.

    Args:
        work: The unit of work.
        actor: An administrator.
        staff_id: Who.
        active: False when they have left.

    Returns:
        The member of staff.

    Raises:
        Invalid: When an administrator would lock themself out.
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    if staff_id == actor.staff_id and not active:
        raise Invalid(N_("不能停用自己的账号。"))
    member = work.staff.get(staff_id)
    member.active = active
    return member


def set_expert_in(work: Work, actor: Actor, staff_id: int, expert_in: str) -> Staff:
    """Make a doctor an expert whom others consult, or no longer.

    Args:
        work: The unit of work.
        actor: An administrator.
        staff_id: Who.
        expert_in: What about; empty for no longer. What they are being asked already stays theirs.

    Returns:
        The member of staff.

    Raises:
        Invalid: When the person is no doctor.
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    member = work.staff.get(staff_id)
    if member.role is not Role.DOCTOR:
        raise Invalid(N_("只有医师可以登记为会诊专家。"))
    member.expert_in = expert_in.strip()
    return member


def add_institution(work: Work, actor: Actor, institution: Institution) -> Institution:
    """Add a house.

    Args:
        work: The unit of work.
        actor: An administrator.
        institution: Not stored yet.

    Returns:
        The stored house.

    Raises:
        Invalid: When the code is taken.
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    if work.institutions.with_code(institution.code) is not None:
        raise Invalid(N_("这个机构代码已经有了。"))
    return work.institutions.add(institution)


def equip(work: Work, actor: Actor, pots: list[Pot], crew: Crew, vehicles: list[Vehicle]) -> None:
    """Set up the centre's pots, people and vehicles.

    Args:
        work: The unit of work.
        actor: An administrator.
        pots: Not stored yet.
        crew: Not stored yet.
        vehicles: Not stored yet.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.STAFF_MANAGE)
    for pot in pots:
        work.pots.add(pot)
    work.crews.add(crew)
    for vehicle in vehicles:
        work.vehicles.add(vehicle)


def read_audit(work: Work, actor: Actor, limit: int, asked: AccessAsked = EVERY_ACCESS) -> list[AccessRow]:
    """Who looked at what, newest first.

    Args:
        work: The unit of work.
        actor: An administrator.
        limit: At most so many lines.
        asked: Which.

    Returns:
        Lines of the access log.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.AUDIT_READ)
    return newest_accesses(work.session, limit, asked)


def verify_ledger(work: Work, actor: Actor) -> Verified:
    """Walk every chain of the ledger and recompute every daily head.

    Args:
        work: The unit of work.
        actor: An administrator.

    Returns:
        Counts, and the first break if there is one.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.AUDIT_READ)
    return work.ledger.verify()
