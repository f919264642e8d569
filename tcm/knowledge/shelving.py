"""Under which name a drawer, a lot and a price know what somebody wrote: raw and processed lie apart."""

from functools import cache

from tcm.knowledge.base import Knowledge
from tcm.knowledge.names import Resolution
from tcm.knowledge.tables import rows

# 生 says that a piece is not processed, and that is what the plain name of most herbs means.
_UNPROCESSED = "生"
# A herb that is a processed form already is another thing again as a powder.
_GROUND = "粉"


@cache
def _same_forms() -> dict[tuple[str, str], str]:
    """What a form is the same as: of one herb, or under an empty name of every herb."""
    return {(row["name"], row["form"]): row["same_as"] for row in rows("shelf_forms")}


def shelf_name(knowledge: Knowledge, meant: Resolution) -> str | None:
    """The name of what is taken from the shelf.

    A form that is named makes another thing of a herb (栀子炭 is not 栀子), under one of its listed
    spellings, so that reading the answer again gives the same answer. 生, a second word for what the
    standard name says already (醋炙柴胡 is 醋柴胡), and what `shelf_forms` lists as the same add nothing.
    A poisonous herb not marked 生 is its processed form (川乌 is 制川乌).

    Args:
        knowledge: The herbs and their spellings.
        meant: What was written, resolved.

    Returns:
        A spelling that resolves to the same herb in the same form; None where no herb was meant.
    """
    if meant.name is None:
        return None
    if not meant.form:
        return knowledge.herbs[meant.name].unmarked_as or meant.name
    form = _same_forms().get(("", meant.form), meant.form)
    if form == _UNPROCESSED or _says_already(knowledge, meant.name, form):
        return meant.name
    spelling = knowledge.names.spelling_of(meant.name, form)
    return spelling or knowledge.names.spelling_of(meant.name, meant.form) or meant.name


def _says_already(knowledge: Knowledge, name: str, form: str) -> bool:
    """Whether a form adds nothing to a standard name."""
    if form in name or _same_forms().get((name, form)) == "":
        return True
    return bool(knowledge.herbs[name].form) and form != _GROUND
