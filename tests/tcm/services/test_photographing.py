"""Photographs: kept and waiting, read once, refused without leaving pixels, looked at on record."""

from hashlib import sha256

import pytest

from tcm.records.clinical import Photograph, PhotographKind, PhotographState, Reading
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.services import charting, photographing
from tcm.services.photographing import FAILED, Outcome, Upload
from tests.tcm.centre import enqueue_nothing
from tests.tcm.county import CLEAN, PALE_TONGUE, County

BLURRED = Outcome("tongue-1", Reading(400, 300, quality={"sharpness": 0.2}), refusal="blurred")


def stored(county: County, photograph: Photograph) -> Photograph:
    with county.work() as work:
        return work.photographs.get(photograph.id or 0)


def keep(county: County, photograph: Photograph, outcome: Outcome) -> None:
    with county.work() as work:
        photographing.keep_outcome(work, photograph.id or 0, outcome)
        work.commit()


def drop(county: County, photograph: Photograph) -> None:
    with county.work() as work:
        photographing.drop_refused(work, photograph.id or 0)
        work.commit()


def files(county: County) -> int:
    return sum(1 for path in (county.store.home / "blobs").iterdir())


def test_an_upload_waits_and_its_job_is_asked_for_in_the_same_work(county: County) -> None:
    asked: list[int] = []
    visit, key = county.visited(), county.new_key()
    face = Upload(b"a face", PhotographKind.FACE, drawn=True)
    with county.work() as work:
        args = (work, county.doctor, visit.id or 0, face, key)
        enqueue = lambda _work, photograph_id: asked.append(photograph_id)  # noqa: E731
        photograph = photographing.keep_upload(*args, enqueue=enqueue)
        again = photographing.keep_upload(*args, enqueue=enqueue)
        work.commit()
    assert (asked, again.id) == ([photograph.id], photograph.id)
    kept = stored(county, photograph)
    assert (kept.kind, kept.state, kept.drawn) == (PhotographKind.FACE, PhotographState.WAITING, True)
    assert (kept.sha256, kept.signs, kept.reading) == (sha256(b"a face").hexdigest(), [], None)


def test_the_key_of_one_visit_brings_no_picture_of_another(county: County) -> None:
    key = county.new_key()
    county.uploaded(county.visited(), key=key)
    with pytest.raises(Invalid, match="这张表单已经用在别处"):
        county.uploaded(county.visited(), key=key)


def test_a_reading_comes_back_as_it_was_kept(county: County) -> None:
    visit = county.visited()
    photograph = county.photographed(visit)
    assert (photograph.state, photograph.refusal) == (PhotographState.READ, "")
    assert (photograph.model, photograph.signs) == (PALE_TONGUE.model, list(PALE_TONGUE.signs))
    assert photograph.reading == PALE_TONGUE.reading
    opened = [
        county.do(photographing.open_photograph, county.doctor, photograph.id or 0, overlay=overlay)
        for overlay in (False, True)
    ]
    assert opened == [CLEAN.clean, PALE_TONGUE.overlay]


def test_a_second_reading_of_one_photograph_changes_nothing(county: County) -> None:
    photograph = county.photographed(county.visited())
    before = files(county)
    keep(county, photograph, BLURRED)
    assert (stored(county, photograph).state, files(county)) == (PhotographState.READ, before)
    with county.work() as work:
        assert photographing.to_read(work, photograph.id or 0) is None
        photographing.fail_reading(work, photograph.id or 0)
        work.commit()
    assert stored(county, photograph).refusal == ""


def test_a_refused_photograph_keeps_why_and_no_pixels(county: County) -> None:
    photograph = county.photographed(county.visited(), BLURRED)
    for _ in range(2):
        drop(county, photograph)
    kept = stored(county, photograph)
    assert (kept.state, kept.refusal, kept.reading) == (
        PhotographState.REFUSED,
        "blurred",
        BLURRED.reading,
    )
    assert (kept.blob_key, kept.overlay_key, files(county)) == ("", "", 0)
    for overlay in (False, True):
        with pytest.raises(NotFound, match="没有这张照片"):
            county.do(photographing.open_photograph, county.doctor, photograph.id or 0, overlay=overlay)


