"""What machines say: taken once, in order, onto the curve of the boil it tells of."""

from datetime import timedelta

import pytest

from tcm.records.boils import PotRun
from tcm.records.clinical import Prescription
from tcm.records.lifecycle import State
from tcm.services import flooring, metering
from tcm.services.metering import Taken
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, step
from tests.tcm.county import DAY, County
from tests.tcm.metered import Machine, curve_of, deviations_of, kinds_of, refused


@pytest.fixture
def county(store: Store) -> County:
    return County(store)


def boiling(county: County, pot: str = "P01") -> PotRun:
    prescription = brought_to(county, county.approved(), State.DECOCTING, pot)
    with county.work() as work:
        run = work.pot_runs.open_of(prescription.key())
    assert run is not None
    return run


def test_a_reading_becomes_a_point_of_the_boil_in_its_pot(county: County) -> None:
    run = boiling(county)
    assert Machine(county).says(41.5, lid_closed=True, heater_on=True, level_ml=2900) is Taken.KEPT
    [point] = curve_of(county, run.key())
    assert (point.temperature_c, point.lid_closed, point.heater_on, point.level_ml) == (
        41.5,
        True,
        True,
        2900,
    )


def test_an_empty_pot_has_no_curve(county: County) -> None:
    run = boiling(county)
    assert Machine(county, "P02").says(21.0) is Taken.IDLE
    assert curve_of(county, run.key()) == []


