"""Two people with one version of the rules at one moment, on both databases."""

import threading
import time
from collections.abc import Callable

from tcm.records.errors import Refused, Stale
from tcm.records.governance import RuleVersion, Standing
from tcm.records.roles import Actor
from tcm.review import RuleSetting
from tcm.services import ruling
from tcm.store.work import Work
from tests.tcm.county import KNOWLEDGE, County
from tests.tcm.ruled import EXCLUDED_ON, FEW_HERBS, approved, drafted, now


def test_of_two_who_approve_the_same_draft_at_once_one_wins(county: County) -> None:
    version = drafted(county)
    answers = _at_once(county, _approval(county.manager, version), _approval(county.colleague, version))
    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "RuleVersion"]
    [winner] = [answer for answer in answers if isinstance(answer, RuleVersion)]
    assert now(county, version).approved_by_id == winner.approved_by_id


def test_of_two_drafts_approved_at_once_one_is_in_force(county: County) -> None:
    former = approved(county, drafted(county))
    one, other = drafted(county, FEW_HERBS), drafted(county, {}, county.colleague)
    answers = _at_once(county, _approval(county.manager, one), _approval(county.pharmacist, other))
    won = [answer for answer in answers if isinstance(answer, RuleVersion)]
    assert len(won) >= 1
    assert {type(answer) for answer in answers} <= {RuleVersion, Stale}
    with county.work() as work:
        [in_force] = work.rule_versions.in_force([county.centre.id or 0])
    assert in_force.id in [version.id for version in won]
    assert now(county, former).standing is Standing.RETIRED


def test_of_two_who_save_the_same_draft_at_once_neither_overwrites_the_other(county: County) -> None:
    version = drafted(county, {})
    county.watch.pass_(seconds=5)
    answers = _at_once(
        county,
        lambda work: _save(work, county.pharmacist, version, EXCLUDED_ON),
        lambda work: _save(work, county.colleague, version, FEW_HERBS),
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Invalid", "RuleVersion"]
    [kept] = [answer for answer in answers if isinstance(answer, RuleVersion)]
    stored = now(county, version)
    assert (stored.settings, stored.made_by_id) == (kept.settings, kept.made_by_id)


def _approval(actor: Actor, version: RuleVersion) -> Callable[[Work], RuleVersion]:
    return lambda work: ruling.put_in_force(work, actor, KNOWLEDGE, version.id or 0)


def _save(work: Work, actor: Actor, version: RuleVersion, settings: dict[str, RuleSetting]) -> RuleVersion:
    # On PostgreSQL both have read the draft before either writes it.
    work.rule_versions.get(version.id or 0)
    time.sleep(0.2)
    return ruling.change(work, actor, KNOWLEDGE, version.id or 0, settings, "", seen=version.made_at)


def _at_once(county: County, *attempts: Callable[[Work], RuleVersion]) -> list[RuleVersion | Refused]:
    together = threading.Barrier(len(attempts))
    answers: list[RuleVersion | Refused] = []

    def run(attempt: Callable[[Work], RuleVersion]) -> None:
        together.wait(10)
        try:
            with county.store.work(county.watch) as work:
                done = attempt(work)
                work.commit()
            answers.append(done)
        except Refused as refusal:
            answers.append(refusal)

    threads = [threading.Thread(target=run, args=(attempt,)) for attempt in attempts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == len(attempts)
    return answers
