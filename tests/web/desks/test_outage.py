"""An outage: numbered paper in the drawer, prescriptions entered later, marked wherever they are shown."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pypdfium2
import pytest

from tcm.records.clinical import Encounter, Prescription
from tcm.records.outage import PaperKind
from tcm.records.roles import Actor
from tcm.store.engine import Store
from tests.web.desks.hands import Browser, Web, hidden, shown, statements
from tests.web.desks.rx_form import FOUR, filled, form_on, of_visit, send
from web.desks.on_paper import in_county


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


def print_blanks(browser: Browser, kind: PaperKind = PaperKind.PRESCRIPTION, count: int = 3) -> str:
    """Give numbers to blank forms; the newest batch's first number."""
    fields = hidden(browser.get("/outage").text, "/outage/batches")
    answer = browser.post("/outage/batches", **fields, kind=kind.value, count=count)
    found = re.search(r">([^<>]+-[CSJP]\d{5}-\d) –", browser.follow(answer))
    assert found is not None
    return found[1]


def on_paper(web: Web, number: str, **changes: Any) -> dict[str, Any]:
    """The fields of a sheet that was written an hour ago and reviewed soon after."""
    now = web.county.watch.now
    return {
        "paper_number": number,
        "paper_written_at": in_county(now - timedelta(minutes=60)),
        "paper_reason": "network",
        "paper_reviewer_id": str(web.county.pharmacist.staff_id),
        "paper_reviewed_at": in_county(now - timedelta(minutes=40)),
        **changes,
    }


def entered(web: Web, doctor: Browser, visit: Encounter, number: str, action: str = "sign") -> Prescription:
    form = filled(doctor, visit, *FOUR, **on_paper(web, number))
    assert send(doctor, visit, form, action).status_code == 200
    [prescription] = of_visit(web, visit)
    return prescription


def test_blank_forms_are_printed_with_numbers_that_follow_one_another(doctor: Browser) -> None:
    print_blanks(doctor, count=2)
    print_blanks(doctor, count=3)
    page = doctor.get("/outage").text
    serials = re.findall(r"-C(\d{5})-\d – [^<]*-C(\d{5})-\d<", page)
    assert serials == [("00003", "00005"), ("00001", "00002")]
    path = re.findall(r'href="(/outage/batches/\d+\.pdf)"', page)[0]
    answer = doctor.get(path)
    assert answer.headers["Content-Type"] == "application/pdf"
    pages = pypdfium2.PdfDocument(BytesIO(answer.data))
    assert [re.findall(r"-C(\d{5})-", one.get_textpage().get_text_range()) for one in pages] == [
        ["00003"],
        ["00004"],
        ["00005"],
    ]


def test_a_form_sent_twice_gives_numbers_once(doctor: Browser) -> None:
    fields = hidden(doctor.get("/outage").text, "/outage/batches") | {"kind": "C", "count": "5"}
    for _ in range(2):
        doctor.post("/outage/batches", **fields)
    assert doctor.get("/outage").text.count(".pdf") == 1


@pytest.mark.parametrize("count", ["0", "61", "many"])
def test_more_than_a_desk_needs_is_refused_beside_the_field(doctor: Browser, count: str) -> None:
    fields = hidden(doctor.get("/outage").text, "/outage/batches")
    answer = doctor.post("/outage/batches", **fields, kind="C", count=count)
    assert (answer.status_code, 'class="says error"' in answer.text) == (422, True)


