"""Rules that hold herbs against the syndrome: never more than a question to the doctor."""

from collections.abc import Iterator

from tcm.knowledge.cautions import Nature
from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule

# How warm each nature is; 温 and 寒 as far from 平 as the textbooks' five natures put them.
_WARMTH = {
    "大热": 3.0,
    "热": 2.5,
    "温": 1.5,
    "微温": 0.7,
    "平": 0.0,
    "凉": -1.0,
    "微寒": -1.0,
    "寒": -2.0,
    "大寒": -3.0,
}
# A herb without a maximum weighs as if this were it.
_USUAL_MAX_G = 10.0
_COLD: frozenset[Nature] = frozenset({"寒", "虚寒"})


@rule("pattern_caution")
def pattern_caution(reading: Reading) -> Iterator[Finding]:
    """A herb whose 使用注意 names the syndrome."""
    syndrome = (reading.case.syndrome or "").strip()
    if not syndrome:
        return
    for line, herb in reading.clear_lines:
        for caution in reading.knowledge.syndrome_cautions.get(herb.monograph, ()):
            if any(word in syndrome for word in caution.words):
                yield found(
                    reading.fact("pattern_caution"),
                    (line.written,),
                    f"证型为{syndrome}，{line.written}：{caution.note}。",
                    f"{line.written} ({herb.pinyin}) is used with caution in {syndrome}.",
                    severity=caution.severity,
                    source=cite(caution.source, caution.edition),
                )
                break


@rule("pattern_nature")
def pattern_nature(reading: Reading) -> Iterator[Finding]:
    """A hot prescription without one cooling herb for a heat syndrome, or the reverse."""
    nature = _nature_of_syndrome(reading)
    natures = _natures(reading)
    if nature is None or not natures:
        return
    cold = nature in _COLD
    key = "cold_below" if cold else "hot_above"
    limit = reading.rules.parameter("pattern_nature", key)
    warmth = _mean_warmth(natures)
    # Classics oppose natures on purpose (反佐): one herb of the fitting side is enough to stay silent.
    if any((of_herb > 0) == cold and of_herb for _, of_herb in natures):
        return
    if warmth < limit if cold else warmth > limit:
        yield found(
            reading.fact("pattern_nature"),
            (),
            f"证型属{nature}，全方药性偏{'寒' if cold else '热'}（{warmth:.1f}），请核对辨证与用药。",
            f"The syndrome is of {'cold' if cold else 'heat'} and so is the prescription ({warmth:.1f}).",
            source=reading.rules.parameter_source("pattern_nature", key),
            value=round(warmth, 2),
            limit=limit,
        )


def _nature_of_syndrome(reading: Reading) -> Nature | None:
    """The one nature that the words of the syndrome agree on; None for a mixed one."""
    syndrome = (reading.case.syndrome or "").strip()
    natures = {
        fact.nature
        for fact in reading.knowledge.syndrome_natures
        if fact.word in syndrome and not any(word in syndrome for word in fact.exclude)
    }
    sides = {nature in _COLD for nature in natures}
    return sorted(natures)[0] if len(sides) == 1 else None


def _natures(reading: Reading) -> list[tuple[float, float]]:
    """Of each herb its dose as a part of its maximum, and its warmth."""
    natures = []
    for line, herb in reading.clear_lines:
        properties = reading.knowledge.properties_of(herb)
        if properties is not None and properties.nature in _WARMTH and line.line.grams > 0:
            share = line.line.grams / (herb.dose_max_g or _USUAL_MAX_G)
            natures.append((share, _WARMTH[properties.nature]))
    return natures


def _mean_warmth(natures: list[tuple[float, float]]) -> float:
    return sum(share * warmth for share, warmth in natures) / sum(share for share, _ in natures)
