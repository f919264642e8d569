"""Adopting: a syndrome, a line, a whole formula, always by the doctor's own hand."""

import json
from typing import Any

import pytest

from tcm.records.clinical import Encounter
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rx_form import FOUR, filled, form_on, of_visit, send

FORMULA = "四君子汤"


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def visit(web: Web) -> Encounter:
    """A visit without a prescription."""
    return web.county.visited()


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def adopt(doctor: Browser, visit: Encounter, form: dict[str, Any], **values: Any) -> Any:
    return doctor.post(f"/doctor/visits/{visit.id}/prescription/adopt", htmx=True, **form, **values)


def test_one_line_is_adopted_by_the_doctor_and_its_origin_is_on_the_ledger(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    formula = web.county.knowledge.formulas[FORMULA]
    typed = filled(doctor, visit, ("陈皮", "6", ""))
    page = adopt(doctor, visit, typed, adopt_formula=FORMULA, adopt_line="1")
    assert page.status_code == 200
    assert of_visit(web, visit) == []
    form = form_on(page.text)
    assert form["herb"][:2] == ["陈皮", formula.items[1].herb]
    assert send(doctor, visit, form, "save").status_code == 200
    [kept] = of_visit(web, visit)
    assert [item.origin for item in kept.items] == ["typed", formula.code]
    [event] = [event for event in web.county.events(kept) if event.kind == "adopted"]
    lines = json.loads(json.dumps(event.payload))["lines"]
    assert lines == [{"herb": formula.items[1].herb, "origin": formula.code}]


def test_all_lines_are_adopted_but_for_herbs_that_stand_there_already(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    herbs = [item.herb for item in web.county.knowledge.formulas[FORMULA].items]
    page = adopt(doctor, visit, filled(doctor, visit, (herbs[0], "5", "")), adopt_formula=FORMULA)
    form = form_on(page.text)
    assert [herb for herb in form["herb"] if herb] == herbs
    assert form["dose_g"][0] == "5"
    again = adopt(doctor, visit, form, adopt_formula=FORMULA)
    assert "这些药味已在处方里。" in shown(again.text)


def test_a_line_changed_to_another_herb_is_no_longer_of_the_formula(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = form_on(adopt(doctor, visit, filled(doctor, visit), adopt_formula=FORMULA, adopt_line="0").text)
    form["herb"][0] = "黄芪"
    form["dose_g"][0] = "15"
    send(doctor, visit, form, "save")
    assert [item.origin for item in of_visit(web, visit)[0].items] == ["typed"]


def test_a_syndrome_is_adopted_into_its_field(doctor: Browser, visit: Encounter) -> None:
    page = adopt(doctor, visit, filled(doctor, visit, *FOUR), adopt_syndrome="肝胆湿热证")
    assert form_on(page.text)["syndrome"] == ["肝胆湿热证"]
    assert form_on(page.text)["herb"][:4] == [line[0] for line in FOUR]


@pytest.mark.parametrize(
    "values", [{"adopt_formula": "无此方"}, {"adopt_formula": FORMULA, "adopt_line": "99"}]
)
def test_what_no_formula_holds_cannot_be_adopted(
    doctor: Browser, visit: Encounter, values: dict[str, str]
) -> None:
    assert adopt(doctor, visit, filled(doctor, visit), **values).status_code == 404


def test_formulas_are_found_by_initials(doctor: Browser, visit: Encounter) -> None:
    page = doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula=sjzt").text
    assert FORMULA in shown(page)
    assert "全部采用" in shown(page)
