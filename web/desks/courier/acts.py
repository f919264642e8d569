"""What a phone sends once the line is back: in order, each answered once, none done twice."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from flask import make_response, request
from flask_babel import gettext
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)
from werkzeug.wrappers import Response

from tcm.records.errors import N_, Invalid, Refused, Stale
from tcm.records.road import ActKind, CourierAct, PhoneTime
from tcm.records.roles import Actor
from tcm.services import acting, cooling, delivering
from tcm.services.loading import Loaded
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.courier.blueprint import Failure, HandOver, LoadForm, Temperature, desk
from web.door import RowId
from web.house import work
from web.i18n import say

MOST_ACTS = 20
# A phone whose battery was flat may believe in any year; what it says must still fit into a column.
_YEARS = (2000, 2059)


class _Done(BaseModel):
    """What every act says: its own key, and when it was by the phone's clock."""

    key: str = Field(min_length=8, max_length=64)
    at: AwareDatetime

    @field_validator("at")
    @classmethod
    def _fits(cls, at: datetime) -> datetime:
        return _in_range(at)


class LoadedAct(LoadForm, _Done):
    """A trip was loaded."""

    kind: Literal[ActKind.LOADED]


class DeliveredAct(HandOver, _Done):
    """A prescription was handed over."""

    kind: Literal[ActKind.DELIVERED]


class FailedAct(Failure, _Done):
    """A prescription could not be handed over."""

    kind: Literal[ActKind.FAILED]


class TemperatureAct(Temperature, _Done):
    """The thermometer of the box was read."""

    kind: Literal[ActKind.TEMPERATURE]


Act = LoadedAct | DeliveredAct | FailedAct | TemperatureAct
_ACT: TypeAdapter[Act] = TypeAdapter(Annotated[Act, Field(discriminator="kind")])


class Unread(_Done):
    """An act of which no more can be read than what it was about; it alone is refused."""

    kind: ActKind
    prescription_id: RowId | None = None
    route_id: RowId | None = None


class _Raw(BaseModel):
    """One act as it was sent; it is read by itself, so that a slip of the finger holds nothing else up."""

    model_config = ConfigDict(extra="allow")

    key: str = Field(min_length=8, max_length=64)

    def fields(self) -> dict[str, Any]:
        """All that was sent."""
        return self.model_dump()


class Sent(BaseModel):
    """Some acts of one courier in the order in which they were done.

    Args:
        staff_id: Whose phone; a page that was opened by somebody else sends nothing in another's name.
        sent_at: By the phone's clock, now.
        acts: Oldest first.
    """

    staff_id: RowId
    sent_at: AwareDatetime
    acts: list[_Raw] = Field(max_length=MOST_ACTS)

    @field_validator("sent_at")
    @classmethod
    def _fits(cls, at: datetime) -> datetime:
        return _in_range(at)


@desk.post("/acts")
def acts() -> Response:
    """Take what was done without a line; one answer for each, in order."""
    actor = current_actor()
    sent = _read()
    if sent.staff_id != actor.staff_id:
        return make_response({"sentence": gettext("现在登录的是另一个人，没有收。")}, 409)
    answers: list[dict[str, str]] = []
    for raw in sent.acts:
        answer = _answer_raw(actor, raw, sent.sent_at)
        answers.append({"key": raw.key, **answer})
        if answer["status"] == "again":
            # What comes after it may stand on it.
            break
    return make_response({"answers": answers})


def _read() -> Sent:
    try:
        return Sent.model_validate(request.get_json(silent=True))
    except ValidationError:
        raise Invalid(N_("手机发来的记录读不出来，请刷新页面后再试。")) from None


def _answer_raw(actor: Actor, raw: _Raw, sent_at: datetime) -> dict[str, str]:
    try:
        return _answer(actor, _ACT.validate_python(raw.fields()), sent_at)
    except ValidationError:
        refusal = Invalid(N_("这一条填的内容读不出来，没有记下，请重新填一次。"))
    try:
        unread = Unread.model_validate(raw.fields())
    except ValidationError:
        return {"status": "refused", "sentence": say(refusal)}
    return _keep_refusal(actor, unread, sent_at, refusal)


