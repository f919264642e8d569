"""How a prescription is boiled: minutes, millilitres and the pot it needs, from rule rows."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from tcm.knowledge.base import Knowledge
from tcm.knowledge.herbs import Herb

Taint = Literal["none", "toxic", "strong"]

DECOCTION_CLASSES = ("一般", "解表", "滋补")
_EARLY = frozenset({"先煎", "久煎"})
# Said on the pot label for the herbs that are not simply boiled with the others.
_SAID = {
    "包煎": "包煎",
    "另煎": "另煎兑入",
    "烊化": "烊化兑入",
    "冲服": "不入煎，冲服",
    "兑服": "不入煎，兑服",
    "吞服": "不入煎，吞服",
    "溶入": "不入煎，溶入药液",
    "外用": "不入煎，外用",
}


class PotLine(Protocol):
    """A prescription line as the decoction centre sees it."""

    @property
    def herb(self) -> str:
        """The herb as written."""

    @property
    def grams(self) -> float:
        """Grams per 剂."""

    @property
    def decoction_note(self) -> str:
        """The decoction note as written."""


@dataclass(frozen=True, slots=True)
class BoilProgramme:
    """One prescription's soaking and boiling.

    `cook_min` holds early boiling, first and second boil together. `add_at_min` is counted from the start of
    cooking, None without 后下. `volume_ml` is for one 剂; `total_ml`, `first_water_ml` and `second_water_ml`
    (poured on before soaking, and before the second boil) are for all of them.
    """

    soak_min: int
    cook_min: int
    first_boil_min: int
    second_boil_min: int
    pre_boil_min: int
    add_at_min: int | None
    volume_ml: int
    total_ml: int
    first_water_ml: int
    second_water_ml: int
    bags: int
    taint: Taint
    notes: tuple[str, ...]

    @property
    def water_ml(self) -> int:
        """All the water of the programme."""
        return self.first_water_ml + self.second_water_ml


@dataclass(frozen=True, slots=True)
class _Handled:
    """A line with the herb it means and its standard notes."""

    line: PotLine
    herb: Herb | None
    notes: frozenset[str]


def programme(
    lines: Iterable[PotLine],
    knowledge: Knowledge,
    *,
    doses_count: int,
    age_years: int | None = None,
    decoction_class: str = "一般",
) -> BoilProgramme:
    """The boiling programme of a prescription.

    Args:
        lines: the prescription's lines, grams per 剂.
        knowledge: the tables.
        doses_count: 剂数, 1 or more.
        age_years: of the patient, who is given a child's volume where child_volumes.csv has the age; None
            is an adult.
        decoction_class: 一般, 解表 or 滋补.

    Returns:
        The programme.

    Raises:
        ValueError: there is no line, `doses_count` is below 1, or the class is unknown.

    Source:
        医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号); early boiling of aconite: see boil_rules.csv;
        water that herbs keep: see absorption.csv.
    """
    pot = list(lines)
    if not pot or doses_count < 1 or decoction_class not in DECOCTION_CLASSES:
        raise ValueError("a programme needs lines, at least one dose and a known decoction class")
    rules = knowledge.boil_rules
    handled = [_Handled(line, knowledge.herb(line.herb), handling_of(line, knowledge)) for line in pot]
    pre_boil = max((_pre_boil_min(each, rules) for each in handled), default=0)
    first = rules[f"first_boil_min:{decoction_class}"]
    second = rules[f"second_boil_min:{decoction_class}"]
    late = any("后下" in each.notes for each in handled)
    swallowed = knowledge.off_pot
    volume = _volume_ml(
        sum(each.line.grams for each in handled if not each.notes & swallowed), age_years, knowledge
    )
    boiled = [each for each in handled if not each.notes & (swallowed | knowledge.boiled_apart)]
    drawn_first = volume * doses_count * rules["first_share_pct"] / 100
    absorbed = doses_count * sum(_absorbed_ml(each, knowledge) for each in boiled)
    return BoilProgramme(
        soak_min=_soak_min(boiled, knowledge),
        cook_min=pre_boil + first + second,
        first_boil_min=first,
        second_boil_min=second,
        pre_boil_min=pre_boil,
        add_at_min=pre_boil + first - rules["add_before_end_min"] if late else None,
        volume_ml=volume,
        total_ml=volume * doses_count,
        first_water_ml=_water_ml(absorbed + drawn_first, pre_boil + first, rules),
        # What the herbs keep they took up in the first boil.
        second_water_ml=_water_ml(volume * doses_count - drawn_first, second, rules),
        bags=rules["bags_per_dose"] * doses_count,
        taint=_taint((each.herb for each in handled if each.herb is not None), knowledge),
        notes=tuple(_notes(handled, pre_boil, rules)),
    )


def handling_of(line: PotLine, knowledge: Knowledge) -> frozenset[str]:
    """What a line's note says, with the early boiling that safety asks for even where the note is missing.

    Args:
        line: of a prescription.
        knowledge: the tables.

    Returns:
        Standard decoction notes, such as 先煎 or 后下.
    """
    resolution = knowledge.names.resolve(line.herb)
    said = knowledge.handlings(line.decoction_note) | knowledge.handlings(resolution.handling)
    herb = None if resolution.name is None else knowledge.herbs[resolution.name]
    if herb is None or said & knowledge.off_pot:
        return said
    return said | (_EARLY & set(herb.decoction))


def _pre_boil_min(each: _Handled, rules: Mapping[str, int]) -> int:
    if not each.notes & _EARLY:
        return 0
    own = 0 if each.herb is None else rules.get(f"pre_boil_min:{each.herb.monograph}", 0)
    return max(own, *(rules[f"pre_boil_min:{note}"] for note in each.notes & _EARLY))


def _volume_ml(boiled_g: float, age_years: int | None, knowledge: Knowledge) -> int:
    for band in knowledge.child_volumes:
        if age_years is not None and age_years < band.below_years:
            return band.volume_ml
    rules = knowledge.boil_rules
    return rules["adult_volume_max_ml" if boiled_g > rules["large_dose_g"] else "adult_volume_ml"]


def _soak_min(boiled: Iterable[_Handled], knowledge: Knowledge) -> int:
    rules = knowledge.boil_rules
    grams = {True: 0.0, False: 0.0}
    for each in boiled:
        grams[each.herb is not None and each.herb.monograph in knowledge.seeds_and_fruits] += each.line.grams
    mostly = grams[True] > 0 and 100 * grams[True] >= rules["soak_share_pct"] * sum(grams.values())
    return rules["soak_min:种子果实" if mostly else "soak_min"]


def _absorbed_ml(each: _Handled, knowledge: Knowledge) -> float:
    properties = None if each.herb is None else knowledge.properties_of(each.herb)
    kind = "" if properties is None else properties.absorption
    return each.line.grams * knowledge.absorption_ml_per_g[kind]


def _water_ml(kept_ml: float, boils_min: int, rules: Mapping[str, int]) -> int:
    step_ml = rules["water_round_ml"]
    return math.ceil((kept_ml + boils_min * rules["evaporation_ml_per_min"]) / step_ml) * step_ml


def _taint(herbs: Iterable[Herb], knowledge: Knowledge) -> Taint:
    taints = {knowledge.pot_taints.get(herb.monograph, "none") for herb in herbs}
    if "toxic" in taints:
        return "toxic"
    return "strong" if "strong" in taints else "none"


def _notes(handled: Iterable[_Handled], pre_boil_min: int, rules: Mapping[str, int]) -> Iterable[str]:
    by_note: dict[str, list[str]] = defaultdict(list)
    for each in handled:
        for note in each.notes:
            by_note[note].append(each.line.herb)
    early = list(dict.fromkeys(by_note["久煎"] + by_note["先煎"]))
    if early:
        yield f"先煎{pre_boil_min}分钟：{'、'.join(early)}，再投群药"
    if by_note["后下"]:
        yield f"后下（头煎结束前{rules['add_before_end_min']}分钟）：{'、'.join(by_note['后下'])}"
    for note, said in _SAID.items():
        if by_note[note]:
            minutes = f"（约{rules['side_boil_min:另煎']}分钟）" if note == "另煎" else ""
            yield f"{said}{minutes}：{'、'.join(by_note[note])}"
