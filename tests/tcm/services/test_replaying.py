"""Past prescriptions under another version of the rules: compared, counted, resumed; no patient is named."""

import json
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.governance import RuleReplay, RuleVersion
from tcm.records.people import Patient
from tcm.records.roles import Role
from tcm.review import Finding, RuleSetting, Severity, verdict
from tcm.services import replaying, reviewing, ruling
from tcm.services.comparing import MOST_CHANGED, Change, Tally, compare
from tcm.services.prescribing import ItemDraft
from tcm.services.replaying import past_cases, replayed, rule_sets
from tcm.services.ruling import rule_set_of
from tcm.store.work import Work
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import ADDRESS, DAY, FOUR_GENTLEMEN, ID_NUMBER, KNOWLEDGE, NAME, PHONE, County, draft
from web.jobs.replaying import Replayer

FEW_HERBS = {"herb_count": RuleSetting(severity="return", parameters={"most_herbs": 5.0})}
SIX_HERBS = (*FOUR_GENTLEMEN, ItemDraft("陈皮", 9.0), ItemDraft("山药", 15.0))


def finding(
    rule: str, severity: Severity = "warn", herbs: tuple[str, ...] = (), *, signed: bool = False
) -> Finding:
    return Finding(rule, severity, herbs, rule, "", "", "", "", "", signed=signed)


def tried(county: County, settings: dict[str, RuleSetting] | None = None) -> RuleVersion:
    version = county.do(ruling.begin, county.pharmacist, county.new_key())
    chosen = FEW_HERBS if settings is None else settings
    return county.do(ruling.change, county.pharmacist, KNOWLEDGE, version.id or 0, chosen, "")


def asked(county: County, version: RuleVersion, since: date = DAY) -> RuleReplay:
    return county.do(
        replaying.ask_replay,
        county.pharmacist,
        version.id or 0,
        since,
        county.new_key(),
        enqueue=enqueue_nothing,
    )


def run(county: County, replay: RuleReplay) -> RuleReplay:
    Replayer(county.store, county.watch, KNOWLEDGE).run(replay.id or 0)
    return opened(county, replay)


def opened(county: County, replay: RuleReplay) -> RuleReplay:
    return county.do(replaying.open_replay, county.manager, replay.id or 0)


def line(prescription: Prescription, was: str, would_be: str, **rules: list[str]) -> dict[str, object]:
    named = {"prescription_id": prescription.id, "number": prescription.number}
    return {**named, "was": was, "would_be": would_be, "added": [], "removed": [], **rules}


findings = st.lists(
    st.builds(
        finding,
        st.sampled_from(["overdose", "ddi", "duplicate"]),
        st.sampled_from([each for each in get_args(Severity) if each != "none"]),
        st.sampled_from([(), ("甘草",), ("党参", "藜芦")]),
        signed=st.booleans(),
    ),
    max_size=5,
)


@given(findings)
def test_the_same_findings_in_another_order_change_nothing(found: list[Finding]) -> None:
    change = compare(found, reversed(found))
    assert (change.is_any, change.was, change.would_be) == (False, verdict(found), verdict(found))


@given(findings, findings)
def test_the_way_back_takes_away_what_the_way_there_adds(one: list[Finding], other: list[Finding]) -> None:
    there, back = compare(one, other), compare(other, one)
    assert (back.was, back.would_be) == (there.would_be, there.was)
    assert (back.added, back.removed) == (there.removed, there.added)


@given(findings, findings)
def test_verdicts_differ_only_where_a_finding_does(one: list[Finding], other: list[Finding]) -> None:
    change = compare(one, other)
    assert change.is_any or change.was == change.would_be


@given(findings, findings)
def test_an_added_rule_finds_something_and_a_removed_one_did(
    one: list[Finding], other: list[Finding]
) -> None:
    change = compare(one, other)
    assert set(change.added) <= {each.rule for each in other}
    assert set(change.removed) <= {each.rule for each in one}


def test_a_finding_that_only_grows_stricter_is_added_and_removed() -> None:
    change = compare([finding("herb_count")], [finding("herb_count", "return"), finding("ddi")])
    assert change == Change("warn", "return", added=("ddi", "herb_count"), removed=("herb_count",))


