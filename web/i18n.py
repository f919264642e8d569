"""Chinese is the language of the house and of the msgids; English is a catalogue beside it.

`python -m web.i18n extract` brings the catalogue up to date with the sources, keeps what is translated,
lists what is not and exits with 1 if anything is missing. `python -m web.i18n compile` writes the .mo.
"""

import io
from datetime import datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, gettext

from tcm.records.clock import COUNTY_ZONE
from tcm.records.errors import Refused
from tcm.services.signing_in import LANGUAGES
from web.auth import signed_in
from web.house import asks_api

HERE = Path(__file__).parent
SOURCES = HERE.parent
ROOMS = ("tcm", "dispatch", "vision", "web")
CATALOGUE = HERE / "translations" / "en" / "LC_MESSAGES" / "messages.po"
COMPILED = CATALOGUE.with_suffix(".mo")
_KEYWORDS: dict[str, tuple[int, ...] | None] = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
}
_METHODS = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
_OPTIONS = {"**/templates/**.html": {"trimmed": "true", "silent": "false"}}


def install(app: Flask) -> None:
    """Choose a language for every request.

    Args:
        app: The application.
    """
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_DEFAULT_TIMEZONE"] = str(COUNTY_ZONE)
    Babel(app, locale_selector=language)


def language() -> str:
    """The language of this request: chosen in this session, else the person's own, else the browser's.

    Of another system's request, what its Accept-Language header says.

    Returns:
        `zh` or `en`; `zh` outside of a request, as in the demo's day.
    """
    if not has_request_context():
        return "zh"
    if not asks_api():
        chosen = session.get("language")
        if chosen in LANGUAGES:
            return str(chosen)
        person = signed_in()
        if person is not None:
            return person.language
    preferred = [tag.lower() for tag, _quality in request.accept_languages]
    reads_chinese = any(tag.startswith("zh") for tag in preferred)
    return "en" if preferred and preferred[0].startswith("en") and not reads_chinese else "zh"


def say(refusal: Refused) -> str:
    """A refusal as a sentence in the reader's language.

    Args:
        refusal: Its msgid and values; values that are msgids themselves are translated too.

    Returns:
        One sentence.
    """
    values = {key: translated(value) for key, value in refusal.values.items()}
    sentence: str = gettext(refusal.msgid, **values)
    return sentence


def translated(value: object) -> object:
    """A msgid in the reader's language; anything else as it is.

    Args:
        value: A term of one of the tables, or a number.

    Returns:
        The translation.
    """
    # gettext answers the empty string with the catalogue's header.
    return gettext(value) if isinstance(value, str) and value else value


def extracted() -> Catalog:
    """All msgids in the sources, with the English that the catalogue has for them.

    Returns:
        A catalogue; what is new in it has no text yet.
    """
    known = read_catalogue()
    found = _empty(known.creation_date)
    for room in ROOMS:
        rows = extract_from_dir(SOURCES / room, _METHODS, _OPTIONS, _KEYWORDS)
        for path, _line, msgid, comments, context in rows:
            found.add(msgid, None, [(f"{room}/{path}", 0)], auto_comments=comments, context=context)
    for message in found:
        before = known.get(message.id) if message.id else None
        if before is not None and before.string:
            message.string = before.string
    return found


def read_catalogue() -> Catalog:
    """The English catalogue as it lies in the file.

    Returns:
        The catalogue, empty where there is no file yet.
    """
    if not CATALOGUE.exists():
        return _empty()
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def missing(catalogue: Catalog) -> list[str]:
    """Msgids without a usable English text.

    Args:
        catalogue: The English catalogue.

    Returns:
        The msgids, sorted.
    """
    return sorted(
        _msgid(message.id) for message in catalogue if message.id and not _is_translated(message.string)
    )


def compiled(catalogue: Catalog) -> bytes:
    """The catalogue as gettext reads it.

    Args:
        catalogue: The English catalogue.

    Returns:
        The bytes of a .mo file.
    """
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


@click.group()
def main() -> None:
    """Keep the English texts."""


@main.command()
def extract() -> None:
    """Bring the catalogue up to date with the sources and list what is not translated."""
    catalogue = extracted()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
    untranslated = missing(catalogue)
    for msgid in untranslated:
        click.echo(msgid)
    click.echo(f"{len(catalogue)} msgids, {len(untranslated)} without English", err=True)
    raise SystemExit(1 if untranslated else 0)


@main.command("compile")
def compile_() -> None:
    """Write the .mo file."""
    catalogue = read_catalogue()
    COMPILED.write_bytes(compiled(catalogue))
    click.echo(f"{len(catalogue)} msgids compiled", err=True)


def _empty(created: datetime | str | None = None) -> Catalog:
    # The dates stay, so that the file changes only where a text does.
    return Catalog(
        locale="en",
        project="Tangye",
        header_comment="# English texts of Tangye; the msgids are the Chinese ones.",
        creation_date=created,
        revision_date=created,
        last_translator="Tangye",
        language_team="English",
        msgid_bugs_address="the issue tracker",
        version="1",
        fuzzy=False,
    )


def _msgid(message_id: str | tuple[str, ...] | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _is_translated(text: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(text) if isinstance(text, str) or text is None else all(text)


if __name__ == "__main__":
    main()
