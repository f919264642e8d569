"""The rules of review as an institution answers for them: drafted by one person, put in force by another."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tcm.knowledge import Knowledge
from tcm.knowledge.rules import RuleFact
from tcm.records.clock import county_day
from tcm.records.errors import N_, Forbidden, Invalid
from tcm.records.governance import FindingDecision, RuleVersion, Standing
from tcm.records.people import InstitutionKind
from tcm.records.permissions import Action, allows, demand
from tcm.records.roles import Actor, Role
from tcm.review import SHIPPED, RuleSet, RuleSetting
from tcm.services.access import demand_same_form, look
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.services.rule_settings import differing, refuse_problems
from tcm.store.rule_queries import (
    DecisionCount,
    VersionRow,
    decision_counts,
    names_beginning,
    start_of,
    versions_newest_first,
)
from tcm.store.work import Work

RULE_VERSION = "rule_version"
LONGEST_NOTE = 400


@dataclass(frozen=True)
class RulesOverview:
    """All versions of the rules.

    Args:
        versions: Newest first.
        in_force: The one that holds at the actor's institution, None where the rules are as shipped.
    """

    versions: tuple[VersionRow, ...]
    in_force: VersionRow | None


@dataclass(frozen=True)
class RuleView:
    """One rule under a version.

    Args:
        fact: As shipped.
        enabled: Whether it runs.
        severity: Of its usual findings.
        parameters: Every figure of it by key.
        changed: What differs from the shipped rule: `enabled`, `severity`, keys of parameters.
    """

    fact: RuleFact
    enabled: bool
    severity: str
    parameters: Mapping[str, float]
    changed: frozenset[str]


@dataclass(frozen=True)
class RuleStatistic:
    """What became of one rule's findings.

    Args:
        rule: Rule id.
        fired: Findings that lay before a pharmacist.
        accepted: Of these, accepted.
        overruled: Overruled with a reason.
        undecided: Sent back without a word on them.
        overruled_by: Name and count of those who overruled, the most frequent first.
    """

    rule: str
    fired: int
    accepted: int
    overruled: int
    undecided: int
    overruled_by: tuple[tuple[str, int], ...]


def rule_set_of(version: str, settings: Mapping[str, Mapping[str, Any]]) -> RuleSet:
    """A stored version as the engine reads it.

    Args:
        version: Its name.
        settings: Rule id to {"enabled", "severity", "parameters"}.

    Returns:
        The rule set.
    """
    return RuleSet(
        version,
        {
            rule: RuleSetting(
                enabled=setting.get("enabled"),
                severity=setting.get("severity"),
                parameters=dict(setting.get("parameters") or {}),
            )
            for rule, setting in settings.items()
        },
    )


def rules_for(work: Work, institution_id: int) -> RuleSet:
    """The rules that a prescription of an institution is checked with now.

    Args:
        work: The unit of work.
        institution_id: Where it is written.

    Returns:
        The institution's own version in force, else the centre's, else the rules as shipped.
    """
    own = _in_force_at(work, institution_id)
    return SHIPPED if own is None else rule_set_of(own.version, own.settings)


def overview(work: Work, actor: Actor) -> RulesOverview:
    """All versions of the rules, and the one that holds where the actor works.

    Args:
        work: The unit of work.
        actor: A doctor, pharmacist or manager.

    Returns:
        The versions with the names of those who answer for them.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.RULES_READ)
    versions = tuple(versions_newest_first(work.session))
    own = _in_force_at(work, actor.institution_id)
    holds = next((row for row in versions if own is not None and row.version_id == own.id), None)
    return RulesOverview(versions, holds)


def rules_of(version: RuleVersion | VersionRow | None, knowledge: Knowledge) -> tuple[RuleView, ...]:
    """Every rule as a version has it.

    Args:
        version: Which, None for the rules as shipped.
        knowledge: The shipped rules.

    Returns:
        The rules in the order of the shipped ones.
    """
    rule_set = SHIPPED if version is None else rule_set_of(version.version, version.settings)
    return tuple(_view(fact, rule_set.of(rule), knowledge) for rule, fact in knowledge.rules.items())


