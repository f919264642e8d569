"""From records to sheets without a request: ages, ways of taking, scans."""

from dataclasses import replace
from datetime import date

import pytest

from tcm.records.errors import Invalid
from tcm.services import delivering, prescribing
from tcm.store.engine import Store
from tests.tcm.centre import packed, planned, route, stop
from tests.tcm.county import County, draft
from web import papers
from web.prints import route_sheet_pdf
from web.route_map import route_map
from web.scan import read_scan, stop_url, trace_url


@pytest.mark.parametrize(
    ("born", "age"),
    [
        (date(1966, 11, 21), "60岁"),
        (date(1966, 11, 22), "59岁"),
        (date(2021, 9, 20), "5岁2个月"),
        (date(2023, 11, 21), "3岁"),
        (date(2026, 1, 30), "9个月"),
        (date(2026, 10, 22), "30天"),
        (date(2026, 11, 21), "0天"),
    ],
)
def test_an_age_is_written_as_exactly_as_the_patient_is_young(born: date, age: str) -> None:
    assert papers.exact_age(born, date(2026, 11, 21)) == age


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("20261121-00042", "20261121-00042"),
        (" 20261121-00042\n", "20261121-00042"),
        ("https://yao.example/t/K7MP2QX4WBNA", "K7MP2QX4WBNA"),
        ("HTTPS://YAO.EXAMPLE/T/K7MP2QX4WBNA/?utm=x", "K7MP2QX4WBNA"),
        ("ｋ７ｍｐ２ｑｘ４ｗｂｎａ", "K7MP2QX4WBNA"),
        ("p07", "P07"),
        ("", ""),
        ("https://yao.example/", ""),
        ("http://[broken", ""),
    ],
)
def test_a_scan_is_read_whatever_the_scanner_types(typed: str, code: str) -> None:
    assert read_scan(typed) == code


def test_printed_addresses_lead_back_to_their_pages() -> None:
    assert trace_url("https://yao.example", "K7MP2QX4WBNA") == "https://yao.example/t/K7MP2QX4WBNA"
    assert stop_url("https://yao.example", 7) == "https://yao.example/courier/stop/7"
    assert read_scan(trace_url("https://yao.example", "K7MP2QX4WBNA")) == "K7MP2QX4WBNA"


def test_a_usage_too_long_for_the_label_gives_way_to_plain_counts(sqlite_store: Store) -> None:
    county = County(sqlite_store)
    short, long = county.approved(), county.approved(draft(usage="饭后半小时温服" * 10))
    assert papers.how_to_take(short) == "水煎服，一日一剂，分两次温服"
    assert papers.how_to_take(long) == "每日1剂，每剂分2次温服，每次1小袋"


def test_sheets_are_made_without_any_request(sqlite_store: Store) -> None:
    county = County(sqlite_store)
    first, second = packed(county), packed(county)
    planned(county, route(county, stop(county, [first]), stop(county, []), stop(county, [second], trip=2)))
    with county.work() as work:
        [view] = delivering.my_routes(work, county.courier, date(2026, 11, 21))
        centre = papers.centre_of(work)
        sheet = papers.route_sheet(view, centre, "https://yao.example", work.now, route_map(view, centre))
        labels = papers.bag_labels(work, [first, second], "https://yao.example", work.now)
    assert [stop.sequence for trip in sheet.trips for stop in trip.stops] == [1, 2]
    assert [trip.stops[0].parcels[0].code for trip in sheet.trips] == [first.number, second.number]
    assert [label.prescription_number for label in labels] == [first.number, second.number]
    assert route_sheet_pdf(sheet).startswith(b"%PDF")


def test_what_was_cancelled_is_on_no_sheet_and_an_empty_route_has_none(sqlite_store: Store) -> None:
    county = County(sqlite_store)
    wanted, unwanted = county.approved(), county.approved()
    planned(county, route(county, stop(county, [unwanted]), stop(county, [wanted], trip=2)))
    unwanted = county.now(unwanted)
    county.do(
        prescribing.cancel, county.doctor, unwanted.key(), unwanted.version, reason_code="patient_declined"
    )
    with county.work() as work:
        [view] = delivering.my_routes(work, county.courier, date(2026, 11, 21))
        centre = papers.centre_of(work)
        sheet = papers.route_sheet(view, centre, "https://yao.example", work.now)
        [trip] = sheet.trips
        assert [parcel.code for each in trip.stops for parcel in each.parcels] == [wanted.number]
        with pytest.raises(Invalid, match="这条路线上没有要送的药"):
            papers.route_sheet(replace(view, stops=view.stops[:1]), centre, "https://yao.example", work.now)
