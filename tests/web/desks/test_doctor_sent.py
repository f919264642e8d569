"""What the hospital's own system sent, on its doctor's pages."""

import pytest

from tcm.records.systems import IncomingPrescription, IncomingState
from tcm.store.engine import Store
from tests.tcm.county import PHONE
from tests.tcm.services.sending import caller_of, send
from tests.web.desks.hands import Browser, Web, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


@pytest.fixture
def doctor(web: Web) -> Browser:
    """The browser of the doctor of the visit."""
    return web.browser(web.county.doctor)


@pytest.fixture
def sent(web: Web) -> IncomingPrescription:
    """A prescription that waits beside a visit of today."""
    web.county.visited()
    return send(web.county, caller_of(web.county))[0].incoming


def state(web: Web, sent: IncomingPrescription) -> IncomingState:
    """What became of it."""
    with web.county.work() as work:
        return work.incoming.get(sent.id or 0).state


def test_the_doctor_sees_it_on_the_day_and_beside_the_visit(
    doctor: Browser, sent: IncomingPrescription
) -> None:
    assert "医院系统送来 1 张处方，等您处理" in shown(doctor.get("/doctor").text)
    page = shown(doctor.get(f"/doctor/visits/{sent.encounter_id}").text)
    assert "医院系统送来的处方 R-1" in page
    assert "党参 12 g" in page
    assert f"送来的患者 女 60岁 电话尾号 {PHONE[-4:]} · 本次就诊 女" in page


def test_adopted_it_stands_in_the_form_and_keeps_where_it_came_from(
    web: Web, doctor: Browser, sent: IncomingPrescription
) -> None:
    page = doctor.follow(doctor.post(f"/doctor/sent/{sent.id}/adopt"))
    assert "已采用为草稿。请核对、修改后签名。" in shown(page)
    assert [f'value="{herb}"' in page for herb in ("党参", "炙甘草")] == [True, True]
    assert "医院系统送来的处方" not in shown(page)
    assert state(web, sent) is IncomingState.ADOPTED
    assert "等您处理" not in shown(doctor.get("/doctor").text)


def test_declined_it_is_gone_with_its_reason(web: Web, doctor: Browser, sent: IncomingPrescription) -> None:
    page = doctor.follow(doctor.post(f"/doctor/sent/{sent.id}/decline", reason_code="wrong_patient"))
    assert "没有采用，原因已告诉医院系统。" in shown(page)
    assert state(web, sent) is IncomingState.DECLINED


def test_a_colleague_sees_it_without_buttons_and_may_not_adopt(web: Web, sent: IncomingPrescription) -> None:
    colleague = web.browser(web.county.other_doctor)
    page = colleague.get(f"/doctor/visits/{sent.encounter_id}").text
    assert ("医院系统送来的处方" in shown(page), f"/doctor/sent/{sent.id}/" in page) == (True, False)
    assert colleague.post(f"/doctor/sent/{sent.id}/adopt").status_code == 403
    assert state(web, sent) is IncomingState.WAITING
