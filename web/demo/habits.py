"""What the demo's manager asks of the centre: steps of boils, looks at batches, samples, a cool box."""

from tcm.records.boils import BoilKeeping
from tcm.records.quality import HealthRule
from tcm.records.roles import Role
from tcm.services import boiling, quality_settings
from web.demo.town import Town

CHECK_EVERY = 5
SAMPLE_ML, SAMPLE_DAYS = 30, 3
SAMPLE_SOURCE = "演示设定，2009年煎药室规范没有要求留样"


def take_up(town: Town) -> None:
    """Decide how the centre works, unless somebody has.

    Args:
        town: The county before its first day.
    """
    manager = town.staff[Role.MANAGER][0].actor
    with town.work() as work:
        if work.boil_settings.current() is None:
            boiling.set_keeping(work, manager, BoilKeeping.STEPS)
        if work.quality_settings.current() is None:
            quality_settings.set_quality(
                work,
                manager,
                check_every=CHECK_EVERY,
                sample_ml=SAMPLE_ML,
                sample_days=SAMPLE_DAYS,
                sample_source=SAMPLE_SOURCE,
                health=HealthRule.WARN,
            )
        work.commit()
