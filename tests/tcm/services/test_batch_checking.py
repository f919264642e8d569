"""A packed batch is looked at by somebody who did not pack it, or it stays where it is."""

from typing import Any

import pytest

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid, Stale
from tcm.records.lifecycle import State
from tcm.records.quality import HealthRule, QualitySettings, Verdict
from tcm.services import batch_checking, delivering, flooring, quality_gate, quality_settings
from tcm.services.batch_checking import Found
from tests.tcm.centre import brought_to, packed, planned, route, step, stop
from tests.tcm.county import County, draft

FINE = Found(Verdict.PASSED, 200)
LEAKING = Found(Verdict.REPACK, 200, ("leaking",))


def asks(county: County, **changes: Any) -> QualitySettings:
    """What the centre asks of itself from now on."""
    wanted = {
        "check_every": 1,
        "sample_ml": 0,
        "sample_days": 0,
        "sample_source": "",
        "health": HealthRule.OFF,
    }
    return county.do(quality_settings.set_quality, county.manager, **{**wanted, **changes})


def decide(county: County, prescription: Prescription, found: Found, by: Any = None) -> Prescription:
    """Somebody's answer, from a page that is not stale."""
    version = county.now(prescription).version
    who = by or county.pharmacist
    return county.do(batch_checking.decide, who, prescription.key(), version, found)


def loaded(county: County, *prescriptions: Prescription) -> delivering.Loaded:
    """What the courier gets onto the van."""
    [first] = planned(county, route(county, stop(county, prescriptions)))
    return county.do(delivering.load_trip, county.courier, first.id or 0, 1)


def waiting(county: County) -> list[str]:
    with county.work() as work:
        return [each.prescription.number or "" for each in batch_checking.waiting(work, county.manager)]


def test_without_a_decision_nothing_is_drawn_and_what_is_packed_leaves(sqlite_county: County) -> None:
    prescription = packed(sqlite_county)
    assert (waiting(sqlite_county), loaded(sqlite_county, prescription).loaded) == (
        [],
        (prescription.number,),
    )


def test_what_nobody_looked_at_stays_behind_and_leaves_once_it_passed(county: County) -> None:
    asks(county)
    prescription = packed(county)
    assert waiting(county) == [prescription.number]
    [first] = planned(county, route(county, stop(county, [prescription])))
    done = county.do(delivering.load_trip, county.courier, first.id or 0, 1)
    assert (done.loaded, done.unchecked, done.missing) == ((), (prescription.number,), ())
    decide(county, prescription, FINE)
    done = county.do(delivering.load_trip, county.courier, first.id or 0, 1)
    assert (done.loaded, done.unchecked, waiting(county)) == ((prescription.number,), (), [])
    [told] = [each for each in county.events(prescription) if each.kind == "quality_checked"]
    assert {key: told.payload[key] for key in ("verdict", "faults", "ml")} == {
        "verdict": "passed",
        "faults": [],
        "ml": 200,
    }


def test_every_nth_batch_is_drawn_and_dry_parcels_never(county: County) -> None:
    asks(county, check_every=3)
    drawn = []
    for _ in range(5):
        drawn.append(packed(county).number in waiting(county))
    assert drawn == [False, False, True, False, False]
    dry = county.approved(draft(preparation=Preparation.OWN_COOKING))
    step(county, dry, State.DISPENSED)
    step(county, dry, State.PACKED)
    assert len(waiting(county)) == 1


def test_where_all_are_drawn_one_packed_while_a_later_one_was_drawn_is_drawn_too(
    sqlite_county: County,
) -> None:
    first, second = packed(sqlite_county), packed(sqlite_county)
    asks(sqlite_county)
    for each in (second, first):
        with sqlite_county.work() as work:
            quality_gate.draw(work, work.prescriptions.get(each.key()))
            work.commit()
    assert sorted(waiting(sqlite_county)) == sorted([first.number, second.number])


def test_whoever_packed_it_does_not_pass_it(sqlite_county: County) -> None:
    asks(sqlite_county)
    prescription = packed(sqlite_county)
    with pytest.raises(Forbidden) as refusal:
        decide(sqlite_county, prescription, FINE, sqlite_county.floor)
    assert str(refusal.value) == "这一批是您包装的，须由另一位同事质检。"
    assert waiting(sqlite_county) == [prescription.number]


