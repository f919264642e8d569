"""The register of rules: each is one small function that yields findings."""

from collections.abc import Callable, Iterator
from typing import cast

from tcm.knowledge.rules import RuleFact
from tcm.review.model import Finding, Severity
from tcm.review.reading import Reading

Rule = Callable[[Reading], Iterator[Finding]]

RULES: dict[str, Rule] = {}


def rule(rule_id: str) -> Callable[[Rule], Rule]:
    """Register a function under the id of its row in rules.csv.

    Args:
        rule_id: id of the rule.

    Raises:
        ValueError: the id is taken.
    """

    def register(function: Rule) -> Rule:
        if rule_id in RULES:
            raise ValueError(f"two rules are named {rule_id}")
        RULES[rule_id] = function
        return function

    return register


def found(
    fact: RuleFact,
    herbs: tuple[str, ...],
    message: str,
    message_en: str,
    *,
    severity: str | None = None,
    source: str | None = None,
    value: float | None = None,
    limit: float | None = None,
    unit: str = "",
) -> Finding:
    """A finding of a rule, with what its row does not say otherwise.

    Args:
        fact: the rule's row.
        herbs: the herbs as written.
        message: one Chinese sentence.
        message_en: the same in English.
        severity: severity where the fact behind this finding sets its own.
        source: source and edition of the fact behind this finding.
        value: what was found, in the unit the message names.
        limit: what it was held against.
        unit: of both.

    Returns:
        The finding, not signed.
    """
    return Finding(
        kind=fact.kind,
        severity=cast(Severity, severity or fact.severity),
        herbs=herbs,
        rule=fact.rule,
        source=source or f"{fact.source}（{fact.edition}）",
        message=message,
        message_en=message_en,
        clears=fact.clears,
        clears_en=fact.clears_en,
        value=value,
        limit=limit,
        unit=unit,
    )


def cite(source: str, edition: str) -> str:
    """A source with its edition, as findings show it."""
    return f"{edition} {source}"
