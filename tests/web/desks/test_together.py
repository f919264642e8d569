"""Between houses: questions and answers, referrals, records elsewhere, outcomes, in the browser."""

import re

import pypdfium2
import pytest

from tcm.records.clinical import Encounter
from tcm.records.errors import Invalid
from tcm.records.together import AnsweredLine, ConsultationState
from tcm.services import conferring, consulting
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.county import COMPLAINT, NAME, draft
from tests.tcm.together import OPINION, WORDS, Beyond
from tests.web.desks.hands import Browser, Web, hidden, shown, statements
from tests.web.desks.rx_form import filled, form_on, of_visit, send
from web.desks.together.forms import read_lines
from web.desks.together.shown import GRADE_TERMS

CONSENT = {"consent_by": "patient", "consent_how": "written"}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def beyond(web: Web) -> Beyond:
    """A county hospital whose experts can log in."""
    made = Beyond(web.county)
    with web.county.work() as work:
        password_hash = work.staff.get(web.county.doctor.staff_id).password_hash
        for actor in (made.expert, made.other_expert):
            work.staff.get(actor.staff_id).password_hash = password_hash
        work.commit()
    return made


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The doctor's browser."""
    return web.browser(web.county.doctor)


def asked_in_browser(doctor: Browser, visit: Encounter, beyond: Beyond) -> str:
    """The question's form filled in and sent; the visit's page afterwards."""
    address = f"/together/visits/{visit.id}/consult"
    form = hidden(doctor.get(address).text, address)
    answer = doctor.post(address, **form, expert_id=beyond.expert.staff_id, words=WORDS, **CONSENT)
    return doctor.follow(answer)


def test_a_question_is_asked_answered_adopted_line_by_line_and_logged(
    web: Web, beyond: Beyond, doctor: Browser
) -> None:
    visit = web.county.visited()
    page = shown(asked_in_browser(doctor, visit, beyond))
    assert "等待会诊 石斛生" in page
    assert "专家还没看" in page
    expert = web.browser(beyond.expert)
    assert "等我会诊 1" in shown(expert.get("/doctor").text)
    [address] = set(re.findall(r"/together/consultations/\d+", expert.get("/together").text))
    case = shown(expert.get(address).text)
    assert (COMPLAINT in case, WORDS in case, NAME in case) == (True, True, True)
    assert "专家已看" in shown(doctor.get(f"/doctor/visits/{visit.id}").text)
    form = {"words": "宜健脾化湿", "syndrome": "脾虚湿困证", "herbs": "生黄芪 20、砂仁6（后下）", "usage": ""}
    assert expert.post(f"{address}/answer", **form).status_code == 303
    assert "会诊已答复 1" in shown(doctor.get("/doctor").text)
    key = int(address.rsplit("/", 1)[1])
    typed = filled(doctor, visit, ("党参", "12", ""))
    adopted = doctor.post(
        f"/doctor/visits/{visit.id}/prescription/adopt",
        htmx=True,
        **typed,
        adopt_consultation=key,
        adopt_line="1",
    )
    assert adopted.status_code == 200, shown(adopted.text)
    kept_form = form_on(adopted.text)
    assert (kept_form["herb"][:2], kept_form["dose_g"][:2]) == (["党参", "砂仁"], ["12", "6"])
    assert of_visit(web, visit) == []
    assert send(doctor, visit, kept_form, "save").status_code == 200
    [kept] = of_visit(web, visit)
    [event] = [event for event in web.county.events(kept) if event.kind == "adopted"]
    assert event.payload == {"lines": [{"herb": "砂仁", "origin": f"会诊:{key} 石斛生"}]}
    assert doctor.post(f"{address}/acknowledge").status_code == 303
    assert "没有待办" in shown(doctor.get("/doctor").text)


def test_an_answer_is_adopted_at_its_own_visit_alone(web: Web, beyond: Beyond, doctor: Browser) -> None:
    answered, other = beyond.answered(), web.county.visited()
    page = doctor.post(
        f"/doctor/visits/{other.id}/prescription/adopt",
        htmx=True,
        **filled(doctor, other),
        adopt_consultation=answered.id,
    )
    assert (page.status_code, "没有这份会诊意见" in page.text) == (404, True)


def test_what_an_expert_cannot_send_is_told_and_nothing_typed_is_lost(web: Web, beyond: Beyond) -> None:
    expert, asked = web.browser(beyond.expert), beyond.asked()
    address = f"/together/consultations/{asked.id}/answer"
    for herbs, sentence in (
        ("黄芪", "药味请写成"),
        ("不知名草 9", "这些药名认不出"),
        ("甘草 3钱", "脚注：甘草 3 钱。"),
        ("朱砂 500mg", "脚注：朱砂 500 mg。"),
        ("甘草 0.5两 先煎", "脚注：甘草 0.5 两 先煎。"),
    ):
        page = expert.post(address, words="如下", herbs=herbs)
        assert page.status_code == 422
        assert (sentence in page.text, f">{herbs}</textarea>" in page.text) == (True, True)
    with web.county.work() as work:
        assert work.consultations.get(asked.key()).state is ConsultationState.WAITING


