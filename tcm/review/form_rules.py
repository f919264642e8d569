"""Rules about how the prescription is written: notes, days, diagnosis, usage, number of herbs."""

from collections.abc import Iterator

from tcm.review.dose_rules import exceeds
from tcm.review.model import Finding
from tcm.review.reading import Reading
from tcm.review.registry import cite, found, rule

_NO_USAGE = frozenset({"遵医嘱", "自用", "医嘱"})


@rule("missing_decoction_note")
def missing_decoction_note(reading: Reading) -> Iterator[Finding]:
    """A herb whose source asks for 先煎, 后下, 包煎, ... without that note."""
    fact = reading.fact("missing_decoction_note")
    # Granules are extracts: only what never was boiled (冲服) is still handed out apart.
    is_extract = reading.case.preparation == "granules"
    for line, herb in reading.clear_lines:
        for needed in reading.knowledge.handling.get(herb.monograph, ()):
            if not needed.applies_to(line.form) or line.handling & set(needed.accepted):
                continue
            if is_extract and needed.handling not in reading.knowledge.off_pot:
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
    key = "with_reason_days" if reason else f"{case.visit_type}_days"
    most_days = reading.rules.parameter("days_supply", key)
    if exceeds(days, most_days):
        note = reading.knowledge.rule_parameters["days_supply"][key].note
        yield found(
            reading.fact("days_supply"),
            (),
            f"处方用量{days:g}天，超过{most_days:g}天（{note}）。",
            f"The supply lasts {days:g} days, above {most_days:g}.",
            source=reading.rules.parameter_source("days_supply", key),
            value=days,
            limit=most_days,
            unit="天",
        )


@rule("missing_diagnosis")
def missing_diagnosis(reading: Reading) -> Iterator[Finding]:
    """No syndrome (the disease may be left out while it is unclear)."""
    if not (reading.case.syndrome or "").strip():
        yield found(
            reading.fact("missing_diagnosis"),
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
            reading.fact("missing_usage"),
            (),
            "处方缺用法（如：每日1剂，水煎400ml，分早晚两次温服）。",
            "The prescription says nothing of how to take it.",
        )


@rule("herb_count")
def herb_count(reading: Reading) -> Iterator[Finding]:
    """More herbs than the institution wants in one prescription."""
    most = reading.rules.parameter("herb_count", "most_herbs")
    count = len(reading.lines)
    if count > most:
        yield found(
            reading.fact("herb_count"),
            (),
            f"处方{count}味，超过机构规定的{most:g}味。",
            f"{count} herbs, above the institution's {most:g}.",
            source=reading.rules.parameter_source("herb_count", "most_herbs"),
            value=float(count),
            limit=most,
            unit="味",
        )
