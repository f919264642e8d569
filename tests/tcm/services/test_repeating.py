"""The last prescription again: which one it is, what comes along, what is otherwise."""

from datetime import date, timedelta
from typing import Any

import pytest

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Forbidden
from tcm.records.people import Sex
from tcm.records.roles import Actor
from tcm.services import prescribing
from tcm.services.prescribing import ItemDraft
from tcm.services.recalling import FieldChange
from tcm.services.repeating import difference, last_prescription, lines_again, origin_text
from tests.tcm.county import FOUR_GENTLEMEN, County, draft
from tests.tcm.elsewhere import signed_elsewhere


def last(county: County, by: Actor | None = None, *, on_record: bool = True) -> Prescription | None:
    """What a doctor is shown at a new visit of the county's patient."""
    visit = county.visited()
    with county.work() as work:
        found = last_prescription(
            work, by or county.doctor, work.encounters.get(visit.id or 0), on_record=on_record
        )
        work.commit()
        return found


def test_the_newest_of_the_own_house_is_shown_whichever_colleague_wrote_it(county: County) -> None:
    assert last(county) is None
    county.signed()
    county.watch.pass_(days=20)
    newer = county.signed()
    found = last(county, county.other_doctor)
    assert found is not None
    assert (found.id, origin_text(found)) == (newer.id, f"上方:{newer.number}")


def test_neither_another_house_nor_a_draft_nor_a_cancelled_one_is_repeated(county: County) -> None:
    signed_elsewhere(county)
    county.drafted()
    gone = county.signed()
    with county.work() as work:
        from_now = work.prescriptions.get(gone.key())
        from_now.state = from_now.state.CANCELLED
        work.commit()
    assert last(county) is None


def test_what_was_signed_at_the_same_visit_is_not_its_own_last(county: County) -> None:
    visit = county.visited()
    county.signed(visit=visit)
    with county.work() as work:
        encounter = work.encounters.get(visit.id or 0)
        assert last_prescription(work, county.doctor, encounter, on_record=True) is None


def test_the_look_is_on_record_at_an_opening_and_not_while_one_types(county: County) -> None:
    signed = county.signed()
    looks = [look for look in county.looks() if look[2:4] == ("prescription", signed.id)]
    last(county)
    last(county, on_record=False)
    again = [look for look in county.looks() if look[2:4] == ("prescription", signed.id)]
    assert again == [*looks, (county.doctor.staff_id, "prescription.read", "prescription", signed.id, True)]


def test_who_may_not_read_it_is_refused_while_typing_too(county: County) -> None:
    county.signed()
    with pytest.raises(Forbidden):
        last(county, county.foreign_doctor, on_record=False)


def test_lines_come_without_their_second_signatures(county: County) -> None:
    signed = county.signed(draft((ItemDraft("党参", 12.0), ItemDraft("砂仁", 6.0, "后下", "0600710011"))))
    origin = f"上方:{signed.number}"
    assert lines_again(signed) == (
        ItemDraft("党参", 12.0, "", origin),
        ItemDraft("砂仁", 6.0, "后下", origin),
    )


def test_what_the_form_says_otherwise_is_told_herb_by_herb(county: County) -> None:
    signed = county.signed()
    same = difference(county.knowledge, signed, draft())
    assert not same.is_any
    now = (ItemDraft("潞党参", 15.0), *FOUR_GENTLEMEN[1:3], ItemDraft("陈皮", 6.0))
    found = difference(county.knowledge, signed, draft(now, doses_count=14))
    told = [(one.kind, one.written_as, one.before_g, one.after_g) for one in found.changes]
    assert told == [
        ("dose", "潞党参", 12.0, 15.0),
        ("added", "陈皮", None, 6.0),
        ("gone", "炙甘草", 6.0, None),
    ]
    assert (found.doses_before, found.doses_now, found.is_any) == (7, 14, True)
    assert difference(county.knowledge, signed, draft(doses_count=14)).is_any
    at_home = difference(county.knowledge, signed, draft(preparation=Preparation.OWN_COOKING))
    assert (at_home.fields, at_home.changes) == ((FieldChange("preparation", "decocted", "own_cooking"),), ())


@pytest.mark.parametrize(
    "other",
    [{"name": "小宝"}, {"born_on": date(2022, 1, 1)}, {"sex": Sex.MALE}],
    ids=["name", "date of birth", "sex"],
)
def test_what_another_person_with_the_same_number_was_given_is_not_repeated(
    county: County, other: dict[str, Any]
) -> None:
    county.signed()
    county.watch.now += timedelta(days=1)
    child = county.visited(county.registered(**other))
    with county.work() as work:
        encounter = work.encounters.get(child.id or 0)
        assert last_prescription(work, county.doctor, encounter, on_record=True) is None
    # What is still in hand at that number is warned of all the same.
    found = county.do(prescribing.preview, county.doctor, county.knowledge, child.id or 0, draft()).findings
    assert [each.rule for each in found if each.rule == "repeated_supply"] == ["repeated_supply"]


def test_of_two_registrations_with_one_number_the_newest_of_the_house_counts(county: County) -> None:
    county.signed()
    county.watch.now += timedelta(days=3)
    twin = county.registered()
    newer = county.signed(visit=county.visited(twin))
    found = last(county)
    assert found is not None
    assert found.id == newer.id
