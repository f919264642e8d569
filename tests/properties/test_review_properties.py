"""What holds for every prescription, whatever it is made of."""

from dataclasses import replace
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tcm.knowledge import load
from tcm.review import (
    SEVERITIES,
    Case,
    Finding,
    Line,
    PatientFacts,
    RuleSet,
    RuleSetting,
    Supply,
    check,
    problems,
    verdict,
)

KNOWLEDGE = load()
NAMES = sorted(KNOWLEDGE.herbs)
SYNONYMS = [alias for alias in KNOWLEDGE.names.aliases if alias.name and not alias.form]
AMBIGUOUS = sorted(alias.alias for alias in KNOWLEDGE.names.aliases if not alias.name)
FORMS = [herb for herb in KNOWLEDGE.herbs.values() if herb.monograph != herb.name]
NOTES = ["", "先煎", "后下", "包煎", "另煎", "烊化", "冲服", "外用", "入丸散"]
# Herbs of the pairs and poisons meet often enough only when they are drawn on purpose.
PAIRED = sorted({name for pair in KNOWLEDGE.incompatibilities for name in (pair.left, pair.right)})
POISONOUS = sorted(KNOWLEDGE.toxic_members)
SETTINGS = settings(deadline=None)

herbs = st.one_of(
    st.sampled_from(NAMES),
    st.sampled_from(PAIRED),
    st.sampled_from(POISONOUS),
    st.sampled_from([alias.alias for alias in KNOWLEDGE.names.aliases]),
)
line = st.builds(Line, herbs, st.integers(1, 80).map(float), st.sampled_from(NOTES))
# Small prescriptions of whole grams: shrinking stays fast and every rule is still reached.
lines = st.lists(line, min_size=1, max_size=8).map(tuple)
supplies = st.builds(
    Supply,
    st.sampled_from(["甲院", "乙院"]),
    st.integers(0, 5).map(float),
    st.lists(line, min_size=1, max_size=3).map(tuple),
    st.sampled_from([1.0, 2.0]),
)
patients = st.builds(
    PatientFacts,
    age_years=st.one_of(st.none(), st.integers(0, 90).map(float)),
    sex=st.sampled_from([None, "M", "F"]),
    pregnant=st.booleans(),
    lactating=st.booleans(),
    allergies=st.sampled_from([(), ("甘草",), ("贝母",)]),
    conditions=st.sampled_from([(), ("肝肾功能不全",), ("青光眼",)]),
    western_drugs=st.sampled_from([(), ("华法林",), ("地高辛",)]),
    labs=st.sampled_from([{}, {"creatinine_umol_l": 300.0}, {"alt_u_l": 130.0}]),
)
cases = st.builds(
    Case,
    lines=lines,
    patient=patients,
    disease=st.sampled_from([None, "回乳", "绦虫病"]),
    syndrome=st.sampled_from([None, "脾气虚证", "脾胃虚寒证", "胃热炽盛证"]),
    doses_count=st.integers(1, 20),
    doses_per_day=st.sampled_from([0.5, 1.0, 2.0]),
    second_signatures=st.lists(st.sampled_from(PAIRED), max_size=3).map(tuple),
    usage=st.sampled_from(["", "水煎服"]),
    earlier=st.lists(supplies, max_size=2).map(tuple),
)


def strictness(case: Case, rule_set: RuleSet | None = None) -> int:
    """How strict the verdict is."""
    findings = check(case, KNOWLEDGE) if rule_set is None else check(case, KNOWLEDGE, rule_set)
    return SEVERITIES.index(verdict(findings))


def pairs(case: Case) -> set[tuple[str, ...]]:
    """The pairs that clash."""
    kinds = ("incompat_18", "incompat_19")
    return {found.herbs for found in check(case, KNOWLEDGE) if found.kind in kinds}


def with_line(case: Case, added: Line) -> Case:
    return replace(case, lines=(*case.lines, added))


@SETTINGS
@given(cases, st.integers())
def test_the_order_of_the_lines_and_of_what_is_left_makes_no_difference(case: Case, seed: int) -> None:
    shuffled, earlier, signatures = list(case.lines), list(case.earlier), list(case.second_signatures)
    for written in (shuffled, earlier, signatures):
        Random(seed).shuffle(written)
    turned = replace(case, lines=tuple(shuffled), earlier=tuple(earlier), second_signatures=tuple(signatures))
    assert check(turned, KNOWLEDGE) == check(case, KNOWLEDGE)


@SETTINGS
@given(cases, st.data())
def test_a_synonym_never_changes_the_verdict_nor_the_rules_that_speak(
    case: Case, data: st.DataObject
) -> None:
    alias = data.draw(st.sampled_from(SYNONYMS))
    added = Line(alias.name, 5.0, data.draw(st.sampled_from(NOTES)))
    standard = check(with_line(case, added), KNOWLEDGE)
    spelled = check(with_line(case, replace(added, herb=alias.alias)), KNOWLEDGE)
    assert verdict(spelled) == verdict(standard)
    assert {(found.rule, found.severity) for found in spelled} == {
        (found.rule, found.severity) for found in standard
    }


@SETTINGS
@given(cases, st.sampled_from(FORMS))
def test_a_processed_form_is_never_milder_in_pairs(case: Case, form: object) -> None:
    raw, processed = form.monograph, form.name  # type: ignore[attr-defined]
    assume(all(KNOWLEDGE.herb(written.herb) != KNOWLEDGE.herbs[raw] for written in case.lines))
    assume(all(written.herb != processed for written in case.lines))
    with_raw, with_processed = (
        pairs(with_line(case, Line(raw, 5.0))),
        pairs(with_line(case, Line(processed, 5.0))),
    )
    as_if_raw = {tuple(raw if name == processed else name for name in pair) for pair in with_processed}
    assert {frozenset(pair) for pair in as_if_raw} == {frozenset(pair) for pair in with_raw}


