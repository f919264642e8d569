"""The doctor's first page and the preview: what they show, to whom, and what they leave untouched."""

import pytest

from tcm.records.clinical import Prescription
from tcm.records.errors import Forbidden
from tcm.records.lifecycle import State
from tcm.services import charting, prescribing, reviewing
from tcm.services.prescribing import ItemDraft
from tests.tcm.county import FOUR_GENTLEMEN, County, draft


def returned(county: County) -> Prescription:
    claimed = county.claimed(county.signed())
    return county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "dose",
        remark="请减量",
    )


def test_the_day_shows_todays_visits_with_the_newest_prescription_of_each(county: County) -> None:
    empty = county.visited()
    visit = county.visited()
    county.drafted(visit=visit)
    signed = county.signed(visit=visit)
    day = county.do(charting.open_day, county.doctor)
    assert [(row.encounter_id, row.prescription_id, row.number, row.state) for row in day.visits] == [
        (visit.id, signed.id, signed.number, State.SIGNED),
        (empty.id, None, None, None),
    ]
    assert set(day.patients) == {county.patient.id}
    assert (day.returned, day.returns) == ([], {})


def test_what_came_back_stays_on_the_page_on_the_days_after(county: County) -> None:
    back = returned(county)
    county.watch.pass_(days=2)
    day = county.do(charting.open_day, county.doctor)
    assert day.visits == []
    assert [(row.prescription_id, row.state) for row in day.returned] == [(back.id, State.RETURNED)]
    assert day.returns[back.key()].note == "请减量"
    assert day.patients[county.patient.id or 0].name == county.patient.name


def test_a_doctor_sees_no_colleagues_day(county: County) -> None:
    county.signed()
    day = county.do(charting.open_day, county.other_doctor)
    assert (day.visits, day.returned, day.patients) == ([], [], {})


def test_the_preview_finds_what_the_saved_prescription_would_and_keeps_nothing(county: County) -> None:
    visit = county.visited()
    form = draft([*FOUR_GENTLEMEN, ItemDraft("附子", 9.0)])
    seen = county.do(prescribing.preview, county.doctor, county.knowledge, visit.id or 0, form)
    with county.work() as work:
        assert work.prescriptions.of_encounter(visit.id or 0) == []
    saved = county.drafted(form, visit)
    assert seen.findings == county.do(prescribing.findings, county.doctor, county.knowledge, saved.key())


def test_no_other_doctor_previews_a_visit(county: County) -> None:
    visit = county.visited()
    with pytest.raises(Forbidden):
        county.do(prescribing.preview, county.other_doctor, county.knowledge, visit.id or 0, draft())