def test_pictures_travel_to_the_expert_and_to_nobody_else(web: Web, beyond: Beyond) -> None:
    visit = web.county.visited()
    photograph = web.county.photographed(visit)
    asked = beyond.asked(visit)
    address = f"/together/consultations/{asked.id}/photographs/{photograph.id}/overlay"
    answer = web.browser(beyond.expert).get(address)
    assert (answer.data, answer.headers["Cache-Control"]) == (b"a drawn overlay", "private, no-store")
    assert web.browser(beyond.other_expert).get(address).status_code == 403
    assert web.browser(web.county.pharmacist).get("/together").status_code == 403


def test_the_visit_asks_again_and_is_told_when_the_answer_is_there(
    web: Web, beyond: Beyond, doctor: Browser
) -> None:
    visit = web.county.visited()
    asked = beyond.asked(visit)
    part = f"/doctor/visits/{visit.id}/together"
    first = doctor.get(part)
    assert doctor.get(part, if_none_match=first.headers["ETag"]).status_code == 304
    web.county.do(conferring.answer, beyond.expert, web.county.knowledge, asked.key(), OPINION)
    again = doctor.get(part, if_none_match=first.headers["ETag"])
    assert (again.status_code, OPINION.opinion in again.text) == (200, True)
    news = doctor.get("/together/news")
    assert "会诊已答复 1" in shown(news.text)
    assert doctor.get("/together/news", if_none_match=news.headers["ETag"]).status_code == 304


def test_a_patient_is_referred_with_a_printed_letter_received_and_replied_about(
    web: Web, beyond: Beyond, doctor: Browser
) -> None:
    visit = web.county.visited()
    address = f"/together/visits/{visit.id}/refer"
    page = doctor.get(address).text
    assert COMPLAINT in page
    letter = {"reason_code": "diagnosis", "impression": "腹痛待查", **CONSENT}
    nowhere = doctor.post(address, **hidden(page, address), **letter)
    assert (nowhere.status_code, "请写至少 2 个字" in nowhere.text) == (422, True)
    to = beyond.hospital.id
    sent = doctor.post(address, **hidden(page, address), **letter, to_institution_id=to)
    assert "已转出" in shown(doctor.follow(sent))
    place = sent.headers["Location"]
    printed = doctor.get(f"{place}.pdf")
    text = pypdfium2.PdfDocument(printed.data)[0].get_textpage().get_text_bounded()
    said = re.sub(r"\s", "", text)
    for words in ("双向转诊（转出）单", "临湘市中医医院：", NAME, "腹痛待查", "诊断不明", "患者本人，书面"):
        assert words in said
    expert = web.browser(beyond.expert)
    form = hidden(expert.get(place).text, f"{place}/receive")
    opened = expert.post(f"{place}/receive", **form)
    assert "詹桥镇卫生院 转来" in shown(expert.follow(opened))
    assert expert.post(f"{place}/reply", words="胃镜无异常").status_code == 303
    assert "转诊有回复 1" in shown(doctor.get("/doctor").text)
    assert "胃镜无异常" in doctor.get(place).text
    assert web.browser(web.county.foreign_doctor).get(f"{place}.pdf").status_code == 403


def test_a_consent_is_recorded_read_by_and_withdrawn(web: Web, beyond: Beyond, doctor: Browser) -> None:
    received = beyond.referred()
    expert = web.browser(beyond.expert)
    place = f"/together/referrals/{received.id}"
    form = hidden(expert.get(place).text, f"{place}/receive")
    expert.post(f"{place}/receive", **form)
    address = f"/together/patients/{web.county.patient.id}/elsewhere"
    page = doctor.get(address).text
    assert "请患者授权" in page
    consents = address.replace("elsewhere", "consents")
    given = {"given_by": "patient", "how": "written", "until": "2026-12-01"}
    told = shown(doctor.follow(doctor.post(consents, **hidden(page, consents), **given)))
    assert "在其他机构的就诊 1 次" in told
    assert "临湘市中医医院" in told
    visit = re.search(rf"{address}/\d+", doctor.get(address).text)
    assert visit is not None
    assert doctor.get(visit[0]).status_code == 200
    [withdraw] = re.findall(rf"{consents}/\d+/withdraw", doctor.get(address).text)
    assert "已撤回" in shown(doctor.follow(doctor.post(withdraw)))
    assert doctor.get(visit[0]).status_code == 403


def test_an_outcome_is_kept_and_stands_beside_the_earlier_visit(web: Web) -> None:
    before = web.county.visited(inquiry=("纳呆", "便溏"))
    web.county.watch.pass_(days=7)
    visit = web.county.visited(inquiry=("便溏",))
    doctor = web.browser(web.county.doctor)
    page = shown(doctor.get(f"/doctor/visits/{visit.id}/followup").text)
    assert "便溏 本次仍有" in page
    said = {"of_visit_id": before.id, "grade": "marked", "symptom-0": "gone", "symptom-1": "better"}
    answer = doctor.post(f"/doctor/visits/{visit.id}/outcome", **said, note="大便成形")
    assert "疗效：显效" in shown(doctor.follow(answer))
    with web.county.work() as work:
        [outcome] = work.outcomes.all()
    assert outcome.symptoms == {"纳呆": "gone", "便溏": "better"}
    assert "疗效：显效" in shown(doctor.get(f"/doctor/visits/{visit.id}").text)


