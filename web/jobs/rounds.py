"""What the worker does between jobs: it tells patients, keeps house. After a fault what is due stays due."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from structlog.typing import FilteringBoundLogger

from tcm.records.clock import Clock
from tcm.services.coming_back import remind
from tcm.services.forecasting import ask_weekly
from tcm.services.keeping import clear_old, is_clock_settled
from tcm.store.engine import Store
from tcm.store.troubles import trouble_of
from web.jobs.notifying import Notifier
from web.jobs.publishing import HEADS, publish_heads
from web.jobs.queue import Jobs
from web.observe import where_it_broke

# A manager who wonders about a planning asks within days.
JOBS_KEPT_FOR = timedelta(days=30)


@dataclass(frozen=True)
class Rounds:
    """What a round needs.

    Args:
        store: The open store.
        clock: Tells the time.
        jobs: Where a new week's forecast is asked for, and old jobs are forgotten.
        notifier: Tells patients.
        log: Told of what did not go.
    """

    store: Store
    clock: Clock
    jobs: Jobs
    notifier: Notifier
    log: FilteringBoundLogger

    def go(self, *, keeps_house: bool) -> None:
        """Do what is due; on a full disk, or while the database is away, it stays due.

        Args:
            keeps_house: Whether to ask what a new day or week asks for, too.
        """
        try:
            if keeps_house:
                self._keep_house()
            self.notifier.run()
        except (SQLAlchemyError, OSError) as error:
            self.log.error("round", trouble=trouble_of(error), **where_it_broke(error))

    def _keep_house(self) -> None:
        with self.store.work(self.clock) as work:
            if work.ledger.seal_daily(work.now) is not None:
                work.commit()
        try:
            publish_heads(self.store, self.store.home / HEADS)
        except OSError as error:
            # What is missing is written at the next round; it stops nothing else.
            self.log.error("heads_unpublished", why=error.strerror)
        with self.store.work(self.clock) as work:
            if clear_old(work):
                work.commit()
            is_settled, now = is_clock_settled(work), work.now
        if is_settled:
            self.jobs.clear_finished(now - JOBS_KEPT_FOR)
            with self.store.work(self.clock) as work:
                if remind(work):
                    work.commit()
        with self.store.work(self.clock) as work:
            if ask_weekly(work, enqueue=self.jobs.forecast) is not None:
                work.commit()
