"""The trace of a bag: everything of its way for anyone, nothing that names a person or an illness."""

from dataclasses import fields, is_dataclass
from datetime import date

import pytest

from tcm.records.errors import Forbidden, NotFound
from tcm.records.lifecycle import State
from tcm.records.roles import Role
from tcm.services import delivering, flooring
from tcm.services.tracing import PublicTrace, StaffTrace, keep_until, public_trace, staff_trace
from tests.tcm.centre import on_the_road, packed
from tests.tcm.county import ADDRESS, COMPLAINT, ID_NUMBER, NAME, PHONE, USAGE, County


def codes(county: County) -> list[str]:
    with county.work() as work:
        return [bag.code for bag in work.bags.all()]


def public(county: County, code: str) -> PublicTrace:
    with county.work() as work:
        return public_trace(work, code)


def leaves(value: object) -> list[object]:
    """Every plain value inside a trace."""
    if is_dataclass(value):
        return [leaf for field in fields(value) for leaf in leaves(getattr(value, field.name))]
    if isinstance(value, list):
        return [leaf for each in value for leaf in leaves(each)]
    return [value]


def test_anyone_sees_the_way_of_the_bag(county: County) -> None:
    prescription = packed(county)
    on_the_road(county, prescription)
    county.do(delivering.deliver, county.courier, prescription.key(), None)
    [code] = codes(county)
    trace = public(county, code)
    assert (trace.number, trace.state, trace.voided, trace.bags_count, trace.doses_count, trace.usage) == (
        prescription.number,
        State.DELIVERED,
        False,
        1,
        7,
        USAGE,
    )
    assert (trace.institution.name, trace.village.name, trace.centre.name) == (
        "詹桥镇卫生院",
        "白石村卫生室",
        "临湘市共享中药房",
    )
    moves = [event for event in county.events(prescription) if event.kind == "move"]
    assert [(step.state, step.at) for step in trace.steps] == [(event.target, event.at) for event in moves]


def test_the_public_trace_holds_no_person_no_illness_and_no_herb(county: County) -> None:
    packed(county)
    [code] = codes(county)
    seen = " ".join(str(leaf) for leaf in leaves(public(county, code)))
    staff = ("李春生", "陈半夏", "周麦冬")
    hidden = (NAME, PHONE, ID_NUMBER, ADDRESS, COMPLAINT, "脾胃气虚证", "泄泻", "党参", *staff)
    assert [word for word in hidden if word in seen] == []
    assert code in seen, "the trace itself was searched"


def test_the_public_trace_has_no_field_for_a_name(county: County) -> None:
    assert [field.name for field in fields(PublicTrace)] == [
        "code",
        "number",
        "state",
        "institution",
        "village",
        "centre",
        "bag",
        "bags_count",
        "doses_count",
        "usage",
        "preparation",
        "voided",
        "steps",
        "entered_later",
        "recalled",
        "promised",
    ]


def test_a_scrapped_bag_says_that_it_must_not_be_taken(county: County) -> None:
    prescription = packed(county)
    county.do(flooring.scrap, county.floor, prescription.key(), county.now(prescription).version, "spoilt")
    [code] = codes(county)
    trace = public(county, code)
    assert (trace.voided, trace.bags_count, trace.state) == (True, 0, State.SCRAPPED)


def test_an_unknown_code_is_said_in_words(county: County) -> None:
    with pytest.raises(NotFound, match="没有这个袋码"):
        public(county, "NOSUCHCODE22")


def test_staff_see_every_hand_besides(county: County) -> None:
    prescription = packed(county)
    [code] = codes(county)
    trace: StaffTrace = county.do(staff_trace, county.pharmacist, code)
    assert trace.events == county.events(prescription)
    assert trace.staff_names == {
        county.doctor.staff_id: "李春生",
        county.pharmacist.staff_id: "陈半夏",
        county.floor.staff_id: "周麦冬",
    }
    assert [item.herb for item in trace.prescription.items] == ["党参", "白术", "茯苓", "炙甘草"]
    assert county.looks()[-1] == (
        county.pharmacist.staff_id,
        "trace.read",
        "prescription",
        prescription.id,
        True,
    )


def test_who_may_see_every_hand(county: County) -> None:
    packed(county)
    [code] = codes(county)
    allowed = set()
    for role, actor in county.actors.items():
        try:
            county.do(staff_trace, actor, code)
            allowed.add(role)
        except Forbidden:
            continue
    assert allowed == {Role.DOCTOR, Role.PHARMACIST, Role.FLOOR, Role.MANAGER}
    with pytest.raises(Forbidden):
        county.do(staff_trace, county.foreign_doctor, code)


@pytest.mark.parametrize(("days", "until"), [(0, date(2026, 12, 28)), (7, date(2027, 1, 4))])
def test_a_pouch_keeps_so_many_days_across_the_year(days: int, until: date) -> None:
    assert keep_until(date(2026, 12, 28), days) == until
