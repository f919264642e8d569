"""Past prescriptions held against another version of the rules, to see what it would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from tcm.knowledge import Knowledge
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_
from tcm.records.governance import RuleReplay
from tcm.records.permissions import Action, allows, demand
from tcm.records.roles import Actor
from tcm.review import SHIPPED, Case, RuleSet, Supply, check
from tcm.services.access import demand_same_form, look
from tcm.services.cases import LONGEST_SUPPLY_DAYS, case_of, days_left, lines_of
from tcm.services.comparing import Change, Tally, compare
from tcm.services.ruling import rule_set_of
from tcm.store.rule_queries import ReplayRow, count_signed, replays_of_version, signed_since, supplied_to
from tcm.store.work import Work

# Progress is written after so many, and so many at most are checked twice over after a crash.
BATCH = 200
FAILED = N_("重放时出错，没有结果，请再试一次。")
# Where a replay that is not finished stands; taken out of the result at its end.
_LAST_ID = "last_id"

Enqueue = Callable[[Work, int], None]


@dataclass(frozen=True)
class PastCase:
    """A signed prescription as it was on the day of its signature.

    Args:
        prescription_id: Its row.
        number: What people call it by.
        rules_version: Version of the rules it carries.
        case: What review reads.
    """

    prescription_id: int
    number: str
    rules_version: str
    case: Case


@dataclass(frozen=True)
class Batch:
    """The next prescriptions of a replay, read and not yet checked.

    Args:
        tried: The version that is tried.
        carried: The rules by the version that a prescription may carry.
        cases: At most BATCH; fewer where they are the last.
        last_id: The last row done before them.
        before: What was found before them.
    """

    tried: RuleSet
    carried: Mapping[str, RuleSet]
    cases: Sequence[PastCase]
    last_id: int
    before: Mapping[str, object]


def replayed(past: PastCase, carried: Mapping[str, RuleSet], tried: RuleSet, knowledge: Knowledge) -> Change:
    """Check a prescription twice: under the version it carries, and under the one that is tried.

    Args:
        past: The prescription.
        carried: The rules by version.
        tried: The version that is tried.
        knowledge: The rules' facts.

    Returns:
        What changes.
    """
    rules = carried[past.rules_version]
    return compare(check(past.case, knowledge, rules), check(past.case, knowledge, tried))


def rule_sets(work: Work) -> dict[str, RuleSet]:
    """Every version of the rules that a prescription may carry.

    Args:
        work: The unit of work.

    Returns:
        Rules by version, those as shipped included.
    """
    stored = {each.version: rule_set_of(each.version, each.settings) for each in work.rule_versions.all()}
    return {SHIPPED.version: SHIPPED, **stored}


def past_cases(work: Work, since: date, after_id: int) -> list[PastCase]:
    """The next signed prescriptions as they were on the days of their signatures.

    Args:
        work: The unit of work.
        since: Signed on this county day or later.
        after_id: Rows above this one.

    Returns:
        At most BATCH by row, in a fixed number of statements.
    """
    signed = signed_since(work.session, since, after_id=after_id, limit=BATCH)
    if not signed:
        return []
    patients = work.patients.by_ids(each.patient_id for each in signed)
    encounters = work.encounters.by_ids(each.encounter_id for each in signed)
    earliest = min(_signed_on(each) for each in signed)
    supplied_since = day_start(earliest - timedelta(days=LONGEST_SUPPLY_DAYS))
    supplied = supplied_to(work.session, patients.keys(), supplied_since)
    return [
        PastCase(
            prescription_id=each.key(),
            number=each.number or "",
            rules_version=each.rules_version,
            case=case_of(
                each,
                patients[each.patient_id],
                encounters[each.encounter_id],
                _signed_on(each),
                _left_of(supplied.get(each.patient_id, ()), each),
            ),
        )
        for each in signed
    ]


def ask_replay(
    work: Work, actor: Actor, rule_version_id: int, since: date, request_key: str, *, enqueue: Enqueue
) -> RuleReplay:
    """Ask what a version would change; the job is enqueued in the same transaction as the row.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.
        rule_version_id: The version to try, a draft or any other.
        since: Prescriptions signed on this county day or later.
        request_key: The form's own key.
        enqueue: Puts the job into the queue.

    Returns:
        The replay; the same one for the same key.

    Raises:
        NotFound: When there is no such version.
        Forbidden: For other roles.
        Invalid: When the key asked for a replay of another version.
    """
    version = work.rule_versions.get(rule_version_id)
    # The answer is drawn from every prescription of the county: one look at all of them.
    look(work, actor, _action_of(actor), "prescription", None)
    earlier = work.rule_replays.of_request(request_key)
    if earlier is not None:
        demand_same_form(made_there=earlier.rule_version_id == rule_version_id)
        return earlier
    replay = work.rule_replays.add(
        RuleReplay(
            rule_version_id=version.id or 0,
            asked_by_id=actor.staff_id,
            asked_at=work.now,
            since=since,
            request_key=request_key,
        )
    )
    enqueue(work, replay.id or 0)
    return replay


def replays_of(work: Work, actor: Actor, rule_version_id: int) -> list[ReplayRow]:
    """The replays of one version.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.
        rule_version_id: Which version.

    Returns:
        The replays, newest first.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, _action_of(actor))
    return replays_of_version(work.session, rule_version_id)


