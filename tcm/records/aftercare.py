"""What passes between the centre and a patient who holds a bag: notices, words back, a rating, a recall."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_

STARS_MOST = 5


class NoticeKind(StrEnum):
    """What a patient is told without asking."""

    LEFT = "left"
    ARRIVED = "arrived"
    ANSWERED = "answered"
    RECALLED = "recalled"
    FOLLOW_UP = "follow_up"


NOTICE_TERMS = {
    NoticeKind.LEFT: N_("药已出发"),
    NoticeKind.ARRIVED: N_("药已送到"),
    NoticeKind.ANSWERED: N_("医师已回复"),
    NoticeKind.RECALLED: N_("召回"),
    NoticeKind.FOLLOW_UP: N_("该复诊了"),
}


class NoticeState(StrEnum):
    """How far a notice is."""

    WAITING = "waiting"
    SENT = "sent"
    # Nobody left a telephone number.
    UNREACHABLE = "unreachable"
    # Tried as often as it is tried.
    FAILED = "failed"


NOTICE_STATE_TERMS = {
    NoticeState.WAITING: N_("待发送"),
    NoticeState.SENT: N_("已发出"),
    NoticeState.UNREACHABLE: N_("没有电话"),
    NoticeState.FAILED: N_("发不出去"),
}


@dataclass(eq=False, kw_only=True)
class Notice:
    """One thing a patient is told, once and only once; its words are put together when it is sent.

    Args:
        id: Row, None before it is stored.
        prescription_id: For whose medicine.
        kind: What is told.
        about: Row of the recall or of the message it answers, empty for the others.
        state: How far it is.
        made_at: Aware UTC.
        due_at: Not sent before, aware UTC.
        tries: How often sending was begun.
        unsure_since: When a try began that may have been taken although nobody said so, aware UTC; None else.
        sent_at: When the adapter took it, None before.
        channel: By which it was taken, empty before.
        failure: Why the last try failed, empty otherwise.
    """

    id: int | None = None
    prescription_id: int
    kind: NoticeKind
    about: str = ""
    state: NoticeState = NoticeState.WAITING
    made_at: datetime
    due_at: datetime
    tries: int = 0
    unsure_since: datetime | None = None
    sent_at: datetime | None = None
    channel: str = ""
    failure: str = ""


@dataclass(eq=False, kw_only=True)
class WechatLink:
    """Where WeChat finds a patient, who asked to be told that way.

    Args:
        id: Row, None before it is stored.
        patient_id: Who; one account at a time.
        openid: Of their account towards the centre's, sealed.
        linked_at: Aware UTC.
    """

    id: int | None = None
    patient_id: int
    openid: str
    linked_at: datetime


@dataclass(eq=False, kw_only=True)
class PatientMessage:
    """A patient says that they feel worse, and what they were answered.

    Args:
        id: Row, None before it is stored.
        prescription_id: About which medicine.
        institution_id: Where it was prescribed.
        doctor_id: Who prescribed it.
        sent_at: Aware UTC.
        signs: What was ticked, sealed.
        words: What was written, sealed.
        flags: Red flags that the words raise, sealed.
        urgent: Whether one of them must be seen at once.
        answered_by_id: Doctor who answered, None before.
        answered_at: When, aware UTC.
        answer: What was answered, sealed.
        request_key: Key of the form that brought it.
    """

    id: int | None = None
    prescription_id: int
    institution_id: int
    doctor_id: int
    sent_at: datetime
    signs: list[str] = field(default_factory=list)
    words: str = ""
    flags: list[str] = field(default_factory=list)
    urgent: bool = False
    answered_by_id: int | None = None
    answered_at: datetime | None = None
    answer: str = ""
    request_key: str


@dataclass(eq=False, kw_only=True)
class Rating:
    """What a patient thinks of one prescription's medicine and delivery.

    Args:
        id: Row, None before it is stored.
        prescription_id: Which; rated once, and changed by rating again.
        stars: 1 to 5.
        words: Sealed, may be empty.
        rated_at: Aware UTC.
    """

    id: int | None = None
    prescription_id: int
    stars: int
    words: str = ""
    rated_at: datetime


class RecallState(StrEnum):
    """How far a recall is."""

    DRAFT = "draft"
    SENT = "sent"
    WITHDRAWN = "withdrawn"


RECALL_STATE_TERMS = {
    RecallState.DRAFT: N_("起草"),
    RecallState.SENT: N_("已通知"),
    RecallState.WITHDRAWN: N_("已撤回"),
}


@dataclass(eq=False, kw_only=True)
class Recall:
    """A lot that is called back; while it stands, nothing with the lot in it goes on or is handed over.

    Args:
        id: Row, None before it is stored.
        lot_id: Which lot.
        reason: Why, in words.
        state: How far it is.
        began_by_id: Who drafted it.
        began_at: Aware UTC.
        decided_by_id: Manager who sent the notices or withdrew it, None before.
        decided_at: When, aware UTC.
        request_key: Key of the form that began it.
    """

    id: int | None = None
    lot_id: int
    reason: str
    state: RecallState = RecallState.DRAFT
    began_by_id: int
    began_at: datetime
    decided_by_id: int | None = None
    decided_at: datetime | None = None
    request_key: str

    def key(self) -> int:
        """The row's number of a stored recall.

        Returns:
            `id`.

        Raises:
            ValueError: Before it is stored.
        """
        if self.id is None:
            raise ValueError("the recall is not stored yet")
        return self.id
