"""One operation: what it reads and answers, who may ask, and that every asking is put on record.

    @operation("GET", "/herbs", Right.HERBS, N_("查药"), answer=HerbsOut, query=HerbsAsked)
    def find_herbs(asked: Asked) -> Told:
        ...

The same rows make the views, the document at openapi.json and the page that people read.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from flask import Response
from pydantic import BaseModel
from werkzeug.exceptions import HTTPException, TooManyRequests

from tcm.records.errors import Refused
from tcm.records.systems import Caller, Right, demand_right
from tcm.services.connecting import KeyRefused, record_call
from web.api.blueprint import api
from web.api.door import known_caller, let_in, read_body, read_query
from web.errors import status_of
from web.house import work
from web.security import open_to_all, unlimited

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Asked:
    """A request that was let in and read.

    Args:
        caller: The system that asks.
        path: The places of the address.
        read: What was read of arguments or body, None where the operation reads neither.
    """

    caller: Caller
    path: Mapping[str, str]
    read: BaseModel | None

    def as_(self, model: type[Model]) -> Model:
        """What was read, as the model that the operation names."""
        if not isinstance(self.read, model):
            raise TypeError(f"the operation reads no {model.__name__}")
        return self.read


@dataclass(frozen=True)
class Told:
    """An answer.

    Args:
        content: Of the model that the operation names.
        subject_id: Row of the prescription it is about, for the record.
        status: 200, or 201 where something new was kept.
    """

    content: BaseModel
    subject_id: int | None = None
    status: int = 200


@dataclass(frozen=True)
class Operation:
    """What the API can be asked.

    Args:
        name: Its own, as the document and the record of calls have it.
        method: Of HTTP.
        path: Below /api/v1, with places in braces.
        right: What a key needs for it.
        summary: A msgid.
        answer: What it answers.
        query: Model of the arguments, or None.
        body: Model of the JSON, or None.
        created: Whether something new is answered with 201.
        refusals: Statuses of refusals beyond those that every operation has.
        places: What each place of the path looks like, as a pattern.
    """

    name: str
    method: str
    path: str
    right: Right
    summary: str
    answer: type[BaseModel]
    query: type[BaseModel] | None = None
    body: type[BaseModel] | None = None
    created: bool = False
    refusals: tuple[int, ...] = ()
    places: Mapping[str, str] = field(default_factory=dict)


OPERATIONS: list[Operation] = []
View = Callable[[Asked], Told]


def operation(
    method: str, path: str, right: Right, summary: str, *, answer: type[BaseModel], **more: Any
) -> Callable[[View], View]:
    """Make a function an operation of the API.

    Args:
        method: Of HTTP.
        path: Below /api/v1, with places in braces.
        right: What a key needs for it.
        summary: A msgid.
        answer: What it answers.
        more: Other fields of `Operation`.

    Returns:
        A decorator that registers the view and leaves the function as it is.
    """

    def register(view: View) -> View:
        told = Operation(view.__name__, method, path, right, summary, answer, **more)
        OPERATIONS.append(told)
        rule = path.replace("{", "<").replace("}", ">")
        api.add_url_rule(rule, told.name, unlimited(open_to_all(_answering(told, view))), methods=[method])
        return view

    return register


def _answering(told: Operation, view: View) -> Callable[..., Response]:
    def answer(**path: str) -> Response:
        caller = _let_in(told)
        with _on_record(told, caller) as keep:
            demand_right(caller, told.right)
            answered = view(Asked(caller, path, _read(told)))
            keep(answered)
        text = answered.content.model_dump_json()
        return Response(text, answered.status, content_type="application/json")

    return answer


def _let_in(told: Operation) -> Caller:
    """The system that asks; a known key that is refused at the door is on record too."""
    try:
        return let_in()
    except (KeyRefused, TooManyRequests) as refusal:
        caller = known_caller()
        if caller is not None:
            _record(told, caller, None, 401 if isinstance(refusal, KeyRefused) else 429)
        raise


def _read(told: Operation) -> BaseModel | None:
    if told.body is not None:
        return read_body(told.body)
    return None if told.query is None else read_query(told.query)


@contextmanager
def _on_record(told: Operation, caller: Caller) -> Iterator[Callable[[Told], None]]:
    """Keep what was asked and how it was answered, before the answer is given away."""
    answers: list[Told] = []
    status = 500
    try:
        yield answers.append
        status = answers[0].status
    except Refused as refusal:
        status = status_of(refusal)
        raise
    except HTTPException as error:
        status = error.code or 500
        raise
    finally:
        _record(told, caller, answers[0].subject_id if answers else None, status)


def _record(told: Operation, caller: Caller, subject_id: int | None, status: int) -> None:
    with work() as open_work:
        record_call(open_work, caller, told.name, subject_id, status)
        open_work.commit()


def models() -> list[tuple[type[BaseModel], str]]:
    """Every model of the operations with the way it is used.

    Returns:
        Pairs as pydantic's `models_json_schema` takes them.
    """
    asked = [(one.body, "validation") for one in OPERATIONS if one.body is not None]
    told = [(one.answer, "serialization") for one in OPERATIONS]
    return cast("list[tuple[type[BaseModel], str]]", list(dict.fromkeys((*asked, *told))))