def test_a_steady_pot_is_not_written_down_every_second(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    assert [machine.says(99.0), machine.says(99.2), machine.says(100.1)] == [
        Taken.KEPT,
        Taken.PASSED,
        Taken.KEPT,
    ]
    assert machine.says(100.1, lid_closed=False) is Taken.KEPT
    assert [each.sequence for each in curve_of(county, run.key())] == [1, 3, 4]


def test_what_is_sent_twice_or_late_in_its_order_is_taken_once(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    first, second = machine.reading(30.0), machine.reading(40.0)
    assert machine.sends(first, second).taken == [Taken.KEPT, Taken.KEPT]
    assert machine.sends(first, second).taken == [Taken.REFUSED, Taken.REFUSED]
    assert len(curve_of(county, run.key())) == 2
    assert refused(county, DAY) == [("P01", "repeated", 2)]


def test_a_machine_that_was_switched_off_counts_from_one_again(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    before = machine.reading(30.0)
    machine.sends(before)
    again = Machine(county, boot="b")
    assert again.says(50.0) is Taken.KEPT
    # The broker sends again what was before.
    assert machine.sends(before).taken == [Taken.REFUSED]
    assert [each.temperature_c for each in curve_of(county, run.key())] == [30.0, 50.0]


def test_a_pot_that_is_none_of_ours_is_counted_and_not_named(county: County) -> None:
    assert Machine(county, "X99").says(99.0) is Taken.REFUSED
    assert refused(county, DAY) == [("", "foreign", 1)]


@pytest.mark.parametrize("off", [timedelta(hours=1), -timedelta(hours=13)], ids=["future", "long past"])
def test_a_clock_that_is_wrong_is_told_and_the_pot_is_watched_all_the_same(
    county: County, off: timedelta
) -> None:
    run, machine = boiling(county), Machine(county)
    sent_at = county.watch.now
    machine.says(90.0, at=sent_at + off)
    [point] = curve_of(county, run.key())
    assert (point.is_clock_wrong, point.at) == (True, sent_at + timedelta(seconds=1))
    assert kinds_of(county, run.key()) == ["clock"]
    machine.says(95.0)
    assert [each.over_at is not None for each in deviations_of(county, run.key())] == [True]


def test_a_clock_that_goes_back_does_not_tear_the_curve(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    county.watch.pass_(minutes=10)
    machine.says(90.0)
    machine.says(99.0, at=county.watch.now - timedelta(minutes=5))
    first, second = curve_of(county, run.key())
    assert first.at < second.at
    assert (first.is_clock_wrong, second.is_clock_wrong) == (False, True)


def test_readings_that_were_held_back_are_put_where_they_belong(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    began = county.watch.now
    machine.says(40.0)
    county.watch.pass_(minutes=30)
    with county.work() as work:
        [silence] = metering.watch_all(work)
        work.commit()
    assert (silence.kind.value, silence.stops, silence.over_at) == ("silence", False, None)
    held = [
        machine.reading(40.0 + 2 * minute, at=began + timedelta(minutes=minute)) for minute in range(1, 31)
    ]
    machine.sends(*held)
    assert len(curve_of(county, run.key())) == 31
    [told] = deviations_of(county, run.key())
    assert told.over_at is not None


def test_a_reading_of_a_boil_that_is_over_does_not_go_to_the_next(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    in_time = county.watch.now
    late = machine.reading(99.0, at=in_time)
    prescription = _prescription(county, run)
    county.do(flooring.draw_off, county.floor, prescription.key(), prescription.version)
    county.watch.pass_(minutes=5)
    next_run = boiling(county)
    machine.sends(late)
    assert (len(curve_of(county, run.key())), len(curve_of(county, next_run.key()))) == (1, 0)


def test_a_pot_that_boils_dry_is_found_by_the_reading_that_shows_it(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(2, 99.0)
    machine.boils(1, 109.0)
    [dry] = deviations_of(county, run.key())
    assert (dry.kind.value, dry.stops, dry.measured) == (
        "boiled_dry",
        True,
        {"hottest_c": 109.0, "limit_c": 106.0},
    )
    machine.boils(1, 112.0)
    [dry] = deviations_of(county, run.key())
    assert dry.measured["hottest_c"] == 112.0


def test_a_clock_that_is_set_back_lets_no_batch_go_on(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(62, 90.0, every_s=120)
    county.watch.pass_(minutes=-50)
    with county.work() as work:
        assert metering.watch_all(work) == []
        work.commit()
    assert [(each.kind.value, each.is_waiting) for each in deviations_of(county, run.key())] == [
        ("never_boiled", True)
    ]


def test_a_pot_is_watched_while_our_own_clock_is_an_hour_behind(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(2)
    county.watch.pass_(hours=-1)
    for _ in range(3):
        county.watch.pass_(seconds=29)
        machine.says(109.0, at=county.watch.now + timedelta(hours=1))
    points = curve_of(county, run.key())
    assert [each.at - points[0].at for each in points[-3:]] == [
        timedelta(seconds=seconds) for seconds in (120, 150, 180)
    ]
    assert [(each.kind.value, each.is_waiting) for each in deviations_of(county, run.key())] == [
        ("boiled_dry", True)
    ]


def test_what_was_taken_back_and_is_seen_again_stops_again(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(1, 109.0)
    with county.work() as work:
        [dry] = work.deviations.of_runs([run.key()])[run.key()]
        # As when nothing of it was seen for a while.
        dry.stops, dry.over_at = False, work.now
        work.commit()
    with county.work() as work:
        metering.watch_all(work)
        work.commit()
    assert [(each.is_waiting, each.over_at) for each in deviations_of(county, run.key())] == [(True, None)]


def test_of_a_batch_that_was_thrown_away_nobody_is_asked(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    began = county.watch.now
    late = [machine.reading(110.0, at=began + timedelta(minutes=minute)) for minute in range(3)]
    county.watch.pass_(minutes=5)
    prescription = _prescription(county, run)
    county.do(flooring.scrap, county.floor, prescription.key(), prescription.version, "burnt")
    machine.sends(*late)
    assert [(each.kind.value, each.is_waiting) for each in deviations_of(county, run.key())] == [
        ("boiled_dry", False)
    ]


def test_what_was_too_hot_first_and_dry_then_waits_for_one_decision(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(1.5, 104.0)
    assert kinds_of(county, run.key()) == ["too_hot"]
    machine.boils(1, 109.0)
    assert [(each.kind.value, each.is_waiting) for each in deviations_of(county, run.key())] == [
        ("too_hot", False),
        ("boiled_dry", True),
    ]


def test_silence_is_found_without_a_reading(county: County) -> None:
    boiling(county)
    Machine(county).says(40.0)
    county.watch.pass_(minutes=4)
    with county.work() as work:
        assert metering.watch_all(work) == []
    county.watch.pass_(minutes=2)
    with county.work() as work:
        assert [each.kind.value for each in metering.watch_all(work)] == ["silence"]
        work.commit()
    with county.work() as work:
        assert metering.watch_all(work) == []


def test_watching_costs_as_much_for_three_pots_as_for_one(county: County) -> None:
    counts = []
    for pots in (("P01",), ("P02", "S01")):
        for pot in pots:
            _boil_whatever_fits(county, pot)
            Machine(county, pot).says(99.0)
        with county.work() as work, county.counted() as sent:
            metering.watch_all(work)
        counts.append(len(sent))
    assert counts[0] == counts[1]


def test_old_curves_keep_their_corners(county: County) -> None:
    run, machine = boiling(county), Machine(county)
    machine.boils(10, 99.0)
    prescription = _prescription(county, run)
    county.do(flooring.draw_off, county.floor, prescription.key(), prescription.version)
    with county.work() as work:
        assert metering.thin_old(work) == 0
    county.watch.pass_(days=90)
    with county.work() as work:
        # So far the clock may have jumped.
        assert metering.thin_old(work) == 0
        work.ledger.seal(work.now)
        work.commit()
    county.watch.pass_(days=1)
    with county.work() as work:
        assert metering.thin_old(work) == 18
        work.commit()
    assert [each.temperature_c for each in curve_of(county, run.key())] == [99.0, 99.0]


def _prescription(county: County, run: PotRun) -> Prescription:
    with county.work() as work:
        return work.prescriptions.get(run.prescription_id)


def _boil_whatever_fits(county: County, pot: str) -> None:
    """The small pot is made large for it."""
    with county.work() as work:
        work.pots.by_code(pot).max_ml = 60_000
        work.commit()
    step(county, brought_to(county, county.approved(), State.SOAKING), State.DECOCTING, pot)
