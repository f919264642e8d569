"""The papers of a plan that belongs to no stored route."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pypdfium2
import pytest

from dispatch.county import Centre, Vehicle, Village
from dispatch.plan_types import DayPlan
from dispatch.problem import Crew, Day, Job, Order, Pot
from dispatch.sequence import plan_in_sequence
from web.prints.day import day_papers

AT = datetime(2026, 11, 22, 20, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def day() -> Day:
    """Two vehicles, each to a village that only it can reach; one id is longer than a sheet has room for."""
    return Day(
        orders=(
            Order("处方一", "N1", 14, 2800, job=Job("处方一", 2800, 0, 30, 5, 60, 5, 10, 300)),
            Order("R" * 60, "N2", 10, 2000, ready_min=0, fragile=True),
        ),
        pots=(Pot("P1", 6000),),
        crew=Crew(1, 1, 1),
        vehicles=(
            Vehicle("V/1", "一号车", 60, 60, 600, km_cost_fen=90),
            Vehicle("V2", "二号摩托", 60, 60, 600, kind="motorbike"),
        ),
        villages=(
            Village("N1", "张家湾村", 113.45, 29.43, kinds=("van",)),
            Village("N2", "李家冲村", 113.53, 29.53, kinds=("motorbike",), windows=((150, 200),)),
        ),
        centre=Centre("C", "共享中药房", 113.45, 29.47),
        horizon_min=600,
        start_clock_min=300,
    )


@pytest.fixture(scope="module")
def made(day: Day) -> DayPlan:
    """A plan of it."""
    return plan_in_sequence(day, seconds=0.3, seed=1, repeatable=True)


def _words(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as read:
        assert read.get_page_size(0) in (
            (595.2755737304688, 841.8897705078125),
            (841.8897705078125, 595.2755737304688),
        )
        return "".join(page.get_textpage().get_text_range() for page in read)


def test_each_vehicle_that_drives_has_a_sheet_and_the_pots_have_one(day: Day, made: DayPlan) -> None:
    papers = dict(day_papers(day, made, date(2026, 11, 23), AT))
    assert list(papers) == ["route-01-V_1.pdf", "route-02-V2.pdf", "pots.pdf"]
    van, motorbike = _words(papers["route-01-V_1.pdf"]), _words(papers["route-02-V2.pdf"])
    promise = next(each for each in made.promises if each.order_id == "处方一")
    minute = promise.arrive_min + 300
    for word in ("配送单", "2026年11月23日", "一号车", "张家湾村", "处方一", "14 袋"):
        assert word.replace(" ", "") in van.replace(" ", "")
    assert f"{minute // 60:02d}:{minute % 60:02d}" in van
    assert "李家冲村" in motorbike
    assert "新用药或体弱" in motorbike
    _words(papers["pots.pdf"])


def test_a_day_without_pots_or_trips_has_no_papers(day: Day, made: DayPlan) -> None:
    idle = replace(
        made, schedule=replace(made.schedule, jobs=()), routes=replace(made.routes, trips=()), promises=()
    )
    assert list(day_papers(day, idle, date(2026, 11, 23), AT)) == []


def test_equal_plans_give_equal_papers(day: Day, made: DayPlan) -> None:
    first, second = (list(day_papers(day, made, date(2026, 11, 23), AT)) for _ in range(2))
    assert first == second


def test_a_name_that_cannot_be_printed_is_refused(day: Day, made: DayPlan) -> None:
    spoilt = replace(day, centre=replace(day.centre, name="药房\x07"))
    with pytest.raises(ValueError, match="centre holds U"):
        list(day_papers(spoilt, made, date(2026, 11, 23), AT))