def test_a_second_signature_that_would_no_longer_answer_is_a_change() -> None:
    signed, blocked = finding("overdose", "sign", signed=True), finding("overdose", "block", signed=False)
    assert compare([signed], [blocked]) == Change("warn", "block", ("overdose",), ("overdose",))


changes = st.builds(compare, findings, findings)


@given(st.lists(changes, max_size=12), st.integers(0, 12))
def test_a_tally_written_and_read_in_the_middle_counts_as_one_without_a_break(
    seen: list[Change], middle: int
) -> None:
    whole, first = Tally(), Tally()
    for number, change in enumerate(seen):
        whole.add(number, f"{number}", change)
    for number, change in enumerate(seen[:middle]):
        first.add(number, f"{number}", change)
    second = Tally.from_dict(json.loads(json.dumps(first.to_dict())))
    for number, change in enumerate(seen[middle:], start=len(seen[:middle])):
        second.add(number, f"{number}", change)
    assert second.to_dict() == whole.to_dict()
    assert sum(whole.verdicts.values()) == whole.checked == len(seen)


def test_a_tally_lists_the_first_changed_and_counts_them_all() -> None:
    tally, change = Tally(), compare([], [finding("ddi")])
    for number in range(MOST_CHANGED + 20):
        tally.add(number, f"{number}", change)
    told = tally.to_dict()
    assert [each["prescription_id"] for each in tally.changed] == list(range(MOST_CHANGED))
    assert told["verdicts"] == {"none->warn": MOST_CHANGED + 20}
    assert told["by_rule"] == {"ddi": {"added": MOST_CHANGED + 20, "removed": 0}}


def test_a_replay_shows_what_a_draft_would_change(county: County) -> None:
    small = county.signed()
    large = county.signed(draft(SIX_HERBS), county.visited(another(county)))
    before = county.now(large)
    done = run(county, asked(county, tried(county)))
    assert done.result == {
        "checked": 2,
        "changed": [line(large, "none", "return", added=["herb_count"])],
        "verdicts": {"none->none": 1, "none->return": 1},
        "by_rule": {"herb_count": {"added": 1, "removed": 0}},
    }
    assert (done.checked_count, done.total_count, done.failure) == (2, 2, "")
    assert done.finished_at is not None
    # Nothing happens to what was replayed.
    assert vars(county.now(large))["version"] == before.version
    assert county.story(small) == ["signed"]


def test_each_prescription_is_held_against_the_version_it_carries(county: County) -> None:
    first = tried(county, {"herb_count": RuleSetting(parameters={"most_herbs": 5.0})})
    shipped = county.signed(draft(SIX_HERBS))
    county.do(ruling.put_in_force, county.manager, KNOWLEDGE, first.id or 0)
    carrying = county.signed(draft(SIX_HERBS), county.visited(another(county)))
    assert carrying.rules_version == first.version
    done = run(county, asked(county, first))
    assert done.result["changed"] == [line(shipped, "none", "warn", added=["herb_count"])]
    back = run(county, asked(county, tried(county, {})))
    assert back.result["changed"] == [line(carrying, "warn", "none", removed=["herb_count"])]


def test_a_patient_is_as_old_as_on_the_day_of_the_signature(county: County) -> None:
    # 74 until the next day; rules for the old begin at 75.
    nearly = county.registered(born_on=DAY.replace(year=DAY.year - 75) + timedelta(days=1), id_number="")
    toxic = (*FOUR_GENTLEMEN, ItemDraft("附片", 15.0, "先煎"))
    signed = county.signed(draft(toxic), county.visited(nearly))
    version = tried(county, {"elderly_dose": RuleSetting(severity="return")})
    county.watch.pass_(days=400)
    assert run(county, asked(county, version)).result["changed"] == []
    earlier = tried(county, {"elderly_dose": RuleSetting(parameters={"from_years": 74.0})})
    assert run(county, asked(county, earlier)).result["changed"] == [
        line(signed, "none", "warn", added=["elderly_dose"])
    ]


