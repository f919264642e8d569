"""Rules about doses for the young and the old: teaching conventions that an institution configures."""

from collections.abc import Iterator

from tcm.review.age_doses import AgePart, child_part, elderly_part, groups_above
from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import found, rule


@rule("child_dose")
def child_dose(reading: Reading) -> Iterator[Finding]:
    """A child's line above the part of the adult maximum that teaching gives."""
    yield from _above_part(reading, child_part(reading), "患儿{age:g}岁", "A child of {age:g}")


@rule("elderly_dose")
def elderly_dose(reading: Reading) -> Iterator[Finding]:
    """A poisonous herb above the part of the adult maximum that the institution wants for the old."""
    yield from _above_part(reading, elderly_part(reading), "患者{age:g}岁", "A patient of {age:g}")


def _above_part(reading: Reading, age_part: AgePart | None, who: str, who_en: str) -> Iterator[Finding]:
    age = reading.case.patient.age_years
    if age is None or age_part is None:
        return
    part = reading.rules.parameter(age_part.rule, age_part.key)
    above = [written for group, _limit_g in groups_above(reading, age_part) for written in group.written]
    if above:
        names = "、".join(above)
        yield found(
            reading.fact(age_part.rule),
            tuple(above),
            f"{who.format(age=age)}，{names}超过成人上限的{part:g}倍，请核对剂量。",
            f"{who_en.format(age=age)}: {names} above {part:g} of the adult maximum.",
            source=reading.rules.parameter_source(age_part.rule, age_part.key),
            value=age,
            limit=part,
        )
