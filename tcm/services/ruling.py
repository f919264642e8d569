"""The rules of review as the institutions put them in force."""

from collections.abc import Mapping
from typing import Any

from tcm.records.people import InstitutionKind
from tcm.review import SHIPPED, RuleSet, RuleSetting
from tcm.store.work import Work


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
    centre_ids = work.institutions.ids_of_kind(InstitutionKind.CENTRE)
    holders = (institution_id, *centre_ids)
    in_force = {version.institution_id: version for version in work.rule_versions.in_force(holders)}
    own = next((in_force[holder] for holder in holders if holder in in_force), None)
    return SHIPPED if own is None else rule_set_of(own.version, own.settings)