def test_a_prescription_of_paper_goes_the_whole_ordinary_way_and_is_marked(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    number = print_blanks(doctor)
    prescription = entered(web, doctor, visit, number)
    assert (prescription.state.value, prescription.paper_number) == ("signed", number)
    mark = f"补录 {number}"
    pharmacist = web.browser(web.county.pharmacist)
    queue, case = pharmacist.get("/pharmacist").text, pharmacist.get(f"/pharmacist/{prescription.id}").text
    assert (mark in shown(queue), mark in shown(case)) == (True, True)
    assert "纸上签过名的人要在系统里再签一次" in shown(case)
    assert mark in shown(doctor.get(f"/doctor/visits/{visit.id}").text)
    web.county.approve(web.county.claimed(prescription))
    floor = web.browser(web.county.floor)
    assert mark in shown(floor.get("/floor/board").text)
    printed = doctor.get(f"/papers/prescription/{prescription.id}.pdf").data
    text = pypdfium2.PdfDocument(BytesIO(printed))[0].get_textpage().get_text_range()
    assert f"纸质处方 {number}" in text


def test_the_form_shows_the_sheet_again_until_the_doctor_takes_it_back(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    number = print_blanks(doctor)
    entered(web, doctor, visit, number, "save")
    again = form_on(doctor.get(f"/doctor/visits/{visit.id}").text)
    assert (again["paper_number"], again["paper_reason"]) == ([number], ["network"])
    assert send(doctor, visit, again | {"paper_number": ""}, "save").status_code == 200
    [prescription] = of_visit(web, visit)
    assert prescription.paper_number is None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"paper_number": "T01-C99999-9"}, "没有印过这个编号"),
        ({"paper_written_at": "2036-11-22T09:00"}, "纸上的时间不能在现在以后。"),
        ({"paper_written_at": ""}, "请填写纸上开方的时间。"),
        ({"paper_written_at": "2026-01-02T09:00"}, "早于 30 天前"),
    ],
)
def test_a_sheet_that_cannot_be_is_refused_and_nothing_is_saved(
    web: Web, doctor: Browser, visit: Encounter, changes: dict[str, str], sentence: str
) -> None:
    form = filled(doctor, visit, *FOUR, **on_paper(web, print_blanks(doctor), **changes))
    answer = send(doctor, visit, form, "save")
    assert (answer.status_code, sentence in shown(answer.text), of_visit(web, visit)) == (422, True, [])


def test_what_was_typed_of_a_sheet_is_kept_with_the_draft(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    form = filled(doctor, visit, *FOUR, paper_number="T01-C00007-1")
    doctor.post(f"/doctor/visits/{visit.id}/draft", htmx=True, **form)
    assert form_on(doctor.get(f"/doctor/visits/{visit.id}").text)["paper_number"] == ["T01-C00007-1"]


def test_the_pharmacist_enters_their_own_paper_signature_and_signs_again(
    web: Web, doctor: Browser, visit: Encounter
) -> None:
    prescription = web.county.signed()
    pharmacist = web.browser(web.county.pharmacist)
    slip = print_blanks(pharmacist, PaperKind.REVIEW)
    fields = {
        "number": prescription.number,
        "step": "reviewed",
        "paper": slip.lower(),
        "signed_at": in_county(web.county.watch.now - timedelta(minutes=5)),
        "reason": "power",
    }
    page = pharmacist.follow(pharmacist.post("/outage/signatures", **fields))
    assert (slip in page, "等本人再签" in page) == (True, True)
    web.county.approve(web.county.claimed(prescription))
    assert "本人已签" in pharmacist.get("/outage").text
    assert "paper_signed" in web.county.story(prescription)


def test_the_page_costs_the_same_with_one_row_and_with_three(web: Web, doctor: Browser) -> None:
    def enter_one() -> None:
        entered(web, doctor, web.county.visited(), print_blanks(doctor, count=1))

    enter_one()
    with_one = statements(web.county, doctor, "/outage")
    enter_one()
    enter_one()
    assert statements(web.county, doctor, "/outage") == with_one


@pytest.mark.parametrize("who", ["admin"])
def test_who_never_works_on_paper_is_refused(web: Web, who: str) -> None:
    actor: Actor = getattr(web.county, who)
    assert web.browser(actor).get("/outage").status_code == 403


def test_another_houses_forms_are_not_printed(web: Web, doctor: Browser) -> None:
    print_blanks(doctor)
    stranger = web.browser(web.county.foreign_doctor)
    assert stranger.get("/outage/batches/1.pdf").status_code == 403
