"""The API for other systems, version 1: keys, JSON, one shape of errors, a document made of the models."""

from flask import Flask

from tcm.store.engine import Store

# Importing the modules registers their operations.
from web.api import docs, door, intake, lookups, prescriptions
from web.api.blueprint import api
from web.limit_store import SharedStorage, secret_of, storage_uri
from web.settings import Settings

__all__ = ["api", "docs", "install", "intake", "lookups", "prescriptions"]


def install(app: Flask, settings: Settings, store: Store) -> None:
    """Give the API its door; called after its blueprint is registered and the pages are protected.

    Args:
        app: The application.
        settings: Its limits.
        store: Beside whose data the processes count requests together.
    """
    storage = SharedStorage(storage_uri(store.home), secret=secret_of(store.keys))
    door.install(app, settings.api_limit, settings.api_stranger_limit, storage)
    # A forged request carries the browser's cookie, and that is never looked at here.
    app.extensions["csrf"].exempt(api)
