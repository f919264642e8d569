"""A boil that went another way stands still until a named person decides."""

from datetime import timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, IllegalMove, Invalid
from tcm.records.lifecycle import State
from tcm.records.machines import Deviation, Verdict
from tcm.records.roles import Role
from tcm.services import delivering, flooring, halting, metering
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, on_the_road, step
from tests.tcm.county import County
from tests.tcm.metered import Machine, deviations_of, kinds_of

REMARK = "探头松了，锅里有水"


@pytest.fixture
def county(store: Store) -> County:
    return County(store)


def halted(county: County, temperature_c: float = 109.0) -> tuple[Prescription, Deviation]:
    """A batch whose pot is too hot; by 109 degrees it is dry."""
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    Machine(county).boils(1.5, temperature_c)
    with county.work() as work:
        return prescription, work.deviations.holding(prescription.key())[0]


def draw_off(county: County, prescription: Prescription) -> Prescription:
    return county.do(flooring.draw_off, county.floor, prescription.key(), county.now(prescription).version)


def scrap(county: County, prescription: Prescription) -> None:
    version = county.now(prescription).version
    county.do(flooring.scrap, county.floor, prescription.key(), version, "dried")


def decide(
    county: County, deviation: Deviation, verdict: Verdict, reason: str = "", remark: str = ""
) -> None:
    county.do(
        halting.decide, county.pharmacist, deviation.id or 0, verdict, reason_code=reason, remark=remark
    )


def decisions(county: County, prescription: Prescription) -> list[tuple[object, ...]]:
    with county.work() as work:
        chain = work.ledger.events(prescription.key())
    return [
        (each.actor_id, each.payload["kind"], each.payload["verdict"], each.payload.get("reason"))
        for each in chain
        if each.kind == "deviation_decided"
    ]


def test_nothing_more_is_done_with_it_until_somebody_decides(county: County) -> None:
    prescription, deviation = halted(county)
    assert deviation.kind.value == "boiled_dry"
    with pytest.raises(IllegalMove, match="P01号锅“煎干”"):
        draw_off(county, prescription)
    with pytest.raises(IllegalMove, match="先停下"):
        step(county, prescription, State.PACKED)
    assert county.now(prescription).state is State.DECOCTING


def test_a_pharmacist_lets_it_go_on_by_name_with_the_reason(county: County) -> None:
    prescription, deviation = halted(county)
    decide(county, deviation, Verdict.GO_ON, "false_alarm", REMARK)
    assert draw_off(county, prescription).pot_id is None
    pharmacist = county.pharmacist.staff_id
    assert decisions(county, prescription) == [(pharmacist, "boiled_dry", "go_on", "false_alarm")]
    with county.work() as work:
        assert work.ledger.verify().broken is None


def test_what_boiled_dry_goes_on_for_a_false_alarm_alone(county: County) -> None:
    _, deviation = halted(county)
    for reason in ("inspected", "boiled_again", "", "burnt"):
        with pytest.raises(Invalid, match="请选择继续的理由"):
            decide(county, deviation, Verdict.GO_ON, reason, REMARK)
    with pytest.raises(Invalid, match="请写下怎么查明的"):
        decide(county, deviation, Verdict.GO_ON, "false_alarm", " ")
    with pytest.raises(Invalid, match="最多 200 个字"):
        decide(county, deviation, Verdict.GO_ON, "false_alarm", "水" * 201)


def test_it_is_decided_once(county: County) -> None:
    _, deviation = halted(county)
    decide(county, deviation, Verdict.SCRAP)
    with pytest.raises(IllegalMove, match="已有人决定"):
        decide(county, deviation, Verdict.GO_ON, "false_alarm", REMARK)


def test_what_is_to_be_scrapped_can_only_be_scrapped(county: County) -> None:
    prescription, deviation = halted(county, 103.0)
    decide(county, deviation, Verdict.SCRAP)
    with pytest.raises(IllegalMove, match="已决定报废"):
        draw_off(county, prescription)
    scrap(county, prescription)
    again = brought_to(county, county.now(prescription), State.PACKED, "P02")
    assert again.state is State.PACKED


