"""Pictures: well-formed, safe to inline, complete, and inside their frame."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from dispatch.outcomes import Change, Curve, Outcome
from dispatch.plan_types import CostParts, DayPlan, Rest, Routes, Schedule, ScheduledJob, Trip
from dispatch.problem import Day
from dispatch.simulation import Cause, Group, Quantile, Robustness, simulate
from dispatch.sketch import (
    Labels,
    bottleneck,
    clock,
    day_map_svg,
    gantt_svg,
    load_curves_svg,
    loads,
    robust_svg,
    route_map_svg,
    vehicle_map_svg,
    whatif_curve_svg,
)
from dispatch.sketch.axis import lanes
from dispatch.sketch.svg import text_width

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def pictures(small_day: Day, small_plan: DayPlan) -> dict[str, str]:
    """Every picture of the small day."""
    trip = small_plan.routes.trips[0]
    rest = Rest(trip.vehicle_id, trip.return_min, trip.return_min + 30)
    rested = replace(small_plan, routes=replace(small_plan.routes, rests=(rest,)))
    robust = simulate(small_day, small_plan, draws=50)
    return {
        "gantt": gantt_svg(small_day, rested, now_min=trip.depart_min),
        "loads": load_curves_svg(small_day, small_plan, now_min=trip.depart_min),
        "day": day_map_svg(small_day, small_plan),
        "route": route_map_svg(small_day, small_plan, 0),
        "vehicle": vehicle_map_svg(small_day, small_plan, trip.vehicle_id),
        "whatif": whatif_curve_svg(_curve((5, 3, 0)), title="多几辆车"),
        "robust": robust_svg(robust, start_clock_min=small_day.start_clock_min),
    }


@pytest.fixture(params=["gantt", "loads", "day", "route", "vehicle", "whatif", "robust"])
def picture(request: pytest.FixtureRequest, pictures: dict[str, str]) -> str:
    """Each of the pictures."""
    return pictures[request.param]


def _curve(late: tuple[int, ...]) -> Curve:
    outcomes = tuple(
        Outcome(
            Change("vehicles", more), CostParts(drive_fen=100 * each), 2, 0, 8, 0, more == 0, each, 1.0, 0
        )
        for more, each in enumerate(late)
    )
    return Curve("vehicles", tuple(range(len(late))), outcomes)


def _texts(picture: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(picture).iter(f"{SVG}text")]  # noqa: S314


def test_a_picture_is_xml_without_script_or_style(picture: str) -> None:
    tags = {node.tag.removeprefix(SVG) for node in ElementTree.fromstring(picture).iter()}  # noqa: S314
    shapes = {"rect", "line", "polyline", "polygon", "path", "circle", "text"}
    assert tags <= shapes | {"svg", "title", "desc", "defs", "pattern"}
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


def test_ids_are_the_pictures_own_and_every_reference_is_kept(pictures: dict[str, str]) -> None:
    ids = [found for each in pictures.values() for found in re.findall(r'\bid="([^"]+)"', each)]
    assert len(ids) == len(set(ids))
    for each in pictures.values():
        own = set(re.findall(r'\bid="([^"]+)"', each))
        named = re.findall(r"url\(#([^)]+)\)", each)
        for attribute in ("labelledby", "describedby"):
            named += re.findall(rf'aria-{attribute}="([^"]+)"', each)
        assert set(named) <= own
        assert "@" not in each


def test_a_reader_who_does_not_see_is_told_title_and_figures(pictures: dict[str, str]) -> None:
    root = ElementTree.fromstring(pictures["gantt"])  # noqa: S314
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc")] == [
        "一天的日程",
        "8 张处方，5 口锅，2 趟车，06:00 到 11:00",
    ]


def test_the_gantt_chart_names_pots_people_vehicles_and_jobs(
    small_day: Day, pictures: dict[str, str]
) -> None:
    shown = set(_texts(pictures["gantt"]))
    assert {"P0", "P1", "P2", "P3 毒", "P4 气"} <= shown
    assert {"上锅人员 1", "后下人员 1", "包装人员 1", "一号车", "二号车", "发车 09:20"} <= shown
    assert {f"J{n}" for n in range(6)} | {"毒·J6", "气·J7"} <= shown


def test_jobs_are_called_as_the_caller_says(small_day: Day, small_plan: DayPlan) -> None:
    names = {f"J{n}": f"0{n}" for n in range(8)}
    assert {"00", "05", "毒·06"} <= set(_texts(gantt_svg(small_day, small_plan, names=names)))


def test_the_present_minute_is_marked_only_where_it_is_asked(small_day: Day, small_plan: DayPlan) -> None:
    for draw in (gantt_svg, load_curves_svg):
        assert "现在 07:40" in _texts(draw(small_day, small_plan, now_min=100))
        assert not [each for each in _texts(draw(small_day, small_plan)) if each.startswith("现在")]


def test_no_lane_does_two_things_at_once() -> None:
    spans = [(0, 10), (5, 15), (10, 20), (0, 3), (3, 9)]
    assert lanes(spans, 2) == [1, 2, 0, 0, 0]
    assert lanes([], 2) == []


def test_loads_are_counted_against_what_there_is(small_day: Day) -> None:
    jobs = (_cooked("J0", "P0", 0), _cooked("J2", "P1", 30), _cooked("J4", "P2", 30))
    trip = Trip("V0", 1, 120, 180, (), bags=30, volume_ml=0, metres=0, cost_fen=0)
    routes = Routes((trip,), (), 0, 0, "", 0.0)
    plan = DayPlan(Schedule(jobs, (), 0, 0, 0, 0, "", 0.0), (), routes, (), (), 0.0)
    found = {each.resource: each for each in loads(small_day, plan)}
    pots = found["pots_any"]
    assert (pots.number, pots.minutes, pots.busy, pots.most) == (3, (0, 30, 75, 105), (1, 3, 2, 0), 3)
    # All three pots from 30 to 75; the one loader from 0 to 5 and twice as many as there are from 30 to 35.
    assert {name: each.full_min for name, each in found.items()} == {
        "pots_any": 45,
        "pots_toxic": 0,
        "pots_strong": 0,
        "loaders": 10,
        "adders": 0,
        "packers": 10,
        "vehicles_out": 0,
        "bags_out": 0,
    }
    assert (found["bags_out"].number, found["bags_out"].most) == (140, 30)
    assert bottleneck(found.values()) == pots
    assert "瓶颈：普通锅，用满 45 分钟（共 3）" in _texts(load_curves_svg(small_day, plan))


def _cooked(job_id: str, pot_id: str, load_at: int) -> ScheduledJob:
    end = load_at + 65
    return ScheduledJob(job_id, pot_id, 0, load_at, load_at + 5, None, end, end, end + 5, end + 10)


def test_a_day_that_never_uses_anything_in_full_has_no_bottleneck(small_day: Day) -> None:
    routes = Routes((), (), 0, 0, "", 0.0)
    plan = DayPlan(Schedule((), (), 0, 0, 0, 0, "", 0.0), (), routes, (), (), 0.0)
    assert bottleneck(loads(small_day, plan)) is None
    assert "没有一项用满" in _texts(load_curves_svg(small_day, plan))


def test_the_curve_says_every_figure_and_names_its_lines(pictures: dict[str, str]) -> None:
    assert _texts(pictures["whatif"]) == [
        *("多几辆车", "成本（元）", "5", "3", "0"),
        *("处方（张）", "5", "3", "0", "逾期", "1", "0", "0", "未排上"),
        *("0", "1", "2"),
    ]


def test_a_cut_off_is_shown_as_the_clock_shows_it() -> None:
    outcome = Outcome(Change("cut_off_min", 240), CostParts(), 2, 0, 8, 0, 0, 0, 1.0, 0, is_kept=True)
    shown = _texts(whatif_curve_svg(Curve("cut_off_min", (240,), (outcome,)), start_clock_min=360))
    assert "10:00" in shown
    assert "空心点：重排没有更省，沿用上一步的计划" in shown


def _group(id_: str, on_time: float) -> Group:
    return Group(id_, 270, 265, 290, 10, 140, on_time, on_time - 0.1)


def test_what_misses_the_target_is_hollow_and_never_called_certain() -> None:
    quantiles = tuple(Quantile(share, 100 * share) for share in (0.9, 0.95, 0.99))
    robust = Robustness(
        *(1000, _group("all", 0.9499), (_group("1", 0.99999),), (_group("V0", 0.3),), quantiles, ()),
        causes=(Cause("roads", 0.98, 0.03),),
        unserved=0,
    )
    picture = robust_svg(robust, start_clock_min=360, vehicle_names={"V0": "一号车"})
    shown = _texts(picture)
    assert {"约 10:30 发车（10:25–10:50）", "一号车", "目标 95%", "99.9%", "30.0%", "94.9%"} <= set(shown)
    assert shown[-1] == "最不稳的环节：路上（若不波动，准时率 98.0%）"
    dots = [node.attrib["fill"] for node in ElementTree.fromstring(picture).iter(f"{SVG}circle")]  # noqa: S314
    assert dots == ["#222222", "#ffffff", "#ffffff"]


def test_the_hours_are_those_of_the_clock(small_day: Day, small_plan: DayPlan) -> None:
    shown = _texts(gantt_svg(replace(small_day, start_clock_min=330), small_plan))
    assert shown[1:3] == ["06:00", "07:00"]
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
    empty = replace(small_plan.schedule, jobs=())
    assert "中药房" in _texts(day_map_svg(small_day, nothing))
    assert "P0" in _texts(gantt_svg(small_day, replace(nothing, schedule=empty)))
