"""Rules about amounts: overdose, powders, impossible figures, and the limit that holds for a herb."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from math import isclose

from tcm.knowledge import Herb
from tcm.knowledge.facts import RouteDose
from tcm.review.model import Finding
from tcm.review.reading import Reading, ReadLine
from tcm.review.registry import cite, found, rule

_SWALLOWED = frozenset({"冲服", "吞服"})


def exceeds(value: float, limit: float) -> bool:
    """Whether a figure is above a limit by more than rounding."""
    return value > limit and not isclose(value, limit, rel_tol=1e-9)


def is_powder(line: ReadLine) -> bool:
    """Whether the herb is swallowed as a powder."""
    return line.form == "粉" or bool(line.handling & _SWALLOWED)


def _indicated(dose: RouteDose, reading: Reading) -> bool:
    said = f"{reading.case.disease or ''} {reading.case.syndrome or ''} {reading.case.usage}"
    return any(word in said for word in dose.indication)


def _applies(dose: RouteDose, lines: Sequence[ReadLine], reading: Reading) -> bool:
    """Whether a dose of its own route or indication is the one that holds for these lines."""
    if dose.indication:
        return dose.route == "煎" and _indicated(dose, reading)
    if dose.route == "鲜":
        return any(line.fresh for line in lines)
    if dose.route == "单味":
        return len(reading.lines) == 1
    if dose.basis != "日":
        return False
    if dose.route == "丸散":
        return all("入丸散" in line.handling for line in lines)
    return dose.route == "粉" and all(is_powder(line) for line in lines)


def daily_limit_g(herb: Herb, lines: Sequence[ReadLine], reading: Reading) -> tuple[float, str] | None:
    """The most grams a day of a herb as these lines take it.

    Args:
        herb: what the lines mean.
        lines: all lines of its dose group.
        reading: the case.

    Returns:
        Grams and their source, None where the source gives none. The amount of the processed form holds where
        none is given raw.
    """
    knowledge = reading.knowledge
    special = [dose for dose in knowledge.doses.get(herb.dose_group, ()) if _applies(dose, lines, reading)]
    if special:
        widest = max(special, key=lambda dose: dose.dose_max_g)
        return widest.dose_max_g, cite(widest.source, widest.edition)
    holder = (
        herb if herb.dose_max_g is not None or not herb.unmarked_as else knowledge.herbs[herb.unmarked_as]
    )
    if holder.dose_max_g is None:
        return None
    return holder.dose_max_g, cite(holder.source, holder.edition)


@rule("overdose")
def overdose(reading: Reading) -> Iterator[Finding]:
    """Daily grams above the maximum, after merging spellings of one herb."""
    groups: dict[str, list[tuple[ReadLine, Herb]]] = defaultdict(list)
    for line, herb in reading.clear_lines:
        if line.line.grams > 0:
            groups[herb.dose_group].append((line, herb))
    for _, members in sorted(groups.items()):
        lines = [line for line, _ in members]
        herb = members[0][1]
        limit = daily_limit_g(herb, lines, reading)
        daily_g = sum(line.line.grams for line in lines) * reading.case.doses_per_day
        if limit is not None and exceeds(daily_g, limit[0]):
            yield _overdose(reading, herb, tuple(line.written for line in lines), daily_g, *limit)


@rule("overdose_ambiguous")
def overdose_ambiguous(reading: Reading) -> Iterator[Finding]:
    """An ambiguous name above the maximum of every herb it may mean."""
    for line in reading.lines:
        if line.resolution.status != "ambiguous" or line.line.grams <= 0:
            continue
        limits = [(herb, daily_limit_g(herb, [line], reading)) for herb in line.herbs]
        known = [(limit, herb) for herb, limit in limits if limit is not None]
        daily_g = line.line.grams * reading.case.doses_per_day
        if len(known) == len(limits):
            limit, herb = max(known, key=lambda entry: entry[0][0])
            if exceeds(daily_g, limit[0]):
                yield _overdose(reading, herb, (line.written,), daily_g, *limit)


def _overdose(
    reading: Reading, herb: Herb, written: tuple[str, ...], daily_g: float, limit_g: float, source: str
) -> Finding:
    fact = reading.fact("overdose" if herb.verified else "overdose_unverified")
    names = "、".join(dict.fromkeys(written))
    toxic = f"{herb.toxicity}药" if herb.toxicity != "无" else ""
    return found(
        fact,
        written,
        f"{toxic}{names}每日{daily_g:g}g，超过上限{limit_g:g}g。",
        f"{names} ({herb.pinyin}): {daily_g:g} g a day, above {limit_g:g} g.",
        source=source,
        value=daily_g,
        limit=limit_g,
        unit="g/日",
    )


@rule("powder_dose")
def powder_dose(reading: Reading) -> Iterator[Finding]:
    """A powder above what the pharmacopoeia gives for one time; above twice that, as an overdose."""
    fact = reading.fact("powder_dose")
    for line, herb in reading.clear_lines:
        if not is_powder(line):
            continue
        for dose in reading.knowledge.doses.get(herb.dose_group, ()):
            daily_g = line.line.grams * reading.case.doses_per_day
            if dose.route != "粉" or dose.basis != "次" or not exceeds(daily_g, dose.dose_max_g):
                continue
            twice = exceeds(daily_g, 2 * dose.dose_max_g)
            yield found(
                fact,
                (line.written,),
                f"{line.written}研粉每日{daily_g:g}g，药典一次量至多{dose.dose_max_g:g}g。",
                f"{line.written} as powder: {daily_g:g} g a day, one time at most {dose.dose_max_g:g} g.",
                severity="sign" if twice else None,
                source=cite(dose.source, dose.edition),
                value=daily_g,
                limit=dose.dose_max_g,
                unit="g",
            )


@rule("invalid_dose")
def invalid_dose(reading: Reading) -> Iterator[Finding]:
    """Zero, negative or absurd grams, and impossible counts of doses."""
    fact = reading.fact("invalid_dose")
    absurd_g = reading.rules.parameter("invalid_dose", "absurd_g")
    for line in reading.lines:
        grams = line.line.grams
        if grams <= 0 or grams > absurd_g:
            yield found(
                fact,
                (line.written,),
                f"{line.written}剂量{grams:g}g不合常理，请改正。",
                f"{line.written}: {grams:g} g is no dose.",
                value=grams,
                limit=0.0 if grams <= 0 else absurd_g,
                unit="g",
            )
    for figure, said, said_en in (
        (float(reading.case.doses_count), "剂数", "number of doses"),
        (reading.case.doses_per_day, "每日剂数", "doses a day"),
    ):
        if figure <= 0:
            yield found(
                fact,
                (),
                f"{said}{figure:g}不是正数。",
                f"The {said_en} is not positive.",
                value=figure,
                limit=0.0,
            )