def test_a_refused_photograph_is_not_shown_even_before_its_pixels_are_gone(county: County) -> None:
    photograph = county.photographed(county.visited(), BLURRED)
    assert stored(county, photograph).blob_key
    with pytest.raises(NotFound, match="没有这张照片"):
        county.do(photographing.open_photograph, county.doctor, photograph.id or 0, overlay=False)


def test_only_refused_photographs_lose_their_pixels(county: County) -> None:
    visit = county.visited()
    waiting, read = county.uploaded(visit), county.photographed(visit)
    drop(county, waiting)
    drop(county, read)
    assert files(county) == 3
    assert stored(county, waiting).state is PhotographState.WAITING


def test_a_reading_that_goes_wrong_is_said_instead_of_waited_for(county: County) -> None:
    photograph = county.uploaded(county.visited())
    with county.work() as work:
        photographing.fail_reading(work, photograph.id or 0)
        work.commit()
    kept = stored(county, photograph)
    assert (kept.state, kept.refusal) == (PhotographState.REFUSED, FAILED)


def test_the_doctor_puts_a_refusal_away_and_nothing_else(county: County) -> None:
    visit = county.visited()
    refused, waiting = county.photographed(visit, BLURRED), county.uploaded(visit)
    for photograph in (refused, waiting):
        county.do(photographing.dismiss, county.doctor, photograph.id or 0)
    assert stored(county, refused).state is PhotographState.DISMISSED
    assert stored(county, waiting).state is PhotographState.WAITING


def test_a_page_that_asks_every_moment_leaves_one_look_on_record_and_a_stranger_too(county: County) -> None:
    visit = county.visited()
    photograph = county.uploaded(visit)
    before = county.looks()
    for _ in range(3):
        _, photographs = county.do(photographing.glance, county.doctor, visit.id or 0)
        assert [each.id for each in photographs] == [photograph.id]
    assert county.looks() == before
    with pytest.raises(Forbidden):
        county.do(photographing.glance, county.foreign_doctor, visit.id or 0)
    stranger = county.foreign_doctor.staff_id
    assert county.looks()[len(before) :] == [(stranger, "patient.read", "encounter", visit.id, False)]


def test_the_chart_tells_the_newest_that_was_read_and_whether_there_is_one_of_before(county: County) -> None:
    first = county.visited()
    assert (
        county.do(charting.open_chart, county.doctor, first.id or 0).newest_read(PhotographKind.TONGUE)
        is None
    )
    read = county.photographed(first)
    county.photographed(first, BLURRED)
    county.uploaded(first)
    later = county.visited()
    chart = county.do(charting.open_chart, county.doctor, first.id or 0)
    newest = chart.newest_read(PhotographKind.TONGUE)
    assert (newest and newest.id, chart.newest_read(PhotographKind.FACE)) == (read.id, None)
    assert not chart.seen_before
    assert county.do(charting.open_chart, county.doctor, later.id or 0).seen_before


def test_nothing_of_a_photograph_is_kept_where_its_job_cannot_be(county: County) -> None:
    visit = county.visited()

    def no_queue(*_: object) -> None:
        raise RuntimeError("no queue")

    with pytest.raises(RuntimeError, match="no queue"), county.work() as work:
        photographing.keep_upload(
            work, county.doctor, visit.id or 0, CLEAN, county.new_key(), enqueue=no_queue
        )
    with county.work() as work:
        assert work.photographs.of_encounter(visit.id or 0) == []
    assert files(county) == 0


def test_an_overlay_that_was_not_kept_leaves_no_file_behind(county: County) -> None:
    photograph = county.uploaded(county.visited())
    with county.work() as work:
        photographing.keep_outcome(work, photograph.id or 0, PALE_TONGUE)
    assert (stored(county, photograph).state, files(county)) == (PhotographState.WAITING, 1)


def test_only_the_house_keeps_pictures(county: County) -> None:
    visit = county.visited()
    for actor in (county.foreign_doctor, county.pharmacist, county.manager):
        with pytest.raises(Forbidden):
            county.do(photographing.keep_upload, actor, visit.id or 0, CLEAN, "k", enqueue=enqueue_nothing)
