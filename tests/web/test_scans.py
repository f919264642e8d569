"""Wherever a code is scanned, what is foreign, garbled or of another kind is refused in words."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from tcm.records.dispensing import Weighing
from tcm.records.lifecycle import State
from tcm.records.roles import Actor
from tcm.services import delivering, weighing
from tcm.store.blobs import Blobs
from tcm.store.engine import Store, open_engine
from tests.conftest import KEYS
from tests.tcm.centre import brought_to, packed, routes_of
from tests.tcm.county import FOUR_GENTLEMEN
from tests.tcm.stocked import keep_stock, shelve
from tests.web.desks.hands import Browser, Web, planned_day, shown

# What scanners, sleeves and other people's labels bring.
GARBLED = {
    "of nobody": "NOSUCHCODE22",
    "another house's address": "https://pharmacy.example/t/NOSUCHCODE22?x=1#y",
    "much too long": "7" * 3000,
    "other letters": "扫错了的条码",
    "a picture": "\U0001f4a9\u200d\U0001f9ea",
    "quotes": "' OR 1=1 --",
    "a way out": "../../../etc/passwd",
    "a number of a million digits' beginning": "9" * 40,
    "controls": "P\x0001\t\r\n",
}
# Half a surrogate and bytes that are no text, as an address carries them.
RAW = ["%ED%A0%80", "%FF%FE", "%00", "%25s%25n"]
FLOOR = [State.APPROVED, State.DISPENSED, State.SOAKING, State.DECOCTING, State.PACKED]
_REFUSALS = (400, 404, 409, 422)


@dataclass
class House:
    """A county with one prescription on the road, one packed, one on the scales.

    Args:
        web: Its pages.
        browsers: Of those who scan, by what they do.
        weighed: Row of what is on the scales.
        lot: Row of a lot on the shelf.
        codes: Of its bags, pots, bins, numbers: each right at another door.
    """

    web: Web
    browsers: dict[str, Browser]
    weighed: int
    lot: int
    codes: dict[str, str]

    def facts(self) -> tuple[object, ...]:
        """What no scan may change."""
        county = self.web.county
        with county.work() as work:
            events = work.ledger.verify()
            bins = [lot.bin_id for lot in work.lots.all()]
            weighed = [each.id for each in work.weighed.all()]
            pots = [(pot.code, pot.active) for pot in work.pots.all()]
        return events.events, events.broken, bins, weighed, pots


Door = Callable[[House, str], TestResponse]


def _get(who: str, path: str) -> Door:
    return lambda house, code: house.browsers[who].get(
        path.format(code, weighed=house.weighed, lot=house.lot)
    )


DOORS: dict[str, Door] = {
    "the floor's box": _get("floor", "/floor/scan?code={0}"),
    "the palm's box": _get("floor", "/floor/at?code={0}"),
    "a pot's own page": _get("floor", "/floor/at/{0}"),
    "the courier's box": _get("courier", "/courier/scan?code={0}"),
    "the box of bags and lots": _get("pharmacist", "/tracing/find?what={0}"),
    "an inspector's proof": _get("pharmacist", "/tracing/bags/{0}"),
    "the code on a bag": _get("courier", "/t/{0}"),
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite: Path) -> House:
    """The house; no test changes it, so that all share it."""
    home = tmp_path_factory.mktemp("scans")
    path = home / "tangye.sqlite"
    path.write_bytes(migrated_sqlite.read_bytes())
    store = Store(open_engine(f"sqlite:///{path}", KEYS), KEYS, Blobs(str(home / "blobs"), KEYS), home)
    web = Web(store, default_limit="10000 per minute", trace_limit="10000 per minute")
    county = web.county
    carried = packed(county)
    plan = planned_day(county)
    [way] = routes_of(county, plan)
    county.do(delivering.load_trip, _driver(web, way.courier_id), way.id or 0, way.stops[0].trip)
    waiting = packed(county)
    keep_stock(county)
    lots = [
        shelve(county, line.written_as, 500, lot_number=f"26090{n}") for n, line in enumerate(FOUR_GENTLEMEN)
    ]
    shelve(county, "黄连", 500, lot_number="260999")
    county.do(weighing.set_dispensing, county.manager, Weighing.TYPED, photograph=False)
    on_scales = county.approved()
    county.do(weighing.begin, county.floor, county.knowledge, on_scales.key())
    with county.work() as work:
        bags = work.bags.of_prescriptions([carried.key(), waiting.key()])
    codes = {
        "a bag on the road": bags[carried.key()][0].code,
        "a bag that waits": bags[waiting.key()][0].code,
        "a pot": "P01",
        "a bin": "A01",
        "a lot of another herb": "260999",
        "a number": str(on_scales.number),
    }
    driver = _driver(web, way.courier_id)
    people = {"floor": county.floor, "courier": driver, "pharmacist": county.pharmacist}
    browsers = {name: web.browser(actor) for name, actor in people.items()}
    return House(web, browsers, on_scales.key(), lots[0], codes)


def _driver(web: Web, courier_id: int) -> Actor:
    with web.county.work() as work:
        return work.staff.get(courier_id).actor


@pytest.mark.parametrize("door", DOORS.values(), ids=DOORS.keys())
def test_a_foreign_code_is_refused_in_words_at_every_door(house: House, door: Door) -> None:
    before = house.facts()
    answers = {name: door(house, quote(code, safe="")) for name, code in GARBLED.items()}
    answers |= {raw: door(house, raw) for raw in RAW}
    # Two are nothing at all once they are cleaned, which a box for scans may pass over.
    odd = {
        name: answer.status_code
        for name, answer in answers.items()
        if answer.status_code not in _REFUSALS and name not in (*RAW, "a picture", "a way out", "controls")
    }
    assert odd == {}
    assert {answer.status_code for answer in answers.values()} <= {*_REFUSALS, 200, 302, 308}
    assert [name for name, answer in answers.items() if answer.status_code >= 400 and not _says(answer)] == []
    assert house.facts() == before


def test_a_code_of_another_kind_is_refused_at_the_doors_it_does_not_open(house: House) -> None:
    opens = {
        "the floor's box": {"a bag on the road", "a bag that waits", "a number", "a pot"},
        "the courier's box": {"a bag on the road"},
        "the code on a bag": {"a bag on the road", "a bag that waits"},
    }
    before = house.facts()
    found = {
        name: {kind for kind, code in house.codes.items() if DOORS[name](house, code).status_code < 400}
        for name in opens
    }
    assert found == opens
    assert house.facts() == before


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("a lot of another herb", "扫到的是黄连，这张处方里没有这味药，请放回原处。"),
        ("a bin", "货位A01不是专放一味药的，请扫药袋上的批号。"),
        ("a bag that waits", "没有货位或批号"),
        ("a pot", "没有货位或批号"),
    ],
)
def test_on_the_scales_the_wrong_thing_is_named(house: House, kind: str, sentence: str) -> None:
    before = house.facts()
    form = {"code": house.codes[kind], "weight_g": "84", "scale": "", "request_key": f"scan {kind}"}
    answer = house.browsers["floor"].post(f"/dispensing/{house.weighed}/weigh", **form)
    assert (answer.status_code, sentence in shown(answer.text)) == (422, True)
    assert house.facts() == before


def test_garbled_codes_weigh_move_and_switch_nothing(house: House) -> None:
    before = house.facts()
    floor = house.browsers["floor"]
    for code in GARBLED.values():
        form = {"code": code, "weight_g": "84", "scale": "", "request_key": "garbled"}
        answers = [
            floor.post(f"/dispensing/{house.weighed}/weigh", **form),
            floor.post(f"/stock/lots/{house.lot}/bin", bin_code=code),
            floor.post(f"/floor/pots/{quote(code, safe='')}", active=""),
        ]
        assert {each.status_code for each in answers} <= {*_REFUSALS, 405}
        assert all(map(_says, answers))
    assert house.facts() == before


def test_a_bag_of_another_prescription_is_not_handed_over(house: House) -> None:
    county = house.web.county
    with county.work() as work:
        carried = work.bags.by_code(house.codes["a bag on the road"]).prescription_id
        version = work.prescriptions.get(carried).version
        stop_id = work.routes.carrying([carried])[carried].stops[0].id
    before = house.facts()
    for code in (house.codes["a bag that waits"], *GARBLED.values()):
        form = {"stop_id": stop_id, "prescription_id": carried, "version": version, "bag_codes": code}
        answer = house.browsers["courier"].post("/courier/delivered", **form)
        assert (answer.status_code, "不是这张处方的" in shown(answer.text)) == (422, True), code
    assert house.facts() == before


@pytest.mark.parametrize("stands", FLOOR)
def test_a_step_out_of_order_is_refused_from_every_state(sqlite_store: Store, stands: State) -> None:
    web = Web(sqlite_store)
    county = web.county
    prescription = county.approved()
    if stands is not State.APPROVED:
        prescription = brought_to(county, prescription, stands)
    after = dict(itertools.pairwise(FLOOR))
    floor = web.browser(county.floor)
    story = county.story(prescription)
    for target in State:
        if target is after.get(stands):
            continue
        form = {
            "prescription_id": prescription.key(),
            "version": prescription.version,
            "target": target.value,
            "pot_code": "P02",
        }
        answer = floor.post("/floor/step", **form)
        assert answer.status_code in (409, 422), target
        assert _says(answer)
    assert county.story(prescription) == story


def _says(answer: TestResponse) -> bool:
    """Whether a refusal has words, and none of a program's."""
    text = shown(answer.text)
    return any("\u4e00" <= letter <= "\u9fff" for letter in text) and "Traceback" not in text
