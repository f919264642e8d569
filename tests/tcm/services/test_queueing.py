"""The pharmacists' queue: who goes first, targets, who handed what on; and one's own thirty days."""

from datetime import date, timedelta

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden
from tcm.records.roles import Actor, Role
from tcm.services import consulting, queueing, reviewing
from tcm.services.prescribing import ItemDraft
from tcm.services.queueing import Waiting
from tcm.store.review_queries import ReviewFigures
from tests.tcm.county import FOUR_GENTLEMEN, County, draft

TOXIC = draft([*FOUR_GENTLEMEN, ItemDraft("附子", 6.0, "先煎")])


def waiting(county: County) -> list[Waiting]:
    return county.do(queueing.queue, county.pharmacist, county.knowledge)


def ids(county: County) -> list[int]:
    return [each.row.prescription_id for each in waiting(county)]


def child(county: County, born_on: date) -> Prescription:
    patient = county.registered(name="何田", id_number="", born_on=born_on)
    small = draft([ItemDraft(line.written_as, 3.0) for line in FOUR_GENTLEMEN])
    return county.signed(small, county.visited(patient))


def figures(county: County, actor: Actor) -> ReviewFigures:
    return county.do(queueing.own_figures, actor)


def test_urgent_go_first_then_children_then_poisonous_herbs_then_the_longest_waiting(county: County) -> None:
    first, toxic, second = county.signed(), county.signed(TOXIC), county.signed()
    young = child(county, date(2016, 3, 1))
    early, late = county.signed(draft(urgent=True)), county.signed(draft(urgent=True))
    county.drafted()
    county.approved()
    assert ids(county) == [each.key() for each in (early, late, young, toxic, first, second)]


def test_fourteen_is_no_child_any_more(county: County) -> None:
    child(county, date(2012, 11, 22))
    child(county, date(2012, 11, 21))
    assert [each.child for each in waiting(county)] == [True, False]


def test_the_target_is_the_one_of_the_table(county: County) -> None:
    urgent, ordinary = county.signed(draft(urgent=True)), county.signed()
    targets = county.knowledge.review_targets
    assert (targets.urgent_min, targets.ordinary_min, targets.child_under_years) == (120, 60, 14)
    told = {each.row.prescription_id: (each.target_min, each.due_at) for each in waiting(county)}
    assert urgent.signed_at is not None
    assert ordinary.signed_at is not None
    assert told == {
        urgent.key(): (120, urgent.signed_at + timedelta(minutes=120)),
        ordinary.key(): (60, ordinary.signed_at + timedelta(minutes=60)),
    }


def test_a_row_of_the_queue_names_no_patient(county: County) -> None:
    prescription = county.claimed(county.signed(), county.colleague)
    [found] = waiting(county)
    assert vars(found.row) == {
        "prescription_id": prescription.key(),
        "number": prescription.number,
        "institution_id": prescription.institution_id,
        "institution": "詹桥镇卫生院",
        "doctor": "李春生",
        "sex": county.patient.sex,
        "born_on": county.patient.born_on,
        "syndrome": "脾胃气虚证",
        "herbs_count": 4,
        "doses_count": 7,
        "urgent": False,
        "signed_at": prescription.signed_at,
        "claimed_by": "唐远志",
        "claimed_by_id": county.colleague.staff_id,
        "toxic": False,
        "handed_by": None,
        "handed_by_id": None,
        "handed_reason": None,
        "paper_number": None,
    }


def test_what_is_handed_on_tells_by_whom_and_why_until_it_is_signed_anew(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(consulting.hand_over, county.pharmacist, claimed.key(), "other")
    taken = county.claimed(claimed, county.colleague)
    county.do(consulting.hand_over, county.colleague, taken.key(), "beyond_experience")
    [found] = waiting(county)
    row = found.row
    assert (row.handed_by, row.handed_by_id, row.handed_reason, row.claimed_by_id) == (
        "唐远志",
        county.colleague.staff_id,
        "beyond_experience",
        None,
    )
    again = county.claimed(claimed)
    page = (county.knowledge, again.key(), again.version)
    county.sign(county.do(reviewing.return_to_doctor, county.pharmacist, *page, "dose"))
    assert [each.row.handed_by for each in waiting(county)] == [None]


def test_only_pharmacists_see_the_queue_and_have_figures(county: County) -> None:
    for role, actor in county.actors.items():
        if role is not Role.PHARMACIST:
            with pytest.raises(Forbidden):
                county.do(queueing.queue, actor, county.knowledge)
            with pytest.raises(Forbidden):
                figures(county, actor)


def test_own_figures_count_decisions_and_the_median_wait_from_the_signature_before_each(
    county: County,
) -> None:
    assert figures(county, county.pharmacist) == ReviewFigures(0, 0, None)
    signed = [county.signed() for _ in range(3)]
    for prescription, minutes in zip(signed, (10, 20, 60), strict=True):
        county.watch.now = (prescription.signed_at or county.watch.now) + timedelta(minutes=minutes)
        claimed = county.claimed(prescription)
        if minutes == 60:
            page = (county.knowledge, claimed.key(), claimed.version)
            county.do(reviewing.return_to_doctor, county.pharmacist, *page, "dose")
        else:
            county.approve_as(county.pharmacist, claimed.key(), claimed.version)
    found = figures(county, county.pharmacist)
    assert (found.reviewed, found.returned, round(found.median_min or 0)) == (3, 1, 20)
    answered = county.sign(county.now(signed[2]))
    taken = county.claimed(answered, county.colleague)
    county.approve_as(county.colleague, taken.key(), taken.version)
    theirs = figures(county, county.colleague)
    assert (theirs.reviewed, theirs.returned, round(theirs.median_min or 9)) == (1, 0, 0)
    county.watch.pass_(days=31)
    assert figures(county, county.pharmacist) == ReviewFigures(0, 0, None)


def test_queue_and_figures_cost_as_many_statements_for_three_rows_as_for_one(county: County) -> None:
    taken = []
    for _ in range(3):
        claimed = county.claimed(county.signed())
        county.do(consulting.hand_over, county.pharmacist, claimed.key(), "other")
        county.approved()
        with county.work() as work:
            work.session.connection()
            with county.counted() as statements:
                queueing.queue(work, county.pharmacist, county.knowledge)
                queueing.own_figures(work, county.pharmacist)
        taken.append(len([each for each in statements if each.startswith("SELECT")]))
    assert taken == [2, 2, 2]
