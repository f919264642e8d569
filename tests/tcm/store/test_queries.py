"""What list pages show, each in as many statements for three rows as for one."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from tcm.records.clock import day_start
from tcm.records.lifecycle import State
from tcm.services import charting, reviewing
from tcm.services.reviewing import CLAIM_HOLDS
from tcm.store import queries
from tcm.store.work import Work
from tests.tcm.county import DAY, County


def send_back(county: County) -> None:
    claimed = county.claimed(county.signed())
    county.do(
        reviewing.return_to_doctor,
        county.pharmacist,
        county.knowledge,
        claimed.key(),
        claimed.version,
        "other",
    )


LISTS: dict[str, tuple[Callable[[County], object], Callable[[County, Session], list[object]]]] = {
    "review queue": (
        lambda county: county.claimed(county.signed()),
        lambda county, s: list(
            queries.review_queue(
                s,
                claims_since=county.watch.now - CLAIM_HOLDS,
                claims_until=county.watch.now,
                toxic_herbs={"附子"},
            )
        ),
    ),
    "floor board": (County.approved, lambda _, s: list(queries.floor_board(s))),
    "visits": (
        County.drafted,
        lambda county, s: list(queries.visits_of_doctor(s, county.doctor.staff_id, day_start(DAY), 50)),
    ),
    "returned": (
        send_back,
        lambda county, s: list(queries.returned_to_doctor(s, county.doctor.staff_id)),
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_takes_one_statement_however_many_rows(county: County, name: str) -> None:
    add_row, read = LISTS[name]
    taken = []
    for rows in (1, 2, 3):
        add_row(county)
        with county.work() as work:
            work.session.connection()
            with county.counted() as statements:
                assert len(read(county, work.session)) == rows
        taken.append(len([each for each in statements if each.startswith("SELECT")]))
    assert taken == [1, 1, 1]


LOADED: dict[str, Callable[[Work, list[int]], object]] = {
    "prescriptions with their items": lambda work, _: work.prescriptions.all(),
    "patients by row": lambda work, _: work.patients.by_ids([1, 2, 3]),
    "bags by prescription": lambda work, keys: work.bags.of_prescriptions(keys),
    "decisions by prescription": lambda work, keys: work.reviews.of_prescriptions(keys),
    "chains": lambda work, keys: work.ledger.chains(keys),
    "routes by prescription": lambda work, keys: work.routes.carrying(keys),
}


@pytest.mark.parametrize("name", LOADED)
def test_records_are_loaded_in_as_many_statements_for_three_as_for_one(county: County, name: str) -> None:
    taken, keys = [], []
    for _ in range(3):
        keys.append(county.approved().key())
        with county.work() as work:
            work.session.connection()
            with county.counted() as statements:
                LOADED[name](work, keys)
        taken.append(len([each for each in statements if each.startswith("SELECT")]))
    assert taken == [taken[0]] * 3


def test_a_chart_takes_as_many_statements_for_three_prescriptions_as_for_one(county: County) -> None:
    visit, taken = county.visited(), []
    for _ in range(3):
        county.signed(visit=visit)
        with county.work() as work:
            work.session.connection()
            with county.counted() as statements:
                charting.open_chart(work, county.doctor, visit.id or 0)
        taken.append(len(statements))
    assert taken == [taken[0]] * 3


def test_visits_show_the_newest_prescription_of_each(county: County) -> None:
    first, second = county.visited(), county.visited()
    county.drafted(visit=first)
    newer = county.signed(visit=first)
    with county.work() as work:
        rows = queries.visits_of_doctor(work.session, county.doctor.staff_id, day_start(DAY), 50)
        none = queries.visits_of_doctor(work.session, county.other_doctor.staff_id, day_start(DAY), 50)
        later = queries.visits_of_doctor(work.session, county.doctor.staff_id, county.watch.now, 50)
        newest = queries.visits_of_doctor(work.session, county.doctor.staff_id, day_start(DAY), 1)
    assert [(row.encounter_id, row.prescription_id, row.number, row.state) for row in rows] == [
        (second.id, None, None, None),
        (first.id, newer.id, newer.number, State.SIGNED),
    ]
    assert (none, later, newest) == ([], [], rows[:1])


def test_the_days_count_holds_whatever_something_happened_to(county: County) -> None:
    untouched, moved_on = county.signed(), county.signed()
    county.watch.pass_(days=1)
    county.drafted()
    county.approve(moved_on)
    with county.work() as work:
        today = queries.count_by_state(work.session, day_start(DAY.replace(day=22)))
        both = queries.count_by_state(work.session, day_start(DAY))
    assert today == {State.DRAFT: 1, State.APPROVED: 1}
    assert both == {untouched.state: 1, State.DRAFT: 1, State.APPROVED: 1}
