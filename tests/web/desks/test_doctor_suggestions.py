"""Adopting: a syndrome, a line, a whole formula, always by the doctor's own hand."""

import json
import re
from typing import Any

import pytest

from tcm.diagnosis import Evidence, suggest, tell_apart
from tcm.knowledge import Formula
from tcm.knowledge.formulas import FormulaChange
from tcm.records.clinical import Encounter
from tcm.records.governance import AgreedFormula
from tcm.records.roles import Actor
from tcm.review import Line
from tcm.services import formulary
from tcm.services.recipes import Recipe, fingerprint
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, shown, statements
from tests.web.desks.rx_form import FOUR, filled, form_on, of_visit, send
from web.desks.doctor.offers import needed_note
from web.desks.doctor.origins import classic_origin

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


def agreed(web: Web, *, by: Actor | None = None, name: str = "健脾化湿方", **changes: Any) -> AgreedFormula:
    """An agreed formula in force."""
    county = web.county
    lines = (Line("党参", 12.0), Line("茯苓", 15.0), Line("砂仁", 6.0, "后下"))
    recipe = Recipe(**{"items": lines, "syndromes": ("脾虚湿困证",), **changes})
    made = county.do(
        formulary.draft, by or county.pharmacist, county.knowledge, name, recipe, county.new_key()
    )
    seen = fingerprint(made)
    return county.do(formulary.approve, county.colleague, county.knowledge, made.id or 0, seen)


def origins(web: Web, visit: Encounter) -> list[tuple[str, str]]:
    """Herb and origin of the lines that are kept."""
    return [(item.herb, item.origin) for item in of_visit(web, visit)[0].items]


def adopted(web: Web, visit: Encounter) -> list[Any]:
    """What the ledger says was adopted."""
    chain = web.county.events(of_visit(web, visit)[0])
    return [line for event in chain if event.kind == "adopted" for line in event.payload["lines"]]


