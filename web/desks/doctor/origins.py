"""Where a line of the form comes from: the keyboard, a classic, a formula kept here, the last prescription.

What is kept with a line (`Item.origin`, at most 40 characters) is one of

    typed                    from the keyboard
    0600110017               a classic by its code of SZJG 38.2, by its name where it has none
    0600110017+呕吐          added by the modification (加减) of that classic for that occasion
    协定方:健脾化湿方 v2     an agreed formula, which version of it
    会诊:17 王某某           what an expert answered: the consultation's row, the expert
    我的方:温中小方 v1       a formula of the doctor's own, which version of it
    上方:20261121-00042      the patient's last prescription, by its number
    医院系统:5               what the hospital's own system sent: our row of it

The hidden field of the form holds the same. Whether a line still is of its classic can be told from the
facts. The others are rows of the database, which is not asked again at every keystroke: their origin goes
out with a seal over the herb, and comes back good only beside that herb. A dose that was taken over from
a proposal is told the same way: herb, grams before, part, grams now, and the seal over them.
"""

import hmac
from hashlib import sha256

from flask_babel import gettext

from tcm.knowledge import Formula, Knowledge
from tcm.knowledge.formulas import FormulaChange
from tcm.records.errors import N_
from tcm.review import AgeDose
from tcm.services.adopting import TYPED, AdoptedDose
from tcm.services.conferring import CONSULTED
from tcm.services.formulary import AGREED
from tcm.services.own_formulas import OWN
from tcm.services.receiving import SENT
from tcm.services.repeating import AGAIN
from web.house import current_house

_CHANGED, _SEALED, _BETWEEN = "+", "#", "|"
# What is kept with a line begins with one of these where it is of a row of the database; before the rest of
# it the line shows the word beside it.
_SHOWN = {AGREED: "", CONSULTED: N_("会诊"), OWN: N_("我的方"), AGAIN: N_("上方"), SENT: N_("医院系统")}
_FIGURES = 4
_SEAL_LENGTH = 8


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
        Empty where it was typed; sealed where it is of an agreed formula.
    """
    if origin == TYPED:
        return ""
    return _sealed(herb, origin) if origin.startswith(tuple(_SHOWN)) else origin


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
    kind = next((kind for kind in _SHOWN if field.startswith(kind)), None)
    if kind is not None:
        origin = _unsealed(herb, field)
        if not origin:
            return TYPED, ""
        return origin, _shown(kind, origin.removeprefix(kind))
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


def _shown(kind: str, rest: str) -> str:
    """A formula by its name; an answer by who gave it, which is what the doctor knows it by."""
    if kind == CONSULTED:
        return f"{gettext(_SHOWN[kind])}·{rest.partition(' ')[2]}"
    if kind == SENT:
        return str(gettext(_SHOWN[kind]))
    return f"{gettext(_SHOWN[kind])} {rest}" if _SHOWN[kind] else rest


def dose_field(proposed: AgeDose) -> str:
    """What the form sends where the doctor takes over a dose proposed for the patient's age.

    Args:
        proposed: As shown.

    Returns:
        Herb, grams before, part, grams now, sealed.
    """
    figures = (proposed.written, f"{proposed.grams:g}", f"{proposed.part:g}", f"{proposed.proposed_g:g}")
    return _sealed(proposed.written, _BETWEEN.join(figures))


def dose_of(field: str, herb: str, dose_g: float | None) -> AdoptedDose | None:
    """The dose that a field says was taken over, while that herb still stands there at it.

    Args:
        field: As `dose_field` wrote it.
        herb: As it now stands in the line.
        dose_g: Grams that now stand there.

    Returns:
        What was adopted, else None.
    """
    figures = _unsealed(herb, field).split(_BETWEEN)
    if len(figures) != _FIGURES or dose_g is None or f"{dose_g:g}" != figures[3]:
        return None
    return AdoptedDose(herb, float(figures[1]), float(figures[2]), float(figures[3]))


def classic_of(herb: str, field: str, knowledge: Knowledge) -> Formula | None:
    """The classic that a line was adopted from and still is of.

    Args:
        herb: As it now stands in the line.
        field: Of the hidden field.
        knowledge: The classics.

    Returns:
        The formula, None for a line of anything else and for what its modification added.
    """
    origin = origin_of(herb, field, knowledge)
    return next((one for one in knowledge.formulas.values() if classic_origin(one) == origin), None)


def _sealed(herb: str, text: str) -> str:
    return f"{text}{_SEALED}{_seal(herb, text)}"


def _unsealed(herb: str, field: str) -> str:
    """The text of a field whose seal is good beside that herb, else nothing."""
    text, _, seal = field.rpartition(_SEALED)
    return text if hmac.compare_digest(seal.encode(), _seal(herb, text).encode()) else ""


def _seal(herb: str, origin: str) -> str:
    key = current_house().store.keys.derive("origin-of-line")
    return hmac.new(key, f"{origin}\n{herb}".encode(), sha256).hexdigest()[:_SEAL_LENGTH]
