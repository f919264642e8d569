"""Rules about how the prescription is written: notes, days, diagnosis, usage."""

from collections.abc import Iterator

from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule

_NO_USAGE = frozenset({"遵医嘱", "自用", "医嘱"})


@rule("missing_decoction_note")
def missing_decoction_note(reading: Reading) -> Iterator[Finding]:
    """A herb whose source asks for 先煎, 后下, 包煎, ... without that note."""
    fact = reading.knowledge.rules["missing_decoction_note"]
    for line, herb in reading.clear_lines:
        for needed in reading.knowledge.handling.get(herb.name, ()):
            if not needed.applies_to(line.resolution.form) or line.handling & set(needed.accepted):
                continue
            wrote = f"，所注“{line.line.decoction_note}”不合" if line.line.decoction_note.strip() else ""
            yield found(
                fact,
                (line.written,),
                f"{line.written}应注明“{needed.handling}”{wrote}。",
                f"{line.written} ({herb.pinyin}) needs the note {needed.handling}.",
                severity=needed.severity,
                source=cite(needed.source, needed.edition),
            )


@rule("days_supply")
def days_supply(reading: Reading) -> Iterator[Finding]:
    """More days than the visit allows without a written reason."""
    case = reading.case
    if case.doses_count <= 0 or case.doses_per_day <= 0:
        return
    days = case.doses_count / case.doses_per_day
    reason = (case.extended_supply_reason or "").strip()
    limit = reading.knowledge.limits["days_with_reason" if reason else f"days_{case.visit_type}"]
    if days > limit.value:
        yield found(
            reading.knowledge.rules["days_supply"],
            (),
            f"处方用量{days:g}天，超过{limit.value:g}天（{limit.note}）。",
            f"The supply lasts {days:g} days, above {limit.value:g}.",
            source=cite(limit.source, limit.edition),
            value=days,
            limit=limit.value,
        )


@rule("missing_diagnosis")
def missing_diagnosis(reading: Reading) -> Iterator[Finding]:
    """No syndrome (the disease may be left out while it is unclear)."""
    if not (reading.case.syndrome or "").strip():
        yield found(
            reading.knowledge.rules["missing_diagnosis"],
            (),
            "处方缺中医证型诊断。",
            "The prescription names no syndrome.",
        )


@rule("missing_usage")
def missing_usage(reading: Reading) -> Iterator[Finding]:
    """No usage, or one that says nothing."""
    usage = reading.case.usage.strip()
    if not usage or usage in _NO_USAGE:
        yield found(
            reading.knowledge.rules["missing_usage"],
            (),
            "处方缺用法（如：每日1剂，水煎400ml，分早晚两次温服）。",
            "The prescription says nothing of how to take it.",
        )
