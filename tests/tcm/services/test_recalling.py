"""What was prescribed before: earlier prescriptions, what the doctor changed, what differs from last time."""

from dataclasses import replace

import pytest

from tcm.records.clinical import Preparation, Prescription
from tcm.records.errors import Forbidden
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.services import recalling, reviewing
from tcm.services.prescribing import ItemDraft
from tcm.services.recalling import EARLIER_AT_MOST, FieldChange, HerbChange, Recalled, field_changes
from tests.tcm.county import FOUR_GENTLEMEN, USAGE, County, draft

# 白术 at another dose, 茯苓 gone, 陈皮 added; the licorice under another spelling.
CHANGED = draft(
    [FOUR_GENTLEMEN[0], ItemDraft("白术", 12.0), ItemDraft("炙甘草", 6.0, "后下"), ItemDraft("陈皮", 6.0)],
    doses_count=5,
)
CHANGES = (
    HerbChange("dose", "白术", 9.0, 12.0, "", ""),
    HerbChange("note", "炙甘草", 6.0, 6.0, "", "后下"),
    HerbChange("added", "陈皮", None, 6.0, "", ""),
    HerbChange("gone", "茯苓", 12.0, None, "", ""),
)


def recalled(county: County, prescription: Prescription) -> Recalled:
    with county.work() as work:
        return recalling.recall(
            work, county.pharmacist, county.knowledge, work.prescriptions.get(prescription.key())
        )


def sent_back(county: County, prescription: Prescription) -> Prescription:
    claimed = county.claimed(prescription)
    page = (county.knowledge, claimed.key(), claimed.version)
    return county.do(reviewing.return_to_doctor, county.pharmacist, *page, "dose")


def test_a_first_prescription_has_nothing_before_it(county: County) -> None:
    assert recalled(county, county.signed()) == Recalled(None, None, [])


def test_herbs_added_gone_and_at_another_dose_are_told_against_the_last_prescription(county: County) -> None:
    first = county.approved()
    county.watch.pass_(days=9)
    found = recalled(county, county.signed(CHANGED))
    assert found.since_return is None
    assert found.since_last is not None
    assert (found.since_last.at, found.since_last.changes) == (first.signed_at, CHANGES)
    assert (found.since_last.doses_before, found.since_last.doses_after) == (7, 5)
    assert [(row.prescription_id, len(row.herbs)) for row in found.earlier] == [(first.id, 4)]


def test_another_spelling_of_a_herb_is_no_change(county: County) -> None:
    county.approved(draft([*FOUR_GENTLEMEN, ItemDraft("生龙骨", 20.0, "先煎")]))
    found = recalled(county, county.signed(draft([*FOUR_GENTLEMEN, ItemDraft("龙骨", 20.0, "先煎")])))
    assert found.since_last is not None
    assert (found.since_last.changes, found.since_last.is_any) == ((), False)


def test_a_herb_written_twice_is_held_against_its_own_line(county: County) -> None:
    before = draft([*FOUR_GENTLEMEN, ItemDraft("炙甘草", 3.0)])
    with county.work() as work:
        lines = work.prescriptions.get(county.drafted(before).key())
        snapped = recalling.snapshot(lines)["lines"]
        assert isinstance(snapped, list)
        earlier = [recalling.SuppliedHerb(*line) for line in snapped]
        assert recalling.changes(county.knowledge, earlier, lines.items) == ()
        assert recalling.changes(county.knowledge, earlier, lines.items[:-1]) == (
            HerbChange("gone", "炙甘草", 3.0, None, "", ""),
        )


def test_the_answer_to_a_return_is_held_against_what_was_sent_back(county: County) -> None:
    county.approved()
    returned = sent_back(county, county.signed())
    assert recalled(county, returned).since_return is None
    answered = county.sign(county.saved(returned, CHANGED))
    found = recalled(county, answered)
    assert answered.state is State.SIGNED
    assert found.since_return is not None
    assert (found.since_return.reason_code, found.since_return.changes) == ("dose", CHANGES)
    assert found.since_return.at == county.events(answered)[2].at


