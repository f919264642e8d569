"""What concerns no patient: herbs, names, and what the rules say of a prescription."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tcm.knowledge import Herb
from tcm.records.errors import N_
from tcm.records.systems import Right
from tcm.services.ruling import rules_for
from web.api.models import HerbOut, HerbsOut, NameOut, ReviewOut
from web.api.operations import Asked, Told, operation
from web.house import current_house, work
from web.review_contract import Prescription, answer_of

_LONGEST_QUERY = 40


class HerbsAsked(BaseModel):
    """What to look for."""

    model_config = ConfigDict(extra="forbid")

    q: Annotated[str, Field(min_length=1, max_length=_LONGEST_QUERY, description=N_("首字母、拼音或药名"))]
    limit: Annotated[int, Field(ge=1, le=50)] = 10


class NameAsked(BaseModel):
    """A name as written."""

    model_config = ConfigDict(extra="forbid")

    written: Annotated[str, Field(min_length=1, max_length=_LONGEST_QUERY, description=N_("药名，照原样"))]


@operation("GET", "/herbs", Right.HERBS, N_("按首字母、拼音或药名查药"), answer=HerbsOut, query=HerbsAsked)
def find_herbs(asked: Asked) -> Told:
    """Herbs that a text may mean, likeliest first."""
    query = asked.as_(HerbsAsked)
    found = current_house().knowledge.herbs.search(query.q, query.limit)
    return Told(HerbsOut(herbs=[_herb(herb) for herb in found]))


@operation("GET", "/herb-name", Right.HERBS, N_("一个药名写法指的是哪味药"), answer=NameOut, query=NameAsked)
def read_name(asked: Asked) -> Told:
    """What a written name means; near spellings are offered, never taken."""
    written = asked.as_(NameAsked).written
    meant = current_house().knowledge.names.resolve(written)
    return Told(
        NameOut(
            written=written,
            status=meant.status,
            name=meant.name,
            candidates=list(meant.candidates),
            form=meant.form,
            handling=meant.handling,
        )
    )


@operation(
    "POST",
    "/reviews",
    Right.REVIEW,
    N_("按本院现行规则预审一张处方；不保存，也不代替药师审核"),
    answer=ReviewOut,
    body=Prescription,
)
def review_prescription(asked: Asked) -> Told:
    """What the rules in force at the caller's house say of a prescription; nothing is kept."""
    with work() as open_work:
        rules = rules_for(open_work, asked.caller.institution_id)
    answer = answer_of(asked.as_(Prescription), current_house().knowledge, rules)
    return Told(ReviewOut.model_validate(answer))


def _herb(herb: Herb) -> HerbOut:
    return HerbOut(
        name=herb.name,
        pinyin=herb.pinyin,
        initials=herb.initials,
        dose_min_g=herb.dose_min_g,
        dose_max_g=herb.dose_max_g,
        dose_route=herb.dose_route,
        dose_text=herb.dose_text,
        toxicity=herb.toxicity,
        pregnancy=herb.pregnancy,
        caution_text=herb.caution_text,
        in_pharmacopoeia=herb.in_pharmacopoeia,
        source=herb.source,
        edition=herb.edition,
    )
