"""Unfinished forms: kept for the one who typed, forgotten when they say so, sealed in between."""

import pytest
from sqlalchemy import text

from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.services import keeping
from tests.tcm.county import County

VALUES = {"herb": ["麻黄", "桂枝"], "dose_g": ["9", ""], "usage": ["水煎服"]}
KEY, OTHER = "form-one", "form-two"


def keep(county: County, visit_id: int, values: dict[str, list[str]] = VALUES, key: str = KEY) -> bool:
    return bool(county.do(keeping.keep_draft, county.doctor, visit_id, key, None, values))


def kept(county: County, visit_id: int) -> dict[str, dict[str, list[str]]]:
    drafts = county.do(keeping.drafts_of, county.doctor, visit_id)
    return {draft.form_key: draft.values for draft in drafts}


def test_what_is_typed_is_kept_and_the_newest_replaces_what_was(county: County) -> None:
    visit = county.visited().id or 0
    assert kept(county, visit) == {}
    assert keep(county, visit)
    assert keep(county, visit, VALUES | {"usage": ["空腹服"]})
    assert kept(county, visit) == {KEY: VALUES | {"usage": ["空腹服"]}}
    with county.work() as work:
        assert len(work.form_drafts.all()) == 1


def test_what_is_dropped_is_gone_and_dropping_nothing_does_nothing(county: County) -> None:
    visit = county.visited().id or 0
    county.do(keeping.drop_draft, county.doctor, visit, KEY)
    keep(county, visit)
    county.do(keeping.drop_draft, county.doctor, visit, KEY)
    assert kept(county, visit) == {}


def test_two_forms_of_one_visit_have_a_draft_each(county: County) -> None:
    visit = county.visited().id or 0
    keep(county, visit)
    keep(county, visit, VALUES | {"herb": ["黄芪"]}, OTHER)
    assert kept(county, visit) == {KEY: VALUES, OTHER: VALUES | {"herb": ["黄芪"]}}
    county.do(keeping.drop_draft, county.doctor, visit, KEY)
    assert kept(county, visit) == {OTHER: VALUES | {"herb": ["黄芪"]}}


def test_a_form_that_was_saved_since_keeps_no_draft(county: County) -> None:
    prescription = county.drafted()
    visit, version = prescription.encounter_id, prescription.version
    as_it_was = (county.doctor, visit, prescription.request_key)
    assert [
        county.do(keeping.keep_draft, *as_it_was, known, VALUES) for known in (None, version - 1, version)
    ] == [False, False, True]
    assert kept(county, visit) == {prescription.request_key: VALUES}


def test_a_form_of_another_visit_keeps_no_draft_here(county: County) -> None:
    elsewhere, visit = county.drafted(), county.visited().id or 0
    with pytest.raises(Invalid):
        keep(county, visit, key=elsewhere.request_key)


def test_only_the_doctor_of_the_visit_keeps_a_draft_there(county: County) -> None:
    visit = county.visited().id or 0
    with pytest.raises(Forbidden):
        county.do(keeping.keep_draft, county.foreign_doctor, visit, KEY, None, VALUES)
    with pytest.raises(NotFound):
        county.do(keeping.keep_draft, county.doctor, 999_999, KEY, None, VALUES)


def test_of_drafts_only_the_refused_are_on_record_for_the_chart_is_already(county: County) -> None:
    visit = county.visited().id or 0
    before = county.looks()
    keep(county, visit)
    assert county.looks() == before
    with pytest.raises(Forbidden):
        county.do(keeping.keep_draft, county.foreign_doctor, visit, KEY, None, VALUES)
    stranger = county.foreign_doctor.staff_id
    assert county.looks() == [*before, (stranger, "prescription.write", "encounter", visit, False)]


def test_a_draft_is_sealed_in_the_database(county: County) -> None:
    visit = county.visited().id or 0
    keep(county, visit)
    with county.store.engine.connect() as connection:
        sealed = bytes(connection.scalar(text('SELECT "values" FROM form_drafts')))
    assert "麻黄".encode() not in sealed
    assert b"herb" not in sealed


def test_notes_that_cannot_be_written_are_kept_beside_the_prescriptions_draft(county: County) -> None:
    visit = county.visited().id or 0
    keep(county, visit)
    county.do(keeping.keep_notes, county.doctor, visit, {"complaint": ["头痛"]})
    county.do(keeping.keep_notes, county.doctor, visit, {"complaint": ["头痛三天"]})
    left = county.do(keeping.notes_left, county.doctor, visit)
    assert (left.values, kept(county, visit)) == ({"complaint": ["头痛三天"]}, {KEY: VALUES})
    county.do(keeping.drop_draft, county.doctor, visit, keeping.NOTES)
    assert county.do(keeping.notes_left, county.doctor, visit) is None


def test_another_house_keeps_no_notes_here(county: County) -> None:
    visit = county.visited().id or 0
    with pytest.raises(Forbidden):
        county.do(keeping.keep_notes, county.foreign_doctor, visit, {"complaint": ["头痛"]})


def test_what_was_left_lying_for_a_month_is_cleared_and_nothing_younger(county: County) -> None:
    visit = county.visited().id or 0
    keep(county, visit)
    county.watch.pass_(days=20)
    keep(county, visit, key=OTHER)
    county.watch.pass_(days=10)
    county.signed(visit=county.visited())
    with county.work() as work:
        work.ledger.seal_daily(work.now)
        work.commit()
    county.watch.pass_(days=1)
    with county.work() as work:
        assert keeping.clear_old(work) == 1
        work.commit()
    assert kept(county, visit) == {OTHER: VALUES}
