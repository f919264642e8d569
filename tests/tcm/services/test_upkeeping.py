"""Devices, samples, people and the quarter: what is due is said, what was done is signed for, once."""

from datetime import date, timedelta

import pytest

from tcm.records.errors import Forbidden, Invalid
from tcm.records.quality import Disposal, HealthRule
from tcm.records.upkeep import DeviceKind, Standing, Upkeep
from tcm.services import (
    health_checking,
    quality_reviewing,
    quality_settings,
    record_archiving,
    sampling,
    upkeeping,
)
from tcm.services.upkeeping import DeviceRow, Done
from tests.tcm.centre import packed
from tests.tcm.county import DAY, County


def device(county: County, code: str) -> DeviceRow:
    with county.work() as work:
        return upkeeping.open_device(work, county.floor, code).row


def test_a_scale_is_due_before_its_year_is_over_and_overdue_after(sqlite_county: County) -> None:
    sqlite_county.do(upkeeping.add_device, sqlite_county.manager, "S1", DeviceKind.SCALE, "JJ500")
    assert device(sqlite_county, "S1").standing is Standing.MISSING
    sqlite_county.do(upkeeping.note_done, sqlite_county.manager, "S1", Done(Upkeep.CHECKED), "check-1")
    assert (device(sqlite_county, "S1").standing, device(sqlite_county, "S1").due_on) == (
        Standing.HOLDS,
        DAY + timedelta(days=365),
    )
    for days, standing in ((360, Standing.SOON), (6, Standing.OVERDUE)):
        sqlite_county.watch.pass_(days=days)
        assert device(sqlite_county, "S1").standing is standing
    failed = Done(Upkeep.CHECKED, passed=False, remark="示值超差")
    sqlite_county.do(upkeeping.note_done, sqlite_county.manager, "S1", failed, "check-2")
    assert device(sqlite_county, "S1").standing is Standing.UNFIT


def test_a_pot_that_fails_its_check_is_out_of_service(county: County) -> None:
    with pytest.raises(Invalid, match="请写明是什么问题"):
        county.do(upkeeping.note_done, county.floor, "P01", Done(Upkeep.CHECKED, passed=False), "check-0")
    failed = Done(Upkeep.CHECKED, passed=False, remark="锅盖不密封")
    county.do(upkeeping.note_done, county.floor, "P01", failed, "check-1")
    with county.work() as work:
        assert not work.pots.by_code("P01").active
    county.do(upkeeping.note_done, county.floor, "P01", Done(Upkeep.REPAIRED, remark="换密封圈"), "repair-1")
    with county.work() as work:
        assert work.pots.by_code("P01").active


def test_a_form_sent_twice_leaves_one_record_and_a_pot_gets_its_row_with_the_first(county: County) -> None:
    assert device(county, "P01").device_id is None
    for _ in range(2):
        county.do(upkeeping.note_done, county.floor, "P01", Done(Upkeep.CLEANED), "clean-1")
    with county.work() as work:
        assert [(each.kind, each.done_by_id) for each in work.upkeep_records.all()] == [
            (Upkeep.CLEANED, county.floor.staff_id)
        ]
    assert device(county, "P01").is_clean
    county.watch.pass_(days=1)
    assert not device(county, "P01").is_clean


