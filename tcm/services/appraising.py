"""The monthly appraisal (处方点评): draw, say, conclude, appeal, answer, count."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tcm.knowledge import Knowledge
from tcm.records.appraisals import (
    Appraisal,
    AppraisedPrescription,
    Opinion,
    Standing,
)
from tcm.records.clinical import Prescription
from tcm.records.clock import county_day, day_start
from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.roles import Actor
from tcm.services.access import look_at_prescription
from tcm.services.qualifying import demand_qualified_reviewer
from tcm.store.work import Work

SCOPE = "herbs"


@dataclass(frozen=True)
class Indicators:
    """What the regulation asks of a month, as counts; a rate is None where nothing was counted.

    Args:
        signed: Prescriptions signed, as it stands now: one cancelled after the drawing is not among them.
        reviewed: Of those, reviewed by a pharmacist.
        returned: Of those, sent back at least once.
        appraised: Of the sample, concluded.
        reasonable: Of those, found reasonable.
        codes: How often each code stands.

    Source: 医疗机构处方审核规范 第18条: 审核率, 干预率, 合理率.
    """

    signed: int
    reviewed: int
    returned: int
    appraised: int
    reasonable: int
    codes: dict[str, int]

    @property
    def review_rate(self) -> float | None:
        """审核率."""
        return self.reviewed / self.signed if self.signed else None

    @property
    def intervention_rate(self) -> float | None:
        """干预率."""
        return self.returned / self.reviewed if self.reviewed else None

    @property
    def reasonable_rate(self) -> float | None:
        """合理率."""
        return self.reasonable / self.appraised if self.appraised else None


@dataclass(frozen=True)
class AppraisalView:
    """One month's sample on its page.

    Args:
        appraisal: The sample.
        rows: Its prescriptions with what is said of them.
        prescriptions: By row.
        indicators: The month's.
    """

    appraisal: Appraisal
    rows: list[AppraisedPrescription]
    prescriptions: dict[int, Prescription]
    indicators: Indicators


def draw(work: Work, actor: Actor, knowledge: Knowledge, month: str, seed: int) -> Appraisal:
    """Draw the sample of a month that is over: so many per mille, and no fewer than the regulation's least.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.
        knowledge: The rates.
        month: Such as 2026-11.
        seed: Of the drawing.

    Returns:
        The sample; the same one when it was drawn already.

    Raises:
        Forbidden: For other roles.
        Invalid: When the month is not over, or nothing was signed in it.
    """
    demand(actor, Action.APPRAISAL_DRAW)
    earlier = work.appraisals.of_month(month)
    if earlier is not None:
        return earlier
    since, until = month_of(month)
    if work.now < until:
        raise Invalid(N_("这个月还没有过完，月底以后再抽样。"))
    signed = work.appraisals.signed_between(since, until)
    if not signed:
        raise Invalid(N_("这个月没有签名的处方。"))
    size = knowledge.appraisal_rates[SCOPE].size(len(signed))
    chosen = random.Random(seed).sample(signed, size)  # noqa: S311 - to be drawn again just so
    appraisal = work.appraisals.add(
        Appraisal(
            month=month, population=len(signed), seed=seed, drawn_by_id=actor.staff_id, drawn_at=work.now
        )
    )
    for prescription_id in sorted(chosen):
        work.appraised.add(
            AppraisedPrescription(appraisal_id=appraisal.id or 0, prescription_id=prescription_id)
        )
    return appraisal


def list_appraisals(work: Work, actor: Actor) -> list[Appraisal]:
    """Every sample, newest month first.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.APPRAISAL_READ)
    return work.appraisals.newest_first()


def open_appraisal(work: Work, actor: Actor, appraisal_id: int) -> AppraisalView:
    """A sample with its prescriptions' standing and the month's indicators.

    Args:
        work: The unit of work.
        actor: A pharmacist or manager.
        appraisal_id: Which.

    Returns:
        The view, in a number of statements that does not grow with the sample.

    Raises:
        NotFound: When there is no such sample.
        Forbidden: For other roles.
    """
    demand(actor, Action.APPRAISAL_READ)
    appraisal = work.appraisals.get(appraisal_id)
    rows = work.appraised.of_appraisal(appraisal_id)
    prescriptions = work.prescriptions.by_ids(row.prescription_id for row in rows)
    since, until = month_of(appraisal.month)
    signed = len(work.appraisals.signed_between(since, until))
    reviewed, returned = work.appraisals.review_counts(since, until)
    return AppraisalView(appraisal, rows, prescriptions, _count(signed, reviewed, returned, rows))


