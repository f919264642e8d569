"""Rules about doses for the young and the old: teaching conventions that an institution configures."""

from collections.abc import Iterator

from tcm.review.dose_rules import POISONOUS, daily_limit_g, exceeds
from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import found, rule

_CHILDHOODS = ("infant", "small", "school")


@rule("child_dose")
def child_dose(reading: Reading) -> Iterator[Finding]:
    """A child's line above the part of the adult maximum that teaching gives."""
    age = reading.case.patient.age_years
    rules = reading.rules
    if age is None:
        return
    for childhood in _CHILDHOODS:
        if age < rules.parameter("child_dose", f"{childhood}_under_years"):
            key = f"{childhood}_factor"
            yield from _above_part(reading, "child_dose", key, f"患儿{age:g}岁", f"A child of {age:g}")
            return


@rule("elderly_dose")
def elderly_dose(reading: Reading) -> Iterator[Finding]:
    """A poisonous herb above the part of the adult maximum that the institution wants for the old."""
    age = reading.case.patient.age_years
    if age is None or age < reading.rules.parameter("elderly_dose", "from_years"):
        return
    yield from _above_part(
        reading,
        "elderly_dose",
        "toxic_factor",
        f"患者{age:g}岁",
        f"A patient of {age:g}",
        only_toxicities=POISONOUS,
    )


def _above_part(
    reading: Reading,
    rule_id: str,
    key: str,
    who: str,
    who_en: str,
    only_toxicities: frozenset[str] | None = None,
) -> Iterator[Finding]:
    part = reading.rules.parameter(rule_id, key)
    above: list[str] = []
    for group in reading.dose_groups:
        limit = daily_limit_g(group.herb, group.lines, reading)
        concerned = only_toxicities is None or group.herb.toxicity in only_toxicities
        daily_g = group.daily_g(reading.case.doses_per_day)
        if concerned and limit is not None and exceeds(daily_g, limit[0] * part):
            above.extend(group.written)
    if above:
        names = "、".join(above)
        yield found(
            reading.fact(rule_id),
            tuple(above),
            f"{who}，{names}超过成人上限的{part:g}倍，请核对剂量。",
            f"{who_en}: {names} above {part:g} of the adult maximum.",
            source=reading.rules.parameter_source(rule_id, key),
            value=reading.case.patient.age_years,
            limit=part,
        )
