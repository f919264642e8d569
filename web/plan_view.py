"""A stored plan made readable again: its jobs by prescription, its pictures as inline SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_babel import gettext
from markupsafe import Markup

from dispatch.formats import day_from_dict, plan_from_dict, read
from dispatch.outcomes import Change, Curve, Kind
from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.problem import Day
from dispatch.reasons import clock
from dispatch.simulation.robustness import Resource, Robustness
from dispatch.sketch import (
    Labels,
    bottleneck,
    day_map_svg,
    gantt_svg,
    load_curves_svg,
    loads,
    robust_svg,
    whatif_curve_svg,
)
from tcm.records.plans import Plan
from web.papers.route import CLINIC

# The county's number of a prescription is 20261121-00042; a bar of the chart has room for its end.
_SHORT = 5


def jobs_of(plan: Plan | None) -> dict[int, ScheduledJob]:
    """When and in which pot each prescription is cooked.

    Args:
        plan: In force, or None.

    Returns:
        Jobs by prescription; minutes count from the county day's midnight.
    """
    if plan is None or not plan.result:
        return {}
    schedule = read(Schedule, plan.result["schedule"], "schedule")
    return {int(job.job_id): job for job in schedule.jobs}


def bagged_of(plan: Plan | None) -> dict[int, int]:
    """When the plan counts on the bags of each prescription that it brings somewhere.

    Args:
        plan: In force, or None.

    Returns:
        Minute of the county day by prescription.
    """
    promises: Any = plan.result["promises"] if plan is not None and plan.result else []
    return {int(promise["order_id"]): int(promise["ready_min"]) for promise in promises}


def pots_chart(plan: Plan, numbers: Mapping[int, str], *, now_min: int | None = None) -> Markup:
    """The day of pots, people and vehicles as a chart, each bar with the end of its prescription's number.

    Args:
        plan: Done.
        numbers: Number by prescription.
        now_min: The present minute of the plan's day, None where it is another day.

    Returns:
        SVG to be inlined.
    """
    day, made = day_from_dict(plan.problem), plan_from_dict(plan.result)
    names = _short_names([each.job_id for each in made.schedule.jobs], numbers)
    return _inline(gantt_svg(day, made, now_min=now_min, names=names, labels=labels()))


def load_chart(plan: Plan, *, now_min: int | None = None) -> Markup:
    """How busy pots, people and vehicles are, the bottleneck named.

    Args:
        plan: Done.
        now_min: The present minute of the plan's day, None where it is another day.

    Returns:
        SVG to be inlined.
    """
    day, made = day_from_dict(plan.problem), plan_from_dict(plan.result)
    return _inline(load_curves_svg(day, made, now_min=now_min, labels=labels()))


def bottleneck_name(plan: Plan) -> str:
    """The resource that the plan uses in full for the longest time, in the reader's words.

    Args:
        plan: Done.

    Returns:
        Its name, empty where none is ever used in full.
    """
    worst = bottleneck(loads(day_from_dict(plan.problem), plan_from_dict(plan.result)))
    return worst.name(labels()) if worst else ""


def county_map(plan: Plan) -> Markup:
    """All trips of a plan as a map.

    Args:
        plan: Done.

    Returns:
        SVG to be inlined.
    """
    day = day_from_dict(plan.problem)
    # A crowd of clinics is read more easily by the names of their villages.
    villages = tuple(replace(each, name=each.name.removesuffix(CLINIC)) for each in day.villages)
    return _inline(day_map_svg(replace(day, villages=villages), plan_from_dict(plan.result), labels=labels()))


def whatif_chart(curve: Curve, *, start_clock_min: int = 0) -> Markup:
    """Cost and lateness over one quantity.

    Args:
        curve: Of `dispatch.whatif.curve`; `read(Curve, stored, "curve")` brings it back.
        start_clock_min: The clock minute of the day's minute 0.

    Returns:
        SVG to be inlined.
    """
    title = gettext("如果改变：%(what)s", what=kind_name(curve.kind))
    return _inline(whatif_curve_svg(curve, start_clock_min=start_clock_min, title=title, labels=labels()))


def robust_chart(robust: Robustness, day: Day, *, target: float = 0.95) -> Markup:
    """On-time probability of every departure and vehicle.

    Args:
        robust: Of `dispatch.simulation.simulate`.
        day: What was planned, for the vehicles' names and the clock.
        target: Share of the bags wanted on time.

    Returns:
        SVG to be inlined.
    """
    names = {vehicle.id: vehicle.name for vehicle in day.vehicles}
    return _inline(
        robust_svg(
            robust,
            target=target,
            start_clock_min=day.start_clock_min,
            vehicle_names=names,
            labels=labels(),
        )
    )


def kind_name(kind: Kind) -> str:
    """A quantity of "what if" in the reader's words."""
    names: dict[Kind, str] = {
        "vehicles": gettext("多几辆车"),
        "pots": gettext("多几口锅"),
        "packers": gettext("多几名包装人员"),
        "loaders": gettext("多几名上锅人员"),
        "adders": gettext("多几名后下人员"),
        "shift_min": gettext("班次延长（分钟）"),
        "cut_off_min": gettext("当日截单时间"),
        "buffer_min": gettext("出锅后预留（分钟）"),
    }
    return names[kind]