def _answer(actor: Actor, act: Act, sent_at: datetime) -> dict[str, str]:
    """Do it once; sent again, it is answered from what was kept."""
    try:
        with work() as open_work:
            known = acting.answered(open_work, actor, act.key)
            if known is not None:
                return _as_kept(known)
            phone = PhoneTime(act.at.astimezone(UTC), round((open_work.now - sent_at).total_seconds()))
            sentence = _do(open_work, actor, act, phone)
            acting.keep_answer(open_work, actor, act.key, act.kind, _subject(act), phone)
            open_work.commit()
    except Stale:
        # Another window of this phone, or the floor, was first: the phone asks once more.
        return {"status": "again"}
    except Refused as refusal:
        return _keep_refusal(actor, act, sent_at, refusal)
    return {"status": "done", "sentence": sentence}


def _keep_refusal(actor: Actor, act: Act | Unread, sent_at: datetime, refusal: Refused) -> dict[str, str]:
    try:
        with work() as open_work:
            known = acting.answered(open_work, actor, act.key)
            if known is not None:
                return _as_kept(known)
            phone = PhoneTime(act.at.astimezone(UTC), round((open_work.now - sent_at).total_seconds()))
            acting.keep_answer(open_work, actor, act.key, act.kind, _subject(act), phone, refusal)
            open_work.commit()
    except Stale:
        return {"status": "again"}
    except Refused as other:
        # Its key is another courier's.
        return {"status": "refused", "sentence": say(other)}
    return {"status": "refused", "sentence": say(refusal)}


def _as_kept(known: CourierAct) -> dict[str, str]:
    if known.refusal:
        return {"status": "refused", "sentence": say(Refused(known.refusal, **known.refusal_values))}
    return {"status": "done", "sentence": gettext("早先已经收到。")}


def _do(open_work: Work, actor: Actor, act: Act, phone: PhoneTime) -> str:
    if isinstance(act, LoadedAct):
        return say_loaded(delivering.load_trip(open_work, actor, act.route_id, act.trip, phone=phone))
    if isinstance(act, TemperatureAct):
        reading = cooling.take_temperature(
            open_work, actor, act.route_id, act.trip, act.temp_c, note=act.note, phone=phone
        )
        return say_temperature(is_outside=reading.is_outside)
    if isinstance(act, DeliveredAct):
        prescription = delivering.deliver(
            open_work,
            actor,
            act.prescription_id,
            None,
            bag_codes=act.bag_codes,
            proof=act.proof(),
            paid_fen=act.paid_fen,
            phone=phone,
        )
        return str(gettext("%(number)s 已送达。", number=prescription.number))
    prescription = delivering.fail(
        open_work, actor, act.prescription_id, None, act.reason_code, next_on=act.next_on, phone=phone
    )
    return str(gettext("%(number)s 记为未送达，请带回中心。", number=prescription.number))


def say_loaded(done: Loaded) -> str:
    """What happened when a trip was loaded.

    Args:
        done: What the service said.

    Returns:
        One or more sentences.
    """
    sentences = [gettext("已装车 %(count)s 件。", count=len(done.loaded))]
    for numbers, sentence in (
        (done.missing, N_("还没有包装好、留在中心的：%(numbers)s")),
        (done.recalled, N_("含召回批次、不能装车的：%(numbers)s。请交给煎药员。")),
        (done.unchecked, N_("还没有质检放行、留在中心的：%(numbers)s。")),
        (done.halted, N_("煎煮异常还没有人决定、不能装车的：%(numbers)s")),
        (done.later, N_("约好以后再送、这一趟不装的：%(numbers)s")),
        (done.undecided, N_("等主管决定、不能装车的：%(numbers)s")),
        (done.elsewhere, N_("新的计划里不在您车上、不装的：%(numbers)s")),
    ):
        if numbers:
            sentences.append(gettext(sentence, numbers="、".join(numbers)))
    return " ".join(sentences)


def say_temperature(*, is_outside: bool) -> str:
    """What a reading of the box means for the courier.

    Args:
        is_outside: Whether it was outside the limits.

    Returns:
        One sentence.
    """
    if is_outside:
        return str(gettext("箱温超出范围，已告诉主管。请加冰袋或移到阴凉处，十分钟后再量一次。"))
    return str(gettext("箱温已记下。"))


def _subject(act: Act | Unread) -> int:
    if isinstance(act, Unread):
        return act.prescription_id or act.route_id or 0
    return act.route_id if isinstance(act, LoadForm) else act.prescription_id


def _in_range(at: datetime) -> datetime:
    if not _YEARS[0] <= at.year <= _YEARS[1]:
        raise ValueError("out of range")
    return at
