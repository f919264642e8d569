"""Runs every registered rule over a case."""

from dataclasses import replace

from tcm.knowledge import Knowledge
from tcm.review.model import SEVERITIES, Case, Finding
from tcm.review.reading import read_case
from tcm.review.registry import RULES


def check(case: Case, knowledge: Knowledge) -> tuple[Finding, ...]:
    """Hold a prescription against every rule.

    Args:
        case: the prescription with its patient and diagnosis.
        knowledge: the tables, from `tcm.knowledge.load()`.

    Returns:
        The findings, strictest first. The order in which lines were written makes no difference. A finding
        of severity `sign` is `signed` when the doctor signed again for every herb it names.

    Source:
        医疗机构处方审核规范 (国卫办医发〔2018〕14号) 第15条.
    """
    reading = read_case(case, knowledge)
    signed = frozenset(_standard(name, knowledge) for name in case.second_signatures)
    findings = [
        replace(found, signed=_is_signed(found, signed, knowledge))
        for rule in RULES.values()
        for found in rule(reading)
    ]
    findings.sort(
        key=lambda found: (-SEVERITIES.index(found.severity), found.kind, found.herbs, found.message)
    )
    return tuple(findings)


def _standard(written: str, knowledge: Knowledge) -> str:
    herb = knowledge.herb(written)
    return herb.dose_group if herb is not None else knowledge.names.normalise(written)


def _is_signed(found: Finding, signed: frozenset[str], knowledge: Knowledge) -> bool:
    if found.severity != "sign" or not found.herbs:
        return False
    return all(_standard(written, knowledge) in signed for written in found.herbs)
