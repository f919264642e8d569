"""Formulas as the doctor is offered them: classics with their modifications, agreed formulas beside them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tcm.knowledge import Formula, Knowledge
from tcm.knowledge.formulas import FormulaChange
from tcm.records.errors import N_, NotFound
from tcm.records.governance import AgreedFormula
from tcm.services import formulary
from tcm.services.recipes import recipe_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.origins import classic_origin
from web.house import current_house

# Typed into the search, it lists every agreed formula.
ALL_AGREED = "协定方"


@dataclass(frozen=True)
class OfferedLine:
    """One herb to adopt.

    Args:
        herb: As it will be written.
        grams: A 剂.
        decoction_note: 先煎, 后下 ... or empty.
        role: 君臣佐使, empty where none is assigned.
        origin: What the line will keep as its origin.
    """

    herb: str
    grams: float
    decoction_note: str
    role: str
    origin: str


@dataclass(frozen=True)
class OfferedChange:
    """A modification to adopt on top of its formula.

    Args:
        when: The occasion.
        add: Herbs it brings, with the notes that the rules ask for.
        remove: Herbs that leave.
        note: Why.
        source: Where it is from, with the edition.
    """

    when: str
    add: tuple[OfferedLine, ...]
    remove: tuple[str, ...]
    note: str
    source: str


@dataclass(frozen=True)
class Offer:
    """One formula.

    Args:
        name: As it is called.
        asks: What an adopting button sends to name it.
        lines: Its herbs.
        decoction_class: 解表, 一般 or 滋补.
        syndromes: That it answers.
        usage: How to take it, may be empty.
        source: Where it is from.
        classic: The book, empty for an agreed formula.
        proportion: Which proportion of the classic the pharmacopoeia does not hold.
        marked: Why the classic itself draws a finding.
        changes: Its modifications.
        version: Of an agreed formula, 0 of a classic.
        house: Whose agreed formula it is.
    """

    name: str
    asks: Mapping[str, str | int]
    lines: tuple[OfferedLine, ...]
    decoction_class: str
    syndromes: tuple[str, ...]
    usage: str
    source: str
    classic: str = ""
    proportion: str = ""
    marked: str = ""
    changes: tuple[OfferedChange, ...] = ()
    version: int = 0
    house: str = ""


@dataclass(frozen=True)
class Offers:
    """Everything a doctor may adopt.

    Args:
        knowledge: The classics.
        agreed: The agreed formulas in force at the doctor's house and at the centre.
    """

    knowledge: Knowledge
    agreed: tuple[Offer, ...]

    def classic(self, name: str) -> Offer:
        """A classic by its name.

        Raises:
            NotFound: When there is none.
        """
        formula = self.knowledge.formulas.get(name)
        if formula is None:
            raise NotFound(N_("没有这首方剂。"))
        return _of_classic(formula, self.knowledge)

    def agreed_by_id(self, formula_id: int) -> Offer:
        """An agreed formula that is in force.

        Raises:
            NotFound: When it is not, or not for this doctor.
        """
        offer = next((one for one in self.agreed if one.asks["adopt_agreed"] == formula_id), None)
        if offer is None:
            raise NotFound(N_("这个协定方已停用或换了新版本，请重新查找。"))
        return offer

    def answering(self, syndrome: str) -> list[Offer]:
        """The agreed formulas that answer a syndrome, those that name it first before the others."""
        found = [one for one in self.agreed if syndrome in one.syndromes]
        return sorted(found, key=lambda one: one.syndromes.index(syndrome))

    def search(self, text: str, limit: int) -> list[Offer]:
        """Formulas by initials, pinyin or characters of the name: agreed ones, then classics.

        Args:
            text: What was typed.
            limit: Most classics to return.
        """
        typed = "".join(text.lower().split())
        if not typed:
            return []
        whole = len(typed) > 1 and ALL_AGREED.startswith(typed)
        own = [one for one in self.agreed if whole or any(typed in said for said in _spellings(one.name))]
        classics = self.knowledge.formulas.search(text, limit)
        return [*own, *(_of_classic(one, self.knowledge) for one in classics)]


def offers_for(open_work: Work) -> Offers:
    """What the doctor who is logged in may adopt.

    Args:
        open_work: The work.

    Returns:
        The offers.

    Raises:
        Forbidden: For roles that may not read formulas.
    """
    rows = formulary.offered(open_work, current_actor())
    houses = open_work.institutions.by_ids(row.institution_id for row in rows)
    agreed = tuple(_of_agreed(row, houses[row.institution_id].name) for row in rows)
    return Offers(current_house().knowledge, agreed)


def needed_note(herb: str, knowledge: Knowledge) -> str:
    """The decoction note that the rules ask for when a herb is added.

    Args:
        herb: As the modification writes it.
        knowledge: The rules of handling.

    Returns:
        The first accepted word of each rule that holds for this form of the herb; empty where none does.
    """
    known = knowledge.herb(herb)
    if known is None:
        return ""
    # How it was processed is said by the spelling (栀子炭) or by the name.
    form = knowledge.names.resolve(herb).form or known.form
    needed = [fact for fact in knowledge.handling.get(known.monograph, ()) if fact.applies_to(form)]
    return "、".join(dict.fromkeys(fact.accepted[0] for fact in needed))


def _of_classic(formula: Formula, knowledge: Knowledge) -> Offer:
    origin = classic_origin(formula)
    return Offer(
        name=formula.name,
        asks={"adopt_formula": formula.name},
        lines=tuple(
            OfferedLine(item.herb, item.grams, item.decoction_note, item.role, origin)
            for item in formula.items
        ),
        decoction_class=formula.decoction_class,
        syndromes=formula.syndromes,
        usage=formula.usage,
        source=f"{formula.source}（{formula.edition}）",
        classic=formula.classic,
        proportion=formula.proportion,
        marked=formula.marked,
        changes=tuple(_change(formula, change, knowledge) for change in formula.changes),
    )


def _change(formula: Formula, change: FormulaChange, knowledge: Knowledge) -> OfferedChange:
    origin = classic_origin(formula, change)
    return OfferedChange(
        when=change.when,
        add=tuple(
            OfferedLine(herb, grams, needed_note(herb, knowledge), "", origin) for herb, grams in change.add
        ),
        remove=change.remove,
        note=change.note,
        source=f"{change.source}（{change.edition}）",
    )


def _of_agreed(row: AgreedFormula, house: str) -> Offer:
    recipe, origin = recipe_of(row), formulary.origin_text(row)
    return Offer(
        name=row.name,
        asks={"adopt_agreed": row.id or 0},
        lines=tuple(
            OfferedLine(line.herb, line.grams, line.decoction_note, "", origin) for line in recipe.items
        ),
        decoction_class=recipe.decoction_class,
        syndromes=recipe.syndromes,
        usage=recipe.usage,
        source=recipe.note,
        version=row.version,
        house=house,
    )


@cache
def _spellings(name: str) -> tuple[str, str, str]:
    """Name, pinyin and initials of an agreed formula."""
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415  # heavy: its tables cost 50 MiB and a third of a second

    return (
        name,
        "".join(lazy_pinyin(name)).lower(),
        "".join(lazy_pinyin(name, style=Style.FIRST_LETTER)).lower(),
    )
