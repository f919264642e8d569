"""Health checks of those whose hands are on the medicine: may they work, and until when; nothing else."""

from dataclasses import dataclass
from datetime import date, timedelta

from tcm.knowledge.quality import quality_rules
from tcm.records.clock import county_day
from tcm.records.errors import N_, Invalid
from tcm.records.people import Staff
from tcm.records.permissions import Action, may
from tcm.records.quality import HealthRule
from tcm.records.roles import Actor
from tcm.records.upkeep import HealthCheck, Standing, standing_of
from tcm.services.access import look
from tcm.services.quality_gate import EXAMINED_ROLES, settings_of
from tcm.store.work import Work

_WORST_FIRST = (Standing.UNFIT, Standing.OVERDUE, Standing.MISSING, Standing.SOON, Standing.HOLDS)


@dataclass(frozen=True)
class Examined:
    """A person and how it stands with their health check.

    Args:
        person: Who.
        check: Their last check, None without any.
        standing: How it stands.
    """

    person: Staff
    check: HealthCheck | None
    standing: Standing


def due_list(work: Work, actor: Actor) -> list[Examined]:
    """Everybody who touches medicine, the most pressing first.

    Args:
        work: The unit of work.
        actor: A manager; the look is on record.

    Returns:
        Active floor staff and pharmacists.

    Raises:
        Forbidden: For other roles.
    """
    look(work, actor, Action.HEALTH_KEEP, "staff", None)
    return sorted(_examined(work), key=lambda row: (_WORST_FIRST.index(row.standing), row.person.id))


def count_not_holding(work: Work, actor: Actor) -> int:
    """Of how many people the health check does not hold, for the manager's first page; nobody is named.

    Args:
        work: The unit of work.
        actor: Anybody.

    Returns:
        Their number; 0 where it is not kept, and for everybody but the manager.
    """
    if not may(actor, Action.HEALTH_KEEP) or settings_of(work).health is HealthRule.OFF:
        return 0
    return sum(not each.standing.holds for each in _examined(work))


def enter(
    work: Work,
    actor: Actor,
    staff_id: int,
    *,
    examined_on: date,
    fit: bool,
    certificate: str,
    request_key: str,
) -> HealthCheck:
    """Write down that somebody was examined.

    Args:
        work: The unit of work.
        actor: A manager.
        staff_id: Who.
        examined_on: County date.
        fit: Whether they may work with medicine.
        certificate: Number of the certificate; no diagnosis.
        request_key: Key of the form.

    Returns:
        The check, which holds a year; the second submit of one form finds what the first made.

    Raises:
        NotFound: When there is no such person.
        Invalid: When the day is yet to come.
        Forbidden: For other roles.
    """
    look(work, actor, Action.HEALTH_KEEP, "staff", staff_id)
    before = work.health_checks.of_request(request_key)
    if before is not None:
        return before
    person = work.staff.get(staff_id)
    if examined_on > county_day(work.now):
        raise Invalid(N_("体检日期不能晚于今天。"))
    return work.health_checks.add(
        HealthCheck(
            staff_id=person.id or 0,
            examined_on=examined_on,
            valid_until=examined_on + timedelta(days=quality_rules()["health_valid_days"]),
            outcome={"fit": fit, "certificate": certificate.strip()},
            entered_by_id=actor.staff_id,
            entered_at=work.now,
            request_key=request_key,
        )
    )


def own_standing(work: Work, actor: Actor) -> Standing | None:
    """How it stands with one's own health check, where the centre keeps them; nobody else's is told.

    Args:
        work: The unit of work.
        actor: Anybody.

    Returns:
        The standing, or None where it is not kept or not asked of this role.
    """
    if actor.role not in EXAMINED_ROLES or settings_of(work).health is HealthRule.OFF:
        return None
    return _standing(work.health_checks.newest_of(actor.staff_id), county_day(work.now))


def _examined(work: Work) -> list[Examined]:
    newest, today = work.health_checks.newest(), county_day(work.now)
    people = [each for each in work.staff.all() if each.active and each.role in EXAMINED_ROLES]
    checks = [(each, newest.get(each.id or 0)) for each in people]
    return [Examined(each, check, _standing(check, today)) for each, check in checks]


def _standing(check: HealthCheck | None, today: date) -> Standing:
    return standing_of(check, today, quality_rules()["health_soon_days"])
