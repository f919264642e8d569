"""How a prescription is boiled: minutes, millilitres and the pot it needs, from rule rows."""

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
    cooking, None without 后下. `volume_ml` is for one 剂, `total_ml` for all of them.
    """

    soak_min: int
    cook_min: int
    first_boil_min: int
    second_boil_min: int
    pre_boil_min: int
    add_at_min: int | None
    volume_ml: int
    total_ml: int
    bags: int
    taint: Taint
    notes: tuple[str, ...]


def programme(
    lines: Iterable[PotLine],
    knowledge: Knowledge,
    *,
    doses_count: int,
    child: bool = False,
    decoction_class: str = "一般",
) -> BoilProgramme:
    """The boiling programme of a prescription.

    Args:
        lines: the prescription's lines, grams per 剂.
        knowledge: the tables.
        doses_count: 剂数, 1 or more.
        child: whether the patient is given a child's volume.
        decoction_class: 一般, 解表 or 滋补.

    Returns:
        The programme.

    Raises:
        ValueError: there is no line, `doses_count` is below 1, or the class is unknown.

    Source:
        医疗机构中药煎药室管理规范 (国中医药发〔2009〕3号); early boiling of aconite: see boil_rules.csv.
    """
    pot = list(lines)
    if not pot or doses_count < 1 or decoction_class not in DECOCTION_CLASSES:
        raise ValueError("a programme needs lines, at least one dose and a known decoction class")
    rules = knowledge.boil_rules
    handled = [(line, knowledge.herb(line.herb), handling_of(line, knowledge)) for line in pot]
    pre_boil = max((_pre_boil_min(herb, notes, rules) for _, herb, notes in handled), default=0)
    first = rules[f"first_boil_min:{decoction_class}"]
    second = rules[f"second_boil_min:{decoction_class}"]
    late = any("后下" in notes for _, _, notes in handled)
    boiled_g = sum(line.grams for line, _, notes in handled if not notes & knowledge.off_pot)
    volume = _volume_ml(boiled_g, child, rules)
    return BoilProgramme(
        soak_min=rules["soak_min"],
        cook_min=pre_boil + first + second,
        first_boil_min=first,
        second_boil_min=second,
        pre_boil_min=pre_boil,
        add_at_min=pre_boil + first - rules["add_before_end_min"] if late else None,
        volume_ml=volume,
        total_ml=volume * doses_count,
        bags=rules["bags_per_dose"] * doses_count,
        taint=_taint((herb for _, herb, _ in handled if herb is not None), knowledge),
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


def _pre_boil_min(herb: Herb | None, notes: frozenset[str], rules: Mapping[str, int]) -> int:
    if not notes & _EARLY:
        return 0
    own = 0 if herb is None else rules.get(f"pre_boil_min:{herb.monograph}", 0)
    return max(own, *(rules[f"pre_boil_min:{note}"] for note in notes & _EARLY))


def _volume_ml(boiled_g: float, child: bool, rules: Mapping[str, int]) -> int:
    if child:
        return rules["child_volume_ml"]
    return rules["adult_volume_max_ml" if boiled_g > rules["large_dose_g"] else "adult_volume_ml"]


def _taint(herbs: Iterable[Herb], knowledge: Knowledge) -> Taint:
    taints = {knowledge.pot_taints.get(herb.monograph, "none") for herb in herbs}
    if "toxic" in taints:
        return "toxic"
    return "strong" if "strong" in taints else "none"


def _notes(
    handled: list[tuple[PotLine, Herb | None, frozenset[str]]], pre_boil_min: int, rules: Mapping[str, int]
) -> Iterable[str]:
    by_note: dict[str, list[str]] = defaultdict(list)
    for line, _, notes in handled:
        for note in notes:
            by_note[note].append(line.herb)
    early = list(dict.fromkeys(by_note["久煎"] + by_note["先煎"]))
    if early:
        yield f"先煎{pre_boil_min}分钟：{'、'.join(early)}，再投群药"
    if by_note["后下"]:
        yield f"后下（头煎结束前{rules['add_before_end_min']}分钟）：{'、'.join(by_note['后下'])}"
    for note, said in _SAID.items():
        if by_note[note]:
            minutes = f"（约{rules['side_boil_min:另煎']}分钟）" if note == "另煎" else ""
            yield f"{said}{minutes}：{'、'.join(by_note[note])}"