def test_another_preparation_usage_class_or_doses_a_day_is_told(county: County) -> None:
    lines = [ItemDraft("党参", 9.0), ItemDraft("陈皮", 3.0)]
    returned = sent_back(county, county.signed(draft(lines)))
    otherwise = draft(
        lines, preparation=Preparation.OWN_COOKING, usage="睡前顿服", doses_per_day=2, decoction_class="滋补"
    )
    found = recalled(county, county.sign(county.saved(returned, otherwise))).since_return
    assert found is not None
    assert (found.changes, found.is_any) == ((), True)
    assert found.fields == (
        FieldChange("preparation", "decocted", "own_cooking"),
        FieldChange("doses_per_day", "1", "2"),
        FieldChange("usage", USAGE, "睡前顿服"),
        FieldChange("decoction_class", "一般", "滋补"),
    )


def test_another_processed_form_is_another_herb(county: County) -> None:
    county.approved(draft([ItemDraft("栀子", 6.0), ItemDraft("白术", 9.0)]))
    county.watch.pass_(days=9)
    found = recalled(county, county.signed(draft([ItemDraft("栀子炭", 6.0), ItemDraft("炒白术", 9.0)])))
    assert found.since_last is not None
    assert [(one.kind, one.written_as) for one in found.since_last.changes] == [
        ("added", "栀子炭"),
        ("added", "炒白术"),
        ("gone", "栀子"),
        ("gone", "白术"),
    ]


def test_what_was_kept_before_the_fields_were_tells_nothing_of_them() -> None:
    now = {"preparation": "granules", "doses_per_day": 2, "usage": "冲服", "decoction_class": "一般"}
    assert field_changes({"lines": [], "doses_count": 7}, now) == ()
    assert field_changes({"usage": "水煎"}, now) == (FieldChange("usage", "水煎", "冲服"),)


def test_a_second_answer_is_held_against_the_second_version_sent_back(county: County) -> None:
    returned = sent_back(county, county.signed())
    again = sent_back(county, county.sign(county.saved(returned, CHANGED)))
    found = recalled(county, county.sign(again))
    assert found.since_return is not None
    assert (found.since_return.changes, found.since_return.is_any) == ((), False)


def test_what_was_not_supplied_or_came_later_is_no_earlier_prescription(county: County) -> None:
    asked = county.signed()
    county.drafted()
    sent_back(county, county.signed())
    county.approved()
    assert recalled(county, asked).earlier == []


def test_the_list_is_short_newest_first_and_costs_as_much_for_three_as_for_one(county: County) -> None:
    taken = []
    signed = [county.signed() for _ in range(EARLIER_AT_MOST + 2)]
    for prescription in (signed[1], signed[3]):
        with county.work() as work:
            held = work.prescriptions.get(prescription.key())
            with county.counted() as statements:
                recalling.recall(work, county.pharmacist, county.knowledge, held)
        taken.append(len(statements))
    assert taken[0] == taken[1]
    found = recalled(county, signed[-1])
    assert [row.prescription_id for row in found.earlier] == [each.id for each in signed[-2:0:-1]]


def test_what_another_house_wrote_is_recalled_and_the_look_is_on_record(county: County) -> None:
    before = county.approved()
    with county.work() as work:
        work.prescriptions.get(before.key()).institution_id = county.centre.id or 0
        work.commit()
    asked = county.signed()
    logged = len(county.looks())
    with county.work() as work:
        held = work.prescriptions.get(asked.key())
        found = recalling.recall(work, county.pharmacist, county.knowledge, held)
        work.commit()
    assert [row.prescription_id for row in found.earlier] == [before.id]
    assert [look[1:] for look in county.looks()[logged:]] == [
        ("review.decide", "prescription", asked.id, True),
        ("prescription.read", "supply", before.id, True),
    ]


def test_nobody_else_recalls(county: County) -> None:
    signed = county.signed()
    for role, actor in county.actors.items():
        if role is not Role.PHARMACIST:
            with pytest.raises(Forbidden):
                county.do(recalling.recall, actor, county.knowledge, replace(signed))
