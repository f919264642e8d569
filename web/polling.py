"""Pages that ask again by themselves: an ETag of the facts behind a part, 304 while they are the same.

    facts = (rows, plan_id)
    return fresh(facts, lambda tag: render_template("floor/board_part.html", rows=rows, tag=tag))

The part carries its own tag: `hx-get=... hx-trigger="every 4s" {{ if_none_match(tag) }}`. Browsers keep
nothing, so it is htmx that sends the tag, and htmx swaps nothing on 304.
"""

import json
from collections.abc import Callable
from hashlib import sha256

from flask import make_response, request, session
from markupsafe import Markup
from werkzeug.wrappers import Response

from web.i18n import language


def tag_of(facts: object) -> str:
    """A short name of some facts, the same as long as they are.

    Args:
        facts: Values whose `repr` tells all that the part shows: frozen dataclasses, tuples, times.

    Returns:
        The tag, which differs by the reader's language and type size too.
    """
    seen = repr((language(), session.get("type_size"), facts))
    return sha256(seen.encode()).hexdigest()[:20]


def fresh(facts: object, render: Callable[[str], str]) -> Response:
    """A part of a page, or 304 where the browser shows the same facts already.

    Args:
        facts: See `tag_of`.
        render: Given the tag, makes the part; not called for a 304.

    Returns:
        The response with its ETag.
    """
    tag = tag_of(facts)
    is_known = request.if_none_match.contains(tag)
    response = make_response("", 304) if is_known else make_response(render(tag))
    response.set_etag(tag)
    return response


def if_none_match(tag: str) -> Markup:
    """The attribute by which htmx asks for a part only where it changed.

    Args:
        tag: Given to `render`.

    Returns:
        An `hx-headers` attribute.
    """
    headers = json.dumps({"If-None-Match": f'"{tag}"'})
    return Markup("hx-headers='{}'").format(Markup(headers))  # noqa: S704 - a tag is hexadecimal
