"""Facts of the patient that the review goes by: laboratory values and allergies, told at the visit."""

import re

import pytest

from tcm.records.clinical import Encounter
from tcm.records.people import Patient
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown
from tests.web.desks.rx_form import check, filled
from web.desks.doctor.forms import VisitForm
from web.desks.shown import LAB_TERMS

# A disease of the kidneys does not allow it.
NEPHROTOXIC = ("苦楝皮", "4.5", "")


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


def labs_of(web: Web, visit: Encounter) -> dict[str, float]:
    with web.county.work() as work:
        return work.encounters.get(visit.id or 0).labs


def patient_of(web: Web) -> Patient:
    with web.county.work() as work:
        return work.patients.get(web.county.patient.id or 0)


def field_value(page: str, name: str) -> str:
    found = re.search(rf'<input[^>]* id="{name}"[^>]* value="([^"]*)"', page)
    assert found is not None
    return found[1]


def test_the_form_asks_every_test_that_has_a_name() -> None:
    assert [name for name in VisitForm.model_fields if name in LAB_TERMS] == list(LAB_TERMS)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("143", 143.0),
        ("143.5", 143.5),
        ("１４３．５", 143.5),
        ("143，5", 143.5),
        ("143。5", 143.5),
        (" 143 ", 143.0),
    ],
)
def test_a_value_is_understood_as_it_is_typed_here(
    web: Web, doctor: Browser, visit: Encounter, typed: str, value: float
) -> None:
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, creatinine_umol_l=typed)
    assert answer.status_code == 200
    assert labs_of(web, visit) == {"creatinine_umol_l": value}


@pytest.mark.parametrize(
    ("test", "typed", "sentence"),
    [
        ("creatinine_umol_l", "0.9", "肌酐（µmol/L）：不能小于 5。"),
        ("creatinine_umol_l", "3001", "肌酐（µmol/L）：不能大于 3000。"),
        ("creatinine_umol_l", "约一百", "肌酐（µmol/L）：请填数字。"),
        ("egfr_ml_min", "0", "eGFR（mL/min）：要大于 0。"),
        ("egfr_ml_min", "251", "eGFR（mL/min）：不能大于 250。"),
        ("alt_u_l", "-4", "丙氨酸转氨酶 ALT（U/L）：要大于 0。"),
        ("alt_u_l", "nan", "丙氨酸转氨酶 ALT（U/L）：请填数字。"),
        ("ast_u_l", "inf", "天冬氨酸转氨酶 AST（U/L）：请填数字。"),
        ("ast_u_l", "1e308", "天冬氨酸转氨酶 AST（U/L）：不能大于 20000。"),
        ("total_bilirubin_umol_l", "1501", "总胆红素（µmol/L）：不能大于 1500。"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_its_name_and_it_alone(
    web: Web, doctor: Browser, visit: Encounter, test: str, typed: str, sentence: str
) -> None:
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, complaint="改", **{test: typed})
    beside, said = sentence.split("：")[1], shown(answer.text)
    assert (answer.status_code, said.startswith(f"{beside} ")) == (422, True)
    assert said.endswith(f"这里没有保存，其余已保存：{sentence}")
    with web.county.work() as work:
        kept = work.encounters.get(visit.id or 0)
    assert (kept.labs, kept.complaint, patient_of(web).allergies) == ({}, "改", [])


def test_what_is_wrong_with_a_value_stands_beside_it_until_it_is_mended(
    doctor: Browser, visit: Encounter
) -> None:
    def beside(**labs: str) -> dict[str, str]:
        answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, **labs).text
        places = re.findall(r'<div id="(\w+)-told" hx-swap-oob="outerHTML">(.*?)</div>', answer, re.S)
        return {test: shown(said) for test, said in places}

    nothing = dict.fromkeys(LAB_TERMS, "")
    assert beside(alt_u_l="20", ast_u_l="许多") == nothing | {"ast_u_l": "请填数字。"}
    assert beside(alt_u_l="20", ast_u_l="30") == nothing


def test_without_scripts_a_refused_value_stands_in_its_field_with_its_sentence(
    doctor: Browser, visit: Encounter
) -> None:
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", alt_u_l="二十", complaint="乏力")
    assert answer.status_code == 422
    assert field_value(answer.text, "alt_u_l") == "二十"
    beside = answer.text[answer.text.index('id="alt_u_l-says"') :]
    assert shown(beside[: beside.index("</p>")]).endswith("请填数字。")


def test_values_stand_in_the_form_again_to_the_last_digit(doctor: Browser, visit: Encounter) -> None:
    doctor.post(f"/doctor/visits/{visit.id}/notes", alt_u_l="12345.67", egfr_ml_min="58")
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert (field_value(page, "alt_u_l"), field_value(page, "egfr_ml_min")) == ("12345.67", "58")
    assert field_value(page, "ast_u_l") == ""


def test_an_earlier_value_is_offered_with_its_date_and_not_taken_over(web: Web) -> None:
    web.county.visited(labs={"creatinine_umol_l": 350.0})
    web.county.watch.pass_(days=40)
    visit = web.county.visited()
    doctor = web.browser(web.county.doctor)
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert field_value(page, "creatinine_umol_l") == ""
    offered = re.findall(r'data-phrase-for="(\w+)" data-replaces[^>]*>([\d.]+)</button> ([^<]*)</p>', page)
    assert offered == [("creatinine_umol_l", "350", "2026年11月21日")]
    assert labs_of(web, visit) == {}
    assert "肾功能不全" not in shown(check(doctor, visit, filled(doctor, visit, NEPHROTOXIC)))


def test_a_new_laboratory_value_changes_the_next_check_of_an_open_draft(
    doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, NEPHROTOXIC)
    assert "肾功能不全" not in shown(check(doctor, visit, form))
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, creatinine_umol_l="350")
    assert answer.headers["HX-Trigger"] == "tangye:evidence"
    assert "肾功能不全" in shown(check(doctor, visit, form))
    doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, creatinine_umol_l="70")
    assert "肾功能不全" not in shown(check(doctor, visit, form))


