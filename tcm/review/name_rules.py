"""Rules about names: ambiguous, unknown, not in the pharmacopoeia, perhaps mixed up with another."""

from collections.abc import Iterator

from tcm.knowledge import Herb
from tcm.knowledge.cautions import LookAlike
from tcm.review.dose_rules import daily_limit_g, exceeds
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
    """A dose above the herb's own maximum that fits, by its size or its note, one often mixed up with it."""
    fact = reading.fact("look_alike")
    far_above = reading.rules.parameter("look_alike", "far_above_factor")
    for line, herb in reading.clear_lines:
        limit = daily_limit_g(herb, [line], reading)
        daily_g = line.line.grams * reading.case.doses_per_day
        if limit is None or not exceeds(daily_g, limit[0]):
            continue
        meant = [
            (other, pair)
            for other, pair in _mixed_up_with(herb, reading)
            if _fits(line, herb, other, daily_g, far_above * limit[0])
        ]
        if meant:
            names = "、".join(other.name for other, _ in meant)
            pair = meant[0][1]
            yield found(
                fact,
                (line.written,),
                f"{line.written}{line.line.grams:g}g{line.line.decoction_note}与其用法不符而合于{names}"
                f"（{pair.why}），请核对药名。",
                f"{line.written} does not fit its own use but that of {names}: is the name right?",
                source=cite(pair.source, pair.edition),
                value=daily_g,
                limit=limit[0],
                unit="g/日",
            )


def _mixed_up_with(herb: Herb, reading: Reading) -> Iterator[tuple[Herb, LookAlike]]:
    for pair in reading.knowledge.look_alikes.get(herb.monograph, ()):
        other = reading.knowledge.herbs[pair.right if pair.left == herb.monograph else pair.left]
        if other.base != herb.base:
            yield other, pair


def _fits(line: ReadLine, herb: Herb, other: Herb, daily_g: float, far_above_g: float) -> bool:
    """Whether a dose above the maximum of one herb looks like a dose of the other."""
    least_g, most_g = other.dose_min_g, other.dose_max_g
    if least_g is None or most_g is None or not least_g <= daily_g <= most_g:
        return False
    noted = bool(line.handling & set(other.decoction) - set(herb.decoction))
    return noted or exceeds(daily_g, far_above_g)
