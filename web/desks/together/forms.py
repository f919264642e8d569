"""What the forms between houses bring, validated at the door."""

import re
import unicodedata
from datetime import date

from pydantic import Field

from tcm.records.errors import N_, Invalid
from tcm.records.together import AnsweredLine, ConsentBy, ConsentHow
from tcm.services.sharing import MOST_WORDS
from web.desks.doctor.forms import RequestKey
from web.door import Form, RowId

MOST_LINES, MOST_DOSE_G, _MOST_NOTE = 60, 10_000.0, 16
_APART = re.compile(r"[、,;\n]+")
# 麻黄 6g(先煎), 麻黄6克 先煎, 麻黄 6
_LINE = re.compile(
    r"(?P<herb>[^\d(]+?)\s*(?P<dose>\d+(?:\.\d+)?)\s*(?:g|克)?\s*(?:\((?P<note>[^)]*)\)|(?P<after>\D*))", re.I
)


def read_lines(text: str) -> tuple[AnsweredLine, ...]:
    """Herbs as an expert types them: name, grams, and in brackets or behind how it is boiled.

    Args:
        text: Such as 黄芪 30g、麻黄6（先煎）, separated by commas, 、 or line ends.

    Returns:
        The lines in order, herbs as written.

    Raises:
        Invalid: When there are too many, or with the first part that cannot be read.
    """
    plain = unicodedata.normalize("NFKC", text).replace("。", ".")
    parts = [part.strip() for part in _APART.split(plain) if part.strip(" .")]
    if len(parts) > MOST_LINES:
        raise Invalid(N_("药味太多，请核对。"))
    return tuple(_line(part) for part in parts)


def _line(part: str) -> AnsweredLine:
    found = _LINE.fullmatch(part.rstrip("."))
    note = (found["note"] or found["after"] or "").strip() if found else ""
    if found is None or not 0 < float(found["dose"]) < MOST_DOSE_G or len(note) > _MOST_NOTE:
        raise Invalid(
            N_("“%(line)s”看不懂。药味请写成“药名 克数”，用顿号或换行分开，例如：黄芪 30、麻黄 6（先煎）。"),
            line=part,
        )
    # What the note says is asked by the service, which knows the words: a unit is none of them.
    return AnsweredLine(found["herb"].strip(), float(found["dose"]), note)


class ConsultForm(Form):
    """A question to an expert."""

    request_key: RequestKey
    expert_id: RowId
    words: str = Field(min_length=2, max_length=MOST_WORDS)
    consent_by: ConsentBy
    consent_how: ConsentHow
    urgent: bool = False


class AnswerForm(Form):
    """What an expert answers."""

    words: str = Field(min_length=2, max_length=MOST_WORDS)
    disease: str = Field("", max_length=80)
    syndrome: str = Field("", max_length=80)
    herbs: str = Field("", max_length=1500)
    usage: str = Field("", max_length=200)


class WordsForm(Form):
    """A reason, or a reply."""

    words: str = Field(min_length=2, max_length=MOST_WORDS)


class ReferForm(Form):
    """A referral with its letter; `elsewhere` names a house outside this county's pharmacy."""

    request_key: RequestKey
    to_institution_id: RowId | None = None
    elsewhere: str = Field("", max_length=80, validate_default=True)
    reason_code: str = Field(min_length=1, max_length=24)
    impression: str = Field(min_length=2, max_length=300)
    present: str = Field("", max_length=800)
    past: str = Field("", max_length=500)
    treatment: str = Field("", max_length=800)
    advice: str = Field("", max_length=500)
    consent_by: ConsentBy
    consent_how: ConsentHow
    urgent: bool = False


class ReceiveForm(Form):
    """A patient who has arrived."""

    request_key: RequestKey


class ConsentForm(Form):
    """A patient's consent that other houses' records are read."""

    request_key: RequestKey
    given_by: ConsentBy
    given_name: str = Field("", max_length=40)
    how: ConsentHow
    until: date
    purpose: str = Field("", max_length=200)
