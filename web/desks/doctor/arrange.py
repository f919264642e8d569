"""The herbs in the order of 君臣佐使, by one act of the doctor.

Source: 中药处方格式及书写规范 (2010) 第6条: 应当按照君、臣、佐、使的顺序排列.
"""

from collections.abc import Mapping

from flask import request
from flask_babel import gettext
from werkzeug.wrappers import Response

from tcm.knowledge import Formula, Knowledge
from tcm.records.errors import N_
from tcm.store.work import Work
from web.desks.doctor.blueprint import desk
from web.desks.doctor.drafts import WhichForm
from web.desks.doctor.origins import classic_of
from web.desks.doctor.page import Remark
from web.desks.doctor.rewriting import Row, Values, demand_form, rewrite, write_rows, written_rows
from web.door import parse
from web.house import current_house

# What a modification brings has no role of its own: it stands before the guides (使).
_PLACES = {"君": 0, "臣": 1, "佐": 2, "": 3, "使": 4}


@desk.post("/visits/<int:visit_id>/prescription/arrange")
def arrange(visit_id: int) -> Response:
    """Put the lines in order; nothing else is changed."""
    demand_form()
    return rewrite(visit_id, parse(WhichForm, request.form), _arrange)


def _arrange(_open_work: Work, values: Values) -> Remark:
    rows = written_rows(values)
    roles = roles_of(rows, current_house().knowledge)
    if not any(roles):
        sentence = N_("这些药味不出自经典方，没有君臣佐使可依；请按住 Alt 用上下键移动。")
        return Remark(gettext(sentence), "info")
    ordered = sorted(zip(roles, rows, strict=True), key=lambda pair: _PLACES[pair[0]])
    write_rows(values, [row for _, row in ordered])
    told = "；".join(
        f"{role} {'、'.join(row[0] for row, own in zip(rows, roles, strict=True) if own == role)}"
        for role in ("君", "臣", "佐", "使")
        if role in roles
    )
    parts = [gettext(N_("已按君臣佐使排列：%(told)s。"), told=told)]
    loose = "、".join(row[0] for row, own in zip(rows, roles, strict=True) if not own)
    if loose:
        parts.append(gettext(N_("加味 %(herbs)s 排在佐药之后。"), herbs=loose))
    return Remark("".join(parts), "good")


def roles_of(rows: list[Row], knowledge: Knowledge) -> list[str]:
    """The role of each line in the classics that the lines were adopted from, or that they make up.

    Args:
        rows: Herb, grams, note, origin.
        knowledge: The classics.

    Returns:
        君, 臣, 佐, 使, or empty where none is known; in the order of the lines.
    """
    formulas = [classic_of(row[0], row[3], knowledge) for row in rows]
    herbs = [knowledge.herb(row[0]) for row in rows]
    whole = knowledge.formula_classes.get(frozenset(herb.monograph for herb in herbs if herb is not None))
    shared: dict[str, str] = {}
    for formula in (*formulas, whole):
        if formula is not None:
            shared = {**_roles(formula, knowledge), **shared}
    return [
        (_roles(formula, knowledge) if formula else shared).get(_name(row[0], knowledge), "")
        for row, formula in zip(rows, formulas, strict=True)
    ]


def _roles(formula: Formula, knowledge: Knowledge) -> Mapping[str, str]:
    return {_name(item.herb, knowledge): item.role for item in formula.items}


def _name(herb: str, knowledge: Knowledge) -> str:
    """By its monograph: 炙甘草 in the place of 甘草 plays the same part."""
    known = knowledge.herb(herb)
    return known.monograph if known is not None else herb
