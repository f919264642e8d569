"""Putting jobs into the queue, in the transaction of the use case that asks for them."""

from dbos import DBOS, DBOSClient, EnqueueOptions
from sqlalchemy import Engine

from tcm.store.work import Work

PLANNING = "planning"
PLAN_DAY = "plan_day"
APPLICATION = "tangye"
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
        options: EnqueueOptions = {
            "workflow_name": PLAN_DAY,
            "queue_name": PLANNING,
            # One job for one plan, however often it is asked for.
            "workflow_id": f"{PLAN_DAY}-{plan_id}",
            "app_version": JOBS_VERSION,
        }
        self._client.enqueue_in_transaction(work.session, options, plan_id)

    def close(self) -> None:
        """Close its connections."""
        self._client.destroy()
