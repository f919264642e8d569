"""A stored plan made readable again: its jobs by prescription, its chart and its map as inline SVG."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask_babel import gettext
from markupsafe import Markup

from dispatch.formats import day_from_dict, plan_from_dict, read
from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.sketch import Labels, day_map_svg, gantt_svg
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


def pots_chart(plan: Plan, numbers: Mapping[int, str]) -> Markup:
    """The pots' day as a chart, each bar with the end of its prescription's number.

    Args:
        plan: Done.
        numbers: Number by prescription.

    Returns:
        SVG to be inlined.
    """
    problem = day_from_dict(plan.problem)
    schedule = plan_from_dict(plan.result).schedule
    decoction = problem.decoction()
    names = _short_names([job.id for job in decoction.jobs], numbers)
    named = replace(decoction, jobs=tuple(replace(job, id=names[job.id]) for job in decoction.jobs))
    jobs = tuple(replace(job, job_id=names[job.job_id]) for job in schedule.jobs)
    svg = gantt_svg(
        named, replace(schedule, jobs=jobs), start_clock_min=problem.start_clock_min, labels=_labels()
    )
    return Markup(svg)  # noqa: S704 - dispatch.sketch escapes every text


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
    svg = day_map_svg(replace(day, villages=villages), plan_from_dict(plan.result), labels=_labels())
    return Markup(svg)  # noqa: S704 - dispatch.sketch escapes every text


def _short_names(job_ids: Sequence[str], numbers: Mapping[int, str]) -> dict[str, str]:
    full = {job_id: numbers.get(int(job_id), job_id) for job_id in job_ids}
    short = {job_id: number[-_SHORT:] for job_id, number in full.items()}
    # Yesterday's 00042 and today's may be cooked on one day.
    return short if len(set(short.values())) == len(short) else full


def _labels() -> Labels:
    return Labels(
        gantt_title=gettext("煎药锅日程"),
        map_title=gettext("配送路线"),
        trip=gettext("{vehicle} 第{number}趟"),
        load=gettext("上锅"),
        cook=gettext("煎煮"),
        clean=gettext("清洗"),
        late=gettext("逾期"),
        metres=gettext("米"),
        kilometres=gettext("公里"),
        north=gettext("北"),
        unserved=gettext("未送达"),
    )
