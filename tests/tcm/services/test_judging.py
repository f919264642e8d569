"""Outcome: a later visit says what came of an earlier one, in standard terms."""

import pytest

from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.services import judging
from tcm.services.judging import Judgement, SymptomNow
from tests.tcm.county import County

BETTER = Judgement("marked", {"纳呆": SymptomNow.GONE, "便溏": SymptomNow.BETTER}, "服药后好转")


def test_the_newest_treated_visit_is_judged_with_its_symptoms_beside_todays(county: County) -> None:
    treated = county.visited(inquiry=("纳呆", "便溏"))
    prescription = county.signed(visit=treated)
    county.watch.pass_(days=3)
    bare = county.visited()
    county.watch.pass_(days=3)
    visit = county.visited(inquiry=("便溏", "乏力"))
    found = county.do(judging.open_judging, county.doctor, visit.id or 0)
    assert found.earlier is not None
    assert ([one.id for one in found.choices], found.earlier.id) == ([bare.id, treated.id], treated.id)
    assert [one.id for one in found.prescriptions] == [prescription.id]
    assert (found.symptoms, found.new_symptoms, found.still) == (
        ["纳呆", "便溏"],
        ["乏力"],
        frozenset({"便溏"}),
    )


def test_what_is_said_again_replaces_what_was_said(county: County) -> None:
    before = county.visited(inquiry=("纳呆", "便溏"))
    county.watch.pass_(days=7)
    visit = county.visited()
    page = (county.doctor, county.knowledge, visit.id or 0, before.id or 0)
    county.do(judging.judge, *page, BETTER)
    county.do(judging.judge, *page, Judgement("cured", {}))
    with county.work() as work:
        [outcome] = work.outcomes.all()
        assert work.outcomes.of_visits([before.id or 0])[before.id or 0].id == outcome.id
    assert (outcome.grade, outcome.symptoms, outcome.note) == ("cured", {}, "")


def test_only_the_visits_doctor_judges_only_an_earlier_visit_and_only_what_was_there(county: County) -> None:
    before = county.visited(inquiry=("纳呆",))
    county.watch.pass_(days=7)
    visit = county.visited()
    page = (county.knowledge, visit.id or 0, before.id or 0)
    with pytest.raises(Forbidden):
        county.do(judging.judge, county.other_doctor, *page, Judgement("cured", {}))
    with pytest.raises(NotFound, match="没有可以对照的这次就诊"):
        county.do(judging.judge, county.doctor, county.knowledge, before.id or 0, visit.id or 0, BETTER)
    with pytest.raises(Invalid, match="请选择疗效"):
        county.do(judging.judge, county.doctor, *page, Judgement("fine", {}))
    with pytest.raises(Invalid, match="前次就诊没有这个症状"):
        county.do(judging.judge, county.doctor, *page, BETTER)


def test_the_grades_are_those_of_the_guideline_best_first(county: County) -> None:
    grades = [(one.term, one.least_percent) for one in county.knowledge.outcome_grades]
    assert grades == [("临床痊愈", 95.0), ("显效", 70.0), ("有效", 30.0), ("无效", None)]
