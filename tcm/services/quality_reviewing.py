"""The quarter's review of the floor's work (质量评估): figures, what was found, what will be done."""

from dataclasses import dataclass
from datetime import date

from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.records.upkeep import QualityReview
from tcm.store.quality_queries import figures_between
from tcm.store.work import Work

_SHOWN = 20
_MONTHS = 3
MOST_TEXT = 2000


@dataclass(frozen=True)
class Reviews:
    """The reviews, and what the next one would say.

    Args:
        quarter: Which is on now, such as 2026Q4.
        figures: Of that quarter so far.
        previous: The quarter before.
        previous_figures: Of that one.
        missing: Of these two, those nobody has reviewed; the one that is on is not missed yet.
        reviews: Newest first.
        people: Names by row of staff.
    """

    quarter: str
    figures: dict[str, int]
    previous: str
    previous_figures: dict[str, int]
    missing: tuple[str, ...]
    reviews: list[QualityReview]
    people: dict[int, str]


def open_reviews(work: Work, actor: Actor) -> Reviews:
    """The page of reviews.

    Args:
        work: The unit of work.
        actor: Floor staff, a pharmacist or a manager.

    Returns:
        Reviews and figures.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_READ)
    today = county_day(work.now)
    quarter = quarter_of(today)
    begins, _ = bounds_of(quarter)
    previous = quarter_of(date.fromordinal(begins.toordinal() - 1))
    reviews = work.quality_reviews.newest(_SHOWN)
    held = {each.quarter for each in reviews}
    figures = _figures(work, previous)
    people = work.staff.by_ids(each.held_by_id for each in reviews)
    return Reviews(
        quarter=quarter,
        figures=_figures(work, quarter),
        previous=previous,
        previous_figures=figures,
        # A centre that packed nothing then has nothing to review.
        missing=(previous,) if previous not in held and figures["packed"] else (),
        reviews=reviews,
        people={row: person.name for row, person in people.items()},
    )


def hold_review(
    work: Work,
    actor: Actor,
    quarter: str,
    *,
    opinions: str,
    findings: str,
    measures: str,
    request_key: str,
) -> QualityReview:
    """Sign the review of a quarter; its figures are kept as they are now.

    Args:
        work: The unit of work.
        actor: A manager.
        quarter: Such as 2026Q4.
        opinions: What staff and patients say.
        findings: What was found.
        measures: What will be done about it.
        request_key: Key of the form.

    Returns:
        The review; the second submit of one form finds what the first made.

    Raises:
        Invalid: When the quarter is none or has not begun, or a text is missing.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_SET)
    before = work.quality_reviews.of_request(request_key)
    if before is not None:
        return before
    try:
        begins, _ = bounds_of(quarter)
    except ValueError:
        raise Invalid(N_("季度写法如 2026Q4。")) from None
    if begins > county_day(work.now):
        raise Invalid(N_("这个季度还没有开始。"))
    if not (findings.strip() and measures.strip()):
        raise Invalid(N_("请写明发现的问题和改进措施；没有问题也要写“无”。"))
    return work.quality_reviews.add(
        QualityReview(
            quarter=quarter,
            figures=_figures(work, quarter),
            opinions=opinions.strip(),
            findings=findings.strip(),
            measures=measures.strip(),
            held_by_id=actor.staff_id,
            held_at=work.now,
            request_key=request_key,
        )
    )


def quarter_of(day: date) -> str:
    """The quarter a day lies in.

    Args:
        day: County date.

    Returns:
        Such as 2026Q4.
    """
    return f"{day.year}Q{(day.month - 1) // _MONTHS + 1}"


def bounds_of(quarter: str) -> tuple[date, date]:
    """First day of a quarter, and of the next.

    Args:
        quarter: Such as 2026Q4.

    Returns:
        Both days.

    Raises:
        ValueError: When it is no quarter.
    """
    year, _, number = quarter.partition("Q")
    if number not in ("1", "2", "3", "4"):
        raise ValueError(f"{quarter!r} is no quarter")
    begins = date(int(year), _MONTHS * int(number) - 2, 1)
    ends = date(begins.year + 1, 1, 1) if number == "4" else date(begins.year, begins.month + _MONTHS, 1)
    return begins, ends


def _figures(work: Work, quarter: str) -> dict[str, int]:
    begins, ends = bounds_of(quarter)
    return figures_between(work.session, day_start(begins), day_start(ends))
