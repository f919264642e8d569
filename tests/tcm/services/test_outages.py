"""Paper in an outage: numbers, later entry, the same steps signed again; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden, Invalid, NotFound, Stale
from tcm.records.outage import PaperBatch, PaperKind, PaperReason, PaperStep, paper_number
from tcm.records.roles import Actor
from tcm.services import outages, prescribing, reviewing
from tcm.services.outages import WrittenOnPaper
from tests.tcm.county import County, draft

SHEETS = 4


def printed(
    county: County, by: Actor | None = None, kind: PaperKind = PaperKind.PRESCRIPTION, count: int = SHEETS
) -> PaperBatch:
    batch: PaperBatch = county.do(outages.print_papers, by or county.doctor, kind, count, county.new_key())
    return batch


def sheet(
    county: County, serial: int = 1, kind: PaperKind = PaperKind.PRESCRIPTION, by: Actor | None = None
) -> str:
    with county.work() as work:
        code = work.institutions.get((by or county.doctor).institution_id).code
    return paper_number(code, kind, serial)


def written(county: County, serial: int = 1, minutes_ago: int = 60) -> WrittenOnPaper:
    at = county.watch.now - timedelta(minutes=minutes_ago)
    reviewer = county.pharmacist.staff_id
    return WrittenOnPaper(sheet(county, serial), at, PaperReason.POWER, reviewer, at + timedelta(minutes=10))


def enter(county: County, paper: WrittenOnPaper, prescription: Prescription | None = None) -> Prescription:
    """What the form's save does: the draft and the sheet in one work."""
    prescription = prescription or county.drafted()
    with county.work() as work:
        saved = prescribing.save(
            work, county.doctor, county.knowledge, prescription.key(), prescription.version, draft()
        )
        outages.enter_later(work, county.doctor, saved, paper)
        work.commit()
    return county.now(prescription)


def signed(county: County, prescription: Prescription) -> list[tuple[PaperStep, int, datetime]]:
    with county.work() as work:
        found = work.paper_signatures.of_prescription(prescription.key())
    return [(each.step, each.signed_by_id, each.signed_at) for each in found]


def test_numbers_follow_one_another_in_each_house_and_kind(county: County) -> None:
    batches = [
        printed(county),
        printed(county),
        printed(county, kind=PaperKind.REVIEW),
        printed(county, by=county.foreign_doctor),
    ]
    assert [batch.first_serial for batch in batches] == [1, 1 + SHEETS, 1, 1]


def test_the_database_gives_no_number_twice(county: County) -> None:
    first = printed(county)
    with pytest.raises(Stale), county.work() as work:
        work.paper_batches.add(
            PaperBatch(
                institution_id=first.institution_id,
                kind=first.kind,
                first_serial=first.first_serial,
                count=1,
                printed_by_id=first.printed_by_id,
                printed_at=work.now,
                request_key="at-the-same-moment",
            )
        )


def test_who_signed_on_paper_is_kept_and_stands_in_the_ledger(county: County) -> None:
    printed(county)
    paper = written(county)
    prescription = enter(county, paper)
    assert prescription.paper_number == paper.number
    assert signed(county, prescription) == [
        (PaperStep.PRESCRIBED, county.doctor.staff_id, paper.written_at),
        (PaperStep.REVIEWED, county.pharmacist.staff_id, paper.reviewed_at),
    ]
    event = next(each for each in county.events(prescription) if each.kind == "entered_later")
    assert event.payload == {"paper": paper.number, "reason": "power"}
    with county.work() as work:
        assert work.ledger.verify().broken is None


def test_saving_again_with_the_same_sheet_says_nothing_new(county: County) -> None:
    printed(county)
    paper = written(county)
    prescription = enter(county, paper)
    enter(county, paper, prescription)
    assert county.story(prescription).count("entered_later") == 1
    changed = enter(county, replace(paper, reviewed_by_id=None, reviewed_at=None), county.now(prescription))
    assert [step for step, _, _ in signed(county, changed)] == [PaperStep.PRESCRIBED]


def test_one_sheet_holds_one_prescription(county: County) -> None:
    printed(county)
    first = county.sign(enter(county, written(county)))
    with pytest.raises(Invalid, match=first.number):
        enter(county, written(county))


def test_a_sheet_entered_by_mistake_and_cancelled_is_entered_again(county: County) -> None:
    printed(county)
    mistaken = enter(county, written(county))
    county.do(prescribing.cancel, county.doctor, mistaken.key(), mistaken.version, "other")
    again = enter(county, written(county))
    assert (again.paper_number, county.now(mistaken).paper_number) == (sheet(county), sheet(county))
    with pytest.raises(Invalid, match="已经补录过"):
        enter(county, written(county))


def test_the_database_holds_one_prescription_of_a_sheet_that_stands(county: County) -> None:
    printed(county)
    enter(county, written(county))
    other = county.drafted()
    with county.work() as work:
        work.prescriptions.locked(other.key()).paper_number = sheet(county)
        with pytest.raises(Stale):
            work.commit()


