"""What an institution may decide of the rules, what a signature clears, and what every finding must say."""

from datetime import date

import pytest

from tcm.review import (
    RULES,
    SEVERITIES,
    SHIPPED,
    Case,
    Finding,
    Problem,
    RuleSet,
    RuleSetting,
    Severity,
    check,
    problems,
    verdict,
)
from tcm.review.model import PatientFacts
from tests.tcm.review.cases import KNOWLEDGE, case, left, of_rule, patient, rules

# A prescription that draws the finding of each rule.
CHILD = patient(age_years=3)
PREGNANT = patient(pregnant=True)
DRAWN_BY: dict[str, Case] = {
    "incompat_18": case(("附子", 9, "先煎"), "法半夏"),
    "incompat_19": case("丁香", "郁金"),
    "preg_forbidden": case("三棱", patient=PREGNANT),
    "preg_caution": case("桃仁", patient=PREGNANT),
    "lact_caution": case("大黄", patient=patient(lactating=True)),
    "overdose": case(("细辛", 4)),
    "overdose_unverified": case(("龙骨", 99, "先煎")),
    "overdose_ambiguous": case(("贝母", 99)),
    "powder_dose": case(("三七粉", 4)),
    "regulated_toxic": case("生附子"),
    "narcotic": case("罂粟壳"),
    "banned": case("关木通"),
    "not_for_decoction": case("朱砂"),
    "external_only": case("炉甘石"),
    "missing_decoction_note": case("附子"),
    "duplicate": case("当归", "当归"),
    "duplicate_form": case("甘草", "炙甘草"),
    "allergy": case("甘草", patient=patient(allergies=("甘草",))),
    "organ_contra": case("苦楝皮", patient=patient(conditions=("肾炎",))),
    "child_forbidden": case("罂粟壳", patient=CHILD),
    "child_dose": case(("茯苓", 15), patient=CHILD),
    "elderly_dose": case(("附子", 15, "先煎"), patient=patient(age_years=80)),
    "ddi": case("丹参", patient=patient(western_drugs=("华法林",))),
    "same_ingredient": case("黄连", patient=patient(western_drugs=("黄连素",))),
    "days_supply": case("当归", doses_count=8),
    "missing_diagnosis": case("当归", syndrome=None),
    "missing_usage": case("当归", usage=""),
    "invalid_dose": case(("当归", 0)),
    "ambiguous_name": case("贝母"),
    "unknown_herb": case("无此药"),
    "not_in_pharmacopoeia": case("龙骨"),
    "unmarked_toxic": case("川乌"),
    "herb_count": case(*list(KNOWLEDGE.herbs)[:30]),
    "look_alike": case(("细辛", 9)),
    "toxic_sum": case(("制川乌", 3), ("制草乌", 3)),
    "toxic_supply": case("生附子"),
    "repeated_supply": case("当归", earlier=(left("当归"),)),
    "cumulative_dose": case(("细辛", 2), earlier=(left(("细辛", 2)),)),
    "preparation_limit": case(("鲜芦根", 30), preparation="granules", usage="开水冲服，每日2次"),
    "preparation_usage": case("当归", preparation="granules"),
    "pattern_caution": case("黄连", syndrome="脾胃虚寒证"),
    "pattern_nature": case(("干姜", 10), syndrome="胃热炽盛证"),
}
SWITCHED_OFF_AS_SHIPPED = {"price_ceiling", "insurance_single", "insurance_excluded"}
FLOORED = sorted(rule for rule, fact in KNOWLEDGE.rules.items() if fact.floor)
FREE = sorted(rule for rule, fact in KNOWLEDGE.rules.items() if not fact.floor)


def strictness(findings: tuple[Finding, ...]) -> int:
    return SEVERITIES.index(verdict(findings))


def test_every_function_has_its_row_and_every_row_its_function() -> None:
    found_beside = {"overdose_unverified"}
    assert set(RULES) | found_beside == set(KNOWLEDGE.rules)
    assert set(DRAWN_BY) | SWITCHED_OFF_AS_SHIPPED == set(KNOWLEDGE.rules)


