"""The monthly appraisal: drawn once, two opinions or three, an appeal answered by somebody else, counted."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tcm.knowledge.appraisals import read_appraisal_codes
from tcm.records.appraisals import AppraisedPrescription, Standing, agreed_codes
from tcm.records.errors import Forbidden, Invalid
from tcm.records.people import Staff
from tcm.records.roles import Actor, Role
from tcm.services import appraising, prescribing
from tests.tcm.county import County

MONTH = "2026-11"


@pytest.fixture
def third(county: County) -> Actor:
    """One more qualified pharmacist."""
    with county.work() as work:
        known = work.staff.get(county.pharmacist.staff_id)
        fields = {name: value for name, value in vars(known).items() if not name.startswith("_")}
        more = work.staff.add(Staff(**fields | {"id": None, "username": "third", "name": "第三人"}))
        work.commit()
        return Actor(more.id or 0, Role.PHARMACIST, known.institution_id)


def drawn(county: County, prescriptions: int = 1) -> list[AppraisedPrescription]:
    """A sample of a month that is over."""
    for _ in range(prescriptions):
        county.approved()
    county.watch.pass_(days=30)
    sample = county.do(appraising.draw, county.pharmacist, county.knowledge, MONTH, 7)
    return county.do(appraising.open_appraisal, county.pharmacist, sample.id or 0).rows


def say(county: County, actor: Actor, row: AppraisedPrescription, *codes: str) -> AppraisedPrescription:
    return county.do(appraising.give_opinion, actor, county.knowledge, row.id or 0, codes, "见处方")


def now(county: County, row: AppraisedPrescription) -> AppraisedPrescription:
    with county.work() as work:
        return work.appraised.get(row.id or 0)


def test_a_month_is_drawn_when_it_is_over_and_only_once(county: County) -> None:
    county.approved()
    with pytest.raises(Invalid):
        county.do(appraising.draw, county.pharmacist, county.knowledge, MONTH, 7)
    county.watch.pass_(days=30)
    first = county.do(appraising.draw, county.pharmacist, county.knowledge, MONTH, 7)
    again = county.do(appraising.draw, county.manager, county.knowledge, MONTH, 8)
    assert (again.id, again.seed, again.population) == (first.id, 7, 1)
    with pytest.raises(Invalid):
        county.do(appraising.draw, county.pharmacist, county.knowledge, "2026-10", 7)


def test_drafts_are_not_in_the_sample(county: County) -> None:
    county.drafted()
    assert len(drawn(county, 2)) == 2


def test_two_equal_opinions_conclude(county: County) -> None:
    [row] = drawn(county)
    say(county, county.pharmacist, row, "2-5", "1-15")
    assert (now(county, row).standing, now(county, row).codes) == (Standing.WAITING, ())
    say(county, county.colleague, row, "1-15", "2-5")
    assert (now(county, row).standing, now(county, row).codes) == (Standing.CONCLUDED, ("1-15", "2-5"))


def test_two_that_differ_ask_for_a_third_and_the_majority_stands(county: County, third: Actor) -> None:
    [row] = drawn(county)
    say(county, county.pharmacist, row, "2-5")
    say(county, county.colleague, row, "2-5", "1-8")
    assert now(county, row).standing is Standing.DISPUTED
    say(county, third, row, "1-8")
    assert (now(county, row).standing, now(county, row).codes) == (Standing.CONCLUDED, ("1-8", "2-5"))


@pytest.mark.parametrize(
    ("opinions", "is_reasonable", "codes"),
    [
        ([["1-1"], ["2-5"], ["2-1"]], False, ("1-1", "2-1", "2-5")),
        ([["2-5"], [], ["1-1"]], False, ("1-1", "2-5")),
        ([["2-5", "1-8"], ["2-5"], ["1-1"]], False, ("2-5",)),
        ([["2-5"], [], []], True, ()),
        ([["2-5"], [], ["2-5"]], False, ("2-5",)),
    ],
)
def test_it_is_reasonable_only_where_two_say_so_and_every_code_stands_where_no_two_name_the_same(
    county: County, third: Actor, opinions: list[list[str]], is_reasonable: bool, codes: tuple[str, ...]
) -> None:
    [row] = drawn(county)
    for actor, each in zip((county.pharmacist, county.colleague, third), opinions, strict=True):
        assert now(county, row).is_reasonable is False
        say(county, actor, row, *each)
    said = now(county, row)
    assert (said.standing, said.is_reasonable, said.codes) == (Standing.CONCLUDED, is_reasonable, codes)
    of = county.do(appraising.open_appraisal, county.manager, row.appraisal_id).indicators
    assert (of.appraised, of.reasonable) == (1, int(is_reasonable))


def test_nobody_speaks_twice_and_nobody_after_the_end(county: County, third: Actor) -> None:
    [row] = drawn(county)
    say(county, county.pharmacist, row)
    with pytest.raises(Invalid):
        say(county, county.pharmacist, row, "2-5")
    say(county, county.colleague, row)
    with pytest.raises(Invalid):
        say(county, third, row, "2-5")
    assert now(county, row).codes == ()


@pytest.mark.parametrize("code", ["4-1", "1-11", ""])
def test_a_code_that_does_not_exist_or_is_not_for_herbs_is_refused(county: County, code: str) -> None:
    [row] = drawn(county)
    with pytest.raises(Invalid):
        say(county, county.pharmacist, row, code)


def test_only_pharmacists_speak(county: County) -> None:
    [row] = drawn(county)
    for actor in (county.doctor, county.manager):
        with pytest.raises(Forbidden):
            say(county, actor, row)


def test_the_doctor_appeals_once_and_somebody_who_gave_no_opinion_answers(
    county: County, third: Actor
) -> None:
    [row] = drawn(county)
    for actor in (county.pharmacist, county.colleague):
        say(county, actor, row, "2-5")
    with pytest.raises(Forbidden):
        county.do(appraising.appeal, county.foreign_doctor, row.id or 0, "不是我开的")
    county.do(appraising.appeal, county.doctor, row.id or 0, "病情需要")
    with pytest.raises(Invalid):
        county.do(appraising.appeal, county.doctor, row.id or 0, "再说一次")
    with pytest.raises(Invalid):
        county.do(appraising.answer_appeal, county.pharmacist, row.id or 0, upheld=True, words="维持")
    county.do(appraising.answer_appeal, third, row.id or 0, upheld=False, words="同意")
    with pytest.raises(Invalid):
        county.do(appraising.answer_appeal, third, row.id or 0, upheld=True, words="又维持")
    assert (now(county, row).codes, now(county, row).is_reasonable) == ((), True)


def test_a_reasonable_prescription_has_nothing_to_appeal_against(county: County) -> None:
    [row] = drawn(county)
    for actor in (county.pharmacist, county.colleague):
        say(county, actor, row)
    with pytest.raises(Invalid):
        county.do(appraising.appeal, county.doctor, row.id or 0, "为什么")


def test_the_indicators_of_the_month_are_counted(county: County) -> None:
    rows = drawn(county, 3)
    for row, codes in zip(rows, ((), ("2-5",), ("2-5", "1-8")), strict=True):
        for actor in (county.pharmacist, county.colleague):
            say(county, actor, row, *codes)
    sample = rows[0].appraisal_id
    of = county.do(appraising.open_appraisal, county.manager, sample).indicators
    assert (of.signed, of.reviewed, of.returned, of.appraised, of.reasonable) == (3, 3, 0, 3, 1)
    assert of.codes == {"2-5": 2, "1-8": 1}
    assert (of.review_rate, of.intervention_rate) == (1.0, 0.0)
    assert of.reasonable_rate == pytest.approx(1 / 3)


def test_a_prescription_cancelled_after_the_drawing_leaves_both_sides_of_the_rates(county: County) -> None:
    first, _ = county.approved(), county.approved()
    sample = drawn(county)[0].appraisal_id

    def figures() -> tuple[int, int, float | None, int]:
        view = county.do(appraising.open_appraisal, county.manager, sample)
        of = view.indicators
        return of.signed, of.reviewed, of.review_rate, view.appraisal.population

    assert figures() == (3, 3, 1.0, 3)
    county.do(prescribing.cancel, county.doctor, first.key(), county.now(first).version, "other")
    assert figures() == (2, 2, 1.0, 3)


def test_a_doctor_sees_what_was_concluded_of_own_prescriptions_alone(county: County) -> None:
    rows = drawn(county, 2)
    for actor in (county.pharmacist, county.colleague):
        say(county, actor, rows[0], "2-5")
    say(county, county.pharmacist, rows[1], "2-5")
    own = county.do(appraising.results_of, county.doctor)
    assert [row.id for row, _ in own] == [rows[0].id]
    assert county.do(appraising.results_of, county.foreign_doctor) == []


def test_the_next_is_the_first_that_wants_ones_word(county: County) -> None:
    rows = drawn(county, 3)
    sample = rows[0].appraisal_id
    say(county, county.pharmacist, rows[0])

    def next_of(actor: Actor) -> int | None:
        row = county.do(appraising.next_to_appraise, actor, sample)
        return None if row is None else row.id

    assert (next_of(county.pharmacist), next_of(county.colleague)) == (rows[1].id, rows[0].id)
    for row in rows[1:]:
        say(county, county.pharmacist, row)
    assert next_of(county.pharmacist) is None


@pytest.mark.parametrize(("month", "bounds"), [("2026-12", ("2026-11-30", "2026-12-31"))])
def test_a_month_runs_from_midnight_to_midnight_of_the_county(month: str, bounds: tuple[str, str]) -> None:
    assert tuple(at.isoformat()[:10] for at in appraising.month_of(month)) == bounds


@pytest.mark.parametrize("month", ["9999-12", "0001-01", "2026-13", "２０２６-11", "", "2026-11-01"])
def test_what_is_no_month_with_a_next_one_is_refused_with_a_sentence(month: str) -> None:
    with pytest.raises(Invalid, match="月份写法如 2026-11。"):
        appraising.month_of(month)


_CODES = [code.code for code in read_appraisal_codes()]


@given(st.lists(st.lists(st.sampled_from(_CODES), max_size=5), min_size=2, max_size=3))
def test_codes_stand_where_two_find_faults_in_the_order_of_the_regulation(
    opinions: Sequence[list[str]],
) -> None:
    agreed = agreed_codes(opinions)
    named = {code for each in opinions for code in each}
    twice = {code for code in named if sum(code in each for each in opinions) >= 2}
    faulty = sum(bool(each) for each in opinions) >= 2
    assert set(agreed) == ((twice or named) if faulty else set())
    assert list(agreed) == [code for code in _CODES if code in agreed]
