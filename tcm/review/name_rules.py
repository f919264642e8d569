"""Rules about names: ambiguous, unknown, not in the pharmacopoeia, perhaps mixed up with another."""

from collections.abc import Iterator

from tcm.knowledge import Herb
from tcm.review.dose_rules import exceeds
from tcm.review.model import Finding
from tcm.review.reading import Reading, ReadLine
from tcm.review.registry import cite, found, rule


@rule("ambiguous_name")
def ambiguous_name(reading: Reading) -> Iterator[Finding]:
    """A name that may mean several herbs."""
    fact = reading.fact("ambiguous_name")
    for line in reading.lines:
        if line.resolution.status == "ambiguous":
            choices = "、".join(line.resolution.candidates)
            yield found(
                fact,
                (line.written,),
                f"{line.written}所指不明，请写明品种：{choices}。",
                f"{line.written} is ambiguous: {choices}.",
            )


@rule("unknown_herb")
def unknown_herb(reading: Reading) -> Iterator[Finding]:
    """A name that no table lists."""
    fact = reading.fact("unknown_herb")
    for line in reading.lines:
        if line.resolution.status == "unknown":
            near = "、".join(line.resolution.candidates)
            hint = f"，相近的有：{near}" if near else ""
            yield found(
                fact,
                (line.written,),
                f"药名{line.written}无法识别{hint}。",
                f"{line.written} is not a known name.",
            )


@rule("not_in_pharmacopoeia")
def not_in_pharmacopoeia(reading: Reading) -> Iterator[Finding]:
    """A herb that only provincial standards have."""
    fact = reading.fact("not_in_pharmacopoeia")
    for line, herb in reading.clear_lines:
        if not herb.verified:
            yield found(
                fact,
                (line.written,),
                f"{line.written}未收入药典，请核对省级炮制规范。",
                f"{line.written} is not in the pharmacopoeia: look it up in the provincial standard.",
                source=cite(herb.source, herb.edition),
            )


@rule("look_alike")
def look_alike(reading: Reading) -> Iterator[Finding]:
    """A dose or a note that does not fit the herb written but fits one whose name is mixed up with it."""
    fact = reading.fact("look_alike")
    for line, herb in reading.clear_lines:
        for pair in reading.knowledge.look_alikes.get(herb.monograph, ()):
            other = reading.knowledge.herbs[pair.right if pair.left == herb.monograph else pair.left]
            if other.base == herb.base or not _fits_the_other(line, herb, other, reading):
                continue
            yield found(
                fact,
                (line.written,),
                f"{line.written}{line.line.grams:g}g{line.line.decoction_note}与其用法不符而合于{other.name}"
                f"（{pair.why}），请核对药名。",
                f"{line.written} does not fit its own use but that of {other.name}: is the name right?",
                source=cite(pair.source, pair.edition),
                value=line.line.grams * reading.case.doses_per_day,
                limit=herb.dose_max_g,
                unit="g/日",
            )


def _fits_the_other(line: ReadLine, herb: Herb, other: Herb, reading: Reading) -> bool:
    daily_g = line.line.grams * reading.case.doses_per_day
    above_own = herb.dose_max_g is not None and exceeds(daily_g, herb.dose_max_g)
    least_g, most_g = other.dose_min_g, other.dose_max_g
    if above_own and least_g is not None and most_g is not None and least_g <= daily_g <= most_g:
        return True
    asked, own = set(other.decoction), set(herb.decoction)
    return bool(line.handling & asked - own) and not line.handling & own
