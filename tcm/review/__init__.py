"""Review: one rule, one small registered function; `check` runs them all."""

# Importing these files fills the register.
from tcm.review import (
    age_rules,
    course_rules,
    dose_rules,
    form_rules,
    herb_rules,
    insurance_rules,
    name_rules,
    patient_rules,
    pattern_rules,
    preparation_rules,
)
from tcm.review.age_doses import AgeDose, propose_doses
from tcm.review.check import check
from tcm.review.model import (
    SEVERITIES,
    Answered,
    Case,
    Finding,
    Line,
    PatientFacts,
    SecondSignature,
    Severity,
    Supply,
    verdict,
)
from tcm.review.registry import RULES
from tcm.review.rule_set import SHIPPED, Problem, RuleSet, RuleSetting, problems

__all__ = [
    "RULES",
    "SEVERITIES",
    "SHIPPED",
    "AgeDose",
    "Answered",
    "Case",
    "Finding",
    "Line",
    "PatientFacts",
    "Problem",
    "RuleSet",
    "RuleSetting",
    "SecondSignature",
    "Severity",
    "Supply",
    "age_rules",
    "check",
    "course_rules",
    "dose_rules",
    "form_rules",
    "herb_rules",
    "insurance_rules",
    "name_rules",
    "patient_rules",
    "pattern_rules",
    "preparation_rules",
    "problems",
    "propose_doses",
    "verdict",
]
