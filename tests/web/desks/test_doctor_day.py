"""The doctor's first page: the day, the search, a new patient."""

import re

import pytest
from sqlalchemy import select

from tcm.records.people import Sex
from tcm.records.roles import Actor
from tcm.services import charting, reviewing
from tcm.store.engine import Store
from tcm.store.tables import access_log
from tests.tcm.county import ID_NUMBER, NAME, PHONE
from tests.web.desks.hands import Browser, Web, hidden, shown, statements
from web.desks.doctor.identity import read_identity

NEW = {
    "name": "周小满",
    "sex": "F",
    "born_on": "1990年3月7日",
    "phone": "13700001111",
    "allergies": "青霉素、花生",
}


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def form_of(browser: Browser, web: Web, **changes: str) -> dict[str, str]:
    """The registration form as a doctor fills it in."""
    fields = hidden(browser.get("/doctor/patients/new").text, "/doctor/patients")
    return {**fields, **NEW, "village_id": str(web.county.village.id), **changes}


def patients_named(web: Web, name: str) -> int:
    return len(web.county.do(charting.find_patients, web.county.doctor, name))


def test_registering_a_patient_opens_the_visit_they_came_for(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    page = shown(doctor.follow(doctor.post("/doctor/patients", **form_of(doctor, web))))
    assert "周小满 女 36岁" in page
    assert "过敏：青霉素、花生" in page
    assert "13700001111" in page


def test_the_same_registration_sent_twice_makes_one_patient_and_one_visit(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    form = form_of(doctor, web, id_number="11010519491231002X", sex="", born_on="")
    answers = [doctor.post("/doctor/patients", **form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].location == answers[1].location
    assert patients_named(web, "周小满") == 1


def test_an_identity_number_stands_for_birth_and_sex(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    doctor.post(
        "/doctor/patients", **form_of(doctor, web, id_number="11010519491231002x", sex="", born_on="")
    )
    [patient] = web.county.do(charting.find_patients, web.county.doctor, "11010519491231002X")
    assert (patient.sex, patient.born_on.isoformat()) == (Sex.FEMALE, "1949-12-31")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": ""}, "请填写这一项。"),
        ({"sex": ""}, "请选择性别。"),
        ({"born_on": ""}, "请填写出生日期。"),
        ({"born_on": "1990-13-40"}, "日期写法如 2026-11-21。"),
        ({"born_on": "2026-11-22"}, "出生日期不能在今天以后。"),
        ({"born_on": "1826-01-01"}, "请核对出生年份。"),
        ({"phone": "一三七"}, "电话应为 7 至 15 位数字。"),
        ({"id_number": "1101051949"}, "身份证号应为 18 位数字，末位可为 X。"),
        ({"id_number": "110105194912310021"}, "身份证号校验码不对，请核对。"),
        ({"id_number": "11010519491231002X"}, "出生日期与身份证号不一致。"),
        ({"id_number": "11010519491231002X", "born_on": "", "sex": "M"}, "性别与身份证号不一致。"),
    ],
)
def test_a_wrong_field_gets_its_sentence_and_loses_nothing(
    web: Web, changes: dict[str, str], sentence: str
) -> None:
    doctor = web.browser(web.county.doctor)
    answer = doctor.post("/doctor/patients", **form_of(doctor, web, **changes))
    assert answer.status_code == 422
    assert sentence in shown(answer.text)
    for kept in ({**NEW, **changes}).values():
        assert f'value="{kept}"' in answer.text or kept in ("F", "M", "")
    assert patients_named(web, "周小满") == 0


def test_an_identity_number_whose_day_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="出生日期不存在"):
        read_identity("110105194902300020")


def test_a_patient_with_a_known_identity_number_is_offered_instead_of_registered_again(web: Web) -> None:
    web.county.registered(name="欧阳田", id_number="430682196611215524")
    doctor = web.browser(web.county.doctor)
    form = form_of(doctor, web, id_number="430682196611215524", sex="", born_on="")
    answer = doctor.post("/doctor/patients", **form)
    assert answer.status_code == 409
    assert "这个身份证号已登记：欧阳田。" in shown(answer.text)
    page = doctor.follow(doctor.post("/doctor/visits", **hidden(answer.text, "/doctor/visits")))
    assert "欧阳田" in page
    assert patients_named(web, "周小满") == 0


def test_villages_follow_the_township(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    options = doctor.get("/doctor/villages?township=詹桥镇").text
    assert shown(options) == "白石村卫生室 观山村卫生室"
    assert shown(doctor.get("/doctor/villages?township=无此镇").text) == ""


@pytest.mark.parametrize("text", [NAME, PHONE, ID_NUMBER])
def test_a_patient_is_found_by_name_phone_or_identity_number(web: Web, text: str) -> None:
    doctor = web.browser(web.county.doctor)
    answer = doctor.post("/doctor/patients/search", htmx=True, text=text)
    found = answer.text[answer.text.index('id="found"') :]
    assert f"{NAME} 女 60岁" in shown(found)
    page = doctor.follow(doctor.post("/doctor/visits", **hidden(found, "/doctor/visits")))
    assert NAME in page


def test_nobody_is_found_at_another_hospital(web: Web) -> None:
    foreign = web.browser(web.county.foreign_doctor)
    answer = foreign.post("/doctor/patients/search", text=NAME)
    assert "本院没有这位患者。" in shown(answer.text)
    assert f"<strong>{NAME}</strong>" not in answer.text


def test_no_name_ever_stands_in_an_address(web: Web) -> None:
    doctor = web.browser(web.county.doctor)
    assert doctor.get(f"/doctor/patients/search?text={NAME}").status_code == 405
    assert re.findall(r'<form method="(\w+)"[^>]*role="search"', doctor.get("/doctor").text) == ["post"]


def test_what_came_back_stands_first_with_its_reason(web: Web) -> None:
    county = web.county
    claimed = county.claimed(county.signed())
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "second_signature",
        remark="茯苓请再签",
        herbs=("茯苓",),
    )
    page = shown(web.browser(county.doctor).get("/doctor").text)
    assert page.index("药师退回 1 张") < page.index("查找患者")
    assert f"{NAME} {claimed.number} 请在所列药味上再次签名 茯苓 茯苓请再签" in page
    assert "已退回" in page[page.index("今日就诊") :]


@pytest.mark.parametrize("role", ["pharmacist", "floor", "courier", "manager", "admin"])
def test_only_doctors_have_this_desk(web: Web, role: str) -> None:
    actor: Actor = getattr(web.county, role)
    assert web.browser(actor).get("/doctor").status_code == 403


def test_every_name_on_the_page_is_a_look_on_record(web: Web) -> None:
    county = web.county
    county.visited()
    doctor = web.browser(county.doctor)
    with county.work() as work:
        before = work.session.execute(select(access_log.c.id)).all()
    doctor.get("/doctor")
    with county.work() as work:
        looks = work.session.execute(
            select(
                access_log.c.action, access_log.c.subject_kind, access_log.c.subject_id, access_log.c.allowed
            )
            .where(access_log.c.id > max((row[0] for row in before), default=0))
            .order_by(access_log.c.id)
        ).all()
    assert [tuple(row) for row in looks] == [
        ("patient.read", "patient", None, True),
        ("patient.read", "patient", county.patient.id, True),
    ]


def test_the_day_costs_as_many_statements_with_three_visits_as_with_one(web: Web) -> None:
    county = web.county
    doctor = web.browser(county.doctor)
    county.signed(visit=county.visited())
    doctor.get("/doctor")
    one = statements(county, doctor, "/doctor")
    for _ in range(2):
        county.signed(visit=county.visited(county.registered(id_number="", name="何田田")))
    assert statements(county, doctor, "/doctor") == one
