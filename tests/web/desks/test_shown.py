"""What both clinical desks show alike."""

import pytest

from tcm.store.engine import Store
from tests.tcm.county import KNOWLEDGE
from tests.web.desks.hands import Web
from web.desks.shown import LAB_TERMS, amount_text, rule_title, show_labs, version_text


def test_every_laboratory_test_that_has_a_threshold_has_a_name() -> None:
    assert set(LAB_TERMS) == set(KNOWLEDGE.lab_thresholds)


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "", ""),
        (None, "g/日", ""),
        (16.0, "g/日", "16 g/日"),
        (7.5, "天", "7.5 天"),
        (0.0, "g", "0 g"),
        (2.0, "", "2"),
        (12345.0, "分", "123.45 元"),
    ],
)
def test_a_figure_of_a_finding_has_its_unit(web: Web, value: float | None, unit: str, text: str) -> None:
    with web.app.test_request_context():
        assert amount_text(value, unit) == text


def test_a_rule_and_a_version_are_told_in_words(web: Web) -> None:
    with web.app.test_request_context():
        assert (rule_title("overdose"), rule_title("retired_rule")) == ("超剂量", "retired_rule")
        assert (version_text("shipped"), version_text("2026-11-22.1")) == ("出厂规则", "2026-11-22.1")
    with web.app.test_request_context(headers={"Accept-Language": "en"}):
        assert rule_title("overdose") == "Overdose"


def test_laboratory_values_are_told_in_the_order_of_the_form(web: Web) -> None:
    labs = {"total_bilirubin_umol_l": 17.1, "egfr_ml_min": 90.0}
    with web.app.test_request_context():
        assert (show_labs(labs), show_labs({})) == (["eGFR 90 mL/min", "总胆红素 17.1 µmol/L"], [])
