"""Prescriptions from a hospital's own system, in the shape that decoction centres are commonly sent.

A prescription that comes in here is nobody's order: it waits beside the visit until its doctor adopts it into
a draft, looks at what the rules say of it, and signs. Software signs nothing.
"""

import math
import re
from typing import Annotated, Literal, Self

from flask_babel import gettext
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from tcm.records.clinical import Preparation, VisitType
from tcm.records.errors import N_
from tcm.records.people import Sex
from tcm.records.systems import DECLINE_REASONS, INCOMING_TERMS, IncomingState, Right
from tcm.services import receiving
from tcm.services.receiving import IncomingShown, lines_of
from tcm.services.sent import Sent, SentLine, SentPatient
from web.api.models import IntakeLineOut, IntakeOut, IntakesOut
from web.api.operations import Asked, Told, operation
from web.door import clean
from web.house import current_house, work

NUMBER = r"^[0-9A-Za-z][0-9A-Za-z._-]{0,63}$"
_SEXES = {"男": Sex.MALE, "女": Sex.FEMALE, "M": Sex.MALE, "F": Sex.FEMALE}
_AGE = re.compile(r"\s*(\d{1,3})\s*岁?\s*", re.ASCII)
_GRAMS_AGREE_TO = 0.01


def _text(value: object) -> object:
    """Systems written in Java send numbers where a text stands, and nothing where it is empty."""
    if value is None:
        return ""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number else value


def _age(value: object) -> object:
    value = _number(value)
    match = _AGE.fullmatch(value) if isinstance(value, str) else None
    if match is not None:
        return int(match[1])
    return None if value == "" else value


def _number(value: object) -> object:
    """True is no number, though Python counts it as one."""
    if isinstance(value, bool):
        raise ValueError(N_("请填数字。"))
    return value


def _boiled(value: object) -> object:
    words = {"1": True, "是": True, "0": False, "否": False}
    return words.get(str(value), value) if isinstance(value, str | int) else value


Text = Annotated[str, BeforeValidator(_text), AfterValidator(clean)]
Words = Annotated[Text, Field(max_length=200)]
Short = Annotated[Text, Field(max_length=40)]
Grams = Annotated[float, Field(gt=0, lt=10_000), BeforeValidator(_number)]
Total = Annotated[float, Field(gt=0, lt=2_000_000), BeforeValidator(_number)]
Doses = Annotated[int, Field(ge=1, le=180), BeforeValidator(_number)]
Times = Annotated[int, Field(ge=1, le=6), BeforeValidator(_number)]


class _Dhy(BaseModel):
    # What the centre decides itself (water, soaking, pouches, money) may be sent and is not read.
    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)


class DhyDrug(_Dhy):
    """One herb."""

    drugnum: Short = Field("", description=N_("医院自己的药品编码"))
    drugname: Short = Field(min_length=1, description=N_("药名"))
    tienum: Grams = Field(description=N_("每剂克数"))
    drugallnum: Total | None = Field(None, description=N_("总克数；填了就须等于每剂克数乘剂数"))
    unit: Literal["g", "克"] = Field("g", description=N_("单位，只收克"))
    drugdescription: Annotated[Text, Field(max_length=16)] = Field("", description=N_("脚注，如先煎"))