def test_what_the_patient_had_left_of_others_that_day_is_read_again(county: County) -> None:
    first = county.signed(draft(doses_count=7))
    county.watch.pass_(days=3)
    second = county.signed(draft(doses_count=7))
    county.watch.pass_(days=60)
    strict = tried(county, {"repeated_supply": RuleSetting(severity="return")})
    done = run(county, asked(county, strict))
    assert done.result["changed"] == [
        line(second, "warn", "return", added=["repeated_supply"], removed=["repeated_supply"])
    ]
    assert first.id != second.id


def test_what_went_back_to_its_doctor_is_left_out_until_it_is_signed_again(county: County) -> None:
    prescription = county.claimed(county.signed(draft(SIX_HERBS)))
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        KNOWLEDGE,
        prescription.key(),
        prescription.version,
        "other",
    )
    county.drafted()
    version = tried(county)
    assert run(county, asked(county, version)).checked_count == 0
    county.sign(county.now(prescription))
    assert run(county, asked(county, version)).checked_count == 1


@pytest.mark.parametrize(
    ("since", "checked"),
    [(DAY - timedelta(days=9), 2), (DAY, 2), (DAY + timedelta(days=1), 1), (DAY + timedelta(days=2), 0)],
)
def test_a_replay_begins_with_the_county_day_it_is_asked_from(
    county: County, since: date, checked: int
) -> None:
    county.signed()
    # Half past midnight in the county, still the day before in UTC.
    county.watch.now = county.watch.now.replace(hour=16, minute=30)
    county.signed(visit=county.visited(another(county)))
    done = run(county, asked(county, tried(county), since))
    assert (done.checked_count, done.total_count) == (checked, checked)


def test_the_first_day_of_the_calendar_is_a_day_to_begin_with(county: County) -> None:
    county.signed()
    assert run(county, asked(county, tried(county), date.min)).checked_count == 1


def test_the_same_form_asks_once_and_for_one_version_only(county: County) -> None:
    version, key, sent = tried(county), county.new_key(), Counter[int]()

    def enqueue(_work: Work, replay_id: int) -> None:
        sent[replay_id] += 1

    def ask(which: RuleVersion) -> RuleReplay:
        return county.do(replaying.ask_replay, county.pharmacist, which.id or 0, DAY, key, enqueue=enqueue)

    first = ask(version)
    assert (ask(version).id, sent) == (first.id, {first.id: 1})
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        ask(tried(county))


def test_those_who_draft_or_approve_may_ask_and_the_look_is_on_record_once(county: County) -> None:
    version = tried(county)
    for role, actor in county.actors.items():
        before = len(county.looks())

        def ask(by=actor) -> RuleReplay:  # type: ignore[no-untyped-def]
            return county.do(
                replaying.ask_replay, by, version.id or 0, DAY, county.new_key(), enqueue=enqueue_nothing
            )

        allowed = role in (Role.PHARMACIST, Role.MANAGER)
        if allowed:
            assert ask().asked_by_id == actor.staff_id
        else:
            with pytest.raises(Forbidden):
                ask()
            with pytest.raises(Forbidden):
                county.do(replaying.replays_of, actor, version.id or 0)
            with pytest.raises(Forbidden):
                county.do(replaying.open_replay, actor, 1)
        action = "rules.draft" if role is Role.PHARMACIST else "rules.approve"
        assert county.looks()[before:] == [(actor.staff_id, action, "prescription", None, allowed)]


