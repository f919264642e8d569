"""Which class of decoction suits a prescription, told from its formula, its herbs and its syndrome."""

from collections.abc import Iterable
from dataclasses import dataclass

from tcm.knowledge.base import Knowledge
from tcm.knowledge.boiling import ClassRule
from tcm.knowledge.decoction import PotLine


@dataclass(frozen=True, slots=True)
class ToldClass:
    """A class and why: the `formula` whose herbs these are, else the `rule` that fits."""

    decoction_class: str
    formula: str = ""
    rule: ClassRule | None = None


def tell_class(lines: Iterable[PotLine], knowledge: Knowledge, *, syndrome: str = "") -> ToldClass | None:
    """The class that suits a prescription; the doctor's word stays the one that holds.

    Args:
        lines: the prescription's lines, grams per 剂.
        knowledge: the tables.
        syndrome: as written, may be empty.

    Returns:
        The class of the formula with exactly these herbs, else of the first rule of decoction_classes.csv
        that fits; None where no line weighs anything.
    """
    weighed = [(line, knowledge.herb(line.herb)) for line in lines if line.grams > 0]
    if not weighed:
        return None
    names = frozenset(line.herb if herb is None else herb.monograph for line, herb in weighed)
    formula = knowledge.formula_classes.get(names)
    if formula is not None:
        return ToldClass(formula.decoction_class, formula=formula.name)
    total_g = sum(line.grams for line, _ in weighed)
    for rule in knowledge.class_rules:
        meant_g = sum(
            line.grams
            for line, herb in weighed
            if herb is not None
            and (properties := knowledge.properties_of(herb)) is not None
            and properties.category in rule.categories
        )
        spoken = not rule.syndrome_words or any(word in syndrome for word in rule.syndrome_words)
        if spoken and 100 * meant_g >= rule.share_pct * total_g:
            return ToldClass(rule.decoction_class, rule=rule)
    return None