def open_replay(work: Work, actor: Actor, replay_id: int) -> RuleReplay:
    """One replay with what it has found.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.
        replay_id: Which.

    Returns:
        The replay; what it found is in `result` piece by piece while it runs.

    Raises:
        NotFound: When there is no such replay.
        Forbidden: For other roles.
    """
    # It names no patient, and the look at the prescriptions went on record when it was asked for.
    demand(actor, _action_of(actor))
    return work.rule_replays.get(replay_id)


def next_batch(work: Work, replay_id: int) -> Batch | None:
    """Read what a replay checks next, from where it stands; the first time its prescriptions are counted.

    Args:
        work: The unit of work.
        replay_id: Which.

    Returns:
        The batch, None where the replay is finished.
    """
    replay = work.rule_replays.get(replay_id)
    if replay.finished_at is not None:
        return None
    if not replay.total_count:
        replay.total_count = count_signed(work.session, replay.since)
    tried = work.rule_versions.get(replay.rule_version_id)
    last_id = int(str(replay.result.get(_LAST_ID, 0)))
    return Batch(
        tried=rule_set_of(tried.version, tried.settings),
        carried=rule_sets(work),
        cases=past_cases(work, replay.since, last_id),
        last_id=last_id,
        before=replay.result,
    )


def check_batch(batch: Batch, knowledge: Knowledge) -> Tally:
    """Check what was read; the database is not needed meanwhile.

    Args:
        batch: From `next_batch`.
        knowledge: The rules' facts.

    Returns:
        What is found with it and before it.
    """
    tally = Tally.from_dict(batch.before)
    for past in batch.cases:
        change = replayed(past, batch.carried, batch.tried, knowledge)
        tally.add(past.prescription_id, past.number, change)
    return tally


def keep_batch(work: Work, replay_id: int, batch: Batch, tally: Tally) -> None:
    """Write how far a replay is, and finish it after the last batch.

    Args:
        work: The unit of work.
        replay_id: Which.
        batch: What was checked; a batch that is kept already changes nothing.
        tally: From `check_batch`.
    """
    replay = work.rule_replays.get(replay_id)
    work.session.refresh(replay, with_for_update=True)
    if replay.finished_at is not None or replay.result.get(_LAST_ID, 0) != batch.last_id:
        return
    replay.checked_count = tally.checked
    # Some may have been signed since they were counted.
    replay.total_count = max(replay.total_count, tally.checked)
    replay.result = tally.to_dict()
    if len(batch.cases) == BATCH:
        replay.result = {**replay.result, _LAST_ID: batch.cases[-1].prescription_id}
    else:
        replay.total_count, replay.finished_at = tally.checked, work.now


def fail_replay(work: Work, replay_id: int, why: str) -> None:
    """A replay ended without an answer; a finished one stays as it is.

    Args:
        work: The unit of work.
        replay_id: Which.
        why: A sentence for who asked.
    """
    replay = work.rule_replays.get(replay_id)
    if replay.finished_at is None:
        replay.finished_at, replay.failure = work.now, why


def _action_of(actor: Actor) -> Action:
    """Those who draft and those who approve may try a version; the access log names by which right."""
    return Action.RULES_DRAFT if allows(actor, Action.RULES_DRAFT) else Action.RULES_APPROVE


def _signed_at(prescription: Prescription) -> datetime:
    if prescription.signed_at is None:
        raise ValueError("the prescription is not signed")
    return prescription.signed_at


def _signed_on(prescription: Prescription) -> date:
    return county_day(_signed_at(prescription))


def _left_of(supplied: Sequence[Prescription], prescription: Prescription) -> tuple[Supply, ...]:
    """What the patient still had of others when this one was signed."""
    on, before = _signed_on(prescription), _signed_at(prescription)
    supplies = [
        Supply(
            label=each.number or "",
            days_left=days_left(each.doses_count, each.doses_per_day, _signed_on(each), on),
            lines=lines_of(each.items),
            doses_per_day=each.doses_per_day,
        )
        for each in supplied
        if _signed_at(each) < before
    ]
    return tuple(each for each in supplies if each.days_left > 0)