def test_of_health_nothing_lies_open_and_a_newer_check_takes_the_place_of_an_older(county: County) -> None:
    enter = {"examined_on": DAY - timedelta(days=400), "certificate": "JK-7730", "fit": True}
    staff_id = county.floor.staff_id
    county.do(health_checking.enter, county.manager, staff_id, **enter, request_key="health-1")
    county.do(quality_settings.set_quality, county.manager, **asked(HealthRule.WARN))
    with county.work() as work:
        standings = {
            each.person.name: each.standing for each in health_checking.due_list(work, county.manager)
        }
        assert (standings["周麦冬"], standings["陈半夏"]) == (Standing.OVERDUE, Standing.MISSING)
        assert health_checking.own_standing(work, county.floor) is Standing.OVERDUE
        assert (
            health_checking.count_not_holding(work, county.manager),
            health_checking.count_not_holding(work, county.floor),
        ) == (len(standings), 0)
        with pytest.raises(Forbidden):
            health_checking.due_list(work, county.floor)
    again = enter | {"examined_on": DAY}
    county.do(health_checking.enter, county.manager, staff_id, **again, request_key="health-2")
    with county.work() as work:
        assert health_checking.own_standing(work, county.floor) is Standing.HOLDS
    late = enter | {"examined_on": DAY - timedelta(days=800)}
    county.do(health_checking.enter, county.manager, staff_id, **late, request_key="health-3")
    with county.work() as work:
        assert health_checking.own_standing(work, county.floor) is Standing.HOLDS
        listed = health_checking.due_list(work, county.manager)
        assert [each.check.examined_on for each in listed if each.check] == [DAY]
    with county.store.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT outcome FROM health_checks").scalars().all()
    assert all(b"JK-7730" not in bytes(each) and b"fit" not in bytes(each) for each in stored)


def test_a_sample_is_missing_until_it_is_kept_and_due_after_its_days(county: County) -> None:
    county.do(quality_settings.set_quality, county.manager, **asked(sample_ml=100))
    prescription = packed(county)
    with county.work() as work:
        assert [each.prescription_id for each in sampling.shelf(work, county.floor).missing] == [
            prescription.key()
        ]
    kept = county.do(sampling.keep, county.floor, prescription.key(), " 冰箱 1 ")
    assert (kept.place, kept.volume_ml, kept.dispose_on) == ("冰箱 1", 100, DAY + timedelta(days=3))
    assert county.do(sampling.keep, county.floor, prescription.key(), "别处").id == kept.id
    with pytest.raises(Invalid):
        county.do(sampling.dispose, county.floor, [kept.id or 0], Disposal.EXPIRED)
    assert county.do(sampling.dispose, county.floor, [kept.id or 0], Disposal.TESTED) == 1
    assert county.do(sampling.dispose, county.floor, [kept.id or 0], Disposal.TESTED) == 0
    assert county.story(prescription)[-2:] == ["sampled", "sample_disposed"]


def test_a_quarter_keeps_its_figures_and_its_texts_are_sealed(sqlite_county: County) -> None:
    packed(sqlite_county)
    texts = {"opinions": "", "findings": "封口机温度偏低", "measures": "每日点检"}
    held = sqlite_county.do(
        quality_reviewing.hold_review, sqlite_county.manager, "2026Q4", **texts, request_key="review-1"
    )
    assert (held.figures["packed"], held.figures["checked"]) == (1, 0)
    with sqlite_county.store.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT findings FROM quality_reviews").scalar_one()
    assert "封口机".encode() not in bytes(stored)
    assert [quality_reviewing.quarter_of(date(2026, month, 1)) for month in (1, 3, 4, 12)] == [
        "2026Q1",
        "2026Q1",
        "2026Q2",
        "2026Q4",
    ]
    with pytest.raises(Invalid):
        sqlite_county.do(
            quality_reviewing.hold_review, sqlite_county.manager, "2027Q1", **texts, request_key="review-2"
        )


def test_what_is_put_away_is_kept_once_and_comes_back_as_it_was(sqlite_county: County) -> None:
    first = sqlite_county.do(record_archiving.put_away, sqlite_county.floor, DAY, b"%PDF-1 a day", 3)
    assert (
        sqlite_county.do(record_archiving.put_away, sqlite_county.floor, DAY, b"%PDF-1 a day", 3).id
        == first.id
    )
    with sqlite_county.work() as work:
        assert record_archiving.open_archive(work, sqlite_county.manager, first.id or 0)[1] == b"%PDF-1 a day"
        assert len(record_archiving.archives_of(work, sqlite_county.floor, DAY)) == 1


def asked(health: HealthRule = HealthRule.OFF, sample_ml: int = 0) -> dict[str, object]:
    """A decision of the manager's."""
    return {
        "check_every": 0,
        "sample_ml": sample_ml,
        "sample_days": 3,
        "sample_source": "本中心留样制度",
        "health": health,
    }
