"""Putting jobs into the queue, in the transaction of the use case that asks for them."""

from datetime import datetime

from dbos import DBOS, DBOSClient, EnqueueOptions
from sqlalchemy import Engine

from tcm.store.work import Work

PLANNING = "planning"
PLAN_DAY = "plan_day"
# Queues of their own: what happens is answered within seconds while tomorrow is planned, and questions wait
# for nobody who has to be served.
ANSWERING = "answering"
STUDYING = "studying"
STUDY_PLAN = "study_plan"
# A queue of its own: a day is planned while a replay runs, and the other way round.
REPLAYING = "replaying"
REPLAY_RULES = "replay_rules"
# Readings wait behind neither: a patient sits at the desk.
READING = "reading"
READ_PHOTOGRAPH = "read_photograph"
# Learning from years takes a minute of one core; nobody sits and waits for it.
FORECASTING = "forecasting"
FORECAST_USE = "forecast_use"
APPLICATION = "tangye"
_ENDED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
CLEARED_AT_ONCE = 500
# Jobs of one version are finished by workers of that version; raise it when a workflow's steps change.
JOBS_VERSION = "1"


def url_of(engine: Engine) -> str:
    """The database of the jobs: the same as everything else's.

    Args:
        engine: Of the store.

    Returns:
        An SQLAlchemy URL with its password.
    """
    return engine.url.render_as_string(hide_password=False)


def prepare(engine: Engine) -> None:
    """Create or migrate the job tables.

    Args:
        engine: Of the store.
    """
    DBOS.migrate(url_of(engine))


class Jobs:
    """Enqueues jobs; a web process holds one.

    Args:
        engine: Of the store.
    """

    def __init__(self, engine: Engine) -> None:
        self._client = DBOSClient(system_database_url=url_of(engine), application_name=APPLICATION, lazy=True)

    def plan_day(self, work: Work, plan_id: int) -> None:
        """Enqueue the planning of a day; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            plan_id: The plan's row.
        """
        self._enqueue(work, PLANNING, PLAN_DAY, plan_id)

    def answer_events(self, work: Work, plan_id: int) -> None:
        """Enqueue a plan that answers events; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            plan_id: The plan's row.
        """
        self._enqueue(work, ANSWERING, PLAN_DAY, plan_id)

    def study_plan(self, work: Work, study_id: int) -> None:
        """Enqueue a question about a plan; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            study_id: The study's row.
        """
        self._enqueue(work, STUDYING, STUDY_PLAN, study_id)

    def replay_rules(self, work: Work, replay_id: int) -> None:
        """Enqueue the replay of past prescriptions; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            replay_id: The replay's row.
        """
        self._enqueue(work, REPLAYING, REPLAY_RULES, replay_id)

    def read_photograph(self, work: Work, photograph_id: int) -> None:
        """Enqueue the reading of a photograph; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            photograph_id: The photograph's row.
        """
        self._enqueue(work, READING, READ_PHOTOGRAPH, photograph_id)

    def forecast(self, work: Work, forecast_id: int) -> None:
        """Enqueue a forecast of what herbs will be needed; nothing is enqueued unless the work is committed.

        Args:
            work: The unit of work that asks.
            forecast_id: The forecast's row.
        """
        self._enqueue(work, FORECASTING, FORECAST_USE, forecast_id)

    def clear_finished(self, before: datetime) -> int:
        """Forget jobs that ended long ago, well or not; what came of them is in rows of our own.

        Args:
            before: Those that ended earlier, aware UTC.

        Returns:
            How many went; at most CLEARED_AT_ONCE.
        """
        ended = self._client.list_workflows(
            status=_ENDED,
            completed_before=before.isoformat(),
            limit=CLEARED_AT_ONCE,
            load_input=False,
            load_output=False,
            application_name=APPLICATION,
        )
        if ended:
            self._client.delete_workflows([each.workflow_id for each in ended])
        return len(ended)

    def close(self) -> None:
        """Close its connections."""
        self._client.destroy()

    def _enqueue(self, work: Work, queue: str, workflow: str, row_id: int) -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": queue,
            # One job for one row, however often it is asked for.
            "workflow_id": f"{workflow}-{row_id}",
            "app_version": JOBS_VERSION,
        }
        self._client.enqueue_in_transaction(work.session, options, row_id)