def returned(county: County) -> tuple[Prescription, list[tuple[PaperStep, str, int]]]:
    """Entered later and signed; pharmacist and floor enter their own hands; sent back to the doctor."""
    printed(county)
    printed(county, by=county.pharmacist, kind=PaperKind.REVIEW)
    printed(county, by=county.floor, kind=PaperKind.DECOCTION)
    prescription = county.sign(enter(county, unreviewed(county)))
    for actor, step, kind in (
        (county.pharmacist, PaperStep.REVIEWED, PaperKind.REVIEW),
        (county.floor, PaperStep.DISPENSED, PaperKind.DECOCTION),
    ):
        at, number = county.watch.now - timedelta(minutes=30), sheet(county, kind=kind, by=actor)
        county.do(outages.enter_signature, actor, prescription.number, step, number, at, PaperReason.POWER)
    case = county.claimed(prescription)
    back = county.do(
        reviewing.return_to_doctor, county.pharmacist, county.knowledge, case.key(), case.version, "other"
    )
    return back, rows(county, back)


def unreviewed(county: County) -> WrittenOnPaper:
    return replace(written(county), reviewed_by_id=None, reviewed_at=None)


def rows(county: County, prescription: Prescription) -> list[tuple[PaperStep, str, int]]:
    with county.work() as work:
        found = work.paper_signatures.of_prescription(prescription.key())
    return [(each.step, each.paper_number, each.entered_by_id) for each in found]


def test_what_others_entered_of_their_own_hands_outlives_the_doctors_saves(county: County) -> None:
    back, entered = returned(county)
    assert [step for step, _, _ in entered] == [PaperStep.PRESCRIBED, PaperStep.REVIEWED, PaperStep.DISPENSED]
    assert rows(county, enter(county, unreviewed(county), back)) == entered
    # The form shows the pharmacist's own row and brings it back; its time stays the pharmacist's.
    shown = replace(unreviewed(county), reviewed_by_id=county.pharmacist.staff_id)
    assert rows(county, enter(county, shown, county.now(back))) == entered
    other_sheet = replace(unreviewed(county), number=sheet(county, 2))
    moved = rows(county, enter(county, other_sheet, county.now(back)))
    assert moved == [(PaperStep.PRESCRIBED, sheet(county, 2), county.doctor.staff_id), *entered[1:]]
    with county.work() as work:
        outages.forget_paper(work, county.doctor, work.prescriptions.locked(back.key()))
        work.commit()
    assert rows(county, back) == entered[1:]


def test_the_doctor_names_no_other_reviewer_than_the_one_who_entered_it(county: County) -> None:
    back, entered = returned(county)
    with county.work() as work:
        own = work.staff.get(county.pharmacist.staff_id)
        second = work.staff.add(replace(own, id=None, username="second", name="孙远志"))
        work.commit()
        second_id = second.id
    other = replace(unreviewed(county), reviewed_by_id=second_id)
    with pytest.raises(Invalid, match="别人"):
        enter(county, other, back)
    assert rows(county, back) == entered


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"number": "0"}, Invalid),
        ({"minutes": -5}, Invalid),
        ({"minutes": 60 * 24 * 31}, Invalid),
        ({"reviewed_minutes": 90}, Invalid),
        ({"reviewer": "doctor"}, NotFound),
    ],
)
def test_a_sheet_that_cannot_be_is_refused(
    county: County, changes: dict[str, object], refusal: type[Exception]
) -> None:
    printed(county)
    now, paper = county.watch.now, written(county)
    if "number" in changes:
        paper = replace(paper, number=sheet(county, SHEETS + 1))
    if "minutes" in changes:
        paper = written(county, minutes_ago=int(str(changes["minutes"])))
    if "reviewed_minutes" in changes:
        paper = replace(paper, reviewed_at=now - timedelta(minutes=90))
    if "reviewer" in changes:
        paper = replace(paper, reviewed_by_id=county.other_doctor.staff_id)
    prescription = county.drafted()
    with pytest.raises(refusal):
        enter(county, paper, prescription)
    assert (county.now(prescription).paper_number, signed(county, prescription)) == (None, [])


def test_no_step_is_skipped_and_each_is_signed_again_by_the_same_hand(county: County) -> None:
    printed(county)
    prescription = county.sign(enter(county, written(county)))

    def owed() -> dict[PaperStep, bool]:
        outage = county.do(outages.open_outage, county.doctor)
        return {row.signature.step: row.again for row in outage.entered}

    assert owed() == {PaperStep.PRESCRIBED: True, PaperStep.REVIEWED: False}
    county.approve(county.claimed(prescription))
    assert owed() == {PaperStep.PRESCRIBED: True, PaperStep.REVIEWED: True}


def test_the_floor_enters_its_own_signature_once_and_nobody_anothers(county: County) -> None:
    prescription = county.approved()
    printed(county, by=county.floor, kind=PaperKind.DECOCTION)
    record = sheet(county, kind=PaperKind.DECOCTION, by=county.floor)
    at = county.watch.now - timedelta(minutes=1)
    said = (prescription.number, PaperStep.DISPENSED, record, at, PaperReason.NETWORK)
    first = county.do(outages.enter_signature, county.floor, *said)
    assert county.do(outages.enter_signature, county.floor, *said).id == first.id
    with pytest.raises(Invalid):
        county.do(outages.enter_signature, county.pharmacist, *said)
    with pytest.raises(Invalid):
        county.do(outages.enter_signature, county.floor, said[0], PaperStep.REVIEWED, *said[2:])


def test_a_doctor_sees_what_was_entered_in_their_own_house_only(county: County) -> None:
    printed(county)
    enter(county, written(county))
    seen = [
        len(county.do(outages.open_outage, actor).entered)
        for actor in (county.doctor, county.foreign_doctor, county.pharmacist)
    ]
    assert seen == [2, 0, 2]


def test_who_never_works_on_paper_prints_none(county: County) -> None:
    with pytest.raises(Forbidden):
        printed(county, by=county.admin)
