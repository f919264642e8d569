"""The replay of past prescriptions as a durable job: read some, check them, write how far it is."""

from dataclasses import dataclass

from tcm.knowledge import Knowledge
from tcm.records.clock import Clock
from tcm.services import replaying
from tcm.store.engine import Store


@dataclass(frozen=True)
class Replayer:
    """What a replay needs besides its row.

    Args:
        store: The open store.
        clock: Tells the time.
        knowledge: The rules' facts.
    """

    store: Store
    clock: Clock
    knowledge: Knowledge

    def run(self, replay_id: int) -> None:
        """Replay from where the row stands to its end, or to a failure with its reason.

        Doing it again after a crash goes on behind the last batch that was kept.

        Args:
            replay_id: The replay's row.
        """
        try:
            while self._advance(replay_id):
                pass
        except Exception:
            # A row left without an end would look as if it were still running.
            with self.store.work(self.clock) as work:
                replaying.fail_replay(work, replay_id, replaying.FAILED)
                work.commit()
            raise

    def _advance(self, replay_id: int) -> bool:
        with self.store.work(self.clock) as work:
            batch = replaying.next_batch(work, replay_id)
            work.commit()
        if batch is None:
            return False
        # Outside any work: SQLite lets nobody else write meanwhile.
        tally = replaying.check_batch(batch, self.knowledge)
        with self.store.work(self.clock) as work:
            replaying.keep_batch(work, replay_id, batch, tally)
            work.commit()
        return True
