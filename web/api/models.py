"""What the API answers; every text is in Chinese as the house keeps it, terms beside codes."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from tcm.records.errors import N_
from tcm.records.lifecycle import State
from tcm.records.systems import IncomingState

Count = Annotated[int, Field(ge=0)]
Share = Annotated[float, Field(ge=0, le=1)]


class Out(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class HerbOut(Out):
    """One herb with what its source says of it."""

    name: str = Field(description=N_("标准名"))
    pinyin: str
    initials: str = Field(description=N_("拼音首字母"))
    dose_min_g: float | None = Field(description=N_("每日最小量，克；来源未给出时为空"))
    dose_max_g: float | None = Field(description=N_("每日最大量，克；来源未给出时为空"))
    dose_route: str = Field(description=N_("剂量所指的用法，一般为“煎”"))
    dose_text: str = Field(description=N_("来源的原文"))
    toxicity: str
    pregnancy: str
    caution_text: str
    in_pharmacopoeia: bool
    source: str
    edition: str


class HerbsOut(Out):
    """Herbs that what was typed may mean, likeliest first."""

    herbs: list[HerbOut]


class NameOut(Out):
    """What a written name means."""

    written: str
    status: Literal["ok", "ambiguous", "unknown"] = Field(
        description=N_("只有 ok 时 name 才有值；ambiguous 与 unknown 要由人选定")
    )
    name: str | None
    candidates: list[str] = Field(description=N_("可能所指，或写法相近的药名"))
    form: str = Field(description=N_("写法里带出的炮制，如麸炒"))
    handling: str = Field(description=N_("写在括号里的脚注，如先煎"))


class FindingOut(Out):
    """One finding, as `tangye review` prints it."""

    kind: str
    severity: str
    herbs: list[str]
    rule: str
    source: str
    message: str
    message_en: str
    value: float | None
    limit: float | None
    unit: str | None
    signed: bool
    clears: str
    clears_en: str


class ReviewOut(Out):
    """What the rules say of a prescription, as `tangye review` prints it; it decides nothing."""

    id: str | int
    verdict: str
    rules: str = Field(description=N_("审方规则的版本"))
    findings: list[FindingOut]


class StepOut(Out):
    """One step of the way."""

    state: State
    at: datetime


class ReturnedOut(Out):
    """Why a pharmacist sent a prescription back."""

    reason_code: str
    reason: str
    herbs: list[str]
    at: datetime


class PrescriptionOut(Out):
    """Where a prescription stands, without a name, an illness or an herb."""

    number: str
    sent_as: str | None = Field(description=N_("由医院系统送来时，那边的编号"))
    state: State
    state_term: str
    doses_count: int
    urgent: bool
    signed_at: datetime | None
    reviewed_at: datetime | None
    returned: ReturnedOut | None
    village: str = Field(description=N_("送往的村卫生室"))
    bags: list[str] = Field(description=N_("药袋上的码"))
    steps: list[StepOut]


class ChangeOut(Out):
    """One move of a prescription."""

    number: str
    sent_as: str | None
    source: State
    target: State
    at: datetime


class ChangesOut(Out):
    """What moved since the cursor, oldest first."""

    changes: list[ChangeOut]
    cursor: Count = Field(description=N_("下次询问时原样带回"))
    more: bool = Field(description=N_("是否还有，可立即再问"))


class BagOut(Out):
    """What anyone who holds a bag may know."""

    code: str
    number: str
    state: State
    state_term: str
    position: int = Field(description=N_("第几袋"))
    bags_count: int
    pouches: int
    pouch_ml: int
    doses_count: int
    usage: str
    voided: bool = Field(description=N_("为真时这袋药不能服用"))
    packed_at: datetime
    village: str
    steps: list[StepOut]


class IntakeLineOut(Out):
    """One line of what was sent."""

    code: str
    name: str
    dose_g: float
    decoction_note: str
    herb: str = Field(description=N_("采用后在处方里的写法"))


class IntakeOut(Out):
    """What was sent and what became of it."""

    number: str
    state: IncomingState
    state_term: str
    received_at: datetime
    decided_at: datetime | None
    reason_code: str = Field(description=N_("医师未采用的原因代码"))
    reason: str
    prescription_number: str | None = Field(description=N_("采用并签名后，本中心的处方号"))
    prescription_state: State | None
    lines: list[IntakeLineOut]


class IntakesOut(Out):
    """What was sent lately, newest first."""

    intakes: list[IntakeOut]


class IndicatorsOut(Out):
    """A month in numbers; a rate is null where nothing was counted."""

    month: str
    signed: Count = Field(description=N_("当月签名、没有取消的处方"))
    reviewed: Count = Field(description=N_("其中药师审核过的"))
    returned: Count = Field(description=N_("其中退回过的"))
    delivered: Count = Field(description=N_("其中已送达的"))
    review_rate: Share | None = Field(description=N_("审核率 = reviewed / signed"))
    intervention_rate: Share | None = Field(description=N_("干预率 = returned / reviewed"))
