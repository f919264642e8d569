"""The reading of an uploaded photograph as a durable job."""

from dataclasses import dataclass

from tcm.records.clock import Clock
from tcm.services import photographing
from tcm.store.engine import Store
from web.reading import read_picture


@dataclass(frozen=True)
class PhotographReader:
    """What the reading of a photograph needs besides its row.

    Args:
        store: The open store.
        clock: Tells the time.
    """

    store: Store
    clock: Clock

    def run(self, photograph_id: int) -> None:
        """Read a photograph from its row to its signs, or to a refusal that leaves no pixels behind.

        Doing it again after a crash changes nothing that is done.

        Args:
            photograph_id: The photograph's row.
        """
        try:
            self._read(photograph_id)
        except Exception:
            # A row left waiting would keep the doctor waiting.
            with self.store.work(self.clock) as work:
                photographing.fail_reading(work, photograph_id)
                work.commit()
            raise
        finally:
            with self.store.work(self.clock) as work:
                photographing.drop_refused(work, photograph_id)
                work.commit()

    def _read(self, photograph_id: int) -> None:
        with self.store.work(self.clock) as work:
            waiting = photographing.to_read(work, photograph_id)
        if waiting is None:
            return
        # Outside any work: SQLite lets nobody else write meanwhile.
        outcome = read_picture(waiting.clean, waiting.kind)
        with self.store.work(self.clock) as work:
            photographing.keep_outcome(work, photograph_id, outcome)
            work.commit()
