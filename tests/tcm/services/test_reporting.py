"""What happens to a day is written down, takes effect at once, and asks for a plan people decide about."""

from datetime import date, timedelta

import pytest

from tcm.records.clock import at_minute
from tcm.records.day_events import DayEvent, DayEventKind
from tcm.records.errors import Forbidden, Invalid, NotFound
from tcm.records.plans import Plan, PlanKind, PlanState
from tcm.records.roles import Role
from tcm.services import gathering, planning, reporting, telling
from tests.tcm.centre import adopted, asked, enqueue_nothing, on_the_road, packed, planned, route, stop
from tests.tcm.county import DAY, NAME, County


def happened(
    county: County, kind: DayEventKind, key: str = "", day: date = DAY, **subject: object
) -> DayEvent:
    return county.do(
        reporting.report,
        county.manager,
        day,
        kind,
        subject,
        note="",
        seed=1,
        request_key=key or county.new_key(),
        enqueue=enqueue_nothing,
    )


def followed_plan(county: County) -> Plan:
    """A plan in force that brings one packed prescription."""
    [way] = planned(county, route(county, stop(county, [packed(county)])))
    return now(county, way.plan_id)


def now(county: County, plan_id: int | None) -> Plan:
    with county.work() as work:
        return work.plans.get(plan_id or 0)


def proposed(county: County, plan_id: int | None, difference: dict[str, object]) -> Plan:
    with county.work() as work:
        planning.begin_plan(work, plan_id or 0, {"orders": []}, {"source": "test"})
        plan = planning.propose_plan(
            work, plan_id or 0, result={"made": True}, unserved=[], violations=[], difference=difference
        )
        work.commit()
    return plan


def test_an_event_asks_for_a_plan_that_changes_the_one_in_force(county: County) -> None:
    before = followed_plan(county)
    county.watch.now = at_minute(DAY, 9 * 60 + 2)
    enqueued: list[int] = []
    event = county.do(
        reporting.report,
        county.manager,
        DAY,
        DayEventKind.POT_DOWN,
        {"pot": "P01"},
        note="漏了",
        seed=1,
        request_key="k",
        enqueue=lambda _work, plan_id: enqueued.append(plan_id),
    )
    answer = now(county, event.plan_id)
    assert enqueued == [answer.id]
    assert (answer.kind, answer.state, answer.from_minute) == (
        PlanKind.AFTER_EVENTS,
        PlanState.QUEUED,
        9 * 60 + 5,
    )
    assert now(county, before.id).in_force is True


def test_a_day_that_has_not_begun_is_answered_from_where_its_plan_begins(county: County) -> None:
    followed_plan(county)
    county.watch.now = at_minute(DAY - timedelta(days=1), 16 * 60)
    event = happened(county, DayEventKind.LATE_ORDERS)
    assert now(county, event.plan_id).from_minute == 480


def test_without_a_plan_an_event_is_only_written_down(county: County) -> None:
    event = happened(county, DayEventKind.POT_DOWN, pot="P01")
    assert event.plan_id is None
    with county.work() as work:
        assert (work.pots.by_code("P01").active, work.plans.all()) == (False, [])


def test_what_is_out_is_out_at_once_and_back_when_somebody_says_so(county: County) -> None:
    pot = happened(county, DayEventKind.POT_DOWN, pot="P02")
    van = happened(county, DayEventKind.VEHICLE_OUT, vehicle=county.van.id)
    road = happened(county, DayEventKind.ROAD_CLOSED, villages=[county.village.id])
    happened(county, DayEventKind.CREW_CHANGED, packers=1, loaders=3, adders=0)
    county.approved()
    facts = county.do(gathering.day_facts, county.manager, county.knowledge, DAY)
    assert "P02" not in {each.code for each in facts.pots}
    assert [each.id for each in facts.vehicles] == [county.other_van.id]
    assert facts.closed == {county.village.id}
    assert (facts.crew.packers, facts.crew.loaders, facts.crew.adders) == (1, 3, 0)
    for event in (pot, van, road):
        county.do(reporting.end_event, county.manager, event.id or 0)
    facts = county.do(gathering.day_facts, county.manager, county.knowledge, DAY)
    assert "P02" in {each.code for each in facts.pots}
    assert (len(facts.vehicles), facts.closed) == (2, frozenset())