def next_to_appraise(work: Work, actor: Actor, appraisal_id: int) -> AppraisedPrescription | None:
    """The first prescription of a sample that still wants a word of this reviewer.

    Args:
        work: The unit of work.
        actor: A pharmacist.
        appraisal_id: Which sample.

    Returns:
        It, or None when nothing is left for them.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.APPRAISAL_GIVE)
    for row in work.appraised.of_appraisal(appraisal_id):
        if row.standing is not Standing.CONCLUDED and not _has_spoken(row, actor):
            return row
    return None


def open_appraised(work: Work, actor: Actor, appraised_id: int) -> tuple[AppraisedPrescription, Prescription]:
    """One prescription of a sample; the look is on record.

    Args:
        work: The unit of work.
        actor: A pharmacist, or the doctor who wrote it.
        appraised_id: Which.

    Returns:
        It with its prescription.

    Raises:
        NotFound: When there is none.
        Forbidden: For others.
    """
    row = work.appraised.get(appraised_id)
    prescription = work.prescriptions.get(row.prescription_id)
    look_at_prescription(work, actor, prescription)
    return row, prescription


def give_opinion(
    work: Work, actor: Actor, knowledge: Knowledge, appraised_id: int, codes: Sequence[str], note: str
) -> AppraisedPrescription:
    """Say what one finds in a prescription; two say it, a third where they differ.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist who has not spoken of it yet.
        knowledge: The codes.
        appraised_id: Which.
        codes: Faults; none where it is reasonable.
        note: In one's own words.

    Returns:
        It, with all opinions.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles, and without the qualification.
        Invalid: When one has spoken already, enough have, or a code does not exist or is not for herbs.
    """
    demand(actor, Action.APPRAISAL_GIVE)
    demand_qualified_reviewer(work, actor)
    row = work.appraised.locked(appraised_id)
    look_at_prescription(work, actor, work.prescriptions.get(row.prescription_id))
    if _has_spoken(row, actor):
        raise Invalid(N_("您已经点评过这张处方。"))
    if row.standing is Standing.CONCLUDED:
        raise Invalid(N_("这张处方已经点评完毕。"))
    allowed = {code.code for code in knowledge.appraisal_codes if not code.not_for_herbs}
    if not set(codes) <= allowed:
        raise Invalid(N_("没有这个点评代码，或不适用于饮片处方。"))
    kept = [code.code for code in knowledge.appraisal_codes if code.code in codes]
    row.opinions.append(Opinion(reviewer_id=actor.staff_id, codes=kept, note=note, given_at=work.now))
    return row


def results_of(work: Work, actor: Actor) -> list[tuple[AppraisedPrescription, Prescription]]:
    """What was concluded of the actor's own prescriptions, newest first.

    Args:
        work: The unit of work.
        actor: A doctor.

    Returns:
        Each with its prescription.

    Raises:
        Forbidden: For other roles.
    """
    demand(actor, Action.APPRAISAL_APPEAL, assigned_to_id=actor.staff_id)
    found = work.appraised.of_doctor(actor.staff_id)
    return [(row, prescription) for row, prescription in found if row.standing is Standing.CONCLUDED]


def appeal(work: Work, actor: Actor, appraised_id: int, words: str) -> None:
    """The doctor says why a code should not stand; once.

    Args:
        work: The unit of work.
        actor: The doctor who wrote the prescription.
        appraised_id: Which.
        words: Why.

    Raises:
        NotFound: When there is none.
        Forbidden: For others.
        Invalid: When nothing stands against it, or there is an appeal already.
    """
    row = work.appraised.locked(appraised_id)
    prescription = work.prescriptions.get(row.prescription_id)
    demand(actor, Action.APPRAISAL_APPEAL, assigned_to_id=prescription.doctor_id)
    if not row.codes or row.appealed_at is not None:
        raise Invalid(N_("这张处方不能申诉，或已经申诉过。"))
    row.appeal, row.appealed_at = words, work.now


def answer_appeal(work: Work, actor: Actor, appraised_id: int, *, upheld: bool, words: str) -> None:
    """Answer an appeal, by somebody who gave no opinion on it.

    Args:
        work: The unit of work.
        actor: A qualified pharmacist.
        appraised_id: Which.
        upheld: Whether the codes stand.
        words: Why.

    Raises:
        NotFound: When there is none.
        Forbidden: For other roles, and without the qualification.
        Invalid: When there is no open appeal, or the actor gave an opinion on it.
    """
    demand(actor, Action.APPRAISAL_GIVE)
    demand_qualified_reviewer(work, actor)
    row = work.appraised.locked(appraised_id)
    if row.appealed_at is None or row.answered_at is not None:
        raise Invalid(N_("没有等待答复的申诉。"))
    if _has_spoken(row, actor):
        raise Invalid(N_("申诉须由没有点评过这张处方的药师答复。"))
    row.answer, row.upheld = words, upheld
    row.answered_by_id, row.answered_at = actor.staff_id, work.now


def month_of(month: str) -> tuple[datetime, datetime]:
    """When a county month begins and when it is over.

    Args:
        month: Such as 2026-11.

    Returns:
        Two aware moments.

    Raises:
        Invalid: When it is no month, or the calendar ends with it.
    """
    try:
        first = date.fromisoformat(f"{month}-01")
        after = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        return day_start(first), day_start(after)
    except (ValueError, OverflowError):
        raise Invalid(N_("月份写法如 2026-11。")) from None


def last_month(now: datetime) -> str:
    """The month before the present one, by the county's calendar.

    Args:
        now: Aware moment.

    Returns:
        Such as 2026-10.
    """
    today = county_day(now)
    return f"{today.year - (today.month == 1)}-{(today.month - 2) % 12 + 1:02d}"


def _has_spoken(row: AppraisedPrescription, actor: Actor) -> bool:
    return any(opinion.reviewer_id == actor.staff_id for opinion in row.opinions)


def _count(signed: int, reviewed: int, returned: int, rows: Sequence[AppraisedPrescription]) -> Indicators:
    concluded = [row for row in rows if row.standing is Standing.CONCLUDED]
    codes = Counter(code for row in concluded for code in row.codes)
    reasonable = sum(row.is_reasonable for row in concluded)
    return Indicators(signed, reviewed, returned, len(concluded), reasonable, dict(codes))
