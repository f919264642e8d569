"""`tangye review`: hold prescriptions against the rules, one JSON line each."""

import json
import sys
from collections.abc import Iterator
from datetime import datetime
from typing import BinaryIO

import click

from tcm.knowledge import load
from tcm.review import SHIPPED, RuleSet
from web.review_contract import MOST_LINE_BYTES, Unreadable, answer_of, label_of, read_prescription

_LONGEST_SHOWN = 40


@click.command()
@click.argument("file", type=click.File("rb"), metavar="[FILE.jsonl]", required=False)
@click.option(
    "--rules",
    "version",
    metavar="VERSION",
    help="A version of the rules kept in the database, or `shipped`. Without FILE, past prescriptions are "
    "held against it, to show what it would change.",
)
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Without FILE: prescriptions signed on this day or later.",
)
def review(file: BinaryIO | None, version: str | None, since: datetime | None) -> None:
    """Review prescriptions from FILE.jsonl (or - for standard input).

    One JSON line per prescription, in order. A line that cannot be read answers {"id" or "line", "error"};
    the run goes on and exits 2 at the end.
    """
    if file is None:
        _replay(version, since)
    elif since is not None:
        raise click.UsageError("--since is for past prescriptions, without FILE")
    else:
        _review_lines(file, _rule_set(version))


def _replay(version: str | None, since: datetime | None) -> None:
    if version is None:
        raise click.UsageError("name a FILE.jsonl, or a VERSION to hold past prescriptions against")
    # Opens the database, which a file held against the shipped rules never needs.
    from web.cli.replay import replay_past  # noqa: PLC0415

    replay_past(version, None if since is None else since.date())


def _rule_set(version: str | None) -> RuleSet:
    """The shipped rules, or a version from the database; an unknown one ends the command."""
    if version is None or version == SHIPPED.version:
        return SHIPPED
    # As above: the database is opened only when a version is asked of it.
    from tcm.services.ruling import rule_set_of  # noqa: PLC0415
    from tcm.store.engine import open_store  # noqa: PLC0415
    from web.cli.doors import give_up, ready_store  # noqa: PLC0415

    store = ready_store(open_store, migrate=False)
    with store.work() as work:
        kept = work.rule_versions.by_version(version)
    store.close()
    if kept is None:
        give_up(f"there is no version {version[:_LONGEST_SHOWN]!r} of the rules")
    return rule_set_of(kept.version, kept.settings)


def _review_lines(file: BinaryIO, rule_set: RuleSet) -> None:
    knowledge = load()
    unreadable = 0
    for number, raw in _lines(file):
        try:
            answer = answer_of(read_prescription(raw), knowledge, rule_set)
        except Unreadable as error:
            unreadable += 1
            answer = {**label_of(raw, number), "error": str(error)}
        click.echo(json.dumps(answer, ensure_ascii=False))
    if unreadable:
        click.echo(f"{unreadable} lines could not be read", err=True)
        sys.exit(2)


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of every line that is not blank; of a line too long, only its beginning."""
    number = 0
    while raw := file.readline(MOST_LINE_BYTES + 1):
        number += 1
        if len(raw) > MOST_LINE_BYTES and not raw.endswith(b"\n"):
            while (rest := file.readline(MOST_LINE_BYTES)) and not rest.endswith(b"\n"):
                pass
        if raw.strip(b"\xef\xbb\xbf \t\r\n"):
            yield number, raw