def test_rows_agree_with_one_another() -> None:
    rank = SEVERITIES.index
    for fact in KNOWLEDGE.rules.values():
        assert fact.severity in SEVERITIES[1:]
        assert fact.floor in ("", *SEVERITIES[1:])
        assert not fact.floor or (fact.enabled and rank(fact.floor) <= rank(fact.severity))  # type: ignore[arg-type]
        assert fact.clears
        assert fact.clears_en
    for rule, parameters in KNOWLEDGE.rule_parameters.items():
        assert rule in KNOWLEDGE.rules
        assert [key for key, row in parameters.items() if not row.minimum <= row.value <= row.maximum] == []


@pytest.mark.parametrize("rule", sorted(DRAWN_BY))
def test_a_rule_speaks_of_its_kind_and_says_source_sentence_and_remedy(rule: str) -> None:
    found = of_rule(rule, DRAWN_BY[rule])
    fact = KNOWLEDGE.rules[rule]
    assert len(found) == 1
    assert (found[0].kind, found[0].clears, found[0].clears_en) == (fact.kind, fact.clears, fact.clears_en)
    assert all((found[0].source, found[0].message, found[0].message_en))
    assert found[0].severity == fact.severity or rule in ("organ_contra", "lact_caution", "ddi")


@pytest.mark.parametrize("rule", sorted(DRAWN_BY))
def test_a_rule_switched_off_is_silent_unless_the_law_holds_it_and_the_others_speak_as_before(
    rule: str,
) -> None:
    off = rules(**{rule: RuleSetting(enabled=False)})
    before = check(DRAWN_BY[rule], KNOWLEDGE)
    # A provincial overdose is found by the function of the ordinary one, but is switched on its own.
    held = KNOWLEDGE.rules[rule].floor
    left_over = tuple(found for found in before if held or found.rule != rule)
    assert check(DRAWN_BY[rule], KNOWLEDGE, off) == left_over


@pytest.mark.parametrize("rule", sorted(DRAWN_BY))
@pytest.mark.parametrize("severity", ["warn", "return", "sign", "block"])
def test_an_institutions_severity_shows_where_the_finding_is_of_the_usual_one(
    rule: str, severity: Severity
) -> None:
    (shipped,) = of_rule(rule, DRAWN_BY[rule])
    (found,) = of_rule(rule, DRAWN_BY[rule], rules(**{rule: RuleSetting(severity=severity)}))
    fact = KNOWLEDGE.rules[rule]
    allowed = SEVERITIES.index(severity) >= SEVERITIES.index(fact.floor or "warn")  # type: ignore[arg-type]
    shows = allowed and shipped.severity == fact.severity
    assert found.severity == (severity if shows else shipped.severity)


@pytest.mark.parametrize("rule", sorted(DRAWN_BY))
def test_a_rule_is_silent_before_it_came_into_force(rule: str) -> None:
    fact, drawn = KNOWLEDGE.rules[rule], DRAWN_BY[rule]
    eve = date.fromordinal(fact.effective_from.toordinal() - 1)

    def on(day: date) -> list[str]:
        dated = Case(**{name: getattr(drawn, name) for name in drawn.__slots__} | {"written_on": day})
        return [found.rule for found in of_rule(rule, dated)]

    assert (on(eve), on(fact.effective_from), on(date(2026, 11, 22))) == ([], [rule], [rule])


def test_what_may_be_put_in_force_draws_no_problem() -> None:
    assert problems(SHIPPED, KNOWLEDGE) == ()
    everything = {
        rule: RuleSetting(
            enabled=True,
            severity="block",
            parameters={key: row.maximum for key, row in KNOWLEDGE.rule_parameters.get(rule, {}).items()},
        )
        for rule in KNOWLEDGE.rules
    }
    assert problems(RuleSet("strict", everything), KNOWLEDGE) == ()
    assert problems(rules(**{rule: RuleSetting(enabled=False) for rule in FREE}), KNOWLEDGE) == ()
    assert problems(rules(**{rule: RuleSetting(severity="warn") for rule in FREE}), KNOWLEDGE) == ()


@pytest.mark.parametrize("rule", FLOORED)
def test_a_floor_is_neither_switched_off_nor_undercut(rule: str) -> None:
    floor = KNOWLEDGE.rules[rule].floor
    assert problems(rules(**{rule: RuleSetting(enabled=False)}), KNOWLEDGE) == (Problem(rule, "locked"),)
    for severity in SEVERITIES:
        below = SEVERITIES.index(severity) < SEVERITIES.index(floor)  # type: ignore[arg-type]
        found = problems(rules(**{rule: RuleSetting(severity=severity)}), KNOWLEDGE)
        assert found == ((Problem(rule, "below_floor"),) if below else ())


