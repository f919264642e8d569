"""What patients say, in figures."""

from flask import render_template

from tcm.services.listening import voices as voices_of
from web.auth import current_actor
from web.desks.manager.blueprint import asked_day, desk, usual_day
from web.house import work


@desk.get("/voices")
def voices() -> str:
    """Stars by week, words of the discontented, how soon doctors answer."""
    with work() as open_work:
        return render_template(
            "manager/voices.html",
            voices=voices_of(open_work, current_actor()),
            day=asked_day() or usual_day(open_work),
        )
