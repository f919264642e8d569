"""What every command does first: opens the store, and says in one line why it cannot."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
from sqlalchemy.exc import SQLAlchemyError

from tcm.store.engine import DATABASE_FILE, URL_VARIABLE, Store, home_of
from tcm.store.key_check import refuse_another_key
from tcm.store.keys import KeyUnusableError
from tcm.store.migrate import is_current, upgrade
from web.cli.refusal import give_up as give_up
from web.jobs.queue import prepare
from web.outboxes.choice import NoticeSettings
from web.settings import Settings, SettingsUnusableError


def settings_or_give_up() -> Settings:
    """The web's settings.

    Returns:
        What the environment describes; a value that cannot be used ends the command.
    """
    try:
        return Settings.from_environment()
    except SettingsUnusableError as error:
        give_up(str(error))


def notices_or_give_up() -> NoticeSettings:
    """How patients are told.

    Returns:
        What the environment describes; a value that cannot be used ends the command.
    """
    try:
        return NoticeSettings.from_environment()
    except SettingsUnusableError as error:
        give_up(str(error))


def ready_store(open_store: Callable[[], Store], *, migrate: bool = True) -> Store:
    """An open store whose tables are up to date.

    Args:
        open_store: Opens it from the environment.
        migrate: Create or migrate the tables, to write to them; False refuses a database that is behind.

    Returns:
        The store.
    """
    home = home_of(os.environ)
    if not migrate and not os.environ.get(URL_VARIABLE) and not (home / DATABASE_FILE).exists():
        # Opening it would make an empty one where the name of the folder was mistyped.
        give_up(f"there is no database in {home}; run: tangye up")
    with told_in_one_line():
        store = open_store()
        if migrate and not is_current(store.engine):
            upgrade(store.engine)
        if migrate:
            refuse_another_key(store)
            prepare(store.engine)
        elif not is_current(store.engine):
            give_up("the database is not up to date; run: tangye up")
    return store


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End the command with one line where a key, a folder or a database cannot be used."""
    try:
        yield
    except (KeyUnusableError, OSError) as error:
        give_up(str(error))
    except ModuleNotFoundError as error:
        give_up(f"the database cannot be opened: the driver {error.name} is not installed")
    except SQLAlchemyError as error:
        # The driver's own words may run over several lines.
        why = " ".join(str(getattr(error, "orig", error)).split())
        give_up(f"the database cannot be opened: {why}")


def tell_progress(stage: str, done: int, of: int) -> None:
    """Show how far a long command is: a moving line for a person, a few lines for a file.

    Args:
        stage: What is being done.
        done: How many are done.
        of: Of how many.
    """
    if sys.stderr.isatty():
        click.echo(f"\r{stage:<24} {done:>4}/{of}", nl=done >= of, err=True)
    elif done >= of or done % max(1, of // 4) == 0:
        click.echo(f"{stage} {done}/{of}", err=True)
