"""Rules about the course of treatment: what the patient still has, and poisons that add up."""

from collections import defaultdict
from collections.abc import Iterator

from tcm.knowledge import Herb
from tcm.review.dose_rules import daily_limit_g, exceeds
from tcm.review.model import Finding, Supply
from tcm.review.reading import Reading, ReadLine, read_line
from tcm.review.registry import cite, found, rule


def _supplies_left(reading: Reading) -> list[Supply]:
    least = reading.rules.parameter("repeated_supply", "days_left_least")
    return [supply for supply in reading.case.earlier if supply.days_left >= least and supply.days_left > 0]


def _still_taken(reading: Reading) -> dict[str, list[tuple[Supply, float]]]:
    """Daily grams of earlier prescriptions that are still taken, by dose group."""
    taken: dict[str, list[tuple[Supply, float]]] = defaultdict(list)
    for supply in _supplies_left(reading):
        for line in supply.lines:
            herb = read_line(line, reading.knowledge).herb
            if herb is not None and line.grams > 0:
                taken[herb.dose_group].append((supply, line.grams * supply.doses_per_day))
    return taken


def _by_dose_group(reading: Reading) -> dict[str, list[tuple[ReadLine, Herb]]]:
    groups: dict[str, list[tuple[ReadLine, Herb]]] = defaultdict(list)
    for line, herb in reading.clear_lines:
        if line.line.grams > 0:
            groups[herb.dose_group].append((line, herb))
    return groups


@rule("repeated_supply")
def repeated_supply(reading: Reading) -> Iterator[Finding]:
    """The same herbs again while an earlier prescription still lasts."""
    groups = _by_dose_group(reading)
    for supply in _supplies_left(reading):
        read = [read_line(line, reading.knowledge).herb for line in supply.lines]
        earlier = {herb.dose_group for herb in read if herb is not None}
        shared = tuple(line.written for group in sorted(earlier & set(groups)) for line, _ in groups[group])
        if shared:
            yield found(
                reading.fact("repeated_supply"),
                shared,
                f"{supply.label}的处方尚余{supply.days_left:g}天，与本方同有{'、'.join(shared)}。",
                f"{supply.label}: {supply.days_left:g} days are left of {', '.join(shared)}.",
                value=supply.days_left,
                limit=reading.rules.parameter("repeated_supply", "days_left_least"),
                unit="天",
            )


@rule("cumulative_dose")
def cumulative_dose(reading: Reading) -> Iterator[Finding]:
    """A herb above its maximum only together with what is still taken of earlier prescriptions."""
    taken = _still_taken(reading)
    for group, members in sorted(_by_dose_group(reading).items()):
        lines = [line for line, _ in members]
        limit = daily_limit_g(members[0][1], lines, reading)
        own_g = sum(line.line.grams for line in lines) * reading.case.doses_per_day
        sum_g = own_g + sum(grams for _, grams in taken.get(group, ()))
        if limit is None or exceeds(own_g, limit[0]) or not exceeds(sum_g, limit[0]):
            continue
        labels = "、".join(dict.fromkeys(supply.label for supply, _ in taken[group]))
        written = tuple(line.written for line in lines)
        yield found(
            reading.fact("cumulative_dose"),
            written,
            f"{'、'.join(written)}连同{labels}尚在服用的处方每日共{sum_g:g}g，超过上限{limit[0]:g}g。",
            f"{', '.join(written)}: with {labels} still taken {sum_g:g} g a day, above {limit[0]:g} g.",
            source=limit[1],
            value=sum_g,
            limit=limit[0],
            unit="g/日",
        )


@rule("toxic_sum")
def toxic_sum(reading: Reading) -> Iterator[Finding]:
    """Several herbs of one poison whose parts of their maxima add up to more than one maximum."""
    parts: dict[str, list[tuple[str, float]]] = defaultdict(list)
    sources: dict[str, tuple[str, str]] = {}
    for group, members in sorted(_by_dose_group(reading).items()):
        lines, herb = [line for line, _ in members], members[0][1]
        limit = daily_limit_g(herb, lines, reading)
        if limit is None or herb.toxicity == "无":
            continue
        daily_g = sum(line.line.grams for line in lines) * reading.case.doses_per_day
        daily_g += sum(grams for _, grams in _still_taken(reading).get(group, ()))
        for member in reading.knowledge.toxic_members.get(herb.monograph, ()):
            sources[member.group] = (member.toxin, cite(member.source, member.edition))
            parts[member.group].append((lines[0].written, daily_g / limit[0]))
    for group, shares in sorted(parts.items()):
        total = sum(share for _, share in shares)
        if len(shares) < 2 or not exceeds(total, 1.0):
            continue
        toxin, source = sources[group]
        written = tuple(name for name, _ in shares)
        yield found(
            reading.fact("toxic_sum"),
            written,
            f"{'、'.join(written)}同含{toxin}，各占上限之和为{total:.2g}倍，毒性叠加。",
            f"{', '.join(written)} share a poison ({toxin}): together {total:.2g} of the maximum.",
            source=source,
            value=total,
            limit=1.0,
        )


@rule("toxic_supply")
def toxic_supply(reading: Reading) -> Iterator[Finding]:
    """A statutory toxic drug for more days than the law allows at a time."""
    case = reading.case
    if case.doses_count <= 0 or case.doses_per_day <= 0:
        return
    days = case.doses_count / case.doses_per_day
    limit_days = reading.rules.parameter("toxic_supply", "limit_days")
    for line, herb in reading.clear_lines:
        kinds = {fact.kind for fact in reading.knowledge.restrictions.get(herb.monograph, ())}
        if "regulated_toxic" in kinds and days > limit_days:
            yield found(
                reading.fact("toxic_supply"),
                (line.written,),
                f"{line.written}属毒性药品，处方{days:g}天，每次不得超过{limit_days:g}日极量。",
                f"{line.written} ({herb.pinyin}) is a toxic drug: {days:g} days, at most {limit_days:g}.",
                source=reading.rules.parameter_source("toxic_supply", "limit_days"),
                value=days,
                limit=limit_days,
                unit="天",
            )