@SETTINGS
@given(cases, st.data())
def test_raising_a_dose_never_lowers_the_verdict(case: Case, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(case.lines) - 1))
    raised = list(case.lines)
    raised[index] = replace(
        raised[index], grams=raised[index].grams * data.draw(st.sampled_from([1.01, 1.5, 3.0, 50.0, 1e6]))
    )
    assert strictness(replace(case, lines=tuple(raised))) >= strictness(case)


@SETTINGS
@given(cases, st.data())
def test_raising_a_dose_never_silences_an_overdose(case: Case, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(case.lines) - 1))
    raised = list(case.lines)
    raised[index] = replace(
        raised[index], grams=raised[index].grams * data.draw(st.sampled_from([1.01, 2, 9]))
    )

    def overdoses(findings: tuple[Finding, ...]) -> set[tuple[str, ...]]:
        return {found.herbs for found in findings if found.kind == "overdose"}

    assert overdoses(check(case, KNOWLEDGE)) <= overdoses(
        check(replace(case, lines=tuple(raised)), KNOWLEDGE)
    )


@SETTINGS
@given(cases, st.data())
def test_removing_a_herb_never_adds_a_pair(case: Case, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(case.lines) - 1))
    fewer = replace(case, lines=case.lines[:index] + case.lines[index + 1 :])
    assert pairs(fewer) <= pairs(case)


@SETTINGS
@given(cases, st.lists(st.sampled_from(sorted(KNOWLEDGE.rules)), max_size=6))
def test_switching_rules_on_or_making_them_stricter_never_lowers_the_verdict(
    case: Case, chosen: list[str]
) -> None:
    stricter = RuleSet(
        "stricter",
        {
            rule: RuleSetting(enabled=True, severity=one_stricter(KNOWLEDGE.rules[rule].severity))
            for rule in chosen
        },
    )
    assert problems(stricter, KNOWLEDGE) == ()
    assert strictness(case, stricter) >= strictness(case)


def one_stricter(severity: str) -> str:
    return SEVERITIES[min(SEVERITIES.index(severity) + 1, len(SEVERITIES) - 1)]  # type: ignore[arg-type]


@SETTINGS
@given(cases, st.lists(st.sampled_from(sorted(KNOWLEDGE.rules)), max_size=6))
def test_switching_rules_off_never_adds_a_finding(case: Case, chosen: list[str]) -> None:
    fewer = RuleSet("fewer", {rule: RuleSetting(enabled=False) for rule in chosen})
    assert set(check(case, KNOWLEDGE, fewer)) <= set(check(case, KNOWLEDGE))


@SETTINGS
@given(cases)
def test_a_signature_never_makes_a_verdict_stricter_and_never_clears_a_block(case: Case) -> None:
    every = replace(case, second_signatures=tuple(written.herb for written in case.lines))
    none = replace(case, second_signatures=())
    signed, unsigned = check(every, KNOWLEDGE), check(none, KNOWLEDGE)
    assert [replace(found, signed=False) for found in signed] == list(unsigned)
    assert SEVERITIES.index(verdict(signed)) <= SEVERITIES.index(verdict(unsigned))
    assert (verdict(unsigned) == "block") == (verdict(signed) == "block")


@SETTINGS
@given(cases, supplies)
def test_what_is_still_taken_never_lowers_the_verdict(case: Case, supply: Supply) -> None:
    assert strictness(replace(case, earlier=(*case.earlier, supply))) >= strictness(case)


@SETTINGS
@given(
    st.lists(
        st.builds(Line, st.text(max_size=60), st.floats(allow_nan=False), st.text(max_size=20)), max_size=5
    ),
    st.builds(
        PatientFacts,
        age_years=st.one_of(st.none(), st.floats(allow_nan=False)),
        allergies=st.lists(st.text(max_size=20), max_size=2).map(tuple),
        conditions=st.lists(st.text(max_size=20), max_size=2).map(tuple),
        western_drugs=st.lists(st.text(max_size=20), max_size=2).map(tuple),
        labs=st.dictionaries(st.text(max_size=20), st.floats(allow_nan=False), max_size=2),
    ),
    st.text(max_size=30),
    st.integers(-10, 10),
    st.floats(allow_nan=False),
)
def test_no_text_and_no_figure_makes_it_fail(
    written: list[Line], patient: PatientFacts, text: str, count: int, a_day: float
) -> None:
    supply = Supply(text, a_day, tuple(written), a_day)
    case = Case(
        tuple(written),
        patient,
        disease=text,
        syndrome=text,
        doses_count=count,
        doses_per_day=a_day,
        second_signatures=(text,),
        usage=text,
        earlier=(supply, supply),
    )
    findings = check(case, KNOWLEDGE)
    assert [found for found in findings if not (found.source and found.message and found.clears)] == []


@SETTINGS
@given(st.one_of(st.text(max_size=60), st.sampled_from(AMBIGUOUS)))
def test_any_text_resolves_to_a_known_herb_or_to_none(text: str) -> None:
    resolution = KNOWLEDGE.names.resolve(text)
    assert (resolution.name is None) == (resolution.status != "ok")
    assert {*resolution.candidates, *filter(None, [resolution.name])} <= set(KNOWLEDGE.herbs)
