"""The manager's desk as a blueprint; its pages are in the modules beside."""

from datetime import date, timedelta

from flask import Blueprint, request
from pydantic import Field

from tcm.records.clock import county_day, minute_of
from tcm.records.permissions import Action
from tcm.store.work import Work
from web.auth import only
from web.door import Form, Rejected, parse
from web.house import current_house
from web.i18n import language
from web.planning import default_start

desk = Blueprint("manager", __name__, url_prefix="/manager")
desk.before_request(only(Action.PLAN_MAKE))

# Fields of reasons that were written in both languages.
ZH, EN = "zh", "en"


class DayForm(Form):
    """Which day is looked at."""

    day: date | None = None


class KeyedForm(Form):
    """A form that makes something once, of a day."""

    request_key: str = Field(min_length=8, max_length=64)
    day: date | None = None


def days() -> tuple[date, date]:
    """Today and tomorrow, the days that are planned."""
    today = county_day(current_house().clock())
    return today, today + timedelta(days=1)


def allowed(day: date | None) -> date | None:
    """The day if it is one that is planned."""
    return day if day in days() else None


def asked_day() -> date | None:
    """The day that the address names, None without one that is planned."""
    try:
        return allowed(parse(DayForm, request.args).day)
    except Rejected:
        return None


def usual_day(open_work: Work) -> date:
    """The day that a manager means who names none.

    Args:
        open_work: The unit of work.

    Returns:
        Today while it is worked on; with nothing planned, the next day to plan.
    """
    today, _ = days()
    begun = open_work.plans.newest(today) is not None
    return today if begun else default_start(current_house().clock())[0]


def now_min_of(day: date) -> int | None:
    """The present minute of a day, None where it is not today."""
    today, _ = days()
    return minute_of(day, current_house().clock()) if day == today else None


def why() -> str:
    """The field of a reason in the reader's language."""
    return EN if language() == "en" else ZH
