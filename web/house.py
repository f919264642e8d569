"""What every page works with: store, settings, clock. Found through the app, never a global."""

from dataclasses import dataclass

from flask import current_app, request
from structlog.typing import FilteringBoundLogger

from tcm.knowledge import Knowledge
from tcm.records.clock import Clock
from tcm.services.signing_in import Hasher
from tcm.store.engine import Store
from tcm.store.work import Work
from web.jobs.queue import Jobs
from web.settings import Settings

EXTENSION = "tangye"
_ONLY_ASKING = ("GET", "HEAD", "OPTIONS")


@dataclass(frozen=True)
class House:
    """One running web application's own things.

    Args:
        store: The open database.
        settings: What it was told from outside.
        clock: Tells the time.
        knowledge: The clinical facts.
        hasher: For passwords.
        jobs: Enqueues durable jobs.
        log: For structured lines; ids only, never a patient's data.
    """

    store: Store
    settings: Settings
    clock: Clock
    knowledge: Knowledge
    hasher: Hasher
    jobs: Jobs
    log: FilteringBoundLogger


def current_house() -> House:
    """The house of the application that answers this request.

    Returns:
        The house given to `create_app`.
    """
    house: House = current_app.extensions[EXTENSION]
    return house


def asks_api() -> bool:
    """Whether another system asks: it shows a key, sends no cookie, and reads JSON.

    Returns:
        True below /api/ but for the page that documents it, which people read.
    """
    return request.path.startswith("/api/") and request.endpoint != "api.docs"


def work(*, reads_only: bool = False) -> Work:
    """A unit of work on the current house's store; records live as long as its `with`.

    Args:
        reads_only: The form that is sent changes nothing; a page that is asked for never does.

    Returns:
        The work, to be entered with `with`; one that only reads keeps nobody waiting.
    """
    house = current_house()
    # Other systems' calls are kept on record whatever they ask for.
    is_page = request.method in _ONLY_ASKING and not asks_api()
    return house.store.work(house.clock, reads_only=reads_only or is_page)
