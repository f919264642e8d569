"""Where the caller's own prescriptions and bags stand, what changed, and the month in numbers."""

from typing import Annotated

from flask_babel import gettext
from pydantic import BaseModel, ConfigDict, Field

from tcm.records.errors import N_
from tcm.records.lifecycle import REASONS, STATE_TERMS, State
from tcm.records.systems import Right
from tcm.services import answering
from tcm.services.answering import CHANGES_AT_MOST, PrescriptionShown
from tcm.services.tracing import Step
from web.api.models import (
    BagOut,
    ChangeOut,
    ChangesOut,
    IndicatorsOut,
    PrescriptionOut,
    ReturnedOut,
    StepOut,
)
from web.api.operations import Asked, Told, operation
from web.door import MAX_ROW_ID
from web.house import work

NUMBER = r"^[0-9]{8}-[0-9]{5,10}$"
CODE = r"^[0-9A-Za-z_-]{4,24}$"


class ChangesAsked(BaseModel):
    """Where to go on from."""

    model_config = ConfigDict(extra="forbid")

    cursor: Annotated[int, Field(ge=0, le=MAX_ROW_ID, description=N_("上次给的 cursor；第一次不填"))] = 0
    limit: Annotated[int, Field(ge=1, le=CHANGES_AT_MOST)] = CHANGES_AT_MOST


class MonthAsked(BaseModel):
    """A county month."""

    model_config = ConfigDict(extra="forbid")

    month: Annotated[str, Field(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", description=N_("如 2026-11"))]


@operation(
    "GET",
    "/prescriptions/{number}",
    Right.PRESCRIPTIONS,
    N_("本院一张处方现在到了哪一步"),
    answer=PrescriptionOut,
    refusals=(404,),
    places={"number": NUMBER},
)
def get_prescription(asked: Asked) -> Told:
    """Where one prescription stands."""
    with work() as open_work:
        shown = answering.prescription_shown(open_work, asked.caller, asked.path["number"])
        return Told(_prescription(shown), shown.prescription.key())


@operation(
    "GET",
    "/changes",
    Right.PRESCRIPTIONS,
    N_("上次询问之后，本院处方的变化"),
    answer=ChangesOut,
    query=ChangesAsked,
)
def list_changes(asked: Asked) -> Told:
    """What moved since the cursor: asked again and again, it leaves nothing out and says nothing twice."""
    query = asked.as_(ChangesAsked)
    with work() as open_work:
        changes = answering.changes(open_work, asked.caller, query.cursor, query.limit)
    rows = [
        ChangeOut(
            number=row.number,
            sent_as=changes.sent_as.get(row.prescription_id),
            source=row.source,
            target=row.target,
            at=row.at,
        )
        for row in changes.rows
    ]
    return Told(ChangesOut(changes=rows, cursor=changes.cursor, more=changes.more))


@operation(
    "GET",
    "/bags/{code}",
    Right.TRACE,
    N_("本院一袋药现在到了哪一步"),
    answer=BagOut,
    refusals=(404,),
    places={"code": CODE},
)
def get_bag(asked: Asked) -> Told:
    """What the code on a bag tells, without a name."""
    with work() as open_work:
        trace = answering.bag_shown(open_work, asked.caller, asked.path["code"])
    content = BagOut(
        code=trace.code,
        number=trace.number,
        state=trace.state,
        state_term=gettext(STATE_TERMS[trace.state]),
        position=trace.bag.position,
        bags_count=trace.bags_count,
        pouches=trace.bag.pouches,
        pouch_ml=trace.bag.pouch_ml,
        doses_count=trace.doses_count,
        usage=trace.usage,
        voided=trace.voided,
        packed_at=trace.bag.packed_at,
        village=trace.village.name,
        steps=_steps(trace.steps),
    )
    return Told(content, trace.bag.prescription_id)


@operation(
    "GET",
    "/indicators",
    Right.INDICATORS,
    N_("一个月的指标；中心的密钥取全县的"),
    answer=IndicatorsOut,
    query=MonthAsked,
)
def get_indicators(asked: Asked) -> Told:
    """A month in numbers."""
    month = asked.as_(MonthAsked).month
    with work() as open_work:
        counts = answering.indicators(open_work, asked.caller, month)
    return Told(
        IndicatorsOut(
            month=month,
            **vars(counts),
            review_rate=counts.reviewed / counts.signed if counts.signed else None,
            intervention_rate=counts.returned / counts.reviewed if counts.reviewed else None,
        )
    )


def _prescription(shown: PrescriptionShown) -> PrescriptionOut:
    one = shown.prescription
    return PrescriptionOut(
        number=one.number or "",
        sent_as=shown.sent_as,
        state=one.state,
        state_term=gettext(STATE_TERMS[one.state]),
        doses_count=one.doses_count,
        urgent=one.urgent,
        signed_at=one.signed_at,
        reviewed_at=one.reviewed_at,
        returned=_returned(shown),
        village=shown.village.name,
        bags=[bag.code for bag in shown.bags],
        steps=_steps(shown.steps),
    )


def _returned(shown: PrescriptionShown) -> ReturnedOut | None:
    decision = shown.returned
    if decision is None:
        return None
    return ReturnedOut(
        reason_code=decision.reason_code,
        reason=gettext(REASONS[State.RETURNED][decision.reason_code]),
        herbs=decision.herbs,
        at=decision.decided_at,
    )


def _steps(steps: list[Step]) -> list[StepOut]:
    return [StepOut(state=step.state, at=step.at) for step in steps]
