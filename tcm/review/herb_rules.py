"""Rules about the herbs themselves: pairs, restricted drugs, repetition."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule


@rule("incompat_18")
def incompat_18(reading: Reading) -> Iterator[Finding]:
    """十八反."""
    yield from _pairs(reading, "incompat_18", "十八反", "the eighteen clashes")


@rule("incompat_19")
def incompat_19(reading: Reading) -> Iterator[Finding]:
    """十九畏."""
    yield from _pairs(reading, "incompat_19", "十九畏", "the nineteen fears")


def _pairs(reading: Reading, rule_id: str, category: str, category_en: str) -> Iterator[Finding]:
    fact = reading.fact(rule_id)
    written: dict[str, set[str]] = defaultdict(set)
    for line, herb in reading.mentions():
        written[herb.monograph].add(line.written)
    seen = set()
    for pair in reading.knowledge.incompatibilities:
        if pair.category != category or pair.left not in written or pair.right not in written:
            continue
        for left in sorted(written[pair.left]):
            for right in sorted(written[pair.right]):
                # An ambiguous name may stand for several herbs of one group: one finding says it.
                if left == right or (left, right) in seen:
                    continue
                seen.add((left, right))
                yield found(
                    fact,
                    (left, right),
                    f"{left}与{right}同用，属{category}（{pair.left}×{pair.right}）。",
                    f"{left} with {right}: one of {category_en}.",
                    source=cite(pair.source, pair.edition),
                )


@rule("regulated_toxic")
def regulated_toxic(reading: Reading) -> Iterator[Finding]:
    """毒性药品管理品种."""
    yield from _restricted(reading, "regulated_toxic", "属毒性药品管理品种", "is a statutory toxic drug")


@rule("narcotic")
def narcotic(reading: Reading) -> Iterator[Finding]:
    """麻醉药品."""
    yield from _restricted(reading, "narcotic", "属麻醉药品管理品种", "is a narcotic")


@rule("banned")
def banned(reading: Reading) -> Iterator[Finding]:
    """已禁用的品种."""
    yield from _restricted(reading, "banned", "已禁止使用", "is banned")


@rule("external_only")
def external_only(reading: Reading) -> Iterator[Finding]:
    """药典只载外用或不作饮片内服的品种."""
    yield from _restricted(reading, "external_only", "药典未载煎服用法", "has no oral decoction dose")


@rule("not_for_decoction")
def not_for_decoction(reading: Reading) -> Iterator[Finding]:
    """不宜入煎剂的品种, unless the note keeps it out of the pot."""
    yield from _restricted(reading, "not_for_decoction", "不宜入煎剂", "must not be decocted")


def _restricted(reading: Reading, kind: str, says: str, says_en: str) -> Iterator[Finding]:
    fact = reading.fact(kind)
    boiled_only = kind in ("not_for_decoction", "external_only")
    seen: set[str] = set()
    for line, herb in reading.mentions():
        if boiled_only and line.handling & reading.knowledge.off_pot:
            continue
        for restriction in reading.knowledge.restrictions.get(herb.monograph, ()):
            if restriction.kind != kind or line.written in seen:
                continue
            seen.add(line.written)
            instead = f"，可改用{restriction.replacement}" if restriction.replacement else ""
            yield found(
                fact,
                (line.written,),
                f"{line.written}{says}{instead}：{restriction.note}。",
                f"{line.written} ({herb.pinyin}) {says_en}.",
                severity=restriction.severity,
                source=cite(restriction.source, restriction.edition),
            )


@rule("unmarked_toxic")
def unmarked_toxic(reading: Reading) -> Iterator[Finding]:
    """A poisonous drug without 生: the processed form is dispensed."""
    fact = reading.fact("unmarked_toxic")
    for line, herb in reading.clear_lines:
        if herb.unmarked_as:
            yield found(
                fact,
                (line.written,),
                f"{line.written}未注明生用，按{herb.unmarked_as}调配。",
                f"{line.written} is not marked raw: the processed form is dispensed.",
            )


@rule("duplicate")
def duplicate(reading: Reading) -> Iterator[Finding]:
    """The same standard name twice, under whatever spelling."""
    fact = reading.fact("duplicate")
    groups: dict[str, list[str]] = defaultdict(list)
    for line, herb in reading.clear_lines:
        groups[herb.dose_group].append(line.written)
    for name, written in sorted(groups.items()):
        if len(written) > 1:
            yield found(
                fact,
                tuple(written),
                f"{'、'.join(written)}重复，同为{name}。",
                f"{', '.join(written)}: the same herb {len(written)} times.",
                value=float(len(written)),
                limit=1.0,
            )


@rule("duplicate_form")
def duplicate_form(reading: Reading) -> Iterator[Finding]:
    """Two processed forms of one material (甘草 + 炙甘草), unless that is ordinary practice."""
    fact = reading.fact("duplicate_form")
    materials: dict[str, dict[str, str]] = defaultdict(dict)
    for line, herb in reading.clear_lines:
        materials[herb.base].setdefault(herb.monograph, line.written)
    for base, forms in sorted(materials.items()):
        for (left, left_written), (right, right_written) in combinations(sorted(forms.items()), 2):
            same = reading.knowledge.herbs[left].dose_group == reading.knowledge.herbs[right].dose_group
            if same or frozenset((left, right)) in reading.knowledge.duplicate_exemptions:
                continue
            yield found(
                fact,
                (left_written, right_written),
                f"{left_written}与{right_written}同出{base}，请核对是否重复。",
                f"{left_written} and {right_written} are forms of one material.",
            )
