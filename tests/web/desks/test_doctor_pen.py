"""The pen: own formulas, the last prescription again, order, doses for the age, long supplies, prices."""

import json
import re
from datetime import date
from typing import Any

import pytest

from tcm.records.clinical import Encounter, Preparation, Prescription
from tcm.records.roles import Actor
from tcm.services import own_formulas
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import FOUR_GENTLEMEN, KNOWLEDGE, draft
from tests.tcm.stocked import insure, keep_stock, price, shelve
from tests.web.desks.hands import Browser, Web, shown, statements
from tests.web.desks.rx_form import FOUR, check, filled, form_on, of_visit, send


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


def act(doctor: Browser, visit: Encounter, what: str, form: dict[str, Any], **values: Any) -> Any:
    return doctor.post(f"/doctor/visits/{visit.id}/prescription/{what}", htmx=True, **form, **values)


def keep(doctor: Browser, visit: Encounter, name: str = "健脾小方", **what: Any) -> Any:
    values = {"own_name": name, "own_key": "one-page", **what}
    return doctor.post(f"/doctor/visits/{visit.id}/own", htmx=True, **values)


def mine(web: Web, actor: Actor) -> list[tuple[str, int, int]]:
    found = web.county.do(own_formulas.mine, actor)
    return [(one.name, one.version, len(one.items)) for one in found]


def lines(form: dict[str, Any]) -> list[tuple[str, str]]:
    return [pair for pair in zip(form["herb"], form["dose_g"], strict=True) if pair[0]]


def ledger_lines(web: Web, prescription: Prescription, kind: str) -> list[Any]:
    chain = web.county.events(prescription)
    return json.loads(
        json.dumps([line for event in chain if event.kind == kind for line in event.payload["lines"]])
    )


def search(doctor: Browser, visit: Encounter, text: str) -> str:
    return shown(doctor.get(f"/doctor/visits/{visit.id}/formulas?adopt=1&formula={text}").text)


