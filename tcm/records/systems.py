"""Other systems that talk to this house: their keys, what they may, and the prescriptions they send."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tcm.records.errors import N_, Forbidden


class Right(StrEnum):
    """What a key may ask for."""

    HERBS = "herbs"
    REVIEW = "review"
    PRESCRIPTIONS = "prescriptions"
    TRACE = "trace"
    SEND = "send"
    INDICATORS = "indicators"


RIGHT_TERMS = {
    Right.HERBS: N_("查药"),
    Right.REVIEW: N_("处方预审"),
    Right.PRESCRIPTIONS: N_("查本院处方状态"),
    Right.TRACE: N_("查本院药袋去向"),
    Right.SEND: N_("送处方给本院医师"),
    Right.INDICATORS: N_("取本院指标"),
}


@dataclass(frozen=True)
class Caller:
    """The system on whose behalf a use case runs; it is never a person and signs nothing.

    Args:
        key_id: Row of its key.
        institution_id: The only house whose records it sees.
        rights: What it may ask for.
    """

    key_id: int
    institution_id: int
    rights: frozenset[Right]


def demand_right(caller: Caller, right: Right) -> None:
    """Let a system pass or refuse.

    Args:
        caller: Which system.
        right: What it asks for.

    Raises:
        Forbidden: When its key was not given that right.
    """
    if right not in caller.rights:
        raise Forbidden(N_("这个接口密钥没有“%(right)s”的权限。"), right=RIGHT_TERMS[right])


@dataclass(eq=False, kw_only=True)
class ApiKey:
    """A key that another system shows with every request.

    Args:
        id: Row, None before it is stored.
        institution_id: The house it is made for.
        name: Of the system, as the administrator calls it.
        beginning: First characters of the key, by which people tell keys apart.
        secret_hash: Keyed hash of the whole key, which itself is kept nowhere.
        rights: What it may ask for, as values of `Right`.
        made_by_id: Administrator.
        made_at: Aware UTC.
        expires_at: Aware UTC; refused from then on.
        revoked_at: When it was withdrawn, else None.
        revoked_by_id: By which administrator.
    """

    id: int | None = None
    institution_id: int
    name: str
    beginning: str
    secret_hash: str
    rights: list[str] = field(default_factory=list)
    made_by_id: int
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by_id: int | None = None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens the door at a moment.

        Args:
            now: Aware.

        Returns:
            False once it is withdrawn or has run out.
        """
        return self.revoked_at is None and now < self.expires_at

    @property
    def caller(self) -> Caller:
        """The system that holds it, as the one who asks."""
        if self.id is None:
            raise ValueError("a key without a row opens nothing")
        return Caller(self.id, self.institution_id, frozenset(Right(right) for right in self.rights))


@dataclass(frozen=True)
class ApiCall:
    """One request of another system, answered or refused.

    Args:
        key_id: Row of its key.
        at: Aware UTC.
        operation: What was asked, by the name the API's document has for it.
        subject_id: Row of the prescription it was about, None for lists and for what concerns nobody.
        status: HTTP status of the answer.
    """

    key_id: int
    at: datetime
    operation: str
    subject_id: int | None
    status: int


@dataclass(eq=False, kw_only=True)
class HerbCode:
    """What a hospital's own code of a herb stands for.

    Args:
        id: Row, None before it is stored.
        institution_id: Whose code.
        code: As that hospital's system writes it.
        herb: As the pharmacist wrote it, clearly one herb, with how it is processed.
        set_by_id: Pharmacist who answers for it.
        set_at: Aware UTC.
    """

    id: int | None = None
    institution_id: int
    code: str
    herb: str
    set_by_id: int
    set_at: datetime


class IncomingState(StrEnum):
    """What became of a prescription that another system sent."""

    WAITING = "waiting"
    ADOPTED = "adopted"
    DECLINED = "declined"


INCOMING_TERMS = {
    IncomingState.WAITING: N_("等医师处理"),
    IncomingState.ADOPTED: N_("医师已采用"),
    IncomingState.DECLINED: N_("医师未采用"),
}
DECLINE_REASONS = {
    "wrong_patient": N_("不是这位患者的"),
    "wrong_herbs": N_("药味或剂量不对"),
    "rewritten": N_("医师另行开方"),
    "other": N_("其他"),
}


@dataclass(eq=False, kw_only=True)
class IncomingPrescription:
    """A prescription as another system sent it; it is none of ours until a doctor adopts it.

    Args:
        id: Row, None before it is stored.
        institution_id: The house it was sent for.
        key_id: Key of the system that sent it.
        encounter_id: The visit it lies beside.
        doctor_id: Who must look.
        number: What the other system calls it by.
        content: Lines and directions, as `tcm.services.receiving.Sent` writes them; sealed.
        state: What became of it.
        received_at: Aware UTC.
        decided_at: When the doctor adopted or declined it.
        reason_code: A key of `DECLINE_REASONS` where it was declined, else empty.
        prescription_id: Our draft that it became.
    """

    id: int | None = None
    institution_id: int
    key_id: int
    encounter_id: int
    doctor_id: int
    number: str
    content: dict[str, object]
    state: IncomingState = IncomingState.WAITING
    received_at: datetime
    decided_at: datetime | None = None
    reason_code: str = ""
    prescription_id: int | None = None