class DhyPrescription(_Dhy):
    """A prescription as the hospital's system sends it."""

    pspnum: Annotated[str, BeforeValidator(_text)] = Field(
        pattern=NUMBER, description=N_("医院系统的处方号，同一号只收一次")
    )
    doctor: Short = Field(min_length=1, description=N_("医师在本系统的登录名或姓名"))
    name: Short = Field(min_length=1, description=N_("患者姓名，只用来找今天的就诊，不另存"))
    sex: Literal["男", "女", "M", "F"]
    age: Annotated[Annotated[int, Field(ge=0, le=150)] | None, BeforeValidator(_age)] = None
    phone: Annotated[Text, Field(max_length=24)] = ""
    diagresult: Annotated[Text, Field(max_length=80)] = Field("", description=N_("诊断"))
    dose: Doses = Field(description=N_("剂数"))
    takenum: Times | None = Field(None, description=N_("每日服几次"))
    takemethod: Words = Field("", description=N_("服法"))
    isdaijian: Annotated[bool, BeforeValidator(_boiled)] = Field(True, description=N_("是否代煎"))
    sickbed: Short = Field("", description=N_("床号；填了就是住院处方"))
    drug: Annotated[list[DhyDrug], Field(min_length=1, max_length=60)]

    @model_validator(mode="after")
    def _totals_agree(self) -> Self:
        for line in self.drug:
            if line.drugallnum is not None and not math.isclose(
                line.drugallnum, line.tienum * self.dose, abs_tol=_GRAMS_AGREE_TO
            ):
                raise ValueError(N_("有药味的总克数不等于每剂克数乘剂数。"))
        return self

    def sent(self) -> Sent:
        """As the service reads it."""
        times = f"一日{self.takenum}次" if self.takenum else ""
        return Sent(
            number=self.pspnum,
            doctor=self.doctor,
            patient=SentPatient(self.name, _SEXES[self.sex], self.age, self.phone),
            disease=self.diagresult,
            doses_count=self.dose,
            usage="，".join(filter(None, (self.takemethod, times))),
            preparation=Preparation.DECOCTED if self.isdaijian else Preparation.OWN_COOKING,
            visit_type=VisitType.INPATIENT if self.sickbed else VisitType.OUTPATIENT,
            lines=tuple(
                SentLine(line.drugnum, line.drugname, line.tienum, line.drugdescription) for line in self.drug
            ),
        )


class IntakesAsked(BaseModel):
    """Which to list."""

    model_config = ConfigDict(extra="forbid")

    state: IncomingState | None = None


@operation(
    "POST",
    "/intake",
    Right.SEND,
    N_("送一张处方到今天的就诊旁，等医师查看、采用并签名"),
    answer=IntakeOut,
    body=DhyPrescription,
    created=True,
    refusals=(409,),
)
def send_prescription(asked: Asked) -> Told:
    """Lay a prescription beside its visit; the same one sent again is found."""
    sent = asked.as_(DhyPrescription).sent()
    with work() as open_work:
        shown, is_new = receiving.receive(open_work, asked.caller, current_house().knowledge, sent)
        content = _intake(shown)
        open_work.commit()
    return Told(content, _subject(shown), 201 if is_new else 200)


@operation(
    "GET",
    "/intake/{number}",
    Right.SEND,
    N_("送来的一张处方，医师采用了没有"),
    answer=IntakeOut,
    refusals=(404,),
    places={"number": NUMBER},
)
def get_intake(asked: Asked) -> Told:
    """What became of one that was sent."""
    with work() as open_work:
        shown = receiving.look_at_sent(open_work, asked.caller, asked.path["number"])
    return Told(_intake(shown), _subject(shown))


@operation(
    "GET",
    "/intake",
    Right.SEND,
    N_("最近送来的处方，最多两百张"),
    answer=IntakesOut,
    query=IntakesAsked,
)
def list_intakes(asked: Asked) -> Told:
    """What was sent lately."""
    with work() as open_work:
        shown = receiving.list_sent(open_work, asked.caller, asked.as_(IntakesAsked).state)
    return Told(IntakesOut(intakes=[_intake(one) for one in shown]))


def _subject(shown: IncomingShown) -> int | None:
    return shown.prescription.key() if shown.prescription else None


def _intake(shown: IncomingShown) -> IntakeOut:
    incoming, draft = shown.incoming, shown.prescription
    return IntakeOut(
        number=incoming.number,
        state=incoming.state,
        state_term=gettext(INCOMING_TERMS[incoming.state]),
        received_at=incoming.received_at,
        decided_at=incoming.decided_at,
        reason_code=incoming.reason_code,
        reason=gettext(DECLINE_REASONS[incoming.reason_code]) if incoming.reason_code else "",
        prescription_number=draft.number if draft else None,
        prescription_state=draft.state if draft else None,
        lines=[IntakeLineOut(herb=herb, **vars(line)) for line, herb in lines_of(incoming)],
    )