def test_what_is_not_there_is_not_found(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个规则版本"):
        county.do(replaying.ask_replay, county.manager, 999, DAY, "key", enqueue=enqueue_nothing)
    with pytest.raises(NotFound, match="没有这次重放"):
        county.do(replaying.open_replay, county.manager, 999)


def test_replays_of_a_version_are_listed_newest_first_in_one_statement(county: County) -> None:
    version, other = tried(county), tried(county)
    first = asked(county, version)
    one = _statements(county, lambda: county.do(replaying.replays_of, county.manager, version.id or 0))
    second = run(county, asked(county, version))
    asked(county, other)
    asked(county, version)
    three = _statements(county, lambda: county.do(replaying.replays_of, county.manager, version.id or 0))
    rows = county.do(replaying.replays_of, county.manager, version.id or 0)
    assert one == three
    assert [row.replay_id for row in rows][1:] == [second.id, first.id]
    assert [(row.asked_by, row.finished_at is None) for row in rows] == [
        ("陈半夏", True),
        ("陈半夏", False),
        ("陈半夏", True),
    ]


def test_a_replay_goes_on_behind_the_last_batch_that_was_kept(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "BATCH", 2)
    signed = [county.signed(draft(SIX_HERBS), county.visited(another(county))) for _ in range(5)]
    replay = asked(county, tried(county))
    replayer = Replayer(county.store, county.watch, KNOWLEDGE)
    key = replay.id or 0
    with county.work() as work:
        batch = replaying.next_batch(work, key)
        work.commit()
    assert batch is not None
    tally = replaying.check_batch(batch, KNOWLEDGE)
    for _ in range(2):
        # A batch that is kept twice counts once: the second time the row stands behind it.
        with county.work() as work:
            replaying.keep_batch(work, key, batch, tally)
            work.commit()
    half = opened(county, replay)
    assert (half.checked_count, half.total_count, half.finished_at) == (2, 5, None)
    replayer.run(key)
    done = opened(county, replay)
    assert (done.checked_count, done.total_count) == (5, 5)
    assert [each["prescription_id"] for each in done.result["changed"]] == [  # type: ignore[attr-defined]
        each.id for each in signed
    ]
    assert done.result["verdicts"] == {"none->return": 5}
    assert set(done.result) == {"checked", "changed", "verdicts", "by_rule"}
    replayer.run(key)
    assert opened(county, replay).finished_at == done.finished_at


def test_a_replay_that_breaks_says_so_and_can_be_asked_again(county: County) -> None:
    prescription = county.signed()
    version = tried(county)
    with county.work() as work:
        work.prescriptions.get(prescription.key()).rules_version = "lost"
        work.commit()
    replay = asked(county, version)
    with pytest.raises(KeyError):
        run(county, replay)
    broken = opened(county, replay)
    assert broken.finished_at is not None
    assert broken.failure == "重放时出错，没有结果，请再试一次。"
    with county.work() as work:
        work.prescriptions.get(prescription.key()).rules_version = "shipped"
        work.commit()
    assert run(county, asked(county, version)).failure == ""
    assert run(county, replay).failure == broken.failure


def test_nothing_of_a_patient_is_in_the_result(county: County) -> None:
    county.signed(draft(SIX_HERBS))
    told = json.dumps(run(county, asked(county, tried(county))).result, ensure_ascii=False)
    secrets = (NAME, PHONE, ID_NUMBER, ADDRESS, "泄泻", "脾胃气虚", "党参")
    assert [secret for secret in secrets if secret in told] == []


def test_a_batch_is_read_in_as_many_statements_for_one_prescription_as_for_three(county: County) -> None:
    county.signed()
    one = _statements(county, lambda: _read(county))
    for _ in range(2):
        county.signed(visit=county.visited(another(county)))
    assert _statements(county, lambda: _read(county)) == one


def test_the_same_person_registered_in_two_houses_is_one_patient_in_a_replay(county: County) -> None:
    twin = county.registered()
    stranger = county.registered(id_number="")
    county.signed(draft(doses_count=7))
    county.watch.pass_(days=1)
    of_twin = county.signed(draft(doses_count=7), county.visited(twin))
    county.watch.pass_(days=1)
    of_stranger = county.signed(draft(doses_count=7), county.visited(stranger))
    left = {each.prescription_id: each.case.earlier for each in _read(county)}
    assert [each.days_left for each in left[of_twin.key()]] == [6.0]
    assert left[of_stranger.key()] == ()


def test_a_replay_under_the_version_carried_changes_nothing(county: County) -> None:
    county.signed(draft(SIX_HERBS))
    with county.work() as work:
        carried = rule_sets(work)
        [past] = past_cases(work, DAY, 0)
    same = rule_set_of("same", {})
    assert not replayed(past, carried, carried["shipped"], KNOWLEDGE).is_any
    assert not replayed(past, carried, same, KNOWLEDGE).is_any


def another(county: County) -> Patient:
    """Somebody who was never here before."""
    return county.registered(id_number="")


def _read(county: County) -> list[replaying.PastCase]:
    with county.work() as work:
        return past_cases(work, DAY, 0)


def _statements(county: County, use_case: Callable[[], object]) -> int:
    with county.counted() as sent:
        use_case()
    return len(sent)
