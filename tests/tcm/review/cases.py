"""Cases and findings as the tests of review write them."""

from collections.abc import Sequence

from tcm.knowledge import load
from tcm.review import SHIPPED, Case, Finding, Line, PatientFacts, RuleSet, RuleSetting, Supply, check

KNOWLEDGE = load()

Written = str | tuple[str, float] | tuple[str, float, str]


def lines(*herbs: Written) -> tuple[Line, ...]:
    """Lines as written; a bare name gets 1 g."""
    return tuple(Line(herb, 1.0) if isinstance(herb, str) else Line(*herb) for herb in herbs)


def case(*herbs: Written, **facts: object) -> Case:
    """A well-written case of these herbs."""
    given = {"syndrome": "脾气虚证", "usage": "每日1剂，水煎，分两次温服", "doses_count": 7, **facts}
    return Case(lines(*herbs), **given)  # type: ignore[arg-type]


def patient(**facts: object) -> PatientFacts:
    """A patient of whom only this is known."""
    return PatientFacts(**facts)  # type: ignore[arg-type]


def left(*herbs: Written, days: float = 3, a_day: float = 1.0, label: str = "城关卫生院11月20日") -> Supply:
    """What the patient still has of an earlier prescription."""
    return Supply(label, days, lines(*herbs), a_day)


def rules(version: str = "2026-11-22.1", **settings: RuleSetting) -> RuleSet:
    """A version with these settings."""
    return RuleSet(version, settings)


def measured(rule: str, **parameters: float) -> RuleSet:
    """A version that moves the figures of one rule."""
    return rules(**{rule: RuleSetting(parameters=parameters)})


def of_kind(kind: str, reviewed: Case, rule_set: RuleSet = SHIPPED) -> list[Finding]:
    """Findings of one kind."""
    return [found for found in check(reviewed, KNOWLEDGE, rule_set) if found.kind == kind]


def of_rule(rule: str, reviewed: Case, rule_set: RuleSet = SHIPPED) -> list[Finding]:
    """Findings of one rule."""
    return [found for found in check(reviewed, KNOWLEDGE, rule_set) if found.rule == rule]


def severities(kind: str, reviewed: Case, rule_set: RuleSet = SHIPPED) -> list[str]:
    """Severities of one kind."""
    return [found.severity for found in of_kind(kind, reviewed, rule_set)]


def figures(findings: Sequence[Finding]) -> list[tuple[object, ...]]:
    """What findings say in figures."""
    return [
        (found.herbs, found.severity, found.value, found.limit, found.unit, found.source)
        for found in findings
    ]
