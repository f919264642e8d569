"""The door of the API: whose key it is, how often, and what the request says."""

import json
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, TooManyRequests, UnsupportedMediaType

from tcm.records.systems import Caller
from tcm.services.connecting import PEPPER_PURPOSE, KeyRefused, admit
from web.door import sentence_of
from web.house import current_house, work
from web.problems import Fault, Faulty

MOST_BODY_BYTES = 256 * 1024
_DOOR, _SCHEME = "tangye_api_door", "bearer"
_LONGEST_STEP, _MOST_FAULTS = 60, 50
Model = TypeVar("Model", bound=BaseModel)


class Door:
    """Counts requests, one by one for each key, and by address where no good key is shown.

    Args:
        key_limit: Of one key, such as `300 per minute`.
        stranger_limit: Of one address without a good key.
        storage: Where they are counted.
    """

    def __init__(self, key_limit: str, stranger_limit: str, storage: Storage) -> None:
        self._limiter = MovingWindowRateLimiter(storage)
        self._key_limit, self._stranger_limit = parse(key_limit), parse(stranger_limit)

    def count_key(self, key_id: int) -> None:
        """Count a request by a key; raises TooManyRequests beyond its limit."""
        self._count(self._key_limit, f"key {key_id}")

    def count_stranger(self, address: str) -> None:
        """Count a request without a good key; raises TooManyRequests beyond the limit."""
        self._count(self._stranger_limit, f"address {address}")

    def _count(self, limit: RateLimitItem, who: str) -> None:
        if not self._limiter.hit(limit, who):
            raise TooManyRequests(retry_after=limit.get_expiry())


def install(app: Flask, key_limit: str, stranger_limit: str, storage: Storage) -> None:
    """Give an application its door.

    Args:
        app: The application.
        key_limit: As for `Door`.
        stranger_limit: As for `Door`.
        storage: As for `Door`.
    """
    app.extensions[_DOOR] = Door(key_limit, stranger_limit, storage)


def pepper() -> bytes:
    """What keys of other systems are hashed with, derived from the key of the house."""
    return current_house().store.keys.derive(PEPPER_PURPOSE)


def let_in() -> Caller:
    """The system whose key this request shows; a cookie is never looked at.

    Returns:
        The system.

    Raises:
        KeyRefused: Without a good key.
        TooManyRequests: Beyond the limit.
    """
    door: Door = current_app.extensions[_DOOR]
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    try:
        with work() as open_work:
            caller = admit(open_work, secret.strip() if scheme.lower() == _SCHEME else "", pepper())
    except KeyRefused as refusal:
        _know(refusal.caller)
        door.count_stranger(request.remote_addr or "")
        raise
    _know(caller)
    door.count_key(caller.key_id)
    return caller


def known_caller() -> Caller | None:
    """Whose key this request showed, let in or not; None where the house never made it."""
    known: Caller | None = g.get("api_caller")
    return known


def _know(caller: Caller | None) -> None:
    if caller is not None:
        g.api_caller, g.api_key_id = caller, caller.key_id


def read_query(model: type[Model]) -> Model:
    """The arguments after the question mark.

    Args:
        model: What the operation reads.

    Returns:
        The model.

    Raises:
        Faulty: When they are not what it reads.
    """
    return _validated(model, request.args.to_dict())


def read_body(model: type[Model]) -> Model:
    """The JSON of a request.

    Args:
        model: What the operation reads.

    Returns:
        The model.

    Raises:
        UnsupportedMediaType: When it is said to be something else.
        RequestEntityTooLarge: When it is longer than `MOST_BODY_BYTES`.
        BadRequest: When it is no JSON.
        Faulty: When it is not what the operation reads.
    """
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    raw = request.stream.read(MOST_BODY_BYTES + 1)
    if len(raw) > MOST_BODY_BYTES:
        raise RequestEntityTooLarge
    try:
        document = json.loads(raw.decode("utf-8-sig"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadRequest from None
    return _validated(model, document)


def _validated(model: type[Model], document: Any) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)[:_MOST_FAULTS]
    # A field's name may be the sender's own invention, of any length.
    raise Faulty(
        [
            Fault(".".join(str(step)[:_LONGEST_STEP] for step in detail["loc"]), sentence_of(detail))
            for detail in details
        ]
    )


def _no_constant(name: str) -> float:
    raise ValueError(name)