def test_no_rule_may_be_set_to_say_nothing_by_its_severity() -> None:
    silent = rules(child_dose=RuleSetting(severity="none"))
    assert problems(silent, KNOWLEDGE) == (Problem("child_dose", "below_floor"),)


@pytest.mark.parametrize(
    ("key", "value", "what"),
    [
        *(("outpatient_days", 0.9, "out_of_range"), ("outpatient_days", 7.1, "out_of_range")),
        *(
            ("outpatient_days", float("nan"), "out_of_range"),
            ("outpatient_days", float("inf"), "out_of_range"),
        ),
        *(("outpatient_day", 3, "unknown_parameter"), ("", 3, "unknown_parameter")),
    ],
)
def test_a_figure_out_of_range_or_of_another_rule_is_a_problem(key: str, value: float, what: str) -> None:
    moved = rules(days_supply=RuleSetting(parameters={key: value, "emergency_days": 2}))
    assert problems(moved, KNOWLEDGE) == (Problem("days_supply", what, key),)


def test_problems_come_in_the_order_of_the_rules() -> None:
    wrong = rules(
        overdose=RuleSetting(enabled=False, severity="warn"),
        no_such_rule=RuleSetting(),
        herb_count=RuleSetting(parameters={"most_herbs": 3, "fewest": 1}),
    )
    assert problems(wrong, KNOWLEDGE) == (
        Problem("herb_count", "unknown_parameter", "fewest"),
        Problem("herb_count", "out_of_range", "most_herbs"),
        Problem("no_such_rule", "unknown_rule"),
        Problem("overdose", "locked"),
        Problem("overdose", "below_floor"),
    )


def test_a_second_signature_clears_a_sign_only_when_every_herb_of_it_is_signed() -> None:
    herbs = (("附片", 9, "先煎"), ("法半夏", 9))
    none, one, both = (
        check(case(*herbs, second_signatures=signed), KNOWLEDGE)
        for signed in ((), ("附子",), ("附子", "法夏"))
    )
    assert [verdict(findings) for findings in (none, one, both)] == ["sign", "sign", "warn"]
    assert [found.signed for found in (*none, *one, *both)] == [False, False, True]


def test_a_second_signature_is_for_the_named_herb_only_and_the_finding_stays_listed() -> None:
    findings = check(case(("细辛", 4), ("麻黄", 12), second_signatures=("北细辛",)), KNOWLEDGE)
    assert {found.herbs: found.signed for found in findings if found.rule == "overdose"} == {
        ("细辛",): True,
        ("麻黄",): False,
    }
    assert (verdict(findings), {found.severity for found in findings}) == ("sign", {"sign"})


@pytest.mark.parametrize("signature", ["沙参", " 沙 参 "])
def test_an_ambiguous_name_is_signed_for_as_it_is_written(signature: str) -> None:
    signed = case(("贝母", 99), second_signatures=("贝母",))
    assert [found.signed for found in of_rule("overdose_ambiguous", signed)] == [True]
    other = case(("贝母", 99), second_signatures=(signature,))
    assert [found.signed for found in of_rule("overdose_ambiguous", other)] == [False]


def test_a_block_is_never_cleared_and_a_return_neither() -> None:
    assert verdict(check(case("生附子", second_signatures=("生附子",)), KNOWLEDGE)) == "block"
    assert verdict(check(case("附子", second_signatures=("附子",)), KNOWLEDGE)) == "return"


def test_what_must_be_mended_is_not_signed_away_however_strict_it_is_made() -> None:
    stricter = rules(missing_decoction_note=RuleSetting(severity="sign"))
    findings = check(case("附子", second_signatures=("附子",)), KNOWLEDGE, stricter)
    assert [(found.rule, found.severity, found.signed) for found in findings] == [
        ("missing_decoction_note", "sign", False)
    ]


def test_a_warning_made_stricter_asks_for_a_signature_and_takes_it() -> None:
    stricter = rules(child_dose=RuleSetting(severity="sign"))
    child = case(("茯苓", 10), patient=CHILD)
    signed = case(("茯苓", 10), patient=CHILD, second_signatures=("云苓",))
    assert [verdict(check(reviewed, KNOWLEDGE, stricter)) for reviewed in (child, signed)] == ["sign", "warn"]


