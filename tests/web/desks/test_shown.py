"""What both clinical desks show alike."""

from tests.tcm.county import KNOWLEDGE
from web.desks.shown import LAB_TERMS


def test_every_laboratory_test_that_has_a_threshold_has_a_name() -> None:
    assert set(LAB_TERMS) == set(KNOWLEDGE.lab_thresholds)
