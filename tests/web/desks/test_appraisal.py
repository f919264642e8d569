"""The appraisal desk: draw, find, appeal, answer; the manager reads, nobody is led by who spoke first."""

import re

import pytest

from tcm.records.appraisals import Opinion
from tcm.services import appraising
from tcm.store.engine import Store
from tests.tcm.county import County
from tests.web.desks.hands import Web, shown, statements


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages, with prescriptions of a month that is over."""
    return Web(sqlite_store)


def drawn(county: County, prescriptions: int = 1, month: str = "2026-11") -> list[int]:
    """A sample; its rows."""
    for _ in range(prescriptions):
        county.approved()
    county.watch.pass_(days=30)
    sample = county.do(appraising.draw, county.pharmacist, county.knowledge, month, 7)
    view = county.do(appraising.open_appraisal, county.pharmacist, sample.id or 0)
    return [row.id or 0 for row in view.rows]


def opened(county: County, row: int) -> int:
    with county.work() as work:
        return work.appraised.get(row).appraisal_id


def test_a_month_is_drawn_from_the_page_and_stands_in_the_list(web: Web) -> None:
    web.county.approved()
    web.county.watch.pass_(days=30)
    pharmacist = web.browser(web.county.pharmacist)
    answer = pharmacist.post("/appraisal/draw", month="2026-11")
    page = shown(pharmacist.follow(answer))
    assert "抽样 1 张，抽样时当月签名处方 1 张" in page
    assert "2026-11" in shown(pharmacist.get("/appraisal").text)


def test_a_month_that_is_not_over_is_refused_with_a_sentence(web: Web) -> None:
    web.county.approved()
    answer = web.browser(web.county.pharmacist).post("/appraisal/draw", month="2026-11")
    assert (answer.status_code, "这个月还没有过完" in answer.text) == (422, True)


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "２０２６-11"])
def test_a_month_outside_every_calendar_is_refused_with_a_sentence(web: Web, month: str) -> None:
    web.county.approved()
    answer = web.browser(web.county.pharmacist).post("/appraisal/draw", month=month)
    assert (answer.status_code, "<h1>处方点评</h1>" in answer.text) == (422, True)
    assert f'value="{month}"' in answer.text


def test_three_who_find_different_faults_are_not_shown_as_reasonable(web: Web) -> None:
    county = web.county
    [row] = drawn(county)
    with county.work() as work:
        said = work.appraised.get(row)
        for actor, code in ((county.pharmacist, "1-1"), (county.colleague, "2-5"), (county.novice, "2-1")):
            said.opinions.append(
                Opinion(reviewer_id=actor.staff_id, codes=[code], note="", given_at=work.now)
            )
        work.commit()
    page = shown(web.browser(county.pharmacist).get(f"/appraisal/{opened(county, row)}").text)
    assert ("合理率 0% 0 / 1" in page, "1-1、2-1、2-5" in page) == (True, True)
    own = shown(web.browser(county.doctor).get("/doctor/appraisals").text)
    assert "1-1、2-1、2-5" in own


def test_two_pharmacists_find_the_same_and_the_doctor_reads_it_and_appeals(web: Web) -> None:
    [row] = drawn(web.county)
    first, second = web.browser(web.county.pharmacist), web.browser(web.county.colleague)
    found = {"verdict": "faulty", "codes": ["2-5"], "note": "剂量偏大"}
    assert first.post(f"/appraisal/prescriptions/{row}", **found).status_code == 303
    # Whoever has not spoken sees nothing of it.
    assert "剂量偏大" not in second.get(f"/appraisal/prescriptions/{row}").text
    assert "剂量偏大" in first.get(f"/appraisal/prescriptions/{row}").text
    second.post(f"/appraisal/prescriptions/{row}", **found)
    doctor = web.browser(web.county.doctor)
    page = shown(doctor.get("/doctor/appraisals").text)
    assert "2-5 用法、用量不适宜 用药不适宜" in page
    answer = doctor.post(f"/doctor/appraisals/{row}/appeal", words="病情需要")
    assert "我的申诉 病情需要" in shown(doctor.follow(answer))


@pytest.mark.parametrize(
    "form",
    [
        {"verdict": "faulty", "codes": []},
        {"verdict": "reasonable", "codes": ["2-5"]},
    ],
)
def test_a_verdict_and_codes_that_contradict_are_refused_and_the_note_stays(
    web: Web, form: dict[str, object]
) -> None:
    [row] = drawn(web.county)
    pharmacist = web.browser(web.county.pharmacist)
    answer = pharmacist.post(f"/appraisal/prescriptions/{row}", **form, note="写了很久的说明")
    assert answer.status_code == 422
    assert "不合理的请选代码，合理的不要选。" in answer.text
    assert "写了很久的说明" in answer.text


def test_codes_that_are_not_for_herbs_cannot_be_chosen(web: Web) -> None:
    [row] = drawn(web.county)
    page = web.browser(web.county.pharmacist).get(f"/appraisal/prescriptions/{row}").text
    offered = re.findall(r'name="codes" value="([^"]+)"', page)
    assert offered == [code.code for code in web.county.knowledge.appraisal_codes if not code.not_for_herbs]


def test_the_manager_reads_the_figures_and_no_prescription(web: Web) -> None:
    [row] = drawn(web.county)
    manager = web.browser(web.county.manager)
    page = manager.get(f"/appraisal/{opened(web.county, row)}").text
    assert "审核率 100%" in shown(page)
    assert f"/appraisal/prescriptions/{row}" not in page
    assert manager.get(f"/appraisal/prescriptions/{row}").status_code == 403


def test_doctors_and_floor_staff_do_not_see_the_desk(web: Web) -> None:
    for actor in (web.county.doctor, web.county.floor):
        assert web.browser(actor).get("/appraisal").status_code == 403


def test_a_sample_of_three_asks_the_database_no_more_often_than_one_of_one(web: Web) -> None:
    county = web.county
    [row] = drawn(county)
    rows = drawn(county, 3, "2026-12")
    pharmacist = web.browser(county.pharmacist)
    one = statements(county, pharmacist, f"/appraisal/{opened(county, row)}")
    assert (len(rows), statements(county, pharmacist, f"/appraisal/{opened(county, rows[0])}")) == (3, one)
