"""Formulas as the doctor is offered them: their own, the agreed ones, classics with their modifications."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from tcm.knowledge import Formula, Knowledge
from tcm.knowledge.formulas import FormulaChange
from tcm.records.errors import N_, NotFound
from tcm.records.governance import AgreedFormula
from tcm.records.own_formulas import OwnFormula
from tcm.records.permissions import Action, allows
from tcm.services import formulary, own_formulas
from tcm.services.access import look_at_encounter
from tcm.services.recipes import recipe_of
from tcm.store.work import Work
from web.auth import current_actor
from web.desks.doctor.origins import classic_origin
from web.house import current_house

# Typed into the search, they list every agreed formula, or all that the doctor keeps.
ALL_AGREED, ALL_OWN = "协定方", ("我的方", "wdf")
# Before a term it says that the occasion is without it.
_DENIALS = ("不", "无", "未", "非")


@dataclass(frozen=True)
class OfferedLine:
    """One herb to adopt.

    Args:
        herb: As it will be written.
        grams: A 剂.
        decoction_note: 先煎, 后下 ... or empty.
        role: 君臣佐使, empty where none is assigned.
        origin: What the line will keep as its origin.
        acts: What the herb does, told where a modification adds it.
    """

    herb: str
    grams: float
    decoction_note: str
    role: str
    origin: str
    acts: str = ""


@dataclass(frozen=True)
class OfferedChange:
    """A modification to adopt on top of its formula.

    Args:
        when: The occasion.
        add: Herbs it brings, with the notes that the rules ask for.
        remove: Herbs that leave.
        note: Why.
        source: Where it is from, with the edition.
        fits: What was ticked at this visit and is the occasion.
    """

    when: str
    add: tuple[OfferedLine, ...]
    remove: tuple[str, ...]
    note: str
    source: str
    fits: tuple[str, ...] = ()


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
        version: Of an agreed formula or one's own, 0 of a classic.
        house: Whose agreed formula it is.
        mine: Whether the doctor keeps it for themselves.
        doses_count: 剂数 it was prescribed for last, 0 of a formula.
        preparation: How it was prepared last, empty of a formula.
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
    mine: bool = False
    doses_count: int = 0
    preparation: str = ""


@dataclass(frozen=True)
class Offers:
    """Everything a doctor may adopt.

    Args:
        knowledge: The classics.
        agreed: The agreed formulas in force at the doctor's house and at the centre.
        own: What the doctor keeps for themselves, last kept first.
        said: Terms that were ticked at the visit.
    """

    knowledge: Knowledge
    agreed: tuple[Offer, ...]
    own: tuple[Offer, ...] = ()
    said: frozenset[str] = frozenset()

    def classic(self, name: str) -> Offer:
        """A classic by its name.

        Raises:
            NotFound: When there is none.
        """
        formula = self.knowledge.formulas.get(name)
        if formula is None:
            raise NotFound(N_("没有这首方剂。"))
        return _of_classic(formula, self.knowledge, self.said)

    def agreed_by_id(self, formula_id: int) -> Offer:
        """An agreed formula that is in force.

        Raises:
            NotFound: When it is not, or not for this doctor.
        """
        offer = next((one for one in self.agreed if one.asks["adopt_agreed"] == formula_id), None)
        if offer is None:
            raise NotFound(N_("这个协定方已停用或换了新版本，请重新查找。"))
        return offer

    def own_by_id(self, formula_id: int) -> Offer:
        """A formula that the doctor keeps.

        Raises:
            NotFound: When they keep none of that row.
        """
        offer = next((one for one in self.own if one.asks["adopt_own"] == formula_id), None)
        if offer is None:
            raise NotFound(N_("没有这个方子，可能已经删去。"))
        return offer

    def answering(self, syndrome: str) -> list[Offer]:
        """Own and agreed formulas that answer a syndrome, those that name it first before the others."""
        found = [one for one in (*self.own, *self.agreed) if syndrome in one.syndromes]
        return sorted(found, key=lambda one: one.syndromes.index(syndrome))

    def search(self, text: str, limit: int) -> list[Offer]:
        """Formulas by initials, pinyin or characters of the name: one's own, agreed ones, then classics.

        Args:
            text: What was typed; nothing lists the newest of one's own.
            limit: Most classics to return.
        """
        typed = "".join(text.lower().split())
        if not typed:
            return list(self.own[:limit])
        if typed in ALL_OWN:
            return list(self.own)
        mine = [one for one in self.own if any(typed in said for said in _spellings(one.name))]
        whole = len(typed) > 1 and ALL_AGREED.startswith(typed)
        agreed = [one for one in self.agreed if whole or any(typed in said for said in _spellings(one.name))]
        classics = self.knowledge.formulas.search(text, limit)
        return [*mine, *agreed, *(_of_classic(one, self.knowledge, self.said) for one in classics)]


def offers_for(open_work: Work, said: frozenset[str] = frozenset()) -> Offers:
    """What the doctor who is logged in may adopt.

    Args:
        open_work: The work.
        said: Terms that were ticked at the visit, to mark the modifications they are the occasion of.

    Returns:
        The offers.

    Raises:
        Forbidden: For roles that may not read formulas.
    """
    rows = formulary.offered(open_work, current_actor())
    houses = open_work.institutions.by_ids(row.institution_id for row in rows)
    agreed = tuple(_of_agreed(row, houses[row.institution_id].name) for row in rows)
    own = tuple(_of_own(row) for row in own_formulas.mine(open_work, current_actor()))
    return Offers(current_house().knowledge, agreed, own, said)


def said_at(open_work: Work, visit_id: int) -> frozenset[str]:
    """What was ticked of the ten questions at a visit whose chart is open.

    Args:
        open_work: The work.
        visit_id: Which visit.

    Returns:
        The terms.

    Raises:
        NotFound: When there is no such visit.
        Forbidden: When it belongs to another house.
    """
    encounter = open_work.encounters.get(visit_id)
    # Asked while one types in a chart whose opening is on record already: only refusals are added.
    if not allows(current_actor(), Action.PATIENT_READ, institution_id=encounter.institution_id):
        look_at_encounter(open_work, current_actor(), encounter, Action.PATIENT_READ)
    return frozenset(encounter.inquiry)


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


def _of_classic(formula: Formula, knowledge: Knowledge, said: frozenset[str]) -> Offer:
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
        changes=tuple(_change(formula, change, knowledge, said) for change in formula.changes),
    )


def _change(
    formula: Formula, change: FormulaChange, knowledge: Knowledge, said: frozenset[str]
) -> OfferedChange:
    origin = classic_origin(formula, change)
    return OfferedChange(
        when=change.when,
        add=tuple(
            OfferedLine(herb, grams, needed_note(herb, knowledge), "", origin, _acts(herb, knowledge))
            for herb, grams in change.add
        ),
        remove=change.remove,
        note=change.note,
        source=f"{change.source}（{change.edition}）",
        fits=tuple(sorted(term for term in said if _asked_for(term, change.when))),
    )


def _asked_for(term: str, when: str) -> bool:
    """Whether an occasion names a term: 口渴甚 names 口渴, 不口渴 does not."""
    before, found, _ = when.partition(term)
    return bool(found) and not before.endswith(_DENIALS)


def _acts(herb: str, knowledge: Knowledge) -> str:
    """What a herb does, in the words of the pharmacopoeia."""
    known = knowledge.herb(herb)
    properties = knowledge.properties_of(known) if known else None
    return "、".join(properties.actions) if properties else ""


def _of_own(row: OwnFormula) -> Offer:
    recipe, origin = own_formulas.recipe_of(row), own_formulas.origin_text(row)
    return Offer(
        name=row.name,
        asks={"adopt_own": row.id or 0},
        lines=tuple(
            OfferedLine(line.herb, line.grams, line.decoction_note, "", origin) for line in recipe.items
        ),
        decoction_class=recipe.decoction_class,
        syndromes=(recipe.syndrome,) if recipe.syndrome else (),
        usage=recipe.usage,
        source="",
        version=row.version,
        mine=True,
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
