"""The prescription: typed, adopted, checked while typed, kept, signed, sent back, cancelled."""

import re
from datetime import date

import pytest
from sqlalchemy import func, select

from tcm.records.clinical import Encounter
from tcm.records.lifecycle import State
from tcm.services import prescribing, reviewing
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import FOUR_GENTLEMEN, draft
from tests.web.desks.hands import Browser, Web, shown
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


def test_a_draft_is_kept_as_typed(web: Web, doctor: Browser, visit: Encounter) -> None:
    form = filled(doctor, visit, *FOUR, doses_count="５", urgent="1", disease="泄泻")
    answer = send(doctor, visit, form, "save")
    assert answer.status_code == 200
    assert "草稿已保存。" in shown(answer.text)
    [kept] = of_visit(web, visit)
    assert [(i.written_as, i.dose_g) for i in kept.items] == [
        (i.written_as, i.dose_g) for i in FOUR_GENTLEMEN
    ]
    assert (kept.state, kept.doses_count, kept.urgent, kept.disease) == (State.DRAFT, 5, True, "泄泻")


def test_a_prescription_is_signed_from_the_first_form(web: Web, doctor: Browser, visit: Encounter) -> None:
    answer = send(doctor, visit, filled(doctor, visit, *FOUR), "sign")
    assert answer.status_code == 200
    [signed] = of_visit(web, visit)
    text = shown(answer.text)
    assert signed.state is State.SIGNED
    assert "处方已签名，已送药师审核。" in text
    assert str(signed.number) in text
    assert f"/papers/prescription/{signed.id}.pdf" in answer.text
    assert 'id="rx-form"' not in answer.text


