"""Runs every registered rule over a case."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tcm.knowledge import Knowledge
from tcm.review.model import SEVERITIES, Answered, Case, Finding
from tcm.review.reading import Reading, read_case
from tcm.review.registry import RULES
from tcm.review.rule_set import SHIPPED, RuleSet


@dataclass(frozen=True, slots=True)
class _Signed:
    """Herbs signed for by standard name: for whatever is found of them, and for findings that are named."""

    for_all: frozenset[str]
    named: tuple[tuple[str, tuple[Answered, ...]], ...]

    def standing_for(self, found: Finding) -> frozenset[str]:
        """The herbs whose signature stands for a finding."""
        return self.for_all.union(herb for herb, answered in self.named if found.is_answered_by(answered))


def check(case: Case, knowledge: Knowledge, rule_set: RuleSet = SHIPPED) -> tuple[Finding, ...]:
    """Hold a prescription against every rule.

    Args:
        case: the prescription with its patient and diagnosis.
        knowledge: the tables, from `tcm.knowledge.load()`.
        rule_set: the institution's version of the rules; as shipped where none is given.

    Returns:
        The findings, strictest first. The order in which lines were written makes no difference. A finding
        of severity `sign` is `signed` when the doctor signed again for every herb it names, and for it.

    Source:
        医疗机构处方审核规范 (国卫办医发〔2018〕14号) 第15条.
    """
    reading = read_case(case, knowledge, rule_set)
    signed = _Signed(
        frozenset(_standard(name, knowledge) for name in case.second_signatures),
        tuple((_standard(one.herb, knowledge), one.answered) for one in case.signed_for),
    )
    # Two equal lines find the same twice; said once it has one name, by which the pharmacist answers it.
    findings = list(dict.fromkeys(_settled(found, reading, signed) for found in _found(reading)))
    findings.sort(
        key=lambda found: (-SEVERITIES.index(found.severity), found.kind, found.herbs, found.message)
    )
    return tuple(findings)


def _found(reading: Reading) -> Iterator[Finding]:
    for name, rule in RULES.items():
        if reading.rules.runs(name):
            # One function may find for a second row of rules.csv (a dose of a provincial herb).
            yield from (found for found in rule(reading) if reading.rules.runs(found.rule))


def _settled(found: Finding, reading: Reading, signed: _Signed) -> Finding:
    """The finding at the institution's severity, signed where the doctor signed again."""
    severity = reading.rules.severity(found.rule, found.severity)
    settled = found if severity == found.severity else replace(found, severity=severity)
    # What must be mended is not cleared by a signature, however strict the institution has made it.
    if found.severity != "return" and _is_signed(settled, signed, reading.knowledge):
        return replace(settled, signed=True)
    return settled


def _standard(written: str, knowledge: Knowledge) -> str:
    herb = knowledge.herb(written)
    return herb.dose_group if herb is not None else knowledge.names.normalise(written)


def _is_signed(found: Finding, signed: _Signed, knowledge: Knowledge) -> bool:
    if found.severity != "sign" or not found.herbs:
        return False
    standing = signed.standing_for(found)
    return all(_standard(written, knowledge) in standing for written in found.herbs)