@pytest.mark.parametrize("other_day", [DAY, DAY + timedelta(days=1)])
def test_what_two_reports_have_out_is_back_when_both_are_over(county: County, other_day: date) -> None:
    subjects: tuple[tuple[DayEventKind, dict[str, object]], ...] = (
        (DayEventKind.POT_DOWN, {"pot": "P02"}),
        (DayEventKind.VEHICLE_OUT, {"vehicle": county.van.id}),
    )
    reports = [
        [happened(county, kind, day=day, **subject) for kind, subject in subjects] for day in (DAY, other_day)
    ]
    happened(county, DayEventKind.POT_DOWN, pot="P01")

    def in_service() -> tuple[bool, bool, bool]:
        with county.work() as work:
            pots = [work.pots.by_code(code).active for code in ("P02", "P01")]
            return pots[0], work.vehicles.get(county.van.id or 0).active, pots[1]

    for events, back in zip(reports, (False, True), strict=True):
        for event in events:
            county.do(reporting.end_event, county.manager, event.id or 0)
        assert in_service() == (back, back, False)


def test_a_report_of_a_day_past_that_nobody_ended_keeps_nothing_out(county: County) -> None:
    happened(county, DayEventKind.POT_DOWN, pot="P02")
    county.watch.pass_(days=1)
    again = happened(county, DayEventKind.POT_DOWN, day=DAY + timedelta(days=1), pot="P02")
    county.do(reporting.end_event, county.manager, again.id or 0)
    with county.work() as work:
        assert work.pots.by_code("P02").active is True


def test_what_is_computed_for_an_earlier_event_is_stopped_and_one_plan_answers_both(county: County) -> None:
    followed_plan(county)
    first = happened(county, DayEventKind.POT_DOWN, pot="P01")
    second = happened(county, DayEventKind.LATE_ORDERS)
    stopped = now(county, first.plan_id)
    assert (stopped.state, stopped.cancelled_at is not None) == (PlanState.CANCELLED, True)
    with county.work() as work:
        assert [event.plan_id for event in work.day_events.of_plan(second.plan_id or 0)] == [
            second.plan_id
        ] * 2


def test_an_event_that_a_plan_in_force_answers_is_not_answered_again(county: County) -> None:
    before = followed_plan(county)
    first = happened(county, DayEventKind.POT_DOWN, pot="P01")
    proposed(county, first.plan_id, {"before": before.id})
    county.do(planning.accept_plan, county.manager, first.plan_id or 0, [])
    second = happened(county, DayEventKind.POT_DOWN, pot="P02")
    with county.work() as work:
        assert [event.plan_id for event in work.day_events.of_day(DAY)] == [first.plan_id, second.plan_id]


def test_a_whole_day_under_way_is_not_disturbed(county: County) -> None:
    followed_plan(county)
    asked(county)
    with pytest.raises(Invalid, match="这一天的计划正在计算"):
        happened(county, DayEventKind.POT_DOWN, pot="P01")
    with county.work() as work:
        assert (work.day_events.all(), work.pots.by_code("P01").active) == ([], True)


def test_one_form_sent_twice_is_one_event(county: County) -> None:
    followed_plan(county)
    first, second = (happened(county, DayEventKind.LATE_ORDERS, "one key") for _ in range(2))
    assert (first.id, first.plan_id) == (second.id, second.plan_id)


def test_what_is_not_there_cannot_fail(county: County) -> None:
    with pytest.raises(NotFound, match="没有这口锅"):
        happened(county, DayEventKind.POT_DOWN, pot="P99")
    with pytest.raises(NotFound, match="没有这辆车"):
        happened(county, DayEventKind.VEHICLE_OUT, vehicle=99)
    with pytest.raises(Invalid, match="请选不通的村"):
        happened(county, DayEventKind.ROAD_CLOSED, villages=[])


