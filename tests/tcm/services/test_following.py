"""Follow-up: an earlier visit of the same patient with a tongue, asked for by somebody who may look."""

from datetime import datetime

import pytest

from tcm.records.clinical import Encounter, PhotographKind, Reading
from tcm.records.errors import Forbidden, NotFound
from tcm.services import charting, following
from tcm.services.charting import PatientDetails
from tcm.services.following import EarlierVisit, FollowUp, SeenTongue
from tcm.services.photographing import Outcome
from tests.tcm.county import NAME, County

BLURRED = Outcome("tongue-1", Reading(400, 300), refusal="blurred")


def seen(county: County, *pictures: bytes, days: int = 7) -> Encounter:
    """A visit some days later with these tongues."""
    county.watch.pass_(days=days)
    visit = county.visited()
    for picture in pictures:
        county.photographed(visit, clean=picture)
    return visit


def opened(county: County, visit: Encounter, earlier: Encounter | None = None) -> FollowUp:
    earlier_id = earlier.id if earlier else None
    return county.do(following.open_follow_up, county.doctor, visit.id or 0, earlier_id)


def pictures(found: FollowUp) -> tuple[bytes | None, bytes | None]:
    return tuple(one.picture if one else None for one in (found.before, found.after))


def test_the_newest_earlier_tongue_is_held_against_the_newest_of_this_visit(county: County) -> None:
    seen(county, b"first")
    second = seen(county, b"second, spoilt", b"second")
    seen(county)
    visit = seen(county, b"third, spoilt", b"third")
    seen(county, b"a later one")
    found = opened(county, visit)
    assert pictures(found) == (b"second", b"third")
    assert found.before is not None
    assert found.after is not None
    assert (found.before.visit_id, found.after.visit_id) == (second.id, visit.id)
    assert (found.patient_name, found.after.model, found.after.drawn) == (NAME, "tongue-1", False)


def test_any_earlier_visit_with_a_tongue_may_be_chosen(county: County) -> None:
    first, second = seen(county, b"first"), seen(county, b"second")
    seen(county)
    visit = seen(county, b"third")
    found = opened(county, visit, first)
    assert pictures(found) == (b"first", b"third")
    assert found.choices == tuple(EarlierVisit(one.id or 0, one.opened_at) for one in (second, first))


def test_faces_and_tongues_that_could_not_be_read_are_nothing_to_compare(county: County) -> None:
    earlier = seen(county)
    county.photographed(earlier, kind=PhotographKind.FACE, clean=b"a face")
    county.photographed(earlier, BLURRED, clean=b"blurred")
    county.uploaded(earlier)
    visit = seen(county, b"now")
    found = opened(county, visit)
    assert (pictures(found), found.choices) == ((None, b"now"), ())


def test_a_visit_without_a_tongue_still_names_the_earlier_ones(county: County) -> None:
    seen(county, b"first")
    found = opened(county, seen(county))
    assert pictures(found) == (b"first", None)


def test_an_earlier_visit_without_a_tongue_may_be_chosen_and_has_none(county: County) -> None:
    seen(county, b"first")
    bare, visit = seen(county), seen(county, b"now")
    assert pictures(opened(county, visit, bare)) == (None, b"now")


def test_only_an_earlier_visit_of_this_patient_is_held_against_it(county: County) -> None:
    visit, later = seen(county, b"now"), seen(county, b"later")
    stranger = county.visited(county.registered(name="钟灵", id_number=""))
    for other in (visit, later, stranger):
        with pytest.raises(NotFound, match="没有可以对照的这次就诊"):
            opened(county, visit, other)
    with pytest.raises(NotFound, match="没有这次就诊"):
        county.do(following.open_follow_up, county.doctor, visit.id or 0, 999)


def test_both_pictures_are_looks_on_record(county: County) -> None:
    first, visit = seen(county, b"first"), seen(county, b"second")
    before = len(county.looks())
    opened(county, visit)
    with county.work() as work:
        ids = [work.photographs.read_of_encounter(one.id or 0)[0].id for one in (first, visit)]
    doctor = county.doctor.staff_id
    assert county.looks()[before:] == [
        (doctor, "patient.read", "encounter", visit.id, True),
        (doctor, "photograph.read", "photograph", ids[0], True),
        (doctor, "photograph.read", "photograph", ids[1], True),
    ]


def test_another_house_is_refused_and_the_refusal_is_on_record(county: County) -> None:
    first, visit = seen(county, b"first"), seen(county, b"second")
    before = len(county.looks())
    for actor in (county.foreign_doctor, county.courier):
        with pytest.raises(Forbidden):
            county.do(following.open_follow_up, actor, visit.id or 0, first.id)
    assert county.looks()[before:] == [
        (actor.staff_id, "patient.read", "encounter", visit.id, False)
        for actor in (county.foreign_doctor, county.courier)
    ]


def test_a_visit_of_another_house_is_no_way_in(county: County) -> None:
    theirs = seen(county, b"theirs")
    foreign = county.foreign_doctor
    patient = county.patient
    details = PatientDetails("钟灵", patient.sex, patient.born_on, patient.village_id)
    own = county.do(charting.register_patient, foreign, details, county.new_key())
    visit = county.do(charting.open_encounter, foreign, own.id or 0, county.new_key())
    with pytest.raises(Forbidden):
        county.do(following.open_follow_up, foreign, visit.id or 0, theirs.id)
    assert county.looks()[-1] == (foreign.staff_id, "patient.read", "encounter", theirs.id, False)


def test_many_visits_cost_as_many_statements_as_one(county: County) -> None:
    seen(county, b"first")
    visit = seen(county, b"second")
    with county.counted() as few:
        opened(county, visit)
    for _ in range(6):
        seen(county, b"more")
    last = seen(county, b"last")
    with county.counted() as many:
        opened(county, last)
    assert len(many) == len(few)


def test_what_is_found_outlives_the_work(county: County) -> None:
    seen(county, b"first")
    visit = seen(county, b"second")
    with county.work() as work:
        found = following.open_follow_up(work, county.doctor, visit.id or 0)
    assert isinstance(found.before, SeenTongue)
    assert isinstance(found.before.taken_at, datetime)
    assert found.before.taken_at.tzinfo is not None
    assert found.before.taken_at < found.opened_at