def change_name(change: Change | None, *, start_clock_min: int = 0) -> str:
    """A change in the reader's words, for a row of the table.

    Args:
        change: None is the day as it is.
        start_clock_min: The clock minute of the day's minute 0.
    """
    if change is None:
        return str(gettext("现状"))
    amount = change.amount
    names: dict[Kind, str] = {
        "vehicles": gettext("多 %(amount)s 辆车", amount=amount),
        "pots": gettext("多 %(amount)s 口锅", amount=amount),
        "packers": gettext("多 %(amount)s 名包装人员", amount=amount),
        "loaders": gettext("多 %(amount)s 名上锅人员", amount=amount),
        "adders": gettext("多 %(amount)s 名后下人员", amount=amount),
        "shift_min": gettext("班次延长 %(amount)s 分钟", amount=amount),
        "cut_off_min": gettext("%(clock)s 截单，之后的次日煎", clock=clock(amount, start_clock_min)),
        "buffer_min": gettext("出锅后预留 %(amount)s 分钟", amount=amount),
    }
    return names[change.kind]


def resource_name(resource: Resource) -> str:
    """What may go otherwise than planned, in the reader's words."""
    words = labels()
    names: dict[Resource, str] = {
        "prescriptions": words.prescriptions,
        "loaders": words.load,
        "pots": words.cook,
        "packers": words.pack,
        "dock": words.dock,
        "roads": words.roads,
        "doors": words.doors,
    }
    return names[resource]


def labels() -> Labels:
    """The words of all pictures in the reader's language."""
    return Labels(
        gantt_title=gettext("一天的日程"),
        map_title=gettext("配送路线"),
        load_title=gettext("负荷"),
        whatif_title=gettext("如果改变"),
        robust_title=gettext("准时率"),
        trip=gettext("{vehicle} 第{number}趟"),
        load=gettext("上锅"),
        cook=gettext("煎煮"),
        clean=gettext("清洗"),
        add=gettext("后下"),
        pack=gettext("包装"),
        people=gettext("人员"),
        drive=gettext("在途"),
        dock=gettext("装车"),
        rest=gettext("休息"),
        stop=gettext("到站"),
        late=gettext("逾期"),
        wave=gettext("发车"),
        now=gettext("现在"),
        toxic=gettext("毒"),
        strong=gettext("气"),
        pots=gettext("煎药锅"),
        pots_any=gettext("普通锅"),
        pots_toxic=gettext("毒性药专用锅"),
        pots_strong=gettext("气味药专用锅"),
        loaders=gettext("上锅人员"),
        adders=gettext("后下人员"),
        packers=gettext("包装人员"),
        vehicles=gettext("车辆"),
        vehicles_out=gettext("在外车辆"),
        bags_out=gettext("在途药袋"),
        peak=gettext("最多 {most} / {number}"),
        full=gettext("用满 {minutes} 分钟"),
        bottleneck=gettext("瓶颈：{name}，用满 {minutes} 分钟（共 {number}）"),
        no_bottleneck=gettext("没有一项用满"),
        cost=gettext("成本（元）"),
        orders=gettext("处方（张）"),
        late_orders=gettext("逾期"),
        unserved_orders=gettext("未排上"),
        kept=gettext("空心点：重排没有更省，沿用上一步的计划"),
        on_time=gettext("准时到达的药袋"),
        target=gettext("目标 {share}"),
        group=gettext("约 {usual} 发车（{first}–{last}）"),
        bags=gettext("{bags} 袋"),
        everything=gettext("全部"),
        tail=gettext("实心点：达到目标；空心点：未达到。横线左端：二十天里最差一天的准时率"),
        lateness=gettext(
            "晚到：九成不超过 {p90} 分钟，九成五不超过 {p95} 分钟，百分之九十九不超过 {p99} 分钟"
        ),
        worst=gettext("最不稳的环节：{name}（若不波动，准时率 {share}）"),
        gantt_says=gettext("{jobs} 张处方，{pots} 口锅，{trips} 趟车，{start} 到 {end}"),
        prescriptions=gettext("处方晚到"),
        roads=gettext("路上"),
        doors=gettext("交接"),
        metres=gettext("米"),
        kilometres=gettext("公里"),
        north=gettext("北"),
        unserved=gettext("未送达"),
    )


def _inline(svg: str) -> Markup:
    return Markup(svg)  # noqa: S704 - dispatch.sketch escapes every text


def _short_names(job_ids: Sequence[str], numbers: Mapping[int, str]) -> dict[str, str]:
    full = {job_id: numbers.get(int(job_id), job_id) for job_id in job_ids}
    short = {job_id: number[-_SHORT:] for job_id, number in full.items()}
    # Yesterday's 00042 and today's may be cooked on one day.
    return short if len(set(short.values())) == len(short) else full