def test_a_form_is_kept_found_by_initials_and_adopted_with_its_origin(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = keep(doctor, visit, **filled(doctor, visit, *FOUR))
    assert "已存入我的方：健脾小方 v1。" in shown(answer.text)
    assert of_visit(web, visit) == []
    for text in ("jpxf", "jianpi", "健脾小", "wdf", ""):
        assert "健脾小方 我的方 v1" in search(doctor, visit, text)
    [made] = web.county.do(own_formulas.mine, web.county.doctor)
    other = web.county.visited()
    form = form_on(act(doctor, other, "adopt", filled(doctor, other), adopt_own=made.id).text)
    assert lines(form) == [(herb, dose) for herb, dose, _ in FOUR]
    page = send(doctor, other, form, "save")
    assert "采自《我的方 健脾小方 v1》" in shown(page.text)
    [kept] = of_visit(web, other)
    assert {item.origin for item in kept.items} == {"我的方:健脾小方 v1"}
    assert len(ledger_lines(web, kept, "adopted")) == len(FOUR)


def test_a_signed_prescription_and_a_classic_are_kept_too(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    signed = web.county.signed(visit=visit)
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert f"own_prescription&#34;: {signed.id}" in page or f'own_prescription": {signed.id}' in page
    assert keep(doctor, visit, "四君小方", own_prescription=signed.id).status_code == 200
    assert keep(doctor, visit, "我的桂枝汤", adopt_formula="桂枝汤").status_code == 200
    herbs = len(web.county.knowledge.formulas["桂枝汤"].items)
    assert mine(web, web.county.doctor) == [("我的桂枝汤", 1, herbs), ("四君小方", 1, 4)]


def test_pressing_twice_keeps_once_and_other_herbs_make_the_next_version(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, *FOUR)
    keep(doctor, visit, **form)
    keep(doctor, visit, **form)
    assert mine(web, web.county.doctor) == [("健脾小方", 1, 4)]
    keep(doctor, visit, **filled(doctor, visit, *FOUR[:3]))
    assert mine(web, web.county.doctor) == [("健脾小方", 2, 3)]


def test_own_formulas_are_neither_shown_to_a_colleague_nor_adopted_or_put_away_by_one(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    keep(doctor, visit, **filled(doctor, visit, *FOUR))
    [made] = web.county.do(own_formulas.mine, web.county.doctor)
    colleague = web.browser(web.county.other_doctor)
    assert "健脾小方" not in shown(colleague.get(f"/doctor/visits/{visit.id}/formulas?formula=jpxf").text)
    assert colleague.post(f"/doctor/own/{made.id}/away", htmx=True).status_code == 403
    gone = doctor.post(f"/doctor/own/{made.id}/away", htmx=True)
    assert "已从我的方删去：健脾小方。" in shown(gone.text)
    assert act(doctor, visit, "adopt", filled(doctor, visit), adopt_own=made.id).status_code == 404


@pytest.mark.parametrize("name", ["欧阳桂芳的方", "四君子汤", "方", ""])
def test_no_formula_is_kept_under_a_patients_a_classics_or_no_name(
    web: Web, doctor: Browser, visit: Encounter, name: str
) -> None:
    assert keep(doctor, visit, name, **filled(doctor, visit, *FOUR)).status_code == 422
    assert mine(web, web.county.doctor) == []


def test_a_stranger_learns_nothing_of_a_patients_name_by_keeping(web: Web, visit: Encounter) -> None:
    stranger = web.browser(web.county.foreign_doctor)
    for name in ("欧阳桂芳", "健脾小方"):
        assert keep(stranger, visit, name, adopt_formula="桂枝汤").status_code == 403


def test_the_visit_costs_as_much_with_three_own_formulas_as_with_one(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, *FOUR)
    keep(doctor, visit, **form)
    path = f"/doctor/visits/{visit.id}"
    with_one = statements(web.county, doctor, path)
    for name in ("止咳小方", "通络小方"):
        keep(doctor, visit, name, **form)
    assert statements(web.county, doctor, path) == with_one


def test_the_last_prescription_is_shown_and_taken_over_by_one_act_unsigned(web: Web) -> None:
    last = web.county.signed(draft(doses_count=5, extended_supply_reason="", urgent=True))
    doctor = weeks_later(web)
    visit = web.county.visited()
    page = shown(doctor.get(f"/doctor/visits/{visit.id}").text)
    assert "上次处方 2026年11月21日 · 20 天前 · 脾胃气虚证 · 5 剂" in page
    form = form_on(doctor.get(f"/doctor/visits/{visit.id}").text)
    answer = act(doctor, visit, "adopt", form, adopt_last=last.id)
    form = form_on(answer.text)
    assert lines(form) == [(line.written_as, f"{line.dose_g:g}") for line in FOUR_GENTLEMEN]
    assert (form["doses_count"], form["syndrome"], form.get("urgent")) == (["5"], [""], None)
    assert "已在方中" in shown(answer.text)
    assert of_visit(web, visit) == []
    page = send(doctor, visit, {**form, "syndrome": "脾胃气虚证"}, "save")
    assert f"采自《上方 {last.number}》" in shown(page.text)
    [kept] = of_visit(web, visit)
    assert {item.origin for item in kept.items} == {f"上方:{last.number}"}
    assert len(ledger_lines(web, kept, "adopted")) == len(FOUR_GENTLEMEN)


def test_what_comes_with_the_last_prescription_is_named_and_nothing_is_set_where_no_line_came(
    web: Web,
) -> None:
    last = web.county.signed(draft(doses_count=5, preparation=Preparation.GRANULES, usage="开水冲服"))
    doctor = weeks_later(web)
    visit = web.county.visited()
    empty = {**filled(doctor, visit), "usage": ""}
    answer = act(doctor, visit, "adopt", empty, adopt_last=last.id)
    assert "请核对剂量。并按本方填入：用法，5 剂，配方颗粒。" in shown(answer.text)
    untouched = {"preparation": "decocted", "doses_count": "7"}
    answer = act(doctor, visit, "adopt", {**filled(doctor, visit, *FOUR), **untouched}, adopt_last=last.id)
    assert "这些药味已在处方里。" in shown(answer.text)
    kept = form_on(answer.text)
    assert [kept[name] for name in ("preparation", "doses_count")] == [["decocted"], ["7"]]


def test_line_by_line_what_differs_is_told_and_one_is_written_back(web: Web) -> None:
    last = web.county.signed()
    doctor = weeks_later(web)
    visit = web.county.visited()
    form = filled(doctor, visit, ("潞党参", "15", ""), ("陈皮", "6", ""))
    said = shown(check(doctor, visit, form))
    assert "与上次处方相比： 潞党参 12 g → 15 g 加 陈皮 6 g 减 白术 9 g" in said
    form = form_on(act(doctor, visit, "adopt", form, adopt_last=last.id, adopt_line=1).text)
    assert lines(form) == [("潞党参", "15"), ("陈皮", "6"), ("白术", "9")]
    answer = act(doctor, visit, "adopt", form, adopt_last=last.id, adopt_line=0)
    assert "党参 已改回上方的剂量和脚注，请核对。" in shown(answer.text)
    assert lines(form_on(answer.text)) == [("党参", "12"), ("陈皮", "6"), ("白术", "9")]


def test_the_last_prescription_is_checked_by_todays_facts(web: Web) -> None:
    web.county.signed()
    doctor = weeks_later(web)
    with web.county.work() as work:
        work.patients.get(web.county.patient.id or 0).allergies = ["党参"]
        work.commit()
    visit = web.county.visited()
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    again = page[page.index("last-rx") : page.index("照上方全部采用")]
    assert "患者对党参过敏" in shown(again)


def test_another_patients_or_houses_prescription_is_not_adopted_as_the_last(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    stranger = web.county.registered(name="别人", id_number="", phone="")
    other = web.county.signed(visit=web.county.visited(stranger))
    assert act(doctor, visit, "adopt", filled(doctor, visit), adopt_last=other.id).status_code == 404


def test_herbs_are_put_in_the_order_of_their_roles_by_one_act(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    roles = {item.herb: item.role for item in web.county.knowledge.formulas["麻黄汤"].items}
    form = form_on(act(doctor, visit, "adopt", filled(doctor, visit), adopt_formula="麻黄汤").text)
    for column in ("herb", "dose_g", "note", "origin"):
        written = form[column][: len(roles)]
        form[column] = [*reversed(written)]
    for column, value in (("herb", "陈皮"), ("dose_g", "6"), ("note", ""), ("origin", "")):
        form[column] = [*form[column], value]
    answer = act(doctor, visit, "arrange", form)
    ordered = [herb for herb, _ in lines(form_on(answer.text))]
    assert [roles.get(herb, "加") for herb in ordered] == ["君", "臣", "佐", "加", "使"]
    assert "加味 陈皮 排在佐药之后。" in shown(answer.text)
    assert [origin != "" for origin in form_on(answer.text)["origin"][:5]] == [True, True, True, False, True]


def test_a_classic_that_was_typed_is_known_and_herbs_of_no_classic_stay(
    doctor: Browser, visit: Encounter
) -> None:
    herbs = [(item.herb, "6", "") for item in KNOWLEDGE.formulas["麻黄汤"].items]
    typed = act(doctor, visit, "arrange", filled(doctor, visit, *reversed(herbs)))
    roles = {item.herb: item.role for item in KNOWLEDGE.formulas["麻黄汤"].items}
    assert [roles[herb] for herb, _ in lines(form_on(typed.text))] == ["君", "臣", "佐", "使"]
    loose = act(doctor, visit, "arrange", filled(doctor, visit, ("陈皮", "6", ""), ("大枣", "9", "")))
    assert "没有君臣佐使可依" in shown(loose.text)
    assert [herb for herb, _ in lines(form_on(loose.text))] == ["陈皮", "大枣"]


def weeks_later(web: Web) -> Browser:
    """The doctor logs in when what was prescribed before is used up."""
    web.county.watch.pass_(days=20)
    return web.browser(web.county.doctor)


def child_visit(web: Web) -> Encounter:
    """A visit of a child of four."""
    child = web.county.registered(born_on=date(2022, 1, 1), id_number="", name="小满")
    return web.county.visited(child)


def test_a_dose_for_a_childs_age_is_proposed_taken_over_and_on_the_ledger_once(
    web: Web, doctor: Browser
) -> None:
    visit = child_visit(web)
    form = filled(doctor, visit, ("茯苓", "15", ""), ("白术", "6", ""))
    page = check(doctor, visit, form)
    assert "按 4 岁，成人量 × 0.5 改为 7.5 g" in shown(page)
    assert "年龄折算依据：本表初版 教学惯例，无法定折算表（机构可改）" in shown(page)
    [field] = re.findall(r'data-age-dose="([^"]+)"', page)
    form = {**form, "dose_g": ["7.5", "6"], "age_dose": [field]}
    said = shown(check(doctor, visit, form))
    assert "已按年龄折算：成人量 15 g × 0.5" in said
    assert "改为" not in said
    for _ in range(2):
        saved = form_on(send(doctor, visit, form, "save").text)
        form |= {name: saved[name] for name in ("version", "prescription_id")}
    [kept] = of_visit(web, visit)
    told = ledger_lines(web, kept, "dose_adopted")
    assert told == [{"herb": "茯苓", "adult_g": 15.0, "part": 0.5, "dose_g": 7.5}]


@pytest.mark.parametrize("field", ["茯苓|15|0.5|7.5#00000000", "茯苓|15|0.5|7.5", "x", "é#é"])
def test_a_dose_that_the_page_did_not_propose_is_not_told_as_adopted(
    web: Web, doctor: Browser, field: str
) -> None:
    visit = child_visit(web)
    form = filled(doctor, visit, ("茯苓", "7.5", ""), age_dose=[field])
    assert send(doctor, visit, form, "save").status_code == 200
    assert ledger_lines(web, of_visit(web, visit)[0], "dose_adopted") == []


def test_a_long_supply_offers_reasons_and_says_the_most_days_of_the_rules_in_force(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    web.county.rules_in_force("2026-11-22.1", {"days_supply": {"parameters": {"with_reason_days": 28}}})
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert "超过 7 天须写明理由，最多 28 天。" in shown(page)
    assert "机构规则 2026-11-22.1" in shown(page)
    assert "慢性病，病情稳定，需长期服药" in shown(page)
    assert json.loads(re.search(r"data-days-limits='([^']+)'", page)[1]) == {  # type: ignore[index]
        "outpatient": 7.0,
        "emergency": 3.0,
        "inpatient": 7.0,
    }


def test_a_modification_says_why_and_is_marked_where_its_occasion_was_ticked(
    web: Web, doctor: Browser
) -> None:
    formula, change, term = next(
        (formula, change, term)
        for formula in web.county.knowledge.formulas.values()
        for change in formula.changes
        for term in ("便秘", "失眠", "口渴")
        if change.add and change.note and change.when.startswith(term)
    )
    knowledge = web.county.knowledge
    properties = knowledge.properties_of(knowledge.herbs[change.add[0][0]])
    assert properties is not None
    visit = web.county.visited(inquiry=(term,))
    page = search(doctor, visit, formula.name)
    assert f"{change.when} 本次有 {term}" in page
    assert change.note in page
    assert "、".join(properties.actions) in page
    assert f"{change.source}（{change.edition}）" in page
    silent = search(doctor, web.county.visited(), formula.name)
    assert "本次有" not in silent


def test_a_keystroke_costs_as_much_with_three_earlier_prescriptions_as_with_one(web: Web) -> None:
    web.county.signed()
    doctor = weeks_later(web)

    def cost() -> int:
        visit = web.county.visited()
        form = filled(doctor, visit, *FOUR)
        with web.county.counted() as sent:
            check(doctor, visit, form)
        return len(sent)

    one = cost()
    for _ in range(2):
        web.county.signed(draft((ItemDraft("党参", 9.0),)))
    assert cost() == one


def priced(web: Web) -> None:
    """A shelf with three of the four herbs on its price list, and enough of two."""
    keep_stock(web.county)
    for herb, fen_per_kg, grams in (("党参", 120_00, 1234.5), ("白术", 100_00, 500), ("茯苓", 50_00, 30)):
        price(web.county, herb, fen_per_kg)
        shelve(web.county, herb, grams)


def test_what_the_lines_cost_and_what_the_centre_has_stands_beside_them(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    priced(web)
    said = shown(check(doctor, visit, filled(doctor, visit, *FOUR)))
    assert "¥1.44 · 库存 1.2 kg · " in said
    assert "¥0.90 · 库存 500 g · " in said
    assert "¥0.60 · 库存不足，只有 30 g · " in said
    assert "没有价格 · 库存不足，只有 0 g" in said
    assert "每剂 ¥2.94 全部 ¥20.58 患者自付 ¥20.58" in said
    assert "没有价格，未计入：炙甘草" in said
    assert "中药房库存不足：茯苓、炙甘草" in said


def test_the_patients_share_is_that_of_their_scheme(web: Web, doctor: Browser) -> None:
    priced(web)
    insure(web.county, "resident", 30)
    visit = web.county.visited(web.county.registered(scheme="resident", id_number="", name="有保"))
    said = shown(check(doctor, visit, filled(doctor, visit, ("党参", "10", ""))))
    assert re.search(r"每剂 ¥1\.20 全部 ¥8\.40 患者自付 ¥2\.52 \S+ 30%", said)


@pytest.mark.parametrize("line", [("党参", "", ""), ("党参", "-3", ""), ("无此药", "3", "")])
def test_what_is_no_dose_of_any_herb_costs_nothing(
    web: Web, doctor: Browser, visit: Encounter, line: tuple[str, str, str]
) -> None:
    priced(web)
    assert "¥" not in shown(check(doctor, visit, filled(doctor, visit, line)))


def test_without_a_shelf_nothing_is_said_of_prices(doctor: Browser, visit: Encounter) -> None:
    said = shown(check(doctor, visit, filled(doctor, visit, *FOUR)))
    assert ("¥" in said, "价格" in said, "库存" in said) == (False, False, False)


def test_a_keystroke_costs_as_much_with_twelve_herbs_as_with_one(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    priced(web)

    def cost(count: int) -> int:
        herbs = [item.herb for item in web.county.knowledge.formulas["独活寄生汤"].items][:count]
        form = filled(doctor, visit, *((herb, "6", "") for herb in herbs))
        with web.county.counted() as sent:
            check(doctor, visit, form)
        return len(sent)

    assert cost(12) == cost(1)