def test_the_floor_may_throw_it_away_without_waiting(county: County) -> None:
    prescription, deviation = halted(county)
    scrap(county, prescription)
    assert [(each.verdict, each.decided_by_id) for each in deviations_of(county, deviation.run_id)] == [
        (Verdict.SCRAP, county.floor.staff_id)
    ] * len(kinds_of(county, deviation.run_id))
    with county.work() as work:
        assert work.deviations.waiting() == []


@pytest.mark.parametrize("role", [Role.FLOOR, Role.COURIER, Role.DOCTOR, Role.ADMIN])
def test_who_boils_does_not_decide(sqlite_store: Store, role: Role) -> None:
    county = County(sqlite_store)
    _, deviation = halted(county)
    with pytest.raises(Forbidden):
        county.do(halting.decide, county.actors[role], deviation.id or 0, Verdict.SCRAP)


def test_what_boiled_too_short_is_packed_and_stays_in_the_house(county: County) -> None:
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    Machine(county).boils(20)
    packed = step(county, prescription, State.PACKED)
    assert packed.state is State.PACKED
    with county.work() as work:
        [deviation] = work.deviations.holding(prescription.key())
        assert halting.is_halted(work, work.prescriptions.get(prescription.key()))
    assert deviation.kind.value == "under_time"
    assert deviation.measured == {"boiled_min": 19.5, "limit_min": 50.0}
    decide(county, deviation, Verdict.GO_ON, "inspected", REMARK)
    with county.work() as work:
        assert not halting.is_halted(work, work.prescriptions.get(prescription.key()))


def test_what_is_told_late_of_a_boil_keeps_its_bag_from_the_door(county: County) -> None:
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    machine = Machine(county)
    county.watch.pass_(minutes=80)
    held_back = [
        machine.reading(110.0, at=county.watch.now - timedelta(minutes=60 - minute)) for minute in range(3)
    ]
    step(county, prescription, State.PACKED)
    on_the_road(county, prescription)
    machine.sends(*held_back)
    with pytest.raises(IllegalMove, match="不要交给患者；请选“未送达：其他”"):
        county.do(delivering.deliver, county.courier, prescription.key(), None)
    with county.work() as work:
        for deviation in work.deviations.holding(prescription.key()):
            reason = halting.deviation_rules()[deviation.kind].go_on[0]
            halting.decide(
                work, county.pharmacist, deviation.id or 0, Verdict.GO_ON, reason_code=reason, remark=REMARK
            )
        work.commit()
    done = county.do(delivering.deliver, county.courier, prescription.key(), None)
    assert done.state is State.DELIVERED


def test_silence_stops_nobody(county: County) -> None:
    prescription = brought_to(county, county.approved(), State.DECOCTING)
    Machine(county).says(40.0)
    county.watch.pass_(minutes=6)
    with county.work() as work:
        [silence] = metering.watch_all(work)
        work.commit()
    with pytest.raises(Invalid, match="只是提示"):
        decide(county, silence, Verdict.SCRAP)
    assert step(county, prescription, State.PACKED).state is State.PACKED


def test_the_board_shows_machines_and_what_waits_and_grows_no_statements(county: County) -> None:
    prescription, deviation = halted(county)
    Machine(county, "X99").says(1.0)
    with county.work() as work, county.counted() as one:
        board = halting.machine_board(work, county.manager)
    [line] = [each for each in board.pots if each.pot.code == "P01"]
    assert (line.number, [each.kind.value for each in line.waiting]) == (
        prescription.number,
        ["boiled_dry"],
    )
    assert line.machine is not None
    assert line.machine.temperature_c == 109.0
    assert [(each.pot_code, each.number, each.decided_by) for each in board.deviations] == [
        ("P01", prescription.number, "")
    ]
    assert [each.reason.value for each in board.refusals] == ["foreign"]
    decide(county, deviation, Verdict.SCRAP)
    second = brought_to(county, county.approved(), State.DECOCTING, "P02")
    Machine(county, "P02").boils(1.5, 109.0)
    with county.work() as work, county.counted() as two:
        later = halting.machine_board(work, county.manager)
    assert {each.number for each in later.deviations} == {prescription.number, second.number}
    assert len(two) == len(one)


def test_a_deviation_is_shown_with_its_curve(county: County) -> None:
    _, deviation = halted(county)
    view = county.do(halting.open_deviation, county.floor, deviation.id or 0)
    assert (len(view.curve), view.others, view.state) == (3, (), "decocting")
    assert list(halting.reasons_for(view.rule)) == ["false_alarm"]
