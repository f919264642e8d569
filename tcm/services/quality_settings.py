"""What the manager decides about quality: which batches are looked at, what is kept, whose health counts."""

from tcm.records.errors import N_, Invalid
from tcm.records.permissions import Action, demand
from tcm.records.quality import HealthRule, QualitySettings
from tcm.records.roles import Actor
from tcm.store.work import Work

MOST_EVERY, MOST_SAMPLE_ML, MOST_SAMPLE_DAYS = 100, 500, 400


def set_quality(
    work: Work,
    actor: Actor,
    *,
    check_every: int,
    sample_ml: int,
    sample_days: int,
    sample_source: str,
    health: HealthRule,
) -> QualitySettings:
    """Decide what the centre asks of itself; the newest decision holds, and what was drawn stays drawn.

    Args:
        work: The unit of work.
        actor: A manager.
        check_every: 0 for no batch, 1 for all, n for every nth.
        sample_ml: How much of each batch is retained, 0 for none.
        sample_days: For how many days.
        sample_source: Which rule asks for it.
        health: What an overdue health check means.

    Returns:
        The decision.

    Raises:
        Invalid: When a figure is out of bounds, or samples are retained without days or source.
        Forbidden: For other roles.
    """
    demand(actor, Action.QUALITY_SET)
    if not (0 <= check_every <= MOST_EVERY and 0 <= sample_ml <= MOST_SAMPLE_ML):
        raise Invalid(
            N_("抽检间隔最多 %(every)s，留样最多 %(ml)s 毫升。"), every=MOST_EVERY, ml=MOST_SAMPLE_ML
        )
    if sample_ml and not (0 < sample_days <= MOST_SAMPLE_DAYS and sample_source.strip()):
        raise Invalid(N_("留样要写明留几天、依据哪份文件；2009 年的煎药室规范没有要求留样。"))
    return work.quality_settings.add(
        QualitySettings(
            check_every=check_every,
            sample_ml=sample_ml,
            sample_days=sample_days if sample_ml else 0,
            sample_source=sample_source.strip() if sample_ml else "",
            health=health,
            set_by_id=actor.staff_id,
            set_at=work.now,
        )
    )
