"""What waits for a doctor from other houses: one page, and the count that other pages ask for again."""

from flask import make_response, render_template
from werkzeug.wrappers import Response

from tcm.services.inboxes import count_news, open_inbox
from web.auth import current_actor
from web.desks.together.blueprint import desk
from web.desks.together.shown import terms
from web.house import work
from web.polling import fresh, if_none_match


@desk.get("")
def index() -> Response:
    """Questions to answer, answers, patients on their way, replies."""
    with work() as open_work:
        inbox = open_inbox(open_work, current_actor())
        page = render_template("together/index.html", inbox=inbox, now=open_work.now, **terms())
    return make_response(page)


@desk.get("/news")
def news() -> Response:
    """How much waits; 304 while it is as the page has it."""
    with work() as open_work:
        counted = count_news(open_work, current_actor())
    return fresh(
        counted, lambda tag: render_template("together/news.html", news=counted, news_asks=if_none_match(tag))
    )