def test_every_grade_of_the_table_is_in_the_catalogue(web: Web) -> None:
    assert tuple(grade.term for grade in web.county.knowledge.outcome_grades) == GRADE_TERMS


def test_what_the_pharmacist_agreed_by_telephone_stands_on_the_doctors_page(
    web: Web, doctor: Browser
) -> None:
    claimed = web.county.claimed(web.county.signed())
    web.county.do(consulting.call_doctor, web.county.pharmacist, claimed.key(), "白术减至九克")
    page = shown(doctor.get(f"/doctor/visits/{claimed.encounter_id}").text)
    assert "药师来电商定： 白术减至九克" in page


def test_the_pharmacist_reads_what_the_expert_answered(web: Web, beyond: Beyond) -> None:
    visit = web.county.visited()
    beyond.answered(visit)
    claimed = web.county.claimed(web.county.signed(visit=visit))
    page = shown(web.browser(web.county.pharmacist).get(f"/pharmacist/{claimed.key()}").text)
    assert "会诊意见 宜健脾化湿 生黄芪 20 g、砂仁 6 g（后下） 石斛生 主任医师" in page


def test_the_administrator_makes_an_expert_of_a_doctor_alone(web: Web, beyond: Beyond) -> None:
    admin = web.browser(web.county.admin)
    address = "/admin/staff/{}/expert"
    chosen = admin.post(address.format(web.county.foreign_doctor.staff_id), expert_in="妇科")
    assert "会诊专家：妇科" in shown(admin.follow(chosen))
    refused = admin.post(address.format(web.county.pharmacist.staff_id), expert_in="妇科")
    assert "只有医师可以登记为会诊专家" in refused.text


def test_the_inbox_costs_as_much_for_three_as_for_one(web: Web, beyond: Beyond, doctor: Browser) -> None:
    beyond.answered()
    beyond.referred()
    one = statements(web.county, doctor, "/together")
    for _ in range(2):
        beyond.answered()
        beyond.referred()
    assert statements(web.county, doctor, "/together") == one


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("黄芪30g、党参 15克", [("黄芪", 30.0, ""), ("党参", 15.0, "")]),
        ("麻黄６（先煎），\n薄荷 3 后下；", [("麻黄", 6.0, "先煎"), ("薄荷", 3.0, "后下")]),
        ("砂仁 4.5g 后下。", [("砂仁", 4.5, "后下")]),
        ("", []),
    ],
)
def test_herbs_are_read_as_doctors_type_them(text: str, lines: list[tuple[str, float, str]]) -> None:
    assert read_lines(text) == tuple(AnsweredLine(*line) for line in lines)


@pytest.mark.parametrize("text", ["黄芪", "30 黄芪", "黄芪 0", "黄芪 99999", "、".join(["黄芪 9"] * 61)])
def test_what_is_no_herb_with_grams_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="药味"):
        read_lines(text)


def test_what_cannot_be_read_is_told_by_its_line() -> None:
    with pytest.raises(Invalid, match=r"^“党参 9-12”看不懂。"):
        read_lines("黄芪 30、党参 9-12")


def test_a_letter_begins_with_the_herbs_as_they_were_processed(
    web: Web, beyond: Beyond, doctor: Browser
) -> None:
    visit = web.county.visited()
    web.county.signed(draft([ItemDraft("栀子炭", 6.0), ItemDraft("白术", 9.0)]), visit)
    page = doctor.get(f"/together/visits/{visit.id}/refer").text
    assert "栀子炭6g、白术9g" in page


def test_whoever_receives_a_patient_is_told_of_allergies_and_sees_no_name_once_it_is_closed(
    web: Web, beyond: Beyond
) -> None:
    county = web.county
    visit = county.visited(county.registered(allergies=("党参",)))
    sent = beyond.referred(visit)
    expert, place = web.browser(beyond.expert), f"/together/referrals/{sent.id}"
    opened = expert.post(f"{place}/receive", **hidden(expert.get(place).text, f"{place}/receive"))
    page = shown(expert.follow(opened))
    assert ("转诊带来 1 项过敏史，已记入本院，请向患者核实。" in page, "过敏：党参" in page) == (True, True)
    expert.post(f"{place}/reply", words="胃镜无异常")
    assert NAME in expert.get("/together").text
    county.watch.pass_(days=31)
    expert = web.browser(beyond.expert)
    closed = shown(expert.get("/together").text)
    assert ("病历已关闭 已回复" in closed, NAME in closed) == (True, False)
    assert expert.get(place).status_code == 403
    assert "詹桥镇卫生院 转来 病历已关闭" in shown(expert.get(opened.headers["Location"]).text)
