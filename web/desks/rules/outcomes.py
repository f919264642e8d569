"""What a replay found, as the pages show it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from tcm.records.roles import Actor
from tcm.review import SEVERITIES, Severity
from tcm.services import replaying
from tcm.services.comparing import MOST_CHANGED
from tcm.store.rule_queries import ReplayRow, VersionRow
from tcm.store.work import Work
from web.desks.rules.shown import title_of
from web.house import current_house


@dataclass(frozen=True)
class VerdictChange:
    """How many prescriptions go from one verdict to another.

    Args:
        was: Severity under the rules they carry.
        would_be: Severity under the version tried.
        count: Prescriptions.
    """

    was: str
    would_be: str
    count: int

    @property
    def tone(self) -> str:
        """`stricter`, `milder`, or nothing where it stays."""
        step = _rank(self.would_be) - _rank(self.was)
        return "stricter" if step > 0 else "milder" if step < 0 else ""


@dataclass(frozen=True)
class Outcome:
    """What a finished replay found, as a page shows it.

    Args:
        verdicts: Verdicts that change, the strictest first; then those that stay.
        verdict_changes: Prescriptions whose verdict changes.
        by_rule: Title, id, prescriptions with the rule's finding added, and removed.
        changed: Of each changed prescription its row, number, verdicts and rules.
        is_cut: Whether more changed than are listed.
    """

    verdicts: list[VerdictChange]
    verdict_changes: int
    by_rule: list[tuple[str, str, int, int]]
    changed: list[Mapping[str, Any]]
    is_cut: bool


def outcome_of(result: Mapping[str, Any]) -> Outcome:
    """A replay's result as a page shows it.

    Args:
        result: Of a finished replay.

    Returns:
        The outcome, with titles in the reader's language.
    """
    facts = current_house().knowledge.rules
    pairs = {tuple(key.split("->")): count for key, count in result.get("verdicts", {}).items()}
    verdicts = [VerdictChange(was, would_be, count) for (was, would_be), count in pairs.items()]
    verdicts.sort(key=lambda each: (not each.tone, -_rank(each.would_be), -_rank(each.was)))
    changed = result.get("changed", [])
    return Outcome(
        verdicts=verdicts,
        verdict_changes=sum(each.count for each in verdicts if each.tone),
        by_rule=[
            (title_of(facts[rule]) if rule in facts else rule, rule, counts["added"], counts["removed"])
            for rule, counts in result.get("by_rule", {}).items()
        ],
        changed=changed,
        is_cut=len(changed) >= MOST_CHANGED,
    )


def newest_outcome(open_work: Work, actor: Actor, rule_version_id: int) -> tuple[ReplayRow, Outcome] | None:
    """What the last finished replay of a version found.

    Args:
        open_work: The unit of work.
        actor: Who asks.
        rule_version_id: Which version.

    Returns:
        The replay and its outcome, None where none has finished.

    Raises:
        Forbidden: For those who may neither draft nor approve.
    """
    rows = replaying.replays_of(open_work, actor, rule_version_id)
    row = next((row for row in rows if row.finished_at is not None and not row.failure), None)
    if row is None:
        return None
    return row, outcome_of(replaying.open_replay(open_work, actor, row.replay_id).result)


def is_outdated(version: VersionRow, row: ReplayRow) -> bool:
    """Whether a version was changed after a replay of it was asked for."""
    return row.asked_at < version.made_at


def _rank(severity: str) -> int:
    return SEVERITIES.index(cast(Severity, severity))
