"""The book: what all tables say of one herb or one formula, gathered for a reader."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import Literal

from tcm.knowledge import cautions, facts
from tcm.knowledge.base import Knowledge
from tcm.knowledge.decoction import BoilProgramme, programme
from tcm.knowledge.formulas import Formula, FormulaItem
from tcm.knowledge.herbs import Herb
from tcm.knowledge.names import LONGEST_NAME, Alias
from tcm.knowledge.properties import HerbProperties
from tcm.knowledge.tables import rows

Standing = Literal["within", "above", "below", "uncompared"]

BOILED, DAILY = "煎", "日"
_EARLY = ("先煎", "久煎")
_SWALLOWED_ROUTES = ("粉", "冲服", "吞服")
# An edition that says one of these was not held against the printed book.
_UNVERIFIED = ("未校", "未核对")


@dataclass(frozen=True, slots=True)
class Dose:
    """Grams of one route or indication, None where none is given; `basis` is 日 (a day) or 次 (each time)."""

    route: str
    indication: tuple[str, ...]
    min_g: float | None
    max_g: float | None
    basis: str
    source: str
    edition: str

    @property
    def given(self) -> bool:
        """Whether there are any grams."""
        return self.min_g is not None or self.max_g is not None


@dataclass(frozen=True, slots=True)
class Step:
    """One decoction note of a herb.

    `minutes`: boiled before the others (先煎, 久煎), put in before the end (后下) or boiled apart (另煎),
    None where the note has no time. `accepted` are the notes that review takes for it, with `severity`
    where all are missing; both empty where no rule asks.
    """

    note: str
    minutes: int | None
    minutes_source: str
    accepted: tuple[str, ...]
    severity: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Clash:
    """A herb that must not meet this one, by 十八反 or 十九畏."""

    herb: str
    category: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class MixUp:
    """A herb whose name is mixed up with this one's."""

    herb: str
    why: str
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Use:
    """A formula that uses the herb, in the form `item` names."""

    formula: Formula
    item: FormulaItem


@dataclass(frozen=True)
class HerbSheet:
    """Everything known of one herb; what holds for a processed form is what holds for its monograph.

    `material` are the other forms of the same material, `doses` the one of the row first; `names` are other
    spellings by kind, `shared_names` those that may mean another herb too.
    """

    herb: Herb
    monograph: Herb
    properties: HerbProperties | None
    material: tuple[Herb, ...]
    doses: tuple[Dose, ...]
    handling: tuple[Step, ...]
    restrictions: tuple[facts.Restriction, ...]
    contraindications: tuple[facts.Contraindication, ...]
    lactation: facts.LactationCaution | None
    clashes: tuple[Clash, ...]
    mix_ups: tuple[MixUp, ...]
    interactions: tuple[facts.DrugInteraction, ...]
    same_ingredient: tuple[facts.DrugInteraction, ...]
    syndromes: tuple[cautions.SyndromeCaution, ...]
    poisons: tuple[cautions.ToxicMember, ...]
    names: Mapping[str, tuple[Alias, ...]]
    shared_names: tuple[Alias, ...]
    uses: tuple[Use, ...]


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """A herb of a formula beside the dose its source gives; `uncompared` where the two cannot be compared."""

    item: FormulaItem
    herb: Herb
    dose: Dose
    standing: Standing


@dataclass(frozen=True)
class FormulaSheet:
    """Everything known of one formula; the programme is that of one 剂."""

    formula: Formula
    lines: tuple[FormulaLine, ...]
    programme: BoilProgramme


def unverified(edition: str) -> bool:
    """Whether an edition says that the row was not held against the printed book."""
    return any(word in edition for word in _UNVERIFIED)


def herb_sheet(name: str, knowledge: Knowledge) -> HerbSheet:
    """What is known of one herb.

    Args:
        name: standard name.
        knowledge: the tables.

    Returns:
        The sheet.

    Raises:
        KeyError: it is no standard name.
    """
    herb = knowledge.herbs[name]
    key = herb.monograph
    shared = tuple(alias for alias in knowledge.names.aliases if name in alias.candidates)
    return HerbSheet(
        herb=herb,
        monograph=knowledge.herbs[key],
        properties=knowledge.properties_of(herb),
        material=tuple(
            other for other in knowledge.herbs.values() if other.base == herb.base and other is not herb
        ),
        doses=doses_of(herb, knowledge),
        handling=handling_of(herb, knowledge),
        restrictions=knowledge.restrictions.get(key, ()),
        contraindications=knowledge.contraindications.get(key, ()),
        lactation=knowledge.lactation.get(key),
        clashes=tuple(_clashes(key, knowledge)),
        mix_ups=tuple(_mix_ups(key, knowledge)),
        interactions=_with_drugs(key, knowledge.drug_interactions),
        same_ingredient=_with_drugs(key, knowledge.same_ingredient),
        syndromes=knowledge.syndrome_cautions.get(key, ()),
        poisons=knowledge.toxic_members.get(key, ()),
        names=_names(name, knowledge),
        shared_names=shared,
        uses=tuple(_uses(key, knowledge)),
    )


def doses_of(herb: Herb, knowledge: Knowledge) -> tuple[Dose, ...]:
    """The doses of a herb, that of its row first, then those by route and indication.

    Args:
        herb: the herb.
        knowledge: the tables.

    Returns:
        At least one; one without grams where the source gives none.
    """
    own = Dose(herb.dose_route, (), herb.dose_min_g, herb.dose_max_g, DAILY, herb.source, herb.edition)
    others = (
        Dose(
            dose.route,
            dose.indication,
            dose.dose_min_g,
            dose.dose_max_g,
            dose.basis,
            dose.source,
            dose.edition,
        )
        for dose in knowledge.doses.get(herb.dose_group, ())
    )
    # The table of routes repeats the row's own amount for herbs that are not boiled at all.
    said = (own.route, own.min_g, own.max_g, own.basis)
    return (own, *(dose for dose in others if (dose.route, dose.min_g, dose.max_g, dose.basis) != said))


