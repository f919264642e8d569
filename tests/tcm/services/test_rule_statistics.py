"""What pharmacists made of each rule's findings, counted."""

from collections.abc import Callable
from datetime import date, timedelta

from tcm.records.governance import FindingDecision, FindingRecord
from tcm.records.roles import Actor
from tcm.services import ruling
from tests.tcm.county import DAY, KNOWLEDGE, County


def test_statistics_count_what_became_of_each_rules_findings_and_who_overruled(county: County) -> None:
    accepted, overruled, undecided = FindingDecision
    _found(
        county,
        ("herb_count", overruled, county.pharmacist),
        ("herb_count", overruled, county.colleague),
        ("herb_count", overruled, county.colleague),
        ("herb_count", accepted, county.colleague),
        ("external_only", undecided, county.pharmacist),
        ("child_dose", accepted, county.pharmacist),
        ("child_dose", accepted, county.pharmacist),
    )
    told = county.do(ruling.statistics, county.manager, DAY, DAY)
    assert [(each.rule, each.fired, each.accepted, each.overruled, each.undecided) for each in told] == [
        ("herb_count", 4, 1, 3, 0),
        ("child_dose", 2, 2, 0, 0),
        ("external_only", 1, 0, 0, 1),
    ]
    assert [each.overruled_by for each in told] == [(("唐远志", 2), ("陈半夏", 1)), (), ()]


def test_statistics_count_whole_county_days_however_far_they_reach(county: County) -> None:
    _found(county, ("herb_count", FindingDecision.ACCEPTED, county.pharmacist))
    counted = {
        (since, until): len(county.do(ruling.statistics, county.pharmacist, since, until))
        for since, until in (
            (DAY, DAY),
            (DAY - timedelta(days=1), DAY - timedelta(days=1)),
            (DAY + timedelta(days=1), DAY + timedelta(days=9)),
            (date.min, date.max),
        )
    }
    assert list(counted.values()) == [1, 0, 0, 1]


def test_statistics_cost_one_statement_whatever_there_is(county: County) -> None:
    accepted, overruled, _ = FindingDecision
    _found(county, ("herb_count", accepted, county.pharmacist))
    one = _statements(county, lambda: county.do(ruling.statistics, county.manager, DAY, DAY))
    _found(
        county,
        ("child_dose", overruled, county.colleague),
        ("external_only", overruled, county.pharmacist),
    )
    assert _statements(county, lambda: county.do(ruling.statistics, county.manager, DAY, DAY)) == one


def _statements(county: County, use_case: Callable[[], object]) -> int:
    with county.counted() as sent:
        use_case()
    return len(sent)


def _found(county: County, *findings: tuple[str, FindingDecision, Actor]) -> None:
    prescription = county.approved()
    with county.work() as work:
        [review] = work.reviews.of_prescription(prescription.key())
        for rule, decision, pharmacist in findings:
            work.findings.add(
                FindingRecord(
                    review_id=review.id or 0,
                    prescription_id=prescription.key(),
                    pharmacist_id=pharmacist.staff_id,
                    decided_at=work.now,
                    rules_version="shipped",
                    rule=rule,
                    kind=KNOWLEDGE.rules[rule].kind,
                    severity="warn",
                    decision=decision,
                )
            )
        work.commit()
