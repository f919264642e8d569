"""Pictures: well-formed, safe to inline, complete, and inside their frame."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from dispatch.plan_types import DayPlan
from dispatch.problem import Day
from dispatch.sketch import Labels, clock, day_map_svg, gantt_svg, route_map_svg, vehicle_map_svg
from dispatch.sketch.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["gantt", "day", "route", "vehicle"])
def picture(request, small_day: Day, small_plan: DayPlan) -> str:
    """Each of the four pictures."""
    if request.param == "gantt":
        return gantt_svg(small_day.decoction(), small_plan.schedule)
    if request.param == "vehicle":
        return vehicle_map_svg(small_day, small_plan, small_plan.routes.trips[0].vehicle_id)
    return (
        day_map_svg(small_day, small_plan)
        if request.param == "day"
        else route_map_svg(small_day, small_plan, 0)
    )


def _texts(picture: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314


def test_a_picture_is_xml_without_script_or_style(picture: str) -> None:
    tags = {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(picture).iter()}  # noqa: S314
    assert tags <= {"svg", "title", "rect", "line", "polyline", "polygon", "path", "text"}
    assert re.search(r"\bstyle=|\bon\w+=|href|class=", picture) is None


def test_every_text_lies_inside_the_picture(picture: str) -> None:
    root = ElementTree.fromstring(picture)  # noqa: S314
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    for node in root.iter(f"{SVG}text"):
        x, y, size = float(node.attrib["x"]), float(node.attrib["y"]), int(node.attrib["font-size"])
        wide = text_width(node.text or "", size)
        left = x - {"start": 0.0, "middle": wide / 2, "end": wide}[node.attrib["text-anchor"]]
        assert left >= 0
        assert left + wide <= width
        assert y - size >= 0
        assert y <= height


def test_the_gantt_chart_names_every_pot_and_job(small_day: Day, small_plan: DayPlan) -> None:
    shown = set(_texts(gantt_svg(small_day.decoction(), small_plan.schedule)))
    assert {pot.id for pot in small_day.pots} | {each.job_id for each in small_plan.schedule.jobs} <= shown


def test_the_hours_are_those_of_the_clock(small_day: Day, small_plan: DayPlan) -> None:
    shown = _texts(gantt_svg(small_day.decoction(), small_plan.schedule, start_clock_min=300))
    assert shown[1:3] == ["05:00", "06:00"]
    assert clock(1130, 330) == "24:20"


def test_a_courier_sees_every_place_of_the_trip_with_its_number(small_day: Day, small_plan: DayPlan) -> None:
    place_of = {stop.id: stop.place_id for stop in small_plan.stops}
    names = {village.id: village.name for village in small_day.villages}
    for index, trip in enumerate(small_plan.routes.trips):
        shown = _texts(route_map_svg(small_day, small_plan, index))
        assert {names[place_of[visit.stop_id]] for visit in trip.visits} <= set(shown)
        numbers = ",".join(shown).split(",")
        assert {str(number) for number in range(1, len(trip.visits) + 1)} <= set(numbers)


def test_a_vehicles_numbers_go_on_from_trip_to_trip(small_day: Day, small_plan: DayPlan) -> None:
    first = small_plan.routes.trips[0]
    again = replace(first, number=2, depart_min=first.return_min, return_min=2 * first.return_min)
    trips = (first, replace(first, vehicle_id="another"), again)
    plan = replace(small_plan, routes=replace(small_plan.routes, trips=trips))
    shown = _texts(vehicle_map_svg(small_day, plan, first.vehicle_id))
    numbers = sorted(int(number) for text in shown for number in text.split(",") if number.isdigit())
    # Besides the stops, each of the two trips has its own number on its longest leg.
    assert numbers == sorted([*range(1, 2 * len(first.visits) + 1), 1, 2])


def test_each_route_has_a_pen_of_its_own(small_day: Day, small_plan: DayPlan) -> None:
    root = ElementTree.fromstring(day_map_svg(small_day, small_plan))  # noqa: S314
    lines = [node for node in root.iter(f"{SVG}polyline") if node.attrib.get("stroke-width") == "2"]
    pens = [(node.attrib["stroke"], node.attrib.get("stroke-dasharray")) for node in lines]
    assert len(pens) == len(set(pens)) == len(small_plan.routes.trips)


def test_the_same_plan_gives_the_same_picture(small_day: Day, small_plan: DayPlan) -> None:
    assert day_map_svg(small_day, small_plan) == day_map_svg(small_day, small_plan)


def test_a_name_with_markup_is_escaped(small_day: Day, small_plan: DayPlan) -> None:
    villages = tuple(replace(village, name='<b>&"村') for village in small_day.villages)
    picture = route_map_svg(replace(small_day, villages=villages), small_plan, 0)
    assert '<b>&"村' in _texts(picture)
    assert "<b>" not in picture


def test_the_words_are_the_callers(small_day: Day, small_plan: DayPlan) -> None:
    english = Labels(trip="{vehicle}, trip {number}", north="N", kilometres="km", metres="m")
    shown = _texts(route_map_svg(small_day, small_plan, 0, labels=english, title="Route sheet"))
    assert shown[0] == "Route sheet"
    assert "N" in shown


def test_a_trip_that_is_not_there_is_refused(small_day: Day, small_plan: DayPlan) -> None:
    with pytest.raises(IndexError):
        route_map_svg(small_day, small_plan, 99)


def test_an_empty_day_has_its_pictures(small_day: Day, small_plan: DayPlan) -> None:
    nothing = replace(small_plan, stops=(), routes=replace(small_plan.routes, trips=()))
    assert "中药房" in _texts(day_map_svg(small_day, nothing))
    empty = replace(small_plan.schedule, jobs=())
    assert "P0" in _texts(gantt_svg(small_day.decoction(), empty))