def handling_of(herb: Herb, knowledge: Knowledge) -> tuple[Step, ...]:
    """The decoction notes that a herb needs, with their minutes.

    Args:
        herb: the herb.
        knowledge: the tables.

    Returns:
        What review asks for and what the herb's source says, each note once.
    """
    asked = {
        rule.handling: rule
        for rule in knowledge.handling.get(herb.monograph, ())
        if rule.applies_to(herb.form)
    }
    steps = []
    for note in dict.fromkeys((*herb.decoction, *asked)):
        rule = asked.get(note)
        minutes, minutes_source = _minutes(note, herb, knowledge)
        steps.append(
            Step(
                note=note,
                minutes=minutes,
                minutes_source=minutes_source,
                accepted=() if rule is None else rule.accepted,
                severity="" if rule is None else rule.severity,
                source=herb.source if rule is None else rule.source,
                edition=herb.edition if rule is None else rule.edition,
            )
        )
    return tuple(steps)


def formula_sheet(name: str, knowledge: Knowledge) -> FormulaSheet:
    """What is known of one formula.

    Args:
        name: of the formula.
        knowledge: the tables.

    Returns:
        The sheet.

    Raises:
        KeyError: there is no such formula.
    """
    formula = knowledge.formulas[name]
    return FormulaSheet(
        formula,
        tuple(_line(item, knowledge) for item in formula.items),
        programme(formula.items, knowledge, doses_count=1, decoction_class=formula.decoction_class),
    )


def find_formula(text: str, knowledge: Knowledge) -> tuple[Formula | None, tuple[str, ...]]:
    """The formula of that name, else those that may have been meant.

    Args:
        text: a name as written.
        knowledge: the tables.

    Returns:
        The formula, or None with names that hold the text, pinyin or initials, else near spellings.
    """
    if len(text) > LONGEST_NAME:
        return None, ()
    plain = knowledge.names.normalise(text)
    found = knowledge.formulas.get(plain)
    if found is not None:
        return found, ()
    holding = tuple(formula.name for formula in knowledge.formulas.search(plain, 5))
    return None, holding or tuple(get_close_matches(plain, knowledge.formulas, n=5, cutoff=0.5))


def _minutes(note: str, herb: Herb, knowledge: Knowledge) -> tuple[int | None, str]:
    if note in _EARLY:
        # As the pot does it: the longest of what the note, its companions and the herb itself ask for.
        early = [said for said in _EARLY if said in herb.decoction or said == note]
        keys = [f"pre_boil_min:{word}" for word in (herb.monograph, *early)]
    else:
        keys = [{"后下": "add_before_end_min", "另煎": "side_boil_min:另煎"}.get(note, "")]
    known = [key for key in keys if key in knowledge.boil_rules]
    if not known:
        return None, ""
    longest = max(known, key=knowledge.boil_rules.__getitem__)
    return knowledge.boil_rules[longest], _boil_sources()[longest]


@cache
def _boil_sources() -> Mapping[str, str]:
    return {row["key"]: f"{row['source']} {row['edition']}" for row in rows("boil_rules")}


def _clashes(monograph: str, knowledge: Knowledge) -> Iterable[Clash]:
    for pair in knowledge.incompatibilities:
        if monograph in (pair.left, pair.right):
            other = pair.right if pair.left == monograph else pair.left
            yield Clash(other, pair.category, pair.source, pair.edition)


def _mix_ups(monograph: str, knowledge: Knowledge) -> Iterable[MixUp]:
    for pair in knowledge.look_alikes.get(monograph, ()):
        other = pair.right if pair.left == monograph else pair.left
        yield MixUp(other, pair.why, pair.note, pair.source, pair.edition)


def _with_drugs(
    monograph: str, interactions: Iterable[facts.DrugInteraction]
) -> tuple[facts.DrugInteraction, ...]:
    return tuple(each for each in interactions if any(monograph in group for group in each.groups))


def _names(name: str, knowledge: Knowledge) -> Mapping[str, tuple[Alias, ...]]:
    by_kind: dict[str, list[Alias]] = defaultdict(list)
    for alias in knowledge.names.aliases:
        if alias.name == name:
            by_kind[alias.kind].append(alias)
    return {kind: tuple(aliases) for kind, aliases in by_kind.items()}


def _uses(monograph: str, knowledge: Knowledge) -> Iterable[Use]:
    for formula in knowledge.formulas.values():
        for item in formula.items:
            herb = knowledge.herb(item.herb)
            if herb is not None and herb.monograph == monograph:
                yield Use(formula, item)


def _line(item: FormulaItem, knowledge: Knowledge) -> FormulaLine:
    name = knowledge.names.resolve(item.herb).name
    if name is None:
        raise ValueError(f"formula_items.csv: {item.herb} is no clear name")
    herb = knowledge.herbs[name]
    own, *others = doses_of(herb, knowledge)
    swallowed = bool(knowledge.handlings(item.decoction_note) & knowledge.off_pot)
    powders = [dose for dose in others if dose.route in _SWALLOWED_ROUTES and not dose.indication]
    dose = powders[0] if swallowed and powders else own
    return FormulaLine(item, herb, dose, _standing(item.grams, dose))


def _standing(grams: float, dose: Dose) -> Standing:
    # What is given for each time says nothing of a day.
    if dose.max_g is None or dose.basis != DAILY:
        return "uncompared"
    if grams > dose.max_g:
        return "above"
    return "below" if dose.min_g is not None and grams < dose.min_g else "within"
