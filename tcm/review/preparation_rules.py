"""Rules about how the prescription is prepared: decocted at the centre, granules, cooked at home."""

from collections.abc import Iterator

from tcm.knowledge import Herb
from tcm.knowledge.preparation import PreparationLimit
from tcm.review.model import Finding
from tcm.review.reading import Reading, ReadLine
from tcm.review.registry import cite, found, rule

_TERMS = {"decocted": "代煎", "granules": "配方颗粒", "own_cooking": "自煎"}
_TERMS_EN = {"decocted": "decocted at the centre", "granules": "granules", "own_cooking": "cooked at home"}


@rule("preparation_limit")
def preparation_limit(reading: Reading) -> Iterator[Finding]:
    """A herb without granules, or one that is not to be cooked at home."""
    fact = reading.fact("preparation_limit")
    limits = reading.knowledge.preparation_limits.get(reading.case.preparation, ())
    seen = set()
    for line, herb in reading.mentions():
        for limit in limits:
            if line.written in seen or not _is_meant(limit, line, herb):
                continue
            seen.add(line.written)
            yield found(
                fact,
                (line.written,),
                f"{line.written}按{_TERMS[limit.preparation]}调配：{limit.note}。",
                f"{line.written} ({herb.pinyin}), {_TERMS_EN[limit.preparation]}: {limit.note_en}.",
                severity=limit.severity,
                source=cite(limit.source, limit.edition),
            )


def _is_meant(limit: PreparationLimit, line: ReadLine, herb: Herb) -> bool:
    return limit.herb in ("", herb.monograph) and limit.form in ("", line.form)


@rule("preparation_usage")
def preparation_usage(reading: Reading) -> Iterator[Finding]:
    """A usage that tells the patient something else than what they are given."""
    case = reading.case
    for each in reading.knowledge.preparation_words:
        if each.preparation == case.preparation and each.word in case.usage:
            yield found(
                reading.fact("preparation_usage"),
                (),
                f"本方按{_TERMS[case.preparation]}调配，用法却写“{each.word}”。",
                f"The usage says {each.word}, but this is {_TERMS_EN[case.preparation]}.",
                source=cite(each.source, each.edition),
            )
            return
