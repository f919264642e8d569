"""How values are written on a page: county time, grams without zeros, terms in the reader's language."""

from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from babel.dates import format_date, format_datetime
from flask import Flask
from flask_babel import get_locale, gettext
from markupsafe import Markup

from tcm.records.clinical import PREPARATION_TERMS, Preparation
from tcm.records.clock import COUNTY_ZONE, county_day
from tcm.records.errors import N_
from tcm.records.lifecycle import STATE_TERMS, State
from tcm.records.people import SEX_TERMS, Sex
from tcm.records.roles import ROLE_TERMS, Role

Kind = TypeVar("Kind", bound=StrEnum)

# Patterns of Unicode's date formats are msgids, so that each language has its own order.
MOMENT = N_("M月d日 HH:mm")
CLOCK_TIME = N_("HH:mm")
DAY = N_("y年M月d日")

# How far along a state is, for its colour; the icon and the word say the same.
STATE_TONES = {
    State.DRAFT: "quiet",
    State.SIGNED: "wait",
    State.APPROVED: "good",
    State.RETURNED: "warn",
    State.DISPENSED: "work",
    State.SOAKING: "work",
    State.DECOCTING: "work",
    State.PACKED: "work",
    State.LOADED: "work",
    State.DELIVERED: "good",
    State.FAILED: "bad",
    State.CANCELLED: "quiet",
    State.SCRAPPED: "bad",
}
STATE_ICONS = {
    State.DRAFT: "pen",
    State.SIGNED: "clock",
    State.APPROVED: "check",
    State.RETURNED: "back",
    State.DISPENSED: "scale",
    State.SOAKING: "drop",
    State.DECOCTING: "fire",
    State.PACKED: "bag",
    State.LOADED: "van",
    State.DELIVERED: "home",
    State.FAILED: "warn",
    State.CANCELLED: "cross",
    State.SCRAPPED: "cross",
}


def install(app: Flask) -> None:
    """Give the filters to the templates.

    Args:
        app: The application.
    """
    for one in (
        county_time,
        county_date,
        clock_time,
        day_minute,
        grams,
        masked,
        state_term,
        state_tone,
        state_icon,
        role_term,
        sex_term,
        preparation_term,
        fen,
        percent,
        multiline,
    ):
        app.jinja_env.filters[one.__name__] = one


def county_time(at: datetime | None) -> str:
    """A moment as people in the county write it, such as 11月21日 14:05; empty for None."""
    return _moment(at, MOMENT)


def clock_time(at: datetime | None) -> str:
    """The time of day in the county, such as 14:05; empty for None."""
    return _moment(at, CLOCK_TIME)


def county_date(on: date | datetime | None) -> str:
    """A day as people in the county write it, such as 2026年11月21日; empty for None."""
    if on is None:
        return ""
    day = county_day(on) if isinstance(on, datetime) else on
    return format_date(day, gettext(DAY), locale=get_locale())


def day_minute(minute: int) -> str:
    """A minute of the day as a clock shows it: 485 is 08:05; past midnight the hours go on counting."""
    return f"{minute // 60:02d}:{minute % 60:02d}"


def grams(dose_g: float) -> str:
    """A dose without trailing zeros: 12.0 is 12 g, 1.50 is 1.5 g."""
    return f"{dose_g:.3f}".rstrip("0").rstrip(".") + " g"


def masked(name: str) -> str:
    """A patient's name as others may see it: 张三 is 张*, 欧阳小明 is 欧**明."""
    if len(name) <= 1:
        return "*"
    if len(name) == 2:
        return name[0] + "*"
    return name[0] + "*" * (len(name) - 2) + name[-1]


def fen(amount_fen: int) -> str:
    """Money: 1234 fen are ¥12.34."""
    sign = "-" if amount_fen < 0 else ""
    yuan, rest = divmod(abs(amount_fen), 100)
    return f"{sign}¥{yuan:,}.{rest:02d}"


def percent(share: float) -> str:
    """A share of 1 as whole per cent: 0.934 is 93%."""
    return f"{100 * share:.0f}%"


def state_term(state: State) -> str:
    """The name of a state in the reader's language."""
    return _term(STATE_TERMS, state)


def state_tone(state: State) -> str:
    """The tone of a state's colour, a class of the style sheet."""
    return STATE_TONES[state]


def state_icon(state: State) -> str:
    """The icon of a state."""
    return STATE_ICONS[state]


def role_term(role: Role) -> str:
    """The name of a role in the reader's language."""
    return _term(ROLE_TERMS, role)


def sex_term(sex: Sex) -> str:
    """The name of a sex in the reader's language."""
    return _term(SEX_TERMS, sex)


def preparation_term(preparation: Preparation) -> str:
    """How a prescription is prepared, in the reader's language."""
    return _term(PREPARATION_TERMS, preparation)


def multiline(text: str) -> Markup:
    """A text with its line ends kept; everything else is escaped."""
    return Markup("<br>").join(text.split("\n"))


def _term(terms: dict[Kind, str], member: Kind) -> str:
    return str(gettext(terms[member]))


def _moment(at: datetime | None, pattern: str) -> str:
    if at is None:
        return ""
    return format_datetime(at, gettext(pattern), tzinfo=COUNTY_ZONE, locale=get_locale())
