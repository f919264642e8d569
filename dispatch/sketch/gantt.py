"""The Gantt chart of the pots."""

from collections.abc import Callable

from dispatch.plan_types import Schedule, ScheduledJob
from dispatch.problem import DecoctionProblem
from dispatch.reasons import clock
from dispatch.sketch.svg import INK, PALE, PAPER, document, line, rect, text, text_width
from dispatch.sketch.words import Labels

_LOAD, _COOK, _CLEAN = "#666666", "#9ecae1", "#eeeeee"


def gantt_svg(
    problem: DecoctionProblem,
    schedule: Schedule,
    *,
    start_clock_min: int = 360,
    title: str | None = None,
    labels: Labels | None = None,
) -> str:
    """The pots' day: a row for each pot, a bar for each job, hours across.

    Args:
        problem: pots and jobs of the schedule.
        schedule: what to draw; jobs packed after their due minute are marked with a black edge.
        start_clock_min: the clock minute of minute 0.
        title: heading, the labels' own by default.
        labels: words.
    """
    words = labels or Labels()
    row_px, left, top, width = 20, 70, 64, 1000
    first = min((each.load_at_min for each in schedule.jobs), default=0) // 60 * 60
    last = max((each.clean_end_min for each in schedule.jobs), default=60)
    last = max(first + 60, -(-last // 60) * 60)
    height = top + row_px * len(problem.pots) + 44
    due = {job.id: job.due_min for job in problem.jobs}

    def x(minute: int) -> float:
        return left + (minute - first) * (width - left - 20) / (last - first)

    parts = [text(left, 24, title or words.gantt_title, size=16, bold=True)]
    for minute in range(first, last + 1, 60):
        parts.append(line(x(minute), top - 6, x(minute), height - 38, PALE))
        parts.append(text(x(minute), top - 12, clock(minute, start_clock_min), size=11, anchor="middle"))
    rows = {pot.id: top + row_px * row for row, pot in enumerate(problem.pots)}
    for pot_id, y in rows.items():
        parts.append(text(left - 8, y + 14, pot_id, size=11, anchor="end"))
        parts.append(line(left, y + row_px, width - 20, y + row_px, PALE))
    for each in schedule.jobs:
        parts += _bar(each, x, rows[each.pot_id], is_late=each.pack_end_min > due[each.job_id])
    parts += _gantt_legend(words, left, height - 22)
    return document(width, height, title or words.gantt_title, parts)


def _bar(each: ScheduledJob, x: Callable[[int], float], y: float, *, is_late: bool) -> list[str]:
    """Load, cook and clean of one job, its id inside where it fits."""
    spans = (
        (each.load_at_min, each.cook_at_min, _LOAD),
        (each.cook_at_min, each.cook_end_min, _COOK),
        (each.cook_end_min, each.clean_end_min, _CLEAN),
    )
    parts = [rect(x(a), y + 3, x(b) - x(a), 14, fill) for a, b, fill in spans if b > a]
    whole = x(each.clean_end_min) - x(each.load_at_min)
    edge = INK if is_late else "#8a8a8a"
    outline = f'fill="none" stroke="{edge}" stroke-width="{2.2 if is_late else 0.6:g}"'
    parts.append(
        f'<rect x="{x(each.load_at_min):.1f}" y="{y + 3:.1f}" width="{whole:.1f}" height="14" {outline}/>'
    )
    if text_width(each.job_id, 9) + 6 < x(each.cook_end_min) - x(each.cook_at_min):
        middle = (x(each.cook_at_min) + x(each.cook_end_min)) / 2
        parts.append(text(middle, y + 13, each.job_id, size=9, anchor="middle"))
    return parts


def _gantt_legend(words: Labels, left: float, y: float) -> list[str]:
    parts: list[str] = []
    for place, (label, fill) in enumerate(((words.load, _LOAD), (words.cook, _COOK), (words.clean, _CLEAN))):
        parts.append(rect(left + 110 * place, y, 22, 12, fill, edge=PALE))
        parts.append(text(left + 110 * place + 28, y + 10, label, size=11))
    parts.append(rect(left + 330, y, 22, 12, PAPER, edge=INK))
    parts.append(text(left + 358, y + 10, words.late, size=11))
    return parts