def test_a_finding_without_herbs_is_not_signed_for() -> None:
    stricter = rules(herb_count=RuleSetting(severity="sign", parameters={"most_herbs": 5}))
    names = ("当归", "川芎", "白芍", "茯苓", "泽泻", "白术")
    findings = check(case(*names, second_signatures=names), KNOWLEDGE, stricter)
    assert [(found.rule, found.signed) for found in findings] == [("herb_count", False)]


def test_findings_come_strictest_first_and_each_is_said_once() -> None:
    reviewed = case("生附子", "半夏", "附子", "附子", ("龙骨", 99), "甘遂", "甘草", ("当归", 30))
    findings = check(reviewed, KNOWLEDGE)
    ranks = [SEVERITIES.index(found.severity) for found in findings]
    assert ranks == sorted(ranks, reverse=True)
    assert len({found.key for found in findings}) == len(findings)
    tied = [(found.severity, found.kind, found.herbs, found.message) for found in findings]
    assert tied == sorted(tied, key=lambda tie: (-SEVERITIES.index(tie[0]), *tie[1:]))


def test_the_name_of_a_finding_follows_what_it_says_and_not_how_strict_it_is() -> None:
    (shipped,) = of_rule("overdose", case(("细辛", 4)))
    (signed,) = of_rule("overdose", case(("细辛", 4), second_signatures=("细辛",)))
    (more,) = of_rule("overdose", case(("细辛", 5)))
    assert (shipped.key == signed.key, shipped.key == more.key, len(shipped.key)) == (True, False, 12)


@pytest.mark.parametrize(
    ("severity", "signed", "left_over"),
    [("sign", False, "sign"), ("sign", True, "warn"), ("block", True, "block"), ("return", True, "return")],
)
def test_the_verdict_is_the_strictest_left(severity: Severity, signed: bool, left_over: Severity) -> None:
    found = Finding("k", severity, (), "r", "s", "m", "e", "c", "c", signed=signed)
    mild = Finding("k", "warn", (), "r", "s", "m", "e", "c", "c")
    assert (verdict([mild, found, mild]), verdict([mild]), verdict([])) == (left_over, "warn", "none")


@pytest.mark.parametrize(
    ("rule", "said_en"),
    [
        ("preg_forbidden", "is forbidden in pregnancy"),
        ("regulated_toxic", "is a statutory toxic drug"),
        ("narcotic", "is a narcotic"),
        ("external_only", "has no oral decoction dose"),
        ("not_for_decoction", "must not be decocted"),
        ("same_ingredient", "the same active substance"),
    ],
)
def test_what_a_rule_says_in_english(rule: str, said_en: str) -> None:
    (found,) = of_rule(rule, DRAWN_BY[rule])
    assert found.message_en.endswith(f" {said_en}.")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("regulated_toxic", "属毒性药品管理品种"),
        ("narcotic", "属麻醉药品管理品种"),
        ("external_only", "药典未载煎服用法"),
        ("not_for_decoction", "不宜入煎剂"),
    ],
)
def test_what_a_restriction_says(rule: str, said: str) -> None:
    (found,) = of_rule(rule, DRAWN_BY[rule])
    assert found.message.startswith(f"{found.herbs[0]}{said}：")


def test_a_clean_prescription_draws_nothing() -> None:
    herbs = (("人参", 9, "另煎"), ("白术", 9), ("茯苓", 12), ("炙甘草", 6))
    assert check(case(*herbs, patient=PatientFacts(age_years=46, sex="F")), KNOWLEDGE) == ()


def test_a_version_from_before_a_floor_was_raised_cannot_go_below_it() -> None:
    clash = case("附子", "法半夏")
    off = rules(incompat_18=RuleSetting(enabled=False))
    mild = rules(incompat_18=RuleSetting(severity="warn"))
    long = rules(days_supply=RuleSetting(parameters={"outpatient_days": 60.0}))
    for version in (off, mild):
        found = [item for item in check(clash, KNOWLEDGE, version) if item.kind == "incompat_18"]
        assert [item.severity for item in found] == ["sign"]
    supply = check(case("当归", doses_count=8), KNOWLEDGE, long)
    assert [(item.rule, item.limit) for item in supply] == [("days_supply", 7.0)]
