"""A version of the rules: what an institution has switched off, made stricter or milder, or re-measured."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from tcm.knowledge import Knowledge
from tcm.review.model import SEVERITIES, Severity

SHIPPED_VERSION = "shipped"


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What an institution has decided of one rule.

    `enabled` or `severity` None keeps the shipped one; `parameters` holds only those that differ.
    """

    enabled: bool | None = None
    severity: Severity | None = None
    parameters: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules under a version's name; a rule that `settings` does not name is as shipped."""

    version: str
    settings: Mapping[str, RuleSetting] = field(default_factory=dict)

    def of(self, rule: str) -> RuleSetting:
        """The setting of a rule."""
        return self.settings.get(rule, _AS_SHIPPED)


_AS_SHIPPED = RuleSetting()
SHIPPED = RuleSet(SHIPPED_VERSION)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a setting cannot be approved: `what` is unknown_rule, locked, below_floor, unknown_parameter or
    out_of_range; `key` names the parameter where there is one."""

    rule: str
    what: str
    key: str = ""


def problems(rule_set: RuleSet, knowledge: Knowledge) -> tuple[Problem, ...]:
    """What keeps a rule set from being put in force.

    Args:
        rule_set: as proposed.
        knowledge: the shipped rules with their floors and ranges.

    Returns:
        Problems in the order of the rules' ids; none when it may be approved.
    """
    return tuple(
        problem
        for rule, setting in sorted(rule_set.settings.items())
        for problem in _problems_of(rule, setting, knowledge)
    )


def _problems_of(rule: str, setting: RuleSetting, knowledge: Knowledge) -> Iterator[Problem]:
    fact = knowledge.rules.get(rule)
    if fact is None:
        yield Problem(rule, "unknown_rule")
        return
    if fact.floor and setting.enabled is False:
        yield Problem(rule, "locked")
    floor = fact.floor or "warn"
    if setting.severity is not None and _rank(setting.severity) < _rank(floor):
        yield Problem(rule, "below_floor")
    known = knowledge.rule_parameters.get(rule, {})
    for key, value in sorted(setting.parameters.items()):
        if key not in known:
            yield Problem(rule, "unknown_parameter", key)
        elif not known[key].minimum <= value <= known[key].maximum:
            yield Problem(rule, "out_of_range", key)


def _rank(severity: str) -> int:
    return SEVERITIES.index(severity)


@dataclass(frozen=True, slots=True)
class RulesInUse:
    """A rule set beside the shipped rules, as the rules ask for their figures.

    Floors and ranges hold here too: a version approved before a floor was raised cannot go below it.
    """

    rule_set: RuleSet
    knowledge: Knowledge
    on: date | None

    def runs(self, rule: str) -> bool:
        """Whether a rule is switched on and, where a day is given, in force on it."""
        fact, chosen = self.knowledge.rules[rule], self.rule_set.of(rule).enabled
        if not fact.floor and not (fact.enabled if chosen is None else chosen):
            return False
        return self.on is None or fact.in_force(self.on)

    def severity(self, rule: str, usual: Severity) -> Severity:
        """The severity of a finding: the institution's, where the finding is of the rule's usual severity."""
        fact, chosen = self.knowledge.rules[rule], self.rule_set.of(rule).severity
        if chosen is None or usual != fact.severity:
            return usual
        return chosen if _rank(chosen) >= _rank(fact.floor or "warn") else usual

    def parameter(self, rule: str, key: str) -> float:
        """A figure of a rule: the institution's, else the shipped one."""
        fact, chosen = self.knowledge.rule_parameters[rule][key], self.rule_set.of(rule).parameters.get(key)
        return fact.value if chosen is None else min(max(chosen, fact.minimum), fact.maximum)

    def parameter_source(self, rule: str, key: str) -> str:
        """Where a figure comes from: the version that set it, else the shipped source."""
        if key in self.rule_set.of(rule).parameters:
            return f"机构规则 {self.rule_set.version}"
        fact = self.knowledge.rule_parameters[rule][key]
        return f"{fact.edition} {fact.source}"