def test_an_allergy_told_at_the_visit_changes_the_next_check_and_the_head_of_the_page(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, ("党参", "12", ""), ("陈皮", "6", ""))
    assert "过敏" not in shown(check(doctor, visit, form))
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, allergies="青霉素，陈皮")
    assert 'id="patient-facts" hx-swap-oob="outerHTML"' in answer.text
    assert "过敏：青霉素、陈皮" in shown(answer.text)
    assert patient_of(web).allergies == ["青霉素", "陈皮"]
    assert "患者对陈皮过敏" in shown(check(doctor, visit, form))
    assert field_value(doctor.get(f"/doctor/visits/{visit.id}").text, "allergies") == "青霉素、陈皮"


def test_an_emptied_field_takes_the_allergies_away_and_a_missing_one_does_not(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    for sent, kept in (({"allergies": "陈皮"}, ["陈皮"]), ({}, ["陈皮"]), ({"allergies": ""}, [])):
        doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, complaint="乏力", **sent)
        assert patient_of(web).allergies == kept


def test_a_page_left_open_does_not_take_away_an_allergy_that_another_visit_told(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    stale = {name: field_value(page, name) for name in ("allergies", "allergies_seen")}
    later = web.county.visited()
    doctor.post(f"/doctor/visits/{later.id}/notes", htmx=True, allergies="青霉素", allergies_seen="")
    doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, complaint="乏力", **stale)
    assert patient_of(web).allergies == ["青霉素"]


def test_an_allergy_added_and_taken_away_again_on_one_page_is_gone(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    seen = field_value(doctor.get(f"/doctor/visits/{visit.id}").text, "allergies_seen")
    for typed in ("陈皮", ""):
        told = {"allergies": typed, "allergies_seen": seen}
        answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, **told)
        assert patient_of(web).allergies == ([typed] if typed else [])
        seen = field_value(answer.text, "allergies_seen")
        assert seen == typed


def test_pregnancy_shows_at_the_head_of_the_page_as_soon_as_it_is_kept(
    doctor: Browser, visit: Encounter
) -> None:
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, pregnant="1")
    assert "妊娠" in shown(answer.text)
    answer = doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True)
    assert "妊娠" not in shown(answer.text)
