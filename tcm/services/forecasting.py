"""Forecasts of what herbs will be needed: past use, the way that did best on it, and what it says."""

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np

from tcm.demand import METHODS, Use, validate
from tcm.demand.series import WEEK, week_of
from tcm.knowledge import Knowledge
from tcm.records.clock import county_day
from tcm.records.demand import Forecast, ForecastState
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.pricing import milligrams, shelf_name
from tcm.store.demand_queries import first_use_on, past_use, recorded_use
from tcm.store.work import Work

HORIZON_WEEKS = 4
HORIZONS = range(1, 13)
# Fewer say nothing about which way is best.
LEAST_WEEKS = 12
ORIGINS = 12
# Of ten times it was forecast, the use was above this once.
HIGH_SHARE = 0.9
TOO_SHORT = N_("用量记录不到12周，还不能预测。可以带入以前的用量。")
BROKE = N_("预测时出错，没有结果，请再试一次。")
MOST_ROWS = 100_000

Enqueue = Callable[[Work, int], None]


def bring_past_use(
    work: Work, actor: Actor, knowledge: Knowledge, rows: Sequence[tuple[str, date, float]]
) -> int:
    """Keep what was used before the stock was on record; weeks that are there already are replaced.

    Args:
        work: The unit of work.
        actor: A manager.
        knowledge: Resolves herb names.
        rows: Of each, any of the herb's names, a day of the week, grams.

    Returns:
        How many weeks of herbs are kept.

    Raises:
        Invalid: When a herb is unknown, a week not over yet, an amount negative, or there are too many rows.
        Forbidden: For other roles.
    """
    demand(actor, Action.STOCK_SET)
    if len(rows) > MOST_ROWS:
        raise Invalid(N_("最多 %(most)s 行。"), most=MOST_ROWS)
    names = {herb: shelf_name(knowledge, herb) for herb in {herb for herb, _, _ in rows}}
    used: dict[tuple[str, date], int] = {}
    for herb, day, grams in rows:
        name, week = names[herb], week_of(day)
        if grams < 0 or week >= week_of(county_day(work.now)):
            raise Invalid(
                N_("%(herb)s %(day)s 的用量不对：不能是负数，也不能是没过完的一周。"), herb=name, day=day
            )
        used[name, week] = used.get((name, week), 0) + milligrams(grams)
    work.past_uses.replace(used)
    return len(used)


def use_on_record(work: Work) -> Use:
    """All that is known of the use of herbs, up to the last whole week.

    Args:
        work: The unit of work.

    Returns:
        Past use up to the week in which the stock began to be on record, the shelf's own record after it. Of
        that week it is what was brought, or the record where that began with the Monday and nothing was.
    """
    until = week_of(county_day(work.now))
    began_on = first_use_on(work.session)
    own = until if began_on is None else min(week_of(began_on) + WEEK, until)
    before = past_use(work.session, own)
    if began_on is not None and _is_whole(began_on, before):
        own = min(began_on, until)
    return Use.of([*before, *recorded_use(work.session, own, until)], until)


def _is_whole(began_on: date, before: Sequence[tuple[str, date, float]]) -> bool:
    """Whether the shelf's record has the whole of its first week, and nothing else was brought for it."""
    return began_on == week_of(began_on) and all(week < began_on for _, week, _ in before)


def ask_forecast(
    work: Work, actor: Actor, request_key: str, *, enqueue: Enqueue, horizon_weeks: int = HORIZON_WEEKS
) -> Forecast:
    """Ask for a forecast; the job is enqueued in the same transaction as the row.

    Args:
        work: The unit of work.
        actor: Floor staff or a manager.
        request_key: The form's own key.
        enqueue: Puts the job into the queue.
        horizon_weeks: Weeks that are forecast together.

    Returns:
        The forecast; the same one for the same key.

    Raises:
        Invalid: When the weeks are out of reason.
        Forbidden: For other roles.
    """
    demand(actor, Action.PURCHASE_DRAFT)
    if horizon_weeks not in HORIZONS:
        raise Invalid(N_("预测的周数要在1到12之间。"))
    earlier = work.forecasts.of_request(request_key)
    return earlier or _queue(work, actor.staff_id, horizon_weeks, request_key, enqueue)


def ask_weekly(work: Work, *, enqueue: Enqueue) -> Forecast | None:
    """Ask for this week's forecast where nobody has, and something was used.

    Args:
        work: The unit of work.
        enqueue: Puts the job into the queue.

    Returns:
        The forecast, None where there is one already or nothing to learn from.
    """
    until = week_of(county_day(work.now))
    nothing_used = first_use_on(work.session) is None and not work.past_uses.is_any()
    if nothing_used or work.forecasts.of_week(until) is not None:
        return None
    return _queue(work, None, HORIZON_WEEKS, f"weekly-{until}", enqueue)


def foresee(use: Use, horizon_weeks: int) -> dict[str, object]:
    """Try every way on the past, take the one that missed least, and say what the next weeks will need.

    Args:
        use: The past, LEAST_WEEKS at least.
        horizon_weeks: Weeks that are forecast together.

    Returns:
        What `Forecast.result` holds.

    Raises:
        Invalid: When the past is too short.
    """
    origins = min(ORIGINS, use.weeks - horizon_weeks - LEAST_WEEKS // 2)
    if use.weeks < LEAST_WEEKS or origins < 1:
        raise Invalid(TOO_SHORT)
    found = validate(use, METHODS, horizon=horizon_weeks, origins=origins)
    mean_g = METHODS[found.best](use, horizon_weeks)
    above_g = np.maximum(np.quantile(found.misses_g[found.best], HIGH_SHARE, axis=1), 0)
    scores = {
        name: {"wape": round(score.wape, 4), "bias": round(score.bias, 4)}
        for name, score in found.scores.items()
    }
    herbs = {
        herb: [round(float(mean), 1), round(float(mean + above), 1)]
        for herb, mean, above in zip(use.herbs, mean_g, above_g, strict=True)
    }
    return {
        "weeks": use.weeks,
        "origins": found.origins,
        "method": found.best,
        "scores": scores,
        "herbs": herbs,
    }


def keep_forecast(work: Work, forecast_id: int, result: dict[str, object]) -> None:
    """Keep what came of a forecast.

    Args:
        work: The unit of work.
        forecast_id: Which.
        result: As `foresee` returns it.
    """
    forecast = work.forecasts.get(forecast_id)
    forecast.state, forecast.result = ForecastState.DONE, result


def fail_forecast(work: Work, forecast_id: int, sentence: str) -> None:
    """A forecast ends without a result.

    Args:
        work: The unit of work.
        forecast_id: Which.
        sentence: Why, a msgid.
    """
    forecast = work.forecasts.get(forecast_id)
    forecast.state, forecast.failure = ForecastState.FAILED, sentence


def _queue(
    work: Work, asked_by_id: int | None, horizon_weeks: int, request_key: str, enqueue: Enqueue
) -> Forecast:
    forecast = work.forecasts.add(
        Forecast(
            until=week_of(county_day(work.now)),
            horizon_weeks=horizon_weeks,
            asked_by_id=asked_by_id,
            asked_at=work.now,
            request_key=request_key,
        )
    )
    enqueue(work, forecast.id or 0)
    return forecast
