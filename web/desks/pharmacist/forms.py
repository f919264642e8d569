"""What the pharmacist's forms bring."""

from pydantic import Field

from tcm.services import consulting
from web.door import Form


class ApproveForm(Form):
    """An approval."""

    version: int
    remark: str = Field("", max_length=500)


class ReturnForm(Form):
    """A return to the doctor."""

    version: int
    reason_code: str = Field("", max_length=24)
    to_doctor: str = Field("", max_length=500)
    herbs: list[str] = Field([], max_length=60)


class OneHerbForm(Form):
    """A return for a second signature above one herb."""

    version: int
    herb: str = Field("", max_length=40)
    to_doctor: str = Field("", max_length=500)


class CallForm(Form):
    """What was agreed on the telephone."""

    agreed: str = Field("", max_length=consulting.MOST_AGREED)


class HandForm(Form):
    """A prescription handed to another pharmacist."""

    hand_reason: str = Field("", max_length=24)
