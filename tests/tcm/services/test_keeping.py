"""Unfinished forms: kept for the one who typed, forgotten when they say so, sealed in between."""

import pytest
from sqlalchemy import text

from tcm.records.errors import Forbidden, NotFound
from tcm.services import keeping
from tests.tcm.county import County

VALUES = {"herb": ["麻黄", "桂枝"], "dose_g": ["9", ""], "usage": ["水煎服"]}


def kept(county: County, visit_id: int) -> dict[str, list[str]] | None:
    draft = county.do(keeping.draft_of, county.doctor, visit_id)
    return None if draft is None else draft.values


def test_what_is_typed_is_kept_and_the_newest_replaces_what_was(county: County) -> None:
    visit = county.visited().id or 0
    assert kept(county, visit) is None
    county.do(keeping.keep_draft, county.doctor, visit, VALUES)
    county.do(keeping.keep_draft, county.doctor, visit, VALUES | {"usage": ["空腹服"]})
    assert kept(county, visit) == VALUES | {"usage": ["空腹服"]}
    with county.work() as work:
        assert len(work.form_drafts.all()) == 1


def test_what_is_dropped_is_gone_and_dropping_nothing_does_nothing(county: County) -> None:
    visit = county.visited().id or 0
    county.do(keeping.drop_draft, county.doctor, visit)
    county.do(keeping.keep_draft, county.doctor, visit, VALUES)
    county.do(keeping.drop_draft, county.doctor, visit)
    assert kept(county, visit) is None


def test_only_the_doctor_of_the_visit_keeps_a_draft_there(county: County) -> None:
    visit = county.visited().id or 0
    with pytest.raises(Forbidden):
        county.do(keeping.keep_draft, county.foreign_doctor, visit, VALUES)
    with pytest.raises(NotFound):
        county.do(keeping.keep_draft, county.doctor, 999_999, VALUES)


def test_a_draft_is_sealed_in_the_database(county: County) -> None:
    visit = county.visited().id or 0
    county.do(keeping.keep_draft, county.doctor, visit, VALUES)
    with county.store.engine.connect() as connection:
        sealed = bytes(connection.scalar(text('SELECT "values" FROM form_drafts')))
    assert "麻黄".encode() not in sealed
    assert b"herb" not in sealed
