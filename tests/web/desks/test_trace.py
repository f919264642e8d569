"""The page behind the code on a bag."""

import io

import pytest

from tcm.services import flooring
from tcm.store.engine import Store
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import COMPLAINT, FOUR_GENTLEMEN, ID_NUMBER, NAME, PHONE, USAGE, County
from tests.web.desks.hands import Web, shown
from web.app import create_app


@pytest.fixture
def web(sqlite_store: Store) -> Web:
    """A county with its pages."""
    return Web(sqlite_store)


def code_of(county: County, prescription_id: int) -> str:
    """The code of a prescription's first bag."""
    with county.work() as work:
        return work.bags.of_prescriptions([prescription_id])[prescription_id][0].code


@pytest.mark.parametrize("path", ["/t/{}", "/trace/{}"])
def test_anyone_sees_the_way_the_doses_and_how_to_take_it(web: Web, path: str) -> None:
    county = web.county
    prescription = packed(county)
    on_the_road(county, prescription)
    answer = web.anyone().get(path.format(code_of(county, prescription.key())))
    assert answer.status_code == 200
    text = shown(answer.text)
    assert USAGE in text
    assert "每剂 2 小袋，共 7 剂。 这一袋（第 1 袋，共 1 袋）里有 14 小袋，每小袋 200 毫升。" in text
    assert "请在 2026年11月28日前服完" in text
    for word in ("待审核", "审核通过", "已调剂", "浸泡中", "煎煮中", "已包装", "已装车"):
        assert f"{word} 11月21日 08:00" in text


def test_a_code_with_a_zero_byte_is_no_bag_on_postgresql_either(postgres_store: Store) -> None:
    web = Web(postgres_store)
    assert web.anyone().get("/t/K7MP%00").status_code == 404
    assert web.browser(web.county.floor).get("/floor/scan?code=%00").status_code == 404
    assert web.browser(web.county.floor).post("/floor/pots/P01%00", active="1").status_code == 303


def test_the_page_tells_no_name_no_illness_and_no_herb(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    page = web.anyone().get(f"/t/{code_of(county, prescription.key())}").text
    secrets = (NAME, PHONE, ID_NUMBER, COMPLAINT, prescription.syndrome, prescription.disease)
    assert [secret for secret in secrets if secret in page] == []
    assert [item.written_as for item in FOUR_GENTLEMEN if item.written_as in page] == []


def test_no_machine_keeps_or_lists_the_page(web: Web) -> None:
    county = web.county
    answer = web.anyone().get(f"/t/{code_of(county, packed(county).key())}")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_scrapped_bag_must_not_be_taken(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    code = code_of(county, prescription.key())
    county.do(flooring.scrap, county.floor, prescription.key(), prescription.version, "spoilt")
    text = shown(web.anyone().get(f"/t/{code}").text)
    assert "这袋药不要服用" in text
    assert "怎么吃" not in text


def test_an_unknown_code_and_a_prescriptions_number_tell_nothing(web: Web) -> None:
    prescription = packed(web.county)
    for code in ("ABCDEFGHJKMN", prescription.number):
        answer = web.anyone().get(f"/t/{code}")
        assert answer.status_code == 404
        assert "没有这个袋码。请扫药袋上的二维码，或核对袋上的字。" in shown(answer.text)


def test_a_prescriptions_number_leads_the_floor_to_its_card(web: Web) -> None:
    county = web.county
    prescription = county.approved()
    browser = web.browser(county.floor)
    answer = browser.get(f"/t/{prescription.number}")
    assert (answer.status_code, answer.headers["Location"]) == (
        302,
        f"/floor/scan?code={prescription.number}",
    )


def test_staff_who_are_logged_in_see_the_same_page(web: Web) -> None:
    county = web.county
    prescription = packed(county)
    answer = web.browser(county.courier).get(f"/t/{code_of(county, prescription.key())}")
    assert answer.status_code == 200
    assert NAME not in answer.text


def test_codes_cannot_be_tried_out_without_end(sqlite_store: Store) -> None:
    anyone = Web(sqlite_store, trace_limit="3 per minute").anyone()
    assert [anyone.get(f"/t/CODE{number}").status_code for number in range(4)] == [404, 404, 404, 429]


def test_a_bags_code_stands_in_no_log(sqlite_store: Store) -> None:
    web, log = Web(sqlite_store), io.StringIO()
    code = code_of(web.county, packed(web.county).key())
    web.app = create_app(sqlite_store, web.app.extensions["tangye"].settings, web.county.watch, log)
    anyone, manager = web.anyone(), web.browser(web.county.manager)
    for path in ("/t/{}", "/trace/{}", "/t/{}/wechat", "/t/{}/wechat/back?code=a"):
        anyone.get(path.format(code))
    for action in ("open", "worse", "rating"):
        anyone.post(f"/t/{code}/{action}", pin="0000")
    for path in ("/tracing/bags/{}", "/tracing/bags/{}.pdf", "/tracing/find?what={}"):
        assert manager.get(path.format(code)).status_code in (200, 302)
    assert len(log.getvalue().splitlines()) >= 10
    assert code not in log.getvalue()
    assert code not in str(web.county.looks())