def begin(work: Work, actor: Actor, request_key: str) -> RuleVersion:
    """Begin a version of the actor's institution's rules as a draft.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        request_key: The form's own key.

    Returns:
        The draft, with the settings of what holds there now; the same one for the same key.

    Raises:
        Forbidden: For other roles.
        Invalid: When the key began a version of another institution.
    """
    if not allows(actor, Action.RULES_DRAFT):
        look(work, actor, Action.RULES_DRAFT, RULE_VERSION, None)
    earlier = work.rule_versions.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.institution_id == actor.institution_id)
        return earlier
    holds = _in_force_at(work, actor.institution_id)
    draft = work.rule_versions.add(
        RuleVersion(
            institution_id=actor.institution_id,
            version=_next_name(work),
            settings={} if holds is None else dict(holds.settings),
            made_by_id=actor.staff_id,
            made_at=work.now,
            request_key=request_key,
        )
    )
    look(work, actor, Action.RULES_DRAFT, RULE_VERSION, draft.id)
    return draft


def change(
    work: Work,
    actor: Actor,
    knowledge: Knowledge,
    rule_version_id: int,
    settings: Mapping[str, RuleSetting],
    note: str,
    *,
    seen: datetime | None = None,
) -> RuleVersion:
    """Save a draft; whoever saves it is its drafter from then on, who may not approve it.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        knowledge: The shipped rules with their floors and ranges.
        rule_version_id: Which draft.
        settings: All of the version's settings by rule; what is as shipped is not kept.
        note: Why it is made.
        seen: `made_at` of the draft as it was opened, so that nobody overwrites what they have not read.

    Returns:
        The draft.

    Raises:
        NotFound: When there is no such version.
        Forbidden: For other roles.
        Invalid: When it is no draft, was changed since, or a setting is not allowed.
    """
    version = _hold_draft(work, actor, Action.RULES_DRAFT, rule_version_id)
    if seen is not None and seen != version.made_at:
        raise Invalid(N_("这份草稿刚被别人改动过，请打开新的一页看过再改。您填写的内容仍在页面上。"))
    if len(note) > LONGEST_NOTE:
        raise Invalid(N_("说明最多 %(most)s 个字。"), most=LONGEST_NOTE)
    refuse_problems(RuleSet(version.version, settings), knowledge)
    version.settings = differing(settings, knowledge)
    version.note = note.strip()
    version.made_by_id, version.made_at = actor.staff_id, work.now
    work.session.flush()
    return version


def put_in_force(
    work: Work, actor: Actor, knowledge: Knowledge, rule_version_id: int, *, seen: datetime | None = None
) -> RuleVersion:
    """Approve a draft by name; the institution's former version is retired at the same moment.

    Args:
        work: The unit of work.
        actor: A manager or qualified pharmacist, another person than the drafter.
        knowledge: The shipped rules with their floors and ranges.
        rule_version_id: Which draft.
        seen: `made_at` of the draft as the approver read it, so that nobody approves what they have not read.

    Returns:
        The version in force.

    Raises:
        NotFound: When there is no such version.
        Forbidden: For other roles, the drafter, or a pharmacist who lacks the qualification.
        Invalid: When it is no draft, was changed since, or has a setting that is not allowed.
        Stale: When another version was put in force at the same moment.
    """
    version = _hold_draft(work, actor, Action.RULES_APPROVE, rule_version_id)
    if version.made_by_id == actor.staff_id:
        raise Forbidden(N_("起草人不能批准自己起草的规则，请另一位同事批准。"))
    if actor.role is Role.PHARMACIST:
        demand_qualified_reviewer(work, actor)
    if seen is not None and seen != version.made_at:
        raise Invalid(N_("这个草稿在您打开之后又改动过，请再看一遍后批准。"))
    refuse_problems(rule_set_of(version.version, version.settings), knowledge)
    for former in work.rule_versions.in_force([version.institution_id]):
        former.standing, former.retired_at = Standing.RETIRED, work.now
    # The old version leaves before the new one enters: the index allows one an institution.
    work.session.flush()
    version.standing = Standing.IN_FORCE
    version.approved_by_id, version.approved_at = actor.staff_id, work.now
    work.session.flush()
    return version


