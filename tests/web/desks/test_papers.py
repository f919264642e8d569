"""The papers as their readers get them: text and codes read back, and who may not have them."""

import re
from datetime import timedelta

import pypdfium2
import pytest
import zxingcpp

from tcm.records.lifecycle import State
from tcm.services import reviewing
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, packed, planned, route, stop
from tests.tcm.county import DAY, FOUR_GENTLEMEN, NAME, draft
from tests.web.desks.hands import Web, planned_day, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store, public_url="https://yao.linxiang.example")


def texts(pdf: bytes) -> list[str]:
    """The text of every page, without white space."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    finally:
        document.close()
    return [re.sub(r"\s+", "", page) for page in pages]


def codes(pdf: bytes) -> list[list[str]]:
    """What the QR codes of every page say, from top to bottom."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        pictures = [page.render(scale=4).to_numpy() for page in document]
    finally:
        document.close()
    found = [zxingcpp.read_barcodes(picture) for picture in pictures]
    return [[code.text for code in sorted(each, key=lambda c: c.position.top_left.y)] for each in found]


def test_the_prescription_is_printed_with_its_signatures_and_the_ledgers_hash(web: Web) -> None:
    county = web.county
    lines = (*FOUR_GENTLEMEN, ItemDraft("薄荷", 6.0, "后下"))
    prescription = county.approved(draft(lines))
    answer = web.browser(county.doctor).get(f"/papers/prescription/{prescription.key()}.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = f'inline; filename="prescription-{prescription.number}.pdf"'
    assert answer.headers["Content-Disposition"] == disposition
    [page] = texts(answer.data)
    digest = county.events(prescription)[-1].hash[:16]
    for said in (
        NAME,
        "60岁",
        "詹桥镇卫生院",
        "泄泻",
        "脾胃气虚证",
        "薄荷",
        "后下",
        "李春生",
        "陈半夏",
        digest,
    ):
        assert said in page
    assert codes(answer.data) == [[f"https://yao.linxiang.example/t/{prescription.number}"]]


def test_a_pot_label_has_the_planned_times_and_the_number_to_scan(web: Web) -> None:
    county = web.county
    lines = (*FOUR_GENTLEMEN, ItemDraft("石膏", 30.0, "先煎"), ItemDraft("薄荷", 6.0, "后下"))
    prescription = county.approved(draft(lines))
    [job] = planned_day(county).result["schedule"]["jobs"]  # type: ignore[index]

    def at(minute: int) -> str:
        return f"{minute // 60:02d}:{minute % 60:02d}"

    answer = web.browser(county.floor).get(f"/papers/pot-labels/{prescription.key()}.pdf")
    [page] = texts(answer.data)
    cook = job["cook_at_min"]
    assert f"锅{job['pot_id']}欧*7剂{prescription.number}" in page
    assert "总水量4100ml装14袋×200ml" in page
    assert f"浸泡{at(job['soak_at_min'])}302750先煎{at(cook)}15石膏一煎{at(cook + 15)}30" in page
    assert f"后下{at(cook + 35)}10薄荷响铃二煎{at(cook + 45)}201350包装{at(job['pack_at_min'])}5" in page
    assert codes(answer.data) == [[f"https://yao.linxiang.example/floor/at/{prescription.number}"]]


def test_every_pot_has_a_sign_with_a_code_that_opens_its_page(web: Web) -> None:
    answer = web.browser(web.county.floor).get("/papers/pot-signs.pdf")
    read = sorted(code for page in codes(answer.data) for code in page)
    assert read == [
        f"https://yao.linxiang.example/floor/at/{code}" for code in ("P01", "P02", "Q01", "S01", "T01")
    ]
    assert "毒性专锅" in "".join(texts(answer.data))


def test_a_pot_label_without_a_plan_begins_when_it_is_printed(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    [page] = texts(web.browser(county.floor).get(f"/papers/pot-labels/{prescription.key()}.pdf").data)
    assert "锅待定" in page
    assert "浸泡08:00302400一煎08:3030二煎09:00201350包装09:200" in page


def test_all_pot_labels_of_the_plan_come_in_the_order_the_pots_are_filled(web: Web) -> None:
    county = web.county
    browser = web.browser(county.floor)
    nothing = browser.get("/papers/pot-labels.pdf")
    assert (nothing.status_code, "今天的计划里没有待煎的处方。" in shown(nothing.text)) == (422, True)
    prescriptions = [county.approved() for _ in range(3)]
    jobs = planned_day(county).result["schedule"]["jobs"]  # type: ignore[index]
    brought_to(county, prescriptions[0], State.PACKED)
    pages = texts(browser.get("/papers/pot-labels.pdf").data)
    number = {each.key(): str(each.number) for each in prescriptions}
    waiting = [job for job in jobs if int(job["job_id"]) != prescriptions[0].key()]
    waiting.sort(key=lambda job: (job["load_at_min"], number[int(job["job_id"])]))
    assert [next(n for n in number.values() if n in page) for page in pages] == [
        number[int(job["job_id"])] for job in waiting
    ]


def test_each_pot_label_of_the_plan_is_a_look_at_its_prescription(web: Web) -> None:
    county = web.county
    prescriptions = [county.approved(), county.approved()]
    planned_day(county)
    browser, before = web.browser(county.floor), len(county.looks())
    assert browser.get("/papers/pot-labels.pdf").status_code == 200
    me = county.floor.staff_id
    assert set(county.looks()[before:]) == {
        (me, "label.print", "prescription", subject_id, True)
        for subject_id in (None, *(prescription.key() for prescription in prescriptions))
    }


def test_pot_labels_are_printed_the_evening_before(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    [job] = planned_day(county, day=DAY + timedelta(days=1)).result["schedule"]["jobs"]  # type: ignore[index]
    browser = web.browser(county.floor)
    for path in ("/papers/pot-labels.pdf", f"/papers/pot-labels/{prescription.key()}.pdf"):
        [page] = texts(browser.get(path).data)
        assert f"锅{job['pot_id']}" in page
        assert "2026年11月22日打印2026-11-21" in page


def test_a_bag_label_hides_the_name_and_leads_to_the_trace(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    with county.work() as work:
        [bag] = work.bags.of_prescriptions([prescription.key()])[prescription.key()]
    answer = web.browser(county.floor).get(f"/papers/bag-labels/{prescription.key()}.pdf")
    [page] = texts(answer.data)
    assert NAME not in page
    for said in ("欧*白石村卫生室", bag.code, "内装14小袋", "200ml", "2026年11月28日"):
        assert said in page
    assert codes(answer.data) == [[f"https://yao.linxiang.example/t/{bag.code}"]]
    assert web.anyone().get(f"/t/{bag.code}").status_code == 200


def test_what_is_not_packed_or_not_signed_has_no_paper_yet(web: Web) -> None:
    county = web.county
    unpacked, unsigned = county.approved(), county.drafted()
    labels = web.browser(county.floor).get(f"/papers/bag-labels/{unpacked.key()}.pdf")
    assert (labels.status_code, "这张处方还没有包装，没有药袋标签。" in shown(labels.text)) == (422, True)
    sheet = web.browser(county.doctor).get(f"/papers/prescription/{unsigned.key()}.pdf")
    assert (sheet.status_code, "处方还没有签名，不能打印。" in shown(sheet.text)) == (422, True)


def test_the_route_sheet_has_every_stop_with_its_code_bags_and_window(web: Web) -> None:
    county = web.county
    first, second = packed(county), packed(county)
    [way] = planned(
        county,
        route(
            county,
            stop(county, [first]),
            stop(county, [second], trip=2, village_id=county.other_village.id),
        ),
    )
    answer = web.browser(county.courier).get(f"/papers/route/{way.id}.pdf")
    page = "".join(texts(answer.data))
    for said in (
        "孙行舟",
        "湘F0001",
        "白石村卫生室",
        "观山村卫生室",
        "10:20–11:20",
        "14:20–15:20",
        NAME,
        "无代收",
    ):
        assert said in page
    assert str(first.number) in page
    stops = [f"https://yao.linxiang.example/courier/stop/{each.id}" for each in way.stops]
    assert [code for on_page in codes(answer.data) for code in on_page] == stops
    disposition = f'inline; filename="route-2026-11-21-{way.id}.pdf"'
    assert answer.headers["Content-Disposition"] == disposition


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        ("doctor", {"prescription"}),
        ("foreign_doctor", set()),
        ("pharmacist", {"prescription", "pot-labels", "bag-labels"}),
        ("floor", {"pot-labels", "bag-labels"}),
        ("manager", {"pot-labels", "bag-labels", "route"}),
        ("courier", {"route"}),
        ("other_courier", set()),
        ("admin", set()),
    ],
)
def test_each_paper_is_for_those_whose_work_it_is(web: Web, who: str, allowed: set[str]) -> None:
    county = web.county
    with county.work() as work:
        work.vehicles.get(county.other_van.id or 0).active = False
        work.commit()
    prescription = packed(county)
    planned_day(county)
    with county.work() as work:
        way = work.routes.carrying([prescription.key()])[prescription.key()]
    browser = web.browser(getattr(county, who))
    papers = {kind: prescription.key() for kind in ("prescription", "pot-labels", "bag-labels")}
    answers = {
        kind: browser.get(f"/papers/{kind}/{key}.pdf").status_code
        for kind, key in (papers | {"route": way.id or 0}).items()
    }
    assert {kind for kind, status in answers.items() if status == 200} == allowed
    assert {status for kind, status in answers.items() if kind not in allowed} <= {403}
    assert sum(not allowed_ for *_, allowed_ in county.looks()) == len(answers) - len(allowed)


def test_what_the_pharmacist_noted_is_on_the_paper(web: Web) -> None:
    county = web.county
    claimed = county.claimed(county.signed())
    note = "饭后服，忌生冷"
    county.do(reviewing.approve, county.pharmacist, county.knowledge, claimed.key(), claimed.version, note)
    [page] = texts(web.browser(county.pharmacist).get(f"/papers/prescription/{claimed.key()}.pdf").data)
    assert note in page
