"""What bears on the weighing of herbs: how far a weight may be off, and which herbs two people sign for."""

from dataclasses import dataclass
from functools import cache

from tcm.knowledge.base import Knowledge
from tcm.knowledge.herbs import Herb
from tcm.knowledge.tables import rows

# Kind of a row of `restrictions`: the 28 drugs of 医疗用毒性药品管理办法 (国务院令第23号).
_REGULATED = "regulated_toxic"
_BANNED = "banned"
# Class of price of 麝香, 西红花 and the like.
_PRECIOUS = "珍"


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


@dataclass(frozen=True)
class LockedRule:
    """How the locked book is kept for herbs of a kind.

    Args:
        kind: `toxic`, `narcotic` or `precious`.
        restriction: Kind of the rows of `restrictions` that put a herb on the book, empty for none.
        with_forms: Whether every processed form of such a herb is on it too.
        keep_years: Pages are kept at least so long after the last expiry on them.
        count_every_months: Two people count so often.
        source: Who says so.
        edition: Of that source.
    """

    kind: str
    restriction: str
    with_forms: bool
    keep_years: int
    count_every_months: int
    source: str
    edition: str


@cache
def locked_rules() -> dict[str, LockedRule]:
    """How the locked book (毒麻贵细账) is kept, by kind of herb, the strictest first."""
    return {
        row["kind"]: LockedRule(
            kind=row["kind"],
            restriction=row["restriction"],
            with_forms=row["processed_forms"] == "yes",
            keep_years=int(row["keep_years"]),
            count_every_months=int(row["count_every_months"]),
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("locked_book_rules")
    }


def locked_by_rule(knowledge: Knowledge, herb: str) -> str:
    """The kind under which the regulations put a herb on the locked book.

    Args:
        knowledge: The restrictions.
        herb: As dispensed, perhaps in a processed form that is no standard name.

    Returns:
        `toxic` or `narcotic`; empty where no regulation asks for it.
    """
    name = knowledge.names.resolve(herb).name or herb
    known = knowledge.herb(name)
    for rule in locked_rules().values():
        names = {name, known.monograph} if known and rule.with_forms else {name}
        found = (each for one in names for each in knowledge.restrictions.get(one, ()))
        if rule.restriction and any(each.kind == rule.restriction for each in found):
            return rule.kind
    return ""


def may_be_precious(knowledge: Knowledge) -> list[str]:
    """Herbs that the price classes call precious (珍), for the manager to choose from.

    Args:
        knowledge: The herbs' properties.

    Returns:
        Standard names in the order of the herbs, without those that must not be dispensed at all.
    """
    dear = (herb for herb in knowledge.herbs.values() if _price_class(knowledge, herb) == _PRECIOUS)
    return [
        herb.name
        for herb in dear
        if all(each.kind != _BANNED for each in knowledge.restrictions.get(herb.name, ()))
    ]


def _price_class(knowledge: Knowledge, herb: Herb) -> str:
    found = knowledge.properties_of(herb)
    return found.price_class if found else ""
