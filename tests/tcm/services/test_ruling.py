"""Versions of the rules: drafted by one person, put in force by another, kept with who and when."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.governance import RuleVersion, Standing
from tcm.records.people import Staff
from tcm.records.roles import Actor, Role
from tcm.review import SHIPPED, RuleSet, RuleSetting
from tcm.review.rule_set import RulesInUse
from tcm.services import ruling
from tcm.services.rule_settings import differing
from tcm.services.ruling import rule_set_of, rules_for, rules_of
from tests.tcm.county import DAY, KNOWLEDGE, County, draft
from tests.tcm.ruled import EXCLUDED_ON, FEW_HERBS, approved, begun, changed, drafted, now


def hospital_pharmacist(county: County) -> Actor:
    with county.work() as work:
        staff = Staff(
            institution_id=county.hospital.id or 0,
            username="fang",
            password_hash="",
            name="方杜仲",
            role=Role.PHARMACIST,
        )
        work.staff.add(staff)
        work.commit()
        return staff.actor


def test_without_a_version_the_rules_are_as_shipped(county: County) -> None:
    seen = county.do(ruling.overview, county.doctor)
    assert (seen.versions, seen.in_force) == ((), None)
    with county.work() as work:
        assert rules_for(work, county.hospital.id or 0) is SHIPPED


def test_a_draft_is_named_by_the_county_day_and_counted(county: County) -> None:
    assert [begun(county).version, begun(county).version] == ["2026-11-21.1", "2026-11-21.2"]
    # Past midnight in the county, not yet in UTC.
    county.watch.now = county.watch.now.replace(hour=16, minute=5)
    assert begun(county).version == "2026-11-22.1"


def test_the_tenth_draft_of_a_day_follows_the_ninth(county: County) -> None:
    names = [begun(county).version for _ in range(11)]
    assert names == [f"2026-11-21.{number}" for number in range(1, 12)]


def test_the_same_form_begins_one_draft_and_no_other_house_finds_it(county: County) -> None:
    key = county.new_key()
    first = county.do(ruling.begin, county.pharmacist, key)
    again = county.do(ruling.begin, county.pharmacist, key)
    assert (again.id, len(county.do(ruling.overview, county.pharmacist).versions)) == (first.id, 1)
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        county.do(ruling.begin, hospital_pharmacist(county), key)


def test_a_draft_begins_with_what_holds_where_its_drafter_works(county: County) -> None:
    approved(county, drafted(county, EXCLUDED_ON | FEW_HERBS))
    own = begun(county, hospital_pharmacist(county))
    assert rule_set_of(own.version, own.settings).settings == EXCLUDED_ON | FEW_HERBS
    assert (own.institution_id, own.standing, own.note) == (county.hospital.id, Standing.DRAFT, "")


def test_what_is_as_shipped_is_not_kept(county: County) -> None:
    settings = {
        "insurance_excluded": RuleSetting(enabled=False),
        "incompat_18": RuleSetting(enabled=True, severity="sign"),
        "herb_count": RuleSetting(parameters={"most_herbs": 24.0}),
        "duplicate": RuleSetting(enabled=True, severity="warn"),
        "child_dose": RuleSetting(parameters={"infant_factor": 0.25, "small_factor": 0.4}),
    }
    kept = drafted(county, settings)
    assert now(county, kept).settings == {
        "duplicate": {"enabled": None, "severity": "warn", "parameters": {}},
        "child_dose": {"enabled": None, "severity": None, "parameters": {"small_factor": 0.4}},
    }


@pytest.mark.parametrize(
    ("rule", "setting", "sentence"),
    [
        ("incompat_18", RuleSetting(enabled=False), "“十八反”出自法规，不能停用。"),
        ("incompat_19", RuleSetting(severity="warn"), "“十九畏”不能设得比规定的最低级别更轻。"),
        ("herb_count", RuleSetting(severity="none"), "“药味数”不能设得比规定的最低级别更轻。"),
        ("moon_phase", RuleSetting(enabled=True), "没有名为“moon_phase”的审核规则。"),
        ("herb_count", RuleSetting(parameters={"least": 3.0}), "“药味数”没有名为“least”的参数。"),
        (
            "herb_count",
            RuleSetting(parameters={"most_herbs": 61.0}),
            "“药味数”的“每方至多药味数”须在 5 到 60 之间。",
        ),
        (
            "herb_count",
            RuleSetting(parameters={"most_herbs": float("nan")}),
            "“药味数”的“每方至多药味数”须在 5 到 60 之间。",
        ),
        (
            "price_ceiling",
            RuleSetting(parameters={"ceiling_fen": float("inf")}),
            "“每剂金额”的“每剂参考金额上限，0为不设”须在 0 到 1000000 之间。",
        ),
    ],
)
def test_a_setting_that_is_not_allowed_is_refused_by_name_and_nothing_is_kept(
    county: County, rule: str, setting: RuleSetting, sentence: str
) -> None:
    version = drafted(county)
    with pytest.raises(Invalid) as refusal:
        changed(county, version, {**FEW_HERBS, rule: setting})
    assert str(refusal.value) == sentence
    assert now(county, version).settings == version.settings


def test_a_note_is_bounded(county: County) -> None:
    version = begun(county)
    with pytest.raises(Invalid, match="说明最多 400 个字"):
        county.do(ruling.change, county.pharmacist, KNOWLEDGE, version.id or 0, {}, "长" * 401)
    county.do(ruling.change, county.pharmacist, KNOWLEDGE, version.id or 0, {}, " " + "长" * 399)
    assert now(county, version).note == "长" * 399


def test_an_approved_version_holds_for_the_county_until_the_next_retires_it(county: County) -> None:
    first = approved(county, drafted(county))
    assert (first.standing, first.approved_by_id) == (Standing.IN_FORCE, county.manager.staff_id)
    assert first.approved_at == county.watch.now
    with county.work() as work:
        assert rules_for(work, county.hospital.id or 0) == RuleSet(first.version, EXCLUDED_ON)
    second = approved(county, drafted(county, FEW_HERBS))
    former = now(county, first)
    assert (former.standing, former.retired_at) == (Standing.RETIRED, second.approved_at)
    assert (former.approved_by_id, former.approved_at) == (county.manager.staff_id, first.approved_at)
    with county.work() as work:
        assert rules_for(work, county.hospital.id or 0) == RuleSet(second.version, FEW_HERBS)


def test_a_house_with_a_version_of_its_own_keeps_it_and_the_centre_keeps_its_own(county: County) -> None:
    centre = approved(county, drafted(county))
    own = approved(county, drafted(county, FEW_HERBS, hospital_pharmacist(county)), county.pharmacist)
    assert now(county, centre).standing is Standing.IN_FORCE
    with county.work() as work:
        assert rules_for(work, county.hospital.id or 0).version == own.version
        assert rules_for(work, county.other_hospital.id or 0).version == centre.version
    assert _holds(county, county.doctor) == own.version
    assert _holds(county, county.foreign_doctor) == centre.version


def test_a_version_without_settings_goes_back_to_the_shipped_rules_by_name(county: County) -> None:
    approved(county, drafted(county))
    back = approved(county, drafted(county, {}))
    with county.work() as work:
        assert rules_for(work, county.hospital.id or 0) == RuleSet(back.version)


def test_the_drafter_does_not_approve_and_neither_does_who_changed_it_last(county: County) -> None:
    version = drafted(county)
    with pytest.raises(Forbidden, match="起草人不能批准自己起草的规则"):
        approved(county, version, county.pharmacist)
    taken_over = changed(county, version, FEW_HERBS, county.colleague)
    assert taken_over.made_by_id == county.colleague.staff_id
    with pytest.raises(Forbidden, match="起草人不能批准自己起草的规则"):
        approved(county, version, county.colleague)
    assert approved(county, version, county.pharmacist).approved_by_id == county.pharmacist.staff_id


def test_a_pharmacist_approves_only_with_the_reviewers_qualification(county: County) -> None:
    version = drafted(county)
    for unqualified in (county.novice, county.untrained):
        with pytest.raises(Forbidden, match="三年以上调剂经历并经培训考核合格"):
            approved(county, version, unqualified)
    assert approved(county, version, county.colleague).standing is Standing.IN_FORCE


def test_what_was_changed_after_it_was_read_is_not_approved(county: County) -> None:
    version = drafted(county)
    changed(county, version, FEW_HERBS)
    with pytest.raises(Invalid, match="又改动过"):
        county.do(ruling.put_in_force, county.manager, KNOWLEDGE, version.id or 0, seen=version.made_at)
    read = now(county, version)
    county.do(ruling.put_in_force, county.manager, KNOWLEDGE, version.id or 0, seen=read.made_at)
    assert now(county, version).standing is Standing.IN_FORCE


def test_a_stored_setting_that_is_no_longer_allowed_keeps_a_draft_from_being_approved(county: County) -> None:
    version = drafted(county)
    with county.work() as work:
        work.rule_versions.get(version.id or 0).settings = {"incompat_18": {"enabled": False}}
        work.commit()
    with pytest.raises(Invalid, match="“十八反”出自法规"):
        approved(county, version)
    assert now(county, version).standing is Standing.DRAFT


def test_a_discarded_draft_stays_on_record_and_nothing_more_happens_to_it(county: County) -> None:
    version = drafted(county)
    gone = county.do(ruling.discard, county.colleague, version.id or 0)
    assert (gone.standing, gone.retired_at, gone.approved_by_id) == (
        Standing.RETIRED,
        county.watch.now,
        None,
    )
    for attempt in _attempts(county, version):
        with pytest.raises(Invalid, match="已经不是草稿"):
            attempt()


def test_a_version_in_force_is_neither_changed_nor_discarded_nor_approved_again(county: County) -> None:
    version = approved(county, drafted(county))
    for attempt in _attempts(county, version):
        with pytest.raises(Invalid, match="已经不是草稿"):
            attempt()
    assert now(county, version).settings == version.settings


def test_only_their_roles_draft_and_approve_and_refusals_are_on_record(county: County) -> None:
    version = drafted(county)
    number = version.id or 0
    before = len(county.looks())
    for role, actor in county.actors.items():
        if role is not Role.PHARMACIST:
            for attempt in (
                lambda by=actor: begun(county, by),
                lambda by=actor: changed(county, version, {}, by),
                lambda by=actor: county.do(ruling.discard, by, number),
            ):
                with pytest.raises(Forbidden):
                    attempt()
        if role not in (Role.PHARMACIST, Role.MANAGER):
            with pytest.raises(Forbidden):
                approved(county, version, actor)
            # It names who overruled what.
            with pytest.raises(Forbidden):
                county.do(ruling.statistics, actor, DAY, DAY)
        if role not in (Role.PHARMACIST, Role.MANAGER, Role.DOCTOR):
            with pytest.raises(Forbidden):
                county.do(ruling.overview, actor)
    refused = county.looks()[before:]
    assert {(action, kind, allowed) for _, action, kind, _, allowed in refused} == {
        ("rules.draft", "rule_version", False),
        ("rules.approve", "rule_version", False),
    }
    assert now(county, version).settings == version.settings


def test_an_inspector_finds_each_step_in_the_access_log(county: County) -> None:
    version = approved(county, drafted(county))
    steps = [look for look in county.looks() if look[2] == "rule_version"]
    drafter, approver, number = county.pharmacist.staff_id, county.manager.staff_id, version.id
    assert steps == [
        (drafter, "rules.draft", "rule_version", number, True),
        (drafter, "rules.draft", "rule_version", number, True),
        (approver, "rules.approve", "rule_version", number, True),
    ]


def test_a_version_that_is_not_there_is_not_found(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个规则版本"):
        county.do(ruling.discard, county.pharmacist, 999)


def test_the_overview_names_people_and_is_newest_first(county: County) -> None:
    first, second = approved(county, drafted(county)), begun(county, county.colleague)
    seen = county.do(ruling.overview, county.manager)
    assert [(row.version, row.made_by, row.approved_by, row.institution) for row in seen.versions] == [
        (second.version, "唐远志", None, "临湘市共享中药房"),
        (first.version, "陈半夏", "秦当归", "临湘市共享中药房"),
    ]
    assert seen.in_force == seen.versions[1]
    assert seen.versions[1].settings == first.settings


def test_the_overview_costs_the_same_for_one_version_and_for_three(county: County) -> None:
    begun(county)
    one = _statements(county, lambda: county.do(ruling.overview, county.manager))
    begun(county)
    begun(county, county.colleague)
    assert _statements(county, lambda: county.do(ruling.overview, county.manager)) == one


def test_a_view_of_a_version_shows_every_rule_and_what_differs(county: County) -> None:
    settings = {**EXCLUDED_ON, **FEW_HERBS, "duplicate": RuleSetting(severity="warn")}
    version = drafted(county, settings)
    rows = {row.fact.rule: row for row in rules_of(version, KNOWLEDGE)}
    assert list(rows) == list(KNOWLEDGE.rules)
    assert {rule: set(row.changed) for rule, row in rows.items() if row.changed} == {
        "insurance_excluded": {"enabled"},
        "herb_count": {"most_herbs"},
        "duplicate": {"severity"},
    }
    assert (rows["insurance_excluded"].enabled, rows["duplicate"].severity) == (True, "warn")
    assert rows["herb_count"].parameters == {"most_herbs": 5.0}
    assert rows["elderly_dose"].parameters == {"from_years": 75.0, "toxic_factor": 0.667}


def test_the_shipped_rules_have_a_view_too() -> None:
    rows = rules_of(None, KNOWLEDGE)
    assert [(row.enabled, row.severity, set(row.changed)) for row in rows] == [
        (fact.enabled, fact.severity, set()) for fact in KNOWLEDGE.rules.values()
    ]


def _settings_of(rule: str) -> st.SearchStrategy[RuleSetting]:
    fact = KNOWLEDGE.rules[rule]
    order = ("warn", "return", "sign", "block")
    figures = KNOWLEDGE.rule_parameters.get(rule, {})
    return st.builds(
        RuleSetting,
        enabled=st.sampled_from([None, True] if fact.floor else [None, True, False]),
        severity=st.sampled_from([None, *order[order.index(fact.floor or "warn") :]]),
        parameters=st.fixed_dictionaries(
            {}, optional={key: st.floats(each.minimum, each.maximum) for key, each in figures.items()}
        ),
    )


@given(
    st.lists(st.sampled_from(sorted(KNOWLEDGE.rules)), unique=True, max_size=6).flatmap(
        lambda rules: st.fixed_dictionaries({rule: _settings_of(rule) for rule in rules})
    )
)
def test_what_is_kept_of_a_draft_rules_as_the_whole_form_would(settings: dict[str, RuleSetting]) -> None:
    kept = rule_set_of("tried", differing(settings, KNOWLEDGE))
    whole, less = (RulesInUse(each, KNOWLEDGE, None) for each in (RuleSet("tried", settings), kept))
    for rule, fact in KNOWLEDGE.rules.items():
        assert less.runs(rule) == whole.runs(rule)
        assert less.severity(rule, fact.severity) == whole.severity(rule, fact.severity)
        for key in KNOWLEDGE.rule_parameters.get(rule, {}):
            assert less.parameter(rule, key) == whole.parameter(rule, key)
    assert differing(kept.settings, KNOWLEDGE) == differing(settings, KNOWLEDGE)


def test_a_prescription_keeps_the_version_it_was_signed_under(county: County) -> None:
    before = county.signed()
    version = approved(county, drafted(county, FEW_HERBS))
    after = county.signed(draft(doses_count=5))
    assert (before.rules_version, after.rules_version) == ("shipped", version.version)
    assert county.now(before).rules_version == "shipped"


def _holds(county: County, actor: Actor) -> str:
    held = county.do(ruling.overview, actor).in_force
    assert held is not None
    return held.version


def _attempts(county: County, version: RuleVersion) -> list[Callable[[], object]]:
    return [
        lambda: changed(county, version, {}),
        lambda: approved(county, version),
        lambda: county.do(ruling.discard, county.pharmacist, version.id or 0),
    ]


def _statements(county: County, use_case: Callable[[], object]) -> int:
    with county.counted() as sent:
        use_case()
    return len(sent)
