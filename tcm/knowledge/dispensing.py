"""What bears on the weighing of herbs: how far a weight may be off, and which herbs two people sign for."""

from functools import cache

from tcm.knowledge.base import Knowledge
from tcm.knowledge.tables import rows

# Kind of a row of `restrictions`: the 28 drugs of 医疗用毒性药品管理办法 (国务院令第23号).
_REGULATED = "regulated_toxic"


@cache
def tolerance_percent() -> float:
    """How far the weight of an herb may lie from what a dose asks for, in percent of it."""
    return next(float(row["value"]) for row in rows("dispensing_rules") if row["key"] == "tolerance_percent")


def is_regulated_toxic(knowledge: Knowledge, herb: str) -> bool:
    """Whether the person who weighs and the person who checks both sign for an herb.

    Args:
        knowledge: The restrictions.
        herb: As dispensed, perhaps in a processed form that is no standard name.

    Returns:
        True for the drugs of the regulation on toxic medicines (国务院令第23号 第九条).
    """
    name = knowledge.names.resolve(herb).name or herb
    return any(each.kind == _REGULATED for each in knowledge.restrictions.get(name, ()))
