"""What the planner knows besides the orders: who knows which village, who is new, what must be kept."""

from datetime import timedelta

from tcm.records.lifecycle import State
from tcm.records.plans import Route
from tcm.services import gathering, prescribing, studying
from tcm.services.gathering import DayFacts
from tests.tcm.centre import adopted, asked, brought_to, packed, planned, route, stop
from tests.tcm.county import DAY, County


def facts(county: County) -> DayFacts:
    return county.do(gathering.day_facts, county.manager, county.knowledge, DAY)


def drove(county: County, days_ago: int, way: Route) -> None:
    """A plan of an earlier day."""
    plan = asked(county)
    adopted(county, plan, way)
    with county.work() as work:
        work.plans.get(plan.id or 0).day = DAY - timedelta(days=days_ago)
        work.commit()


def test_a_courier_knows_the_villages_of_the_last_thirty_days_and_not_todays(county: County) -> None:
    prescription = packed(county)
    far, near = county.other_village.id, county.village.id
    drove(county, 31, route(county, stop(county, [prescription], village_id=far)))
    assert facts(county).known == {}
    drove(county, 30, route(county, stop(county, [prescription], village_id=near)))
    drove(county, 1, route(county, stop(county, [prescription], village_id=far), van=county.other_van))
    planned(county, route(county, stop(county, [prescription], village_id=far)))
    assert facts(county).known == {county.courier.staff_id: [near], county.other_courier.staff_id: [far]}


def test_the_first_prescription_of_a_patient_is_fragile_and_the_next_are_not(county: County) -> None:
    first, second = county.approved(), county.approved()
    other = county.registered(name="新来", id_number="")
    third = county.approved(visit=county.visited(other))
    found = {order.prescription_id: order.fragile for order in facts(county).orders}
    assert found == {first.key(): True, second.key(): False, third.key(): True}
    county.do(prescribing.cancel, county.doctor, first.key(), county.now(first).version, "other")
    found = {order.prescription_id: order.fragile for order in facts(county).orders}
    assert found == {second.key(): True, third.key(): True}


def test_an_order_knows_when_it_was_last_approved(county: County) -> None:
    first = county.approved()
    at = county.watch.now
    county.watch.pass_(hours=2)
    brought_to(county, first, State.PACKED)
    [order] = facts(county).orders
    assert order.approved_at == at


def test_the_newest_decision_on_what_plans_keep_holds(county: County) -> None:
    county.approved()
    assert facts(county).settings is None
    for buffer_min in (10, 5):
        county.do(studying.decide_settings, county.manager, buffer_min=buffer_min, promise_late_min=60)
    settings = facts(county).settings
    assert settings is not None
    assert (settings.buffer_min, settings.promise_late_min, settings.longest_box_min) == (5, 60, None)
