"""Formulas: grams within the pharmacopoeia's ranges, modifications, and the code list of SZJG 38.2."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tcm.knowledge.tables import listed, rows

# 石膏15
_ADDED = re.compile(r"(?P<herb>\D+)(?P<grams>\d+(?:\.\d+)?)")


@dataclass(frozen=True, slots=True)
class FormulaItem:
    """One herb of a formula: grams per 剂, decoction note, role (君臣佐使, empty where not assigned)."""

    herb: str
    grams: float
    decoction_note: str
    role: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class FormulaChange:
    """A modification (加减): `when` it is made, what is added (herb, grams per 剂), what is left out.

    Decoction notes of what is added are not part of the row: they follow from the rules of handling.
    """

    when: str
    add: tuple[tuple[str, float], ...]
    remove: tuple[str, ...]
    note: str
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class Formula:
    """One formula as a decoction.

    `syndromes` are names of GB/T 16751.2-2021 it answers; `decoction_class` is 解表, 一般 or 滋补; `code` is
    its code in SZJG 38.2, empty where it has none. `usage` is how the classic wants it taken. `proportion`
    says which proportion of the classic the pharmacopoeia's ranges do not hold; `marked` why the recipe
    itself draws a finding that a doctor must mend or sign for.
    """

    name: str
    pinyin: str
    initials: str
    code: str
    classic: str
    decoction_class: str
    syndromes: tuple[str, ...]
    usage: str
    proportion: str
    marked: str
    items: tuple[FormulaItem, ...]
    changes: tuple[FormulaChange, ...]
    source: str
    edition: str


@dataclass(frozen=True, slots=True)
class FormulaCode:
    """A row of SZJG 38.2: code, name, classic and herbs as that standard writes them, without doses."""

    code: str
    name: str
    classic: str
    herbs: tuple[str, ...]
    source: str
    edition: str


class Formulas(Mapping[str, Formula]):
    """All formulas by name."""

    def __init__(self, formulas: dict[str, Formula]) -> None:
        self._formulas = formulas

    def __getitem__(self, name: str) -> Formula:
        return self._formulas[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._formulas)

    def __len__(self) -> int:
        return len(self._formulas)

    def answering(self, syndrome: str) -> tuple[Formula, ...]:
        """Formulas that answer a syndrome, those that name it first before the others."""
        found = [formula for formula in self._formulas.values() if syndrome in formula.syndromes]
        return tuple(sorted(found, key=lambda formula: formula.syndromes.index(syndrome)))

    def search(self, text: str, limit: int = 10) -> list[Formula]:
        """Formulas by initials, pinyin or characters of the name, exact before prefix before containment.

        Args:
            text: what was typed.
            limit: most formulas to return.

        Returns:
            The likeliest first.
        """
        typed = "".join(text.lower().split())
        if not typed or len(typed) > 40:
            return []
        ranked = []
        for formula in self._formulas.values():
            spellings = (formula.initials, formula.pinyin.replace(" ", ""), formula.name)
            if typed in spellings:
                ranked.append((0, formula.name))
            elif any(spelling.startswith(typed) for spelling in spellings):
                ranked.append((1, formula.name))
            elif any(typed in spelling for spelling in spellings[1:]):
                ranked.append((2, formula.name))
        return [self._formulas[name] for _, name in sorted(ranked)[: max(limit, 0)]]


def read_formulas() -> Formulas:
    """Read the formulas with their items in order."""
    items: dict[str, list[FormulaItem]] = defaultdict(list)
    for row in rows("formula_items"):
        items[row["formula"]].append(
            FormulaItem(
                herb=row["herb"],
                grams=float(row["grams"]),
                decoction_note=row["decoction_note"],
                role=row["role"],
                source=row["source"],
                edition=row["edition"],
            )
        )
    changes = _read_changes()
    return Formulas(
        {
            row["name"]: Formula(
                name=row["name"],
                pinyin=row["pinyin"],
                initials=row["initials"],
                code=row["code"],
                classic=row["classic"],
                decoction_class=row["decoction_class"],
                syndromes=listed(row["syndromes"]),
                usage=row["usage"],
                proportion=row["proportion"],
                marked=row["marked"],
                items=tuple(items[row["name"]]),
                changes=tuple(changes[row["name"]]),
                source=row["source"],
                edition=row["edition"],
            )
            for row in rows("formulas")
        }
    )


def _read_changes() -> dict[str, list[FormulaChange]]:
    changes: dict[str, list[FormulaChange]] = defaultdict(list)
    for row in rows("formula_changes"):
        changes[row["formula"]].append(
            FormulaChange(
                when=row["when"],
                add=tuple(_herb_and_grams(entry) for entry in listed(row["add"])),
                remove=listed(row["remove"]),
                note=row["note"],
                source=row["source"],
                edition=row["edition"],
            )
        )
    return changes


def _herb_and_grams(entry: str) -> tuple[str, float]:
    match = _ADDED.fullmatch(entry)
    if match is None:
        raise ValueError(f"formula_changes.csv: no herb with grams: {entry}")
    return match["herb"], float(match["grams"])


def read_formula_codes() -> tuple[FormulaCode, ...]:
    """Read the code list of SZJG 38.2."""
    return tuple(
        FormulaCode(
            code=row["code"],
            name=row["name"],
            classic=row["classic"],
            herbs=tuple(row["herbs"].split()),
            source=row["source"],
            edition=row["edition"],
        )
        for row in rows("formula_codes")
    )