def test_without_scripts_the_same_form_answers_with_the_whole_page(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    answer = send(doctor, visit, filled(doctor, visit, *FOUR), "sign", htmx=False)
    assert answer.status_code == 200
    assert '<header class="patient-strip">' in answer.text
    assert [one.state for one in of_visit(web, visit)] == [State.SIGNED]


@pytest.mark.parametrize("action", ["save", "sign"])
def test_a_form_sent_twice_makes_one_prescription(
    web: Web, doctor: Browser, visit: Encounter, action: str
) -> None:
    form = filled(doctor, visit, *FOUR)
    answers = [send(doctor, visit, form, action) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert len(of_visit(web, visit)) == 1
    assert "notice good" in answers[1].text


def test_a_stale_page_keeps_what_was_typed_and_says_what_saving_again_would_do(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    here = filled(doctor, visit, *FOUR[:2], ("山药", "18", ""))
    elsewhere = filled(doctor, visit, *FOUR, ("陈皮", "6", ""))
    web.county.watch.pass_(minutes=1)
    send(doctor, visit, elsewhere, "save")
    stale = send(doctor, visit, here, "sign")
    assert stale.status_code == 409
    assert "这张处方刚在别处改动过，没有保存。" in shown(stale.text)
    again = form_on(stale.text)
    assert again["herb"][:3] == ["党参", "白术", "山药"]
    assert [item.herb for item in of_visit(web, visit)[0].items][-1] == "陈皮"
    assert send(doctor, visit, again, "save").status_code == 200
    assert [item.herb for item in of_visit(web, visit)[0].items] == ["党参", "白术", "山药"]


def test_a_page_left_open_after_signing_elsewhere_changes_nothing(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    send(doctor, visit, filled(doctor, visit, *FOUR), "save")
    here = filled(doctor, visit, *FOUR[:3])
    send(doctor, visit, filled(doctor, visit, *FOUR), "sign")
    stale = send(doctor, visit, here, "save")
    assert stale.status_code == 409
    assert "这张处方刚在别处签名或取消，不能再改。" in shown(stale.text)
    assert form_on(stale.text)["herb"][:3] == ["党参", "白术", "茯苓"]
    assert len(of_visit(web, visit)[0].items) == 4


@pytest.mark.parametrize(
    ("dose", "sentence"),
    [
        ("-3", "剂量要大于 0 克。"),
        ("0", "剂量要大于 0 克。"),
        ("九克", "请填数字。"),
        ("nan", "请填数字。"),
        ("", "请填写这一项。"),
        ("99999999", "要小于 10000。"),
    ],
)
def test_a_bad_dose_is_said_beside_the_herb_and_nothing_is_lost(
    web: Web, doctor: Browser, visit: Encounter, dose: str, sentence: str
) -> None:
    form = filled(doctor, visit, *FOUR, ("陈皮", dose, ""))
    answer = send(doctor, visit, form, "sign")
    assert answer.status_code == 422
    beside = answer.text[answer.text.index('id="says-4"') :]
    assert sentence in shown(beside[: beside.index("</li>")])
    assert form_on(answer.text)["herb"][:5] == [*(line[0] for line in FOUR), "陈皮"]
    assert of_visit(web, visit) == []


def test_a_line_without_a_herb_is_refused(web: Web, doctor: Browser, visit: Encounter) -> None:
    answer = send(doctor, visit, filled(doctor, visit, *FOUR, ("", "9", "")), "save")
    assert answer.status_code == 422
    assert of_visit(web, visit) == []


def test_an_unknown_herb_gets_near_names_and_is_never_changed(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, *FOUR, ("黄耆茋", "10", ""))
    said = check(doctor, visit, form)
    assert 'data-take-herb="黄芪"' in said
    assert "须修改" in shown(said)
    answer = send(doctor, visit, form, "sign")
    assert answer.status_code == 422
    assert "还有需要处理的审核提示" in shown(answer.text)
    assert form_on(answer.text)["herb"][4] == "黄耆茋"
    [kept] = of_visit(web, visit)
    assert (kept.state, kept.items[-1].written_as) == (State.DRAFT, "黄耆茋")


def test_an_ambiguous_name_is_not_decided_for_the_doctor(doctor: Browser, visit: Encounter) -> None:
    said = check(doctor, visit, filled(doctor, visit, ("贝母", "9", "")))
    assert {"川贝母", "浙贝母"} <= set(re.findall(r'data-take-herb="([^"]+)"', said))


def test_findings_stand_beside_their_herbs_with_source_and_limit_and_keep_nothing(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, *FOUR, ("附子", "30", ""))
    said = check(doctor, visit, form)
    beside = shown(said[said.index('id="says-4"') :])
    assert "须再次签名 附子每日30g，超过上限15g。" in beside.replace("有毒药", "")
    assert "中国药典2020一部" in beside
    assert 'data-take-note="先煎"' in said
    assert box_of(said, "附子").startswith("附子|30|")
    assert of_visit(web, visit) == []


def test_the_class_that_suits_the_herbs_is_offered_until_it_is_chosen(
    doctor: Browser, visit: Encounter
) -> None:
    offered = "煎法可选“滋补”：虚证，补益药占药量一半以上"
    assert offered in shown(check(doctor, visit, filled(doctor, visit, *FOUR)))
    chosen = filled(doctor, visit, *FOUR, decoction_class="滋补")
    assert "煎法可选" not in shown(check(doctor, visit, chosen))


def test_a_finding_about_many_herbs_is_said_once(web: Web, doctor: Browser) -> None:
    child = web.county.registered(name="何小宝", id_number="", born_on=date(2025, 1, 5))
    visit = web.county.visited(child)
    said = shown(check(doctor, visit, filled(doctor, visit, *FOUR)))
    assert said.count("患儿1岁") == 1


def test_typing_fills_no_access_log(web: Web, doctor: Browser, visit: Encounter) -> None:
    form = filled(doctor, visit, *FOUR)

    def looks() -> int:
        with web.county.work() as work:
            return work.session.execute(select(func.count()).select_from(access_log)).scalar_one()

    before = looks()
    check(doctor, visit, form)
    assert looks() == before
    other = web.browser(web.county.other_doctor)
    assert other.post(f"/doctor/visits/{visit.id}/prescription/check", htmx=True, **form).status_code == 403
    assert looks() == before + 1


def test_a_herb_whose_dose_is_still_to_come_is_no_wrong_dose(doctor: Browser, visit: Encounter) -> None:
    said = shown(check(doctor, visit, filled(doctor, visit, ("党参", "", ""))))
    assert "不合常理" not in said
    assert "请填写" not in said


@pytest.mark.parametrize("spelled", ["hq", "炙gan'cao"])
def test_pinyin_on_its_way_is_no_unknown_herb(doctor: Browser, visit: Encounter, spelled: str) -> None:
    said = shown(check(doctor, visit, filled(doctor, visit, (spelled, "", ""))))
    assert "无法识别" not in said


def test_pinyin_left_standing_at_the_signature_is_named(doctor: Browser, visit: Encounter) -> None:
    answer = send(doctor, visit, filled(doctor, visit, *FOUR, ("hq", "9", "")), "sign")
    assert answer.status_code == 422
    beside = answer.text[answer.text.index('id="says-4"') :]
    assert "无法识别" in shown(beside[: beside.index("</li>")])


def test_notes_of_the_visit_count_in_the_check(web: Web, doctor: Browser, visit: Encounter) -> None:
    form = filled(doctor, visit, *FOUR, ("桃仁", "6", ""))
    assert "妊娠" not in shown(check(doctor, visit, form))
    doctor.post(f"/doctor/visits/{visit.id}/notes", htmx=True, pregnant="1")
    assert "妊娠" in shown(check(doctor, visit, form))


def box_of(said: str, herb: str) -> str:
    """The value of the box for a second signature above a herb."""
    found = re.search(rf'<input type="checkbox" name="second_sign" value="({herb}[|][^"]+)"', said)
    assert found is not None
    return found[1]


def test_a_box_ticked_for_one_finding_is_not_ticked_for_the_next(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    lines = (("附子", "20", "先煎"), ("炙甘草", "6", ""))
    form = filled(doctor, visit, *lines)
    form["second_sign"] = [box_of(check(doctor, visit, form), "附子")]
    at_home = {**form, "preparation": "own_cooking", "usage": "温服"}
    assert (
        "checked"
        not in re.findall(r'<input type="checkbox" name="second_sign"[^>]*>', check(doctor, visit, at_home))[
            0
        ]
    )
    assert send(doctor, visit, at_home, "sign").status_code == 422
    assert [(one.state, one.items[0].second_signed_at) for one in of_visit(web, visit)] == [
        (State.DRAFT, None)
    ]


def test_a_stored_second_signature_stands_on_the_page_until_something_else_is_found(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    county = web.county
    kept = county.drafted(draft([ItemDraft("附子", 20.0, "先煎"), ItemDraft("炙甘草", 6.0)]), visit)
    page = (county.knowledge, kept.key(), kept.version, ("附子",))
    county.do(prescribing.second_sign, county.doctor, *page)
    form = form_on(doctor.get(f"/doctor/visits/{visit.id}").text)
    assert "已在此药味上再次签名" in shown(check(doctor, visit, form))
    at_home = {**form, "preparation": "own_cooking", "usage": "温服"}
    said = check(doctor, visit, at_home)
    assert "已在此药味上再次签名" not in shown(said)
    refused = send(doctor, visit, at_home, "sign")
    assert refused.status_code == 422
    at_home = {**form_on(refused.text), "second_sign": [box_of(said, "附子")]}
    assert send(doctor, visit, at_home, "sign").status_code == 200


def test_a_second_signature_lets_the_doctor_sign_and_stands_on_the_herb(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, ("党参", "12", ""), ("白术", "20", ""))
    assert send(doctor, visit, form, "sign").status_code == 422
    form = filled(doctor, visit, ("党参", "12", ""), ("白术", "20", ""))
    form["second_sign"] = [box_of(check(doctor, visit, form), "白术")]
    assert "已再次签名" in shown(check(doctor, visit, form))
    assert send(doctor, visit, form, "sign").status_code == 200
    [signed] = of_visit(web, visit)
    assert signed.state is State.SIGNED
    assert [item.second_signed_by_id for item in signed.items] == [None, web.county.doctor.staff_id]


def test_a_tick_stands_for_one_dose_only(web: Web, doctor: Browser, visit: Encounter) -> None:
    ticked = box_of(check(doctor, visit, filled(doctor, visit, ("白术", "20", ""))), "白术")
    form = {**filled(doctor, visit, ("白术", "30", "")), "second_sign": [ticked]}
    assert send(doctor, visit, form, "sign").status_code == 422
    assert [one.state for one in of_visit(web, visit)] == [State.DRAFT]


def test_the_box_of_another_dose_is_another_box(doctor: Browser, visit: Encounter) -> None:
    # The page keeps what is ticked in a box that it finds again by its id.
    def box(grams: str) -> str:
        said = check(doctor, visit, filled(doctor, visit, ("白术", grams, "")))
        found = re.search(r'<label class="tick" id="([^"]+)"><input type="checkbox" name="second_sign"', said)
        assert found is not None
        return found[1]

    assert box("20") == box("20.0")
    assert len({box("20"), box("21"), box("20.5")}) == 3


def test_more_than_seven_days_need_a_reason(web: Web, doctor: Browser, visit: Encounter) -> None:
    form = filled(doctor, visit, *FOUR, doses_count="14")
    refused = send(doctor, visit, form, "sign")
    assert refused.status_code == 422
    assert "可服 14 天" in shown(refused.text)
    assert 'class="extended"' in refused.text
    form = {**form_on(refused.text), "extended_supply_reason": "慢性病，路远"}
    assert send(doctor, visit, form, "sign").status_code == 200


def test_herbs_are_found_by_initials_and_characters(doctor: Browser) -> None:
    assert re.findall(r'data-value="([^"]+)"', doctor.get("/doctor/herbs?herb=hq").text)[:2] == [
        "黄芩",
        "黄芪",
    ]
    assert 'data-value="茯苓"' in doctor.get("/doctor/herbs?herb=云苓").text
    assert shown(doctor.get("/doctor/herbs?herb=").text) == ""


def test_syndromes_and_diseases_are_found_by_initials_and_characters(doctor: Browser) -> None:
    assert 'data-value="肝胆湿热证"' in doctor.get("/doctor/syndromes?syndrome=gdsrz").text
    first = re.findall(r'data-value="([^"]+)"', doctor.get("/doctor/diseases?disease=感冒").text)[0]
    assert first == "感冒"


def test_a_returned_prescription_shows_why_and_goes_back_mended(web: Web, doctor: Browser) -> None:
    county = web.county
    visit = county.visited()
    claimed = county.claimed(county.signed(visit=visit))
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "dose",
        remark="茯苓减量",
        herbs=("茯苓",),
    )
    page = doctor.get(f"/doctor/visits/{visit.id}").text
    assert "药师退回： 剂量超限 茯苓 茯苓减量 陈半夏" in shown(page)
    form = form_on(page)
    form["dose_g"][2] = "10"
    assert send(doctor, visit, form, "sign").status_code == 200
    [again] = of_visit(web, visit)
    assert (again.state, again.items[2].dose_g) == (State.SIGNED, 10.0)


def test_a_prescription_is_cancelled_with_a_reason(web: Web, doctor: Browser) -> None:
    visit = web.county.visited()
    signed = web.county.signed(visit=visit)
    path = f"/doctor/prescriptions/{signed.id}/cancel"
    missing = doctor.post(path, version=str(signed.version), reason_code="")
    assert missing.status_code == 422
    answer = doctor.post(path, version=str(signed.version), reason_code="rewritten")
    assert "已取消" in shown(doctor.follow(answer))
    assert [one.state for one in of_visit(web, visit)] == [State.CANCELLED]


def test_another_prescription_can_be_begun_beside_a_signed_one(web: Web, doctor: Browser) -> None:
    visit = web.county.visited()
    web.county.signed(visit=visit)
    fields = form_on(doctor.get(f"/doctor/visits/{visit.id}?new=1").text)
    fields |= {"herb": ["陈皮"], "dose_g": ["6"], "note": [""], "origin": [""], "syndrome": ["痰湿证"]}
    assert send(doctor, visit, fields, "save").status_code == 200
    assert {one.state for one in of_visit(web, visit)} == {State.SIGNED, State.DRAFT}


def test_no_other_doctor_writes_signs_checks_or_cancels(web: Web, doctor: Browser) -> None:
    county = web.county
    visit = county.visited()
    kept = county.drafted(draft([*FOUR_GENTLEMEN, ItemDraft("陈皮", 6.0)]), visit)
    form = filled(doctor, visit, *FOUR)
    base = f"/doctor/visits/{visit.id}/prescription"
    for actor in (county.other_doctor, county.foreign_doctor):
        other = web.browser(actor)
        for path in (base, f"{base}/check"):
            assert other.post(path, htmx=True, **form).status_code == 403
        cancel = f"/doctor/prescriptions/{kept.id}/cancel"
        assert other.post(cancel, version="2", reason_code="other").status_code == 403
    assert [item.herb for item in county.now(kept).items][-1] == "陈皮"


def test_a_prescription_is_not_moved_to_another_visit(web: Web, doctor: Browser, visit: Encounter) -> None:
    other = web.county.drafted()
    form = filled(doctor, visit, *FOUR, prescription_id=str(other.id), version=str(other.version))
    assert send(doctor, visit, form, "save").status_code == 404
    assert of_visit(web, visit) == []
