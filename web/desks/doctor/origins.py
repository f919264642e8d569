"""Where a line of the form comes from: the keyboard, a classic, its modification, an agreed formula.

What is kept with a line (`Item.origin`, at most 40 characters) is one of

    typed                    from the keyboard
    0600110017               a classic by its code of SZJG 38.2, by its name where it has none
    0600110017+呕吐          added by the modification (加减) of that classic for that occasion
    协定方:健脾化湿方 v2     an agreed formula, which version of it
    会诊:17 王某某           what an expert answered: the consultation's row, the expert

The hidden field of the form holds the same. Whether a line still is of its classic can be told from the
facts. The others are rows of the database, which is not asked again at every keystroke: their origins
go out with a seal over the herb, and come back good only beside that herb.
"""

import hmac
from hashlib import sha256

from tcm.knowledge import Formula, Knowledge
from tcm.knowledge.formulas import FormulaChange
from tcm.services.conferring import CONSULTED
from tcm.services.formulary import AGREED
from tcm.services.prescribing import TYPED
from web.house import current_house

_CHANGED, _SEALED = "+", "#"
_SEAL_LENGTH = 8
# What is kept with a line begins with one of these where it is of a row of the database.
_BY_SEAL = (AGREED, CONSULTED)


def classic_origin(formula: Formula, change: FormulaChange | None = None) -> str:
    """The origin of a line adopted from a classic.

    Args:
        formula: The classic.
        change: The modification that added the line, None for a line of the classic itself.

    Returns:
        Its code or name, with the occasion of the modification.
    """
    key = formula.code or formula.name
    return key if change is None else f"{key}{_CHANGED}{change.when}"


def field_of(herb: str, origin: str) -> str:
    """What the form's hidden field holds for a line.

    Args:
        herb: As it stands in the line.
        origin: As kept.

    Returns:
        Empty where it was typed; sealed where it is of a row of the database.
    """
    if origin == TYPED:
        return ""
    return f"{origin}{_SEALED}{_seal(herb, origin)}" if origin.startswith(_BY_SEAL) else origin


def origin_of(herb: str, field: str, knowledge: Knowledge) -> str:
    """The origin to keep with a line that came back from the form.

    Args:
        herb: As it now stands in the line.
        field: Of the hidden field.
        knowledge: The classics.

    Returns:
        The origin while the line names a herb of it, else `typed`.
    """
    return _read(herb, field, knowledge)[0]


def origin_name(herb: str, field: str, knowledge: Knowledge) -> str:
    """What a line shows of its origin.

    Args:
        herb: As it now stands in the line.
        field: Of the hidden field.
        knowledge: The classics.

    Returns:
        Such as 四君子汤, 四君子汤·呕吐 or 健脾化湿方 v2; empty where the line was typed.
    """
    return _read(herb, field, knowledge)[1]


def _read(herb: str, field: str, knowledge: Knowledge) -> tuple[str, str]:
    """Origin and name of a hidden field beside a herb."""
    if field.startswith(_BY_SEAL):
        origin, _, seal = field.rpartition(_SEALED)
        if hmac.compare_digest(seal.encode(), _seal(herb, origin).encode()):
            return origin, _shown(origin)
        return TYPED, ""
    key, _, when = field.partition(_CHANGED)
    if not key:
        return TYPED, ""
    formula = next((one for one in knowledge.formulas.values() if classic_origin(one) == key), None)
    if formula is None:
        return TYPED, ""
    if not when:
        held = any(item.herb == herb for item in formula.items)
        return (field, formula.name) if held else (TYPED, "")
    added = any(change.when == when and herb in dict(change.add) for change in formula.changes)
    return (field, f"{formula.name}·{when}") if added else (TYPED, "")


def _shown(origin: str) -> str:
    """An agreed formula by its name; an answer by who gave it, which is what the doctor knows it by."""
    if origin.startswith(CONSULTED):
        return f"{CONSULTED.rstrip(':')}·{origin.partition(' ')[2]}"
    return origin.removeprefix(AGREED)


def _seal(herb: str, origin: str) -> str:
    key = current_house().store.keys.derive("origin-of-line")
    return hmac.new(key, f"{origin}\n{herb}".encode(), sha256).hexdigest()[:_SEAL_LENGTH]
