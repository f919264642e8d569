"""The tables behind the rules of review: pairs, restrictions, handling, doses, cautions."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

from tcm.knowledge.tables import listed, number, rows

PotTaint = Literal["toxic", "strong"]


@dataclass(frozen=True, slots=True)
class Incompatibility:
    """Two herbs that must not meet: 十八反 or 十九畏."""

    category: str
    left: str
    right: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Restriction:
    """One herb under one restriction (kind as in the review contract)."""

    herb: str
    kind: str
    severity: str
    replacement: str
    note: str
    max_age_years: float | None
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Handling:
    """A decoction note that a herb needs; any of `accepted` satisfies it.

    `only_forms` limits it to processed forms (`无` means written without one); `exempt_forms` lifts it.
    """

    herb: str
    handling: str
    accepted: tuple[str, ...]
    severity: str
    only_forms: tuple[str, ...]
    exempt_forms: tuple[str, ...]
    source: str
    edition: str

    def applies_to(self, form: str) -> bool:
        """Whether a herb written in this processed form needs the note."""
        if form and any(form.startswith(exempt) for exempt in self.exempt_forms):
            return False
        return not self.only_forms or (form or "无") in self.only_forms


@dataclass(frozen=True, slots=True)
class HandlingWord:
    """A spelling of a decoction note; `off_pot` says the herb is then not boiled with the others."""

    word: str
    handling: str
    off_pot: bool


@dataclass(frozen=True, slots=True)
class RouteDose:
    """A dose by route (鲜, 粉, 煎, 单味) or indication; `basis` is 日 (a day) or 次 (each time)."""

    herb: str
    route: str
    indication: tuple[str, ...]
    dose_min_g: float | None
    dose_max_g: float
    basis: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Contraindication:
    """A condition of the patient that a herb does not suit; `words` are how the condition is written."""

    herb: str
    condition: str
    severity: str
    words: tuple[str, ...]
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class LactationCaution:
    """A herb to be careful with while nursing."""

    herb: str
    severity: str
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class DrugInteraction:
    """A western drug and herbs: `any` herb of one group, or one of `all` groups."""

    drug: str
    words: tuple[str, ...]
    groups: tuple[frozenset[str], ...]
    needs_all: bool
    severity: str
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Term:
    """A coded term of a national standard (disease or syndrome)."""

    code: str
    name: str
    category: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class InspectionTerm:
    """A term of the four examinations, by axis and group."""

    axis: str
    group: str
    term: str
    source: str
    edition: str


Fact = TypeVar("Fact", Restriction, Handling, RouteDose, Contraindication)


def read_incompatibilities() -> tuple[Incompatibility, ...]:
    """The pairs of 十八反 and 十九畏, standard names on both sides."""
    return tuple(Incompatibility(**row) for row in rows("incompatibilities"))


def read_restrictions() -> Mapping[str, tuple[Restriction, ...]]:
    """Restrictions by herb."""
    return _by_herb(
        Restriction(
            herb=row["herb"],
            kind=row["kind"],
            severity=row["severity"],
            replacement=row["replacement"],
            note=row["note"],
            max_age_years=number(row["max_age_years"]),
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("restrictions")
    )


def read_handling() -> Mapping[str, tuple[Handling, ...]]:
    """Needed decoction notes by herb."""
    return _by_herb(
        Handling(
            herb=row["herb"],
            handling=row["handling"],
            accepted=listed(row["accepted"]),
            severity=row["severity"],
            only_forms=listed(row["only_forms"]),
            exempt_forms=listed(row["exempt_forms"]),
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("handling")
    )


def read_handling_words() -> tuple[HandlingWord, ...]:
    """Spellings of decoction notes, longest first, so that 冲服 is met before 冲."""
    words = (
        HandlingWord(row["word"], row["handling"], row["off_pot"] == "1") for row in rows("handling_words")
    )
    return tuple(sorted(words, key=lambda word: -len(word.word)))


def read_doses() -> Mapping[str, tuple[RouteDose, ...]]:
    """Doses by route or indication, by herb."""
    return _by_herb(
        RouteDose(
            herb=row["herb"],
            route=row["route"],
            indication=listed(row["indication"]),
            dose_min_g=number(row["dose_min_g"]),
            dose_max_g=float(row["dose_max_g"]),
            basis=row["basis"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("doses")
    )


def read_contraindications() -> Mapping[str, tuple[Contraindication, ...]]:
    """Conditions a herb does not suit, by herb."""
    return _by_herb(
        Contraindication(
            herb=row["herb"],
            condition=row["condition"],
            severity=row["severity"],
            words=tuple(word.lower() for word in listed(row["words"])),
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("contraindications")
    )


def read_lactation() -> Mapping[str, LactationCaution]:
    """Cautions while nursing, by herb."""
    return {row["herb"]: LactationCaution(**row) for row in rows("lactation")}


def read_drug_interactions(table: str) -> tuple[DrugInteraction, ...]:
    """Western drugs and herbs, of `drug_interactions` or `same_ingredient`."""
    return tuple(
        DrugInteraction(
            drug=row["drug"],
            words=tuple(word.lower() for word in listed(row["words"])),
            groups=tuple(frozenset(group.split("|")) for group in listed(row["herbs"])),
            needs_all=row["mode"] == "all",
            severity=row["severity"],
            note=row["note"],
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows(table)
    )


def read_allergy_exclusions() -> frozenset[str]:
    """Words of an allergy record that only look like a herb (花粉)."""
    return frozenset(row["word"] for row in rows("allergy_exclusions"))


def read_duplicate_exemptions() -> frozenset[frozenset[str]]:
    """Pairs of one material that are ordinarily prescribed together (生地黄 and 熟地黄)."""
    return frozenset(frozenset((row["left"], row["right"])) for row in rows("duplicate_exemptions"))


def read_boil_rules() -> dict[str, int]:
    """Minutes and millilitres of decoction by key."""
    return {row["key"]: int(row["value"]) for row in rows("boil_rules")}


def read_pot_taints() -> dict[str, PotTaint]:
    """Herbs that need a pot of their own: herb to the pot's duty."""
    return {row["herb"]: _pot_taint(row["taint"]) for row in rows("pot_taints")}


def _pot_taint(cell: str) -> PotTaint:
    if cell == "toxic":
        return "toxic"
    if cell == "strong":
        return "strong"
    raise ValueError(f"pot_taints.csv: no such taint: {cell}")


def read_terms(table: str) -> tuple[Term, ...]:
    """Coded terms of a table (`diseases` or `syndromes`)."""
    return tuple(Term(**row) for row in rows(table))


def read_inspection_terms() -> tuple[InspectionTerm, ...]:
    """Terms of tongue, face and pulse."""
    return tuple(InspectionTerm(**row) for row in rows("inspection_terms"))


def _by_herb(
    facts: Iterable[Fact],
) -> Mapping[str, tuple[Fact, ...]]:
    grouped: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        grouped[fact.herb].append(fact)
    return {herb: tuple(found) for herb, found in grouped.items()}
