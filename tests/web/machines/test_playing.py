"""The demo's machines: a boil as it should be shows nothing, each fault shows what it is."""

import pytest

from tcm.records.boils import BoilKeeping, PotRun, Step
from tcm.records.lifecycle import State
from tcm.services import boiling, flooring, metering, stepping
from tcm.services.metering import Taken
from tcm.store.engine import Store
from tests.tcm.centre import brought_to, step
from tests.tcm.county import County
from tests.tcm.metered import curve_of, kinds_of
from web.machines.playing import play_open_runs, play_run
from web.machines.simulated import Fault


@pytest.fixture
def county(sqlite_store: Store) -> County:
    return County(sqlite_store)


def boiling_in(county: County, pot: str = "P01") -> PotRun:
    prescription = brought_to(county, county.approved(), State.SOAKING)
    county.watch.pass_(minutes=30)
    step(county, prescription, State.DECOCTING, pot)
    with county.work() as work:
        run = work.pot_runs.open_of(prescription.key())
    assert run is not None
    return run


def play(county: County, run: PotRun, fault: Fault = Fault.NONE) -> list[Taken]:
    with county.work() as work:
        batch = play_run(work, work.pot_runs.get(run.key()), fault=fault)
        work.commit()
    return batch.taken


def test_a_plain_boil_shows_nothing_and_is_drawn_off(county: County) -> None:
    run = boiling_in(county)
    county.watch.pass_(minutes=50)
    assert Taken.REFUSED not in play(county, run)
    assert len(curve_of(county, run.key())) == 101
    with county.work() as work:
        prescription = work.prescriptions.get(run.prescription_id)
    county.do(flooring.draw_off, county.floor, prescription.key(), prescription.version)
    assert kinds_of(county, run.key()) == []


def test_a_boil_kept_step_by_step_follows_its_steps(county: County) -> None:
    county.do(boiling.set_keeping, county.manager, BoilKeeping.STEPS)
    run = boiling_in(county)
    for what, minutes in ((Step.FIRST_BOIL, 12), (Step.FIRST_DRAWN, 30), (Step.SECOND_BOIL, 8), (None, 20)):
        county.watch.pass_(minutes=minutes)
        play(county, run)
        if what is not None:
            county.do(
                stepping.take,
                county.floor,
                county.knowledge,
                run.key(),
                what,
                request_key=county.new_key(),
            )
    assert kinds_of(county, run.key()) == []
    degrees = [each.temperature_c for each in curve_of(county, run.key())]
    assert min(degrees) < 30 < 98 < max(degrees)


def test_asked_again_it_goes_on_where_it_stopped(county: County) -> None:
    run = boiling_in(county)
    county.watch.pass_(minutes=10)
    play(county, run)
    county.watch.pass_(minutes=10)
    assert Taken.REFUSED not in play(county, run)
    with county.work() as work:
        play_open_runs(work)
        work.commit()
    points = curve_of(county, run.key())
    assert len(points) == len({each.at for each in points}) == 41


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        (Fault.DRY, ["boiled_dry"]),
        (Fault.HOT, ["too_hot"]),
        (Fault.COLD, ["never_boiled"]),
        (Fault.SILENT, ["silence"]),
        (Fault.CLOCK, ["clock"]),
    ],
)
def test_each_fault_shows_what_it_is(county: County, fault: Fault, kinds: list[str]) -> None:
    run = boiling_in(county)
    county.watch.pass_(minutes=61)
    with county.work() as work:
        play_run(work, work.pot_runs.get(run.key()), fault=fault)
        metering.watch_all(work)
        work.commit()
    assert [each for each in kinds_of(county, run.key()) if each in kinds] == kinds
