"""Lists under the fields: herbs by pinyin or characters, diseases and syndromes of the national standards."""

from functools import cache

from flask import render_template, request

from tcm.knowledge.facts import Term
from web.desks.doctor.blueprint import desk
from web.house import current_house

HERBS_AT_MOST = 8
TERMS_AT_MOST = 12
LONGEST_QUERY = 40


@desk.get("/herbs")
def herbs() -> str:
    """Herbs that what was typed may mean."""
    knowledge = current_house().knowledge
    found = knowledge.herbs.search(_query("herb"), HERBS_AT_MOST)
    return render_template("doctor/herb_options.html", herbs=found, handling=knowledge.handling)


@desk.get("/diseases")
def diseases() -> str:
    """Diseases of GB/T 15657."""
    return _terms(current_house().knowledge.diseases, _query("disease"))


@desk.get("/syndromes")
def syndromes() -> str:
    """Syndromes of GB/T 16751.2."""
    return _terms(current_house().knowledge.syndromes, _query("syndrome"))


def search_terms(terms: tuple[Term, ...], text: str, limit: int) -> list[Term]:
    """Terms by characters or pinyin initials, exact before prefix before containment, short before long.

    Args:
        terms: A table of the knowledge.
        text: As typed.
        limit: At most so many.

    Returns:
        The likeliest first.
    """
    typed = "".join(text.lower().split())
    if not typed:
        return []
    ranked = []
    for term, initials in zip(terms, _initials(terms), strict=True):
        spelled = initials if typed.isascii() else term.name
        if typed in spelled:
            ranked.append((spelled != typed, not spelled.startswith(typed), len(term.name), term.code, term))
    return [term for *_, term in sorted(ranked, key=lambda entry: entry[:-1])[:limit]]


def _terms(terms: tuple[Term, ...], text: str) -> str:
    return render_template("doctor/term_options.html", terms=search_terms(terms, text, TERMS_AT_MOST))


def _query(name: str) -> str:
    return request.args.get(name, "")[:LONGEST_QUERY]


@cache
def _initials(terms: tuple[Term, ...]) -> tuple[str, ...]:
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  # heavy: as in offers

    return tuple("".join(lazy_pinyin(term.name, style=Style.FIRST_LETTER)).lower() for term in terms)