def discard(work: Work, actor: Actor, rule_version_id: int) -> RuleVersion:
    """Give up a draft that nobody wants; it stays on record as retired.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        rule_version_id: Which draft.

    Returns:
        The retired version.

    Raises:
        NotFound: When there is no such version.
        Forbidden: For other roles.
        Invalid: When it is no draft.
    """
    version = _hold_draft(work, actor, Action.RULES_DRAFT, rule_version_id)
    version.standing, version.retired_at = Standing.RETIRED, work.now
    work.session.flush()
    return version


def statistics(work: Work, actor: Actor, since: date, until: date) -> tuple[RuleStatistic, ...]:
    """What pharmacists made of each rule's findings.

    Args:
        work: The unit of work.
        actor: A pharmacist or the manager: it names colleagues.
        since: County day of the first decision that counts.
        until: And of the last.

    Returns:
        The rules that found something, the most overruled first, then the most frequent.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.RULES_APPROVE)
    by_rule: dict[str, list[DecisionCount]] = {}
    for each in decision_counts(work.session, start_of(since), start_of(until) + timedelta(days=1)):
        by_rule.setdefault(each.rule, []).append(each)
    told = [_statistic(rule, counts) for rule, counts in by_rule.items()]
    return tuple(sorted(told, key=lambda each: (-each.overruled, -each.fired, each.rule)))


def _in_force_at(work: Work, institution_id: int) -> RuleVersion | None:
    centre_ids = work.institutions.ids_of_kind(InstitutionKind.CENTRE)
    holders = (institution_id, *centre_ids)
    in_force = {version.institution_id: version for version in work.rule_versions.in_force(holders)}
    return next((in_force[holder] for holder in holders if holder in in_force), None)


def _next_name(work: Work) -> str:
    today = f"{county_day(work.now)}."
    numbers = [int(name.removeprefix(today)) for name in names_beginning(work.session, today)]
    return f"{today}{max(numbers, default=0) + 1}"


def _hold_draft(work: Work, actor: Actor, action: Action, rule_version_id: int) -> RuleVersion:
    version = work.rule_versions.get(rule_version_id)
    look(work, actor, action, RULE_VERSION, rule_version_id)
    # As it is now, and locked where the database locks rows: a draft is approved once.
    work.session.refresh(version, with_for_update=True)
    if version.standing is not Standing.DRAFT:
        raise Invalid(N_("这个版本已经不是草稿，不能再改动。"))
    return version


def _view(fact: RuleFact, setting: RuleSetting, knowledge: Knowledge) -> RuleView:
    shipped = {key: each.value for key, each in knowledge.rule_parameters.get(fact.rule, {}).items()}
    parameters = {key: setting.parameters.get(key, value) for key, value in shipped.items()}
    enabled = fact.enabled if setting.enabled is None else setting.enabled
    severity = fact.severity if setting.severity is None else setting.severity
    changed = {key for key, value in parameters.items() if value != shipped[key]}
    changed |= {"enabled"} if enabled != fact.enabled else set()
    changed |= {"severity"} if severity != fact.severity else set()
    return RuleView(fact, enabled, severity, parameters, frozenset(changed))


def _statistic(rule: str, counts: list[DecisionCount]) -> RuleStatistic:
    by_decision = {
        decision: sum(each.count for each in counts if each.decision is decision)
        for decision in FindingDecision
    }
    overruled = [each for each in counts if each.decision is FindingDecision.OVERRULED]
    return RuleStatistic(
        rule=rule,
        fired=sum(by_decision.values()),
        accepted=by_decision[FindingDecision.ACCEPTED],
        overruled=by_decision[FindingDecision.OVERRULED],
        undecided=by_decision[FindingDecision.UNDECIDED],
        overruled_by=tuple((each.pharmacist, each.count) for each in overruled),
    )