def test_what_leaks_is_packed_anew_and_looked_at_again_by_somebody_else(county: County) -> None:
    asks(county)
    prescription = packed(county)
    codes = [bag.code for bag in bags(county, prescription)]
    decide(county, prescription, LEAKING)
    with pytest.raises(IllegalMove) as refusal:
        decide(county, prescription, FINE)
    assert str(refusal.value) == "这一批等着重新包装，包好再检。"
    assert loaded(county, prescription).unchecked == (prescription.number,)
    version = county.now(prescription).version
    again = county.do(batch_checking.pack_anew, county.floor, prescription.key(), version)
    assert (again.round, again.packed_by_id, again.verdict) == (2, county.floor.staff_id, None)
    with pytest.raises(Forbidden):
        decide(county, prescription, FINE, county.floor)
    decide(county, prescription, FINE)
    assert loaded(county, prescription).loaded == (prescription.number,)
    assert [bag.code for bag in bags(county, prescription)] == codes


def test_what_smells_burnt_is_poured_out_and_made_anew(sqlite_county: County) -> None:
    asks(sqlite_county)
    prescription = packed(sqlite_county)
    with pytest.raises(Invalid) as refusal:
        decide(sqlite_county, prescription, Found(Verdict.REPACK, 200, ("burnt",)))
    assert str(refusal.value) == "药液本身不合格，重新包装没有用，请选“报废重煎”。"
    scrapped = decide(sqlite_county, prescription, Found(Verdict.SCRAP, 200, ("burnt",), "锅底发黑"))
    assert (scrapped.state, scrapped.version, waiting(sqlite_county), bags(sqlite_county, prescription)) == (
        State.SCRAPPED,
        sqlite_county.now(prescription).version,
        [],
        [],
    )
    assert sqlite_county.events(prescription)[-1].payload["reason"] == "quality"
    brought_to(sqlite_county, prescription, State.PACKED)
    assert waiting(sqlite_county) == [prescription.number]


def test_a_batch_scrapped_by_the_floor_waits_for_no_look(sqlite_county: County) -> None:
    asks(sqlite_county)
    prescription = packed(sqlite_county)
    version = sqlite_county.now(prescription).version
    sqlite_county.do(flooring.scrap, sqlite_county.floor, prescription.key(), version, "spilled")
    assert waiting(sqlite_county) == []
    with pytest.raises(IllegalMove) as refusal:
        decide(sqlite_county, prescription, FINE)
    assert str(refusal.value) == "这张处方没有等待质检的药。"


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Found(Verdict.PASSED, 200, ("short",)), "选了问题就不能放行；没有问题请把勾去掉。"),
        (Found(Verdict.PASSED, 179), "每袋应装 200 毫升（180–220），量到 179 毫升，不能放行。"),
        (Found(Verdict.PASSED, 221), "每袋应装 200 毫升（180–220），量到 221 毫升，不能放行。"),
        (Found(Verdict.PASSED, 0), "请量一袋，填写毫升数。"),
        (Found(Verdict.REPACK, 150), "请选出不合格的地方。"),
        (Found(Verdict.REPACK, 150, ("haunted",)), "请从列出的问题中选择。"),
    ],
)
def test_a_verdict_follows_from_what_was_found(sqlite_county: County, found: Found, sentence: str) -> None:
    asks(sqlite_county)
    prescription = packed(sqlite_county)
    with pytest.raises(Invalid) as refusal:
        decide(sqlite_county, prescription, found)
    assert str(refusal.value) == sentence


def test_an_answer_sent_twice_counts_once_and_a_stale_page_is_refused(sqlite_county: County) -> None:
    asks(sqlite_county)
    prescription = packed(sqlite_county)
    with pytest.raises(Stale):
        sqlite_county.do(batch_checking.decide, sqlite_county.pharmacist, prescription.key(), 1, FINE)
    decide(sqlite_county, prescription, FINE)
    decide(sqlite_county, prescription, FINE)
    assert sum(each.kind == "quality_checked" for each in sqlite_county.events(prescription)) == 1
    with pytest.raises(IllegalMove):
        decide(sqlite_county, prescription, FINE, sqlite_county.colleague)


def test_what_waits_costs_as_many_statements_for_three_batches_as_for_one(county: County) -> None:
    asks(county)
    costs = []
    for more in (1, 2):
        for _ in range(more):
            packed(county)
        with county.work() as work, county.counted() as sent:
            batch_checking.waiting(work, county.manager)
        costs.append(len(sent))
    assert costs[0] == costs[1]


def bags(county: County, prescription: Prescription) -> list[Any]:
    with county.work() as work:
        return list(work.bags.of_prescription(prescription.key()))