def test_an_agreed_formula_is_adopted_with_its_version_as_origin(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    made = agreed(web)
    form = form_on(adopt(doctor, visit, filled(doctor, visit), adopt_agreed=made.id).text)
    assert list(zip(form["herb"], form["dose_g"], form["note"], strict=True))[:3] == [
        ("党参", "12", ""),
        ("茯苓", "15", ""),
        ("砂仁", "6", "后下"),
    ]
    assert of_visit(web, visit) == []
    page = send(doctor, visit, form, "save")
    assert "采自《健脾化湿方 v1》" in shown(page.text)
    expected = [(herb, "协定方:健脾化湿方 v1") for herb in ("党参", "茯苓", "砂仁")]
    assert origins(web, visit) == expected
    assert adopted(web, visit) == [{"herb": herb, "origin": origin} for herb, origin in expected]
    again = form_on(doctor.get(f"/doctor/visits/{visit.id}").text)
    assert send(doctor, visit, again, "sign").status_code == 200
    assert origins(web, visit) == expected


def test_a_line_of_an_agreed_formula_changed_to_another_herb_counts_as_typed(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = form_on(adopt(doctor, visit, filled(doctor, visit), adopt_agreed=agreed(web).id).text)
    form["herb"][1] = "陈皮"
    send(doctor, visit, form, "save")
    assert origins(web, visit)[:2] == [("党参", "协定方:健脾化湿方 v1"), ("陈皮", "typed")]


@pytest.mark.parametrize(
    "field", ["协定方:健脾化湿方 v1", "协定方:健脾化湿方 v1#00000000", "协定方:#", "+", "协定方:无 v1#é"]
)
def test_an_origin_that_the_page_did_not_give_out_is_not_kept(
    web: Web, doctor: Browser, visit: Encounter, field: str
) -> None:
    agreed(web)
    form = filled(doctor, visit, ("党参", "12", "")) | {"origin": [field]}
    assert send(doctor, visit, form, "save").status_code == 200
    assert origins(web, visit) == [("党参", "typed")]


def test_a_formula_of_another_hospital_or_out_of_force_is_neither_offered_nor_adopted(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    foreign = agreed(web, by=web.county.foreign_doctor, name="桃林方")
    retired = agreed(web, name="旧方")
    web.county.do(formulary.retire, web.county.colleague, retired.id or 0)
    own = agreed(web, by=web.county.doctor, name="詹桥方")
    page = shown(doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula=协定方").text)
    assert "詹桥方 协定方 v1 詹桥镇卫生院" in page
    assert "桃林方" not in page
    assert "旧方" not in page
    for one, status in ((foreign, 404), (retired, 404), (own, 200)):
        assert adopt(doctor, visit, filled(doctor, visit), adopt_agreed=one.id).status_code == status


def test_agreed_formulas_stand_beside_the_classics_in_search_and_suggestion(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    agreed(web, name="四君化湿方", syndromes=("脾气虚证",))
    found = shown(doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula=sj").text)
    assert found.index("四君化湿方 协定方 v1 临湘市共享中药房") < found.index("四君子汤")
    told = web.county.visited(inquiry=("食欲不振", "乏力", "便溏"), pulse=("虚脉",))
    for path in (f"/doctor/visits/{told.id}", f"/doctor/visits/{told.id}/suggestions?adopt=1"):
        page = shown(doctor.get(path).text)
        assert "四君化湿方 协定方 v1" in page


def test_a_modification_is_adopted_on_top_with_the_notes_that_the_rules_ask_for(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    formula, place, change = modification(web)
    form = form_on(adopt(doctor, visit, filled(doctor, visit), adopt_formula=formula.name).text)
    answer = adopt(doctor, visit, form, adopt_formula=formula.name, adopt_change=place)
    added, left = "、".join(herb for herb, _ in change.add), "、".join(change.remove)
    remark = f"《{formula.name}》加减（{change.when}）：加 {added}。去 {left}。请核对剂量。"
    assert remark in shown(answer.text)
    form = form_on(answer.text)
    kept = [item.herb for item in formula.items if item.herb not in change.remove]
    assert [herb for herb in form["herb"] if herb] == kept + [herb for herb, _ in change.add]
    send(doctor, visit, form, "save")
    [prescription] = of_visit(web, visit)
    origin = f"{formula.code}+{change.when}"
    assert [item.origin for item in prescription.items] == [formula.code] * len(kept) + [origin] * len(
        change.add
    )
    needing = web.county.knowledge.handling
    for item in prescription.items[len(kept) :]:
        herb = web.county.knowledge.herbs[item.herb]
        needed = [fact for fact in needing.get(herb.monograph, ()) if fact.applies_to(herb.form)]
        assert item.decoction_note == "、".join(fact.accepted[0] for fact in needed)
    assert any(item.decoction_note for item in prescription.items[len(kept) :])
    assert adopted(web, visit)[-1] == {"herb": prescription.items[-1].herb, "origin": origin}
    again = adopt(doctor, visit, form_on(answer.text), adopt_formula=formula.name, adopt_change=place)
    assert "这条加减已在处方里。" in shown(again.text)


def modification(web: Web) -> tuple[Formula, int, FormulaChange]:
    """A classic with a modification that removes herbs and adds one that needs a note."""
    knowledge = web.county.knowledge
    return next(
        (formula, place, change)
        for formula in knowledge.formulas.values()
        for place, change in enumerate(formula.changes)
        if formula.code and change.remove and any(needed_note(herb, knowledge) for herb, _ in change.add)
    )


def test_no_origin_of_any_classic_or_modification_is_longer_than_its_column(web: Web) -> None:
    formulas = web.county.knowledge.formulas.values()
    longest = max(
        len(classic_origin(formula, change)) for formula in formulas for change in (None, *formula.changes)
    )
    assert longest <= 40


def test_class_and_usage_are_taken_over_unless_the_doctor_chose_others(
    doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit) | {"usage": ""}
    taken = adopt(doctor, visit, form, adopt_formula="桂枝汤")
    assert "并按本方填入：用法，煎法“解表”。" in shown(taken.text)
    assert form_on(taken.text)["decoction_class"] == ["解表"]
    assert form_on(taken.text)["usage"] == ["服后啜热稀粥，温覆取微汗；汗出病瘥停后服"]
    chosen = filled(doctor, visit, usage="水煎服，一日两次") | {"decoction_class": "滋补"}
    kept = form_on(adopt(doctor, visit, chosen, adopt_formula="桂枝汤").text)
    assert (kept["decoction_class"], kept["usage"]) == (["滋补"], ["水煎服，一日两次"])
    one = form_on(adopt(doctor, visit, form, adopt_formula="桂枝汤", adopt_line="0").text)
    assert (one["decoction_class"], one["usage"]) == (["一般"], [""])


def test_the_sheet_of_a_classic_shows_roles_source_usage_remarks_and_modifications(
    doctor: Browser, visit: Encounter
) -> None:
    page = shown(doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula=桂枝汤").text)
    for said in ("《伤寒论》", "解表", "君", "服后啜热稀粥", "主治 表虚证", "加减"):
        assert said in page
    changed = shown(doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula=小柴胡汤").text)
    assert "柴胡原用半斤，药典上限10g" in changed


@pytest.mark.parametrize("values", [{"adopt_change": "99"}, {"adopt_change": "-1"}])
def test_a_modification_that_the_classic_does_not_have_cannot_be_adopted(
    doctor: Browser, visit: Encounter, values: dict[str, str]
) -> None:
    answer = adopt(doctor, visit, filled(doctor, visit), adopt_formula=FORMULA, **values)
    assert answer.status_code == 404


def test_the_visit_costs_as_much_with_three_agreed_formulas_as_with_one(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    agreed(web)
    path = f"/doctor/visits/{visit.id}"
    with_one = statements(web.county, doctor, path)
    for name in ("止咳方", "通络方"):
        agreed(web, name=name)
    assert statements(web.county, doctor, path) == with_one


def said(web: Web, visit: Encounter, **notes: Any) -> None:
    with web.county.work() as work:
        encounter = work.encounters.get(visit.id or 0)
        for name, value in notes.items():
            setattr(encounter, name, value)
        work.commit()


def test_a_complaint_that_asks_for_referral_says_so_above_the_patterns_with_the_words_that_did(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    said(web, visit, complaint="胸痛2小时，伴大汗")
    page = shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions").text)
    assert "急 胸痛 ：疑急性冠脉综合征：立即心电图，通知上级医院胸痛中心并转诊" in page
    said(web, visit, complaint="咳嗽3天，无胸痛")
    assert "转诊" not in shown(doctor.get(f"/doctor/visits/{visit.id}/suggestions").text)


def test_what_would_tell_the_patterns_apart_is_a_button_that_ticks_the_answer(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    said(web, visit, inquiry=["发热重", "咳嗽"])
    knowledge = web.county.knowledge
    evidence = Evidence(inquiry=frozenset({"发热重", "咳嗽"}))
    asked = tell_apart(suggest(evidence, knowledge), evidence, knowledge)
    expected = [
        (question.axis, pointer.term)
        for question in asked
        if question.axis != "tongue"
        for pointer in question.pointers[:4]
    ]
    page = doctor.get(f"/doctor/visits/{visit.id}/suggestions?adopt=1").text
    assert re.findall(r'data-tick="(\w+)" data-value="([^"]+)"', page) == expected
    boxes = doctor.get(f"/doctor/visits/{visit.id}").text
    for axis, term in expected:
        assert f'name="{axis}" value="{term}"' in boxes
