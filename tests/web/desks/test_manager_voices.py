"""The manager sees what patients say in figures; the doctor sees who should come again."""

from tcm.services import delivering, hearing
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import NAME
from tests.web.desks.hands import Web, shown


def test_stars_are_a_figure_with_the_words_of_the_discontented(sqlite_store: Store) -> None:
    web = Web(sqlite_store)
    prescription = packed(web.county)
    with web.county.work() as work:
        hearing.rate(work, prescription.key(), 2, "袋子漏了")
        work.commit()
    manager = web.browser(web.county.manager)
    page = shown(manager.get("/manager/voices").text)
    assert [
        word
        for word in ("星数 2.0", "袋子漏了", "白石村卫生室", prescription.number or "")
        if word not in page
    ] == []
    assert NAME not in page
    assert 'href="/manager/voices' in manager.get("/manager").text
    assert web.browser(web.county.doctor).get("/manager/voices").status_code == 403


def test_a_doctor_is_told_whose_medicine_ends(sqlite_store: Store) -> None:
    web = Web(sqlite_store)
    prescription = packed(web.county)
    on_the_road(web.county, prescription)
    web.county.do(delivering.deliver, web.county.courier, prescription.key(), None)
    web.county.watch.pass_(days=6)
    page = shown(web.browser(web.county.doctor).get("/doctor").text)
    assert "药快吃完、该复诊的 1 人" in page
    assert "2026年11月28日 左右吃完" in page
