"""`tangye review --rules VERSION` without a file: past prescriptions held against a version of the rules."""

import json
from collections.abc import Iterable, Mapping
from datetime import date

import click

from tcm.knowledge import load
from tcm.review import RuleSet
from tcm.services.comparing import Tally, line_of
from tcm.services.replaying import PastCase, past_cases, replayed, rule_sets
from tcm.store.engine import open_store
from web.cli.doors import give_up, ready_store

_LONGEST_SHOWN = 40


def replay_past(version: str, since: date | None) -> None:
    """Print one JSON line for each signed prescription that a version would change, and what it comes to.

    The last line, on standard error, counts verdicts and rules. A version that is not there, be it the one
    asked for or one that a prescription carries, ends the command with one line and status 2.

    Args:
        version: Name of the version, or `shipped`.
        since: Prescriptions signed on this county day or later, None for all.
    """
    store = ready_store(open_store, migrate=False)
    with store.work() as work:
        carried = rule_sets(work)
    tried = carried.get(version)
    if tried is None:
        shown = version if len(version) <= _LONGEST_SHOWN else f"{version[:_LONGEST_SHOWN]}..."
        give_up(f"there is no version {shown!r} of the rules")
    knowledge, tally, changed, last_id = load(), Tally(), 0, 0
    while True:
        # Work by work, so that the database is free for others while a batch is checked.
        with store.work() as work:
            cases = past_cases(work, since or date.min, last_id)
            # Again each time: a version may come into force, and be signed under, while this runs.
            carried = rule_sets(work)
        if not cases:
            break
        _demand_known(cases, carried)
        for past in cases:
            change = replayed(past, carried, tried, knowledge)
            tally.add(past.prescription_id, past.number, change)
            if change.is_any:
                changed += 1
                line = line_of(past.prescription_id, past.number, change)
                click.echo(json.dumps(line, ensure_ascii=False))
        last_id = cases[-1].prescription_id
    store.close()
    click.echo(json.dumps({"version": version, **tally.to_dict(), "changed": changed}), err=True)


def _demand_known(cases: Iterable[PastCase], carried: Mapping[str, RuleSet]) -> None:
    lost = next((past for past in cases if past.rules_version not in carried), None)
    if lost is not None:
        give_up(
            f"{lost.number} was signed under {lost.rules_version!r}, a version that is not there any more"
        )
