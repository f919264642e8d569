"""Review: one rule, one small registered function; `check` runs them all."""

# Importing the four files fills the register.
from tcm.review import dose_rules, form_rules, herb_rules, patient_rules
from tcm.review.check import check
from tcm.review.model import SEVERITIES, Case, Finding, Line, PatientFacts, Severity, verdict
from tcm.review.registry import RULES

__all__ = [
    "RULES",
    "SEVERITIES",
    "Case",
    "Finding",
    "Line",
    "PatientFacts",
    "Severity",
    "check",
    "dose_rules",
    "form_rules",
    "herb_rules",
    "patient_rules",
    "verdict",
]