def test_the_form_offers_what_is_in_service_and_what_no_plan_knows(county: County) -> None:
    followed_plan(county)
    late = county.approved()
    happened(county, DayEventKind.POT_DOWN, pot="P01")
    happened(county, DayEventKind.ROAD_CLOSED, villages=[county.other_village.id])
    offered = county.do(reporting.reportable, county.manager, DAY)
    assert [pot.code for pot in offered.pots] == ["P02", "Q01", "S01", "T01"]
    assert [(van.name, courier.name) for van, courier in offered.vehicles] == [
        ("湘F0001", "孙行舟"),
        ("湘F0002", "马长途"),
    ]
    assert [village.name for village in offered.villages] == ["白石村卫生室"]
    assert [each.number for each in offered.late] == [late.number]
    assert offered.crew == {"packers": 2, "loaders": 2, "adders": 1}
    assert [(each.names, each.answer) for each in offered.events] == [
        (["P01"], PlanState.QUEUED),
        (["观山村卫生室"], PlanState.QUEUED),
    ]
    assert NAME not in repr(offered)


def test_a_proposal_changes_nothing_until_it_is_accepted_and_nothing_when_it_is_declined(
    county: County,
) -> None:
    before = followed_plan(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    plan = proposed(county, event.plan_id, {"before": before.id})
    assert (plan.state, plan.in_force, plan.roads) == (PlanState.PROPOSED, False, {"source": "test"})
    declined = county.do(planning.decline_plan, county.manager, plan.id or 0)
    assert (declined.state, now(county, before.id).in_force) == (PlanState.DECLINED, True)
    with pytest.raises(Invalid, match="已经不能启用"):
        county.do(planning.accept_plan, county.manager, plan.id or 0, [])


def test_a_proposal_with_violations_is_none(county: County) -> None:
    before = followed_plan(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    with county.work() as work:
        planning.begin_plan(work, event.plan_id or 0, {})
        plan = planning.propose_plan(
            work,
            event.plan_id or 0,
            result={},
            unserved=[],
            violations=[{"rule": "late"}],
            difference={"before": before.id},
        )
        work.commit()
    assert (plan.state, plan.failure, plan.difference) == (PlanState.FAILED, planning.UNCHECKED, {})


def test_an_accepted_proposal_takes_the_place_of_the_plan_it_changes_once(county: County) -> None:
    before = followed_plan(county)
    waiting = packed(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    plan = proposed(county, event.plan_id, {"before": before.id})
    for _ in range(2):
        county.do(
            planning.accept_plan, county.manager, plan.id or 0, [route(county, stop(county, [waiting]))]
        )
    with county.work() as work:
        assert {each.id: each.in_force for each in work.plans.all()} == {before.id: False, plan.id: True}
        assert len(work.routes.of_plan(plan.id or 0)) == 1
    assert county.story(waiting).count("planned") == 1


def test_a_proposal_is_not_accepted_when_another_plan_came_in_force(county: County) -> None:
    before = followed_plan(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    plan = proposed(county, event.plan_id, {"before": (before.id or 0) - 1})
    with pytest.raises(Invalid, match="现行计划已经换过"):
        county.do(planning.accept_plan, county.manager, plan.id or 0, [])


def test_a_new_planning_declines_the_proposal_that_waits(county: County) -> None:
    before = followed_plan(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    plan = proposed(county, event.plan_id, {"before": before.id})
    adopted(county, asked(county))
    assert now(county, plan.id).state is PlanState.DECLINED


def test_a_cancelled_plan_is_over_whatever_its_search_still_says(county: County) -> None:
    plan = asked(county)
    county.do(planning.cancel_plan, county.manager, plan.id or 0)
    adopted(county, plan)
    with county.work() as work:
        planning.report_progress(work, plan.id or 0, 50, "late")
        planning.fail_plan(work, plan.id or 0, "late")
        work.commit()
        left = work.plans.get(plan.id or 0)
        assert (left.state, left.in_force, left.result, left.failure) == (PlanState.CANCELLED, False, {}, "")
    assert asked(county).state is PlanState.QUEUED


def test_who_was_told_is_kept_by_whom_and_when(county: County) -> None:
    plan = asked(county)
    for key in ("courier:1:stands", "floor::job_moved", "courier:1:stands"):
        county.do(planning.mark_told, county.manager, plan.id or 0, key, told=True)
    told = now(county, plan.id).told
    assert [(each["key"], each["by"]) for each in told] == [
        ("floor::job_moved", county.manager.staff_id),
        ("courier:1:stands", county.manager.staff_id),
    ]
    county.do(planning.mark_told, county.manager, plan.id or 0, "floor::job_moved", told=False)
    assert [each["key"] for each in now(county, plan.id).told] == ["courier:1:stands"]


def test_those_to_be_told_are_named_with_their_phones_and_the_floor_once(county: County) -> None:
    with county.work() as work:
        work.institutions.get(county.village.id or 0).phone = "0730-1"
        work.institutions.get(county.hospital.id or 0).phone = "0730-2"
        work.commit()
    first, second = county.approved(), county.approved()
    ids = [str(first.id), str(second.id)]
    notices = [
        {"who": "doctor", "id": "", "code": "not_coming", "ids": ids},
        {"who": "village", "id": str(county.village.id), "code": "window_moved", "ids": ids[:1]},
        {"who": "courier", "id": str(county.van.id), "code": "route_changed", "ids": ids},
        {"who": "floor", "id": "P01", "code": "job_moved", "ids": ids[:1]},
        {"who": "floor", "id": "P02", "code": "job_moved", "ids": ids[1:]},
    ]
    before = followed_plan(county)
    event = happened(county, DayEventKind.LATE_ORDERS)
    difference = {"before": before.id, "notices": notices, "windows": {ids[0]: [600, 660]}}
    plan = proposed(county, event.plan_id, difference)
    view = county.do(telling.proposal_view, county.manager, plan.id or 0)
    numbers = [str(first.number), str(second.number)]
    assert [
        (each.who, each.code, each.name, each.phone, each.numbers, each.windows) for each in view.to_tell
    ] == [
        ("courier", "route_changed", "湘F0001 孙行舟", "", numbers, [(600, 660)]),
        ("floor", "job_moved", "", "", numbers, [(600, 660)]),
        ("village", "window_moved", "白石村卫生室", "0730-1", numbers[:1], [(600, 660)]),
        ("doctor", "not_coming", "詹桥镇卫生院 李春生", "0730-2", numbers, [(600, 660)]),
    ]
    assert view.before is not None
    assert (view.before.id, [each.event.id for each in view.events]) == (before.id, [event.id])
    assert NAME not in repr(view)


def test_the_plan_followed_tells_its_trips_windows_and_what_stands_on_the_road(county: County) -> None:
    gone, waiting = packed(county), packed(county)
    on_the_road(county, gone)
    before = county.do(lambda work, _actor: gathering.followed(work, DAY), county.manager)
    assert before is not None
    assert (before.gone, before.on_road, before.stranded) == ([(county.van.id, 1)], [gone.key()], [])
    assert before.told == {gone.key(): (at_minute(DAY, 620), at_minute(DAY, 680))}
    happened(county, DayEventKind.VEHICLE_OUT, vehicle=county.van.id)
    after = county.do(lambda work, _actor: gathering.followed(work, DAY), county.manager)
    assert after is not None
    assert after.on_road == []
    [stranded] = after.stranded
    assert (stranded.prescription_id, stranded.vehicle_id, stranded.trip) == (gone.key(), county.van.id, 1)
    assert (stranded.last_village_id, stranded.next_village_id) == (None, county.village.id)
    assert waiting.key() not in before.told


def test_only_a_manager_reports_stops_and_decides(county: County) -> None:
    plan_id = followed_plan(county).id or 0
    for role, actor in county.actors.items():
        if role is Role.MANAGER:
            continue
        with pytest.raises(Forbidden):
            county.do(reporting.reportable, actor, DAY)
        with pytest.raises(Forbidden):
            county.do(
                reporting.report,
                actor,
                DAY,
                DayEventKind.LATE_ORDERS,
                {},
                note="",
                seed=0,
                request_key="k",
                enqueue=enqueue_nothing,
            )
        with pytest.raises(Forbidden):
            county.do(planning.cancel_plan, actor, plan_id)
        with pytest.raises(Forbidden):
            county.do(planning.accept_plan, actor, plan_id, [])
        with pytest.raises(Forbidden):
            county.do(planning.decline_plan, actor, plan_id)
        with pytest.raises(Forbidden):
            county.do(telling.proposal_view, actor, plan_id)
