"""The tracing desk: a bag's proof on the page and on paper, a lot called back by two acts."""

import pypdfium2
import pytest

from tcm.records.lifecycle import State
from tcm.services.prescribing import ItemDraft
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, on_the_road
from tests.tcm.county import NAME, PHONE, County, draft
from tests.tcm.stocked import keep_stock, shelve
from tests.web.desks.hands import Web, hidden, shown


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def on_its_way(county: County) -> tuple[int, str]:
    """The row of a lot, and the code of a bag of it that is on the road."""
    keep_stock(county)
    lot = shelve(county, "党参", 900)
    prescription = brought_to(county, county.approved(draft([ItemDraft("党参", 10.0)])), State.PACKED)
    on_the_road(county, prescription)
    with county.work() as work:
        return lot, work.bags.of_prescription(prescription.key())[0].code


def test_a_scan_leads_to_the_proof_with_lots_hands_and_the_chain(web: Web) -> None:
    lot, code = on_its_way(web.county)
    browser = web.browser(web.county.manager)
    text = shown(browser.follow(browser.get(f"/tracing/find?what=https://centre.example/t/{code}")))
    for words in ("260901", "周麦冬", "陈半夏", "孙行舟", "经逐条重算，整条记录链完整，没有改动。"):
        assert words in text
    assert NAME not in text
    assert web.county.looks()[-1][1:] == ("trace.read", "prescription", 1, True)
    assert f'href="/tracing/lots/{lot}"' in browser.get(f"/tracing/bags/{code}").text


def test_the_proof_is_one_page_of_pdf(web: Web) -> None:
    _, code = on_its_way(web.county)
    answer = web.browser(web.county.pharmacist).get(f"/tracing/bags/{code}.pdf")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/pdf")
    pages = pypdfium2.PdfDocument(answer.data)
    text = pages[0].get_textpage().get_text_bounded()
    assert len(pages) == 1
    for words in ("药袋溯源证明", code, "260901", "周麦冬", "孙行舟", "记录链完整", "已装车"):
        assert words in text
    assert NAME not in text


def test_a_lot_is_drafted_by_a_pharmacist_and_sent_by_the_manager(web: Web) -> None:
    county = web.county
    lot, code = on_its_way(county)
    pharmacist, manager = web.browser(county.pharmacist), web.browser(county.manager)
    page = pharmacist.follow(pharmacist.get("/tracing/find?what=260901"))
    form = hidden(page, f"/tracing/lots/{lot}/recall")
    text = shown(pharmacist.follow(pharmacist.post(f"/tracing/lots/{lot}/recall", reason="硫超标", **form)))
    assert "召回：起草" in text
    assert "通知 1 位患者停用" not in text
    assert "这袋药不要服用" in shown(web.anyone().get(f"/t/{code}").text)
    assert "通知 1 位患者停用" in shown(manager.get("/tracing/recalls/1").text)
    sent = shown(manager.follow(manager.post("/tracing/recalls/1/send")))
    assert "已排队发出 1 条通知" in sent
    assert code in sent
    assert PHONE not in sent
    assert pharmacist.post("/tracing/recalls/1/send").status_code == 403


def test_what_is_not_known_is_said_and_the_box_keeps_it(web: Web) -> None:
    browser = web.browser(web.county.floor)
    answer = browser.get("/tracing/find?what=NO-SUCH-BAG")
    assert answer.status_code == 404
    assert 'value="NO-SUCH-BAG"' in answer.text
    assert browser.get("/tracing/find").status_code == 422


def test_one_number_of_two_lots_is_chosen_from(web: Web) -> None:
    keep_stock(web.county)
    lots = [shelve(web.county, herb, 100) for herb in ("党参", "白术")]
    text = web.browser(web.county.manager).get("/tracing/find?what=260901").text
    assert [f'href="/tracing/lots/{lot}"' in text for lot in lots] == [True, True]


def test_doctors_couriers_and_the_admin_have_no_such_desk(web: Web) -> None:
    county = web.county
    for actor in (county.doctor, county.courier, county.admin):
        assert web.browser(actor).get("/tracing").status_code == 403
