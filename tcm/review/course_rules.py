"""Rules about the course of treatment: what the patient still has, and poisons that add up."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tcm.knowledge.cautions import ToxicMember
from tcm.review.dose_rules import daily_limit_g, exceeds
from tcm.review.model import Finding, Supply
from tcm.review.reading import DoseGroup, Reading
from tcm.review.registry import cite, found, rule


def _supplies_left(reading: Reading) -> list[tuple[Supply, tuple[DoseGroup, ...]]]:
    least = reading.rules.parameter("repeated_supply", "days_left_least")
    return [
        (supply, groups)
        for supply, groups in reading.earlier
        if supply.days_left >= least and supply.days_left > 0
    ]


def _still_taken(reading: Reading) -> dict[str, list[tuple[Supply, DoseGroup]]]:
    """What is still taken of earlier prescriptions, by dose group."""
    taken: dict[str, list[tuple[Supply, DoseGroup]]] = defaultdict(list)
    for supply, groups in _supplies_left(reading):
        for group in groups:
            taken[group.name].append((supply, group))
    return taken


def _taken_g(taken: Sequence[tuple[Supply, DoseGroup]]) -> float:
    return sum(group.daily_g(supply.doses_per_day) for supply, group in taken)


@rule("repeated_supply")
def repeated_supply(reading: Reading) -> Iterator[Finding]:
    """The same herbs again while an earlier prescription still lasts."""
    for supply, earlier in _supplies_left(reading):
        names = {group.name for group in earlier}
        shared = tuple(
            written for group in reading.dose_groups if group.name in names for written in group.written
        )
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
    if not reading.case.earlier:
        return
    taken = _still_taken(reading)
    for group in reading.dose_groups:
        limit = daily_limit_g(group.herb, group.lines, reading)
        own_g = group.daily_g(reading.case.doses_per_day)
        sum_g = own_g + _taken_g(taken.get(group.name, ()))
        if limit is None or exceeds(own_g, limit[0]) or not exceeds(sum_g, limit[0]):
            continue
        labels = "、".join(dict.fromkeys(supply.label for supply, _ in taken[group.name]))
        yield found(
            reading.fact("cumulative_dose"),
            group.written,
            f"{'、'.join(group.written)}连同{labels}尚在服用的处方每日共{sum_g:g}g，超过上限{limit[0]:g}g。",
            f"{', '.join(group.written)}: with {labels} still taken {sum_g:g} g a day, above {limit[0]:g} g.",
            source=limit[1],
            value=sum_g,
            limit=limit[0],
            unit="g/日",
        )


@dataclass(frozen=True, slots=True)
class _Share:
    """One herb's part of its maximum; `prescribed` says that it stands in this prescription."""

    written: str
    part: float
    prescribed: bool


@rule("toxic_sum")
def toxic_sum(reading: Reading) -> Iterator[Finding]:
    """Several herbs of one poison, here and still taken, whose parts of their maxima exceed one maximum."""
    shares: dict[str, list[_Share]] = defaultdict(list)
    members: dict[str, ToxicMember] = {}
    for group, share in _poisonous(reading):
        for member in reading.knowledge.toxic_members[group.herb.monograph]:
            members[member.group] = member
            shares[member.group].append(share)
    for name, together in sorted(shares.items()):
        total = sum(share.part for share in together)
        here = tuple(share.written for share in together if share.prescribed)
        if len(together) < 2 or not here or not exceeds(total, 1.0):
            continue
        member = members[name]
        said = "、".join(f"{share.written}{'' if share.prescribed else '（尚在服用）'}" for share in together)
        said_en = ", ".join(
            f"{share.written}{'' if share.prescribed else ' (still taken)'}" for share in together
        )
        yield found(
            reading.fact("toxic_sum"),
            here,
            f"{said}同含{member.toxin}，各占上限之和为{total:.3g}倍，毒性叠加。",
            f"{said_en} share a poison ({member.toxin}): together {total:.3g} of the maximum.",
            source=cite(member.source, member.edition),
            value=total,
            limit=1.0,
            unit="倍",
        )


def _poisonous(reading: Reading) -> Iterator[tuple[DoseGroup, _Share]]:
    """Poisonous herbs with a maximum, of this prescription and of those still taken, by name."""
    taken = _still_taken(reading)
    here = {group.name: group for group in reading.dose_groups}
    for name in sorted({*here, *taken}):
        group = here[name] if name in here else taken[name][0][1]
        if group.herb.toxicity == "无" or group.herb.monograph not in reading.knowledge.toxic_members:
            continue
        limit = daily_limit_g(group.herb, group.lines, reading)
        if limit is not None:
            own_g = group.daily_g(reading.case.doses_per_day) if name in here else 0.0
            part = (own_g + _taken_g(taken.get(name, ()))) / limit[0]
            yield group, _Share(group.lines[0].written, part, name in here)


@rule("toxic_supply")
def toxic_supply(reading: Reading) -> Iterator[Finding]:
    """A statutory toxic drug for more days than the law allows at a time."""
    case = reading.case
    if case.doses_count <= 0 or case.doses_per_day <= 0:
        return
    days = case.doses_count / case.doses_per_day
    limit_days = reading.rules.parameter("toxic_supply", "limit_days")
    if not exceeds(days, limit_days):
        return
    for line, herb in reading.clear_lines:
        kinds = {fact.kind for fact in reading.knowledge.restrictions.get(herb.monograph, ())}
        if "regulated_toxic" in kinds:
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
