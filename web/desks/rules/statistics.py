"""What became of each rule's findings in a period."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import make_response, render_template, request
from werkzeug.wrappers import Response

from tcm.records.clock import county_day
from tcm.services import ruling
from tcm.services.ruling import RuleStatistic
from web.auth import current_actor
from web.desks.rules.blueprint import desk
from web.desks.rules.forms import PeriodForm
from web.desks.rules.shown import title_of
from web.door import Rejected, Typed, parse
from web.house import current_house, work
from web.i18n import say

DEFAULT_DAYS = 30


@dataclass(frozen=True)
class StatisticShown:
    """One rule's line.

    Args:
        statistic: Its counts.
        title: In the reader's language; its id where the rule is no longer shipped.
        is_shipped: Whether there is a row to link to.
        rate: Overruled of those decided, None where none was.
    """

    statistic: RuleStatistic
    title: str
    is_shipped: bool
    rate: float | None


@desk.get("/statistics")
def statistics() -> Response:
    """Fired, accepted, overruled, undecided, by rule; the last thirty days unless asked otherwise."""
    today = county_day(current_house().clock())
    usual = {"since": (today - timedelta(days=DEFAULT_DAYS - 1)).isoformat(), "until": today.isoformat()}
    asked = request.args.copy()
    for name, value in usual.items():
        asked.setdefault(name, value)
    try:
        period = parse(PeriodForm, asked)
    except Rejected as rejected:
        return _page(rejected.typed, None, say(rejected), 422)
    return _page(Typed.of(since=period.since, until=period.until), (period.since, period.until))


def _page(typed: Typed, period: tuple[date, date] | None, sentence: str = "", status: int = 200) -> Response:
    with work() as open_work:
        lines = [] if period is None else _lines(ruling.statistics(open_work, current_actor(), *period))
        view = ruling.overview(open_work, current_actor())
        page = render_template(
            "rules/statistics.html", typed=typed, lines=lines, held=view.in_force, sentence=sentence
        )
        return make_response(page, status)


def _lines(statistics: tuple[RuleStatistic, ...]) -> list[StatisticShown]:
    facts = current_house().knowledge.rules
    return [
        StatisticShown(
            statistic=each,
            title=title_of(facts[each.rule]) if each.rule in facts else each.rule,
            is_shipped=each.rule in facts,
            rate=_rate(each),
        )
        for each in statistics
    ]


def _rate(statistic: RuleStatistic) -> float | None:
    decided = statistic.accepted + statistic.overruled
    return statistic.overruled / decided if decided else None
