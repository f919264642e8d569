"""Past use and the shelf's own record as one, the forecast of them, and what is proposed to be bought."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tcm.records.demand import ForecastState
from tcm.records.errors import Forbidden, Invalid
from tcm.records.orders import PurchaseState
from tcm.records.stock import Keeping
from tcm.services import forecasting, purchasing, reordering, requisitioning
from tcm.services.prescribing import ItemDraft
from tcm.services.reordering import Adopted
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import County, draft
from tests.tcm.stocked import keep_stock, price, shelve

# The county's clock shows a Saturday; this is the Monday of its week.
THIS_WEEK = date(2026, 11, 16)


def _past(weeks: int, grams: float = 1000.0, herb: str = "潞党参") -> list[tuple[str, date, float]]:
    return [(herb, THIS_WEEK - timedelta(weeks=back), grams) for back in range(1, weeks + 1)]


def _brought(county: County, rows: list[tuple[str, date, float]]) -> int:
    return county.do(forecasting.bring_past_use, county.manager, county.knowledge, rows)


def _foreseen(county: County) -> None:
    forecast = county.do(forecasting.ask_forecast, county.floor, county.new_key(), enqueue=enqueue_nothing)
    with county.work() as work:
        result = forecasting.foresee(forecasting.use_on_record(work), forecast.horizon_weeks)
        forecasting.keep_forecast(work, forecast.id or 0, result)
        work.commit()


def test_past_use_is_kept_by_week_under_the_standard_name_and_replaced(county: County) -> None:
    assert _brought(county, [("潞党参", date(2026, 11, 3), 40.0), ("党参", date(2026, 11, 6), 2.5)]) == 1
    _brought(county, [("党参", date(2026, 11, 2), 50.0)])
    with county.work() as work:
        use = forecasting.use_on_record(work)
    assert (use.herbs, use.grams.tolist()) == (("党参",), [[50.0, 0.0]])


@pytest.mark.parametrize(
    "row", [("党参", THIS_WEEK, 5.0), ("党参", date(2026, 11, 3), -1.0), ("没有", THIS_WEEK, 1.0)]
)
def test_past_use_that_cannot_be_is_refused(county: County, row: tuple[str, date, float]) -> None:
    with pytest.raises(Invalid):
        _brought(county, [row])


def test_only_the_manager_brings_past_use(county: County) -> None:
    with pytest.raises(Forbidden):
        county.do(forecasting.bring_past_use, county.floor, county.knowledge, _past(1))


def test_the_week_in_which_the_record_began_is_taken_from_before_and_later_ones_from_the_shelf(
    county: County,
) -> None:
    keep_stock(county, Keeping.REFUSE)
    shelve(county, "党参", 5000)
    _brought(county, _past(2))
    # Early on a Monday of the county, a Sunday in Greenwich.
    county.watch.now = datetime(2026, 11, 22, 16, 30, tzinfo=UTC)
    asked = county.do(requisitioning.ask, county.doctor, county.knowledge, [("党参", 70.0)], county.new_key())
    [line] = asked.lines
    county.do(requisitioning.send, county.floor, asked.id or 0, {line.id or 0: 70.0})
    county.watch.now = datetime(2026, 12, 6, 17, 0, tzinfo=UTC)
    _brought(county, [("党参", date(2026, 11, 23), 900.0)])
    asked = county.do(requisitioning.ask, county.doctor, county.knowledge, [("党参", 30.0)], county.new_key())
    [line] = asked.lines
    county.do(requisitioning.send, county.floor, asked.id or 0, {line.id or 0: 30.0})
    county.watch.pass_(days=7)
    with county.work() as work:
        use = forecasting.use_on_record(work)
    # Two weeks of before, one without use, the week it began in as brought, one without, one of the shelf.
    assert use.grams.tolist() == [[1000.0, 1000.0, 0.0, 900.0, 0.0, 30.0]]


@pytest.mark.parametrize(("hour", "grams"), [(16, [1000.0, 1000.0, 70.0]), (40, [1000.0, 1000.0])])
def test_a_first_week_of_which_nothing_was_brought_is_the_shelfs_where_it_began_with_the_monday(
    county: County, hour: int, grams: list[float]
) -> None:
    keep_stock(county, Keeping.REFUSE)
    shelve(county, "党参", 5000)
    _brought(county, _past(2))
    county.watch.now = datetime(2026, 11, 22, tzinfo=UTC) + timedelta(hours=hour)
    asked = county.do(requisitioning.ask, county.doctor, county.knowledge, [("党参", 70.0)], county.new_key())
    [line] = asked.lines
    county.do(requisitioning.send, county.floor, asked.id or 0, {line.id or 0: 70.0})
    county.watch.now = datetime(2026, 11, 29, 17, 0, tzinfo=UTC)
    with county.work() as work:
        use = forecasting.use_on_record(work)
    assert [amount for amount in use.grams[0].tolist() if amount] == grams


def test_too_short_a_past_is_said(county: County) -> None:
    _brought(county, _past(11))
    with county.work() as work, pytest.raises(Invalid) as refusal:
        forecasting.foresee(forecasting.use_on_record(work), 4)
    assert refusal.value.msgid == forecasting.TOO_SHORT


def test_a_steady_herb_is_foreseen_as_it_was(county: County) -> None:
    _brought(county, _past(30))
    with county.work() as work:
        result = forecasting.foresee(forecasting.use_on_record(work), 4)
    assert (result["weeks"], result["herbs"]) == (30, {"党参": [4000.0, 4000.0]})


def test_the_weekly_forecast_is_asked_for_once_a_week_and_only_where_something_was_used(
    county: County,
) -> None:
    asked: list[int] = []

    def ask() -> bool:
        with county.work() as work:
            made = forecasting.ask_weekly(work, enqueue=lambda _work, row: asked.append(row))
            work.commit()
        return made is not None

    assert not ask()
    _brought(county, _past(1))
    assert [ask(), ask()] == [True, False]
    county.watch.pass_(days=7)
    assert ask()
    assert len(asked) == 2


def test_what_would_run_short_is_proposed_and_what_is_on_its_way_is_not_ordered_again(county: County) -> None:
    shelve(county, "党参", 2500, fen_per_kg=6000)
    shelve(county, "茯苓", 9000)
    price(county, "党参", 8000, low_g=1000)
    _brought(county, [*_past(30), *_past(30, herb="茯苓")])
    _foreseen(county)
    with county.work() as work:
        proposal = reordering.propose(work, county.manager)
    [line] = proposal.lines
    assert (line.herb, line.free_mg, line.mean_mg, line.order_mg) == ("党参", 2_500_000, 4_000_000, 2_500_000)
    [order] = county.do(
        reordering.adopt, county.floor, county.knowledge, [Adopted("党参", 2500.0)], county.new_key()
    )
    assert (order.state, [(each.herb, each.fen_per_kg) for each in order.lines]) == (
        PurchaseState.DRAFT,
        [("党参", 6000)],
    )
    county.do(purchasing.approve, county.manager, order.id or 0)
    with county.work() as work:
        assert reordering.propose(work, county.manager).lines == []


def test_what_prescriptions_wait_for_is_ordered_on_top(county: County) -> None:
    keep_stock(county, Keeping.BACK_ORDER)
    shelve(county, "党参", 20)
    county.approved(draft([ItemDraft("党参", 12.0)]))
    with county.work() as work:
        [line] = reordering.propose(work, county.manager).lines
    assert (line.herb, line.owed_mg, line.order_mg) == ("党参", 64_000, 500_000)


def test_a_herb_that_was_never_bought_is_not_ordered_from_anybody(county: County) -> None:
    for adopted in ([], [Adopted("党参", 1000.0)]):
        with pytest.raises(Invalid):
            county.do(reordering.adopt, county.manager, county.knowledge, adopted, county.new_key())


def test_without_a_forecast_only_what_is_low_is_proposed(county: County) -> None:
    shelve(county, "党参", 500)
    shelve(county, "茯苓", 500)
    price(county, "党参", 8000, low_g=1000)
    with county.work() as work:
        proposal = reordering.propose(work, county.floor)
        newest = work.forecasts.newest(ForecastState.DONE)
    assert [(line.herb, line.order_mg) for line in proposal.lines] == [("党参", 500_000)]
    assert (proposal.forecast, newest) == (None, None)
