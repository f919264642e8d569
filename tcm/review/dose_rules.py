"""Rules about amounts: overdose, powders, impossible figures, and the limit that holds for a herb."""

from collections.abc import Iterator, Sequence
from math import isclose

from tcm.knowledge import Herb
from tcm.knowledge.facts import RouteDose
from tcm.review.model import Finding
from tcm.review.reading import DoseGroup, Reading, ReadLine
from tcm.review.registry import cite, found, rule

_SWALLOWED = frozenset({"冲服", "吞服"})
POISONOUS = frozenset({"大毒", "有毒"})


def exceeds(value: float, limit: float) -> bool:
    """Whether a figure is above a limit by more than rounding."""
    return value > limit and not isclose(value, limit, rel_tol=1e-9)


def is_powder(line: ReadLine) -> bool:
    """Whether the herb is swallowed as a powder."""
    return line.form == "粉" or bool(line.handling & _SWALLOWED)


def is_indicated(dose: RouteDose, reading: Reading) -> bool:
    """Whether the diagnosis or the usage names what a dose of its own is for (麦芽 for weaning)."""
    said = f"{reading.case.disease or ''} {reading.case.syndrome or ''} {reading.case.usage}"
    return any(word in said for word in dose.indication)


def _applies(dose: RouteDose, lines: Sequence[ReadLine], reading: Reading) -> bool:
    """Whether a dose of its own route or indication is the one that holds for these lines."""
    if dose.indication:
        return dose.route == "煎" and is_indicated(dose, reading)
    if dose.route == "鲜":
        return all(line.fresh for line in lines)
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
    for group in reading.dose_groups:
        limit = daily_limit_g(group.herb, group.lines, reading)
        daily_g = group.daily_g(reading.case.doses_per_day)
        if limit is not None and exceeds(daily_g, limit[0]):
            yield _overdose(reading, "overdose", group.herb, group.written, daily_g, limit)


@rule("overdose_ambiguous")
def overdose_ambiguous(reading: Reading) -> Iterator[Finding]:
    """An ambiguous name above the maximum of every herb it may mean; herbs written as one, above the sum."""
    for line in reading.lines:
        if line.resolution.status != "ambiguous" or line.line.grams <= 0:
            continue
        limits = [(herb, daily_limit_g(herb, [line], reading)) for herb in line.herbs]
        known = [(limit, herb) for herb, limit in limits if limit is not None]
        daily_g = line.line.grams * reading.case.doses_per_day
        if len(known) == len(limits):
            (limit_g, source), herb = max(known, key=lambda entry: entry[0][0])
            # 焦三仙 gives the grams of all three in one sum.
            if reading.knowledge.names.is_joint(line.written):
                limit_g = sum(limit[0] for limit, _ in known)
            if exceeds(daily_g, limit_g):
                yield _overdose(
                    reading, "overdose_ambiguous", herb, (line.written,), daily_g, (limit_g, source)
                )


def _overdose(
    reading: Reading,
    rule_id: str,
    herb: Herb,
    written: tuple[str, ...],
    daily_g: float,
    limit: tuple[float, str],
) -> Finding:
    # A doubtful figure of a poison is still the best one there is: the doctor signs for going above it.
    binding = herb.verified or herb.toxicity in POISONOUS
    fact = reading.fact(rule_id if binding else "overdose_unverified")
    limit_g, source = limit
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
    """A powder a day above what the pharmacopoeia gives for one time: how often it is taken is not known."""
    fact = reading.fact("powder_dose")
    for group in reading.dose_groups:
        powders = DoseGroup(group.name, group.herb, tuple(line for line in group.lines if is_powder(line)))
        daily_g = powders.daily_g(reading.case.doses_per_day)
        for dose in reading.knowledge.doses.get(group.name, ()):
            if dose.route != "粉" or dose.basis != "次" or not exceeds(daily_g, dose.dose_max_g):
                continue
            names = "、".join(dict.fromkeys(powders.written))
            yield found(
                fact,
                powders.written,
                f"{names}研粉每日{daily_g:g}g，药典一次量至多{dose.dose_max_g:g}g。",
                f"{names} as powder: {daily_g:g} g a day, one time at most {dose.dose_max_g:g} g.",
                source=cite(dose.source, dose.edition),
                value=daily_g,
                limit=dose.dose_max_g,
                unit="g/日",
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
