"""What holds for every prescription, whatever it is made of."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tcm.knowledge import load
from tcm.review import SEVERITIES, Case, Line, PatientFacts, check, verdict

KNOWLEDGE = load()
NAMES = sorted(KNOWLEDGE.herbs)
SYNONYMS = [alias for alias in KNOWLEDGE.names.aliases if alias.name and not alias.form]
NOTES = ["", "先煎", "后下", "包煎", "另煎", "烊化", "冲服"]
# Herbs of the pairs meet often enough only when they are drawn on purpose.
PAIRED = sorted({name for pair in KNOWLEDGE.incompatibilities for name in (pair.left, pair.right)})
# Small prescriptions of whole grams: shrinking stays fast and every rule is still reached.
SETTINGS = settings(max_examples=60, deadline=None)

lines = st.lists(
    st.builds(
        Line,
        st.one_of(st.sampled_from(NAMES), st.sampled_from(PAIRED)),
        st.integers(1, 80).map(float),
        st.sampled_from(NOTES),
    ),
    min_size=1,
    max_size=8,
).map(tuple)
patients = st.builds(
    PatientFacts,
    age_years=st.one_of(st.none(), st.integers(0, 90).map(float)),
    pregnant=st.booleans(),
    lactating=st.booleans(),
    allergies=st.sampled_from([(), ("甘草",), ("贝母",)]),
    conditions=st.sampled_from([(), ("肝肾功能不全",), ("青光眼",)]),
    western_drugs=st.sampled_from([(), ("华法林",), ("地高辛",)]),
)
cases = st.builds(
    Case,
    lines=lines,
    patient=patients,
    syndrome=st.sampled_from([None, "脾气虚证"]),
    doses_count=st.integers(1, 20),
    second_signatures=st.lists(st.sampled_from(PAIRED), max_size=3).map(tuple),
    usage=st.sampled_from(["", "水煎服"]),
)


@SETTINGS
@given(cases, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_makes_no_difference(case: Case, random: object) -> None:
    shuffled = list(case.lines)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert check(replace(case, lines=tuple(shuffled)), KNOWLEDGE) == check(case, KNOWLEDGE)


@SETTINGS
@given(cases, st.data())
def test_a_synonym_never_changes_the_verdict(case: Case, data: st.DataObject) -> None:
    alias = data.draw(st.sampled_from(SYNONYMS))
    line = Line(alias.name, 5.0, data.draw(st.sampled_from(NOTES)))
    standard = replace(case, lines=(*case.lines, line))
    spelled = replace(case, lines=(*case.lines, replace(line, herb=alias.alias)))
    assert verdict(check(spelled, KNOWLEDGE)) == verdict(check(standard, KNOWLEDGE))


@SETTINGS
@given(cases, st.data())
def test_raising_a_dose_never_lowers_the_verdict(case: Case, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(case.lines) - 1))
    raised = list(case.lines)
    raised[index] = replace(
        raised[index], grams=raised[index].grams * data.draw(st.sampled_from([1.5, 3.0, 50.0]))
    )
    before, after = (
        verdict(check(replace(case, lines=tuple(taken)), KNOWLEDGE)) for taken in (case.lines, raised)
    )
    assert SEVERITIES.index(after) >= SEVERITIES.index(before)


@SETTINGS
@given(cases, st.data())
def test_removing_a_herb_never_adds_a_pair(case: Case, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(case.lines) - 1))
    fewer = replace(case, lines=case.lines[:index] + case.lines[index + 1 :])

    def pairs(reviewed: Case) -> set[tuple[str, ...]]:
        findings = check(reviewed, KNOWLEDGE)
        return {found.herbs for found in findings if found.kind in ("incompat_18", "incompat_19")}

    assert pairs(fewer) <= pairs(case)


@SETTINGS
@given(st.text(max_size=60))
def test_any_text_resolves_to_a_known_herb_or_to_none(text: str) -> None:
    resolution = KNOWLEDGE.names.resolve(text)
    assert (resolution.name is None) == (resolution.status != "ok")
    assert {*resolution.candidates, *filter(None, [resolution.name])} <= set(KNOWLEDGE.herbs)


@SETTINGS
@given(cases)
def test_a_signature_never_makes_a_verdict_stricter(case: Case) -> None:
    every = replace(case, second_signatures=tuple(line.herb for line in case.lines))
    signed, unsigned = (
        verdict(check(taken, KNOWLEDGE)) for taken in (every, replace(case, second_signatures=()))
    )
    assert SEVERITIES.index(signed) <= SEVERITIES.index(unsigned)
    assert (unsigned == "block") == (signed == "block")
